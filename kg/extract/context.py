"""Witness: the words beside a candidate. "The task of X", "the X dataset", "X, a novel framework" tell its type."""

from __future__ import annotations

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.enumerations import is_joined
from kg.extract.heads import singular
from kg.extract.marks import Mark, marks, write
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import read_tokens
from kg.extract.words import load_words

_NEAR = 9
"""How many words of an apposition are looked at."""
APPOSITION = "context.apposition"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRule(Rule):
    """Phrases that stand right before or after a candidate of the type."""

    type: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    telling: bool = False
    """Whether a candidate that it reads is the more likely to be worth listing: the feature `cue-TYPE`."""
    spreads: bool = False
    """Whether a phrase before the first member of a list speaks of all its members."""
    named_only: bool = False
    common_only: bool = False


class ContextFinder:
    """Read the type of candidates from their neighbours and write it to `doc.spans["kg_context"]`.

    Reads `doc.spans["kg_candidates"]`. Besides the rules of `rules/context.toml` it reads appositions: the noun that
    ends the phrase after "X is a", "X, a" or "X: A" (rule `context.apposition`).
    """

    def __init__(self) -> None:
        self.rules = load_rules("context", ContextRule)
        words = load_words()
        self._skipped = words.generic_modifiers | words.fillers
        self._joints = frozenset(words.list_joints)
        self._appositions = frozenset(words.appositions)
        self._ends = words.apposition_ends
        generic = {word: kind for word, kind in words.generic_nouns.items() if kind}
        self._nouns = {**generic, **words.apposition_nouns}
        self._before: dict[tuple[str, ...], list[ContextRule]] = {}
        self._after: dict[tuple[str, ...], list[ContextRule]] = {}
        for rule in self.rules:
            for table, phrases in ((self._before, rule.before), (self._after, rule.after)):
                for phrase in phrases:
                    key = tuple(phrase.replace(",", " ,").replace(":", " :").split())
                    table.setdefault(key, []).append(rule)
        self._longest_before: dict[str, int] = {}
        self._longest_after: dict[str, int] = {}
        for key in sorted([*self._before, *self._after], key=len):
            if key in self._before:
                self._longest_before[key[-1]] = len(key)
            if key in self._after:
                self._longest_after[key[0]] = len(key)

    def __call__(self, doc: Doc) -> Doc:
        """Write the readings of `doc` to its span groups."""
        write(doc, "kg_context", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give one span a candidate and rule, with the extent of the candidate, in text order."""
        lower = read_tokens(doc).lower
        spans: list[Mark] = []
        previous = -1
        spread: dict[str, ContextRule] = {}
        for candidate in marks(doc)["kg_candidates"]:
            start, end = candidate.start, candidate.end
            named = bool(candidate.label_)
            left = start
            while left > 0 and lower[left - 1] in self._skipped:
                left -= 1
            right = end + 1 if lower[end : end + 1] == [")"] else end
            joined = previous >= 0 and is_joined(lower, previous, start, end, self._joints)
            rules = dict(spread) if joined else {}
            for length in range(1, self._longest(lower, left, right) + 1):
                for rule in self._before.get(tuple(lower[max(0, left - length) : left]), ()):
                    rules[rule.id] = rule
                for rule in self._after.get(tuple(lower[right : right + length]), ()):
                    rules[rule.id] = rule
            previous, spread = end, {name: rule for name, rule in rules.items() if rule.spreads}
            spans += [
                Mark(start, end, rule.type, rule.id)
                for rule in rules.values()
                if not (rule.named_only and not named) and not (rule.common_only and named)
            ]
            if named and (kind := self._apposition(lower, end)):
                spans.append(Mark(start, end, kind, APPOSITION))
        return spans

    def _longest(self, lower: list[str], left: int, right: int) -> int:
        """Give how many words the longest phrase may have that ends before `left` or begins at `right`."""
        before = self._longest_before.get(lower[left - 1], 0) if left > 0 else 0
        after = self._longest_after.get(lower[right], 0) if right < len(lower) else 0
        return max(before, after)

    def _apposition(self, lower: list[str], end: int) -> str:
        """Give the type that the apposition or predicate after the candidate tells, or an empty string."""
        if end + 1 < len(lower) and lower[end] == ")":
            end += 1
        opening = tuple(lower[end : end + 2])
        if opening not in self._appositions:
            return ""
        kind = ""
        for index in range(end + 2, min(end + 2 + _NEAR, len(lower))):
            word = lower[index]
            if word in self._ends or word.isspace():
                break
            kind = self._nouns.get(word) or self._nouns.get(singular(word)) or kind
        return kind


@Language.factory("kg_context", assigns=["doc.spans"], requires=["doc.spans"])
def create_context_finder(nlp: Language, name: str) -> ContextFinder:
    """Make the component `kg_context`."""
    return ContextFinder()
