"""Read JSON lines: one object a line with `abstract`, and optionally `title`, `id`, `year`, `url`, `authors`, `venue`.

A record without a title is a paper of its own by its id, failing that by its abstract. Other fields are passed over.
A null is a field that is absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from kg.errors import IRIError
from kg.iris import web_iri
from kg.model import Entry, Paper
from kg.sources.reader import MAX_TEXT, MAX_TITLE, Line, Problem, Source, shorten, tidy

_OBJECT = re.compile(rb'\s*\{[ \t]*"')
_SUFFIXES = frozenset({".jsonl", ".ndjson"})


def recognise(head: bytes, name: str) -> bool:
    """Tell whether the first line begins an object, or the name says JSON lines."""
    return bool(_OBJECT.match(head.removeprefix(b"\xef\xbb\xbf"))) or not _SUFFIXES.isdisjoint(PurePath(name).suffixes)


def read(source: Source, year: int | None = None) -> Iterator[Paper | Problem]:
    """Yield one paper a line, and a problem for each line or field that cannot be taken.

    Lines are read, parsed and forgotten one at a time. `year` is not used: records have their own or none.
    """
    for line in source.lines():
        if isinstance(line, Problem):
            yield line
        elif line.text.strip():
            yield from _read_line(line, source)


def _read_line(line: Line, source: Source) -> Iterator[Paper | Problem]:
    place = source.at(line.number)
    try:
        record = json.loads(line.text, strict=False)
    except (ValueError, RecursionError) as error:
        yield Problem(place, f"not JSON ({error}): {shorten(line.text)}; one whole object a line is read")
        return
    if not isinstance(record, dict):
        yield Problem(place, f"{_kind(record)}, not an object: {shorten(line.text)}; one object a line is read")
        return
    fields = _Fields(record)
    paper = Paper(
        title=fields.text("title", MAX_TITLE) or "",
        abstract=fields.text("abstract", MAX_TEXT) or "",
        identifier=fields.identifier(),
        year=fields.year(),
        url=fields.url(),
        authors=fields.authors(),
        venue=fields.text("venue", MAX_TITLE),
        entries=(Entry(listing=source.listing, line=line.number),),
    )
    yield from (Problem(place, complaint) for complaint in fields.complaints)
    if paper.abstract:
        yield paper
    else:
        seen = f"{shorten(paper.title)} " if paper.title else ""
        yield Problem(place, f"{seen}has no abstract and was skipped; it is needed")


class _Fields:
    """Take typed values from a record; what does not fit is absent and complained of."""

    def __init__(self, record: dict[str, Any]) -> None:
        self._record = record
        self.complaints: list[str] = []

    def text(self, name: str, limit: int) -> str | None:
        value = self._record.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._refuse(name, value, "a string")
            return None
        return self._tidy(name, value, limit)

    def identifier(self) -> str | None:
        value = self._record.get("id")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text("id", MAX_TITLE)

    def year(self) -> int | None:
        value = self._record.get("year")
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(r"[1-9]\d{3}", value, re.ASCII):
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 9999:
            return value
        self._refuse("year", value, "a year of four digits")
        return None

    def url(self) -> str | None:
        value = self.text("url", MAX_TITLE * 10)
        if not value:
            return None
        try:
            return web_iri(value)
        except IRIError as error:
            self.complaints.append(f'"url" was left out: {error}')
            return None

    def authors(self) -> tuple[str, ...]:
        value = self._record.get("authors")
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            self._refuse("authors", value, "a list of strings")
            return ()
        names = (self._tidy("authors", name, MAX_TITLE) for name in value)
        return tuple(name for name in names if name)

    def _tidy(self, name: str, value: str, limit: int) -> str | None:
        text, complaint = tidy(value)
        if complaint:
            self.complaints.append(f'"{name}": {complaint}')
        if len(text) > limit:
            self._refuse(name, text, f"at most {limit:,} characters (these are {len(text):,})")
            return None
        return text or None

    def _refuse(self, name: str, value: object, allowed: str) -> None:
        self.complaints.append(f'"{name}" is {shorten(str(value))} and was left out; it must be {allowed}')


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")
