"""Split a text into sentences; a blank line, as between title and abstract, ends one too."""

from __future__ import annotations

from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc

from kg.extract.words import texts


class SentenceFinder:
    """Set sentence starts by spaCy's rules for punctuation, and after blank lines."""

    def __init__(self) -> None:
        self._sentencizer = Sentencizer()

    def __call__(self, doc: Doc) -> Doc:
        """Set the sentence starts of `doc`, unless a parser has."""
        if doc.has_annotation("DEP"):
            return doc
        doc = self._sentencizer(doc)
        for index, text in enumerate(texts(doc)[:-1]):
            if "\n\n" in text:
                doc[index + 1].is_sent_start = True
        return doc


@Language.factory("kg_sentences", assigns=["token.is_sent_start", "doc.sents"])
def create_sentence_finder(nlp: Language, name: str) -> SentenceFinder:
    """Make the component `kg_sentences`."""
    return SentenceFinder()
