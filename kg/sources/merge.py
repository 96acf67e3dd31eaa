"""Put the records of one paper from several places together to one paper.

One record is the base: the one that says most, by a choice that does not depend on the order. The others only fill its
gaps, and only with what fits the rest of it, so that no paper comes out that nobody described: no year beside the day
of another year, no names beside another number of authors. Where a record says something else, a problem says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kg.errors import IRIError
from kg.iris import web_key
from kg.model import Entry, Paper
from kg.names import fold
from kg.sources.reader import Problem, shorten

_FREE = ("identifier", "url", "organisation", "venue")
"""The fields that fit whatever the others say."""


def merge_papers(papers: Iterable[Paper]) -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """Make papers of equal key one, sorted by key, with a problem for each record that says something else.

    The record with the most fields is the base, of several the one with the longest abstract, then the smallest in code
    point order; gaps are filled from the others in that order.
    """
    groups: dict[str, list[Paper]] = {}
    for paper in papers:
        groups.setdefault(paper.key, []).append(paper)
    merged: list[Paper] = []
    problems: list[Problem] = []
    for key in sorted(groups):
        ranked = sorted(groups[key], key=_rank)
        paper = ranked[0]
        for other in ranked[1:]:
            paper = _fill(paper, other)
        entries = {entry for record in ranked for entry in record.entries}
        merged.append(replace(paper, year=_year(paper), entries=tuple(sorted(entries, key=_entry_order))))
        problems += _conflicts(ranked, paper)
    return tuple(merged), tuple(problems)


def _rank(paper: Paper) -> tuple[int, int, str, list[tuple[str, int, str, int]]]:
    given = [getattr(paper, name) is not None for name in (*_FREE, "author_count")]
    said = sum(given) + bool(paper.authors) + (_year(paper) is not None) + (paper.date is not None)
    return -said, -len(paper.abstract), repr(replace(paper, entries=())), sorted(map(_entry_order, paper.entries))


def _fill(paper: Paper, other: Paper) -> Paper:
    """Give the paper with its gaps filled from the other, as far as that fits."""
    free = {name: getattr(other, name) for name in _FREE if getattr(paper, name) is None}
    paper = replace(paper, **free)
    if not paper.authors and paper.author_count in (None, len(other.authors)):
        paper = replace(paper, authors=other.authors)
    if paper.author_count is None and (not paper.authors or other.author_count == len(paper.authors)):
        paper = replace(paper, author_count=other.author_count)
    if _year(paper) in (None, _year(other)) and _day(paper) in (None, _day(other)):
        # the one that says more of the date; of equal ones the paper's own
        date = max(paper.date or "", other.date or "", key=lambda date: (len(date.lstrip("-")), date == paper.date))
        paper = replace(paper, date=date or None, year=_year(paper) or _year(other))
    elif _year(paper) is None and _day(other) is None:
        paper = replace(paper, year=other.year)
    elif _day(paper) is None and _year(other) is None:
        paper = replace(paper, date=other.date)
    return paper


def _year(paper: Paper) -> int | None:
    if paper.date is not None and not paper.date.startswith("--"):
        return int(paper.date[:4])
    return paper.year


def _day(paper: Paper) -> str | None:
    return paper.date and paper.date[-5:]


def _address(paper: Paper) -> str | None:
    try:
        return paper.url and web_key(paper.url)
    except IRIError:
        return paper.url


_COMPARED: dict[str, tuple[Callable[[Paper], object], Callable[[Paper], object]]] = {
    # what is compared, and what of it is shown
    "id": (lambda paper: paper.identifier, lambda paper: paper.identifier),
    "year": (_year, _year),
    "day": (_day, lambda paper: paper.date),
    "address": (_address, lambda paper: paper.url),
    "authors": (lambda paper: tuple(map(fold, paper.authors)), lambda paper: ", ".join(paper.authors)),
    "number of authors": (lambda paper: paper.author_count, lambda paper: paper.author_count),
    "organisation": (lambda paper: paper.organisation, lambda paper: paper.organisation),
    "venue": (lambda paper: paper.venue, lambda paper: paper.venue),
    "abstract": (lambda paper: fold(paper.abstract), lambda paper: paper.abstract),
}


def _conflicts(ranked: list[Paper], merged: Paper) -> Iterator[Problem]:
    """Name each record that says something else than what was kept, and the record that says that."""
    for record in ranked[1:]:
        differences: dict[str, list[str]] = {}
        for name, (value, shown) in _COMPARED.items():
            if value(record) and value(merged) and value(record) != value(merged):
                keeper = next(one for one in ranked if value(one) == value(merged))
                text = f"{name} ({shorten(str(shown(record)), 40)}, not {shorten(str(shown(keeper)), 40)})"
                differences.setdefault(_place(keeper), []).append(text)
        if differences:
            said = "; ".join(f"not as at {place}: {', '.join(texts)}" for place, texts in differences.items())
            yield Problem(
                _place(record),
                f"{shorten(record.title)} is told {said}; the latter was kept, since papers of one title are one; if "
                "they are two, give them different titles",
            )


def _place(paper: Paper) -> str:
    first = min(paper.entries, key=_entry_order, default=None)
    return f"{first.listing.name}:{first.line}" if first else "?"


def _entry_order(entry: Entry) -> tuple[str, int, str, int]:
    return entry.listing.name, entry.line, entry.listing.sha256, entry.comment_count or 0
