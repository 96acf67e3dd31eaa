"""The main job: from papers to a checked graph, the same bytes however it is done."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import BlankNode, NamedNode, RdfFormat
from rdflib.compare import isomorphic

import kg.builder
import kg.check
import kg.resolve
from kg import __version__
from kg.builder import BuildRefused, BuildReport, build, build_from, rejects_path
from kg.check import BatchVerdict, Rejection, Violation
from kg.errors import InputError, IRIError, KGError, OutputError, ValidationFailure
from kg.iris import PREFIXES
from kg.model import Entity, Entry, Extraction, Link, Listing, Mention, Paper, Result
from kg.workers import workers
from kg.write import read_graph, to_turtle

VERSION = rdflib.URIRef("https://w3id.org/paper-kg/ontology#version")
LISTINGS = [Listing(name=f"{name}.txt", sha256=name * 64, format="listing") for name in "abc"]


def paper(number: int, *listings: Listing, text: str = "Nothing.", date: str | None = None) -> Paper:
    entries = tuple(Entry(listing=listing, line=number + 1) for listing in listings or LISTINGS[:1])
    return Paper(title=f"Paper {number:03}", abstract=text, year=2020 + number % 5, date=date, entries=entries)


def extract(one: Paper, *wanted: tuple[str, str, str]) -> Extraction:
    """Find the names where they stand in the text; each is (name, type, relation)."""
    entities = []
    for name, type_, relation in wanted:
        start = one.text.index(name)
        mention = Mention(
            start=start, end=start + len(name), text=name, relation=relation, rules=("test",), confidence=0.8
        )
        entities.append(Entity(type=type_, name=name, relation=relation, mentions=(mention,)))
    return Extraction(paper=one, entities=tuple(entities))


def extractions() -> list[Extraction]:
    """Give 120 papers, more than two batches, on three listings; GAM is introduced twice and named by two types."""
    made = [
        extract(
            paper(number, *LISTINGS[: number % 3 + 1], text=f"We use Tool {number % 7} and GAM on Data {number % 11}."),
            (f"Tool {number % 7}", "Method" if number % 2 else "Model", "uses"),
            ("GAM", "Method", "introduces" if number in (3, 90) else "uses"),
            (f"Data {number % 11}", "Dataset", "evaluatesOn"),
        )
        for number in range(120)
    ]
    random.Random(7).shuffle(made)  # noqa: S311 (an order, not a secret)
    return made


BROKEN = extract(paper(500, text="We use GAM.", date="2023-02-30"), ("GAM", "Method", "uses"))
FORBIDDEN = extract(paper(501, text="We use CIFAR."), ("CIFAR", "Dataset", "uses"))


def test_papers_without_a_title_are_papers_of_their_own(tmp_path: Path) -> None:
    records = [
        {"id": "a", "abstract": "We propose FooNet, a network."},
        {"id": "b", "abstract": "We propose FooNet, a network."},
        {"abstract": "We evaluate on CIFAR-10."},
        {"abstract": "We evaluate on ImageNet."},
        {"title": "A", "abstract": "We propose BarNet, a network."},
    ]
    (tmp_path / "papers.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")

    counts = build(tmp_path / "papers.jsonl").counts()

    assert (counts["papers"], counts["rejected papers"], counts["unread places"]) == (5, 0, 0)
    assert counts["claims"] >= 5


def test_what_is_less_sure_than_wanted_is_dropped_and_counted() -> None:
    def sure(extraction: Extraction, confidence: float) -> Extraction:
        entity = extraction.entities[0]
        mentions = tuple(replace(mention, confidence=confidence) for mention in entity.mentions)
        return replace(extraction, entities=(replace(entity, mentions=mentions), *extraction.entities[1:]))

    one = extract(paper(1, text="We use GAM on CIFAR."), ("GAM", "Method", "uses"), ("CIFAR", "Dataset", "evaluatesOn"))
    link = Link(url="https://x.org", kind="project", own=False, mention=one.entities[0].mentions[0])
    result = Result(value="3", mention=replace(one.entities[0].mentions[0], relation="hasResult"))
    whole = replace(sure(one, 0.5), links=(link,), results=(result,))

    reports = [build_from([whole], min_confidence=least) for least in (0.0, 0.5, 0.51, 0.81)]

    assert [report.counts()["unsure claims"] for report in reports] == [0, 0, 1, 4]
    assert [sum(report.things.values()) for report in reports] == [2, 2, 1, 0]
    assert [report.results for report in reports] == [1, 1, 1, 0]
    builds = [{str(each) for each in report.graph().subjects(predicate=VERSION)} for report in reports]
    assert len(set(map(frozenset, builds))) == 4, "another threshold is another build"


@pytest.fixture(scope="module")
def report() -> BuildReport:
    return build_from(extractions())


def test_the_report_counts_what_is_in_the_graph(report: BuildReport) -> None:
    assert report.counts() == {
        "papers": 120,
        "things": 28,
        "claims": 360,
        "mentions": 360,
        "results": 0,
        "triples": len(report.triples),
        "rejected papers": 0,
        "refused claims": 0,
        "unsure claims": 0,
        "unread places": 0,
        "replaced characters": 0,
    }
    # 7 tools of two types; GAM of the two papers that introduce it, and the undecided one; 11 sets of data
    assert report.things == {"Dataset": 11, "Method": 10, "Model": 7}
    assert report.claims == {"introduces": 2, "uses": 238, "evaluatesOn": 120}


def test_a_strict_parser_and_rdflib_take_the_graph(report: BuildReport) -> None:
    turtle = to_turtle(report.triples, base=report.base)
    assert {quad.triple for quad in pyoxigraph.parse(turtle, RdfFormat.TURTLE)} == set(report.triples)
    assert isomorphic(rdflib.Graph().parse(data=turtle, format="turtle"), report.graph())


def test_there_is_no_blank_node_and_no_repetition(report: BuildReport) -> None:
    assert not any(isinstance(term, BlankNode) for triple in report.triples for term in triple)
    assert len(set(report.triples)) == len(report.triples)
    assert list(report.triples) == sorted(report.triples, key=str)


def test_neither_order_nor_processes_change_the_report(report: BuildReport) -> None:
    assert build_from(reversed(extractions())) == report
    assert build_from(extractions(), jobs=2) == report


def test_two_introductions_of_one_name_are_two_things_with_one_label(report: BuildReport) -> None:
    label = pyoxigraph.Literal("GAM", language="en")
    named = {triple.subject for triple in report.triples if triple.object == label}
    assert len(named) == 3
    introduces = NamedNode(PREFIXES["kg"] + "introduces")
    introduced = {triple.object for triple in report.triples if triple.predicate == introduces}
    assert len(introduced) == 2
    assert introduced < named


def test_the_paper_that_violates_a_shape_is_held_back_whole_and_the_rest_stays(report: BuildReport) -> None:
    with_broken = build_from([*extractions(), BROKEN])
    assert with_broken.triples == report.triples
    assert {rejection.title for rejection in with_broken.rejections} == {BROKEN.paper.title}
    assert with_broken.counts()["rejected papers"] == 1
    assert any(rejection.value == "2023-02-30" for rejection in with_broken.rejections)


def test_strict_makes_a_rejection_an_error() -> None:
    with pytest.raises(BuildRefused, match=f"1 paper was held back, first {BROKEN.paper.title}: A paper ") as caught:
        build_from([extractions()[0], BROKEN], strict=True)
    assert caught.value.rejected == 1
    assert caught.value.report == build_from([extractions()[0], BROKEN])


class Reader:
    """An extractor that reads as it is told."""

    def __init__(self, read: Callable[[Paper], Extraction]) -> None:
        self.read = read

    def __call__(self, paper: Paper) -> Extraction:
        return self.read(paper)

    def pipe(self, papers: Iterable[Paper]) -> Iterator[Extraction]:
        return (self.read(paper) for paper in papers)


@pytest.mark.parametrize("error", [StopIteration, ValueError("odd"), RecursionError, AssertionError])
@pytest.mark.parametrize("step", ["extract", "check"])
def test_a_paper_that_the_program_fails_on_is_held_back_and_named_and_the_rest_stays(
    step: str, error: Exception, pages: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = build(*pages)
    target, name = (kg.builder._extractor(None), "extract") if step == "extract" else (kg.resolve.resolve, "resolve")

    def fail_on_one(first: Any, *others: Any) -> Any:
        if getattr(first, "paper", first).title == ON_BOTH[0]:
            raise error
        return target(first, *others)

    if step == "extract":
        monkeypatch.setattr(kg.builder, "_extractor", lambda _: Reader(fail_on_one))
    else:
        monkeypatch.setattr(kg.builder, name, fail_on_one)
    report = build(*pages)
    (rejection,) = report.rejections
    assert (rejection.title, rejection.place, rejection.shape) == (ON_BOTH[0], "one.txt:5", "")
    assert rejection.message.startswith(f"the program failed to {step} it, please report: ")
    assert (whole.papers, report.papers) == (3, 2)
    assert set(map(str, report.triples)) < set(map(str, whole.triples))
    with pytest.raises(BuildRefused, match="1 paper was held back"):
        build(*pages, strict=True)


def test_a_build_that_loses_papers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kg.builder, "check_batch", lambda papers, shared: BatchVerdict(accepted=[], rejections=()))
    with pytest.raises(KGError, match="of 1 papers 0 were accepted, 0 rejected, and 0 are in the graph"):
        build_from([extract(paper(1))])


def test_two_extractions_of_one_paper_are_refused() -> None:
    with pytest.raises(KGError, match="two extractions of one paper, 'Paper 001'"):
        build_from([extract(paper(1)), extract(paper(1))])


def test_a_fault_of_what_papers_share_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    violation = Violation(focus="https://a.org/x", shape="WebPage-url", path="", value="u", message="A page must.")
    fault = BatchVerdict(accepted=[], rejections=(Rejection(paper="", title="", violation=violation),))
    check = kg.check.check_batch
    monkeypatch.setattr(kg.builder, "check_batch", lambda papers, shared: check(papers, shared) if papers else fault)
    with pytest.raises(
        ValidationFailure, match=r"what papers share violates.*: https://a.org/x: A page must\. \(shape"
    ):
        build_from([extract(paper(1))])


def test_the_build_names_the_version_of_the_package(report: BuildReport) -> None:
    versions = [triple.object for triple in report.triples if triple.predicate.value == PREFIXES["kg"] + "version"]
    assert versions == [pyoxigraph.Literal(__version__)]


def test_a_forbidden_claim_is_refused_and_named_and_the_paper_stays() -> None:
    report = build_from([FORBIDDEN])
    assert (report.papers, report.mentions, report.rejections) == (1, 0, ())
    assert [(refused.paper, refused.relation, refused.value) for refused in report.refused] == [
        (FORBIDDEN.paper.title, "uses", "CIFAR")
    ]


def test_characters_that_rdf_cannot_carry_are_counted() -> None:
    report = build_from([Extraction(paper=paper(1, text="nul \x00 and \ud800"))])
    assert (report.papers, report.replaced) == (1, 2)


def test_another_base_moves_all_data() -> None:
    base = "https://example.org/data/"
    report = build_from(extractions(), base=base)
    subjects = {triple.subject.value for triple in report.triples if isinstance(triple.subject, NamedNode)}
    assert all(subject.startswith(base) for subject in subjects)


@pytest.mark.parametrize("base", ["", "https://example.org", "javascript:alert(1)/"])
def test_a_base_that_is_none_is_refused_before_anything_is_read(base: str) -> None:
    with pytest.raises(IRIError, match="cannot be the base of the data"):
        build("no such file", base=base)


def test_no_processes_are_too_few() -> None:
    with pytest.raises(KGError, match="0 processes cannot work; give 1 or more"):
        build_from([], jobs=0)


def test_progress_is_told_by_step() -> None:
    told: list[tuple[str, int, int]] = []
    build_from(extractions(), progress=lambda *step: told.append(step))
    assert told == [("check", 100, 120), ("check", 120, 120)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_rejects_are_written_beside_the_graph_and_removed_when_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    rejects = build_from([extractions()[0], BROKEN]).write(path)
    assert rejects == rejects_path(path) == tmp_path / "graph.rejects.jsonl"
    rows = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert all(list(row) == ["kind", "place", "paper", "shape", "value", "message"] for row in rows)
    assert {(row["kind"], row["place"], row["paper"]) for row in rows} == {
        ("rejected paper", "a.txt:501", BROKEN.paper.title)
    }
    assert build_from([extractions()[0]]).write(path) is None
    assert names(tmp_path) == ["graph.ttl"]


def test_everything_that_was_left_out_is_in_the_rejects_file_even_when_strict_fails(
    pages: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = "".join(f"{number}\n" for number in range(50))
    (tmp_path / "bad.jsonl").write_text(many)
    made = kg.builder._extractor(None)
    monkeypatch.setattr(
        kg.builder,
        "_extractor",
        lambda _: Reader(
            lambda one: (
                use_a_dataset(one)
                if one.title == ON_ONE[0]
                else replace(made(one), paper=replace(one, date="2023-02-30"))
            )
        ),
    )
    with pytest.raises(BuildRefused) as caught:
        build(*pages, tmp_path / "bad.jsonl", strict=True)
    rejects = caught.value.report.write_rejects(tmp_path / "graph.ttl")
    assert rejects is not None
    rows = [json.loads(line) for line in rejects.read_text().splitlines()]
    kinds = Counter(row["kind"] for row in rows)
    assert (kinds["rejected paper"], kinds["refused claim"], kinds["unread place"]) == (2, 1, 50)
    assert all(row["place"] and row["message"] for row in rows)
    assert not (tmp_path / "graph.ttl").exists()


def use_a_dataset(one: Paper) -> Extraction:
    return extract(one, ("ImageNet-1K", "Dataset", "uses"))


@pytest.mark.parametrize("output", ["x.rejects.nt", "x.jsonld", "x.nt"])
def test_an_input_is_never_written_over_or_removed(output: str, tmp_path: Path) -> None:
    source = tmp_path / ("x.rejects.jsonl" if output != "x.rejects.nt" else "x.rejects.nt")
    source.write_text(json.dumps({"title": "T", "abstract": "We propose EAFO."}) + "\n")
    before = source.read_bytes()
    report = build(source, input_format="jsonl")
    with pytest.raises(OutputError, match=r"x\.rejects\.\w+: is an input of this build and stays as it is"):
        report.write(tmp_path / output)
    assert names(tmp_path) == [source.name]
    assert source.read_bytes() == before


def test_an_input_that_gave_no_paper_is_kept_as_well(pages: list[Path], tmp_path: Path) -> None:
    (tmp_path / "graph.rejects.jsonl").write_text('{"title": "no abstract"}\n')
    with pytest.raises(OutputError, match="is an input of this build"):
        build(*pages, tmp_path / "graph.rejects.jsonl").write(tmp_path / "graph.ttl")


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".jsonld"])
def test_the_written_graph_is_the_graph(suffix: str, tmp_path: Path, report: BuildReport) -> None:
    report.write(tmp_path / f"graph{suffix}")
    assert set(read_graph(tmp_path / f"graph{suffix}")) == set(report.graph())


def page(*papers: tuple[str, str]) -> str:
    return "Daily Papers\n\nAug 25\n\n" + "\n\n".join(f"{title}\n\n{abstract}" for title, abstract in papers) + "\n"


ON_BOTH = (
    "CRReLU: a better activation",
    "We propose CRReLU, a new activation function. We evaluate CRReLU on CIFAR-10 and ImageNet-1K.",
)
HOSTILE = (
    'A "quoted" <title> with {braces}',
    "We fine-tune ResNet-50 with LoRA and reach 80.2% accuracy on CIFAR-100, see javascript:alert(1).",
)
ON_ONE = (
    "Only here",
    "We train a Vision Transformer on ImageNet-1K. Code is at https://github.com/owner/name.",
)
PAGES = {"one.txt": page(ON_BOTH, HOSTILE), "two.txt": page(ON_BOTH, ON_ONE)}


@pytest.fixture
def pages(tmp_path: Path) -> list[Path]:
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in PAGES]


def test_files_become_a_graph_with_a_paper_on_two_pages_once(pages: list[Path]) -> None:
    report = build(*pages)
    assert (report.papers, report.rejections, report.problems) == (3, (), ())
    listed = NamedNode(PREFIXES["kg"] + "listedOn")
    assert sum(triple.predicate == listed for triple in report.triples) == 4
    assert report.claims["introduces"] >= 1


RUN = """
import sys, kg
if __name__ == "__main__":
    jobs, output, *inputs = sys.argv[1:]
    kg.build(*inputs, jobs=int(jobs)).write(output)
"""


def builds(pages: list[Path], folder: Path) -> Iterator[bytes]:
    (folder / "run.py").write_text(RUN)
    for seed, jobs, inputs in (("0", "1", pages), ("1", "1", pages[::-1]), ("2", "2", pages)):
        output = folder / f"{seed}.ttl"
        command = [sys.executable, str(folder / "run.py"), jobs, str(output), *map(str, inputs)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        yield output.read_bytes()


def test_order_of_files_hash_seed_and_processes_do_not_change_the_bytes(pages: list[Path], tmp_path: Path) -> None:
    first, *others = builds(pages, tmp_path)
    assert all(other == first for other in others)


def test_an_input_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.txt"):
        build(tmp_path / "missing.txt")


def end_process(_: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_process_that_is_ended_from_outside_is_told() -> None:
    with pytest.raises(KGError, match="one of 2 processes was ended from outside"), workers(2) as run:
        list(run(end_process, [1, 2]))
