"""Every canned query, on every engine: the same rows, and those of its golden file."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.endpoint import Endpoint
from kg.load import load
from kg.query import Query, load_queries, open_graph, run_query
from kg.resources import resource

CASES = Path(__file__).parent / "queries"
QUERIES = load_queries()
PARAMETERS = [(query, parameter) for query in QUERIES.values() for parameter in query.parameters]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return open_graph(CASES / "graph.ttl")


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    return open_graph(CASES / "graph.ttl", engine="rdflib")


@pytest.fixture(scope="module")
def endpoint(sparql_server: str) -> Endpoint:
    endpoint = Endpoint.from_url(sparql_server, graph_iri="urn:test:queries")
    load(CASES / "graph.ttl", endpoint, replace=True)
    return endpoint


def test_every_file_of_the_folder_is_a_query() -> None:
    assert len(QUERIES) >= 33
    assert {path.name for path in resource("queries").iterdir()} == {f"{name}.rq" for name in QUERIES}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_gives_its_golden_rows(query: Query, store: ox.Store, request: pytest.FixtureRequest) -> None:
    rows = run_query(query, store)
    text = rows.to_csv().replace("\r\n", "\n")
    golden = CASES / f"{query.name}.csv"
    if request.config.getoption("--refresh-golden"):
        golden.write_text(text, encoding="utf-8")
    assert golden.exists(), "write it with --refresh-golden, and read it"
    assert len(rows) > 0
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_file_is_of_a_query() -> None:
    assert {path.stem for path in CASES.glob("*.csv")} == set(QUERIES)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_all_engines_give_the_same_rows(query: Query, store: ox.Store, graph: rdflib.Graph, endpoint: Endpoint) -> None:
    rows = run_query(query, store)
    assert run_query(query, graph).values() == rows.values()
    assert run_query(query, endpoint) == rows
    assert run_query(query, graph).columns == rows.columns


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_two_rows_are_alike_and_every_row_has_its_place(query: Query, store: ox.Store) -> None:
    rows = run_query(query, store).rows
    assert len(set(rows)) == len(rows)
    assert "ORDER BY" in query.text


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_runs_as_it_stands(query: Query, store: ox.Store) -> None:
    solutions = store.query((resource("queries") / f"{query.name}.rq").read_text(encoding="utf-8"))
    assert isinstance(solutions, ox.QuerySolutions)
    assert len(list(solutions)) == len(run_query(query, store))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_uses_only_words_that_the_ontology_has(query: Query) -> None:
    ontology = rdflib.Graph()
    for path in resource("ontology").glob("*.ttl"):
        ontology.parse(path)
    namespace = "https://w3id.org/paper-kg/ontology#"
    words = set(re.findall(r"\bkg:(\w+)", query.text))
    assert words <= {
        str(term).removeprefix(namespace) for term in ontology.subjects() if str(term).startswith(namespace)
    }


@pytest.mark.parametrize(
    ("query", "name"),
    [(query, parameter.name) for query, parameter in PARAMETERS if parameter.type == "name"],
    ids=[f"{query.name}-{parameter.name}" for query, parameter in PARAMETERS if parameter.type == "name"],
)
def test_a_name_is_found_in_any_case_and_nothing_else_is(
    query: Query, name: str, store: ox.Store, graph: rdflib.Graph
) -> None:
    default = {parameter.name: parameter.default for parameter in query.parameters}[name]
    assert isinstance(default, ox.Literal)
    shouted = {name: default.value.upper()}
    assert run_query(query, store, shouted) == run_query(query, store)
    assert run_query(query, graph, shouted).values() == run_query(query, store).values()
    for absent in ("no such name", '" } } ; DROP ALL #', "\\u0022 } #", "?thing", "<urn:x>"):
        assert len(run_query(query, store, {name: absent})) == 0
        assert len(run_query(query, graph, {name: absent})) == 0


@pytest.mark.parametrize(
    ("query", "values", "column", "expected"),
    [
        # by an alternative label
        ("papers-on-dataset", {"dataset": "cifar100"}, 0, 2),
        ("who-introduced", {"thing": "Gated Attention Memory"}, 0, 1),
        # one name that two papers gave to two things
        ("who-introduced", {"thing": "gam"}, 1, 2),
        # the other direction of a comparison
        ("compared-with", {"thing": "GELU"}, 0, 2),
        # climbs from the narrower concept
        ("narrower-than", {"thing": "Vision Transformer"}, 0, 2),
        # a threshold, as number and as text
        ("least-certain", {"below": "0.4"}, 0, 2),
        ("least-certain", {"below": 0}, 0, 0),
    ],
)  # fmt: skip
def test_parameters_choose(
    query: str, values: dict[str, str | int], column: int, expected: int, store: ox.Store, endpoint: Endpoint
) -> None:
    rows = run_query(query, store, values)
    assert len(rows) == expected
    assert len({row[column] for row in rows.values()}) <= expected
    assert run_query(query, endpoint, values) == rows


@pytest.fixture(scope="module")
def seed_sources(seed_graph: Path, sparql_server: str) -> tuple[ox.Store, rdflib.Graph, Endpoint]:
    endpoint = Endpoint.from_url(sparql_server, graph_iri="urn:test:seeds")
    load(seed_graph, endpoint, replace=True)
    return open_graph(seed_graph), open_graph(seed_graph, engine="rdflib"), endpoint


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_all_engines_give_the_same_rows_on_the_seeds(
    query: Query, seed_sources: tuple[ox.Store, rdflib.Graph, Endpoint]
) -> None:
    store, graph, endpoint = seed_sources
    rows = run_query(query, store)
    # No abstract of the seeds points to code of others.
    assert (len(rows) > 0) == (query.name != "code-of-others"), "choose default parameters that the seeds answer"
    assert run_query(query, endpoint) == rows
    assert run_query(query, graph).values() == rows.values()
    assert len(set(rows.rows)) == len(rows)
