"""Witness: code, models, data and other material that a paper says it will give, without saying where.

What counts as an announcement says `rules/announcements.toml`. "Code will be released at" with an address is none: the
address is a link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.links import holds_address
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import read_tokens
from kg.extract.values import to_plain
from kg.extract.words import load_words
from kg.model import Announcement, Mention

_WORD = re.compile(r"(?<![\w-])[a-z]+(?![\w-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementRule(Rule):
    """Words by which a paper announces something."""

    confidence: float
    pattern: str


class AnnouncementFinder:
    """Find the announcements of a doc; as a component, write them to `doc.user_data["kg_announcements"]`."""

    def __init__(self) -> None:
        words = load_words()
        self.rules = load_rules("announcements", AnnouncementRule)
        self._rules = [(rule, re.compile(words.expand(rule.pattern), re.IGNORECASE)) for rule in self.rules]
        self._signs = tuple(map(" ".join, words.announcing))
        self._kinds = {ware: kind for kind, wares in words.wares.items() for ware in wares}

    def __call__(self, doc: Doc) -> Doc:
        """Write the announcements of `doc` to its user data, as plain values."""
        doc.user_data["kg_announcements"] = [to_plain(announcement) for announcement in self.find(doc)]
        return doc

    def find(self, doc: Doc) -> list[Announcement]:
        """Give the announcements in text order, in a sentence by kind; each kind once, where it is first said."""
        found: dict[str, Announcement] = {}
        text = read_tokens(doc).text
        searched = doc.user_data.get("kg_title_end", 0)
        signs = [re.escape(sign) for sign in self._signs if sign in text]
        for sign in re.finditer("|".join(signs), text) if signs else ():
            if sign.start() < searched:
                continue
            span = doc.char_span(*sign.span(), alignment_mode="expand")
            assert span is not None  # noqa: S101  (an expanded span covers any offsets within the text)
            begin, searched = span.sent.start_char, span.sent.end_char
            for announcement in self._announced(text, begin, searched):
                found.setdefault(announcement.kind, announcement)
        return list(found.values())

    def _announced(self, text: str, begin: int, end: int) -> list[Announcement]:
        for rule, pattern in self._rules:
            match = pattern.search(text, begin, end)
            if match is None or holds_address(text[match.end() : end]):
                continue
            kinds = {self._kinds.get(word) for word in _WORD.findall(match["wares"].lower())} - {None}
            mention = Mention(
                start=match.start(),
                end=match.end(),
                text=match.group(),
                relation="announces",
                rules=(rule.id,),
                confidence=rule.confidence,
            )
            return [Announcement(kind=kind, mention=mention) for kind in sorted(filter(None, kinds))]
        return []


@Language.factory("kg_announcements")
def create_announcement_finder(nlp: Language, name: str) -> AnnouncementFinder:
    """Make the component `kg_announcements`."""
    return AnnouncementFinder()
