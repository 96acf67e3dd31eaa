"""Word lists that several witnesses share, from `rules/words.toml`, and what is remembered of words."""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

from kg.errors import DataFileError
from kg.extract.rules import LINK_KINDS, RULES
from kg.ontology import load_ontology

Endings = tuple[str, ...]
"""What words end in."""
Phrases = tuple[tuple[str, ...], ...]
"""Phrases as tuples of tokens."""
ByType = Mapping[str, str]
"""Words with the type they suggest, empty when none."""
ByKind = Mapping[str, tuple[str, ...]]
"""Kinds of link with the words for what they lead to."""
T = TypeVar("T")
_MOST_WORDS = 500_000
"""So many words are remembered at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The lists of `rules/words.toml`, where each is explained; all in lower case but `stop_names`."""

    boundary: frozenset[str]
    nouns_too: frozenset[str]
    after_nouns: frozenset[str]
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
    gerund_nouns: frozenset[str]
    gerund_adjectives: frozenset[str]
    not_participles: frozenset[str]
    adjective_endings: Endings
    before_verbs: frozenset[str]
    own_words: frozenset[str]
    title_means: frozenset[str]
    top_levels: frozenset[str]
    owner_hosts: frozenset[str]
    file_endings: frozenset[str]
    offered: frozenset[str]
    announcing: Phrases
    stop_names: frozenset[str]
    dataset_nouns: Phrases
    generic_nouns: ByType
    wares: ByKind
    apposition_nouns: ByType

    def expand(self, expression: str) -> str:
        """Put the alternatives for `{ware}` and `{offered}` into a regular expression."""
        wares = "|".join(sorted(word for words in self.wares.values() for word in words))
        offered = "|".join(sorted(self.offered))
        return expression.replace("{ware}", f"(?:{wares})").replace("{offered}", f"(?:{offered})")


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
        elif hints[name] == ByKind:
            problems += [f"{name}: unknown kind {kind!r}" for kind in value.keys() - set(LINK_KINDS)]
            words = [word for each in value.values() for word in each.split()]
            found[name] = {kind: tuple(each.split()) for kind, each in value.items()}
        else:
            words = value.split()
            found[name] = tuple(words) if hints[name] == Endings else frozenset(words)
        problems += [f"{name}: {word!r} stands twice" for word in sorted({w for w in words if words.count(w) > 1})]
        problems += [f"{name}: {word!r} ends in a hyphen" for word in words if word.endswith("-") and len(word) > 1]
    if problems:
        raise DataFileError([f"words.toml: {problem}" for problem in problems])
    return Words(**found)


class Remembered(dict[str, T]):
    """What was decided of words, since words repeat: a mapping that asks `decide` about a word it has not met."""

    def __init__(self, decide: Callable[[str], T]) -> None:
        self._decide = decide

    def __missing__(self, word: str) -> T:
        if len(self) >= _MOST_WORDS:
            self.clear()
        decision = self[word] = self._decide(word)
        return decision

    def of(self, words: Iterable[str]) -> list[T]:
        """Give the decision of each word."""
        return list(map(self.__getitem__, words))
