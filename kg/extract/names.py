"""Witness: the shape of a word. Coined names look like names wherever they stand."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.marks import Mark, write
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.words import Remembered, load_words

_CAPITALISED = re.compile(r"[A-Z][a-zé'’-]+[A-Za-z]*$")
_OPENINGS = frozenset({"“", '"', "‘", "(", ":"})
_LONGEST = 60
"""Longer words are no names, and matching them could take long."""
_PLAIN = re.compile(r"[A-Z][a-z]+$")
"""A word that any sentence or title may begin with: its shape says nothing."""
_NUMBER = re.compile(r"v?[0-9]+(?:\.[0-9]+)?[BMKkbx]?$")


CAPITALISED = "names.capitalised"
CAPITALISED_WORD = "names.capitalised-word"
ACRONYM = "names.acronym"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule(Rule):
    """A shape: a regular expression over a whole token, and the type that the shape suggests."""

    pattern: str
    type: str


class NameFinder:
    """Find names by their shape and write them to `doc.spans["kg_names"]`.

    A span's `id_` is the rule, its `label_` the type (empty when the shape tells none). A name may get several spans
    of the same extent, one a rule. Adjacent parts of a name are one span (`Gemini 1.5 Pro`, `Swin Transformer`), as
    are runs of capitalised words within a sentence (`Long Range Arena`).
    """

    def __init__(self) -> None:
        self.rules = load_rules("names", NameRule)
        self._patterns = [(rule, re.compile(rule.pattern)) for rule in self.rules]
        self._stop = load_words().stop_names
        self._boundary = load_words().boundary
        self._shapes = Remembered(self._rules_of)
        self._capitalised = Remembered(self._is_capitalised)

    def __call__(self, doc: Doc) -> Doc:
        """Write the names of `doc` to its span groups."""
        write(doc, "kg_names", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the spans of names, in text order."""
        tokens = read_tokens(doc)
        words = tokens.texts
        shapes = self._shapes.of(words)
        capital = self._capitals(tokens, doc.user_data.get("kg_title_end", 0))
        spans: list[Mark] = []
        index = 0
        while index < len(words):
            if not (shapes[index] or capital[index]):
                index += 1
                continue
            start, end = index, index + 1
            while end < len(words) and self._continues(words, shapes, capital, end):
                end += 1
            spans += self._marks(start, end, shapes)
            index = end
        return spans

    def _marks(self, start: int, end: int, shapes: list[tuple[NameRule, ...]]) -> list[Mark]:
        rules = {rule.id: rule for index in range(start, end) for rule in shapes[index]}
        if not rules:
            rule = CAPITALISED_WORD if end - start == 1 else CAPITALISED
            return [Mark(start, end, "", rule)]
        return [Mark(start, end, rule.type, rule.id) for rule in rules.values()]

    def _continues(self, words: list[str], shapes: list[tuple[NameRule, ...]], capital: list[bool], index: int) -> bool:
        """Tell whether the token at `index` goes on with the name that ends before it."""
        if shapes[index]:
            return True
        word = words[index]
        return capital[index] or bool(_NUMBER.match(word) and not word.endswith(("%", "x")) and shapes[index - 1])

    def _capitals(self, tokens: Tokens, title_end: int) -> list[bool]:
        """Tell of each token whether it is a capitalised word and stands where only a name would have a capital."""
        words, begins = tokens.texts, tokens.begin_sentences
        body = bisect_left(tokens.starts, title_end)
        return [
            capitalised and index >= body and not begins[index] and (index == 0 or words[index - 1] not in _OPENINGS)
            for index, capitalised in enumerate(self._capitalised.of(words))
        ]

    def _is_capitalised(self, word: str) -> bool:
        return (
            not word.islower()
            and bool(_CAPITALISED.match(word))
            and word not in self._stop
            and word.lower() not in self._boundary
        )

    def _rules_of(self, word: str) -> tuple[NameRule, ...]:
        """Give the rules that match a word."""
        if (
            word.islower()
            or len(word) > _LONGEST
            or word in self._stop
            or "/" in word
            or _PLAIN.match(word)
            or not any(char.isupper() for char in word)
        ):
            return ()
        return tuple(rule for rule, pattern in self._patterns if pattern.fullmatch(word))


@Language.factory("kg_names", assigns=["doc.spans"])
def create_name_finder(nlp: Language, name: str) -> NameFinder:
    """Make the component `kg_names`."""
    return NameFinder()
