"""Bring the names of datasets into the convention of a corpus of others before spans are compared.

Corpora differ in what belongs to such a name, which says nothing about what was found. Where names are *trimmed*, a
noun such as "dataset" at their end and words such as "the" or "popular" before them do not count, on either side. Where
names are *widened*, the annotators took the noun along, made one span of names that share a noun, and one of a name
with the acronym in brackets behind it: the predicted names are widened likewise, the annotated ones stay. The nouns and
the words before them stand in `kg/extract/rules/words.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeAlias

from kg.extract.words import load_words
from kg.gold import Names

Extent: TypeAlias = tuple[int, int]
"""Begin and end of a name in a text, in characters, end exclusive."""
Convention: TypeAlias = Callable[[str, Iterable[Extent]], set[Extent]]

_TOKEN = re.compile(r"\w+|[^\w\s]")
_BRACKET = re.compile(r"\s*\(\s*")


def keep(text: str, extents: Iterable[Extent]) -> set[Extent]:
    """Give the names as they are."""
    return set(extents)


def trim(text: str, extents: Iterable[Extent]) -> set[Extent]:
    """Give the names without the words before and the nouns behind that do not name; a word of each stays."""
    before, behind = _edges()
    trimmed = set()
    for start, end in extents:
        while (match := before.match(text, start, end)) and match.end() < end:
            start = match.end()
        while (match := behind.search(text, start, end)) and match.start() > start:
            end = match.start()
        trimmed.add((start, end))
    return trimmed


def widen(text: str, extents: Iterable[Extent]) -> set[Extent]:
    """Give the names with the nouns behind them; those with a noun or brackets in common as one, no nested ones."""
    wide: set[Extent] = set()
    members: list[Extent] = []
    """What may share the noun that comes."""
    for start, end in _outermost(extents):
        if members:
            begin, stop = members[-1]
            if _BRACKET.fullmatch(text, _end_of_nouns(text, stop), start) and text[end : end + 1] == ")":
                members[-1] = begin, end + 1
                continue
            if tuple(_TOKEN.findall(text[stop:start])) not in load_words().list_joints:
                wide |= _share_noun(text, members)
                members = []
        members.append((start, end))
    return wide | _share_noun(text, members)


CONVENTIONS: Mapping[Names, tuple[Convention, Convention]] = {
    "as-annotated": (keep, keep),
    "trimmed": (trim, trim),
    "widened": (keep, widen),
}
"""What is done to the annotated names, and to the predicted ones."""


def _outermost(extents: Iterable[Extent]) -> list[Extent]:
    outer: list[Extent] = []
    for start, end in sorted(extents, key=lambda extent: (extent[0], -extent[1])):
        if not outer or start >= outer[-1][1]:
            outer.append((start, end))
    return outer


def _share_noun(text: str, members: list[Extent]) -> set[Extent]:
    """Make one span of the members of a list when a noun follows the last."""
    if not members:
        return set()
    end = _end_of_nouns(text, members[-1][1])
    return {(members[0][0], end)} if end > members[-1][1] else set(members)


def _end_of_nouns(text: str, end: int) -> int:
    match = _nouns().match(text, end)
    return match.end() if match else end


@cache
def _nouns() -> re.Pattern[str]:
    return re.compile(rf"(?:\s+(?:{_alternatives(_noun_phrases())})(?!\w))+", re.IGNORECASE)


@cache
def _edges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = load_words()
    before = _alternatives((word,) for word in words.fillers | words.generic_modifiers)
    behind = _alternatives(_noun_phrases())
    return re.compile(rf"(?:{before})\s+", re.IGNORECASE), re.compile(rf"\s+(?:{behind})\Z", re.IGNORECASE)


def _noun_phrases() -> list[tuple[str, ...]]:
    words = load_words()
    return [*words.dataset_nouns, *((noun,) for noun, type_ in words.generic_nouns.items() if type_ == "Dataset")]


def _alternatives(phrases: Iterable[tuple[str, ...]]) -> str:
    """Give the phrases as alternatives, longest first."""
    return "|".join(sorted((r"\s+".join(map(re.escape, phrase)) for phrase in phrases), key=len, reverse=True))
