"""Witness: numeric outcomes, from the words around a number.

1. The numbers of a sentence are found with sign and unit, but years, sizes and those inside names (`Llama 3.1`).
2. The sentence is rewritten with one sign each for a list of numbers, of measures and of names. Only then the rules of
   `rules/results.toml` read it.
3. Numbers that are no outcome (of a baseline, a share of the data) are set aside. A rule says that a number is a
   result, and whether it is a gain over something or a level reached: percentages and decimals are where nothing
   speaks against it, whole numbers need a rule of their own.
4. What the number measures is what stands nearest; lists of equal length are paired in order.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.acronyms import PAIR
from kg.extract.gazetteer import TERM
from kg.extract.marks import Mark, marks, write
from kg.extract.measures import MeasureFinder
from kg.extract.names import ACRONYM
from kg.extract.numbers import Number, NumberFinder, has_dash_behind, has_decimals, has_one_decimal
from kg.extract.rewriting import COMMAS, SIGNS, Named, Part, Patterns, Sentence
from kg.extract.rules import RULES, Rule, load_rules
from kg.extract.tokens import Tokens, read_tokens

MEASURE = "outcomes.measure"
"""Words stand for what a number measures."""
_MEASURED = (f" {SIGNS['metric']}", SIGNS["metric"])
_LAST_WORD = re.compile(r"([A-Z][\w#+-]*) $")
_NEXT_WORD = re.compile(r" [A-Z][a-z]+\b")
_COUNTED = re.compile(r" (?:[a-z-]+ ){0,2}?[a-z-]+(?<![sui])s (?:of )?[a-z]")
"""A plural and more: "3 branches angle diversity"."""
_MOST_NUMBERS = 50
"""A sentence with more numbers is a table, and pairing them would take long."""
_PLAIN_UNITS = {"percent": "%", "points": "pp", "times": "x"}
"""How results write the kinds of unit that they keep."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRule(Rule):
    """Words before and after a number that make it a result.

    `before` and `after` are regular expressions over the rewritten sentence in lower case, ending and beginning at the
    number. Beside the signs <number>, <result> (a number already read), <metric> and <name> they may use the `[macros]`
    of the file. A group `thing` in `after` is what the number measures.
    """

    gain: bool
    before: str = ""
    after: str = ""
    unless_before: str = ""
    units: tuple[str, ...] = ("percent", "points", "times", "", "whole", "rate", "time", "other")
    unit: str = ""
    """The kind of unit that the words say."""
    series: bool = False
    """Whether gain and measure are those of the number before."""
    confidence: float = 0.8


class Outcome(NamedTuple):
    """A number, or a list of numbers of one kind, that a paper reports; offsets are characters of the text."""

    start: int
    end: int
    values: tuple[str, ...]
    unit: str | None
    gains: tuple[bool, ...]
    """Of each value, whether it is an improvement over something."""
    metrics: tuple[str | None, ...]
    """What the values measure: one for all, or as many as there are values; empty when nothing is said."""
    rule: str
    confidence: float
    sentence: tuple[int, int]
    previous: int
    """Where the sentence before begins."""
    next_number: int
    """Where the next number of the sentence begins, or the sentence ends."""
    others: tuple[tuple[int, int], ...]
    """Extents of the other numbers and the measures of the sentence, in text order."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    rule: ResultRule
    before: re.Pattern[str]
    after: re.Pattern[str]
    unless_before: re.Pattern[str]

    def fits(self, before: str, after: str, unit: str) -> bool:
        return (
            unit in self.rule.units
            and self.after.match(after) is not None
            and (not self.rule.before or self.before.search(before) is not None)
            and not (self.rule.unless_before and self.unless_before.search(before))
        )


class OutcomeFinder:
    """Find numeric outcomes and write them to `doc.user_data["kg_outcomes"]` as plain tuples.

    The words for what they measure go to `doc.spans["kg_outcomes"]`: their type is `Metric`, their rule `MEASURE`.
    """

    def __init__(self) -> None:
        self.rules = load_rules("results", ResultRule)
        with (RULES / "results.toml").open("rb") as file:
            data = tomllib.load(file)
        patterns = Patterns(data["macros"])
        compiled = patterns.compile
        self._patterns = [
            _Pattern(
                rule,
                compiled(rule.id, f"(?:{rule.before})$"),
                compiled(rule.id, rule.after),
                compiled(rule.id, f"(?:{rule.unless_before})$"),
            )
            for rule in self.rules
        ]
        exclude: dict[str, Any] = data["exclude"]
        self._not_before = compiled("exclude.before", f"(?:{'|'.join(exclude['before'])})$")
        self._not_after = compiled("exclude.after", "|".join(exclude["after"]))
        self._counted = compiled("exclude.counted", exclude["counted"])
        self._others = compiled("exclude.sentence", "|".join(exclude["sentence"]))
        self._own = re.compile(exclude["until"], re.IGNORECASE)
        self._compared = compiled("macros.compared", " ?(?:<compared>|<gain_noun>)\\b")
        self._changed = compiled("macros.change", "<change>\\w* <hedge>*$")
        metrics: dict[str, str] = data["metrics"]
        self._measures = MeasureFinder(metrics, compiled("macros.change", "<change>(?:e|es|s|ed|ing|ting)$"))
        self._rates = tuple(metrics["rates"].split())
        self._near = compiled("metrics.near", metrics["near"])
        self._later = compiled("metrics.later", metrics["later"])
        self._within = compiled("metrics.within", metrics["within"])
        self._thing_before = compiled("metrics.thing_before", f"(?:{metrics['thing_before']})$")
        self._thing_after = compiled("metrics.thing_after", metrics["thing_after"])
        self._comparisons: Mapping[str, str] = data["comparisons"]
        comparatives = "|".join(self._comparisons)
        self._comparison = compiled("comparisons", f"[ -]?(?:[a-z]+ly )?({comparatives})\\b")
        self._numbers = NumberFinder(data["units"])

    def __call__(self, doc: Doc) -> Doc:
        """Write the outcomes of `doc` to its user data and what they measure to its span groups."""
        found, measures = self.find(doc)
        doc.user_data["kg_outcomes"] = [tuple(outcome) for outcome in found]
        write(doc, "kg_outcomes", measures)
        return doc

    def find(self, doc: Doc) -> tuple[list[Outcome], list[Mark]]:
        """Give the outcomes, and what they measure, in text order."""
        tokens = read_tokens(doc)
        text = tokens.text
        numbers = self._numbers.find(text, doc.user_data.get("kg_title_end", 0))
        if not numbers:
            return [], []
        starts = [index for index, is_start in enumerate(tokens.begin_sentences) if is_start]
        sentences = [tokens.starts[start] for start in starts]
        own = self._own.search(text)
        own_sentence = bisect_right(sentences, own.start()) - 1 if own else 0
        outcomes: list[Outcome] = []
        read: list[_Value] = []
        names = _names(doc)
        for place, group in groupby(numbers, lambda number: bisect_right(sentences, number.start) - 1):
            found = list(group)
            first = starts[place]
            last = starts[place + 1] if place + 1 < len(starts) else len(doc)
            begin, end = tokens.starts[first], tokens.ends[last - 1]
            if len(found) > _MOST_NUMBERS or place < own_sentence or self._others.search(text[begin:end].lower()):
                continue
            here = {
                extent: known
                for extent, known in names.items()
                if begin <= extent[0] < end and not self._measures.is_setting(text, *extent)
            }
            sentence = Sentence(text, begin, end, self._parts(doc, (first, last), here, found))
            self._read(sentence, sentences[max(0, place - 1)], outcomes, read)
        return outcomes, self._marks(tokens, (value.metric for value in read if value.metric and value.metric.end > 0))

    def _parts(
        self, doc: Doc, span: tuple[int, int], names: Mapping[tuple[int, int], bool], numbers: Sequence[Number]
    ) -> list[Part]:
        """Give what the signs of a rewritten sentence, the tokens of `span`, stand for."""
        tokens = read_tokens(doc)
        text = tokens.text
        begin = tokens.starts[span[0]]
        stops = {end for (_, end), known in names.items() if known} | {number.end for number in numbers}
        measures = self._measures.find(doc, *span, stops)
        parts = [Part("number", number.start, number.end, numbers=[number]) for number in numbers]
        for part in parts:
            short = self._measures.short_forms(text, part.start, part.end, whole=part.unit == "whole")
            measures += [extent for extent in short if not names.get(extent)]
        measure_ends = {end for _, end in measures}
        parts = [
            part
            for part in parts
            if (
                part.numbers[0].unit
                or has_decimals(part.numbers[0])
                or not any(start < part.start and part.end <= end for start, end in names)
            )
            and not _is_name(text, part.numbers[0], begin, measure_ends)
        ]
        found = [Part("metric", *extent, [extent]) for extent in measures]
        found += [Part("name", *extent, [extent], known=known) for extent, known in names.items()]
        for part in found:
            if all(part.end <= other.start or other.end <= part.start for other in parts):
                parts.append(part)
        return parts

    def _read(self, sentence: Sentence, previous: int, outcomes: list[Outcome], read: list[_Value]) -> None:
        """Add the outcomes of a sentence to those before it, and their values to those read before."""
        begin = len(read)
        for part in sentence.parts:
            if part.kind != "number":
                continue
            before, after = sentence.around(part)
            unit = part.unit
            if after.startswith(_MEASURED) and (
                unit in ("time", "other") or (unit == "whole" and self._is_small(sentence, part))
            ):
                unit = ""
            pattern = self._pattern(before, after, unit, is_more=part.numbers[0].sign == "+")
            if pattern is None:
                continue
            rule = pattern.rule
            here = read[begin:]
            gain = rule.gain
            if rule.series and here:
                gain = next((value for value in reversed(here) if value.unit == unit), here[-1]).gain
            metrics = self._measured(sentence, part, pattern, before, after, gain=gain)
            metrics = self._carried(sentence, part, metrics, rule, unit, after, here, read)
            if rule.unit:
                unit = rule.unit
            if unit == "time" and not metrics:
                metrics = [Named(unit)]
            if unit == "rate" and not any(name.text.lower().endswith(self._rates) for name in metrics if name):
                metrics = [Named(self._rates[0])]
            if rule.series and unit in ("", "whole") and here and here[-1].unit == "points":
                unit = "points"
            count = len(part.numbers)
            values = [_Value(paired(metrics, place, count), unit, gain) for place in range(count)]
            read += values
            sentence.accept(part)
            others = [p for p in sentence.parts if p is not part and p.kind != "name"]
            outcomes.append(
                Outcome(
                    start=part.start,
                    end=part.end,
                    values=tuple(number.value for number in part.numbers),
                    unit=_PLAIN_UNITS.get(unit),
                    gains=tuple(gain or number.sign == "+" for number in part.numbers),
                    metrics=tuple(value.metric.text if value.metric else None for value in values),
                    rule=rule.id,
                    confidence=rule.confidence,
                    sentence=(sentence.start, sentence.end),
                    previous=previous,
                    next_number=next(
                        (p.start for p in others if p.kind != "metric" and p.start > part.start), sentence.end
                    ),
                    others=tuple((p.start, p.end) for p in others),
                )
            )

    def _is_small(self, sentence: Sentence, part: Part) -> bool:
        """Say whether a whole number may be the value of the measure behind it, and counts nothing."""
        return len(part.numbers[-1].value) < 4 and _COUNTED.match(sentence.source, part.end) is None

    def _pattern(self, before: str, after: str, unit: str, *, is_more: bool) -> _Pattern | None:
        """Give the first rule that reads a number as an outcome, if any does and nothing speaks against it."""
        if unit != "times" and self._not_after.match(after) and not self._changed.search(before):
            return None
        if unit == "whole" and self._counted.match(after):
            return None
        pattern = next((pattern for pattern in self._patterns if pattern.fits(before, after, unit)), None)
        if pattern is None or is_more or not self._not_before.search(before) or self._compared.match(after):
            return pattern
        return None

    def _carried(
        self,
        sentence: Sentence,
        part: Part,
        metrics: list[Named | None],
        rule: ResultRule,
        unit: str,
        after: str,
        here: Sequence[_Value],
        read: Sequence[_Value],
    ) -> list[Named | None]:
        """Give the measures found for a number, or else those that it shares with numbers before."""
        count = len(part.numbers)
        if count > 1 and len(metrics) != count and "respective" in after and len(here) >= count:
            return [value.metric for value in here[-count:]]
        if metrics:
            return metrics
        if 1 < count <= len(here) and len({value.metric for value in here[-count:]} - {None}) == count:
            return [value.metric for value in here[-count:]]
        if rule.series and here:
            return [here[-1].metric]
        if left := sentence.measure(part):
            return list(sentence.names(left))
        if read and unit in ("percent", "points", ""):
            return [read[-1].metric]
        return [here[-1].metric] if here and here[-1].unit == unit else []

    def _measured(
        self, sentence: Sentence, part: Part, pattern: _Pattern, before: str, after: str, *, gain: bool
    ) -> list[Named | None]:
        """Give the measure or list of measures that a number is of; of a gain, it may be whatever grows or shrinks."""
        right = next((p for p in sentence.parts if p.kind == "metric" and p.at > part.at), None)
        if right and self._near.match(after):
            return list(sentence.names(right))
        behind = part.at + 1
        match = pattern.after.match(after)
        if match and match.lastgroup and match["thing"]:
            return [sentence.original(behind + match.start("thing"), behind + match.end("thing"))]
        if found := self._comparison.match(after):
            return [Named(self._comparisons[found[1]])]
        if found := self._later.match(after):
            if found.lastgroup:
                return [sentence.original(behind + found.start("thing"), behind + found.end("thing"))]
            if right:
                return list(sentence.names(right))
        left = sentence.last(part, "metric")
        if left and not sentence.text[left.at + 1 : part.at].strip(" :=(~"):
            return list(sentence.names(left))
        for found, offset in (
            (self._thing_after.match(after) if gain else None, behind),
            (self._thing_before.search(before), part.at - len(before)),
            (self._within.match(after) if gain else None, behind),
        ):
            if found and found.lastgroup:
                start, end = found.span(found.lastgroup)
                if names := self._things(sentence, offset + start, offset + end, len(part.numbers)):
                    return names
        return []

    def _things(self, sentence: Sentence, start: int, end: int, count: int) -> list[Named | None]:
        """Give the things between two places of the rewritten sentence: as many as there are numbers, or one."""
        inside = [p for p in sentence.parts if start <= p.at < end and (p.kind == "metric" or not p.known)]
        if len(inside) == 1 and len(inside[0].members) == count > 1:
            return list(sentence.names(inside[0]))
        name = sentence.original(start, end)
        if name is None:
            return []
        words = name.text
        while words.split(" ", 1)[0].lower() in self._measures.praise:
            words = words.partition(" ")[2].lstrip()
        last = words.rpartition(" ")[2]
        if not words or words == "average" or (last[0].isupper() and not inside):
            return []
        members = COMMAS.split(words)
        place = name.end - len(words)
        if count > 1 and len(members) == count:
            found = []
            for member in members:
                place = sentence.source.index(member, place)
                found.append(sentence.named(place, place + len(member)))
            return list(found)
        return [sentence.named(place, name.end)]

    def _marks(self, tokens: Tokens, named: Iterable[Named]) -> list[Mark]:
        """Give the measures that are whole tokens, each once, in text order."""
        begins = tokens.starts
        found: set[tuple[int, int]] = set()
        for name in named:
            first, last = bisect_left(begins, name.start), bisect_left(begins, name.end)
            if begins[first] == name.start and tokens.ends[last - 1] == name.end:
                first, last = self._measures.name(tokens, first, last)
                if first < last:
                    found.add((first, last))
        return [Mark(first, last, "Metric", MEASURE) for first, last in sorted(found)]


class _Value(NamedTuple):
    """What was read of one number."""

    metric: Named | None
    unit: str
    gain: bool


def paired(names: Sequence[T], place: int, count: int) -> T | None:
    """Give the name for a number of a list: that of the same place if the lists are equally long, else the first."""
    if not names:
        return None
    return names[place] if len(names) == count else names[0]


def _names(doc: Doc) -> dict[tuple[int, int], bool]:
    """Give the extents (characters) of what witnesses take for names and not for measures or tasks, in text order.

    Each with whether more is known of it than that it is written in capitals, as short forms of measures are too.
    """
    found = marks(doc)
    types: dict[tuple[int, int], set[str]] = defaultdict(set)
    for group in ("kg_acronyms", "kg_names", "kg_vocabulary"):
        for mark in found[group]:
            if mark.id_ == TERM and mark.label_ != "Metric":
                continue
            types[mark.start, mark.end].add("" if mark.id_ in (PAIR, ACRONYM) else mark.label_ or mark.id_)
    tokens = read_tokens(doc)
    measures = {mark.start for mark in found["kg_vocabulary"] if mark.label_ == "Metric"}
    return {
        (tokens.starts[start], tokens.ends[end - 1]): kinds != {""}
        for (start, end), kinds in sorted(types.items())
        if kinds.isdisjoint(("Metric", "Task")) and start not in measures
    }


def _is_name(text: str, number: Number, start: int, measure_ends: Collection[int]) -> bool:
    """Say whether a number without unit is part of the name before or behind it: "Llama 3", "1.5 Flash"."""
    if number.unit or number.sign or has_dash_behind(text, number):
        return False
    if "." in number.value and not has_decimals(number) and _NEXT_WORD.match(text, number.end):
        return True
    word = _LAST_WORD.search(text, max(start, number.start - 30), number.start)
    is_first = word is not None and word.start() == start
    return word is not None and number.start - 1 not in measure_ends and (not is_first or has_one_decimal(number))


@Language.factory("kg_outcomes", assigns=["doc.spans"], requires=["doc.spans"])
def create_outcome_finder(nlp: Language, name: str) -> OutcomeFinder:
    """Make the component `kg_outcomes`."""
    return OutcomeFinder()
