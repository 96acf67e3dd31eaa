"""Errors of `kg`, one tree.

    KGError
    ├── InputError         an input cannot be read at all (missing, binary, empty, of no known format)
    ├── OutputError        a file cannot be written
    ├── IRIError           a base or an address cannot be an IRI of the graph
    ├── DataFileError      a file of the project's own knowledge (rules, ontology, vocabulary, shapes) is wrong
    ├── QueryError         a canned query, its parameters, or a query text is wrong
    ├── EndpointError      a triplestore did not answer, or not as it should
    └── ValidationFailure  the data violate the shapes and the caller asked for that to be an error

Each is also the built-in a caller would expect, so `except ValueError` works too. Every message says what was
got, where, what is allowed and what to do.
"""

from __future__ import annotations


class KGError(Exception):
    """Base of all errors that `kg` raises on purpose."""


class InputError(KGError, ValueError):
    """An input cannot be read.

    `place` is the file, or the file and line as `name:line`.
    """

    def __init__(self, message: str, *, place: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


class OutputError(KGError, OSError):
    """A file cannot be written; `place` is the file."""

    def __init__(self, message: str, *, place: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place


class IRIError(KGError, ValueError):
    """A base or an address cannot be an IRI of the graph; `value` is what was given."""

    def __init__(self, message: str, *, value: str) -> None:
        super().__init__(message)
        self.value = value


class DataFileError(KGError, ValueError):
    """Files of the project's own knowledge are wrong; `problems` lists every one, not just the first."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class QueryError(KGError, ValueError):
    """A query, its name or its parameters are wrong."""


class EndpointError(KGError, OSError):
    """A SPARQL endpoint or graph store did not do what was asked.

    `endpoint` is its address, `status` the HTTP status it answered with, None when it gave no answer.
    """

    def __init__(self, message: str, *, endpoint: str, status: int | None = None) -> None:
        super().__init__(f"{endpoint}: {message}")
        self.endpoint = endpoint
        self.status = status


class ValidationFailure(KGError, ValueError):
    """Some papers violate the shapes; `rejected` is their number."""

    def __init__(self, message: str, *, rejected: int) -> None:
        super().__init__(message)
        self.rejected = rejected
