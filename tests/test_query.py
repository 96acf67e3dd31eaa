"""Query files and texts: their heads, their parameters, what is refused, and the forms of the answer."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from kg import query as querying
from kg.endpoint import Endpoint
from kg.errors import DataFileError, EndpointError, InputError, QueryError
from kg.query import (
    PARAMETER_TYPES,
    Query,
    bind,
    find_query,
    load_queries,
    open_graph,
    parse_query,
    run_query,
    term_text,
    to_term,
    unknown_names,
)
from kg.rows import Rows

GRAPH = Path(__file__).parent / "queries" / "graph.ttl"
ECHO = """# What is given back?
# param text (string) -- any text
SELECT ?text WHERE { VALUES ?text { "x" } }
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return open_graph(GRAPH)


# Heads


def test_a_head_is_question_and_parameters_and_may_say_more() -> None:
    query = parse_query(
        "# Which?\n#\n# param n (integer) -- how many\n#\n# A note\n# of two lines.\n\nSELECT * { VALUES ?n { 3 } }"
    )
    (parameter,) = query.parameters
    assert (query.question, query.form) == ("Which?", "SELECT")
    assert (parameter.name, parameter.type, parameter.meaning) == ("n", "integer", "how many")
    assert parameter.default == ox.Literal(3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Q?\n# param n -- no type\nASK { VALUES ?n { 1 } }", "not of the form"),
        ("# Q?\n# param n (integer)\nASK { VALUES ?n { 1 } }", "not of the form"),
        ("# Q?\n# param n (integer) = 1 -- x\nASK { VALUES ?n { 1 } }", "not of the form"),
        ("# Q?\n# param n (number) -- x\nASK { VALUES ?n { 1 } }", "types are name, string, integer, decimal, iri"),
        ("# Q?\n# param n (integer) -- x\nASK { }", "needs one default, written VALUES"),
        ("# Q?\n# param n (integer) -- x\nASK { VALUES ?n { 1 2 } }", "needs one default"),
        ("# Q?\n# param n (integer) -- x\nASK { VALUES ?n { 1 } VALUES ?n { 2 } }", "found 1 and 2"),
        ("# Q?\n# param n (integer) -- x\nASK { # VALUES ?n { 1 }\n }", "found none"),
        ("# Q?\n# param n (integer) -- x\nASK { ?s ?p 'VALUES ?n { 1 }' }", "found none"),
        ("# Q?\n# param n (integer) -- x\nASK { VALUES ?n { UNDEF } }", "not a whole number"),
        ("# Q?\n# param n (integer) -- x\nASK { VALUES ?n { 'one' } }", "takes a whole number"),
        ("# Q?\n# param n (integer) -- x\nASK { VALUES ?n { ?x } }", "no term"),
        ("# Q?\n# param n (iri) -- x\nASK { VALUES ?n { 'urn:a' } }", "not an absolute IRI"),
        ("# Q?\n# param n (integer) -- x\n# param n (integer) -- x\nASK { VALUES ?n { 1 } }", "declared twice"),
    ],
)  # fmt: skip
def test_a_wrong_head_is_refused(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse_query(text)


def test_every_wrong_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.rq").write_text("ASK {}")
    (tmp_path / "b.rq").write_text("# Right?\nASK {}")
    (tmp_path / "c.rq").write_text("# Right?\nDROP ALL")
    (tmp_path / "d.rq").write_text("# param n (integer) -- x\n# Late?\nASK { VALUES ?n { 1 } }")
    monkeypatch.setattr(querying, "resource", lambda _: tmp_path)
    with pytest.raises(DataFileError) as caught:
        load_queries()
    assert [problem[:5] for problem in caught.value.problems] == ["a.rq:", "c.rq:", "d.rq:"]


def test_the_same_block_in_two_places_takes_the_same_value() -> None:
    query = parse_query("# Q?\n# param n (integer) -- x\nASK { VALUES ?n { 1 } { VALUES $n{1} } }")
    assert bind(query, {"n": 23}).count("23") == 2


# Values


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("integer", "42", ox.Literal(42)),
        ("integer", -1, ox.Literal(-1)),
        ("decimal", "0.5", ox.Literal("0.5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))),
        ("decimal", Decimal("7"), ox.Literal("7", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))),
        ("string", "", ox.Literal("")),
        ("name", "C*-algebra", ox.Literal("C*-algebra")),
        ("iri", "urn:a", ox.NamedNode("urn:a")),
    ],
)  # fmt: skip
def test_a_value_becomes_a_term_of_its_type(kind: str, value: str | int | Decimal, term: ox.Literal) -> None:
    assert to_term(value, kind, name="p") == term


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("integer", value) for value in ("", "x", "1.5", "1 } DROP ALL", "१", "1\n")),
        *(("decimal", value) for value in ("", "x", "1e5", ".", "NaN", "1; DROP ALL", "0.5\n")),
        *(("name", value) for value in ("", "  \n")),
        *(("iri", value) for value in ("", "a", "urn:a> } ; DROP ALL #", "http://a b", "http://a/\\u003E")),
        *((kind, "\udcff") for kind in PARAMETER_TYPES),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises(QueryError, match="parameter p takes"):
        to_term(value, kind, name="p")


def test_a_parameter_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(QueryError, match=r"no parameter 'data'; it has: dataset"):
        bind(find_query("papers-on-dataset"), {"data": "CIFAR-10"})


ATTACKS = [
    '" } ; DROP ALL #',
    "' } ; DROP ALL #",
    "\\",
    '\\"',
    '\\\\" } #',
    "\\u0022 } ; DROP ALL #",
    "\\U00000022 } #",
    "\\\\u0022",
    "\\u005C",
    "\\u005Cu0022",
    "\\u00410042",
    '"""',
    "'''",
    "\n\r\t",
    "}\n#",
    "<urn:a> ?x $y _:b",
    "x\x00\x07\x7f\u2028\ufeff\U0001f600",
    "VALUES ?text { 1 }",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_a_text_is_only_ever_that_text(text: str, sparql_server: str) -> None:
    query = parse_query(ECHO)
    for source in (ox.Store(), rdflib.Graph(), Endpoint.from_url(sparql_server)):
        assert run_query(query, source, {"text": text}).values() == [(text,)]


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\\uU"0025C')))
def test_any_text_comes_back_from_every_engine(text: str) -> None:
    query = parse_query(ECHO)
    for source in (ox.Store(), rdflib.Graph()):
        assert run_query(query, source, {"text": text}).values() == [(text,)]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_language_and_a_datatype_are_kept(text: str) -> None:
    for literal in (ox.Literal(text, language="en"), ox.Literal(text, datatype=ox.NamedNode("urn:type"))):
        rows = Rows.from_result(ox.Store().query(f"SELECT * {{ VALUES ?x {{ {term_text(literal)} }} }}"))
        assert rows.rows == ((literal,),)


# What a user may give


def test_a_query_is_a_name_a_file_or_a_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.rq"
    path.write_text("\ufeffSELECT ?x WHERE { ?x a kg:Paper }", encoding="utf-8")
    assert find_query("datasets-by-papers").question
    assert find_query(str(path)).name == "mine"
    assert find_query("ASK{}").name == "query"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("select * {}", "SELECT"),
        ("BASE <urn:x> PREFIX a: <urn:a#> # ask\nAsK {}", "ASK"),
        ("PREFIX select: <urn:a> CONSTRUCT WHERE {}", "CONSTRUCT"),
        ("PREFIX : <urn:a#> describe :x", "DESCRIBE"),
    ],
)
def test_the_form_of_a_query_is_known(text: str, form: str) -> None:
    assert parse_query(text).form == form


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DROP ALL", "an update (DROP)"),
        ("PREFIX a: <urn:a> insert data { a:b a:c 1 }", "an update (INSERT)"),
        ("WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "an update (WITH)"),
        ("papers please", "no SPARQL query"),
        ("# a comment alone\n{", "no SPARQL query"),
    ],
)
def test_what_is_no_question_is_refused(text: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        find_query(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        "{" * 5000 + "}" * 5000,
        "{ FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
        "{ FILTER(1<" + "(" * 5000 + "1" + ")" * 5000 + "&&2>1) }",
        "{ FILTER(" + "!" * 20_000 + "true) }",
        "{ " + "[ <urn:a> " * 5000 + "1" + "]" * 5000 + " }",
        "{ " + "<< " * 5000 + "<urn:a> <urn:b> 1" + " >> <urn:b> 1" * 5000 + " }",
    ],
)
def test_a_query_that_would_overflow_the_parsers_stack_is_refused(pattern: str) -> None:
    with pytest.raises(QueryError, match="nested more than 100 levels deep"):
        find_query(f"SELECT * WHERE {pattern}")


def test_a_query_may_have_many_brackets_beside_each_other_and_in_texts(store: ox.Store) -> None:
    groups = "{ ?s ?p ?o FILTER(?o != <urn:a_(b)> && ?o != '((((') } " * 200
    run_query(f"SELECT * WHERE {{ {groups} FILTER(?s != '{'{' * 200}') }} LIMIT 0", store)
    run_query(f"SELECT * WHERE {'{' * 100}{'}' * 100}", store)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(QueryError, match=r"did you mean papers-on-dataset"):
        find_query("paper-on-dataset")
    with pytest.raises(QueryError, match=r"`kg queries` lists them"):
        find_query("xyzzy")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x80"])
def test_a_file_that_is_no_text_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "q.rq").write_bytes(data)
    with pytest.raises(InputError, match="cannot be read as a query"):
        find_query(str(tmp_path / "q.rq"))


@pytest.mark.parametrize("engine", ["oxigraph", "rdflib"])
@pytest.mark.parametrize("text", ["SELECT ?x WHERE {", "SELECT ?x { ?x nope:y 1 }", "SELECT (NOPE(1) AS ?x) {}"])
def test_a_wrong_query_is_an_error_of_the_query(engine: querying.Engine, text: str) -> None:
    with pytest.raises(QueryError, match=r"^query: "):
        run_query(parse_query(text), open_graph(GRAPH, engine=engine))


def test_known_prefixes_need_no_declaration_and_own_ones_win(store: ox.Store) -> None:
    assert len(run_query("SELECT ?x WHERE { ?x a kg:Paper }", store)) == 5
    assert len(run_query("PREFIX kg: <urn:other#> SELECT ?x WHERE { ?x a kg:Paper }", store)) == 0
    assert parse_query("SELECT * { ?x ?y 'kg:Paper' } # kg:Paper").text.startswith("SELECT")


# Answers


@pytest.mark.parametrize("engine", ["oxigraph", "rdflib", "endpoint"])
@pytest.mark.parametrize(
    ("text", "columns", "values"),
    [
        ("ask { }", ("answer",), [(True,)]),
        ("ASK { ?s <urn:nothing> ?o }", ("answer",), [(False,)]),
        (
            "CONSTRUCT { <urn:s> <urn:p> ?n } WHERE { VALUES ?n { 2 1 1 } }",
            ("subject", "predicate", "object"),
            [("urn:s", "urn:p", 1), ("urn:s", "urn:p", 2)],
        ),
        ("DESCRIBE <urn:nothing>", ("subject", "predicate", "object"), []),
        (
            "SELECT * { VALUES (?a ?b ?c) { (1.50 'x'@en true) (UNDEF <urn:x> 'many'^^xsd:integer) } } ORDER BY ?a",
            ("a", "b", "c"),
            [(None, "urn:x", "many"), (Decimal("1.5"), "x", True)],
        ),
    ],
)
def test_every_form_is_answered_alike(
    engine: str, text: str, columns: tuple[str, ...], values: list[tuple[object, ...]], sparql_server: str
) -> None:
    sources: dict[str, querying.Queryable] = {
        "oxigraph": ox.Store(),
        "rdflib": rdflib.Graph(),
        "endpoint": Endpoint.from_url(sparql_server),
    }
    rows = run_query(parse_query(text), sources[engine])
    assert sorted(rows.columns) == sorted(columns)
    assert [dict(zip(rows.columns, row, strict=True)) for row in rows.values()] == [
        dict(zip(columns, row, strict=True)) for row in values
    ]


TERMS = (
    ox.NamedNode("urn:a"),
    ox.BlankNode("b"),
    ox.Literal("plain"),
    ox.Literal('say "hi",\nplease', language="en"),
    ox.Literal(3),
    None,
)


def test_csv_is_that_of_the_standard() -> None:
    rows = Rows(tuple("abcdef"), (TERMS,))
    assert rows.to_csv() == 'a,b,c,d,e,f\r\nurn:a,_:b,plain,"say ""hi"",\nplease",3,\r\n'


def test_json_is_that_of_the_standard() -> None:
    rows = Rows(tuple("abcdef"), (TERMS,))
    assert Rows.from_result(ox.parse_query_results(rows.to_json(), format=ox.QueryResultsFormat.JSON)) == rows
    answer = Rows(("answer",), ((ox.Literal(value=True),),), "answer")
    assert json.loads(answer.to_json()) == {"head": {}, "boolean": True}


def test_head_keeps_the_first_rows() -> None:
    rows = Rows(("n",), tuple((ox.Literal(n),) for n in range(5)))
    assert rows.head(2).values() == [(0,), (1,)]
    assert rows.head(9) == rows


@pytest.mark.parametrize(
    ("values", "unknown"),
    [
        ({"dataset": "cifar-10"}, {}),
        ({"dataset": "CIFAR 10"}, {"dataset": "CIFAR-10"}),
        ({"dataset": "CIFAR-1O"}, {"dataset": "CIFAR-10"}),
        ({"dataset": "xyzzy"}, {"dataset": None}),
    ],
)
def test_an_unknown_thing_is_told_with_what_is_near(
    values: dict[str, str], unknown: dict[str, str | None], store: ox.Store
) -> None:
    found = unknown_names(find_query("papers-on-dataset"), store, values)
    assert {name: (near[0] if near else None) for name, near in found.items()} == unknown


def test_a_paper_is_suggested_by_its_title(store: ox.Store) -> None:
    query: Query = find_query("paper")
    near = unknown_names(query, store, {"title": "A survey of activation function"})
    assert near["title"][0] == "A Survey of Activation Functions"


# Endpoints


@pytest.mark.parametrize(
    ("status", "media_type", "body", "said"),
    [
        (200, "text/html", b"<html>hello</html>", "answered text/html, not SPARQL results"),
        (200, "application/sparql-results+json", b"{}", "not SPARQL results"),
        (400, "text/plain", b"error at 1:5", "HTTP 400: the server does not accept the request: error at 1:5"),
        (404, "text/plain", b"", "HTTP 404: nothing is served there"),
        (500, "text/plain", "é'\"".encode(), "HTTP 500: the server failed: é'\""),
        (503, "text/plain", b"busy", "HTTP 503: the server is overloaded"),
    ],
)
def test_a_bad_answer_is_told(status: int, media_type: str, body: bytes, said: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(EndpointError) as caught:
            run_query("ASK {}", Endpoint.from_url(f"http://127.0.0.1:{server.server_port}"))
        thread.join()
    assert said in str(caught.value)
    assert caught.value.status == (None if status == 200 else status)


def test_a_wrong_query_is_told_in_the_servers_words(sparql_server: str) -> None:
    with pytest.raises(EndpointError, match=r"HTTP 400.*error at 1:"):
        run_query(parse_query("SELECT ?x WHERE {"), Endpoint.from_url(sparql_server))
