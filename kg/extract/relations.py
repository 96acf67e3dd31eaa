"""Witness: cues of what a paper does with a thing, with their scopes.

After ConText (Harkema, Dowling, Thornblade, Chapman, "ConText: an algorithm for determining negation, experiencer, and
temporal status from clinical reports", Journal of Biomedical Informatics 42(5), 2009): a cue governs what follows
(or precedes) it until its scope ends. `rules/relations.toml` holds the cues.
"""

from __future__ import annotations

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract.rules import Rule, load_rules
from kg.extract.words import load_words, lower_texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRule(Rule):
    """Cue phrases of one relation, how far they reach, and what their scope passes beside noun phrases."""

    relation: str
    direction: str
    reach: int
    phrases: tuple[str, ...]
    through: tuple[str, ...]
    types: tuple[str, ...]


class RelationFinder:
    """Read the relation of candidates from the cues around them and write it to `doc.spans["kg_relations"]`.

    Reads `doc.spans["kg_candidates"]`. A span has the extent of a candidate, its `label_` is the relation, its `id_`
    the rule. For a candidate there may be several, nearest cue first; which of them counts is decided when its type is
    known.
    """

    def __init__(self) -> None:
        self.rules = load_rules("relations", RelationRule)
        words = load_words()
        self._boundary = words.boundary
        self._modifiers = words.generic_modifiers
        self._through = {rule.id: words.scope_passes | set(rule.through) for rule in self.rules}
        self._cues: dict[str, list[tuple[tuple[str, ...], RelationRule]]] = {}
        for rule in self.rules:
            for phrase in rule.phrases:
                key = tuple(phrase.replace(",", " ,").split())
                self._cues.setdefault(key[0], []).append((key, rule))
        for entries in self._cues.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def __call__(self, doc: Doc) -> Doc:
        """Write the relation readings of `doc` to its span groups."""
        doc.spans["kg_relations"] = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Span]:
        """Give the readings, candidate by candidate in text order, nearest cue first."""
        lower = lower_texts(doc)
        found: dict[tuple[int, int], list[tuple[int, RelationRule]]] = {}
        starts = {span.start: span for span in doc.spans["kg_candidates"]}
        ends = {span.end: span for span in doc.spans["kg_candidates"]}
        index = 0
        while index < len(lower):
            hit = self._cue(lower, index)
            if hit is None:
                index += 1
                continue
            length, rules = hit
            for rule in rules:
                if rule.direction == "right":
                    self._right(lower, index + length, rule, starts, found)
                else:
                    self._left(lower, index, rule, ends, found)
            index += length
        spans: list[Span] = []
        for (start, end), readings in sorted(found.items()):
            readings.sort(key=lambda reading: reading[0])
            spans += [Span(doc, start, end, label=rule.relation, span_id=rule.id) for _, rule in readings]
        return spans

    def _cue(self, lower: list[str], index: int) -> tuple[int, list[RelationRule]] | None:
        """Give the length of the longest cue at `index` and its rules."""
        best: tuple[int, list[RelationRule]] | None = None
        for key, rule in self._cues.get(lower[index], ()):
            if best and len(key) < best[0]:
                break
            if tuple(lower[index : index + len(key)]) == key:
                best = (len(key), [*(best[1] if best else []), rule])
        return best

    def _right(
        self,
        lower: list[str],
        start: int,
        rule: RelationRule,
        starts: dict[int, Span],
        found: dict[tuple[int, int], list[tuple[int, RelationRule]]],
    ) -> None:
        index = start
        while index < len(lower) and index - start < rule.reach:
            if index in starts:
                span = starts[index]
                found.setdefault((span.start, span.end), []).append((index - start, rule))
                index = span.end
                continue
            if not self._passes(lower[index], rule):
                return
            index += 1

    def _left(
        self,
        lower: list[str],
        end: int,
        rule: RelationRule,
        ends: dict[int, Span],
        found: dict[tuple[int, int], list[tuple[int, RelationRule]]],
    ) -> None:
        index = end
        while index > 0 and end - index < rule.reach:
            if index in ends:
                span = ends[index]
                found.setdefault((span.start, span.end), []).append((end - index, rule))
                return
            if not self._passes(lower[index - 1], rule):
                return
            index -= 1

    def _passes(self, word: str, rule: RelationRule) -> bool:
        if word in self._through[rule.id]:
            return True
        return (word[:1].isalnum() and word not in self._boundary) or word in self._modifiers


@Language.factory("kg_relations", assigns=["doc.spans"], requires=["doc.spans"])
def create_relation_finder(nlp: Language, name: str) -> RelationFinder:
    """Make the component `kg_relations`."""
    return RelationFinder()
