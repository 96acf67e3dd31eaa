"""Fold names and titles to keys, so that spelling variants of one name meet and different names do not.

There are two foldings. `fold` makes the keys by which papers and things are one: it drops only what never tells two
names apart. `fold_loosely` is the rule of the annotation guide (`tests/gold/GUIDELINES.md`): it knows Latin and Greek
letters only, and is for comparing a text with names that are known beforehand.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SYMBOLS = "*+#∂∆∇√∞"
"""What stands in names as a letter does: C*-algebra, C++, C#, ∞-former."""
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9*+#.]+")
_ACCENT = re.compile("(?<=[a-zα-ω])[\u0300-\u036f]+")
_POINT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_LOOSE_WORD = re.compile(r"[a-z0-9α-ω*+]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# Soft hyphen, zero-width space and joiner, byte order mark, marks and overrides of direction. The joiners that some
# scripts spell with stay, except beside a Latin letter.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
    "|(?<=[\u0000-\u024f])[\u200c\u200d]|[\u200c\u200d](?=[\u0000-\u024f])"
)


@lru_cache(maxsize=100_000)
def fold(name: str) -> str:
    """Fold a surface form to the key under which its variants meet.

    Case, accents on Latin and Greek letters, punctuation, spaces and a plural s at the end of a word do not matter.
    Letters and digits of every script stay; two numbers never run together: a point between digits stays, and whatever
    else parts two digits becomes a hyphen. Never empty for a name with a visible character: a name without letters and
    digits folds to itself in lower case.

    >>> fold("Spiking Neural Networks") == fold("spiking-neural network")
    True
    >>> fold("C*-algebra"), fold("GPT-4"), fold("Gemini 1.5"), fold("Llama 2 7B"), fold("Poincaré")
    ('c*algebra', 'gpt4', 'gemini1.5', 'llama2-7b', 'poincare')
    """
    if name.isascii() and (plain := name.lower().replace("-", " ")).replace(" ", "").isalpha():
        return "".join(map(_singular, plain.split()))  # as below; most names are nothing but words
    name = visible(name)
    text = name.lower() if name.isascii() else _ACCENT.sub("", _decomposed(name))
    words = _POINT.sub(" ", _spaced(text)).split()
    key = ""
    for word in map(_singular, words):
        key += f"-{word}" if key and key[-1].isdigit() and word[0].isdigit() else word
    return unicodedata.normalize("NFC", key) or text.strip()


def fold_loosely(name: str) -> str:
    """Fold a name as the annotation guide does: to Latin and Greek letters, digits, `*` and `+`.

    It merges names that `fold` keeps apart, and says the same of a name and of its tokens, joined. Never empty for a
    name with a visible character.

    >>> fold_loosely("Gemini 1.5"), fold_loosely("Llama 2 7B")
    ('gemini15', 'llama27b')
    """
    if name.isascii() and name.isalnum():
        text = name.lower()
        return text[:-1] if _has_plural_s(text) else text  # as below; most names are one word
    text = unicodedata.normalize("NFKC", name).lower()
    words = _LOOSE_WORD.findall(text)
    return "".join(word[:-1] if _has_plural_s(word) else word for word in words) or text.strip()


def visible(text: str) -> str:
    r"""Give the text without characters that show nothing, such as soft hyphens and zero-width spaces.

    >>> visible("\ufeffauto\u00adencoder")
    'autoencoder'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


def slug(title: str, length: int = 60) -> str:
    """Give the title in lower case, hyphenated, ASCII, at most `length` characters.

    >>> slug("Self-Normalizing Neural Networks")
    'self-normalizing-neural-networks'
    """
    return _NOT_SLUG.sub("-", title.lower()).strip("-")[:length]


def _decomposed(text: str) -> str:
    # Decomposed again after folding the case, which may compose anew.
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())


def _spaced(text: str) -> str:
    """Replace all that is no part of a word by spaces; points stay."""
    if text.isascii():
        return _NOT_ASCII_WORD.sub(" ", text)
    return "".join(char if _is_kept(char) else " " for char in text)


def _is_kept(char: str) -> bool:
    # Marks are how many scripts write vowels.
    return char.isalnum() or char == "." or char in _SYMBOLS or unicodedata.category(char)[0] == "M"


def _singular(word: str) -> str:
    # After a digit an s is no plural: YOLOv5s is not YOLOv5.
    return word[:-1] if _has_plural_s(word) and word[-2].isalpha() else word


def _has_plural_s(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith("ss")
