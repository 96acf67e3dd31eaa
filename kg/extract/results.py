"""Witness: numeric results, from the words around a number.

1. The numbers of a sentence are found with sign and unit; those inside names (`Llama 3.1`), years, sizes and counts are none.
2. The sentence is written again with one sign each for a list of numbers, of metrics, of datasets and for other names:
   "achieves <number> <metric> on <dataset>". Only then do the rules of `rules/results.toml` read it, so that a rule says
   "<metric> of <number>" once for all metrics and for lists.
3. A rule says that a number is a result, and whether it is a gain over something or a level reached. What the number
   measures and on which data is what stands nearest; lists of equal length are paired in order.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract.rules import RULES, Rule, load_rules
from kg.model import Entity, Mention, Result

Kind = Literal["number", "result", "metric", "dataset", "name"]

_SIGNS: dict[Kind, str] = {"number": "\ue000", "result": "\ue001", "metric": "\ue002", "dataset": "\ue003", "name": "\ue004"}
_NUMBER = re.compile(
    r"""
    (?<![\w.,:^@\\}\]]) (?<![\w\d)][-–+*×]) (?<![A-Za-z_]/)
    (?P<lead> (?:\$\s?)? (?:\{\s?)? (?:\\?(?:sim|approx)\b\s?|[~≈<>≥≤∼]\s?|\$\\sim\$\s?)* )
    (?P<sign> [+−-]? ) \s?
    (?P<value> \d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d) | \d+\.\d+ | \d+ | \.\d+ )
    (?: \s? (?:±|\$?\\pm\$?|\+/-) \s? \d*\.?\d+ )?
    (?P<unit> \}?
        (?: \s?\\{0,2}%(?:\s?\})? (?:\$)? (?:[ ] (?:(?:absolute|percentage)[ ])? points?\b)?
          | \s? (?:percentage|percent|per[ ]cent|absolute|abs\.)[ -] (?:percentage[ ])? points?\b
          | \s? percent(?:age)?\b | [ ]per[ ]cent\b
          | [ -]? (?:points?|pts|pp|p\.p\.|ppts?)(?![\w])
          | \s?\$?\{?\s? (?:\\times|×|✕|✖)\s?\}?\s?(?:\$)?(?!\s?\d)
          | \s?(?:x|X)(?![\w]) | \s?-?fold\b | \s?times\b
          | [ ]?(?:Hz|kHz|FPS|fps|dB|ms|msec|s|sec|seconds|minutes|min|hours|h|mm|cm|m|km|GB|MB|mJ|µs|us|W|mW|bpp|bits?)(?![\w])
        )?
        (?:\$)? (?:\\?\})?
    )
    (?! [\w^/@] | [.,:]\d | [-–][A-Za-z] | \s?(?:×|\\times|\*)\s?\d | \s?[xX]\s?\d )
    """,
    re.VERBOSE,
)
_RANGE = re.compile(r"\s?(?:-{1,3}|–|—|~|to|\\sim)\s?")
_SERIES = re.compile(r"\s?(?:,\s?(?:and|or|&)?|and|or|&|/)\s?")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_PER = re.compile(r"\\?%|percent|per cent")
_POINTS = re.compile(r"points?$|\bpts$|pp$|p\.p\.$|ppts?$")
_TIMES = re.compile(r"\\?times|[×✕✖]|[xX](?!\w)|fold")
_CAPITALS = re.compile(r"(?=\w*[A-Z]\w*[A-Z])[A-Za-z][\w@-]*$")
_LAST_WORD = re.compile(r"([A-Z][\w-]*) $")
_OUTSIDE = {"kg_vocabulary"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRule(Rule):
    """Words before and after a number that make it a result.

    `before` and `after` are regular expressions over the rewritten sentence in lower case; `before` ends, `after` begins at the
    number. Beside the signs <number>, <result> (a number already read), <metric>, <dataset>, <name> they may use
    the `[macros]` of the file.
    """

    gain: bool
    before: str = ""
    after: str = ""
    unless_before: str = ""
    unless_after: str = ""
    units: tuple[str, ...] = ("%", "pp", "x", "", "other")
    series: bool = False
    confidence: float = 0.8


@dataclass(slots=True)
class _Part:
    """What one sign of the rewritten sentence stands for: offsets in the text and, of a list, the members."""

    kind: Kind
    start: int
    end: int
    members: list[tuple[int, int]] = field(default_factory=list)
    values: list[tuple[str, str, str]] = field(default_factory=list)
    """Of numbers: value, unit, sign."""
    at: int = 0
    """Place of the sign in the rewritten sentence."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    rule: ResultRule
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None
    unless_after: re.Pattern[str] | None

    def fits(self, before: str, after: str, unit: str) -> bool:
        return (
            unit in self.rule.units
            and (self.after is None or bool(self.after.match(after)))
            and (self.before is None or bool(self.before.search(before)))
            and not (self.unless_before and self.unless_before.search(before))
            and not (self.unless_after and self.unless_after.match(after))
        )


class ResultFinder:
    """Write the numeric results of a doc to `doc.user_data["kg_results"]`, a list of `kg.model.Result` in text order.

    Reads the entities and the noun phrases of the doc.
    """

    def __init__(self) -> None:
        self.rules = load_rules("results", ResultRule)
        with (RULES / "results.toml").open("rb") as file:
            data = tomllib.load(file)
        macros: dict[str, str] = {}
        for name, text in data["macros"].items():
            macros[name] = _expand(text, macros)
        self._patterns = [
            _Pattern(
                rule,
                _ending(rule.before, macros),
                _starting(rule.after, macros),
                _ending(rule.unless_before, macros),
                _starting(rule.unless_after, macros),
            )
            for rule in self.rules
        ]
        exclude: dict[str, list[str]] = data["exclude"]
        self._not_before = _ending("|".join(exclude["before"]), macros)
        self._not_after = _starting("|".join(exclude["after"]), macros)
        self._others = re.compile("|".join(exclude["sentence"]))
        metrics: dict[str, Any] = data["metrics"]
        self._heads = frozenset(metrics["heads"].split())
        self._modifiers = frozenset(metrics["modifiers"].split())
        self._near = re.compile(_expand(metrics["near"], macros))

    def __call__(self, doc: Doc) -> Doc:
        """Write the results of `doc` to its user data."""
        doc.user_data["kg_results"] = self.find(doc)
        return doc
