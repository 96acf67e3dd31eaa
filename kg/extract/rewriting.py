"""Write a sentence again with one sign each for numbers, measures and names, and read rules over it.

"achieves 90.3% and 85.1% accuracy on ImageNet" becomes "achieves <number> <metric> on <name>", with one sign for a
list, so that a rule says "<metric> of <number>" once for all measures and for lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kg.errors import DataFileError
from kg.extract.numbers import Number, is_range

Kind = Literal["number", "result", "metric", "name"]
SIGNS: Mapping[Kind, str] = {"number": "\ue000", "result": "\ue001", "metric": "\ue002", "name": "\ue004"}
_SERIES = re.compile(r"\s?(?:,|(?:,\s?)?(?:and|or|&)(?:\s(?:the|on average|up to)\b)?|/)\s?")
COMMAS = re.compile(r",? and |,\s")
"""What stands between the members of a list that is not folded."""
_MARKUP = re.compile(
    r"\\(?:textbf|textit|textsc|texttt|emph|mathbf|mathrm|text|sim|approx|leq?|geq?|uparrow|downarrow)\b|[$\\{}*<>≤≥~≈∼↑↓]"
)
_BLANKS = re.compile(r"\s+")
_WIDTH = 140
"""So many characters before and behind a number are looked at."""


class Named(NamedTuple):
    """Words of a text, as a name: where they stand, or -1 where they do not."""

    text: str
    start: int = -1
    end: int = -1


@dataclass(slots=True)
class Part:
    """What one sign of the rewritten sentence stands for: offsets in the text and, of a list, the members."""

    kind: Kind
    start: int
    end: int
    members: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    known: bool = True
    """Of a name, whether it is more than capitals, as short forms of measures are too."""
    at: int = 0
    """Place of the sign in the rewritten sentence."""

    @property
    def unit(self) -> str:
        """Of numbers: the kind of unit; without one, "whole" unless there are decimals or a plus."""
        unit = self.numbers[-1].unit
        return unit or ("" if any("." in number.value or number.sign == "+" for number in self.numbers) else "whole")


class Sentence:
    """A sentence rewritten with one sign for every part; `start` and `end` are its characters in the text `source`."""

    def __init__(self, source: str, start: int, end: int, parts: Sequence[Part]) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.parts = fold(source, sorted(parts, key=lambda part: part.start))
        pieces: list[str] = []
        length = 0
        position = start
        for part in self.parts:
            piece = _plain(source[position : part.start])
            length += len(piece)
            part.at = length
            pieces += [piece, SIGNS[part.kind]]
            length += 1
            position = part.end
        pieces.append(_plain(source[position:end]))
        self.text = "".join(pieces)

    def around(self, part: Part) -> tuple[str, str]:
        """Give what stands before and after a part."""
        return self.text[max(0, part.at - _WIDTH) : part.at], self.text[part.at + 1 : part.at + _WIDTH]

    def accept(self, part: Part) -> None:
        """Mark a number as a result."""
        part.kind = "result"
        self.text = self.text[: part.at] + SIGNS["result"] + self.text[part.at + 1 :]

    def names(self, part: Part) -> list[Named]:
        """Give the words of the members of a part, "accuracy" for "accuracies"."""
        return [
            Named(f"{words[:-3]}y" if words.endswith("ies") else words, start, end)
            for start, end in part.members
            for words in (self.source[start:end],)
        ]

    def last(self, part: Part, kind: Kind) -> Part | None:
        """Give the last part of a kind before another."""
        return next((p for p in reversed(self.parts) if p.at < part.at and p.kind == kind), None)

    def measure(self, part: Part) -> Part | None:
        """Give the last measure before a part; of one and another in brackets behind it, the shorter."""
        last = self.last(part, "metric")
        outer = self.last(last, "metric") if last else None
        if last and outer and self.text[outer.at + 1 : last.at] == " (":
            return min(last, outer, key=lambda p: p.end - p.start)
        return last

    def original(self, start: int, end: int) -> Named | None:
        """Give what stands between two places of the rewritten sentence as the text writes it."""
        words = self.text[start:end].strip()
        for part in self.parts:
            if start <= part.at < end:
                words = words.replace(self.text[part.at], self.source[part.start : part.end], 1)
        place = self.source.lower().find(words.lower(), self.start, self.end) if words else -1
        return self.named(place, place + len(words)) if place >= 0 else None

    def named(self, start: int, end: int) -> Named:
        """Give the characters from `start` to `end` of the source."""
        return Named(self.source[start:end], start, end)


class Patterns:
    """Compile the regular expressions of `rules/results.toml`, with its macros and signs put in."""

    def __init__(self, macros: Mapping[str, str]) -> None:
        self._macros: dict[str, str] = {}
        for name, pattern in macros.items():
            self._macros[name] = self._expand(pattern)

    def compile(self, place: str, pattern: str) -> re.Pattern[str]:
        """Compile a pattern; raises DataFileError that names its place."""
        try:
            return re.compile(self._expand(pattern))
        except re.error as error:
            raise DataFileError([f"results.toml: {place}: not a regular expression: {error}"]) from error

    def _expand(self, pattern: str) -> str:
        for kind, sign in SIGNS.items():
            pattern = pattern.replace(f"<{kind}>", sign)
        for name, text in self._macros.items():
            pattern = pattern.replace(f"<{name}>", f"(?:{text})")
        return pattern


def fold(text: str, parts: Sequence[Part]) -> list[Part]:
    """Fold parts of one kind that are listed ("A, B and C") or form a range ("3-5%") into one."""
    folded: list[Part] = []
    for part in parts:
        last = folded[-1] if folded else None
        if last and last.kind == part.kind:
            same = True
            if part.kind == "number":
                one, other = last.numbers[-1], part.numbers[0]
                same = not one.unit or not other.unit or one.unit == other.unit
                if same and is_range(text, last.numbers, other):
                    last.end = part.end
                    last.numbers[-1] = one._replace(end=other.end, unit=one.unit or other.unit)
                    continue
            if same and _SERIES.fullmatch(text, last.end, part.start):
                last.end = part.end
                last.members += part.members
                last.numbers += part.numbers
                continue
        folded.append(part)
    return folded


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", _MARKUP.sub("", text)).lower().replace("'", "’")
