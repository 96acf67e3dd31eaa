"""Witness: cues of what a paper does with a thing, with their scopes.

After ConText (Harkema, Dowling, Thornblade, Chapman, "ConText: an algorithm for determining negation, experiencer, and
temporal status from clinical reports", Journal of Biomedical Informatics 42(5), 2009): a cue governs what follows
(or precedes) it until its scope ends. `rules/relations.toml` holds the cues.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.marks import Mark, marks, write
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import read_tokens
from kg.extract.words import load_words


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRule(Rule):
    """Cue phrases of one relation, how far they reach, and what their scope passes beside noun phrases."""

    relation: str
    direction: str
    reach: int
    phrases: tuple[str, ...]
    through: tuple[str, ...]
    types: tuple[str, ...]
    modifies: bool = False
    """Whether it turns a cue that follows within its scope ("without using") into its own relation."""
    ends_at: tuple[str, ...] = ()
    """Words and marks that end the scope although others pass them."""


@dataclass(frozen=True, slots=True)
class _Cue:
    """An occurrence of a cue phrase: tokens `start` to `end`, and the rules that have it."""

    start: int
    end: int
    rules: tuple[RelationRule, ...]


class RelationFinder:
    """Read the relation of candidates from the cues around them and write it to `doc.spans["kg_relations"]`.

    Reads `doc.spans["kg_candidates"]`. A span has the extent of a candidate, its `label_` is the relation, its `id_`
    the rule. For a candidate there may be several, nearest cue first, and of equally near ones that of the rule higher
    in the file; which of them counts is decided when its type is known.
    """

    def __init__(self) -> None:
        self.rules = load_rules("relations", RelationRule)
        words = load_words()
        self._boundary = words.boundary
        self._modifiers = words.generic_modifiers
        self._through = {
            rule.id: frozenset((words.scope_passes | set(rule.through)) - set(rule.ends_at)) for rule in self.rules
        }
        self._order = {rule.id: number for number, rule in enumerate(self.rules)}
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        self._rules: dict[tuple[str, ...], tuple[RelationRule, ...]] = {}
        for rule in self.rules:
            for phrase in rule.phrases:
                key = tuple(phrase.replace(",", " ,").split())
                if key not in self._rules:
                    self._phrases.setdefault(key[0], []).append(key)
                self._rules[key] = (*self._rules.get(key, ()), rule)
        for keys in self._phrases.values():
            keys.sort(key=len, reverse=True)

    def __call__(self, doc: Doc) -> Doc:
        """Write the relation readings of `doc` to its span groups."""
        write(doc, "kg_relations", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the readings, candidate by candidate in text order, nearest cue first."""
        lower = read_tokens(doc).lower
        found: dict[tuple[int, int], list[tuple[int, int, RelationRule]]] = {}
        candidates = list(marks(doc)["kg_candidates"])
        starts = {span.start: span.end for span in candidates}
        ends = {span.end: span.start for span in candidates}
        cues = self._cues(lower)
        begins = {cue.start for cue in cues}
        for cue in cues:
            for rule in cue.rules:
                if rule.direction == "right":
                    reached = self._right(lower, cue.end, rule, starts, begins)
                else:
                    reached = self._left(lower, cue.start, rule, ends)
                for extent, distance in reached:
                    found.setdefault(extent, []).append((distance, self._order[rule.id], rule))
        return [
            Mark(start, end, rule.relation, rule.id)
            for (start, end), readings in sorted(found.items())
            for _, _, rule in sorted(readings, key=lambda reading: reading[:2])
        ]

    def _cues(self, lower: list[str]) -> list[_Cue]:
        """Give the cues from left to right, each the longest at its place; what a modifier reaches speaks for it."""
        cues: list[_Cue] = []
        modifier: RelationRule | None = None
        end = limit = 0
        for index in [index for index, word in enumerate(lower) if word in self._phrases]:
            if index < end:
                continue
            keys = self._phrases[lower[index]]
            key = next((key for key in keys if tuple(lower[index : index + len(key)]) == key), None)
            if key is None:
                continue
            if modifier and (index >= limit or not all(self._passes(word, modifier) for word in lower[end:index])):
                modifier = None
            rules = self._rules[key]
            own = next((rule for rule in rules if rule.modifies), None)
            if own:
                modifier, limit = own, index + len(key) + own.reach
            elif modifier and (changed := tuple(r for r in rules if r.direction == "right")):
                rules = tuple(dict.fromkeys(modifier for _ in changed))
            end = index + len(key)
            cues.append(_Cue(index, end, rules))
        return cues

    def _right(
        self, lower: list[str], start: int, rule: RelationRule, starts: dict[int, int], cues: set[int]
    ) -> Iterator[tuple[tuple[int, int], int]]:
        """Give the candidates after a cue as far as its scope goes, with their distance in tokens."""
        index = start
        while index < len(lower) and index - start < rule.reach:
            if index in starts:
                yield (index, starts[index]), index - start
                index = starts[index]
            elif index in cues or not self._passes(lower[index], rule):
                return
            else:
                index += 1

    def _left(
        self, lower: list[str], end: int, rule: RelationRule, ends: dict[int, int]
    ) -> Iterator[tuple[tuple[int, int], int]]:
        """Give the nearest candidate before a cue, if its scope goes as far."""
        index = end
        while index > 0 and end - index < rule.reach:
            if index in ends:
                yield (ends[index], index), end - index
                return
            if not self._passes(lower[index - 1], rule):
                return
            index -= 1

    def _passes(self, word: str, rule: RelationRule) -> bool:
        if word in self._through[rule.id]:
            return True
        if word in rule.ends_at:
            return False
        return (word[:1].isalnum() and word not in self._boundary) or word in self._modifiers


@Language.factory("kg_relations", assigns=["doc.spans"], requires=["doc.spans"])
def create_relation_finder(nlp: Language, name: str) -> RelationFinder:
    """Make the component `kg_relations`."""
    return RelationFinder()
