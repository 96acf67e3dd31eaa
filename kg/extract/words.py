"""Word lists that several witnesses share, from `rules/words.toml`, and the words of a doc."""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from spacy.tokens import Doc

from kg.errors import DataFileError
from kg.extract.rules import RULES
from kg.ontology import load_ontology

Phrases = tuple[tuple[str, ...], ...]
"""Phrases as tuples of tokens."""
ByType = Mapping[str, str]
"""Words with the type they suggest, empty when none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The lists of `rules/words.toml`, where each is explained; all in lower case but `stop_names`."""

    boundary: frozenset[str]
    generic_modifiers: frozenset[str]
    name_suffixes: frozenset[str]
    kept_nouns: frozenset[str]
    fillers: frozenset[str]
    appositions: Phrases
    apposition_ends: frozenset[str]
    list_joints: Phrases
    list_openings: Phrases
    scope_passes: frozenset[str]
    acronym_edges: frozenset[str]
    not_adverbs: frozenset[str]
    before_verbs: frozenset[str]
    own_words: frozenset[str]
    title_means: frozenset[str]
    offers: frozenset[str]
    foreign: Phrases
    stop_names: frozenset[str]
    generic_nouns: ByType
    apposition_nouns: ByType


@cache
def load_words() -> Words:
    """Load the word lists once per process.

    Raises DataFileError that lists every problem: a list that is missing or unknown, a word twice in a list or in two
    types, a word that ends in a hyphen (as one broken at a line end does), an unknown type.
    """
    with (RULES / "words.toml").open("rb") as file:
        lists = tomllib.load(file)
    hints = typing.get_type_hints(Words)
    names = [field.name for field in fields(Words)]
    problems = [f"unknown list {name!r}; allowed: {', '.join(names)}" for name in lists.keys() - set(names)]
    problems += [f"list {name!r} is missing" for name in names if name not in lists]
    found: dict[str, Any] = {}
    for name in names:
        if name not in lists:
            continue
        value = lists[name]
        if hints[name] == Phrases:
            found[name] = tuple(tuple(phrase.split()) for phrase in value)
            words = list(value)
        elif hints[name] == ByType:
            types = {*load_ontology().entity_types, "other"}
            problems += [
                f"{name}: unknown type {kind!r}; allowed: {', '.join(sorted(types))}" for kind in value.keys() - types
            ]
            words = [word for each in value.values() for word in each.split()]
            found[name] = {
                word: "" if kind == "other" else kind for kind, each in value.items() for word in each.split()
            }
        else:
            words = value.split()
            found[name] = frozenset(words)
        problems += [f"{name}: {word!r} stands twice" for word in sorted({w for w in words if words.count(w) > 1})]
        problems += [f"{name}: {word!r} ends in a hyphen" for word in words if word.endswith("-") and len(word) > 1]
    if problems:
        raise DataFileError([f"words.toml: {problem}" for problem in problems])
    return Words(**found)


def texts(doc: Doc) -> list[str]:
    """Give the texts of the tokens; made once per doc, since all witnesses read them."""
    return _once(doc, "kg_texts", lambda: [token.text for token in doc])


def lower_texts(doc: Doc) -> list[str]:
    """Give the texts of the tokens in lower case; made once per doc."""
    return _once(doc, "kg_lower_texts", lambda: [text.lower() for text in texts(doc)])


def whole_text(doc: Doc) -> str:
    """Give the text of a doc; made once, and from `texts`, since `doc.text` goes through all tokens every time."""
    key = "kg_whole_text"
    found: str | None = doc.user_data.get(key)
    if found is None:
        spaces = doc.to_array("SPACY").tolist()
        parts = zip(texts(doc), spaces, strict=True)
        found = doc.user_data[key] = "".join([f"{text} " if space else text for text, space in parts])
    return found


def _once(doc: Doc, key: str, make: Callable[[], list[str]]) -> list[str]:
    found: list[str] | None = doc.user_data.get(key)
    if found is None or len(found) != len(doc):  # another component may have merged or split tokens
        found = doc.user_data[key] = make()
    return found
