"""Settle which spans are candidates: where witnesses overlap, one extent is kept.

1. A vocabulary name inside a longer phrase stays by itself when it is a proper name at the end of the phrase
   ("vanilla ResNet-50") or at its beginning ("ImageNet classification"); otherwise, and when the whole phrase has the
   shape of a name ("COCO 2014"), the phrase is the name ("hybrid linear attention").
2. A coined name stays by itself before common nouns that tell no other type ("FooNet paradigm", "FooSet database").
3. A known task or method of several words at the end of a phrase is the name when the words before it are all
   hyphenated, as such words describe ("low-latency speech recognition").
4. What a number measures is the name of the measure, not the longer phrase that ends with it.
5. Of two overlapping spans the longer wins, then the earlier.
6. The long and the short form of an acronym are always candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.gazetteer import NAME
from kg.extract.heads import DATASET, UNKNOWN
from kg.extract.marks import Mark, Marked, marks, write
from kg.extract.names import CAPITALISED, CAPITALISED_WORD
from kg.extract.tokens import Tokens, read_tokens

WITNESSES = ("kg_titles", "kg_acronyms", "kg_names", "kg_vocabulary", "kg_heads", "kg_outcomes")
"""Span groups that propose candidates."""
NAMED = "named"


class CandidateFinder:
    """Write the candidates of a doc, without overlap, to `doc.spans["kg_candidates"]`.

    A span's `label_` is `named` when a witness saw a name (by its shape, vocabulary, acronym or title), else empty.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Write the candidates of `doc` to its span groups."""
        write(doc, "kg_candidates", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the candidates, in text order."""
        tokens = read_tokens(doc)
        groups = {name: list(marks(doc).get(name, ())) for name in WITNESSES}
        extents = {(s.start, s.end) for s in chain.from_iterable(groups.values())}
        named = {(s.start, s.end) for name in ("kg_titles", "kg_acronyms", "kg_names") for s in groups.get(name, ())}
        fixed = {(s.start, s.end) for name in ("kg_titles", "kg_acronyms") for s in groups.get(name, ())}
        proper = {(s.start, s.end): s.label_ for s in groups.get("kg_vocabulary", ()) if s.id_ == NAME}
        phrases = {(s.start, s.end) for s in groups.get("kg_heads", ())}
        for start, end in sorted(proper):
            around = next((p for p in phrases if p[0] <= start and end <= p[1] and p != (start, end)), None)
            if around is None or around in named:
                continue
            if end == around[1]:
                extents.discard(around)
            elif start == around[0] and proper[start, end] in ("Dataset", "Model"):
                extents.discard(around)
                rest = end + 2 if tokens.texts[end] == "-" else end
                if around[1] - rest >= 2:
                    extents.add((rest, around[1]))
        extents -= self._around_coined(tokens, groups)
        extents -= self._described(tokens, groups)
        measures = {mark.end: mark.start for mark in groups["kg_outcomes"]}
        extents -= {(start, end) for start, end in phrases - named if start < measures.get(end, start)}
        chosen: list[tuple[int, int]] = []
        taken: set[int] = set()
        for start, end in sorted(extents, key=lambda e: (e not in fixed, e[0] - e[1], e[0])):
            if taken.isdisjoint(range(start, end)):
                chosen.append((start, end))
                taken.update(range(start, end))
        known = named | proper.keys()
        return [Mark(start, end, NAMED if (start, end) in known else "") for start, end in sorted(chosen)]

    def _around_coined(self, tokens: Tokens, groups: Mapping[str, Sequence[Marked]]) -> set[tuple[int, int]]:
        """Give the phrases that are a coined name and common nouns: of unknown head, or one noun for a dataset."""
        words = tokens.texts
        coined = {s.start: s.end for s in groups["kg_names"] if s.id_ not in (CAPITALISED, CAPITALISED_WORD)}
        found: set[tuple[int, int]] = set()
        for phrase in groups["kg_heads"]:
            end = coined.get(phrase.start, phrase.end)
            if (
                end < phrase.end
                and (phrase.id_ == UNKNOWN or (phrase.id_ == DATASET and phrase.end - end == 1))
                and all(word.islower() for word in words[end : phrase.end])
            ):
                found.add((phrase.start, phrase.end))
        return found

    def _described(self, tokens: Tokens, groups: Mapping[str, Sequence[Marked]]) -> set[tuple[int, int]]:
        """Give the phrases that are a known task or method of several words after hyphenated ones."""
        words = tokens.texts
        known = groups["kg_vocabulary"]
        starts = {s.end: s.start for s in known if s.label_ in ("Task", "Method") and s.end - s.start >= 2}
        return {
            (phrase.start, phrase.end)
            for phrase in groups["kg_heads"]
            if phrase.start < starts.get(phrase.end, 0)
            and all("-" in word for word in words[phrase.start : starts[phrase.end]])
        }


@Language.factory("kg_candidates", assigns=["doc.spans"], requires=["doc.spans"])
def create_candidate_finder(nlp: Language, name: str) -> CandidateFinder:
    """Make the component `kg_candidates`."""
    return CandidateFinder()
