"""What the readers of all formats share: the source they read from, what they yield, and how bytes become text.

A reader yields papers and problems in the order of the input. A problem never ends the reading: it names the place,
what was found there, what is allowed and what to do, and the reader goes on with what follows.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from kg.model import Listing, Paper
from kg.names import visible

MAX_LINE = 16 * 2**20
"""Longest line that is held in memory, in bytes."""
MAX_TEXT = 100_000
"""Longest abstract, in characters; twenty times the longest one known."""
MAX_TITLE = 300
"""Longest title, in characters; on a page it is also what tells a title from an abstract."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_BROKEN_BYTE = re.compile("[\udc80-\udcff]")
# What XML 1.0, and so RDF/XML and many stores, cannot hold; vertical tab and form feed count as white space here.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")
_NEWLINE = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an input that could not be taken as it stands, while the rest was read."""

    place: str
    """The file, or the file and line as `file:line`."""
    message: str
    """What was got, what is allowed, what to do."""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Line(NamedTuple):
    """One line of text without its line end; numbers count from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """One opened input, positioned at its first byte (uncompressed)."""

    stream: BinaryIO
    place: str
    """How messages name the file."""
    listing: Listing

    def at(self, line: int) -> str:
        """Give the place of a line for messages."""
        return f"{self.place}:{line}"

    def lines(self) -> Iterator[Line | Problem]:
        r"""Yield the lines one at a time, whatever ends them (`\n`, `\r\n`, `\r`), without byte order mark.

        A byte that is not UTF-8 becomes U+FFFD and is named in a problem. A line of more than `MAX_LINE` bytes and what
        follows a damaged place of a compressed file are left out, with a problem.
        """
        number = 0
        try:
            while chunk := self.stream.readline(MAX_LINE):
                if len(chunk) == MAX_LINE and not chunk.endswith(b"\n"):
                    number += 1
                    yield Problem(self.at(number), f"a line of more than {MAX_LINE:,} bytes was skipped; {_SPLIT}")
                    while (chunk := self.stream.readline(MAX_LINE)) and not chunk.endswith(b"\n"):
                        pass
                    continue
                for part in _NEWLINE.split(_without_newline(chunk)):
                    number += 1
                    text = part.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")
                    if broken := list(_BROKEN_BYTE.finditer(text)):
                        yield Problem(self.at(number), _broken_bytes(broken))
                        text = _BROKEN_BYTE.sub(_REPLACEMENT, text)
                    yield Line(number, text)
        except (EOFError, zlib.error, OSError) as error:
            yield Problem(self.at(number + 1), f"reading stopped here ({error}); get the file anew, it is damaged")


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: how it is named, recognised and read."""

    name: str
    """What `format=` (`--format` on the command line) takes."""
    description: str
    """One line for people."""
    recognise: Callable[[bytes, str], bool]
    """Tell from the first bytes (uncompressed) and the file name whether this is the format."""
    read: Callable[[Source, int | None], Iterator[Paper | Problem]]
    """Yield papers, each with one entry, and problems; the number is the year of dates that have none."""


def tidy(text: str) -> tuple[str, str | None]:
    r"""Give the text in the form in which it is kept, and a complaint when a character could not be kept.

    White space around it goes and so do characters that show nothing (such as soft hyphens), each line end becomes one
    space (with the white space around it), nothing else changes. Offsets count in the text as it is kept.
    Characters that no RDF file can hold become U+FFFD; the complaint names them.

    >>> tidy("  a loss\r\n of 2\\%  …\n")
    ('a loss of 2\\%  …', None)
    """
    text = _LINE_END.sub(" ", visible(text).strip())
    if not (found := _FORBIDDEN.findall(text)):
        return text, None
    names = ", ".join(sorted({f"U+{ord(character):04X}" for character in found}))
    complaint = f"{len(found)} control characters ({names}) were replaced by U+FFFD; remove them from the input"
    return _FORBIDDEN.sub(_REPLACEMENT, text), complaint


def shorten(text: str, length: int = 60) -> str:
    """Give the beginning of a text as a quote for messages."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


_SPLIT = "one line holds one paper or one paragraph"


def _without_newline(chunk: bytes) -> bytes:
    return chunk.removesuffix(b"\n").removesuffix(b"\r")


def _broken_bytes(broken: list[re.Match[str]]) -> str:
    shown = [f"0x{ord(match.group()) - 0xDC00:02X} at column {match.start() + 1}" for match in broken[:5]]
    more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
    return f"not UTF-8: {', '.join(shown)}{more}; each such byte was replaced by U+FFFD; save the file as UTF-8"
