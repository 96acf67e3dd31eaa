"""Find noun phrases without a tagger: the stretches between words at which a noun phrase ends."""

from __future__ import annotations

import re
from bisect import bisect_left

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.marks import Mark, write
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.words import Remembered, load_words

_WORD = re.compile(r"[A-Za-zα-ωΑ-Ω][\w&*+@.'’–$-]*$|[0-9]+-?(?!x$)[A-Za-z][\w.-]*$")
_CAPITALISED = re.compile(r"[A-Z][a-z]{2,}[A-Za-z-]*$")
_NUMBER = re.compile(r"v?[0-9]+(?:\.[0-9]+)*$")


class PhraseFinder:
    """Write maximal runs of words without a boundary word to `doc.spans["kg_phrases"]`, in text order.

    Boundary words are listed in `rules/words.toml`; verbs after "we" and the like, adverbs in -ly, punctuation and
    numbers end a phrase too, but a number that follows a capitalised word does not (`Llama 3`).
    """

    def __init__(self) -> None:
        words = load_words()
        self._boundary = words.boundary
        self._suffixes = words.name_suffixes
        self._not_adverbs = words.not_adverbs
        self._before_verbs = words.before_verbs
        self._generic = words.generic_modifiers | words.generic_nouns.keys()
        self._nouns_too = words.nouns_too
        self._after_nouns = words.after_nouns
        self._inside = Remembered(self._is_inside)

    def __call__(self, doc: Doc) -> Doc:
        """Write the phrases of `doc` to its span groups."""
        write(doc, "kg_phrases", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the phrases, in text order."""
        tokens = read_tokens(doc)
        words, lower = tokens.texts, tokens.lower
        inside = self._inside.of(words)
        for index in [index for index, word in enumerate(lower[:-1], 1) if word in self._before_verbs]:
            inside[index] = False
        for index in [index for index, word in enumerate(lower[1:-1], 1) if word in self._nouns_too]:
            if self._is_noun(lower, inside, index):
                inside[index] = True
        body = bisect_left(tokens.starts, doc.user_data.get("kg_title_end", 0))
        spans: list[Mark] = []
        start = -1
        for index, is_inside in enumerate(inside):
            if (
                is_inside
                or (start >= 0 and self._goes_on(tokens, index))
                or (index >= body and words[index][0].isupper() and self._is_part_of_name(words, index))
            ):
                if start < 0:
                    start = index
            elif start >= 0:
                spans.append(Mark(start, index))
                start = -1
        if start >= 0:
            spans.append(Mark(start, len(words)))
        return spans

    def _is_noun(self, lower: list[str], inside: list[bool], index: int) -> bool:
        """Tell whether a word that may be a verb is a noun.

        It is after a singular noun or an adjective, when no object follows ("the learned transform of"), or when its
        form does not agree with that noun as a subject ("body pose estimation").
        """
        before, word, after = lower[index - 1 : index + 2]
        return (
            inside[index - 1]
            and before not in self._generic
            and not before.endswith("s")
            and (after in self._after_nouns or not after[0].isalnum() or (inside[index + 1] and not word.endswith("s")))
        )

    def _goes_on(self, tokens: Tokens, index: int) -> bool:
        words = tokens.texts
        word = words[index]
        if word == "-":
            following = index + 1
            return (
                following < len(words)
                and words[following] in self._suffixes
                and tokens.ends[index] == tokens.starts[following]
            )
        if words[index - 1] == "-":
            return word in self._suffixes
        return bool(_NUMBER.match(word)) and words[index - 1][0].isupper()

    def _is_part_of_name(self, words: list[str], index: int) -> bool:
        """Tell whether a boundary word stands among capitalised words as one of them ("Deep Interest Network")."""
        return 0 < index < len(words) - 1 and all(map(_CAPITALISED.match, words[index - 1 : index + 2]))

    def _is_inside(self, word: str) -> bool:
        lower = word.lower()
        if lower in self._boundary or not ((word.isalpha() and word.isascii()) or _WORD.match(word)):
            return False
        return not (lower == word and word.endswith("ly") and len(word) > 4 and word not in self._not_adverbs)


@Language.factory("kg_phrases", assigns=["doc.spans"])
def create_phrase_finder(nlp: Language, name: str) -> PhraseFinder:
    """Make the component `kg_phrases`."""
    return PhraseFinder()
