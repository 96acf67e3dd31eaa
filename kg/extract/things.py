"""Put the candidates of a doc together with what the witnesses say of each, and group those that name one thing.

Mentions meet when their folded names are equal, when one is defined as the acronym of the other, when the vocabulary
says they are the same, or when one is the other with more words before it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from spacy.tokens import Doc

from kg.extract import gazetteer, statistics
from kg.extract.candidates import NAMED
from kg.extract.heads import singular
from kg.extract.marks import marks
from kg.extract.tokens import read_tokens
from kg.names import fold
from kg.vocabulary import load_vocabulary

_WITNESSES = ("kg_names", "kg_vocabulary", "kg_heads", "kg_outcomes", "kg_context", "kg_enumerations", "kg_statistics")
"""Span groups that read the type of a candidate."""
_STEM = 4


@dataclass(slots=True)
class Reading:
    """One candidate with what the witnesses say of it."""

    start: int
    end: int
    offset: int
    """Where it begins in the text, in characters."""
    stop: int
    """Where it ends in the text, exclusive."""
    name: str
    named: bool
    before: str
    """The word before it in lower case, what `skipped` holds apart; empty at the beginning."""
    types: list[tuple[str, str]] = field(default_factory=list)
    """Types with the rule that reads them."""
    relations: list[tuple[str, str]] = field(default_factory=list)
    """Relations with the rule that reads them, nearest cue first."""
    concepts: dict[str, str] = field(default_factory=dict)
    """Type to the IRI of the concept."""
    rules: set[str] = field(default_factory=set)

    @property
    def is_typed(self) -> bool:
        """Whether this paper tells a type; what other papers say against one is none."""
        return any(rule not in statistics.RULE_IDS for _, rule in self.types)


@dataclass(slots=True)
class Thing:
    """What a group of candidates names, with its type, relations and features."""

    type: str
    readings: list[Reading]
    """In text order."""
    relations: list[tuple[str, str]] = field(default_factory=list)
    """The relation of each reading with the rule that says so."""
    features: list[str] = field(default_factory=list)


def read_candidates(doc: Doc, skipped: Collection[str]) -> dict[tuple[int, int], Reading]:
    """Give the candidates of `doc` with what the witnesses say, by extent in tokens, in text order."""
    expanded: Mapping[int, str] = doc.user_data.get("kg_expanded", {})
    tokens = read_tokens(doc)
    found = marks(doc)
    readings = {}
    for mark in found["kg_candidates"]:
        start, end = mark.start, mark.end
        readings[start, end] = Reading(
            start=start,
            end=end,
            offset=tokens.starts[start],
            stop=tokens.ends[end - 1],
            name=expanded.get(start) or tokens.between(start, end),
            named=mark.label_ == NAMED,
            before=_word_before(tokens.lower, start, skipped),
        )
    ends = {reading.end: reading for reading in readings.values()}
    for group in _WITNESSES:
        for mark in found.get(group, ()):
            reading = readings.get((mark.start, mark.end))
            if reading is None and group == "kg_heads":
                reading = ends.get(mark.end)
                if reading is not None and reading.start > mark.start:
                    reading = None
            if reading is None:
                continue
            if group != "kg_statistics":
                reading.rules.add(mark.id_)
            if mark.label_:
                reading.types.append((mark.label_, mark.id_))
            if mark.kb_id_:
                reading.concepts[mark.label_] = mark.kb_id_
    pairs = list(found["kg_acronyms"])
    for mark in pairs:
        if (reading := readings.get((mark.start, mark.end))) is not None:
            reading.rules.add(mark.id_)
    for long, short in zip(pairs[::2], pairs[1::2], strict=True):
        names = (tokens.between(mark.start, mark.end) for mark in (long, short))
        _part_from_namesakes(readings.values(), *names)
    for group in ("kg_titles", "kg_relations"):
        for mark in found.get(group, ()):
            if (reading := readings.get((mark.start, mark.end))) is not None:
                reading.relations.append((mark.label_, mark.id_))
    return readings


def _word_before(lower: Sequence[str], index: int, skipped: Collection[str]) -> str:
    while index > 0 and lower[index - 1] in skipped:
        index -= 1
    return lower[index - 1] if index > 0 else ""


def _part_from_namesakes(readings: Iterable[Reading], long: str, short: str) -> None:
    """Take from a short form the concepts that have no long form saying what the paper's long form says.

    A label is said when each of its words begins as one of the paper's: "convolution neural network" says
    "convolutional neural network", "self-normalizing neural network" does not say "spiking neural network".
    """
    said = _stems(long)
    key = fold(short)
    concepts = load_vocabulary().concepts
    for reading in readings:
        if fold(reading.name) != key:
            continue
        for kind, iri in list(reading.concepts.items()):
            others = [_stems(label) for label in concepts[iri].labels if " " in label or "-" in label]
            if not any(other and other <= said for other in others):
                del reading.concepts[kind]
                reading.types = [vote for vote in reading.types if vote[0] != kind or vote[1] != gazetteer.NAME]
        if not reading.concepts:
            reading.rules.discard(gazetteer.NAME)


@lru_cache(maxsize=100_000)
def _stems(name: str) -> frozenset[str]:
    """Give the beginnings of the words of a name, folded, of words long enough to mean something."""
    words = (fold(word) for word in re.split(r"[\s-]+", name))
    return frozenset(word[:_STEM] for word in words if len(word) >= _STEM - 1)


def group_readings(doc: Doc, readings: Mapping[tuple[int, int], Reading]) -> list[list[Reading]]:
    """Group readings that name the same thing; groups and their members in text order."""
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        while (above := parent.setdefault(key, key)) != key:
            key = above
        return key

    keys = {extent: fold(reading.name) for extent, reading in readings.items()}
    parent.update((key, key) for key in keys.values())
    for extent, reading in readings.items():
        if len(reading.concepts) == 1:
            parent[find(next(iter(reading.concepts.values())))] = find(keys[extent])
    tokens = read_tokens(doc)
    pairs = [tokens.between(mark.start, mark.end) for mark in marks(doc)["kg_acronyms"]]
    for long, short in zip(pairs[::2], pairs[1::2], strict=True):
        parent[find(fold(short))] = find(fold(long))
    for extent, reading in readings.items():
        if not reading.named and not reading.concepts and (rest := _unmodified(reading.name, parent)):
            parent[find(keys[extent])] = find(rest)
    groups: dict[str, list[Reading]] = defaultdict(list)
    for extent in sorted(readings):
        groups[find(keys[extent])].append(readings[extent])
    return list(groups.values())


def _unmodified(name: str, keys: Container[str]) -> str | None:
    """Give the folded rest of a name without its first words, of two words at least, when `keys` holds it.

    "Plausible supervised learning" is "supervised learning" where the same paper says that too.
    """
    words = name.split()
    return next((key for i in range(1, len(words) - 1) if (key := fold(" ".join(words[i:]))) in keys), None)


_LOWER_WORD = re.compile(r"[A-Z][a-z]+(?:-[a-z]+)*$")


def choose_name(group: Iterable[Reading]) -> tuple[str, tuple[str, ...]]:
    """Choose the listed form of a name and its other forms, sorted."""
    forms = Counter([_tidy(reading.name, reading.named) for reading in group])
    if len(forms) == 1:
        return next(iter(forms)), ()
    by_key: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for form, count in forms.items():
        by_key[fold(form)].append((form, count))
    best = {
        key: min(found, key=lambda f: (-f[1], sum(c.isupper() for c in f[0]), f[0]))[0] for key, found in by_key.items()
    }
    counts = {key: sum(count for _, count in found) for key, found in by_key.items()}
    key = min(best, key=lambda k: (-counts[k], len(best[k]), best[k]))
    return best[key], tuple(sorted(form for other, form in best.items() if other != key))


def _tidy(name: str, named: bool) -> str:
    words = name.split()
    if not (named or name.islower()):
        words = [word.lower() if _LOWER_WORD.match(word) else word for word in words]
    last = words[-1]
    if last.islower():
        words[-1] = singular(last)
    elif last.endswith("s") and len(last) > 2 and last[-2].isupper():
        words[-1] = last[:-1]
    return " ".join(words)
