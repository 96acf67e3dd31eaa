"""Read the vocabulary (`ontology/vocabulary/*.ttl`): the things whose names are known, as SKOS concepts.

A concept has one type, a preferred label, other labels, and broader concepts of the same scheme. What is read is
checked as a whole: within a scheme a label means one concept, and climbing from narrower to broader always ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg.errors import DataFileError
from kg.iris import CONCEPTS, ONTOLOGY
from kg.names import fold
from kg.ontology import load_ontology
from kg.resources import resource

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_CONCEPT = _SKOS + "Concept"
_ONE, _SEVERAL = (_SKOS + "prefLabel", _SKOS + "inScheme"), (_SKOS + "altLabel", _SKOS + "broader")
_Description = dict[str, list[str]]
"""Predicate IRI to its values, in file order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A known thing."""

    iri: str
    type: str
    """Local name of its class, such as `Method`."""
    pref_label: str
    alt_labels: tuple[str, ...] = ()
    """Sorted."""
    broader: tuple[str, ...] = ()
    """IRIs of the next broader concepts, sorted."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The preferred label, then the others."""
        return (self.pref_label, *self.alt_labels)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All known things."""

    concepts: Mapping[str, Concept]
    """IRI to concept, sorted by IRI."""

    def ancestors(self, iri: str) -> tuple[str, ...]:
        """Give the IRIs of all broader concepts, however far up, nearest first; empty for a top concept.

        Raises KeyError when there is no such concept.
        """
        found: dict[str, None] = {}
        level = self.concepts[iri].broader
        while level:
            found.update(dict.fromkeys(level))
            level = tuple(above for below in level for above in self.concepts[below].broader if above not in found)
        return tuple(found)


@cache
def load_vocabulary() -> Vocabulary:
    """Load the vocabulary that ships with the package; the same value on every call."""
    return read_vocabulary(sorted(resource("ontology/vocabulary").glob("*.ttl")))


def read_vocabulary(paths: Iterable[Path]) -> Vocabulary:
    """Read concepts from Turtle files.

    Raises DataFileError listing everything that is wrong: no Turtle; a concept without exactly one label, one scheme
    and one type of the ontology; a label that two concepts of a scheme share, folded; a broader concept that is
    unknown, of another scheme or, in a circle, narrower than itself.
    """
    types = load_ontology().entity_types
    problems: list[str] = []
    concepts: dict[str, Concept] = {}
    files: dict[str, str] = {}
    for path in paths:
        descriptions = _read(path, problems)
        for iri, description in descriptions.items():
            if _CONCEPT not in description[_TYPE]:
                continue
            if iri in files:
                problems.append(f"{path.name}: {_short(iri)} is already described in {files[iri]}")
            elif concept := _concept(iri, description, types, path.name, problems):
                concepts[iri] = concept
            files.setdefault(iri, path.name)
    concepts = dict(sorted(concepts.items()))
    problems += _clashes(concepts, files)
    problems += [
        f"{files[iri]}: {_short(iri)} has the broader {above}, {reason}"
        for iri, concept in concepts.items()
        for above in concept.broader
        if (reason := _broader_problem(concept, concepts.get(above)))
    ]
    problems += [f"{files[iri]}: {_short(iri)} is broader than itself" for iri in _circular(concepts)]
    if problems:
        raise DataFileError(problems)
    return Vocabulary(concepts)


def _read(path: Path, problems: list[str]) -> dict[str, _Description]:
    descriptions: defaultdict[str, _Description] = defaultdict(lambda: defaultdict(list))
    try:
        for quad in ox.parse(path=path):
            value = quad.object.value if not isinstance(quad.object, ox.Triple) else ""
            descriptions[quad.subject.value][quad.predicate.value].append(value)
    except SyntaxError as error:
        problems.append(f"{path.name}:{error.lineno}: {error.msg}")
    return descriptions


def _concept(
    iri: str, description: _Description, types: tuple[str, ...], file: str, problems: list[str]
) -> Concept | None:
    found = [name for name in types if ONTOLOGY + name in description[_TYPE]]
    wrong = [f"{len(found)} of the types {', '.join(types)}"] if len(found) != 1 else []
    wrong += [
        f"{len(description[name])} values of skos:{name[len(_SKOS) :]}" for name in _ONE if len(description[name]) != 1
    ]
    if wrong:
        problems.append(f"{file}: {_short(iri)} has {' and '.join(wrong)}; it must have one")
        return None
    scheme = CONCEPTS + found[0].lower()
    if description[_ONE[1]] != [scheme] or not iri.startswith(scheme + "/"):
        problems.append(
            f"{file}: {_short(iri)} is a {found[0]}, so its scheme and the start of its IRI must be {scheme}"
        )
        return None
    alt_labels, broader = (tuple(sorted(description[name])) for name in _SEVERAL)
    return Concept(iri=iri, type=found[0], pref_label=description[_ONE[0]][0], alt_labels=alt_labels, broader=broader)


def _clashes(concepts: Mapping[str, Concept], files: Mapping[str, str]) -> list[str]:
    owners: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for iri, concept in concepts.items():
        for label in concept.labels:
            owners[concept.type, fold(label)].setdefault(iri, label)
    return [
        f"{files[next(iter(owner))]}: "
        + " and ".join(f"{_short(iri)} ({label!r})" for iri, label in owner.items())
        + " share a label"
        for owner in owners.values()
        if len(owner) > 1
    ]


def _broader_problem(concept: Concept, above: Concept | None) -> str | None:
    if above is None:
        return "which is no concept"
    return None if above.type == concept.type else "which is of another scheme"


def _circular(concepts: Mapping[str, Concept]) -> list[str]:
    """Give the concepts that are their own broader concept, directly or further up."""
    known = Vocabulary(
        {
            iri: concept
            if concepts.keys() >= set(concept.broader)
            else replace(concept, broader=tuple(above for above in concept.broader if above in concepts))
            for iri, concept in concepts.items()
        }
    )
    return [iri for iri in concepts if iri in known.ancestors(iri)]


def _short(iri: str) -> str:
    return iri.removeprefix(CONCEPTS)
