"""The tokenizer cuts what spaCy's way to join affixes would have cut."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from kg.extract import tokenizer
from kg.extract.pipeline import create_pipeline

OURS: Any = create_pipeline(until="kg_sentences").tokenizer
THEIRS: Any = create_pipeline(until="kg_sentences").tokenizer
THEIRS.prefix_search = compile_prefix_regex(tokenizer._PREFIXES).search
THEIRS.suffix_search = compile_suffix_regex(tokenizer._SUFFIXES).search
THEIRS.infix_finditer = compile_infix_regex(tokenizer._INFIXES).finditer


@given(st.text(alphabet="aBé5-–—.,:;/\\()[]{}<>|~^`'’“”\"*$%=§&… \n", max_size=30))
def test_looking_first_whether_an_affix_may_begin_changes_no_cut(text: str) -> None:
    assert [token.text for token in OURS(text)] == [token.text for token in THEIRS(text)]
