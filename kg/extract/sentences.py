"""Split a text into sentences; a blank line, as between title and abstract, ends one too."""

from __future__ import annotations

import numpy as np
from spacy.lang.lex_attrs import is_punct
from spacy.language import Language
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc

from kg.extract.tokens import keep, read_tokens

_ENDS = frozenset(Sentencizer.default_punct_chars)


class SentenceFinder:
    """Set sentence starts by the rule of spaCy's Sentencizer, and after blank lines.

    A sentence ends with a full stop or the like and the punctuation that follows it. Written anew, because setting
    starts token by token takes longer than all else in it.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Set the sentence starts of `doc`, unless another component has."""
        if len(doc) > 1 and doc.has_annotation("SENT_START"):
            return doc
        tokens = read_tokens(doc)
        begin = [False] * len(doc)
        is_start, has_ended = True, False
        for index, text in enumerate(tokens.texts):
            is_end = text in _ENDS
            if is_start or (has_ended and not is_end and not is_punct(text)):
                begin[index] = True
                has_ended = False
            has_ended = has_ended or is_end
            is_start = "\n\n" in text
        keep(doc, tokens._replace(begin_sentences=begin))
        starts = np.where(begin, 1, -1)  # what spaCy has for tokens within a sentence
        return doc.from_array(["SENT_START"], starts.astype(np.uint64))  # type: ignore[arg-type]  # one column will do


@Language.factory("kg_sentences", assigns=["token.is_sent_start", "doc.sents"])
def create_sentence_finder(nlp: Language, name: str) -> SentenceFinder:
    """Make the component `kg_sentences`."""
    return SentenceFinder()
