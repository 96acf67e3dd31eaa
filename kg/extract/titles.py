"""Witness: patterns of titles. "EvoMoE: An Evolutional … Framework" introduces EvoMoE."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.marks import Mark, write
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import read_tokens
from kg.extract.words import load_words


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRule(Rule):
    """A regular expression over the whole title, whose group `name` has at most `most_words` words."""

    relation: str
    pattern: str
    most_words: int


class TitleFinder:
    """Find what a title names and write it to `doc.spans["kg_titles"]`.

    The title is the text before `doc.user_data["kg_title_end"]` (characters); without it there is none. A span's
    `label_` is the relation, its `id_` the rule.
    """

    def __init__(self) -> None:
        self.rules = load_rules("titles", TitleRule)
        self._boundary = load_words().boundary
        self._patterns = [(rule, re.compile(rule.pattern)) for rule in self.rules]

    def __call__(self, doc: Doc) -> Doc:
        """Write the names of the title of `doc` to its span groups."""
        write(doc, "kg_titles", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give the spans, in the order of the rules."""
        tokens = read_tokens(doc)
        title = tokens.text[: doc.user_data.get("kg_title_end", 0)]
        spans: list[Mark] = []
        for rule, pattern in self._patterns:
            match = pattern.match(title)
            if match and self._may_be_name(match["name"].split(), rule.most_words):
                begins, end = tokens.starts, match.end("name")
                first, last = bisect_left(begins, match.start("name")), bisect_left(begins, end)
                if first < last and tokens.ends[last - 1] > end:
                    last -= 1
                if first < last:
                    spans.append(Mark(first, last, rule.relation, rule.id))
        return spans

    def _may_be_name(self, words: list[str], most: int) -> bool:
        """Tell whether words are few and none but the first of several is a word at which names end."""
        return len(words) <= most and (len(words) == 1 or not any(word.lower() in self._boundary for word in words))


@Language.factory("kg_titles", assigns=["doc.spans"])
def create_title_finder(nlp: Language, name: str) -> TitleFinder:
    """Make the component `kg_titles`."""
    return TitleFinder()
