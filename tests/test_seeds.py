"""The four pages of `seeds/` become one graph that holds what was asked of it; nothing here is a miniature."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.builder import BuildReport
from kg.check import validate_graph
from kg.errors import DataFileError
from kg.iris import ONTOLOGY, PREFIXES
from kg.ontology import check_consistency

RDF_TYPE = ox.NamedNode(f"{PREFIXES['rdf']}type")


def subjects(report: BuildReport, iri: str) -> set[str]:
    return {str(each.subject) for each in report.triples if each.predicate == RDF_TYPE and each.object.value == iri}  # type: ignore[union-attr]


def values(report: BuildReport, iri: str) -> set[str]:
    return {each.object.value for each in report.triples if each.predicate.value == iri}  # type: ignore[union-attr]


def test_all_191_papers_are_scholarly_articles(seed_report: BuildReport) -> None:
    papers = subjects(seed_report, f"{ONTOLOGY}Paper")
    assert len(papers) == seed_report.papers == 191
    assert subjects(seed_report, f"{PREFIXES['schema']}ScholarlyArticle") == papers


def test_nothing_is_left_out(seed_report: BuildReport) -> None:
    assert seed_report.left_out() == ()
    assert seed_report.replaced == 0


def test_listings_bear_the_digests_of_their_files(seed_report: BuildReport, seeds: Path) -> None:
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in seeds.glob("*.txt")}
    assert len(digests) == 4
    assert values(seed_report, f"{ONTOLOGY}sha256") == digests


def test_the_graph_conforms_to_the_shapes(seed_graph: Path) -> None:
    report = validate_graph(seed_graph)
    assert (report.conforms, report.violations) == (True, ())


@pytest.fixture
def facts(seed_report: BuildReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[ox.Triple]:
    """Give what the graph says in the ontology's terms, without the mentions, whose number the reasoner would feel."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # Owlready2 leaves a file behind
    evidence = subjects(seed_report, f"{ONTOLOGY}Mention")
    return [
        each
        for each in seed_report.triples
        if (each.object if each.predicate == RDF_TYPE else each.predicate).value.startswith(ONTOLOGY)  # type: ignore[union-attr]
        and str(each.subject) not in evidence
    ]


def test_the_reasoner_finds_no_contradiction_in_its_facts(facts: list[ox.Triple]) -> None:
    assert len(facts) > 3_000
    check_consistency(facts)


def test_the_reasoner_would_find_one(facts: list[ox.Triple]) -> None:
    used = next(each for each in facts if each.predicate.value == f"{ONTOLOGY}evaluatesOn")
    with pytest.raises(DataFileError, match="contradict"):
        check_consistency([*facts, ox.Triple(used.subject, ox.NamedNode(f"{ONTOLOGY}uses"), used.object)])


BUILD = """
import sys, kg
if __name__ == "__main__":
    jobs, output, *inputs = sys.argv[1:]
    kg.build(*inputs, jobs=int(jobs)).write(output)
"""


def test_other_order_hash_seed_and_processes_give_the_same_bytes(seed_graph: Path, seeds: Path, tmp_path: Path) -> None:
    script, output = tmp_path / "run.py", tmp_path / "graph.nt"
    script.write_text(BUILD)
    pages = sorted(map(str, seeds.glob("*.txt")), reverse=True)
    command = [sys.executable, str(script), "2", str(output), *pages]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    assert output.read_bytes() == seed_graph.read_bytes()
