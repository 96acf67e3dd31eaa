"""Sentences begin where spaCy's Sentencizer says, and after blank lines."""

from __future__ import annotations

import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.pipeline import Sentencizer
from spacy.tokens import Doc

from kg.extract.sentences import SentenceFinder

_VOCAB = spacy.blank("en").vocab
_WORDS = st.lists(st.sampled_from(["we", "Run", ".", "?", "!", ")", "”", "...", "5", "。", "-", " "]), min_size=1)


@given(words=_WORDS)
def test_sentences_are_those_of_the_sentencizer(words: list[str]) -> None:
    ours, theirs = SentenceFinder()(Doc(_VOCAB, words=words)), Sentencizer()(Doc(_VOCAB, words=words))
    assert [token.is_sent_start for token in ours] == [token.is_sent_start for token in theirs]


def test_a_blank_line_ends_a_sentence_that_has_no_full_stop() -> None:
    doc = SentenceFinder()(Doc(_VOCAB, words=["A", "Title", "\n\n", "We", "run", "."]))
    assert [sentence.text.split() for sentence in doc.sents] == [["A", "Title"], ["We", "run", "."]]


def test_sentence_starts_that_are_set_stay() -> None:
    doc = SentenceFinder()(Doc(_VOCAB, words=["We", "run", ".", "It", "runs"], sent_starts=[1, -1, -1, -1, 1]))
    assert [len(sentence) for sentence in doc.sents] == [4, 1]
