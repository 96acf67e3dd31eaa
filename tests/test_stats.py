"""The counts of a graph."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import InputError
from kg.stats import ClaimCount, Stats, ThingCount, count_graph

PREFIXES = """
@prefix kg: <https://w3id.org/paper-kg/ontology#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://w3id.org/paper-kg/> .
"""
GRAPH = f"""{PREFIXES}
:p1 a kg:Paper, schema:ScholarlyArticle ; kg:listedOn :l1, :l2 ; kg:text :p1t ;
    kg:introduces :m1 ; kg:uses :relu ; kg:evaluatesOn :cifar ; kg:hasRepository :r1 ; kg:hasResult :x1 .
:p2 a kg:Paper, schema:ScholarlyArticle ; kg:listedOn :l1 ; kg:uses :relu, :m1 ; kg:mentions :r1 ; kg:hasPage :g1 ;
    kg:announces kg:Code .
:p3 a kg:Paper, schema:ScholarlyArticle ; kg:listedOn :l1 .
:m1 a kg:Method, skos:Concept .
:relu a kg:Method, skos:Concept ; skos:inScheme :methods ; skos:broader :activation .
:activation a kg:Method, skos:Concept ; skos:inScheme :methods .
:cifar a kg:Dataset, skos:Concept ; skos:inScheme :datasets .
:r1 a kg:Repository, schema:SoftwareSourceCode .
:g1 a kg:WebPage, schema:WebPage .
:x1 a kg:Result .
kg:Code a kg:Release .
:l1 a kg:Listing .
:l2 a kg:Listing .
:n1 a kg:Mention .
:n2 a kg:Mention .
"""
EXPECTED = Stats(
    papers=3,
    papers_with_code=1,
    listings=2,
    mentions=2,
    results=1,
    triples=43,
    things=(
        ThingCount(type="Method", total=2, in_vocabulary=1),
        ThingCount(type="Dataset", total=1, in_vocabulary=1),
    ),
    claims=(
        ClaimCount(relation="uses", total=3),
        ClaimCount(relation="announces", total=1),
        ClaimCount(relation="evaluatesOn", total=1),
        ClaimCount(relation="hasPage", total=1),
        ClaimCount(relation="hasRepository", total=1),
        ClaimCount(relation="hasResult", total=1),
        ClaimCount(relation="introduces", total=1),
        ClaimCount(relation="mentions", total=1),
    ),
)


def test_a_file_and_a_store_are_counted_alike(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text(GRAPH, encoding="utf-8")
    store = ox.Store()
    store.load(GRAPH, format=ox.RdfFormat.TURTLE)

    assert count_graph(path) == count_graph(store) == EXPECTED


def test_named_graphs_count_as_one(tmp_path: Path) -> None:
    store = ox.Store()
    store.load(GRAPH, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("https://example.org/graph"))

    assert count_graph(store) == EXPECTED


def test_the_rows_say_what_is_counted() -> None:
    assert EXPECTED.rows()[:4] == (
        ("papers", "3", "on 2 listings"),
        ("papers with code", "1", "33% of the papers"),
        ("Method", "2", "1 in the vocabulary, 1 new"),
        ("Dataset", "1", "1 in the vocabulary, 0 new"),
    )
    assert [row[0] for row in EXPECTED.rows()[4:]] == [
        *(claim.relation for claim in EXPECTED.claims),
        "mentions",
        "results",
        "triples",
    ]


def test_an_empty_graph_has_counts_of_zero() -> None:
    stats = count_graph(ox.Store())

    assert (stats.papers, stats.share_with_code, stats.things, stats.claims) == (0, 0.0, (), ())
    assert ("papers", "0", "on 0 listings") in stats.rows()


def test_a_file_that_is_no_graph_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "graph.ttl").write_text("not turtle", encoding="utf-8")

    for name in ("graph.ttl", "missing.ttl"):
        with pytest.raises(InputError, match=name):
            count_graph(tmp_path / name)
