"""Word lists that several witnesses share, from `rules/words.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

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
    not_adverbs: frozenset[str]
    """Words in -ly that are no adverbs."""
    before_verbs: frozenset[str]
    """Words after which a verb stands."""
    own_words: frozenset[str]
    """Words by which a sentence speaks of the paper itself."""
    title_means: frozenset[str]
    """Words after which a title names what is new."""
    offers: frozenset[str]
    """Words by which a sentence offers what an address leads to."""
    foreign: tuple[str, ...]
    """Phrases before an address that is somebody else's."""
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
        not_adverbs=frozenset(lists["not_adverbs"].split()),
        before_verbs=frozenset(lists["before_verbs"].split()),
        own_words=frozenset(lists["own_words"].split()),
        title_means=frozenset(lists["title_means"].split()),
        offers=frozenset(lists["offers"].split()),
        foreign=tuple(lists["foreign"]),
        stop_names=frozenset(lists["stop_names"].split()),
    )


def _by_word(lists: Mapping[str, str]) -> dict[str, str]:
    return {word: "" if kind == "other" else kind for kind, words in lists.items() for word in words.split()}


def texts(doc: Doc) -> list[str]:
    """Give the texts of the tokens; made once per doc, since all witnesses read them."""
    return _once(doc, "kg_texts", lambda: [token.text for token in doc])


def lower_texts(doc: Doc) -> list[str]:
    """Give the texts of the tokens in lower case; made once per doc."""
    return _once(doc, "kg_lower_texts", lambda: [text.lower() for text in texts(doc)])


def _once(doc: Doc, key: str, make: Callable[[], list[str]]) -> list[str]:
    found: list[str] | None = doc.user_data.get(key)
    if found is None:
        found = doc.user_data[key] = make()
    return found
