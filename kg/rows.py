"""Rows of RDF terms: what every query gives back, whatever engine answered it.

A cell is a pyoxigraph term, or None where the query leaves it unbound. Three forms of query meet in one value: SELECT
gives its rows, ASK one row with the column `answer`, CONSTRUCT and DESCRIBE the triples of their graph, sorted, in the
columns `subject predicate object`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

import pyoxigraph as ox

from kg.iris import DEFAULT_BASE, PREFIXES
from kg.write import Term

Content: TypeAlias = Literal["rows", "answer", "triples"]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_GRAPH_COLUMNS = ("subject", "predicate", "object")
_PLAIN: Mapping[str, Callable[[str], int | float | bool | Decimal]] = {
    f"{_XSD}boolean": lambda text: text in ("true", "1"),
    f"{_XSD}integer": int,
    f"{_XSD}nonNegativeInteger": int,
    f"{_XSD}decimal": Decimal,
    f"{_XSD}double": float,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of RDF terms in the order the query gave them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    content: Content = "rows"

    @classmethod
    def from_result(cls, result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Iterable[ox.Triple]) -> Rows:
        """Take over what pyoxigraph answers; consumes the iterator."""
        if isinstance(result, ox.QueryBoolean):
            return cls(("answer",), ((ox.Literal(bool(result)),),), "answer")
        if isinstance(result, ox.QuerySolutions):
            variables = result.variables
            rows = tuple(tuple(solution[variable] for variable in variables) for solution in result)
            return cls(tuple(variable.value for variable in variables), rows)
        triples = {(triple.subject, triple.predicate, triple.object) for triple in result}
        return cls(_GRAPH_COLUMNS, tuple(sorted(triples, key=lambda triple: tuple(map(str, triple)))), "triples")

    def __len__(self) -> int:
        return len(self.rows)

    def head(self, count: int) -> Rows:
        """Keep the first `count` rows."""
        return Rows(self.columns, self.rows[:count], self.content)

    def values(self) -> list[tuple[str | int | float | bool | Decimal | None, ...]]:
        """Give plain Python values: numbers and truth values as such, all else as text.

        A literal whose text is not of its datatype (`"many"^^xsd:integer`) stays text.
        """
        return [tuple(None if term is None else _value(term) for term in row) for row in self.rows]

    def to_csv(self) -> str:
        r"""Write SPARQL 1.1 CSV: a head, then the text of each term; lines end with CR LF, unbound is empty.

        >>> Rows(("name", "n"), ((ox.Literal("a, b", language="en"), None),)).to_csv()
        'name,n\r\n"a, b",\r\n'
        """
        with io.StringIO(newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(self.columns)
            writer.writerows([("" if term is None else text_of(term)) for term in row] for row in self.rows)
            return file.getvalue()

    def to_json(self) -> str:
        """Write SPARQL 1.1 query results in JSON: two spaces deep, unbound cells left out.

        The triples of CONSTRUCT and DESCRIBE have no form of their own in that standard; they are written as rows.
        """
        if self.content == "answer":
            document: dict[str, object] = {"head": {}, "boolean": self.values()[0][0]}
        else:
            bindings = [
                {column: _json(term) for column, term in zip(self.columns, row, strict=True) if term is not None}
                for row in self.rows
            ]
            document = {"head": {"vars": list(self.columns)}, "results": {"bindings": bindings}}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def text_of(term: Term) -> str:
    """Give a term's own text, without quotes, language or datatype.

    >>> text_of(ox.Literal("ReLU", language="en")), text_of(ox.NamedNode("https://schema.org/name"))
    ('ReLU', 'https://schema.org/name')
    """
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return str(term)


def _value(term: Term) -> str | int | float | bool | Decimal:
    if not isinstance(term, ox.Literal) or term.datatype.value not in _PLAIN:
        return text_of(term)
    try:
        return _PLAIN[term.datatype.value](term.value)
    except (ValueError, ArithmeticError):
        return term.value


def _json(term: Term) -> dict[str, object]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _json(part) for name, part in parts.items()}}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    if term.datatype.value == f"{_XSD}string":
        return {"type": "literal", "value": term.value}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def shorten(term: Term) -> str:
    """Give a term as people read it: text without quotes, and our own and known addresses without their beginning.

    >>> shorten(ox.NamedNode("https://w3id.org/paper-kg/method/eafo")), shorten(ox.NamedNode("https://schema.org/name"))
    ('method/eafo', 'schema:name')
    """
    text = text_of(term)
    if isinstance(term, ox.NamedNode):
        for prefix, namespace in PREFIXES.items():
            if text.startswith(namespace) and re.fullmatch(r"\w+", text[len(namespace) :]):
                return f"{prefix}:{text[len(namespace) :]}"
        return text.removeprefix(DEFAULT_BASE)
    return text
