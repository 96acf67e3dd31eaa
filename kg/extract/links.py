"""Witness: addresses of repositories, weights, data and project pages.

Addresses are found with and without scheme, cleaned of the markup and punctuation around them, and joined again where a
blank or a line end broke them. What an address leads to says the first rule of `rules/links.toml` that fits, whether it
is the paper's own the first of `rules/offers.toml`, which read the words that speak of it: its sentence, or for a
footnote or an address that stands alone also the sentence before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import read_tokens
from kg.extract.values import to_plain
from kg.extract.words import load_words
from kg.model import Link, Mention

_HOST_END = re.compile(r"\.[A-Za-z]{2,7}/")
_LONGEST_HOST = 250
_CHARACTER = r"""(?: \\[_%#&~-] | [^\s{}<>"'`|\\^\[\]()] )"""
_ESCAPED = re.compile(r"\\([_%#&~-])")
_TRAILING = re.compile(r"(?:[.,;:!?*$~'\"”’…)\]]|\\)+$|(?<=\.git)/$")
_NEXT_PART = re.compile(r"\s(?!\s)([\w./%#=&?+~-]*[\w/])")
_LABEL = re.compile(r"\}\{(?:\\\w+(?:\[[^\[\]]*\])?(?:\{[^{}]*\})?|\{)*")
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_MARKUP = re.compile(r"\\[a-zA-Z]+|[{}$~]")
_BROKEN_WORD = re.compile(r"(?<=[a-z])-\s?(?=[a-z])")
_NOTE = re.compile(r"\s*(?:\d{1,3}|[*†‡])[ .)]")
_REFERENCE = re.compile(r"[^\n]{0,300}?(?:\. |\()(?:19|20)\d\d[a-z]?\)?\.\s")
_WORD = re.compile(r"[A-Za-z]+")
_THIS = "<url>"
_REACH = 400
"""How many characters before an address may speak of it, so that no text takes long."""


@cache
def _address() -> re.Pattern[str]:
    top_level = "|".join(sorted(load_words().top_levels))
    return re.compile(
        rf"""
          https? : \s? // \s? {_CHARACTER}+ (?: \([^\s{{}}<>()]*\) {_CHARACTER}* )*
        | (?<![\w@./-]) www\. (?: [a-z0-9][a-z0-9-]*\. )+ (?: {top_level} ) \b {_CHARACTER}*
        | (?<![\w@./-]) (?: [a-z0-9][a-z0-9-]*\. )+ (?: {top_level} ) (?=/) {_CHARACTER}+
        """,
        re.VERBOSE | re.IGNORECASE,
    )


@cache
def _owner_only() -> re.Pattern[str]:
    host = "|".join(sorted(load_words().owner_hosts))
    return re.compile(
        rf"(?:https?:\s?//\s?)?(?:www\.)?(?:{host})\.[a-z]+/(?:(?:datasets|spaces|collections)/)?(?:[^\s/]+/)?",
        re.IGNORECASE,
    )


@cache
def _file_name_end() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(sorted(load_words().file_endings))})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRule(Rule):
    """What an address of a certain form, in a sentence with certain words, leads to."""

    kind: str
    address: str
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule(Rule):
    """Whether an address is the paper's own, by the words that speak of it or by its form."""

    own: bool
    confidence: float
    pattern: str = ""
    address: str = ""
    without: str = ""


class LinkFinder:
    """Find the links of a doc; as a component, write them to `doc.user_data["kg_links"]` as plain values."""

    def __init__(self) -> None:
        words = load_words()
        self.rules = load_rules("links", LinkRule)
        self.offers = load_rules("offers", OfferRule)
        self._boundary = words.boundary
        self._rules = [
            (rule, re.compile(rule.address, re.IGNORECASE), frozenset(rule.words), frozenset(rule.unless))
            for rule in self.rules
        ]
        self._offers = [
            (
                rule,
                _compiled(words.expand(rule.pattern)),
                _compiled(rule.address),
                _compiled(words.expand(rule.without)),
            )
            for rule in self.offers
        ]

    def __call__(self, doc: Doc) -> Doc:
        """Write the links of `doc` to its user data."""
        doc.user_data["kg_links"] = [to_plain(link) for link in self.find(doc)]
        return doc

    def find(self, doc: Doc) -> list[Link]:
        """Give the links, in text order, each address once."""
        links: dict[str, Link] = {}
        text = read_tokens(doc).text
        last = 0
        for match in _addresses(text):
            start, end = match.start(), self._end(text, *match.span())
            if last and _LABEL.fullmatch(text, last, start):
                continue
            last = end
            url = clean_address(text[start:end])
            if url is not None and url not in links and (link := self._link(doc, start, end, url)):
                links[url] = link
        return list(links.values())

    def _end(self, text: str, start: int, end: int) -> int:
        """Give where the address that begins at `start` really ends: over breaks, before what only follows it."""
        while following := _NEXT_PART.match(text, end):
            part = following[1]
            if part.lower() in self._boundary or not _goes_on(text[start:end], part):
                break
            end = following.end()
        address = _TRAILING.sub("", text[start:end])
        end = start + len(address)
        return end + (address.count("(") > address.count(")") and text.startswith(")", end))

    def _link(self, doc: Doc, start: int, end: int, url: str) -> Link | None:
        text = read_tokens(doc).text
        context = _context(doc, start, end)
        words = frozenset(word.lower() for word in _WORD.findall(context))
        address = re.sub(r"^https?://(?:www\.)?", "", url)
        rules = (
            rule
            for rule, pattern, needed, unless in self._rules
            if pattern.match(address) and (not needed or needed & words) and not unless & words
        )
        offers = (
            rule
            for rule, pattern, form, without in self._offers
            if (pattern is None or pattern.search(context))
            and (form is None or form.match(address))
            and (without is None or not without.search(context))
        )
        rule, offer = next(rules, None), next(offers, None)
        if rule is None or offer is None:
            return None
        relation = ("hasRepository" if rule.kind == "code" else "hasPage") if offer.own else "mentions"
        mention = Mention(
            start=start,
            end=end,
            text=text[start:end],
            relation=relation,
            rules=(rule.id, offer.id),
            confidence=offer.confidence,
        )
        return Link(url=url, kind=rule.kind, own=offer.own, mention=mention)


def holds_address(text: str) -> bool:
    """Tell whether there is an address in a text."""
    return any(True for _ in _addresses(text))


def _addresses(text: str) -> Iterator[re.Match[str]]:
    """Find the addresses of a text.

    It is searched from the length of a host before the first sign of one: most texts have none, most others at the end.
    """
    signs = [text.find("//"), text.find("www."), text.find("WWW.")]
    if "/" in text and (host := _HOST_END.search(text)):
        signs.append(host.start())
    first = min((sign for sign in signs if sign >= 0), default=len(text))
    return _address().finditer(text, max(0, first - _LONGEST_HOST)) if first < len(text) else iter(())


def clean_address(text: str) -> str | None:
    r"""Give an address as an absolute http(s) address, or None when it is none.

    >>> clean_address(r"github.com/owner/a\_name")
    'https://github.com/owner/a_name'
    >>> clean_address("javascript:alert(1)") is None
    True
    """
    url = _ESCAPED.sub(r"\1", "".join(text.split()))
    if not url.lower().startswith(("http://", "https://")):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname and "." in parts.hostname and (parts.port is None or parts.port))
    except ValueError:
        return None
    return url if valid and parts.scheme in ("http", "https") else None


def _compiled(expression: str) -> re.Pattern[str] | None:
    return re.compile(expression, re.IGNORECASE) if expression else None


def _goes_on(address: str, part: str) -> bool:
    """Whether `part`, which a blank or a line end separates from `address`, belongs to it.

    >>> _goes_on("https://github.com/owner/", "name"), _goes_on("https://example.org/page/", "describes")
    (True, False)
    """
    last = address[-1]
    if last == "/":
        return "/" in part.strip("/") or bool(_owner_only().fullmatch(address))
    if last in "?&=":
        return "=" in part or last == "="
    return last in "_-" or (last == "." and bool(_file_name_end().match(part)))


def _sentence(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """Give the offsets of the sentence around an address, which may itself hold what looks like an end of sentence."""
    span = doc.char_span(start, end, alignment_mode="expand")
    assert span is not None  # noqa: S101  (an expanded span covers any offsets within the text)
    return span.sent.start_char, max(doc[span.end - 1].sent.end_char, end)


def _context(doc: Doc, start: int, end: int) -> str:
    r"""Give the words that speak of an address, `<url>` in its place and `_` in that of others.

    That is its sentence, or what a footnote in it says. A footnote below is read with the sentence before its line, an
    address that stands alone with the sentence before, and a reference, which is a line with a year after names, as the
    whole line. Only notes and references have a line end in their context, and only references begin with it.
    """
    text = read_tokens(doc).text
    sentence_start, sentence_end = _sentence(doc, start, end)
    begin, after = sentence_start, text[end : min(sentence_end, end + _REACH)]
    line = text.rfind("\n", 0, start) + 1
    if line > doc.user_data.get("kg_title_end", 0) + 2 and _REFERENCE.match(text, line, start):
        begin = line - 1
    elif line > doc.user_data.get("kg_title_end", 0) + 2 and _NOTE.match(text, line, start):
        begin = _before(doc, min(sentence_start, line - 1))
    elif (note := text.rfind("\\footnote{", begin, start)) >= 0 and _words(text[note + 10 : start]):
        begin = note
    elif not _words(text[begin:start] + after):
        begin = _before(doc, sentence_start)
    parts = (_MARKUP.sub("", _address().sub("_", part)) for part in (text[max(begin, start - _REACH) : start], after))
    return _BROKEN_WORD.sub("", _THIS.join(parts))


def _before(doc: Doc, end: int) -> int:
    """Give where the last sentence with words before `end` begins."""
    begin = end
    while begin > max(0, end - _REACH):
        begin = min(_sentence(doc, begin - 1, begin)[0], begin - 1)
        if len(_words(read_tokens(doc).text[begin:end])) >= 3:
            break
    return begin


def _words(text: str) -> list[str]:
    return _WORD.findall(_BRACKETED.sub("", _address().sub("", text)))


@Language.factory("kg_links")
def create_link_finder(nlp: Language, name: str) -> LinkFinder:
    """Make the component `kg_links`."""
    return LinkFinder()
