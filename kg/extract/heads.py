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
from kg.extract.words import load_words, lower_texts, offsets, sentence_starts, text_between, texts

_MOST_WORDS = 6
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

    def __call__(self, doc: Doc) -> Doc:
        """Write the head-noun phrases of `doc` to its span groups."""
        write(doc, "kg_heads", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the phrases, in text order; several spans of one extent when several rules agree on it."""
        spans: list[Mark] = []
        before: list[Marked] = []
        for phrase in marks(doc)["kg_phrases"]:
            names = self._phrase(doc, phrase.start, phrase.end)
            if before and names:
                spans += self._shared_head(doc, before, names)
            spans += names
            before.append(phrase)
        return sorted([*spans, *self._tasks_in_title(doc, before)], key=lambda span: span.start)

    def _tasks_in_title(self, doc: Doc, phrases: Sequence[Marked]) -> list[Mark]:
        """Read the task of a title that says what is done to what as one name ("segmentation of river banks")."""
        lower = lower_texts(doc)
        end = bisect_left(offsets(doc), doc.user_data.get("kg_title_end", 0))
        spans: list[Mark] = []
        for what, of in pairwise(phrases):
            if of.end > end:
                break
            if lower[what.end] != "of" or of.start != what.end + 1:
                continue
            start = what.start
            while start < what.end - 1 and lower[start] in self._words.generic_modifiers:
                start += 1
            stop = of.start + self._end(doc, of.start, of.end)[0]
            head = lower[what.end - 1]
            rules = self._heads.get(head) or self._heads.get(singular(head), [])
            spans += [Mark(start, stop, rule.type, rule.id) for rule in rules if rule.type == "Task"]
        return spans

    def _shared_head(self, doc: Doc, before: Sequence[Marked], names: list[Mark]) -> list[Mark]:
        """Read "image, video and text classification" as three names.

        The full names of the first ones go to `doc.user_data["kg_expanded"]`, by first token.
        """
        head = names[0]
        lower = lower_texts(doc)
        if (
            head.end - head.start < 2
            or lower[head.start - 1] not in ("and", "or", "&")
            or any(map(has_inner_capital, texts(doc)[head.start : head.end]))
        ):
            return []
        shared = text_between(doc, head.start + 1, head.end)
        spans: list[Mark] = []
        end = head.start - 1
        if lower[end - 1] == ",":
            end -= 1
        for phrase in reversed(before):
            first = self._modifier(doc, phrase, end)
            if first is None:
                break
            modifier = text_between(doc, first, end)
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

    def _modifier(self, doc: Doc, phrase: Marked, end: int) -> int | None:
        """Give the token at which a phrase begins that ends at `end` and may only be a modifier, or None."""
        lower = lower_texts(doc)
        last = lower[end - 1]
        if (
            phrase.end != end
            or phrase.end - phrase.start > 2
            or last in self._heads
            or singular(last) != last
            or last in self._words.generic_modifiers
            or last in self._words.generic_nouns
            or any(map(has_inner_capital, texts(doc)[phrase.start : phrase.end]))
        ):
            return None
        first = phrase.start
        while first < phrase.end - 1 and lower[first] in self._words.generic_modifiers:
            first += 1
        return first

    def _phrase(self, doc: Doc, start: int, end: int) -> list[Mark]:
        words, lower = texts(doc), lower_texts(doc)[start:end]
        last, suggestion = self._end(doc, start, end) if len(lower) > 1 else (1, "")
        first = max(0, last - _MOST_WORDS)
        if self._begins_with_verb(doc, start + first, start + last):
            first += 1
        while first < last and (
            lower[first] in self._words.generic_modifiers
            or lower[first] == "-"
            or (first > 0 and lower[first - 1] == "-" and lower[first] in self._words.name_suffixes)
        ):
            first += 1
        if last - first >= 2 and lower[last - 1] in self._words.name_suffixes and lower[last - 2] == "-":
            return []
        if suggestion and last - first >= 1 and self._is_adjective(words[start + last - 1]):
            return [Mark(start + first, start + last + 1, suggestion, GENERIC)]
        if first >= last:
            return []
        head = lower[last - 1]
        if head in self._words.generic_nouns and head not in self._words.kept_nouns:
            return []
        rules = self._heads.get(head) or self._heads.get(singular(head), [])
        alone = last - first == 1
        if alone and head not in self._alone and singular(head) not in self._alone:
            rules = []
        spans = [Mark(start + first, start + last, rule.type, rule.id) for rule in rules]
        coined = has_inner_capital(words[start + last - 1])
        if not spans and not suggestion and last - first >= 2 and not coined:
            return [Mark(start + first, start + last, "", UNKNOWN)]
        if suggestion == "Dataset" and spans and not any(map(has_inner_capital, words[start + first : start + last])):
            return spans  # "image classification benchmarks" names the task
        if suggestion and (spans or not alone or "-" in head or has_inner_capital(words[start + first])):
            spans.append(Mark(start + first, start + last, suggestion, GENERIC))
        return spans

    def _end(self, doc: Doc, start: int, end: int) -> tuple[int, str]:
        """Give how many words of a phrase are left without its generic last nouns, and the type that these suggest."""
        lower = lower_texts(doc)
        while end - start > 1 and self._is_participle(lower[end - 1]):
            end -= 1
        suggestion = ""
        while end - start > 1 and lower[end - 1] in self._words.generic_nouns and not self._is_model_name(doc, end):
            suggestion = suggestion or self._words.generic_nouns[lower[end - 1]]
            end -= 1
        return end - start, suggestion

    def _is_participle(self, word: str) -> bool:
        """Tell whether a last word is a participle: it says what became of the noun before it ("data collected")."""
        return word.endswith("ed") and word not in self._words.not_participles and "-" not in word

    def _is_adjective(self, word: str) -> bool:
        """Tell by its ending whether a word is an adjective, no name without its noun ("inverse problem")."""
        lower = word.lower()
        return lower.endswith(self._words.adjective_endings) and not (lower in self._heads or has_inner_capital(word))

    def _begins_with_verb(self, doc: Doc, start: int, end: int) -> bool:
        """Tell whether the first word of a phrase is a gerund that governs the rest ("Scaling language models")."""
        if end - start < 2:
            return False
        word = lower_texts(doc)[start]
        if not _GERUND.fullmatch(word):
            return False
        if word in self._words.gerund_nouns:
            begins = start == 0 or sentence_starts(doc)[start] or texts(doc)[start - 1] in (":", "?")
            return begins and end - start >= 3
        return word not in self._words.gerund_adjectives

    def _is_model_name(self, doc: Doc, end: int) -> bool:
        """Tell whether a last "model" belongs to the name: it does after a common noun ("topic model")."""
        before = texts(doc)[end - 2]
        return (
            lower_texts(doc)[end - 1] in self._words.kept_nouns
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
    return not word.islower() and any(char.isupper() for char in word[1:])


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
