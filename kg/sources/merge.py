"""Put the records of one paper from several listings together to one paper.

Each choice is a maximum or minimum over the set of what the sources say, so it does not depend on their order, and
only ever gives a value that one of them holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from kg.model import Entry, Paper
from kg.sources.reader import Problem, shorten

_Value = TypeVar("_Value", int, str)


def merge_papers(papers: Iterable[Paper]) -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """Make papers of equal key one, sorted by key, with a problem where two sources give different identifiers.

    The longest title, abstract and list of authors win, then the smallest in code point order; a date with a year wins
    over one without; of counts the largest is taken, of everything else the smallest.
    """
    groups: dict[str, list[Paper]] = {}
    for paper in papers:
        groups.setdefault(paper.key, []).append(paper)
    merged = tuple(_merge(groups[key]) for key in sorted(groups))
    return merged, tuple(problem for key in sorted(groups) for problem in _conflicts(groups[key]))


def _merge(papers: list[Paper]) -> Paper:
    date = min(
        (paper.date for paper in papers if paper.date), key=lambda date: (date.startswith("--"), date), default=None
    )
    dated = int(date[:4]) if date and not date.startswith("--") else None
    return Paper(
        title=min((paper.title for paper in papers), key=_longest),
        abstract=min((paper.abstract for paper in papers), key=_longest),
        identifier=_smallest(paper.identifier for paper in papers),
        year=dated or _smallest(paper.year for paper in papers),
        date=date,
        url=_smallest(paper.url for paper in papers),
        authors=min((paper.authors for paper in papers), key=lambda authors: (-len(authors), authors)),
        author_count=max((paper.author_count for paper in papers if paper.author_count is not None), default=None),
        organisation=_smallest(paper.organisation for paper in papers),
        venue=_smallest(paper.venue for paper in papers),
        entries=tuple(sorted({entry for paper in papers for entry in paper.entries}, key=_entry_order)),
    )


def _conflicts(papers: list[Paper]) -> Iterator[Problem]:
    identifiers = sorted({paper.identifier for paper in papers if paper.identifier})
    if len(identifiers) > 1:
        entry = min((entry for paper in papers for entry in paper.entries), key=_entry_order)
        yield Problem(
            f"{entry.listing.name}:{entry.line}",
            f"{shorten(papers[0].title)} stands under several ids ({', '.join(identifiers)}); papers of one title are "
            f"one paper, {identifiers[0]} was kept; if they are two, give them different titles",
        )


def _longest(text: str) -> tuple[int, str]:
    return -len(text), text


def _smallest(values: Iterable[_Value | None]) -> _Value | None:
    return min((value for value in values if value is not None), default=None)


def _entry_order(entry: Entry) -> tuple[str, int, str, int]:
    return entry.listing.name, entry.line, entry.listing.sha256, entry.comment_count or 0
