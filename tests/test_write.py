"""Graph files: readable, the same for the same triples, whole or not at all."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple
from rdflib.compare import isomorphic

from kg.errors import InputError, KGError, OutputError
from kg.iris import DEFAULT_BASE, PREFIXES
from kg.write import (
    READABLE,
    WRITABLE,
    read_graph,
    read_store,
    to_jsonld,
    to_ntriples,
    to_rdflib,
    to_turtle,
    write_atomically,
    write_graph,
)


def node(name: str, prefix: str = "") -> NamedNode:
    return NamedNode((PREFIXES[prefix] if prefix else DEFAULT_BASE) + name)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=node(datatype, "xsd"))


TYPE = node("type", "rdf")
NAME = node("name", "schema")
TRIPLES = (
    Triple(node("paper/b"), NAME, Literal('A "quoted" <title>\n\\ {x} é \u2028')),
    Triple(node("paper/b"), TYPE, node("ScholarlyArticle", "schema")),
    Triple(node("paper/b"), TYPE, node("Paper", "kg")),
    Triple(node("paper/b"), node("authorCount", "kg"), typed("8", "integer")),
    Triple(node("paper/b"), node("year", "kg"), typed("2024", "gYear")),
    Triple(node("paper/b"), node("text", "kg"), node("paper/b/text")),
    Triple(node("paper/b/text"), TYPE, node("Context", "nif")),
    Triple(node("paper/b"), node("uses", "kg"), node("concept/method/relu")),
    Triple(node("result/a"), node("value", "kg"), typed("80.22", "decimal")),
    Triple(node("result/a"), node("value", "kg"), typed("80", "decimal")),
    Triple(node("result/a"), node("isGain", "kg"), typed("false", "boolean")),
    Triple(node("method/eafo"), node("prefLabel", "skos"), Literal("EAFO", language="en")),
    Triple(node("paper/a"), NAME, Literal("")),
    Triple(node("paper/a"), node("url", "schema"), NamedNode("https://example.org/a?b#c")),
)

EXPECTED = """\
<method/eafo> skos:prefLabel "EAFO"@en .

<paper/a> schema:name "" ;
    schema:url <https://example.org/a?b#c> .

<paper/b> a schema:ScholarlyArticle, kg:Paper ;
    schema:name "A \\"quoted\\" <title>\\n\\\\ {x} é \u2028" ;
    kg:authorCount 8 ;
    kg:text <paper/b/text> ;
    kg:uses <concept/method/relu> ;
    kg:year "2024"^^xsd:gYear .

<paper/b/text> a nif:Context .

<result/a> kg:isGain false ;
    kg:value "80"^^xsd:decimal, 80.22 .
"""


def test_turtle_is_readable() -> None:
    head, _, body = to_turtle(TRIPLES).decode().partition("\n\n")
    assert body == EXPECTED
    assert head.splitlines()[0] == f"@base <{DEFAULT_BASE}> ."
    assert head.splitlines()[1:] == [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in sorted(PREFIXES)]


def parse(data: bytes, form: RdfFormat = RdfFormat.TURTLE) -> set[Triple]:
    return {quad.triple for quad in pyoxigraph.parse(data, form)}


@pytest.mark.parametrize("base", [DEFAULT_BASE, "https://example.org/", "https://w3id.org/paper-kg/data#"])
def test_a_strict_parser_and_rdflib_read_the_turtle_back_under_any_base(base: str) -> None:
    turtle = to_turtle(TRIPLES, base=base)
    assert parse(turtle) == set(TRIPLES)
    assert isomorphic(rdflib.Graph().parse(data=turtle, format="turtle"), to_rdflib(TRIPLES))


def test_no_relative_address_under_a_base_that_ends_in_a_hash() -> None:
    base = "https://example.org/data#"
    subject = NamedNode(base + "paper/x")
    assert f"\n<{base}paper/x> schema:name" in to_turtle([Triple(subject, NAME, Literal("X"))], base=base).decode()


ODD_ENDS = (
    "",
    "/",
    "//x",
    "a//b",
    "a/../b",
    "./a",
    "a:b",
    "?q",
    "#f",
    "paper/",
    "%20",
    "paper/ü",
    "ontology#",
    "ontology#-x",
)


@pytest.mark.parametrize("end", ODD_ENDS)
def test_an_address_that_would_not_come_back_is_written_in_full(end: str) -> None:
    triples = {Triple(node(end), NAME, node(end))}
    assert parse(to_turtle(triples)) == triples


terms = st.sampled_from([node("paper/a"), node("paper/b"), node("x", "kg"), NamedNode("urn:x:y"), NAME, TYPE])
literals = st.one_of(
    st.text(st.characters(codec="utf-8")).map(Literal),
    st.text(st.characters(codec="utf-8")).map(lambda text: Literal(text, language="en")),
    st.tuples(
        st.sampled_from(["1", "1.0", ".5", "true", "1e3", "", "-3", "+3.", '"^^<x>', "1\n"]),
        st.sampled_from(["integer", "decimal", "boolean", "double", "date"]),
    ).map(lambda pair: typed(*pair)),
)
triples = st.frozensets(st.builds(Triple, terms, terms, terms | literals), max_size=12)


@given(triples)
def test_every_format_reads_back_to_the_same_triples(drawn: frozenset[Triple]) -> None:
    assert parse(to_turtle(drawn)) == drawn
    assert parse(to_ntriples(drawn), RdfFormat.N_TRIPLES) == drawn
    assert parse(to_jsonld(drawn), RdfFormat.JSON_LD) == drawn


@given(triples, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_change_the_bytes(drawn: frozenset[Triple], order: random.Random) -> None:
    shuffled = [*drawn, *drawn]
    order.shuffle(shuffled)
    for write in (to_turtle, to_ntriples, to_jsonld):
        assert write(shuffled) == write(sorted(drawn, key=str))


@pytest.mark.parametrize("suffix", WRITABLE)
def test_a_written_graph_reads_back_by_its_suffix(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"graph{suffix}"
    write_graph(TRIPLES, path)
    assert {quad.triple for quad in read_store(path)} == set(TRIPLES)
    assert isomorphic(read_graph(path), to_rdflib(TRIPLES))
    assert names(tmp_path) == [path.name]


def test_rdfxml_reads_too(tmp_path: Path) -> None:
    for suffix in sorted(set(READABLE) - set(WRITABLE)):
        path = tmp_path / f"graph{suffix}"
        pyoxigraph.serialize(TRIPLES, str(path), RdfFormat.RDF_XML)
        assert len(read_graph(path)) == len(TRIPLES)


def test_the_rdflib_graph_is_the_same_graph_with_our_prefixes() -> None:
    graph = to_rdflib(TRIPLES)
    assert isomorphic(graph, rdflib.Graph().parse(data=to_ntriples(TRIPLES), format="nt"))
    assert {prefix: str(namespace) for prefix, namespace in graph.namespaces()}.items() >= dict(PREFIXES).items()
    assert isinstance(next(iter(to_rdflib([Triple(BlankNode("b"), NAME, Literal("x"))])))[0], rdflib.BNode)


def test_a_statement_about_a_statement_is_refused_for_rdflib() -> None:
    with pytest.raises(KGError, match=r"does not fit in an rdflib graph"):
        to_rdflib([Triple(node("a"), NAME, TRIPLES[0])])


UNREADABLE = {
    # file: content, message
    "graph.docx": (
        "x",
        "the suffix '.docx' names no known graph format; use one of .ttl, .nt, .jsonld, .rdf, .owl, .xml",
    ),
    "graph": ("x", "the suffix '' names no known graph format"),
    "line.ttl": ("@prefix a: <http://a/> .\n\na:b a:c .\n", r"line.ttl:3: is no Turtle"),
    "binary.ttl": ("\x00\x01", r"binary.ttl:1: is no Turtle"),
    "other.nt": ("{}", r"other.nt:1: is no N-Triples"),
    "other.rdf": ("no xml", r"other.rdf(:1)?: is no RDF/XML"),
    "other.jsonld": ("<", r"other.jsonld(:1)?: is no JSON-LD"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_graph_is_named(name: str, tmp_path: Path) -> None:
    content, message = UNREADABLE[name]
    (tmp_path / name).write_text(content)
    for read in (read_store, read_graph):
        with pytest.raises(InputError, match=message):
            read(tmp_path / name)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing.ttl: there is no such file; give the path of a graph"):
        read_graph(tmp_path / "missing.ttl")
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(InputError, match=r"folder.ttl: is no file"):
        read_graph(tmp_path / "folder.ttl")


def test_an_unknown_suffix_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"'.xlsx' names no known graph format; use one of .ttl, .nt, .jsonld$"):
        write_graph(TRIPLES, tmp_path / "graph.xlsx")
    assert names(tmp_path) == []


class Stop(BaseException):
    """Stands for a Ctrl-C at the worst moment."""


@pytest.fixture(params=["fsync", "replace"])
def interrupted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def interrupt(*_: object) -> NoReturn:
        raise Stop

    target = {"fsync": "os.fsync", "replace": "pathlib.Path.replace"}[request.param]
    with monkeypatch.context() as patch:
        patch.setattr(target, interrupt)
        yield


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text("old")
    with pytest.raises(Stop):
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["graph.ttl"]


def test_a_write_replaces_the_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.ttl", tmp_path / "link.ttl"
    target.write_text("old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_what_is_no_regular_file_is_written_to_directly() -> None:
    write_atomically(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no/graph.ttl: cannot be written: No such file or directory"):
        write_atomically(tmp_path / "no" / "graph.ttl", b"new")
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        write_atomically(tmp_path, b"new")
    assert names(tmp_path) == []


def test_two_threads_write_one_file_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    texts = [bytes([number]) * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomically(path, text), texts * 5))
    assert path.read_bytes() in texts
    assert names(tmp_path) == ["graph.ttl"]
