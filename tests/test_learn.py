"""What is counted in papers, and that nothing but the papers decides the outcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kg.learn
from kg.cli import app
from kg.errors import DataFileError
from kg.extract.statistics import Counts, Statistics, columns
from kg.learn import Learnt, learn
from kg.model import Paper

ABSTRACTS = (
    # a title that repeats a phrase of the abstract, a dataset by its cue
    ("Gloop matching for {}", "We address gloop matching. It is evaluated on FlarSet. Variational blip (VB) helps."),
    # the same phrase once, outside the title, as a means
    ("A note on {}", "Trees grow via gloop matching, which is old."),
)
WORDS = ("apples", "pears", "plums")
"""So many papers say each thing above: the fewest that count."""


def corpus() -> list[dict[str, str]]:
    return [
        {"title": title.format(word), "abstract": f"Of {word} first. {abstract}"}
        for title, abstract in ABSTRACTS
        for word in WORDS
    ]


def write(path: Path, records: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def counted(learnt: Learnt, folder: Path, kind: str, key: str) -> dict[str, int]:
    path = folder / "learnt.tsv"
    path.write_text(learnt.text, encoding="utf-8")
    found: Counts = Statistics(path).counts(kind, key)
    return {name: count for name, count in zip(columns(), found, strict=True) if count}


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        # six papers have it; three in the title too, and so more than once; three "address" it, three go "via" it
        ("names", "gloopmatching", {"papers": 6, "titles": 3, "repeated": 3, "Task": 3, "Method": 3}),
        ("names", "flarset", {"papers": 3, "Dataset": 3}),
        ("last", "gloop matching", {"papers": 6, "titles": 3, "repeated": 3, "Task": 3, "Method": 3}),
        # what only single papers have is left out
        ("names", "apples", {}),
        ("first", "gloop", {}),
    ],
)
def test_how_a_name_behaves_is_counted_once_a_paper(
    tmp_path: Path, kind: str, key: str, expected: dict[str, int]
) -> None:
    learnt = learn(write(tmp_path / "papers.jsonl", corpus()))
    assert (learnt.papers, learnt.without, learnt.problems) == (6, 0, ())
    assert counted(learnt, tmp_path, kind, key) == expected


def test_the_first_words_of_phrases_are_counted_from_ten_papers_on(tmp_path: Path) -> None:
    records = [{"title": f"Note {n}", "abstract": f"We address gloop matching {n} times."} for n in range(10)]
    assert counted(learn(write(tmp_path / "x.jsonl", records)), tmp_path, "first", "gloop") == {
        "papers": 10,
        "Task": 10,
    }
    assert counted(learn(write(tmp_path / "x.jsonl", records[1:])), tmp_path, "first", "gloop") == {}


RUN = """
import sys
from kg.learn import learn
if __name__ == "__main__":
    jobs, output, *inputs = sys.argv[1:]
    open(output, "w", encoding="utf-8").write(learn(*inputs, jobs=int(jobs)).text)
"""


def learn_in_ways(folder: Path) -> Iterator[bytes]:
    (folder / "run.py").write_text(RUN)
    records = corpus()
    many = [{**record, "title": f"{record['title']} {number}"} for number in range(40) for record in records]
    half = len(many) // 2
    one, other = write(folder / "a.jsonl", many[:half]), write(folder / "b.jsonl", many[half:])
    turned = write(folder / "c.jsonl", many[::-1])
    for seed, jobs, inputs in (("0", "1", [one, other]), ("1", "2", [other, one]), ("2", "1", [turned])):
        output = folder / f"{seed}.tsv"
        command = [sys.executable, str(folder / "run.py"), jobs, str(output), *map(str, inputs)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        yield output.read_bytes()


def test_order_files_hash_seed_and_processes_do_not_change_the_bytes(tmp_path: Path) -> None:
    first, *others = learn_in_ways(tmp_path)
    assert first.count(b"\n") > 10
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        ({}, True),
        ({"abstract": "Another one."}, True),
        ({"title": "Another one"}, True),
        ({"title": "Another one", "abstract": "Another one."}, False),
    ],
)
def test_papers_to_measure_on_are_left_out_by_title_or_by_how_the_abstract_begins(
    tmp_path: Path, change: dict[str, str], left_out: bool
) -> None:
    records = corpus()
    without = write(tmp_path / "gold.jsonl", [records[0] | change])
    learnt = learn(write(tmp_path / "papers.jsonl", records), without=[without])
    assert (learnt.papers, learnt.without) == ((5, 1) if left_out else (6, 0))


def test_bad_records_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "papers.jsonl", corpus())
    path.write_text(path.read_text() + '{"title": "Nothing else"}\nnonsense\n')
    learnt = learn(path, input_format="jsonl")
    assert learnt.papers == 6
    assert [problem.place for problem in learnt.problems] == [f"{path}:7", f"{path}:8"]


def test_a_paper_that_the_program_fails_on_is_named_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = kg.learn.count_paper

    def fail_on_one(nlp: object, paper: Paper) -> kg.learn.Table:
        if "pears" in paper.title:
            raise RuntimeError("oh")
        return count(nlp, paper)  # type: ignore[arg-type]

    path = write(tmp_path / "papers.jsonl", corpus()[:3])
    monkeypatch.setattr(kg.learn, "count_paper", fail_on_one)
    learnt = learn(path)
    assert [str(problem) for problem in learnt.problems] == [
        "papers.jsonl:2: the program failed on it, please report: RuntimeError: oh"
    ]
    assert counted(learnt, tmp_path, "all", "common")["papers"] > 0


def test_a_fault_of_our_own_files_is_no_problem_of_a_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(nlp: object, paper: object) -> kg.learn.Table:
        raise DataFileError(["words.toml: wrong"])

    monkeypatch.setattr(kg.learn, "count_paper", fail)
    with pytest.raises(DataFileError):
        learn(write(tmp_path / "papers.jsonl", corpus()))


def test_the_command_writes_a_file_that_extract_reads(tmp_path: Path) -> None:
    papers = write(tmp_path / "papers.jsonl", corpus())
    gold = write(tmp_path / "gold.jsonl", corpus()[:1])
    output = tmp_path / "own.tsv"
    run = CliRunner().invoke(app, ["learn", str(papers), "--without", str(gold), "-o", str(output)])
    assert run.exit_code == 0, run.output
    assert run.output.endswith("own.tsv: 5 papers, 2 names, 1 paper left out, 0 problems\n")
    read = CliRunner().invoke(app, ["extract", str(papers), "--statistics", str(output)])
    assert read.exit_code == 0, read.output
    refused = CliRunner().invoke(app, ["extract", str(papers), "--statistics", str(papers)])
    assert refused.exit_code == 2
    assert "a file of `kg learn` begins" in refused.output
