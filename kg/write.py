"""Write triples to a file and read graph files back.

The Turtle is for people and for `diff`: subjects, predicates and objects sorted, `rdf:type` first, one block a subject,
addresses under the base relative to it. It is written here, because pyoxigraph's writer keeps the order it is given,
sets no blank line and escapes the slashes of our addresses; N-Triples and JSON-LD are pyoxigraph's. The same set of
triples gives the same bytes in each format.

A file appears whole or not at all: it is written beside its final place and moved there when complete.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import TypeAlias

import pyoxigraph
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from kg.errors import InputError, KGError, OutputError
from kg.iris import DEFAULT_BASE, PREFIXES

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

READABLE: Mapping[str, RdfFormat] = MappingProxyType(
    {
        ".ttl": RdfFormat.TURTLE,
        ".nt": RdfFormat.N_TRIPLES,
        ".jsonld": RdfFormat.JSON_LD,
        ".rdf": RdfFormat.RDF_XML,
        ".owl": RdfFormat.RDF_XML,
        ".xml": RdfFormat.RDF_XML,
    }
)
"""File suffix to the format that a graph is read in."""

WRITABLE: Mapping[str, str] = MappingProxyType({".ttl": "turtle", ".nt": "ntriples", ".jsonld": "jsonld"})
"""File suffix to the name of the format that a graph is written in."""

_NEXT_PREDICATE = " ;\n    "
_RDF_TYPE = f"<{PREFIXES['rdf']}type>"
_XSD_STRING = NamedNode(f"{PREFIXES['xsd']}string")
_RELATIVE = re.compile(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9-]+)*")
_LOCAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_TYPED = re.compile(r'"(.*)"\^\^(<.*>)', re.DOTALL)
_BARE = {
    f"<{PREFIXES['xsd']}integer>": re.compile(r"[+-]?[0-9]+"),
    f"<{PREFIXES['xsd']}decimal>": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"<{PREFIXES['xsd']}boolean>": re.compile(r"true|false"),
}


def to_turtle(triples: Iterable[Triple], *, base: str = DEFAULT_BASE) -> bytes:
    """Give the triples as sorted Turtle in UTF-8.

    >>> node, name = NamedNode("https://w3id.org/paper-kg/paper/x"), NamedNode("https://schema.org/name")
    >>> print(to_turtle([Triple(node, name, Literal("X"))]).decode().splitlines()[-1])
    <paper/x> schema:name "X" .
    """
    terms = _TurtleTerms(base)
    rows = _sorted_rows(triples)
    blocks = [terms.head()]
    for subject, of_subject in groupby(rows, key=lambda row: row[2]):
        lines = []
        for predicate, of_predicate in groupby(of_subject, key=lambda row: row[3]):
            objects = ", ".join([terms[row[4]] for row in of_predicate])
            lines.append(f"{'a' if predicate == _RDF_TYPE else terms[predicate]} {objects}")
        blocks.append(f"{terms[subject]} {_NEXT_PREDICATE.join(lines)} .\n")
    return "\n".join(blocks).encode()


def to_ntriples(triples: Iterable[Triple]) -> bytes:
    """Give the triples as sorted, canonical N-Triples in UTF-8."""
    return "".join(sorted({f"{triple} .\n" for triple in triples})).encode()


def to_jsonld(triples: Iterable[Triple]) -> bytes:
    """Give the triples as sorted JSON-LD in UTF-8, one object a subject."""
    ordered = pyoxigraph.parse(to_ntriples(triples), format=RdfFormat.N_TRIPLES)
    buffer = io.BytesIO()
    pyoxigraph.serialize((quad.triple for quad in ordered), buffer, format=RdfFormat.JSON_LD)
    return buffer.getvalue() + b"\n"


def write_graph(triples: Iterable[Triple], path: Path | str, *, base: str = DEFAULT_BASE) -> None:
    """Write the triples to a file in the format of its suffix, whole or not at all.

    Raises OutputError for a suffix that is not in `WRITABLE` and when the file cannot be written.
    """
    path = Path(path)
    form = WRITABLE.get(path.suffix.lower())
    if form == "turtle":
        data = to_turtle(triples, base=base)
    elif form == "ntriples":
        data = to_ntriples(triples)
    elif form == "jsonld":
        data = to_jsonld(triples)
    else:
        raise OutputError(_unknown_suffix(path, WRITABLE), place=str(path))
    write_atomically(path, data)


def write_atomically(path: Path | str, data: bytes) -> None:
    """Write a file whole or not at all: whatever interrupts it, the old file stays and nothing is left beside it.

    A link is followed, and what is no regular file (such as a pipe) is written to directly. Raises OutputError when
    the file cannot be written.
    """
    path = Path(path)
    try:
        target = path.resolve()
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)
        else:
            _replace(target, data)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(path)) from error


def read_store(path: Path | str) -> pyoxigraph.Store:
    """Read a graph file into an in-memory store, which answers SPARQL; raises InputError as `read_graph` does."""
    store = pyoxigraph.Store()
    with _readable(Path(path)) as form:
        store.bulk_load(path=path, format=form)
    return store


def read_graph(path: Path | str) -> rdflib.Graph:
    """Read a graph file, in the format of its suffix, as an rdflib graph with our prefixes.

    Raises InputError when there is no such file, its suffix is not in `READABLE`, or its content is not RDF of
    that format (with the line).
    """
    return to_rdflib(read_triples(path))


def read_triples(path: Path | str) -> list[Triple]:
    """Read the triples of a graph file, in file order; raises InputError as `read_graph` does."""
    with _readable(Path(path)) as form:
        return [quad.triple for quad in pyoxigraph.parse(path=path, format=form)]


def to_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """Give the triples as an rdflib graph with our prefixes."""
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    # Not normalised: a graph read and written again is the same graph, whatever its numbers look like.
    terms: dict[Term, rdflib.term.Node] = {}
    for triple in triples:
        graph.add((_rdflib(triple.subject, terms), _rdflib(triple.predicate, terms), _rdflib(triple.object, terms)))
    return graph


class _TurtleTerms(dict[str, str]):
    """Terms in N-Triples form to the shortest Turtle form under a base; each is worked out once."""

    def __init__(self, base: str) -> None:
        super().__init__()
        # Relative addresses replace what follows the last slash, so only such a base can be one.
        self._base = base if base.endswith("/") else None

    def head(self) -> str:
        base = f"@base <{self._base}> .\n" if self._base else ""
        return base + "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in sorted(PREFIXES.items()))

    def __missing__(self, term: str) -> str:
        short = self._literal(term) if term.startswith('"') else self._iri(term)
        if not term.startswith('"') or len(term) < 60:
            self[term] = short
        return short

    def _iri(self, term: str) -> str:
        iri = term[1:-1]
        for prefix, namespace in PREFIXES.items():
            if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(local := iri[len(namespace) :]):
                return f"{prefix}:{local}"
        if self._base and iri.startswith(self._base) and _RELATIVE.fullmatch(rest := iri[len(self._base) :]):
            return f"<{rest}>"
        return term

    def _literal(self, term: str) -> str:
        if not term.endswith(">") or (typed := _TYPED.fullmatch(term)) is None:
            return term
        value, datatype = typed.groups()
        if (bare := _BARE.get(datatype)) and bare.fullmatch(value):
            return value
        return f'"{value}"^^{self[datatype]}'


def _sorted_rows(triples: Iterable[Triple]) -> Sequence[tuple[str, str, str, str, str]]:
    """Give subject and predicate as they sort, then subject, predicate and object in N-Triples form."""
    rows = set()
    for triple in triples:
        # Without the closing bracket a paper comes before its text and authors, whose addresses go on from its own.
        subject, predicate = str(triple.subject).removesuffix(">"), str(triple.predicate)
        rows.add(
            (subject, "" if predicate == _RDF_TYPE else predicate, str(triple.subject), predicate, str(triple.object))
        )
    return sorted(rows)


def _replace(target: Path, data: bytes) -> None:
    # Beside the target, so that the move stays within one file system. Not `tempfile`: only the owner reads its files.
    temporary = target.with_name(f".{token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _rdflib(term: Term, terms: dict[Term, rdflib.term.Node]) -> rdflib.term.Node:
    if (known := terms.get(term)) is not None:
        return known
    if isinstance(term, NamedNode):
        node: rdflib.term.Node = rdflib.URIRef(term.value)
    elif isinstance(term, BlankNode):
        node = rdflib.BNode(term.value)
    elif isinstance(term, Triple):
        raise KGError(f"a statement about a statement (RDF 1.2) does not fit in an rdflib graph: {term}")
    elif term.language:
        node = rdflib.Literal(term.value, lang=term.language)
    else:
        datatype = None if term.datatype == _XSD_STRING else rdflib.URIRef(term.datatype.value)
        node = rdflib.Literal(term.value, datatype=datatype, normalize=False)
    terms[term] = node
    return node


@contextmanager
def _readable(path: Path) -> Iterator[RdfFormat]:
    """Give the format of a graph file, and name the file in whatever goes wrong while it is read."""
    if not path.exists():
        raise InputError("there is no such file; give the path of a graph that was built", place=str(path))
    if not path.is_file():
        raise InputError("is no file; give the path of a graph file", place=str(path))
    form = READABLE.get(path.suffix.lower())
    if form is None:
        raise InputError(_unknown_suffix(path, READABLE), place=str(path))
    try:
        yield form
    except SyntaxError as error:
        place = f"{path}:{error.lineno}" if error.lineno else str(path)
        raise InputError(f"is no {form.name}: {error.msg}", place=place) from error
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", place=str(path)) from error


def _unknown_suffix(path: Path, known: Iterable[str]) -> str:
    return f"the suffix {path.suffix!r} names no known graph format; use one of {', '.join(known)}"
