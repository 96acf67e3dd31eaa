"""The command line: every command once for real, and what is said when something is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from kg import builder
from kg.cli import app
from kg.extract.statistics import SHIPPED
from kg.model import Extraction, Paper
from kg.query import load_queries
from kg.sources import READERS

TESTS = Path(__file__).parent
GRAPH = TESTS / "queries" / "graph.ttl"
SEEDS = TESTS.parent / "seeds"
GOLD = TESTS / "gold" / "dev.jsonl"
COMMANDS = [
    "build",
    "extract",
    "learn",
    "validate",
    "query",
    "queries",
    "explain",
    "stats",
    "evaluate",
    "benchmark",
    "load",
]

PAPER = {
    "title": "CRReLU: A Better Activation",
    "abstract": "We propose CRReLU, which outperforms ReLU on CIFAR-10. Code: https://github.com/example/crrelu",
}

Run = Callable[..., Result]


@pytest.fixture
def kg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `kg` in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)

    return run


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    path = tmp_path / "papers.jsonl"
    path.write_text(json.dumps(PAPER) + "\n")
    return path


def start(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kg", *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


# Help


def test_all_commands_are_there() -> None:
    assert list(get_command(app).commands) == COMMANDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(kg: Run, command: str) -> None:
    result = kg(*filter(None, [command]), "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'spacy', 'rdflib', 'pyoxigraph', 'owlready2', 'pyshacl', 'SPARQLWrapper', 'numpy'}"
    code = f"import sys, kg.cli; print(*sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_the_formats_of_inputs_are_those_of_the_readers(kg: Run, papers: Path) -> None:
    assert all(name in kg("extract", "--help").stdout for name in READERS)
    assert {name: kg("extract", papers, "--format", name).exit_code for name in READERS}["jsonl"] == 0
    wrong = kg("extract", papers, "--format", "xml")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert f"format 'xml': no format of this name; known are {', '.join(READERS)}" in wrong.stderr


def test_version_is_that_of_the_package(kg: Run) -> None:
    assert kg("--version").stdout == f"kg {version('paper-kg')}\n"


# What each command does


def test_build_writes_a_graph_and_one_closing_line(kg: Run, papers: Path) -> None:
    result = kg("build", papers, "--output", "graph.ttl")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("graph.ttl: 1 paper, ")
    assert result.stdout.count("\n") == 1
    assert kg("query", "papers-with-code", "--format", "csv").stdout.count("https://github.com/example/crrelu") == 1


@pytest.mark.parametrize("suffix", [".nt", ".jsonld"])
def test_build_writes_other_formats_by_suffix(kg: Run, papers: Path, suffix: str) -> None:
    assert kg("build", papers, "-o", f"graph{suffix}").exit_code == 0
    assert kg("query", "papers-with-code", "-g", f"graph{suffix}", "-f", "csv").stdout.count(PAPER["title"]) == 1


def test_build_with_base_jobs_and_year_makes_the_same_graph_under_that_base(kg: Run, papers: Path) -> None:
    options = ("--base", "https://example.org/", "--year", 2025, "--strict", "--format", "jsonl")
    assert kg("build", papers, "-o", "a.nt", *options).exit_code == 0
    assert kg("build", papers, "-o", "b.nt", *options, "--jobs", 2).exit_code == 0
    assert Path("a.nt").read_bytes() == Path("b.nt").read_bytes()
    assert b"<https://example.org/paper/crreluabetteractivation-" in Path("a.nt").read_bytes()


def test_extract_prints_one_json_object_a_paper(kg: Run, papers: Path) -> None:
    result = kg("extract", papers)
    assert result.exit_code == 0
    (record,) = map(json.loads, result.stdout.splitlines())
    assert record["title"] == PAPER["title"]
    assert result.stderr.startswith("1 paper, ")


def test_extract_reads_standard_input(kg: Run) -> None:
    result = kg("extract", "-", stdin=json.dumps(PAPER))
    assert json.loads(result.stdout)["title"] == PAPER["title"]


def test_validate_accepts_a_graph_that_was_built(kg: Run, papers: Path) -> None:
    kg("build", papers, "-o", "graph.ttl")
    assert kg("validate", "graph.ttl").exit_code == 0


def test_validate_tells_what_is_wrong_and_ends_with_1(kg: Run, papers: Path) -> None:
    kg("build", papers, "-o", "graph.nt")
    graph = Path("graph.nt")
    lines = graph.read_text().splitlines(keepends=True)
    graph.write_text("".join(line for line in lines if f'name> "{PAPER["title"]}"' not in line))
    result = kg("validate", graph)
    assert result.exit_code == 1
    assert "https://w3id.org/paper-kg/paper/" in result.stdout


def test_query_prints_a_table(kg: Run) -> None:
    result = kg("query", "datasets-by-papers", "--graph", GRAPH, "--limit", 2)
    assert [line.split() for line in result.stdout.splitlines() if "CIFAR" in line] == [
        ["CIFAR-10", "3", "concept/dataset/cifar-10"],
        ["CIFAR-100", "2", "concept/dataset/cifar-100"],
    ]
    assert result.stderr == "2 of 5 rows\n"


@pytest.mark.parametrize("engine", ["oxigraph", "rdflib"])
def test_query_prints_csv_and_json(kg: Run, engine: str) -> None:
    arguments = ("query", "papers-on-dataset", "-g", GRAPH, "-p", "dataset=cifar100", "--engine", engine)
    rows = list(csv.DictReader(io.StringIO(kg(*arguments, "-f", "csv").stdout, newline="")))
    assert [row["year"] for row in rows] == ["2024", ""]
    bindings = json.loads(kg(*arguments, "-f", "json").stdout)["results"]["bindings"]
    assert [row["title"]["value"] for row in bindings] == [row["title"] for row in rows]


def test_query_takes_a_file_and_a_text(kg: Run, tmp_path: Path) -> None:
    text = "ASK { ?paper a kg:Paper }"
    (tmp_path / "mine.rq").write_text(text)
    for query in ("mine.rq", text):
        assert kg("query", query, "-g", GRAPH, "-f", "csv").stdout.split() == ["answer", "true"]


def test_query_suggests_names_when_nothing_is_found(kg: Run) -> None:
    result = kg("query", "papers-on-dataset", "-p", "dataset=CIFAR_10", "-g", GRAPH)
    assert result.exit_code == 0
    assert "did you mean 'CIFAR-10'" in result.stderr


def test_a_table_shows_no_control_characters_and_csv_keeps_them(kg: Run) -> None:
    text = "SELECT ?x { VALUES ?x { '\\u001B[31mred\\u202E' } }"
    assert "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}" in kg("query", text, "-g", GRAPH).stdout
    assert "\x1b[31mred" in kg("query", text, "-g", GRAPH, "-f", "csv").stdout


def test_a_table_takes_brackets_as_text(kg: Run) -> None:
    assert "[bold]x[/nope]" in kg("query", "SELECT ?x { VALUES ?x { '[bold]x[/nope]' } }", "-g", GRAPH).stdout


def test_queries_lists_each_with_its_question(kg: Run) -> None:
    result = kg("queries")
    assert "Which papers evaluate on a dataset?" in result.stdout
    assert "dataset=CIFAR-10 (the dataset, by any of its names)" in result.stdout
    assert result.stderr.startswith(f"{len(load_queries())} queries")


def test_explain_shows_the_text_with_what_was_read(kg: Run, papers: Path) -> None:
    result = kg("explain", "better activation", papers)
    assert result.exit_code == 0
    assert "CIFAR-10 [Dataset" in result.stdout
    only = kg("explain", "better activation", papers, "--thing", "CIFAR-10").stdout
    assert "CIFAR-10 [Dataset" in only
    assert "ReLU [" not in only


def test_explain_writes_a_page(kg: Run, papers: Path) -> None:
    result = kg("explain", "better activation", papers, "--html", "page.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert PAPER["title"] in Path("page.html").read_text(encoding="utf-8")


def test_stats_counts(kg: Run) -> None:
    result = kg("stats", GRAPH)
    assert "40% of the papers" in result.stdout


def test_evaluate_prints_the_table(kg: Run) -> None:
    result = kg("evaluate", GOLD, SEEDS / "000_17b8423b3e0ab658.txt")
    assert result.exit_code == 0
    heads = [line.split()[0] for line in result.stdout.splitlines() if line.startswith(("Dataset ", "calibration "))]
    assert heads == ["Dataset", "calibration", "Dataset"]  # scores, reliability, confusion
    assert "64 annotated papers" not in result.stderr


def test_evaluate_shows_the_errors_in_papers_that_are_read(kg: Run) -> None:
    result = kg("evaluate", GOLD, SEEDS / "000_17b8423b3e0ab658.txt", "--show")
    assert "64 annotated papers" in result.stderr
    assert len(re.findall(r"^[a-z0-9-]+: (missed|spurious) \w+ '", result.stdout, flags=re.MULTILINE)) > 10


def test_evaluate_takes_texts_with_spans(kg: Run, tmp_path: Path) -> None:
    record = {"id": "1", "text": "We use CIFAR-10.", "entities": [{"start": 7, "end": 15, "text": "CIFAR-10"}]}
    record["entities"][0]["label"] = "Dataset"  # type: ignore[index]
    (tmp_path / "spans.jsonl").write_text(json.dumps(record), encoding="utf-8")
    result = kg("evaluate", tmp_path / "spans.jsonl", "--merge", "--part", "all")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines() if line.startswith("exact")] == [
        ["exact", type_, "1.000", "1.000", "1.000", "1", "1"] for type_ in ("Dataset", "all")
    ]


@pytest.mark.parametrize(
    ("options", "right"),
    [([], "0"), (["--names", "as-annotated"], "0"), (["--names", "trimmed"], "1"), (["--names", "widened"], "1")],
)
def test_evaluate_compares_names_in_the_convention_it_is_told(
    kg: Run, tmp_path: Path, options: list[str], right: str
) -> None:
    span = {"start": 7, "end": 23, "text": "CIFAR-10 dataset", "label": "Dataset"}
    record = {"id": "1", "text": "We use CIFAR-10 dataset.", "entities": [span]}
    (tmp_path / "spans.jsonl").write_text(json.dumps(record), encoding="utf-8")
    result = kg("evaluate", tmp_path / "spans.jsonl", *options)
    assert [line.split()[4] for line in result.stdout.splitlines() if line.startswith("exact")] == [f"{right}.000"] * 2


def test_evaluate_takes_no_convention_for_gold_without_spans(kg: Run) -> None:
    result = kg("evaluate", GOLD, SEEDS / "000_17b8423b3e0ab658.txt", "--names", "trimmed")
    assert result.exit_code == 2
    assert "which GOLD does not annotate" in result.stderr


def test_load_says_what_it_did_and_the_same_questions_are_answered_there(kg: Run, sparql_server: str) -> None:
    there = ("--endpoint", sparql_server, "--graph-iri", f"urn:uuid:{uuid4()}")
    result = kg("load", GRAPH, *there)
    assert result.exit_code == 0
    assert result.stdout == (
        "added 709 triples in 1 request of the graph store protocol; the graph had 0 and now has 709\n"
    )
    assert "replaced" in kg("load", GRAPH, *there, "--replace").stdout
    query = ("query", "evidence", "--format", "json")
    assert kg(*query, *there).stdout == kg(*query, "--graph", GRAPH).stdout


# What is said when something is wrong


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.txt", None, "no such file"),
        ("empty.txt", b"", "empty"),
        ("binary.txt", bytes(range(256)) * 20, "a binary file, not UTF-8 text"),
        ("archive.txt", b"PK\x03\x04" + b"\x00" * 100, "ZIP archive"),
        ("line.txt", b"x" * 10_000_000, "of no known format, begins 'xxx"),
        ("latin.txt", b"caf\xe9 " * 100, "of no known format, begins 'caf\N{REPLACEMENT CHARACTER} "),
        ("readme.txt", b"Nothing here is a list of papers.\n", "begins 'Nothing here is a list of papers.'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["extract"], ["build", "-o", "graph.ttl"]])
def test_an_input_that_cannot_be_read_is_told(
    kg: Run, tmp_path: Path, command: Sequence[str], name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = kg(*command, path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert name in result.stderr
    assert said in result.stderr
    assert not Path("graph.ttl").exists()


@pytest.fixture
def half_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file of thirty lines that are no papers, one paper that is fine, and one that a shape will hold back."""
    made = builder._extractor(None)
    monkeypatch.setattr(
        builder,
        "_extractor",
        lambda _: lambda one: made(replace(one, date="2023-02-30") if "Bad" in one.title else one),
    )
    lines = [*map(str, range(30)), json.dumps(PAPER), json.dumps({**PAPER, "title": "A Bad Day"})]
    path = tmp_path / "half.jsonl"
    path.write_text("\n".join(lines))
    return path


def test_a_build_names_what_it_leaves_out_and_where_all_of_it_stands(kg: Run, half_bad: Path) -> None:
    result = kg("build", half_bad, "-o", "graph.ttl")
    assert result.exit_code == 0
    assert result.stderr.count("unread place") == 21
    assert "… and 10 more unread places\n" in result.stderr
    assert "half.jsonl:32: rejected paper: A Bad Day: 2023-02-30: " in result.stderr
    assert result.stderr.endswith("graph.rejects.jsonl names all that was left out, and why\n")
    assert "; left out: 1 rejected paper, 30 unread places\n" in result.stdout
    rows = [json.loads(line) for line in Path("graph.rejects.jsonl").read_text().splitlines()]
    assert sum(row["kind"] == "unread place" for row in rows) == 30


def test_a_strict_build_writes_no_graph_and_names_what_stood_in_its_way(kg: Run, half_bad: Path) -> None:
    result = kg("build", half_bad, "-o", "graph.ttl", "--strict")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "half.jsonl:1: unread place: " in result.stderr
    assert "graph.rejects.jsonl names all" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("kg: 1 paper was held back, first A Bad Day: ")
    assert sorted(path.name for path in Path().iterdir()) == ["graph.rejects.jsonl", "half.jsonl"]


def test_a_claim_that_is_not_said_is_named(kg: Run, papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extractor = builder._extractor(None)

    def use_a_dataset(paper: Paper) -> Extraction:
        extraction = extractor(paper)
        (dataset,) = (one for one in extraction.entities if one.type == "Dataset")
        mentions = tuple(replace(mention, relation="uses") for mention in dataset.mentions)
        return replace(extraction, entities=(replace(dataset, relation="uses", mentions=mentions),))

    monkeypatch.setattr(builder, "_extractor", lambda _: use_a_dataset)
    result = kg("build", papers, "-o", "graph.ttl")
    assert "papers.jsonl:1: refused claim: CRReLU: A Better Activation: CIFAR-10: " in result.stderr
    assert "left out: 1 refused claim" in result.stdout


@pytest.mark.parametrize("command", [["extract"], ["explain", "better activation"], ["benchmark", "--rounds", 1]])
def test_every_place_that_is_not_read_is_named(kg: Run, half_bad: Path, command: Sequence[object]) -> None:
    result = kg(*command, half_bad)
    assert result.exit_code == 0
    assert all(f"half.jsonl:{line}: " in result.stderr for line in range(1, 31))


def test_a_build_shows_its_steps_when_somebody_watches(papers: Path, tmp_path: Path) -> None:
    code = """
import sys, kg.cli
sys.stderr.isatty = lambda: True
kg.cli.app()
"""
    command = [sys.executable, "-c", code, "build", str(papers), "-o", str(tmp_path / "graph.ttl")]
    terminal = {**os.environ, "TERM": "xterm", "FORCE_COLOR": "1", "COLUMNS": "80"}
    run = subprocess.run(command, env=terminal, capture_output=True, text=True, check=True)
    assert "extract" in run.stderr
    assert "check" in run.stderr
    assert "100%" in run.stderr
    assert run.stdout.startswith(f"{tmp_path / 'graph.ttl'}: 1 paper, ")


def test_a_folder_without_papers_is_told(kg: Run, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    result = kg("build", "none", "-o", "graph.ttl")
    assert result.exit_code == 2
    assert "none" in result.stderr


def test_bad_papers_are_told_and_the_rest_is_built_into_a_graph_one_can_read(kg: Run, tmp_path: Path) -> None:
    hostile = {
        "title": 'A "quoted" <title> \\ with {braces} | and \u202e more',
        "abstract": "We propose X-Net. Code: javascript:alert(1) and https://github.com/a/b>.\n<script>",
        "url": "javascript:alert(1)",
    }
    lines = [json.dumps(hostile), "not json", json.dumps(PAPER)]
    (tmp_path / "papers.jsonl").write_text("\n".join(lines))
    result = kg("build", "papers.jsonl", "-o", "graph.nt")
    assert result.exit_code == 0
    assert "papers.jsonl:2" in result.stderr
    assert "<javascript:" not in Path("graph.nt").read_text(encoding="utf-8")
    assert kg("validate", "graph.nt").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "datasets-by-paper", "-g", GRAPH], "did you mean datasets-by-papers"),
        (["query", "DROP ALL", "-g", GRAPH], "an update (DROP)"),
        (["query", "SELECT ?x WHERE {", "-g", GRAPH], "query: error at 1:"),
        (["query", "papers-on-dataset", "-g", GRAPH, "-p", "dataset"], "not of the form NAME=VALUE"),
        (["query", "papers-on-dataset", "-g", GRAPH, "-p", "name=x"], "no parameter 'name'; it has: dataset"),
        (["query", "least-certain", "-g", GRAPH, "-p", "below=much"], "takes a number such as 0.5, got 'much'"),
        (["query", "datasets-by-papers", "-g", "missing.ttl"], "missing.ttl: there is no such file"),
        (["query", "datasets-by-papers", "--endpoint", "localhost"], "not an http or https address"),
        (["query", "datasets-by-papers", "--endpoint", "http://127.0.0.1:9"], "is the server running"),
        (["query", "datasets-by-papers", "-g", GRAPH, "--format", "xml"], "Invalid value"),
        (["load", GRAPH], "Missing option '--endpoint'"),
        (["load", "missing.ttl", "--endpoint", "http://127.0.0.1:9"], "missing.ttl"),
        (["load", GRAPH, "--endpoint", "ftp://h"], "not an http or https address"),
        (["stats", "missing.ttl"], "missing.ttl"),
        (["validate", "missing.ttl"], "missing.ttl"),
        (["explain", "no such paper", SEEDS], "no paper fits"),
        (["evaluate", "missing.jsonl", SEEDS], "missing.jsonl"),
        (["evaluate", GOLD, SEEDS, "--show", "--part", "all"], "--show goes with read"),
        (["evaluate", GOLD], "names papers; give the INPUT that has them"),
        (["build", SEEDS, "-o", "graph.xml"], "graph.xml"),
        (["build", SEEDS, "-o", "nowhere/graph.ttl"], "no folder nowhere"),
        (["build", SEEDS, "-o", "graph.ttl", "--base", "no iri"], "no iri"),
        (["build", SEEDS, "-o", "graph.ttl", "--jobs", "0"], "Invalid value"),
        (["nope"], "No such command"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(kg: Run, arguments: Sequence[object], said: str) -> None:
    result = kg(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr


def test_a_closed_pipe_ends_quietly() -> None:
    process = start("queries")
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    closing = f"{len(load_queries())} queries; kg query NAME --param PARAMETER=VALUE\n"
    assert (process.returncode, stderr) in [(141, b""), (141, closing.encode())]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_an_interrupt_ends_quietly_with_130() -> None:
    process = start("extract", "-")
    assert process.stdin is not None
    process.stdin.write(b"\n" * 1_000_000)  # more than a pipe holds, so this returns when it is being read
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, b"")


def _is_running(process: str) -> bool:
    """Tell whether a process is there and not only waiting for its parent to take note of its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_build_with_all_its_processes_and_leaves_no_file(tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    pages = tmp_path / "papers.jsonl"
    pages.write_text("".join(json.dumps({**PAPER, "title": f"Paper {each}"}) + "\n" for each in range(5_000)))
    process = start("build", pages, "-o", tmp_path / "graph.ttl", "--jobs", 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        process.communicate()
        pytest.skip("this system does not tell a process's children")
    while process.poll() is None and len(children.read_text().split()) < 3:  # two at work and the resource tracker
        time.sleep(0.05)
    workers = children.read_text().split()
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (128 + number, b"")
    assert len(workers) == 3
    deadline = time.monotonic() + 20
    while any(_is_running(worker) for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [worker for worker in workers if _is_running(worker)] == []
    assert [path.name for path in tmp_path.iterdir()] == ["papers.jsonl"]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_a_signal_during_the_write_leaves_no_file(kg: Run, papers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: signal.raise_signal(signal.SIGTERM))
    assert kg("build", papers, "-o", "graph.ttl").exit_code == 128 + signal.SIGTERM
    assert [path.name for path in papers.parent.iterdir()] == ["papers.jsonl"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.skipif(os.name == "nt", reason="has no sh")
def test_a_closed_standard_output_is_told() -> None:
    command = ["/bin/sh", "-c", '"$0" -m kg queries >&-', sys.executable]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.startswith(b"kg: standard output is closed")) == (2, True)


def test_an_unknown_default_is_named_by_its_value(kg: Run) -> None:
    Path("empty.nt").write_text("<urn:a> <urn:b> <urn:c> .\n")
    default = load_queries()["papers-on-dataset"].parameters[0].default
    said = kg("query", "papers-on-dataset", "-g", "empty.nt").stderr
    assert f"has the name {str(default)[1:-1]!r} (dataset)" in said


def test_an_input_is_not_written_over(kg: Run, papers: Path) -> None:
    before = papers.read_bytes()
    for command in (("learn", papers, "-o", papers), ("explain", PAPER["title"], papers, "--html", papers)):
        result = kg(*map(str, command))
        assert (result.exit_code, "is an input and stays as it is" in " ".join(result.stderr.split())) == (2, True)
    assert papers.read_bytes() == before


def test_statistics_with_a_count_that_is_none_end_the_build_and_leave_the_graph(kg: Run, papers: Path) -> None:
    statistics, graph = papers.with_name("own.tsv"), papers.with_name("graph.ttl")
    assert kg("build", papers, "-o", graph).exit_code == 0
    before = graph.read_bytes()
    lines = SHIPPED.read_text(encoding="utf-8").split("\n")
    section = lines.index("[all]") + 1
    statistics.write_text("\n".join([*lines[:section], "common\tmany", ""]), encoding="utf-8")
    result = kg("build", papers, "-o", graph, "--statistics", statistics)
    assert (result.exit_code, "'common' has 'many'; allowed are" in " ".join(result.stderr.split())) == (2, True)
    assert graph.read_bytes() == before
