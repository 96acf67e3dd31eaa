"""The gate: what each shape lets through and holds back, and whose papers it holds back."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import RDF, RDFS, Namespace

from kg.check import BatchVerdict, check_batch, validate_graph
from kg.errors import InputError
from kg.iris import ONTOLOGY, PREFIXES
from kg.ontology import load_ontology
from kg.resources import resource

HERE = Path(__file__).parent / "shapes"
CONFORMING = (HERE / "conforming.ttl").read_text(encoding="utf-8")
CASES = tomllib.loads((HERE / "violations.toml").read_text(encoding="utf-8"))["case"]
BESIDE_THE_SHAPES = {
    "Type",
    "Class",
    "Property",
    "IRI",
    "Text-length",
    "Mention-quote",
    "Mention-paper",
    "Paper-evidence",
}
NEVER_A_STATED_CLASS = {"Entity"}  # everything is of one of its five kinds

SH = Namespace("http://www.w3.org/ns/shacl#")
BASE = "https://w3id.org/paper-kg/"


def violated(text: str, folder: Path) -> list[str]:
    graph = folder / "graph.ttl"
    graph.write_text(text, encoding="utf-8")
    return sorted({violation.shape for violation in validate_graph(graph).violations})


@contextmanager
def no_complaints() -> Iterator[None]:
    """Keep rdflib from logging each literal that is not of its type."""
    logger = logging.getLogger("rdflib.term")
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = False


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in resource("shapes").glob("*.ttl"):
        graph.parse(path)
    return graph


def all_shapes(shapes: rdflib.Graph) -> set[rdflib.term.Node]:
    return {*shapes.subjects(RDF.type, SH.NodeShape), *shapes.subjects(RDF.type, SH.PropertyShape)}


def test_the_conforming_graph_conforms(tmp_path: Path) -> None:
    assert violated(CONFORMING, tmp_path) == []


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_violation(case: dict[str, str | list[str]], tmp_path: Path) -> None:
    replace, by = str(case["replace"]), str(case["by"])
    assert CONFORMING.count(replace) == 1
    assert violated(CONFORMING.replace(replace, by), tmp_path) == case["shapes"]


def test_every_shape_has_a_violating_case(shapes: rdflib.Graph) -> None:
    names = {str(shape).rpartition("#")[2] for shape in all_shapes(shapes)}
    assert len(names) >= 86
    assert {shape for case in CASES for shape in case["shapes"]} == names | BESIDE_THE_SHAPES


def test_every_shape_has_something_to_look_at_in_the_conforming_graph(shapes: rdflib.Graph) -> None:
    data = rdflib.Graph().parse(data=CONFORMING, format="turtle")
    idle = {
        shape
        for shape in all_shapes(shapes)
        if not any((None, RDF.type, class_) in data for class_ in shapes.objects(shape, SH.targetClass))
        and not any((None, target, None) in data for target in shapes.objects(shape, SH.targetObjectsOf))
    }
    assert idle == set()


def test_every_shape_has_a_name_and_one_message(shapes: rdflib.Graph) -> None:
    assert all(isinstance(shape, rdflib.URIRef) for shape in all_shapes(shapes))
    assert {shape for shape in all_shapes(shapes) if len(list(shapes.objects(shape, SH.message))) != 1} == set()


def test_what_is_checked_beside_the_shapes_is_declared_among_them_with_one_message(shapes: rdflib.Graph) -> None:
    declared = set(shapes.subjects(RDF.type, SH.Shape))
    assert {str(shape).rpartition("#")[2] for shape in declared} == BESIDE_THE_SHAPES
    assert all(len(list(shapes.objects(shape, SH.message))) == 1 for shape in declared)


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_every_result_names_a_declared_shape_a_component_and_what_else_shacl_demands(
    case: dict[str, str], shapes: rdflib.Graph, tmp_path: Path
) -> None:
    graph = tmp_path / "graph.ttl"
    graph.write_text(CONFORMING.replace(case["replace"], case["by"]), encoding="utf-8")
    report = validate_graph(graph).shacl
    results = set(report.subjects(RDF.type, SH.ValidationResult))
    assert results
    for result in results:
        for property_ in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape):
            assert len(list(report.objects(result, property_))) == 1
        assert (report.value(result, SH.sourceShape), None, None) in shapes
        assert str(report.value(result, SH.sourceConstraintComponent)).endswith("ConstraintComponent")


def test_every_class_has_a_shape(shapes: rdflib.Graph) -> None:
    targeted = {str(class_).removeprefix(ONTOLOGY) for class_ in shapes.objects(None, SH.targetClass)}
    assert set(load_ontology().classes) - targeted == NEVER_A_STATED_CLASS


def test_every_property_has_a_shape_and_every_term_in_the_shapes_is_declared(shapes: rdflib.Graph) -> None:
    ontology = load_ontology()
    used = {str(term) for triple in shapes for term in triple if isinstance(term, rdflib.URIRef)}
    own = {term for term in used if term.startswith(ONTOLOGY)}
    releases = {ONTOLOGY + name for name in ontology.releases.values()}
    assert own - releases == {term.iri for term in (*ontology.classes.values(), *ontology.properties.values())} - {
        ONTOLOGY + name for name in ("Entity", "strength", "closeTo", "relatedTo")
    }
    language = (str(SH), str(RDF), str(RDFS), PREFIXES["xsd"], "https://w3id.org/paper-kg/shapes#")
    undeclared = (
        {term for term in used if not term.startswith(language)}
        - ontology.declared_classes
        - ontology.declared_properties
        - releases
    )
    assert undeclared == set()


def test_the_relations_that_a_mention_may_support_are_those_of_the_ontology(shapes: rdflib.Graph) -> None:
    shape = rdflib.URIRef("https://w3id.org/paper-kg/shapes#Mention-supports")
    [members] = shapes.objects(shape, SH["in"])
    assert sorted(str(item).removeprefix(ONTOLOGY) for item in shapes.items(members)) == sorted(
        load_ontology().relations
    )


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_pyshacl_on_an_ordinary_graph_says_the_same(case: dict[str, str], shapes: rdflib.Graph, tmp_path: Path) -> None:
    """The gate's own graph class is only a faster way to hold the same triples."""
    text = CONFORMING.replace(case["replace"], case["by"])
    with no_complaints():
        data = rdflib.Graph().parse(data=text, format="turtle")
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    plain = {str(shape).rpartition("#")[2] for shape in report.objects(None, SH.sourceShape)}
    assert plain == set(case["shapes"]) - BESIDE_THE_SHAPES


def test_the_report_for_machines_says_what_the_report_for_people_says(tmp_path: Path) -> None:
    graph = tmp_path / "graph.ttl"
    graph.write_text(CONFORMING.replace('nif:anchorOf "BERT"', 'nif:anchorOf ""'), encoding="utf-8")
    report = validate_graph(graph)
    assert [(violation.shape, violation.path, violation.value) for violation in report.violations] == [
        ("Mention-anchorOf", "nif:anchorOf", ""),
        ("Mention-quote", "nif:anchorOf", ""),
    ]
    assert report.violations[0].focus == BASE + "mention/bert"
    assert report.violations[0].message == "A mention must quote exactly one string that is not empty."
    assert not report.conforms
    assert list(report.shacl.objects(None, SH.conforms)) == [rdflib.Literal(False)]
    assert len(list(report.shacl.subjects(RDF.type, SH.ValidationResult))) == 2


def test_a_report_of_a_conforming_graph_says_so() -> None:
    report = validate_graph(HERE / "conforming.ttl")
    assert report.conforms
    assert list(report.shacl.objects(None, SH.conforms)) == [rdflib.Literal(True)]


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.ttl"):
        validate_graph(tmp_path / "missing.ttl")


def test_literals_that_are_not_of_their_type_are_reported_and_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert violated(CONFORMING.replace("2024-05-18", "2024-13-45"), tmp_path) == ["Paper-datePublished"]
    assert caplog.records == []


# ------------------------------------------------------------------------------------------------ batches


Batch: TypeAlias = tuple[list[tuple[str, list[ox.Triple]]], list[ox.Triple]]
OWN = re.compile(f"<{BASE}(paper|mention|result)/")


def to_lines(triples: Iterable[ox.Triple]) -> list[str]:
    return [f"{triple} .\n" for triple in triples]


def from_lines(lines: Iterable[str]) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse("".join(lines), format=ox.RdfFormat.N_TRIPLES)]


def batch(*names: str) -> Batch:
    """Give copies of the conforming graph's paper, named `paper/<name>-eafo`, and what they share."""
    lines = to_lines(quad.triple for quad in ox.parse(CONFORMING, format=ox.RdfFormat.TURTLE))
    papers = [
        (
            f"{BASE}paper/{name}-eafo",
            from_lines(OWN.sub(rf"<{BASE}\1/{name}-", line) for line in lines if OWN.match(line)),
        )
        for name in names
    ]
    return papers, from_lines(line for line in lines if not OWN.match(line))


def edit(triples: list[ox.Triple], old: str, new: str) -> list[ox.Triple]:
    lines = to_lines(triples)
    assert any(old in line for line in lines)
    return from_lines(line.replace(old, new) for line in lines)


def rejected(verdict: BatchVerdict) -> dict[str, set[str]]:
    papers: dict[str, set[str]] = {}
    for rejection in verdict.rejections:
        papers.setdefault(rejection.paper.removeprefix(BASE), set()).add(rejection.shape)
    return papers


def test_papers_without_violations_are_accepted_in_the_order_given() -> None:
    verdict = check_batch(*batch("b", "a", "c"))
    assert verdict == BatchVerdict(accepted=[f"{BASE}paper/{name}-eafo" for name in "bac"], rejections=())


def test_a_batch_without_papers_is_the_shared_triples_alone() -> None:
    _, shared = batch("a")
    assert check_batch([], shared).rejections == ()
    [rejection] = check_batch([], edit(shared, '"project"', '"blog"')).rejections
    assert (rejection.paper, rejection.shape, rejection.value) == ("", "WebPage-pageKind", "blog")


def test_only_the_paper_with_the_violation_is_held_back() -> None:
    papers, shared = batch("a", "b")
    papers[1] = (papers[1][0], edit(papers[1][1], '"0.93"', '"9.3"'))
    verdict = check_batch(papers, shared)
    assert verdict.accepted == [BASE + "paper/a-eafo"]
    [rejection] = verdict.rejections
    assert (rejection.paper, rejection.title, rejection.shape, rejection.path, rejection.value) == (
        BASE + "paper/b-eafo",
        "EAFO for GELU",
        "Mention-taConfidence",
        "itsrdf:taConfidence",
        "9.3",
    )
    assert rejection.message == "A mention must have exactly one confidence, an xsd:decimal from 0 to 1."


def test_a_violation_of_something_shared_holds_back_the_papers_that_lead_to_it() -> None:
    papers, shared = batch("a", "b")
    without_gelu = [t for t in papers[1][1] if not str(t).count("gelu")]
    papers[1] = (papers[1][0], without_gelu)
    # the concept that is broader than GELU: paper a leads to it through GELU, paper b does not
    verdict = check_batch(papers, edit(shared, '"activation function"@en', '"activation function"'))
    assert rejected(verdict) == {"paper/a-eafo": {"Entity-prefLabel"}}
    assert verdict.accepted == [BASE + "paper/b-eafo"]


def test_a_violation_that_no_paper_leads_to_holds_back_all() -> None:
    papers, shared = batch("a", "b")
    verdict = check_batch(papers, edit(shared, '"0.1.0"', '""'))
    assert rejected(verdict) == {"paper/a-eafo": {"Build-version"}, "paper/b-eafo": {"Build-version"}}


def test_a_mention_in_another_papers_text_is_no_evidence() -> None:
    papers, shared = batch("a", "b")
    moved = [t for t in papers[0][1] if "mention/a-bert>" in str(t.subject)]
    rest = [t for t in papers[0][1] if t not in moved]
    papers[0] = (papers[0][0], rest + edit(moved, "paper/a-eafo/text", "paper/b-eafo/text"))
    assert rejected(check_batch(papers, shared)) == {"paper/a-eafo": {"Paper-evidence"}}


def test_two_papers_that_lay_claim_to_one_mention_are_both_held_back() -> None:
    papers, shared = batch("a", "b")
    stolen = [t for t in papers[0][1] if "mention/a-bert>" in str(t.subject)]
    papers[1] = (papers[1][0], [*papers[1][1], *edit(stolen, '"BERT"', '"Bert"')])
    assert set(rejected(check_batch(papers, shared))) == {"paper/a-eafo", "paper/b-eafo"}


def test_the_verdict_does_not_depend_on_the_batch() -> None:
    papers, shared = batch("a", "b", "c")
    papers[1] = (papers[1][0], edit(papers[1][1], '"0.93"', '"9.3"'))
    together = check_batch(papers, shared)
    apart = [check_batch([paper], shared) for paper in papers]
    assert together.accepted == [iri for verdict in apart for iri in verdict.accepted]
    assert together.rejections == tuple(rejection for verdict in apart for rejection in verdict.rejections)
