"""Split text into the tokens that names are made of.

spaCy's English tokenizer splits at hyphens depending on letter case, so that one name has several shapes. Here a
hyphenated name is one token (`ImageNet-1K`, `top-1`, `self-attention`), while a hyphen before a participle or suffix
that is no part of a name is split off (`BERT-based` gives `BERT`, `-`, `based`), as are slashes, brackets and dashes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from spacy.lang.char_classes import HYPHENS, LIST_ELLIPSES, LIST_PUNCT, LIST_QUOTES
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.util import registry

from kg.extract.words import load_words

_MARKS = [r"\(", r"\)", r"\[", r"\]", r"\{", r"\}", r"<", r">", r"\|", r"~", r"\^", r"`", "“", "”", "‘", r"\*(?=\w)"]
_RUN = r"([^\sA-Za-z0-9])\1{3,}"
_LONG_RUN = r"[^\sA-Za-z0-9]{32,}"
"""A run of one mark, and a long run of any, is one token: split one by one, it would take time in the square of its
length."""
_PREFIXES = [
    _LONG_RUN,
    _RUN,
    *LIST_PUNCT,
    *LIST_ELLIPSES,
    *LIST_QUOTES,
    *_MARKS,
    "§",
    "=",
    r"\$",
    "—",
    "–",
    "--+",
    r"\\",
    "-(?![0-9])",
]
_SUFFIXES = [
    _LONG_RUN,
    _RUN,
    *LIST_PUNCT, *LIST_ELLIPSES, *LIST_QUOTES, *_MARKS, "'s", "'S", "’s", "’S", "—", "–", "--+", r"\\", "=", r"\$",
    r"(?<=[0-9])%", r"\.",
]  # fmt: skip
_INFIXES = [
    _LONG_RUN,
    _RUN,
    *LIST_ELLIPSES, r"[/\\(){}\[\]<>=~^|\"“”;]", "--+", "—", "–(?=[A-Z][a-z]+ )", r"(?<=[a-z])\.(?=[A-Z])",
    r"(?<=[A-Za-z]),(?=[A-Za-z])", r"(?<=[A-Za-z]):(?=[A-Za-z])",
    rf"(?<=[A-Z0-9])(?:{HYPHENS})(?=[a-z]{{3,}}(?:ed|ing)$)",
    rf"(?<=[A-Za-z0-9+])(?:{HYPHENS})(?=(?:{'|'.join(sorted(load_words().name_suffixes))})$)",
]  # fmt: skip
_MOST_CACHED = 1_000_000
"""So many words, with what stands at them, are remembered as cut; the 10,000 of spaCy are full after 400 papers."""


@registry.tokenizers("kg.NameTokenizer.v1")  # type: ignore[untyped-decorator]
def create_name_tokenizer() -> Callable[[Language], Tokenizer]:
    """Give the factory of the tokenizer, for the `[nlp.tokenizer]` block of a spaCy config."""

    def make(nlp: Language) -> Tokenizer:
        defaults = nlp.Defaults
        return Tokenizer(
            nlp.vocab,
            rules={text: case for text, case in (defaults.tokenizer_exceptions or {}).items() if "'" not in text},
            prefix_search=re.compile(f"^{_one_of(_PREFIXES)}").search,
            suffix_search=re.compile(f"{_one_of(_SUFFIXES)}$").search,
            infix_finditer=re.compile(_one_of(_INFIXES)).finditer,
            token_match=defaults.token_match,
            url_match=re.compile(r"(?:https?://|www\.)\S+").match,
            max_cache_size=_MOST_CACHED,
        )

    return make


def _one_of(affixes: Sequence[str]) -> str:
    """Give an expression for any of the affixes, none of which begins with a letter or digit of ASCII.

    That is looked at first, since few places of a word come into question and trying all affixes takes long.
    """
    return f"(?=[^A-Za-z0-9])(?:{'|'.join(filter(None, affixes))})"  # spaCy's lists hold an empty one
