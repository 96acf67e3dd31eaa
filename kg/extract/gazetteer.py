"""Witness: the vocabulary. Names of `ontology/vocabulary/`, in whatever spelling the text uses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.heads import has_inner_capital
from kg.extract.marks import Mark, write
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.words import Remembered
from kg.names import fold_loosely as fold
from kg.vocabulary import load_vocabulary

NAME = "vocabulary.name"
TERM = "vocabulary.term"
_MARKS = {**dict.fromkeys("-–'’/&!%", ""), "*": "*", "+": "+"}
"""Marks that may stand inside a name, folded; at any other a name ends."""
PART = "vocabulary.part"
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+|[*+]+")
_MOST_TOKENS = 8
_SHORT = 5


@dataclass(frozen=True, slots=True)
class Index:
    """The labels of the vocabulary, folded."""

    labels: Mapping[str, Sequence[tuple[str, str, str]]]
    """Folded label to (label, type, concept IRI)."""
    beginnings: frozenset[str]
    """What labels begin with, folded: up to each place where a text may end a token."""

    def look_up(self, key: str, text: str) -> list[tuple[str, str, str]]:
        """Give (type, concept IRI, rule) of the concepts that `text` names, whose folded form is `key`; sorted."""
        found: dict[tuple[str, str], str] = {}
        for label, kind, iri in self.labels.get(key, ()):
            if _case_fits(label, text) and found.get((kind, iri)) != NAME:
                found[kind, iri] = TERM if label.islower() else NAME
        return sorted((kind, iri, rule) for (kind, iri), rule in found.items())


@cache
def load_index() -> Index:
    """Index the vocabulary that ships with the package; once per process."""
    labels: dict[str, list[tuple[str, str, str]]] = {}
    for concept in load_vocabulary().concepts.values():
        for label in concept.labels:
            labels.setdefault(fold(label), []).append((label, concept.type, concept.iri))
    beginnings = frozenset(
        fold(label[: part.end()])
        for entries in labels.values()
        for label, _, _ in entries
        for part in _PART.finditer(label)
    )
    return Index(labels, beginnings)


class Gazetteer:
    """Find labels of vocabulary concepts and write them to `doc.spans["kg_vocabulary"]`.

    Labels and text meet when folded (`kg.names.fold`), so hyphens, spaces, case and a plural s do not matter; but a
    label with capitals needs as many in the text ("The Stack" is a dataset, "the stack" is none), one in a one-word
    label, and a short word with several exactly those (`CLIP` is a model, `clip` is a word; `mAP` is no map). The
    longest label wins, from the left.

    A span's `label_` is the type, its `kb_id_` the concept's IRI, its `id_` is `vocabulary.name` for a label with
    capitals and `vocabulary.term` for one without. A hyphenated name that is not known but ends in one that is gets
    its type with `vocabulary.part`.
    """

    def __init__(self) -> None:
        self._index = load_index()
        self._folded = Remembered(_fold)
        self._last_parts = Remembered(self._last_part)

    def __call__(self, doc: Doc) -> Doc:
        """Write the vocabulary's names in `doc` to its span groups."""
        write(doc, "kg_vocabulary", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the spans, in text order; one extent may name concepts of several types."""
        tokens = read_tokens(doc)
        words = tokens.texts
        keys = self._folded.of(words)
        spans: list[Mark] = []
        found: Sequence[tuple[str, str, str]]
        index = 0
        beginnings = self._index.beginnings
        for start in [place for place, key in enumerate(keys) if key in beginnings or "-" in words[place]]:
            if start < index:
                continue
            end, found = self._longest(tokens, keys, start)
            if not found and "-" in words[start]:
                end, found = start + 1, self._last_parts[words[start]]
            if found:
                spans += [Mark(start, end, kind, rule, iri) for kind, iri, rule in found]
                index = end
        return spans

    def _longest(self, tokens: Tokens, keys: list[str], start: int) -> tuple[int, Sequence[tuple[str, str, str]]]:
        """Give the end of the longest label that begins at token `start`, and what it names."""
        labels, beginnings = self._index.labels, self._index.beginnings
        best: tuple[int, Sequence[tuple[str, str, str]]] = (start, ())
        key = ""
        for end, part in enumerate(keys[start : start + _MOST_TOKENS], start + 1):
            key += part
            if key not in beginnings:
                break
            if part and key in labels and (found := self._index.look_up(key, tokens.between(start, end))):
                best = (end, found)
        return best

    def _last_part(self, word: str) -> Sequence[tuple[str, str, str]]:
        """Give the types of a hyphenated name whose last part is a known proper name ("S-KAN"), without a concept."""
        part = word.rpartition("-")[2]
        if not has_inner_capital(part):
            return ()
        found = self._index.look_up(fold(part), part)
        return [(kind, "", PART) for kind, _, rule in found if rule == NAME]


def _fold(word: str) -> str:
    return fold(word) if word.isalnum() or any(char.isalnum() for char in word) else _MARKS.get(word, "\n")


def _case_fits(label: str, text: str) -> bool:
    if label.islower():
        return True
    if " " in label:
        wanted = sum(word[:1].isupper() for word in label.split() if word != "The")
        return sum(char.isupper() for char in text.removeprefix("The ")) >= wanted
    if len(label) <= _SHORT and has_inner_capital(label):
        return text in (label, f"{label}s")
    return any(char.isupper() for char in text)


@Language.factory("kg_vocabulary", assigns=["doc.spans"])
def create_gazetteer(nlp: Language, name: str) -> Gazetteer:
    """Make the component `kg_vocabulary`."""
    return Gazetteer()
