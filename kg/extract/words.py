"""Word lists that several witnesses share, from `rules/words.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kg.extract.rules import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The lists of `rules/words.toml`; all in lower case but `stop_names`."""

    boundary: frozenset[str]
    """Words at which a noun phrase ends."""
    generic_modifiers: frozenset[str]
    """Adjectives that describe but do not name."""
    generic_nouns: Mapping[str, str]
    """Nouns that follow a name without being part of it, with the type they suggest (empty when none)."""
    apposition_nouns: Mapping[str, str]
    """Nouns that end an apposition ("X, a new optimizer"), with the type they give to what stands before it."""
    stop_names: frozenset[str]
    """Capitalised words and short forms that name nothing of ours."""


@cache
def load_words() -> Words:
    """Load the word lists once per process."""
    with (RULES / "words.toml").open("rb") as file:
        lists = tomllib.load(file)
    generic = _by_word(lists["generic_nouns"])
    return Words(
        boundary=frozenset(lists["boundary"].split()),
        generic_modifiers=frozenset(lists["generic_modifiers"].split()),
        generic_nouns=generic,
        apposition_nouns={word: kind for word, kind in generic.items() if kind} | _by_word(lists["apposition_nouns"]),
        stop_names=frozenset(lists["stop_names"].split()),
    )


def _by_word(lists: Mapping[str, str]) -> dict[str, str]:
    return {word: "" if kind == "other" else kind for kind, words in lists.items() for word in words.split()}
