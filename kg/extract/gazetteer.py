"""Witness: the vocabulary. Names of `ontology/vocabulary/`, in whatever spelling the text uses."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.names import fold
from kg.vocabulary import Vocabulary, load_vocabulary

NAME = "vocabulary.name"
TERM = "vocabulary.term"
_MOST_TOKENS = 8
_SHORT = 5


class Gazetteer:
    """Find labels of vocabulary concepts and write them to `doc.spans["kg_vocabulary"]`.

    Labels and text meet when folded (`kg.names.fold`), so hyphens, spaces, case and a plural s do not matter; but a
    one-word label with capitals needs a capital in the text, and a short one in capitals needs exactly its capitals
    (`CLIP` is a model, `clip` is a word). The longest label wins, from the left, per scheme of the vocabulary. A span's
    `label_` is the type, its `kb_id_` the concept's IRI, its `id_` is `vocabulary.name` for a label with capitals and
    `vocabulary.term` for one without.
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.vocabulary = vocabulary or load_vocabulary()
        self._labels: dict[str, list[tuple[str, str, str]]] = {}
        prefixes: set[str] = set()
        for concept in self.vocabulary.concepts.values():
            for label in (concept.pref_label, *concept.alt_labels):
                key = fold(label)
                self._labels.setdefault(key, []).append((label, concept.type, concept.iri))
                prefixes.update(key[:length] for length in range(1, len(key) + 1))
        self._prefixes = frozenset(prefixes)
        self._folded: dict[str, str] = {}

    def __call__(self, doc: Doc) -> Doc:
        """Write the vocabulary's names in `doc` to its span groups."""
        doc.spans["kg_vocabulary"] = self.find(doc)
        return doc

    def find(self, doc: Doc) -> list[Span]:
        """Give the spans, in text order; one extent may name concepts of several types."""
        keys = [self._fold(token.text) for token in doc]
        spans: list[Span] = []
        index = 0
        while index < len(keys):
            end, found = self._longest(doc, keys, index)
            if not found:
                index += 1
                continue
            spans += [
                Span(doc, index, end, label=kind, kb_id=iri, span_id=rule) for kind, iri, rule in sorted(found)
            ]
            index = end
        return spans

    def _longest(self, doc: Doc, keys: list[str], start: int) -> tuple[int, set[tuple[str, str, str]]]:
        best: tuple[int, set[tuple[str, str, str]]] = (start, set())
        if not keys[start] or doc[start].text[:1] in "-–/":
            return best
        key = ""
        for end in range(start + 1, min(start + _MOST_TOKENS, len(keys)) + 1):
            part = keys[end - 1]
            key += part
            if key not in self._prefixes:
                break
            if part and (entries := self._labels.get(key)):
                text = doc[start:end].text
                fits = {
                    (kind, iri, TERM if label.islower() else NAME)
                    for label, kind, iri in entries
                    if _case_fits(label, text)
                }
                if fits:
                    best = (end, fits)
        return best

    def _fold(self, word: str) -> str:
        key = self._folded.get(word)
        if key is None:
            key = fold(word) if any(char.isalnum() for char in word) else ("" if word in "-–'’" else "\n")
            if len(self._folded) < 200_000:
                self._folded[word] = key
        return key


def _case_fits(label: str, text: str) -> bool:
    if " " in label or label.islower():
        return True
    if label.isupper() and len(label) <= _SHORT:
        return text in (label, f"{label}s")
    return any(char.isupper() for char in text)


@Language.factory("kg_vocabulary", assigns=["doc.spans"])
def create_gazetteer(nlp: Language, name: str) -> Gazetteer:
    """Make the component `kg_vocabulary`."""
    return Gazetteer()
