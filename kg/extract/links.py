"""Witness: addresses of repositories, weights, data and project pages.

Addresses are found with and without scheme, cleaned of the markup and punctuation that follow them, and joined again
where a blank broke them after a slash. The kind comes from `rules/links.toml`; an address is the paper's own when its
sentence offers something ("available at", "we release"), somebody else's otherwise (`rules/words.toml`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.rules import Rule, load_rules
from kg.extract.values import to_plain
from kg.extract.words import load_words, whole_text
from kg.model import Link, Mention

_TOP_LEVEL = (
    "com|org|net|edu|gov|io|ai|co|dev|app|science|info|me|xyz|page|site|cn|de|fr|uk|jp|kr|it|es|nl|ch|at|be|se|no|dk|fi|pl|"
    "ru|in|il|sg|hk|tw|br|ca|au|eu|us|cz|gr|pt|ie|tr|ir|mx|google|world|cc|to|tv|tech|cloud|ml|gl|ly"
)
_ADDRESS = re.compile(
    rf"""
    (?: (?P<scheme> https?:// ) \s? [^\s{{}}<>"'`|\\^\[\]()]+ (?: \([^\s{{}}<>()]*\) [^\s{{}}<>"'`|\\^\[\]()]* )*
      | (?<![\w@./-]) (?: www\. )? (?: [a-z0-9][a-z0-9-]*\. )+ (?: {_TOP_LEVEL} ) (?=/) [^\s{{}}<>"'`|\\^\[\]()]+
    )
    (?: (?<=/) [ ] (?! (?:and|or|for|is|are|the|to|in|on|with|by|of|we|our) \b ) [\w.-]+ / [\w./-]+
      | (?<=/) [ ] (?<=\.com/[ ]) [\w-]+ (?=[.]?\s*$)
    )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TRAILING = re.compile(r"(?:[.,;:!?*$~'\"”’…)\]]|\\)+$|(?<=\.git)/$")
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRule(Rule):
    """What an address of a certain form, in a sentence with certain words, leads to."""

    kind: str
    address: str
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class LinkFinder:
    """Find the links of a doc; as a component, write them to `doc.user_data["kg_links"]` as plain values."""

    def __init__(self) -> None:
        self.rules = load_rules("links", LinkRule)
        self._offers = load_words().offers
        phrases = "|".join(re.escape(phrase) for phrase in map(" ".join, load_words().foreign))
        self._foreign = re.compile(rf"\b(?:{phrases})\s+(?:the\s+)?(?:[\w-]+\s*){{0,3}}[(\[{{:]?\s*$", re.IGNORECASE)
        self._rules = [
            (rule, re.compile(rule.address, re.IGNORECASE), frozenset(rule.words), frozenset(rule.unless))
            for rule in self.rules
        ]

    def __call__(self, doc: Doc) -> Doc:
        """Write the links of `doc` to its user data."""
        doc.user_data["kg_links"] = [to_plain(link) for link in self.find(doc)]
        return doc

    def find(self, doc: Doc) -> list[Link]:
        """Give the links, in text order, each address once."""
        links: dict[str, Link] = {}
        text = whole_text(doc)
        if "/" not in text:
            return []
        for match in _ADDRESS.finditer(text):
            address = _TRAILING.sub("", match.group())
            url = clean_address(address)
            if url is None or url in links:
                continue
            links[url] = self._link(doc, match.start(), match.start() + len(address), url)
        return list(links.values())

    def _link(self, doc: Doc, start: int, end: int, url: str) -> Link:
        sentence_start, sentence_end = _sentence(doc, start, end)
        text = whole_text(doc)
        before = text[sentence_start:start]
        sentence = before + text[end:sentence_end]
        words = frozenset(word.lower() for word in _WORD.findall(sentence))
        address = re.sub(r"^https?://(?:www\.)?", "", url)
        rule = next(
            rule
            for rule, pattern, needed, unless in self._rules
            if pattern.match(address) and (not needed or needed & words) and not unless & words
        )
        own = bool(words & self._offers) and not self._foreign.search(before)
        relation = ("hasRepository" if rule.kind == "code" else "hasPage") if own else "mentions"
        mention = Mention(
            start=start,
            end=end,
            text=text[start:end],
            relation=relation,
            rules=(rule.id,),
            confidence=0.95 if own else 0.8,
        )
        return Link(url=url, kind=rule.kind, own=own, mention=mention)


def clean_address(text: str) -> str | None:
    """Give an address as an absolute http(s) address, or None when it is none.

    >>> clean_address("github.com/owner/name")
    'https://github.com/owner/name'
    >>> clean_address("javascript:alert(1)") is None
    True
    """
    url = "".join(text.split())
    if not url.lower().startswith(("http://", "https://")):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname and "." in parts.hostname and (parts.port is None or parts.port))
    except ValueError:
        return None
    return url if valid and parts.scheme in ("http", "https") else None


def _sentence(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """Give the offsets of the sentence around an address, which may itself hold what looks like an end of sentence."""
    span = doc.char_span(start, end, alignment_mode="expand")
    assert span is not None  # noqa: S101  (an expanded span covers any offsets within the text)
    return span.sent.start_char, max(doc[span.end - 1].sent.end_char, end)


@Language.factory("kg_links")
def create_link_finder(nlp: Language, name: str) -> LinkFinder:
    """Make the component `kg_links`."""
    return LinkFinder()
