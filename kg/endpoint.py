"""Talk to a triplestore over HTTP: where its services are, how a query is asked, what is said when it fails.

A store has three services: queries and updates (SPARQL 1.1 Protocol) and whole graphs (Graph Store HTTP Protocol).
"""

from __future__ import annotations

import ast
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import pyoxigraph as ox

from kg.errors import EndpointError

if TYPE_CHECKING:
    from email.message import Message

    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    from kg.rows import Rows

TIMEOUT = 30
"""Seconds to wait for an answer unless the caller says otherwise."""

_HINTS = {
    400: "the server does not accept the request",
    401: "the server asks for a login",
    403: "the server does not allow this",
    404: "nothing is served there; is the address that of the service?",
    405: "the server does not offer this operation there",
    413: "the graph is too large for one request",
    503: "the server is overloaded or the query ran too long",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A triplestore: the addresses of its services, the graph to work on, and how long to wait."""

    query_url: str
    update_url: str
    store_url: str
    graph_iri: str | None = None
    """A named graph; None is the default graph."""
    timeout: int = TIMEOUT
    """Seconds."""

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        query_url: str | None = None,
        update_url: str | None = None,
        store_url: str | None = None,
        graph_iri: str | None = None,
        timeout: int = TIMEOUT,
    ) -> Endpoint:
        """Find the services from a server's address, or from that of its query service (`…/query` or `…/sparql`).

        What is not named is taken to be `query`, `update` and `store` under the address, as Oxigraph has them.
        Raises EndpointError for an address that is not http(s), or that holds a login.

        >>> Endpoint.from_url("http://localhost:7878").store_url
        'http://localhost:7878/store'
        >>> Endpoint.from_url("http://localhost:7878/sparql").query_url
        'http://localhost:7878/sparql'
        """
        for address in (url, query_url, update_url, store_url):
            if address is not None:
                _check_address(address)
        if graph_iri is not None:
            try:
                ox.NamedNode(graph_iri)
            except ValueError as error:
                raise EndpointError(f"the graph's name {graph_iri!r} is not an absolute IRI", endpoint=url) from error
        if timeout <= 0:
            raise EndpointError(f"the time-out is {timeout}; it is a number of seconds above 0", endpoint=url)
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        parent, _, last = path.rpartition("/")
        is_query_url = last in ("query", "sparql")
        root = parent if is_query_url else path

        def service(name: str) -> str:
            return urlunsplit(parts._replace(path=f"{root}/{name}", query="", fragment=""))

        return cls(
            query_url=query_url or (url if is_query_url else service("query")),
            update_url=update_url or service("update"),
            store_url=store_url or service("store"),
            graph_iri=graph_iri,
            timeout=timeout,
        )

    @property
    def graph_url(self) -> str:
        """The address of the graph itself under the Graph Store HTTP Protocol."""
        selector = "default" if self.graph_iri is None else f"graph={quote(self.graph_iri, safe='')}"
        return f"{self.store_url}{'&' if '?' in self.store_url else '?'}{selector}"


def ask(endpoint: Endpoint, text: str, form: str) -> Rows:
    """Ask the query `text` of the form `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`, by POST.

    Raises EndpointError with the server's own words when it does not answer, refuses, redirects, or answers something
    else than SPARQL results.
    """
    from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

    from kg.rows import Rows

    url = endpoint.query_url
    wrapper = SPARQLWrapper(url, defaultGraph=endpoint.graph_iri)
    # Its own guess of the query's form takes only upper-case keywords and warns otherwise, so both are set here.
    wrapper.queryString, wrapper.queryType = text, form
    wrapper.setReturnFormat(JSON if form in ("SELECT", "ASK") else TURTLE)
    wrapper.setOnlyConneg(True)
    wrapper.setMethod(POST)
    wrapper.setTimeout(endpoint.timeout)
    try:
        with wrapper.query().response as response:
            final_url, media_type, body = response.geturl(), response.headers.get_content_type(), response.read()
    except SPARQLExceptions.SPARQLWrapperException as error:
        raise _wrapper_failure(error, url) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise failure(error, url) from error
    if final_url != url:  # urllib follows a redirected POST as a GET that has lost its query
        raise EndpointError(f"redirects to {final_url}; give that address", endpoint=url)
    try:
        if form in ("SELECT", "ASK"):
            return Rows.from_result(ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON))
        rdf_format = ox.RdfFormat.from_media_type(media_type) or ox.RdfFormat.TURTLE
        return Rows.from_result([quad.triple for quad in ox.parse(body, format=rdf_format, base_iri=url)])
    except (SyntaxError, ValueError) as error:
        message = f"answered {media_type}, not SPARQL results; is this a query service? ({_excerpt(str(error))})"
        raise EndpointError(message, endpoint=url) from error


def send(endpoint: Endpoint, method: str, url: str, body: bytes | IO[bytes], media_type: str) -> None:
    """Send `body` to `url`; a file is streamed from its present position.

    Raises EndpointError as `ask` does.
    """
    headers = {"Content-Type": media_type, "User-Agent": "paper-kg"}
    if not isinstance(body, bytes):
        start = body.tell()
        headers["Content-Length"] = str(body.seek(0, 2) - start)
        body.seek(start)
    request = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310  # http(s), checked
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=endpoint.timeout) as response:
            response.read()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise failure(error, url) from error


def failure(error: Exception, url: str) -> EndpointError:
    """Say what went wrong on the way to `url`, from whatever urllib raised."""
    if isinstance(error, urllib.error.HTTPError):
        with error:
            location = error.headers.get("Location")
            if error.code in (301, 302, 303, 307, 308) and location:
                message = f"redirects to {location}; give that address"
                return EndpointError(message, endpoint=url, status=error.code)
            words = _excerpt(error.read(2000).decode("utf-8", "replace"))
            return EndpointError(_refusal(error.code, words), endpoint=url, status=error.code)
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        return EndpointError("no answer in time; allow more seconds with a longer time-out", endpoint=url)
    return EndpointError(f"no answer ({reason}); is the server running?", endpoint=url)


def _wrapper_failure(error: SPARQLWrapperException, url: str) -> EndpointError:
    """Undo SPARQLWrapper's wrapping of an HTTP error, which keeps the body only as the repr of its bytes."""
    http_error = error.__context__
    if not isinstance(http_error, urllib.error.HTTPError):
        return EndpointError(_excerpt(str(error)), endpoint=url)
    with http_error:
        body = str(error).partition("Response:\n")[2]
        words = _excerpt(ast.literal_eval(body).decode("utf-8", "replace")) if body else ""
        return EndpointError(_refusal(http_error.code, words), endpoint=url, status=http_error.code)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse every redirect: following one would drop the body or send it somewhere unsaid."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        login = parts.username is not None
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        login, known = False, False
    if login:
        raise EndpointError("an address with a login in it is not accepted", endpoint=url.rpartition("@")[2])
    if not known or any(character.isspace() or ord(character) < 32 for character in url):
        raise EndpointError("not an http or https address, such as http://localhost:7878", endpoint=repr(url))


def _refusal(status: int, words: str) -> str:
    hint = _HINTS.get(status, "the server failed" if status >= 500 else "the server refuses")
    return f"HTTP {status}: {hint}" + (f": {words}" if words else "")


def _excerpt(text: str, length: int = 300) -> str:
    words = " ".join(text.split())
    return words if len(words) <= length else f"{words[:length]}…"
