"""What witnesses say of runs of tokens, and where they leave it for each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from spacy.tokens import Doc, Span

_MARKS = "kg_marks"


class Mark(NamedTuple):
    """What a witness says of the tokens from `start` to `end`, named as in a spaCy `Span`."""

    start: int
    end: int
    label_: str = ""
    id_: str = ""
    kb_id_: str = ""


class Marked(Protocol):
    """What a `Mark` and a `Span` have in common."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def label_(self) -> str: ...  # noqa: D102
    @property
    def id_(self) -> str: ...  # noqa: D102
    @property
    def kb_id_(self) -> str: ...  # noqa: D102


def leave_out_span_groups(doc: Doc) -> None:
    """Have marks of `doc` passed on as they are: to make spans, and tokens for them, takes longer than to find them."""
    doc.user_data[_MARKS] = {}


def write(doc: Doc, group: str, marks: Sequence[Marked]) -> None:
    """Write a group of marks to the span groups of `doc`, unless those are left out."""
    plain = doc.user_data.get(_MARKS)
    if plain is not None:
        plain[group] = marks
        return
    doc.spans[group] = [
        Span(doc, mark.start, mark.end, label=mark.label_, kb_id=mark.kb_id_, span_id=mark.id_) for mark in marks
    ]


def marks(doc: Doc) -> Mapping[str, Iterable[Marked]]:
    """Give what was written of `doc`, by group."""
    plain: Mapping[str, Iterable[Marked]] | None = doc.user_data.get(_MARKS)
    return doc.spans if plain is None else plain
