"""The tokens of a doc as plain lists."""

from __future__ import annotations

import spacy
from spacy.tokens import DocBin

from kg.extract import create_pipeline
from kg.extract.tokens import Tokens, read_tokens

NLP = create_pipeline(until="kg_sentences")
TEXT = "We propose  FooNet\n(for short). It runs, naïvely, at 20–30 fps on the BarSet data.\n\nNot more."


def test_the_lists_say_what_spacy_says() -> None:
    doc = NLP(TEXT)
    read = read_tokens(doc)
    assert read.texts == [token.text for token in doc]
    assert read.lower == [token.text.lower() for token in doc]
    assert read.starts == [token.idx for token in doc]
    assert read.ends == [token.idx + len(token) for token in doc]
    assert read.begin_sentences == [token.is_sent_start is True for token in doc]
    assert read.text == doc.text == TEXT


def test_the_text_between_two_tokens_is_that_of_the_span() -> None:
    doc = NLP(TEXT)
    for start in range(len(doc)):
        for end in range(start + 1, len(doc) + 1):
            assert read_tokens(doc).between(start, end) == doc[start:end].text


def test_they_are_made_once() -> None:
    doc = NLP(TEXT)
    assert read_tokens(doc) is read_tokens(doc)


def test_they_are_made_anew_after_tokens_were_merged() -> None:
    doc = NLP(TEXT)
    read_tokens(doc)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert read_tokens(doc).texts[0] == "We propose"


def test_a_doc_that_was_stored_has_the_same() -> None:
    doc = NLP(TEXT)
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (back,) = DocBin(store_user_data=True).from_bytes(stored).get_docs(spacy.blank("en").vocab)
    assert isinstance(read_tokens(back), Tokens)
    assert read_tokens(back) == read_tokens(doc)
