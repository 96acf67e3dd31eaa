"""Find the measures that a sentence names: known ones, and phrases that end in a word for one ("retrieval time")."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from spacy.lang.en.lex_attrs import like_num
from spacy.tokens import Doc

from kg.extract.heads import has_inner_capital, singular
from kg.extract.marks import marks
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.words import Remembered, load_words

_COMPOUND = re.compile(r"(.+)[-@]([^-@]+)")
_MOST_WORDS = 5
"""So many words before the last belong to a measure at most."""


class MeasureFinder:
    """Find measures; `lists` are the word lists of `[metrics]` in `rules/results.toml`, where each is explained."""

    def __init__(self, lists: Mapping[str, str], change: re.Pattern[str]) -> None:
        self._heads = frozenset(lists["heads"].split())
        self._heads_with = frozenset(lists["heads_with"].split())
        self._modifiers = frozenset(lists["modifiers"].split())
        self._settings = frozenset(lists["settings"].split())
        self._verbs = frozenset(lists["verbs"].split())
        self.praise = frozenset(lists["praise"].split())
        self._vague = frozenset(lists["vague"].split())
        self._labels = frozenset(lists["labels"].split())
        self._generic = load_words().generic_modifiers
        self._short_before = re.compile(f"(?:{lists['short_before']})$")
        self._short_after = re.compile(lists["short_after"])
        self._is_change = Remembered(lambda word: change.match(word) is not None)
        self._is_head = Remembered(self._may_end)

    def find(self, doc: Doc, start: int, end: int, stops: Collection[int]) -> list[tuple[int, int]]:
        """Give the extents (characters) of the measures among the tokens from `start` to `end`, in text order.

        `stops` are the offsets at which a name or a number ends that is no part of a measure.
        """
        tokens = read_tokens(doc)
        words = tokens.lower
        found = marks(doc)
        ends = {
            known.end - 1: known.start
            for known in found["kg_vocabulary"]
            if known.label_ == "Metric" and start <= known.start < end
        }
        for place in range(start, end):
            if self._is_head[words[place]]:
                ends.setdefault(place, place)
        if not ends:
            return []
        inside = {
            i for phrase in found["kg_phrases"] if phrase.start < end and phrase.end > start
            for i in range(phrase.start, phrase.end)
        }  # fmt: skip
        extents: list[tuple[int, int]] = []
        for last in sorted(ends):
            first = self._first(tokens, start, ends[last], last, stops, inside)
            if extents and extents[-1][1] >= first:
                first = extents.pop()[0]
            if self._is_measure(words, first, last, extents):
                extents.append((first, last + 1))
        return [(tokens.starts[first], tokens.ends[end - 1]) for first, end in extents]

    def short_forms(self, text: str, start: int, end: int, *, whole: bool) -> list[tuple[int, int]]:
        """Give the extents of capital letters where a measure may stand: "AVD of 5.29", "SE=0.96", "1.72% EX".

        `start` and `end` are those of the number; behind a `whole` number without unit stands what it counts.
        """
        found = [self._short_before.search(text, max(0, start - 20), start)]
        if not whole:
            found.append(self._short_after.match(text, end))
        return [match.span(1) for match in found if match and match[1].lower() not in self._settings]

    def is_setting(self, text: str, start: int, end: int) -> bool:
        """Tell whether words of a text stand for a setting and not for a name or an outcome."""
        return text[start:end].lower() in self._settings

    def name(self, tokens: Tokens, start: int, end: int) -> tuple[int, int]:
        """Give the tokens that name a measure among those that say what a number measures; equal when none does.

        That is without what describes it ("high accuracy"), and without the label behind a short form ("FID score").
        """
        words = tokens.lower
        while start < end and (words[start] in self.praise or words[start] in self._generic):
            start += 1
        if end - start >= 2 and words[end - 1] in self._labels and has_inner_capital(tokens.texts[end - 2]):
            return start, end - 1
        last = words[end - 1]
        if last in self._vague or (end - start == 1 and last in self._labels):
            return end, end
        is_named = self._is_head[last] or self._is_head[singular(last)] or has_inner_capital(tokens.texts[end - 1])
        return (start, end) if is_named else (end, end)

    def _first(
        self, tokens: Tokens, bound: int, known: int, last: int, stops: Collection[int], inside: Collection[int]
    ) -> int:
        """Give the first token of the measure that ends with `last` and is known to reach back to `known`."""
        words, ends = tokens.lower, tokens.ends
        first = known
        while first > bound and last - first < _MOST_WORDS:
            before = words[first - 1]
            if (
                ends[first - 1] in stops
                or before[0].isdigit()
                or self._is_change[before]
                or not (first - 1 in inside or before in self._modifiers)
            ):
                break
            first -= 1
        while first < known and (words[first] in self.praise or self._is_change[words[first]]):
            first += 1
        return first

    def _is_measure(self, words: list[str], first: int, last: int, extents: list[tuple[int, int]]) -> bool:
        """Tell whether words name an outcome: not a setting, not a word for one alone, not the verb in "it scores"."""
        if not self._settings.isdisjoint(words[first : last + 1]):
            return False
        alone = words[last] if first == last else ""
        if alone in self._heads_with:
            return _is_valued(words, last)
        if alone in self._verbs:
            return not (
                like_num(words[last + 1] if last + 1 < len(words) else "")  # type: ignore[no-untyped-call]
                or (words[last - 1] == ")" and extents and extents[-1][1] == last - 1)
            )
        return True

    def _may_end(self, word: str) -> bool:
        if word in self._heads or word in self._heads_with:
            return True
        match = _COMPOUND.fullmatch(word)
        if match is None or match[1] in self.praise:
            return False
        return match[2] in self._heads or (match[1] in self._heads and len(match[2]) <= 2)


def _is_valued(words: list[str], last: int) -> bool:
    """Say whether a word is followed by "of" and a number, or stands right behind a percentage."""
    measured = words[last + 1 : last + 2] == ["of"] and any(map(like_num, words[last + 1 : last + 5]))
    return measured or (last > 0 and words[last - 1].endswith("%"))
