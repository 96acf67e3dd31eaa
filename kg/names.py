"""Fold names and titles to keys, so that spelling variants of one name meet.

Folding follows the rule of the annotation guide (`tests/gold/GUIDELINES.md`): case, punctuation, spaces and a final
plural s do not matter.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9α-ω*+]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def fold(name: str) -> str:
    """Fold a surface form to the key under which its variants meet.

    Never empty for a name with a visible character: a name without letters and digits folds to itself in lower case.

    >>> fold("Spiking Neural Networks") == fold("spiking-neural network")
    True
    >>> fold("C*-algebra"), fold("GPT-4")
    ('c*algebra', 'gpt4')
    """
    text = unicodedata.normalize("NFKC", name).lower()
    return "".join(_singular(word) for word in _WORD.findall(text)) or text.strip()


def slug(title: str, length: int = 60) -> str:
    """Give the title in lower case, hyphenated, ASCII, at most `length` characters.

    >>> slug("Self-Normalizing Neural Networks")
    'self-normalizing-neural-networks'
    """
    return _NOT_SLUG.sub("-", title.lower()).strip("-")[:length]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
