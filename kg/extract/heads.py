"""Witness: head nouns. The last noun of a phrase says what the phrase names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.marks import Mark, Marked, marks, write
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.words import Remembered, load_words

_MOST_WORDS = 6
_JOINTS = ("and", "or", "&")
_GERUND = re.compile(r"[a-z]*[aeiouy][a-z]*ing")
"""The stem has a vowel: "string" and "spring" are no gerunds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRule(Rule):
    """Head nouns of one type: `heads` need a modifier, `alone` do not; both are lists separated by white space."""

    type: str
    heads: str
    alone: str


class HeadFinder:
    """Find common-noun names by their head and write them to `doc.spans["kg_heads"]`.

    Reads `doc.spans["kg_phrases"]`. A span is a phrase without its generic modifiers and generic last nouns ("a novel
    contrastive learning framework" gives "contrastive learning"); its `label_` is the type, its `id_` the rule. A
    generic last noun that suggests a type gives a span of its own with rule `heads.generic`. A phrase about which
    nothing is known is a span without type, with rule `heads.unknown`.
    """

    def __init__(self) -> None:
        self.rules = load_rules("heads", HeadRule)
        self._words = load_words()
        self._heads: dict[str, list[HeadRule]] = {}
        self._alone: set[str] = set()
        for rule in self.rules:
            for word in rule.heads.split():
                self._heads.setdefault(word, []).append(rule)
            self._alone.update(rule.alone.split())
        self._rules = Remembered(self._rules_of)

    def __call__(self, doc: Doc) -> Doc:
        """Write the head-noun phrases of `doc` to its span groups."""
        write(doc, "kg_heads", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the phrases, in text order; several spans of one extent when several rules agree on it."""
        tokens = read_tokens(doc)
        phrases = list(marks(doc)["kg_phrases"])
        spans: list[Mark] = []
        for number, phrase in enumerate(phrases):
            names = self._phrase(tokens, phrase.start, phrase.end)
            if number and names and tokens.lower[names[0].start - 1] in _JOINTS:
                spans += self._shared_head(doc, phrases[:number], names)
            spans += names
        title = bisect_left(tokens.starts, doc.user_data.get("kg_title_end", 0))
        return sorted([*spans, *self._tasks_in_title(tokens, phrases, title)], key=lambda span: span.start)

    def _tasks_in_title(self, tokens: Tokens, phrases: Sequence[Marked], end: int) -> list[Mark]:
        """Read the task of a title that says what is done to what as one name ("segmentation of river banks").

        The title ends before token `end`.
        """
        lower = tokens.lower
        spans: list[Mark] = []
        for what, of in pairwise(phrases):
            if of.end > end:
                break
            if lower[what.end] != "of" or of.start != what.end + 1:
                continue
            start = what.start
            while start < what.end - 1 and lower[start] in self._words.generic_modifiers:
                start += 1
            stop, _ = self._end(tokens, of.start, of.end)
            rules, _ = self._rules[lower[what.end - 1]]
            spans += [Mark(start, stop, rule.type, rule.id) for rule in rules if rule.type == "Task"]
        return spans

    def _shared_head(self, doc: Doc, before: Sequence[Marked], names: list[Mark]) -> list[Mark]:
        """Read "image, video and text classification" as three names; `names` are of the phrase after "and".

        The full names of the first ones go to `doc.user_data["kg_expanded"]`, by first token.
        """
        tokens = read_tokens(doc)
        head = names[0]
        if head.end - head.start < 2 or any(map(has_inner_capital, tokens.texts[head.start : head.end])):
            return []
        lower = tokens.lower
        shared = tokens.between(head.start + 1, head.end)
        spans: list[Mark] = []
        end = head.start - 1
        if lower[end - 1] == ",":
            end -= 1
        for phrase in reversed(before):
            first = self._modifier(tokens, phrase, end)
            if first is None:
                break
            modifier = tokens.between(first, end)
            if modifier.endswith("-"):
                modifier += lower[head.start].rpartition("-")[2]
            doc.user_data.setdefault("kg_expanded", {})[first] = f"{modifier} {shared}"
            spans += [
                Mark(first, end, span.label_, span.id_)
                for span in names
                if (span.start, span.end) == (head.start, head.end)
            ]
            end = phrase.start - 1
            if end < 1 or lower[end] != ",":
                break
        return spans[::-1]

    def _modifier(self, tokens: Tokens, phrase: Marked, end: int) -> int | None:
        """Give the token at which a phrase begins that ends at `end` and may only be a modifier, or None."""
        lower = tokens.lower
        last = lower[end - 1]
        if (
            phrase.end != end
            or phrase.end - phrase.start > 2
            or last in self._heads
            or singular(last) != last
            or last in self._words.generic_modifiers
            or last in self._words.generic_nouns
            or any(map(has_inner_capital, tokens.texts[phrase.start : phrase.end]))
        ):
            return None
        first = phrase.start
        while first < phrase.end - 1 and lower[first] in self._words.generic_modifiers:
            first += 1
        return first

    def _phrase(self, tokens: Tokens, start: int, end: int) -> list[Mark]:
        words, lower = tokens.texts, tokens.lower
        modifiers, suffixes = self._words.generic_modifiers, self._words.name_suffixes
        last, suggestion = self._end(tokens, start, end)
        first = max(start, last - _MOST_WORDS)
        if last - first >= 2 and self._begins_with_verb(tokens, first, last):
            first += 1
        while first < last and (
            (word := lower[first]) in modifiers
            or word == "-"
            or (first > start and lower[first - 1] == "-" and word in suffixes)
        ):
            first += 1
        if last - first >= 2 and lower[last - 2] == "-" and lower[last - 1] in suffixes:
            return []
        if suggestion and last > first and self._is_adjective(words[last - 1]):
            return [Mark(first, last + 1, suggestion, GENERIC)]
        if first >= last:
            return []
        head = lower[last - 1]
        if head in self._words.generic_nouns and head not in self._words.kept_nouns:
            return []
        alone = last - first == 1
        rules = self._rules[head][alone]
        if not rules and not suggestion:
            return [] if alone or has_inner_capital(words[last - 1]) else [Mark(first, last, "", UNKNOWN)]
        spans = [Mark(first, last, rule.type, rule.id) for rule in rules]
        if suggestion == "Dataset" and spans and not any(map(has_inner_capital, words[first:last])):
            return spans  # "image classification benchmarks" names the task
        if suggestion and (spans or not alone or "-" in head or has_inner_capital(words[first])):
            spans.append(Mark(first, last, suggestion, GENERIC))
        return spans

    def _rules_of(self, head: str) -> tuple[Sequence[HeadRule], Sequence[HeadRule]]:
        """Give the rules of a last word with words before it, and those of the word alone."""
        one = singular(head)
        rules: Sequence[HeadRule] = self._heads.get(head) or self._heads.get(one) or ()
        return rules, (rules if head in self._alone or one in self._alone else ())

    def _end(self, tokens: Tokens, start: int, end: int) -> tuple[int, str]:
        """Give where a phrase ends without its generic last nouns, and the type that these suggest."""
        lower, generic = tokens.lower, self._words.generic_nouns
        while end - start > 1 and self._is_participle(lower[end - 1]):
            end -= 1
        suggestion = ""
        while end - start > 1 and lower[end - 1] in generic and not self._is_model_name(tokens, end):
            suggestion = suggestion or generic[lower[end - 1]]
            end -= 1
        return end, suggestion

    def _is_participle(self, word: str) -> bool:
        """Tell whether a last word is a participle: it says what became of the noun before it ("data collected")."""
        return word.endswith("ed") and word not in self._words.not_participles and "-" not in word

    def _is_adjective(self, word: str) -> bool:
        """Tell by its ending whether a word is an adjective, no name without its noun ("inverse problem")."""
        lower = word.lower()
        return lower.endswith(self._words.adjective_endings) and not (lower in self._heads or has_inner_capital(word))

    def _begins_with_verb(self, tokens: Tokens, start: int, end: int) -> bool:
        """Tell whether the first of several words is a gerund that governs the rest ("Scaling language models")."""
        word = tokens.lower[start]
        if not (word.endswith("ing") and _GERUND.fullmatch(word)):
            return False
        if word in self._words.gerund_nouns:
            begins = start == 0 or tokens.begin_sentences[start] or tokens.texts[start - 1] in (":", "?")
            return begins and end - start >= 3
        return word not in self._words.gerund_adjectives

    def _is_model_name(self, tokens: Tokens, end: int) -> bool:
        """Tell whether a last "model" belongs to the name: it does after a common noun ("topic model")."""
        before = tokens.texts[end - 2]
        return (
            tokens.lower[end - 1] in self._words.kept_nouns
            and before != "-"
            and (before[1:].islower() or "-" in before)
            and before.lower() not in self._words.generic_modifiers
            and before.lower() not in self._words.name_suffixes
        )


UNKNOWN = "heads.unknown"
DATASET = "heads.dataset"
GENERIC = "heads.generic"


def has_inner_capital(word: str) -> bool:
    """Tell whether a word has a capital after its first letter, as coined names do."""
    return not word.islower() and not word[1:].islower() and any(map(str.isupper, word[1:]))


def singular(word: str) -> str:
    """Give the singular of a regular plural in lower case.

    >>> [singular(w) for w in ("networks", "losses", "strategies", "loss", "analysis", "dynamics")]
    ['network', 'loss', 'strategy', 'loss', 'analysis', 'dynamics']
    """
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "is", "us", "ics", "ias")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


@Language.factory("kg_heads", assigns=["doc.spans"], requires=["doc.spans"])
def create_head_finder(nlp: Language, name: str) -> HeadFinder:
    """Make the component `kg_heads`."""
    return HeadFinder()
