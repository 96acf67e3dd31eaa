"""Read a listing page of Hugging Face Daily Papers that was saved as text.

    new                                  ┐
    Get trending papers in your email …  │ head, may be missing in part or whole
    …                                    │
    Aug 25                               ┘ the page's day
    A Method on Searching Better …         title
    The success of artificial neural …     abstract
      • 8 authors                        ┐
    ·                                    │ trailer, on some pages: authors or an organisation, and a date
    May 18, 2024 3                       ┘ without a year when it is the page's own; then the number of comments

Paragraphs stand between blank lines. Nothing but their order and length tells a title from an abstract, so a paragraph
of more than `MAX_TITLE` characters is never a title, and what does not fit the order is a problem, not a guess.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import PurePath
from typing import BinaryIO

from kg.model import Entry, Listing, Paper
from kg.sources.reader import MAX_TEXT, MAX_TITLE, Line, Problem, Source, shorten, tidy

MAX_PAGE = 16 * 2**20
"""Largest page, in bytes (unpacked): unlike JSON lines, a page is held in memory as a whole."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<day>\d\d?)(?:,\s*(?P<year>[1-9]\d{{3}}))?(?:\s+(?P<comments>\d{{1,9}}))?",
    re.ASCII | re.IGNORECASE,
)
_AUTHORS = re.compile(r"[•*-]?\s*(\d{1,6})\s+authors?", re.ASCII | re.IGNORECASE)
_SEPARATOR = "·"
_HEAD = frozenset(
    {
        "new",
        "gettrendingpapersinyouremailinbox!",
        "subscribe",
        "dailypapers",
        "byakandtheresearchcommunity",
    }
)
_TELLING_HEAD = frozenset({"dailypapers", "byakandtheresearchcommunity"})
_TEXT_SUFFIXES = frozenset({"", ".txt", ".text", ".gz"})
_BLANK_LINES = re.compile(r"\n\s*\n")
_OTHER_FORMAT = re.compile(r"[{\[<@%#]|[^\n]*\t")
_SENTENCE_END = (".", "!", "?", "…", '."', ".)")
_MAX_WHO = 120


@dataclass(frozen=True, slots=True)
class _Paragraph:
    line: int
    text: str
    is_long: bool


@dataclass(frozen=True, slots=True)
class _Trailer:
    line: int
    who: str | None
    date: re.Match[str] | None


def recognise(head: bytes, name: str) -> bool:
    """Tell a page by its head or a trailer; without both, a text file by its alternation of titles and abstracts."""
    text = head.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if any(_fold_head(line) in _TELLING_HEAD for line in lines[:20]):
        return True
    if any(line == _SEPARATOR and _match_date(following) for line, following in pairwise(lines)):
        return True
    if PurePath(name).suffix.lower() not in _TEXT_SUFFIXES or _OTHER_FORMAT.match(text.lstrip()):
        return False
    is_long = [len(paragraph) > MAX_TITLE for paragraph in _BLANK_LINES.split(text.strip())]
    entries = sum(not first and second for first, second in pairwise(is_long))
    return is_long[:2] == [False, True] and 2 * entries >= 0.8 * len(is_long)


def read(source: Source, year: int | None = None) -> Iterator[Paper | Problem]:
    """Yield the page's papers in its order, and a problem for each part that is no whole entry.

    `year` is that of the page's day and of the dates that have none.
    """
    if _is_larger(source.stream, MAX_PAGE):
        message = f"a listing page of more than {MAX_PAGE:,} bytes (unpacked) was skipped; split it into smaller ones"
        yield Problem(source.place, message)
        return
    lines: list[Line] = []
    for line in source.lines():
        if isinstance(line, Problem):
            yield line
            continue
        if not line.text and lines and not lines[-1].text:
            continue  # one blank line parts as well as many
        text, complaint = tidy(line.text)
        if complaint:
            yield Problem(source.at(line.number), complaint)
        lines.append(Line(line.number, text))
    day, body = _split_head(lines)
    listing = source.listing
    if day is not None:
        day_text, complaint = _xsd_date(day.match, year)
        listing = replace(listing, day=day_text)
        if complaint:
            yield Problem(source.at(day.line), complaint)
    found = False
    for item in _read_entries(_paragraphs(body), source, listing, year):
        found = found or isinstance(item, Paper)
        yield item
    if not found:
        yield Problem(
            source.place, "no entry found; a listing page holds a title and an abstract a paper, blank lines between"
        )


def _is_larger(stream: BinaryIO, limit: int) -> bool:
    """Tell whether more bytes follow; the stream then stands at its beginning."""
    size = 0
    with suppress(EOFError, zlib.error, OSError):  # of a damaged file, which reading its lines names
        while size <= limit and (chunk := stream.read(2**16)):
            size += len(chunk)
    stream.seek(0)
    return size > limit


@dataclass(frozen=True, slots=True)
class _Day:
    line: int
    match: re.Match[str]


def _split_head(lines: list[Line]) -> tuple[_Day | None, list[Line]]:
    day: _Day | None = None
    for index, line in enumerate(lines):
        if not line.text or _fold_head(line.text) in _HEAD:
            continue
        match = _match_date(line.text)
        if day is not None or match is None or match["comments"]:
            return day, lines[index:]
        day = _Day(line.number, match)
    return day, []


def _paragraphs(lines: list[Line]) -> list[_Paragraph | _Trailer]:
    """Put lines together to paragraphs and trailers.

    Lines without a blank one between them are one wrapped paragraph, unless one of them is too long to be wrapped:
    then each stands for itself.
    """
    blocks: list[_Paragraph | _Trailer] = []
    run: list[Line] = []

    def close() -> None:
        if any(len(line.text) > MAX_TITLE for line in run):
            blocks.extend(_Paragraph(line.number, line.text, len(line.text) > MAX_TITLE) for line in run)
        elif run:
            text = " ".join(line.text for line in run)
            blocks.append(_Paragraph(run[0].number, text, len(text) > MAX_TITLE))
        run.clear()

    trailers = _trailers([line for line in lines if line.text])
    for line in lines:
        if line.number in trailers:
            close()
            if (trailer := trailers[line.number]) is not None:
                blocks.append(trailer)
        elif line.text:
            run.append(line)
        else:
            close()
    close()
    return blocks


def _trailers(lines: list[Line]) -> dict[int, _Trailer | None]:
    """Find the lines that belong to trailers: line number to the trailer that begins there, or None within one."""
    found: dict[int, _Trailer | None] = {}
    for index, line in enumerate(lines):
        if line.number in found:
            continue
        following = lines[index + 1 : index + 3]
        who, separator, tail = line.text.rpartition(_SEPARATOR)
        if len(following) == 2 and following[0].text == _SEPARATOR and len(line.text) <= _MAX_WHO:
            if match := _match_date(following[1].text):
                found[line.number] = _Trailer(line.number, _blanks(line.text), match)
                found |= {part.number: None for part in following}
        elif line.text == _SEPARATOR and following and (match := _match_date(following[0].text)):
            found[line.number] = _Trailer(line.number, None, match)
            found[following[0].number] = None
        elif separator and len(who) <= _MAX_WHO and (match := _match_date(tail)):
            found[line.number] = _Trailer(line.number, _blanks(who), match)
        elif _AUTHORS.fullmatch(_blanks(line.text)):
            found[line.number] = _Trailer(line.number, _blanks(line.text), None)
    return found


def _read_entries(
    blocks: list[_Paragraph | _Trailer], source: Source, listing: Listing, year: int | None
) -> Iterator[Paper | Problem]:
    index = 0
    while index < len(blocks):
        title, rest = blocks[index], blocks[index + 1 : index + 3]
        index += 1
        if isinstance(title, _Trailer):
            yield Problem(source.at(title.line), "authors and date without a paper before them were skipped")
        elif title.is_long:
            yield Problem(
                source.at(title.line),
                f"an abstract without a title was skipped: {shorten(title.text)}; "
                f"a title of at most {MAX_TITLE} characters stands before each abstract",
            )
        elif not rest or isinstance(rest[0], _Trailer) or _is_title(rest[0], *rest[1:]):
            yield Problem(
                source.at(title.line),
                f"{shorten(title.text)} has no abstract and was skipped; the paragraph after a title is its abstract",
            )
            index += bool(rest) and isinstance(rest[0], _Trailer)
        else:
            index += 1
            trailer = rest[1] if len(rest) == 2 and isinstance(rest[1], _Trailer) else None
            index += trailer is not None
            yield from _entry(title, rest[0], trailer, source, listing, year)


def _is_title(paragraph: _Paragraph, after: _Paragraph | _Trailer | None = None) -> bool:
    """Tell whether the paragraph where an abstract is expected is the next entry's title."""
    if paragraph.is_long or after is None or isinstance(after, _Trailer):
        return False
    return after.is_long or not paragraph.text.endswith(_SENTENCE_END)


def _entry(
    title: _Paragraph,
    abstract: _Paragraph,
    trailer: _Trailer | None,
    source: Source,
    listing: Listing,
    year: int | None,
) -> Iterator[Paper | Problem]:
    if len(abstract.text) > MAX_TEXT:
        yield Problem(
            source.at(abstract.line),
            f"an abstract of {len(abstract.text):,} characters was skipped; at most {MAX_TEXT:,} are read",
        )
        return
    paper = Paper(title=title.text, abstract=abstract.text, entries=(Entry(listing=listing, line=title.line),))
    if trailer is None:
        yield paper
        return
    if trailer.who and (match := _AUTHORS.fullmatch(trailer.who)):
        paper = replace(paper, author_count=int(match[1]))
    elif trailer.who:
        paper = replace(paper, organisation=_organisation(trailer.who))
    if trailer.date:
        day, complaint = _xsd_date(trailer.date, year)
        if complaint:
            yield Problem(source.at(trailer.line), complaint)
        comments = int(trailer.date["comments"]) if trailer.date["comments"] else None
        paper = replace(
            paper,
            date=day,
            year=int(day[:4]) if day and not day.startswith("--") else None,
            entries=(replace(paper.entries[0], comment_count=comments),),
        )
    yield paper


def _organisation(who: str) -> str:
    """Give an organisation's name once where the page has it twice, as account and as name.

    >>> _organisation("deepmind Deepmind"), _organisation("facebook AI at Meta")
    ('Deepmind', 'facebook AI at Meta')
    """
    account, _, name = who.lstrip("•* ").partition(" ")
    return name if _fold_head(account) == _fold_head(name) and name else f"{account} {name}".strip()


def _xsd_date(match: re.Match[str], year: int | None) -> tuple[str | None, str | None]:
    """Give the date's XSD lexical form, and a complaint when there is no such day."""
    month, day = _MONTHS.index(match["month"].lower()) + 1, int(match["day"])
    text = match.group()
    if match["year"] or year:
        year = int(match["year"] or year or 0)
        try:
            return date(year, month, day).isoformat(), None
        except ValueError:
            if match["year"]:
                return None, f"no such day: {text}; the date was left out"
    try:
        lexical = date(2000, month, day).strftime("--%m-%d")  # a leap year has every day
    except ValueError:
        return None, f"no such day: {text}; the date was left out"
    return lexical, f"no such day in {year}: {text}; the date was kept without a year" if year else None


def _match_date(text: str) -> re.Match[str] | None:
    return _DATE.fullmatch(_blanks(text))


def _blanks(text: str) -> str:
    r"""Give the text with one space for white space of any kind, such as no-break spaces.

    >>> _blanks("•\u00a08\u2009 authors")
    '• 8 authors'
    """
    return " ".join(text.split())


def _fold_head(text: str) -> str:
    return "".join(text.split()).lower()
