"""Loading into a real Oxigraph server, with and without the Graph Store Protocol."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import uuid4

import pyoxigraph as ox
import pytest

from kg import load as loading
from kg.endpoint import Endpoint
from kg.errors import EndpointError, InputError
from kg.load import load
from kg.query import open_graph, run_query
from kg.write import read_store

GRAPH = Path(__file__).parent / "queries" / "graph.ttl"
TRIPLES = len(read_store(GRAPH))

Answer = Callable[[BaseHTTPRequestHandler], bool]


@contextmanager
def served(answer: Answer, target: str = "") -> Iterator[str]:
    """Serve on a free loopback port: what `answer` does not handle (returns False) is forwarded to `target`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if answer(self):
                return
            headers = {name: self.headers[name] for name in ("Content-Type", "Accept") if name in self.headers}
            url = f"{target}{self.path}"  # of the test's own server
            request = urllib.request.Request(url, body, headers, method=self.command)  # noqa: S310
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                reply(self, response.status, response.read(), response.headers.get("Content-Type", "text/plain"))

        do_PUT = do_POST  # noqa: N815  # named by http.server

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", media_type: str = "text/plain") -> bool:
    handler.send_response(status)
    handler.send_header("Content-Type", media_type)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if status != 204:
        handler.wfile.write(body)
    return True


@pytest.fixture
def endpoint(sparql_server: str) -> Endpoint:
    """Give a named graph of its own on the server."""
    return Endpoint.from_url(sparql_server, graph_iri=f"urn:uuid:{uuid4()}")


def test_a_graph_arrives_whole(endpoint: Endpoint) -> None:
    report = load(GRAPH, endpoint)
    assert (report.protocol, report.sent, report.requests) == ("graph store", TRIPLES, 1)
    assert (report.before, report.after, report.replaced) == (0, TRIPLES, False)
    titles = "SELECT ?title WHERE { ?paper a kg:Paper ; schema:name ?title } ORDER BY ?title"
    assert run_query(titles, endpoint) == run_query(titles, open_graph(GRAPH))


def test_loading_again_changes_nothing(endpoint: Endpoint) -> None:
    load(GRAPH, endpoint)
    report = load(GRAPH, endpoint)
    assert (report.before, report.after) == (TRIPLES, TRIPLES)


def test_loading_adds_unless_told_to_replace(endpoint: Endpoint, tmp_path: Path) -> None:
    other = tmp_path / "other.nt"
    other.write_text("<urn:a> <urn:b> <urn:c> .\n")
    load(GRAPH, endpoint)
    assert load(other, endpoint).after == TRIPLES + 1
    report = load(other, endpoint, replace=True)
    assert (report.before, report.after, report.replaced) == (TRIPLES + 1, 1, True)


def test_named_and_default_graph_are_kept_apart(sparql_server: str, endpoint: Endpoint) -> None:
    default = Endpoint.from_url(sparql_server)
    load(GRAPH, endpoint)
    assert load(GRAPH, default, replace=True).after == TRIPLES
    assert load(GRAPH, endpoint).after == TRIPLES


@pytest.mark.parametrize("status", [404, 405, 415, 501])
@pytest.mark.parametrize("replace", [False, True])
def test_a_store_without_the_graph_store_protocol_gets_updates(
    endpoint: Endpoint, sparql_server: str, monkeypatch: pytest.MonkeyPatch, status: int, replace: bool
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 250)

    def no_store(handler: BaseHTTPRequestHandler) -> bool:
        return handler.path.startswith("/store") and reply(handler, status)

    load(GRAPH, endpoint)
    with served(no_store, sparql_server) as address:
        report = load(GRAPH, Endpoint.from_url(address, graph_iri=endpoint.graph_iri), replace=replace)
    assert report.protocol == "update"
    assert report.requests == -(-TRIPLES // 250) + replace
    assert (report.before, report.after) == (TRIPLES, TRIPLES)


def test_updates_carry_every_character(endpoint: Endpoint, sparql_server: str) -> None:
    texts = ["\\u0022 } ; DROP ALL #", "\\\\u005C", 'a "quoted"\r\n\ttext', "\x07é\u2028\U0001f600", "\\", "it's <b>"]
    store = ox.Store()
    for number, text in enumerate(texts):
        store.add(ox.Quad(ox.NamedNode(f"urn:s{number}"), ox.NamedNode("urn:p"), ox.Literal(text)))
    with served(lambda handler: handler.path.startswith("/store") and reply(handler, 405), sparql_server) as address:
        load(store, Endpoint.from_url(address, graph_iri=endpoint.graph_iri))
    rows = run_query("SELECT ?text WHERE { ?s <urn:p> ?text } ORDER BY ?s", endpoint)
    assert [text for (text,) in rows.values()] == texts


def test_blank_nodes_are_not_torn_apart_by_updates(endpoint: Endpoint, tmp_path: Path) -> None:
    path = tmp_path / "blank.ttl"
    path.write_text("<urn:a> <urn:b> [ <urn:c> <urn:d> ] .")
    with (
        served(
            lambda handler: handler.path.startswith("/store") and reply(handler, 405), endpoint.query_url[:-6]
        ) as url,
        pytest.raises(EndpointError, match="blank nodes"),
    ):
        load(path, Endpoint.from_url(url))
    assert load(path, endpoint).after == 2


def test_a_store_that_loses_triples_is_found_out(sparql_server: str) -> None:
    def swallow(handler: BaseHTTPRequestHandler) -> bool:
        return handler.path.startswith("/store") and reply(handler, 204)

    with (
        served(swallow, sparql_server) as address,
        pytest.raises(EndpointError, match=rf"was sent {TRIPLES} and now has 0"),
    ):
        load(GRAPH, Endpoint.from_url(address, graph_iri=f"urn:uuid:{uuid4()}"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "HTTP 401: the server asks for a login: no"),
        (403, "HTTP 403"),
        (413, "too large for one request"),
        (500, "HTTP 500: the server failed: no"),
        (503, "HTTP 503"),
    ],
)
def test_a_refusal_is_told_with_status_and_hint(sparql_server: str, status: int, said: str) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> bool:
        return handler.path.startswith("/store") and reply(handler, status, b"no")

    with served(refuse, sparql_server) as address, pytest.raises(EndpointError, match=said) as caught:
        load(GRAPH, Endpoint.from_url(address))
    assert caught.value.status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("service", ["/store", "/query"])
def test_a_redirect_is_named_not_followed(sparql_server: str, status: int, service: str) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> bool:
        if not handler.path.startswith(service):
            return False
        handler.send_response(status)
        handler.send_header("Location", f"{sparql_server}/query?query=ASK%7B%7D")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return True

    with served(redirect, sparql_server) as address, pytest.raises(EndpointError, match="redirects to"):
        load(GRAPH, Endpoint.from_url(address))


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(EndpointError, match="is the server running"):
        load(GRAPH, Endpoint.from_url("http://127.0.0.1:9"))


def test_a_slow_server_is_given_up() -> None:
    release = threading.Event()
    with served(lambda _: release.wait(10)) as address:
        try:
            with pytest.raises(EndpointError, match="no answer in time"):
                load(GRAPH, Endpoint.from_url(address, timeout=1))
        finally:
            release.set()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.ttl", None, "no such file"),
        ("empty.ttl", "", "holds no triples"),
        ("broken.ttl", "<urn:a> <urn:b> .", "broken.ttl:1"),
        ("graph.txt", "x", "suffix"),
    ],
)
def test_a_file_that_is_no_graph_never_leaves(
    sparql_server: str, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=said):
        load(path, Endpoint.from_url(sparql_server))


@pytest.mark.parametrize(
    ("url", "query_url", "update_url", "store_url"),
    [
        ("http://h", "http://h/query", "http://h/update", "http://h/store"),
        ("http://h:7878/", "http://h:7878/query", "http://h:7878/update", "http://h:7878/store"),
        ("http://h/query", "http://h/query", "http://h/update", "http://h/store"),
        ("https://h/ds/sparql", "https://h/ds/sparql", "https://h/ds/update", "https://h/ds/store"),
        (
            "http://[::1]:3030/ds",
            "http://[::1]:3030/ds/query",
            "http://[::1]:3030/ds/update",
            "http://[::1]:3030/ds/store",
        ),
    ],
)
def test_services_are_found_from_one_address(url: str, query_url: str, update_url: str, store_url: str) -> None:
    endpoint = Endpoint.from_url(url)
    assert (endpoint.query_url, endpoint.update_url, endpoint.store_url) == (query_url, update_url, store_url)


def test_a_service_that_is_named_is_where_it_is_named() -> None:
    endpoint = Endpoint.from_url(
        "http://h", query_url="http://q/a", update_url="http://u/b", store_url="http://s/c?x=1"
    )
    assert (endpoint.query_url, endpoint.update_url) == ("http://q/a", "http://u/b")
    assert endpoint.graph_url == "http://s/c?x=1&default"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:7878",
        "ftp://h/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://h:x",
        "http://h/a b",
    ],
)
def test_an_address_that_is_not_http_is_refused(url: str) -> None:
    with pytest.raises(EndpointError, match="not an http or https address"):
        Endpoint.from_url(url)


def test_a_login_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(EndpointError, match="login") as caught:
        Endpoint.from_url("http://user:secret@h/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("graph_iri", ["", "no iri", "urn:a>b"])
def test_a_graph_name_that_is_no_iri_is_refused(graph_iri: str) -> None:
    with pytest.raises(EndpointError, match="not an absolute IRI"):
        Endpoint.from_url("http://h", graph_iri=graph_iri)


@pytest.mark.parametrize(
    ("variables", "bindings", "said"),
    [
        ("count", [], "nothing"),
        ("count", [{"count": "many"}], "'many'"),
        ("count", [{"count": "-1"}], "'-1'"),
        ("count other", [{"count": "1", "other": "2"}], "'1', '2'"),
        ("count", [{"count": "1"}, {"count": "2"}], "'1', '2'"),
    ],
)
def test_a_count_that_is_none_is_told(variables: str, bindings: list[dict[str, str]], said: str) -> None:
    rows = [{name: {"type": "literal", "value": value} for name, value in row.items()} for row in bindings]
    body = json.dumps({"head": {"vars": variables.split()}, "results": {"bindings": rows}}).encode()

    def answer(handler: BaseHTTPRequestHandler) -> bool:
        return reply(handler, 200, body, "application/sparql-results+json")

    with served(answer) as url, pytest.raises(EndpointError, match=f"the number of its triples and answered {said};"):
        load(GRAPH, Endpoint.from_url(url))
