"""Send a graph to a triplestore, and check that it arrived.

1. The graph is read here first, so a file that is not well-formed never leaves this machine.
2. It goes in one request of the Graph Store HTTP Protocol: POST adds it to what the store's graph holds, PUT replaces
   that.
3. A store without that protocol gets it as SPARQL updates, `INSERT DATA` in chunks.
4. The triples of the store's graph are counted before and after; a count that cannot be right is an error.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

import pyoxigraph as ox

from kg.endpoint import Endpoint, send
from kg.errors import EndpointError, InputError
from kg.query import parse_query, run_query, term_text
from kg.rows import text_of
from kg.write import read_store

Route: TypeAlias = Literal["graph store", "update"]

CHUNK = 5_000
"""Triples in one INSERT DATA, about a megabyte."""

_NOT_OFFERED = (404, 405, 406, 415, 501)
"""What servers without the Graph Store Protocol answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did."""

    endpoint: Endpoint
    protocol: Route
    replaced: bool
    """True when the graph's former triples were removed, False when ours were added to them."""
    sent: int
    """Distinct triples of the file."""
    requests: int
    """Requests that changed the store."""
    before: int
    """Triples in the store's graph before."""
    after: int
    """Triples in the store's graph afterwards."""


def load(data: str | Path | ox.Store, endpoint: Endpoint, *, replace: bool = False) -> LoadReport:
    """Send a graph file (or a store's default graph) to the endpoint's graph, adding to it or replacing it.

    Raises InputError when the file cannot be read, EndpointError when the store does not take the graph or its count
    afterwards is not what it must be.
    """
    store = data if isinstance(data, ox.Store) else read_store(data)
    sent = len(store)
    if not sent:
        raise InputError("holds no triples; there is nothing to load", place=str(data))
    before = _count(endpoint)
    protocol: Route = "graph store"
    try:
        requests = _put_graph(store, endpoint, replace=replace)
    except EndpointError as error:
        if error.status not in _NOT_OFFERED:
            raise
        protocol = "update"
        requests = _insert_data(store, endpoint, replace=replace)
    after = _count(endpoint)
    least, most = (sent, sent) if replace else (max(before, sent), before + sent)
    if not least <= after <= most:
        expected = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        message = f"had {before:,} triples, was sent {sent:,} and now has {after:,}, where {expected} would be right"
        if endpoint.graph_iri is None:
            message += "; if its default graph is the union of all graphs, name a graph"
        raise EndpointError(message, endpoint=endpoint.query_url)
    return LoadReport(
        endpoint=endpoint,
        protocol=protocol,
        replaced=replace,
        sent=sent,
        requests=requests,
        before=before,
        after=after,
    )


def _count(endpoint: Endpoint) -> int:
    rows = run_query(_COUNT, endpoint)
    cells = [text_of(term) for row in rows.rows for term in row if term is not None]
    if len(cells) != 1 or not re.fullmatch("[0-9]+", cells[0]):
        answer = ", ".join(map(repr, cells[:3])) or "nothing"
        message = f"was asked for the number of its triples and answered {answer}; is this a query service?"
        raise EndpointError(message, endpoint=endpoint.query_url)
    return int(cells[0])


_COUNT = parse_query("SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }", name="count")


def _put_graph(store: ox.Store, endpoint: Endpoint, *, replace: bool) -> int:
    with tempfile.TemporaryFile() as file:
        store.dump(file, format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        file.seek(0)
        method = "PUT" if replace else "POST"
        send(endpoint, method, endpoint.graph_url, file, ox.RdfFormat.N_TRIPLES.media_type)
    return 1


def _insert_data(store: ox.Store, endpoint: Endpoint, *, replace: bool) -> int:
    if any(isinstance(term, ox.BlankNode) for quad in store for term in (quad.subject, quad.object)):
        message = "takes no whole graphs, and the file's blank nodes would not stay the same over several updates"
        raise EndpointError(message, endpoint=endpoint.store_url)
    requests = 0
    for requests, update in enumerate(_updates(store, endpoint.graph_iri, replace=replace), 1):  # noqa: B007
        send(endpoint, "POST", endpoint.update_url, update.encode(), "application/sparql-update")
    return requests


def _updates(store: ox.Store, graph_iri: str | None, *, replace: bool) -> Iterator[str]:
    clause = f"GRAPH {ox.NamedNode(graph_iri)}" if graph_iri else ""
    if replace:
        yield f"CLEAR SILENT {clause or 'DEFAULT'}"
    quads = iter(store)
    while chunk := list(islice(quads, CHUNK)):
        lines = "\n".join(
            f"{term_text(quad.subject)} {term_text(quad.predicate)} {term_text(quad.object)} ." for quad in chunk
        )
        yield f"INSERT DATA {{ {clause} {{\n{lines}\n}} }}" if clause else f"INSERT DATA {{\n{lines}\n}}"
