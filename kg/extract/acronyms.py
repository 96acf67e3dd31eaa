"""Witness: acronym definitions. "Negative-aware Fine-Tuning (NFT)" makes two names one thing.

The algorithm is that of Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", PSB 2003: a short form in brackets, and the shortest stretch of at most min(|A| + 5, 2 |A|) words
before it whose letters, read from the right, contain those of the short form, the first one at the start of a word.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.marks import Mark, write
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.words import load_words

PAIR = "acronyms.pair"
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9α-ω/&*+.-]{0,12}$")
_CLOSINGS = frozenset({")", ";", ","})
_SPOKEN = {"2": "t", "4": "f"}
"""Digits that stand for a word in short forms: T2I is text-to-image."""


def long_form_start(short: str, text: str) -> int | None:
    """Give the offset in `text` at which the long form of `short` begins, or None when its letters are not there.

    >>> long_form_start("NFT", "we call it Negative-aware Fine-Tuning")
    11
    >>> long_form_start("T2I", "text-to-image")
    0
    >>> long_form_start("NFT", "gradient descent") is None
    True
    """
    letters = [char for char in short.lower() if char.isalnum()]
    letters = [_SPOKEN.get(char, char) if char not in text else char for char in letters]
    position = len(text)
    lower = text.lower()
    for number in range(len(letters) - 1, -1, -1):
        while True:
            position = lower.rfind(letters[number], 0, position)
            if position < 0:
                return None
            if number > 0 or position == 0 or not lower[position - 1].isalnum():
                break
    return position


class AcronymFinder:
    """Write pairs of long and short form to `doc.spans["kg_acronyms"]`: first a long one, then its short one."""

    def __init__(self) -> None:
        words = load_words()
        self._stop = words.stop_names
        self._edges = words.acronym_edges
        self._boundary = words.boundary

    def __call__(self, doc: Doc) -> Doc:
        """Write the pairs of `doc` to its span groups."""
        write(doc, "kg_acronyms", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give long and short forms in turn, in text order."""
        tokens = read_tokens(doc)
        words = tokens.texts
        spans: list[Mark] = []
        for opening, word in enumerate(words):
            if word != "(" or opening == 0:
                continue
            closing = next(
                (i for i in range(opening + 1, min(opening + 12, len(words))) if words[i] in _CLOSINGS), None
            )
            if closing is None or closing == opening + 1:
                continue
            if words[opening + 1] in self._stop or words[opening - 1] in self._stop:
                continue
            pair = self._before(tokens, opening, closing) or self._inside(tokens, opening, closing)
            if pair:
                spans += pair
        return spans

    def _before(self, tokens: Tokens, opening: int, closing: int) -> list[Mark] | None:
        """Give the long form before the bracket and the short form inside."""
        if closing - opening > 4:
            return None
        short = tokens.between(opening + 1, closing)
        if not is_short_form(short):
            return None
        letters = short.rstrip("s") if len(short) > 2 else short
        count = sum(char.isalnum() for char in letters)
        first = max(0, opening - min(count + 5, count * 2))
        begins = tokens.begin_sentences
        first = max((index for index in range(first, opening) if begins[index]), default=first)
        start = self._start(tokens, letters, first, opening)
        if start is not None and not is_plausible(letters, tokens.between(start, opening)):
            return None
        if start is None or opening - start < 1 or (opening - start == 1 and len(tokens.texts[start]) <= count + 1):
            return None
        return [Mark(start, opening, id_=PAIR), Mark(opening + 1, closing, id_=PAIR)]

    def _inside(self, tokens: Tokens, opening: int, closing: int) -> list[Mark] | None:
        """Give the long form inside the bracket and the short form before it."""
        words = tokens.texts
        short = words[opening - 1]
        if closing - opening < 3 or not is_short_form(short) or words[closing] != ")":
            return None
        start = self._start(tokens, short.rstrip("s"), opening + 1, closing)
        if start != opening + 1:
            return None
        return [Mark(start, closing, id_=PAIR), Mark(opening - 1, opening, id_=PAIR)]

    def _start(self, tokens: Tokens, short: str, first: int, end: int) -> int | None:
        """Give the token at which the long form begins, between `first` and `end`."""
        if first >= end:
            return None
        offset = long_form_start(short, tokens.between(first, end))
        if offset is None:
            return None
        begins, lower = tokens.starts, tokens.lower
        start = bisect_right(begins, begins[first] + offset) - 1
        while start < end and lower[start] in self._edges:
            start += 1
        return start if start < end else None


def is_plausible(short: str, long: str) -> bool:
    """Tell whether a short form with small letters abbreviates: each of its capitals, two at least, begins a word.

    >>> is_plausible("ReLU", "rectified linear unit"), is_plausible("ReLU", "rely on generic activation functions")
    (True, False)
    >>> is_plausible("Mamba", "modern linear-time baseline")
    False
    """
    if not any(char.islower() for char in short):
        return True
    capitals = [char.lower() for char in short if char.isupper()]
    initials = iter([word[0].lower() for word in re.findall(r"\w+", long)])
    return len(capitals) > 1 and all(any(char == initial for initial in initials) for char in capitals)


def is_short_form(text: str) -> bool:
    """Tell whether a text may be a short form: letters and digits with a capital, at most 13 characters.

    >>> is_short_form("GRPO"), is_short_form("see Figure 2"), is_short_form("e.g.")
    (True, False, False)
    """
    return bool(_SHORT.match(text)) and any(char.isupper() for char in text) and len(text) > 1


@Language.factory("kg_acronyms", assigns=["doc.spans"])
def create_acronym_finder(nlp: Language, name: str) -> AcronymFinder:
    """Make the component `kg_acronyms`."""
    return AcronymFinder()
