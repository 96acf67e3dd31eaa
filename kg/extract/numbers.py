"""Find the numbers of a text with sign and unit; what the units are is data of `rules/results.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_VALUE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?")
_NOT_BEFORE = re.compile(r"[\w.,:^@\\\]–-]$|[_^]\{$|[\w\d)]\s?[*×/]$")
_TAIL = (
    r"(?:\s?(?:±|\$?\\pm\$?|\+/?-)\s?[0-9]*\.?[0-9]+)?",
    r"(?:%s)?(?:\+(?![0-9]))?",
    r"(?![\w^@+]|/(?![0-9])|[.,:][0-9]|-(?:[A-Za-z]|,? (?:and|or|to)\b)"
    r"|\s?(?:×|\\times|\{\\times\}|\*)\s?[0-9]|\s?[xX]\s?[0-9])",
)
"""What may follow the digits of a value: an error, a unit, and nothing by which it is part of something longer."""
_RANGE = re.compile(r"\$?\s?(?:-{1,3}|–|—|~|\$?\\sim\$?)\s?\$?|\s?(?:up )?to\s\$?")
_FROM = re.compile(r"(?<!ranging )(?<!range )(?<!ranges )\bfrom (?:about |around |approximately |only )?$")
_DASHES = re.compile(r"-{1,3}|–|—")
_SIGNS = ("+", "-", "−")
_DECIMALS = re.compile(r"\.[0-9]{2}")
_YEAR = re.compile(r"(?:19|20)\d\d$")


class Number(NamedTuple):
    """A number in a text; offsets are those of its characters with sign and unit."""

    start: int
    end: int
    value: str
    """A plain decimal number with a minus sign or none."""
    unit: str
    """The kind of unit by its name in the data file, empty without one."""
    sign: str
    """`+`, `-` or empty."""


class NumberFinder:
    """Find numbers. `units` are regular expressions by kind of unit; where several match, the first counts."""

    def __init__(self, units: Mapping[str, str]) -> None:
        error, unit, end = _TAIL
        alternatives = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in units.items())
        self._tail = re.compile(error + unit.replace("%s", alternatives) + end)
        self._kinds = tuple(units)

    def find(self, text: str, start: int) -> list[Number]:
        """Give the numbers from an offset on, but years, the counters of a list and parts of formulas."""
        found: list[Number] = []
        last = -1
        for match in _VALUE.finditer(text, start):
            begin, value = match.start(), match.group()
            if begin < last:
                continue
            sign = ""
            if text[begin - 1 : begin] == "." and not text[begin - 2 : begin - 1].isalnum() and "." not in value:
                begin, value = begin - 1, f".{value}"
            ranges = last >= 0 and _DASHES.fullmatch(text, last, begin) is not None
            if not ranges and text[begin - 1 : begin] in _SIGNS and not text[begin - 2 : begin - 1].isalnum():
                begin -= 1
                sign = "+" if text[begin] == "+" else "-"
            listed = last == begin - 1 and text[begin - 1] == "/" and "." in value
            listed |= text[begin - 2 : begin] == "%/" or text.endswith("rightarrow", 0, begin)
            if not listed and not ranges and _NOT_BEFORE.search(text, max(0, begin - 3), begin):
                continue
            tail = self._tail.match(text, match.end())
            if tail is None:
                continue
            unit = next((kind for kind in self._kinds if tail[kind] is not None), "")
            whole = not unit and not sign and value.isdigit()
            if whole and (_YEAR.match(value) or (len(value) < 3 and text[tail.end() : tail.end() + 1] == ")")):
                continue
            last = tail.end()
            value = value.replace(",", "")
            found.append(Number(begin, last, f"-{value}" if sign == "-" else value, unit, sign))
        return found


def is_range(text: str, one: Sequence[Number], other: Number) -> bool:
    """Say whether a number ends the range that others begin: "3-5%", "between 3 and 5%", but not "from 70 to 80".

    From one level to another is no range but a way; so are levels to a hundredth in brackets: "(0.71 to 0.84)".
    """
    begin = one[0].start
    between = text[one[-1].end : other.start]
    if between == " and ":
        return text.endswith("between ", 0, begin)
    if _RANGE.fullmatch(between) is None:
        return False
    if not between.strip().endswith("to"):
        return True
    bracketed = text[begin - 1 : begin] == "(" and text[other.end : other.end + 1] == ")"
    if bracketed and has_decimals(one[0]) and has_decimals(other):
        return False
    return _FROM.search(text, max(0, begin - 40), begin) is None


def has_decimals(number: Number) -> bool:
    """Say whether a number has two decimals or more, more than a version has."""
    return _DECIMALS.search(number.value) is not None


def has_one_decimal(number: Number) -> bool:
    """Say whether a number has one decimal, as a version mostly has."""
    return number.value[-2:-1] == "."


def has_dash_behind(text: str, number: Number) -> bool:
    """Say whether a dash follows a number, as in the range "3–5"."""
    return _DASHES.match(text, number.end) is not None
