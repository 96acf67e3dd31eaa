"""Witness: numeric results, from the words around a number.

1. The numbers of a sentence are found with sign and unit, but years, sizes and those inside names (`Llama 3.1`).
2. The sentence is written again with one sign each for a list of numbers, of metrics, of datasets and for other names:
   "achieves <number> <metric> on <dataset>". Only then the rules of `rules/results.toml` read it, so that a rule says
   "<metric> of <number>" once for all metrics and for lists.
3. Numbers that are no outcome (of a baseline, a share of the data) are set aside. A rule says that a number is a
   result, and whether it is a gain over something or a level reached: percentages and decimals are where nothing
   speaks against it, whole numbers need a rule of their own.
4. What the number measures and on which data is what stands nearest; lists of equal length are paired in order.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from spacy.lang.en.lex_attrs import like_num
from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.errors import DataFileError
from kg.extract.marks import marks
from kg.extract.rules import RULES, Rule, load_rules
from kg.extract.values import entity_from_plain, to_plain
from kg.extract.words import lower_texts, whole_text
from kg.model import Entity, Mention, Result

Kind = Literal["number", "result", "metric", "dataset", "name"]

_SIGNS: dict[Kind, str] = {
    "number": "\ue000",
    "result": "\ue001",
    "metric": "\ue002",
    "dataset": "\ue003",
    "name": "\ue004",
}
_VALUE = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?")
_NOT_BEFORE = re.compile(r"[\w.,:^@\\\]–-]$|[_^]\{$|[\w\d)]\s?[*×/]$")
_TAIL = re.compile(
    r"""
    (?: \s? (?:±|\$?\\pm\$?|\+/?-) \s? [0-9]*\.?[0-9]+ )?
    (?P<unit>
        \}? \s? \$?\\{0,2}% (?: [ ] (?:(?:absolute|percentage)[ ])? points?\b )?
      | \s? (?:percentage|percent|per[ ]cent|absolute|abs\.) [ -] (?:percentage[ ])? points?\b
      | \s? percent(?:age)?\b | [ ]per[ ]cent\b
      | [ ]? (?:FPS|fps|k?Hz)(?!\w) | [ ]?[a-z]+(?:/|[ ]per[ ])(?:s|sec|second)\b
      | [ -]? (?:points?|pts|pp|ppts?)(?!\w) | [ ]?p\.p\.
      | \s? \$? \{?\s? (?:\\times|×|✕) \s?\}? (?!\s?\$?[0-9])
      | \s? [xX](?!\w) | [ -]?fold\b | \s?times\b
      | [ ]? (?:dB|ms|msec|s|sec|seconds|minutes|min|hours|h|mm|cm|m|km|GB|MB|mJ|µs|W|mW|bpp)(?!\w)
    )? (?:\+(?![0-9]))?
    (?! [\w^@+] | /(?![0-9]) | [.,:][0-9] | -[A-Za-z] | \s?(?:×|\\times|\{\\times\}|\*)\s?[0-9] | \s?[xX]\s?[0-9] )
    """,
    re.VERBOSE,
)
_RANGE = re.compile(r"\$?\s?(?:-{1,3}|–|—|~|\$?\\sim\$?)\s?\$?|\s?(?:up )?to\s\$?")
_SERIES = re.compile(r"\s?(?:,\s?(?:and|or|&)?|and|or|&|/)\s?")
_PLUS_OR_MINUS = ("+", "-", "−")
_FROM = re.compile(r"(?<!ranging )(?<!range )(?<!ranges )\bfrom (?:about |around |approximately |only )?$")
_DASHES = re.compile(r"-{1,3}|–|—")
_SHORT_BEFORE = re.compile(r"(?<![\w-])([A-Z][A-Za-z]*[A-Z])(?:s|@[0-9]+)?(?: (?:of|is|at|between)|\s?=|:) ?\$?$")
_SHORT_AFTER = re.compile(r" (?:(?:absolute|average) )?([A-Z][A-Za-z]*[A-Z][0-9]*(?:@[0-9]+)?)(?![\w-])")
_MEASURED = (f" {_SIGNS['metric']}", _SIGNS["metric"])
_COMPOUND = re.compile(r"(.+)[-@]([^-@]+)")
_COMMAS = re.compile(r",? and |,\s")
_OWN = re.compile(
    r"\b(?:we|our|paper|i|this|experiments|experimental|evaluations|results|proposed)\b(?!\.)", re.IGNORECASE
)
"""Words of the first sentence that speaks of the paper itself; what stands before is of others."""
_DECIMALS = re.compile(r"\.[0-9]{2}")
"""More than a version has."""
_YEAR = re.compile(r"(?:19|20)\d\d$")
_PER = re.compile(r"\\?%|percent|per cent")
_POINTS = re.compile(r"points?$|\bpts$|pp$|p\.p\.$|ppts?$")
_TIMES = re.compile(r"\\?times|[×✕✖]|[xX](?!\w)|fold")
_RATE = re.compile(r"fps$|Hz$|FPS$|(?:/| per )s")
_LAST_WORD = re.compile(r"([A-Z][\w-]*) $")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRule(Rule):
    """Words before and after a number that make it a result.

    `before` and `after` are regular expressions over the rewritten sentence in lower case, ending and beginning at the
    number. Beside the signs <number>, <result> (a number already read), <metric>, <dataset>, <name> they may use
    the `[macros]` of the file. A group `thing` in `after` is what the number measures.
    """

    gain: bool
    before: str = ""
    after: str = ""
    unless_before: str = ""
    units: tuple[str, ...] = ("%", "pp", "x", "", "whole", "rate", "other")
    series: bool = False
    """Whether gain and measure are those of the number before."""
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

    @property
    def unit(self) -> str:
        """Of numbers: the kind of unit; without one, "whole" unless there are decimals or a plus."""
        _, unit, _ = self.values[-1]
        return _unit(unit) or ("" if any("." in value or sign == "+" for value, _, sign in self.values) else "whole")


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


_MOST_NUMBERS = 50
"""A sentence with more numbers is a table, and pairing them would take long."""


class ResultFinder:
    """Find the numeric results of a doc; as a component, write them to `doc.user_data["kg_results"]` as plain values.

    Reads the entities and the noun phrases of the doc.
    """

    def __init__(self) -> None:
        self.rules = load_rules("results", ResultRule)
        with (RULES / "results.toml").open("rb") as file:
            data = tomllib.load(file)
        macros: dict[str, str] = {}
        for name, pattern in data["macros"].items():
            macros[name] = _expand(pattern, macros)
        self._patterns = [
            _Pattern(
                rule,
                _compile(rule.id, f"(?:{rule.before})$", macros),
                _compile(rule.id, rule.after, macros),
                _compile(rule.id, f"(?:{rule.unless_before})$", macros),
            )
            for rule in self.rules
        ]
        exclude: dict[str, list[str]] = data["exclude"]
        self._not_before = _compile("exclude.before", f"(?:{'|'.join(exclude['before'])})$", macros)
        self._not_after = _compile("exclude.after", "|".join(exclude["after"]), macros)
        self._counted = _compile("exclude.counted", data["exclude"]["counted"], macros)
        self._compared = _compile("macros.compared", " ?(?:<compared>|<gain_noun>)\\b", macros)
        self._others = _compile("exclude.sentence", "|".join(exclude["sentence"]), macros)
        metrics: dict[str, str] = data["metrics"]
        self._heads = frozenset(metrics["heads"].split())
        self._heads_with = frozenset(metrics["heads_with"].split())
        self._modifiers = frozenset(metrics["modifiers"].split())
        self._settings = frozenset(metrics["settings"].split())
        self._rates = tuple(metrics["rates"].split())
        self._verbs = frozenset(metrics["verbs"].split())
        self._praise = frozenset(metrics["praise"].split())
        self._near = _compile("metrics.near", metrics["near"], macros)
        self._change = _compile("macros.change", "<change>(?:e|es|s|ed|ing|ting)$", macros)
        self._changed = _compile("macros.change", "<change>\\w* <hedge>*$", macros)
        self._thing_before = _compile("metrics.thing_before", f"(?:{metrics['thing_before']})$", macros)
        self._place = _compile("datasets.place", data["datasets"]["place"], macros)
        self._place_before = _compile("datasets.before", data["datasets"]["before"], macros)
        self._comparisons: dict[str, str] = data["comparisons"]
        comparatives = "|".join(self._comparisons)
        self._comparison = _compile("comparisons", f"[ -]?(?:[a-z]+ly )?({comparatives})\\b", macros)
        self._later = _compile("metrics.later", metrics["later"], macros)
        self._within = _compile("metrics.within", metrics["within"], macros)
        self._thing_after = _compile("metrics.thing_after", metrics["thing_after"], macros)

    def __call__(self, doc: Doc) -> Doc:
        """Write the results of `doc` to its user data."""
        entities = [entity_from_plain(plain) for plain in doc.user_data["kg_entities"]]
        doc.user_data["kg_results"] = [to_plain(result) for result in self.find(doc, entities)]
        return doc

    def find(self, doc: Doc, entities: Sequence[Entity]) -> list[Result]:
        """Give the results, in text order; `entities` are those of the doc."""
        text = whole_text(doc)
        numbers = _numbers(text, doc.user_data.get("kg_title_end", 0))
        if not numbers:
            return []
        starts = _sentence_starts(doc)
        offsets = [doc[start].idx for start in starts]
        inside = {i for phrase in marks(doc)["kg_phrases"] for i in range(phrase.start, phrase.end)}
        own = _OWN.search(text)
        own_sentence = bisect_right(offsets, own.start()) - 1 if own else 0
        results: list[Result] = []
        listed: list[list[str]] = []
        for place, group in groupby(numbers, lambda part: bisect_right(offsets, part.start) - 1):
            found = list(group)
            span = doc[starts[place] : starts[place + 1] if place + 1 < len(starts) else len(doc)]
            if len(found) > _MOST_NUMBERS or place < own_sentence or self._others.search(span.text.lower()):
                continue
            sentence = _Sentence(text, span, self._parts(text, span, entities, found, inside))
            sentence.previous = offsets[max(0, place - 1)]
            results += self._read(sentence, entities, listed, results)
            listed += [
                sentence.names(part) for part in sentence.parts if part.kind == "dataset" and len(part.members) > 1
            ]
        return results

    def _parts(
        self, text: str, span: Span, entities: Sequence[Entity], numbers: Sequence[_Part], inside: Container[int]
    ) -> list[_Part]:
        """Give what the signs of the rewritten sentence stand for, in text order, lists folded.

        `inside` holds the tokens of noun phrases.
        """
        named = {
            (mention.start, mention.end): entity.type
            for entity in entities
            for mention in entity.mentions
            if span.start_char <= mention.start < span.end_char
        }
        stops = {end for (_, end), kind in named.items() if kind != "Metric"} | {part.end for part in numbers}
        metrics = self._metrics(span, stops, inside)
        metrics += [extent for part in numbers for extent in self._short_forms(text, part) if extent not in named]
        metric_ends = {end for _, end in metrics}
        parts = [
            part
            for part in numbers
            if (
                part.values[0][1]
                or _DECIMALS.search(part.values[0][0])
                or not any(s < part.start and part.end <= e and kind != "Metric" for (s, e), kind in named.items())
            )
            and not _is_name(text, part, span.start_char, metric_ends)
        ]
        found: list[_Part] = [_Part("metric", start, end, [(start, end)]) for start, end in metrics]
        found += [
            _Part("dataset" if kind == "Dataset" else "name", start, end, [(start, end)])
            for (start, end), kind in sorted(named.items())
            if kind in ("Dataset", "Method", "Model") and text[start:end].lower() not in self._settings
        ]
        for part in found:
            if all(part.end <= other.start or other.end <= part.start for other in parts):
                parts.append(part)
        return _fold(text, sorted(parts, key=lambda part: part.start))

    def _metrics(self, span: Span, stops: set[int], inside: Container[int]) -> list[tuple[int, int]]:
        """Give the extents of the measures a sentence names: known ones, and phrases that end in a word for one."""
        doc = span.doc
        words = lower_texts(doc)
        ends: dict[int, int] = {}
        for known in marks(doc)["kg_vocabulary"]:
            if known.label_ == "Metric" and span.start <= known.start < span.end:
                ends[known.end - 1] = known.start
        for place in range(span.start, span.end):
            word = words[place]
            if word in self._heads or word in self._heads_with or self._is_compound(word):
                ends.setdefault(place, place)
        extents: list[tuple[int, int]] = []
        for last in sorted(ends):
            start = ends[last]
            while start > span.start and last - start < 5:
                before = doc[start - 1]
                if (
                    before.idx + len(before) in stops
                    or before.text[0].isdigit()
                    or not (start - 1 in inside or words[start - 1] in self._modifiers)
                ):
                    break
                start -= 1
            while start < ends[last] and (words[start] in self._praise or self._change.match(words[start])):
                start += 1
            if extents and extents[-1][1] >= start:
                start = extents.pop()[0]
            alone = words[last] if start == last else ""
            if (
                not self._settings.isdisjoint(words[start : last + 1])
                or (alone in self._heads_with and not _is_valued(doc, last))
                or (alone in self._verbs and last + 1 < len(doc) and like_num(words[last + 1]))  # type: ignore[no-untyped-call]
                or (alone in self._verbs and words[last - 1] == ")" and extents and extents[-1][1] == last - 1)
            ):
                continue
            extents.append((start, last + 1))
        return [(doc[start].idx, doc[end - 1].idx + len(doc[end - 1])) for start, end in extents]

    def _short_forms(self, text: str, part: _Part) -> list[tuple[int, int]]:
        """Give the extents of capital letters where a measure may stand: "AVD of 5.29", "SE=0.96", "1.72% EX"."""
        found = [_SHORT_BEFORE.search(text, max(0, part.start - 20), part.start)]
        if part.unit != "whole":
            found.append(_SHORT_AFTER.match(text, part.end))
        return [match.span(1) for match in found if match and match[1].lower() not in self._settings]

    def _is_compound(self, word: str) -> bool:
        """Say whether a word is a measure with something before or a cut-off behind it: "micro-f1", "bleu-4"."""
        match = _COMPOUND.fullmatch(word)
        if match is None or match[1] in self._praise:
            return False
        return match[2] in self._heads or (match[1] in self._heads and len(match[2]) <= 2)

    def _read(
        self, sentence: _Sentence, entities: Sequence[Entity], listed: Sequence[list[str]], earlier: Sequence[Result]
    ) -> list[Result]:
        results: list[Result] = []
        for part in sentence.parts:
            if part.kind != "number":
                continue
            before, after = sentence.around(part)
            unit = part.unit
            if after.startswith(_MEASURED) and (unit == "other" or (unit == "whole" and len(part.values[-1][0]) < 4)):
                unit = ""
            if unit != "x" and self._not_after.match(after) and not self._changed.search(before):
                continue
            if unit == "whole" and self._counted.match(after):
                continue
            pattern = next((pattern for pattern in self._patterns if pattern.fits(before, after, unit)), None)
            if pattern is None or (self._not_before.search(before) and not self._compared.match(after)):
                continue
            rule = pattern.rule
            count = len(part.values)
            gain = results[-1].gain if rule.series and results else rule.gain
            metrics = self._measured(sentence, part, pattern, before, after, gain=gain)
            if count > 1 and len(metrics) != count and "respective" in after and len(results) >= count:
                metrics = [result.metric for result in results[-count:]]
            elif not metrics and rule.series and results:
                metrics = [results[-1].metric]
            elif not metrics:
                left = sentence.measure(part)
                metrics = list(sentence.names(left)) if left else []
                if not metrics and unit in ("%", "pp", "") and (results or earlier):
                    metrics = [(results or earlier)[-1].metric]
                elif not metrics and results and results[-1].unit == unit:
                    metrics = [results[-1].metric]
            if unit == "rate" and not any(name.lower().endswith(self._rates) for name in metrics if name):
                metrics = [self._rates[0]]
            datasets = self._measured_on(sentence, part, entities, listed)
            sentence.accept(part)
            subject = sentence.subject(part, entities)
            if rule.series and unit in ("", "whole") and results and results[-1].unit == "pp":
                unit = "pp"
            for place, (value, _, sign) in enumerate(part.values):
                results.append(
                    Result(
                        value=value,
                        unit=unit if unit in ("%", "pp", "x") else None,
                        gain=gain or sign == "+",
                        metric=_paired(metrics, place, count),
                        dataset=_paired(datasets, place, count),
                        subject=subject,
                        mention=sentence.mention(rule),
                    )
                )
        return results

    def _measured(
        self, sentence: _Sentence, part: _Part, pattern: _Pattern, before: str, after: str, *, gain: bool
    ) -> list[str | None]:
        """Give the measure or list of measures that a number is of; of a gain, it may be whatever grows or shrinks."""
        count = len(part.values)
        right = next((p for p in sentence.parts if p.kind == "metric" and p.at > part.at), None)
        if right and self._near.match(after):
            return list(sentence.names(right))
        behind = part.at + 1
        match = pattern.after.match(after)
        if match and match.lastgroup and match["thing"]:
            return [sentence.original(behind + match.start("thing"), behind + match.end("thing"))]
        if found := self._comparison.match(after):
            return [self._comparisons[found[1]]]
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
                if names := self._things(sentence, offset + start, offset + end, count):
                    return names
        return []

    def _things(self, sentence: _Sentence, start: int, end: int, count: int) -> list[str | None]:
        """Give the things between two places of the rewritten sentence: as many as there are numbers, or one."""
        inside = [p for p in sentence.parts if start <= p.at < end and p.kind == "metric"]
        if len(inside) == 1 and len(inside[0].members) == count > 1:
            return list(sentence.names(inside[0]))
        name = sentence.original(start, end)
        words = name.split() if name else []
        while words and words[0].lower() in self._praise:
            del words[0]
        if not words or words == ["average"] or (words[-1][0].isupper() and not inside):
            return []
        name = " ".join(words)
        members = _COMMAS.split(name)
        return list(members) if count > 1 and len(members) == count else [name]

    def _measured_on(
        self, sentence: _Sentence, part: _Part, entities: Sequence[Entity], listed: Sequence[list[str]]
    ) -> list[str | None]:
        """Give the dataset or list of datasets that a number was measured on: in the sentence, else in one before."""
        count = len(part.values)
        if named := self._place_before.search(sentence.source[: part.start], sentence.start):
            inside = [p for p in sentence.parts if part.start > p.start >= named.start(1)]
            if all(p.kind == "dataset" for p in inside):
                return [named[1]]
        right = next((p for p in sentence.parts if p.at > part.at and p.kind in ("number", "result", "dataset")), None)
        if right and right.kind == "dataset":
            names: list[str | None] = list(sentence.names(right))
            return names if len(names) == count else sentence.listed(right.start, count) or names
        place = self._place.match(sentence.source[part.end : sentence.end])
        if place and not self._is_apart(sentence, part, place):
            place = None
        if place and place["place"]:
            return sentence.listed(part.end + place.start("place"), count) or [place["place"]]
        if left := sentence.last(part, "dataset"):
            return list(sentence.names(left))
        if place:
            return sentence.listed(part.end + place.start("part"), count) or [place["part"]]
        if count > 1 and "respective" in sentence.text:
            return list(next((names for names in reversed(listed) if len(names) == count), []))
        datasets = [entity for entity in entities if entity.type == "Dataset"]
        before = [
            (mention.start, mention.text)
            for entity in datasets
            for mention in entity.mentions
            if mention.start < sentence.start
        ]
        if len(datasets) == 1 or (before and max(before)[0] >= sentence.previous):
            return [max(before)[1] if before else datasets[0].name]
        return []

    def _is_apart(self, sentence: _Sentence, part: _Part, place: re.Match[str]) -> bool:
        """Say whether a place found behind a number overlaps no number and no measure."""
        start, end = (part.end + offset for offset in place.span(place.lastgroup or 0))
        inside = [p for p in sentence.parts if start < p.end and p.start < end]
        return all(p.kind in ("dataset", "name") for p in inside)


class _Sentence:
    """A sentence rewritten with one sign for every part."""

    def __init__(self, text: str, span: Span, parts: list[_Part]) -> None:
        self.source = text
        self.start = span.start_char
        self.end = span.end_char
        self.previous = span.start_char
        """Where the sentence before begins."""
        self.parts = parts
        pieces: list[str] = []
        length = 0
        position = self.start
        for part in parts:
            piece = _plain(text[position : part.start])
            length += len(piece)
            part.at = length
            pieces += [piece, _SIGNS[part.kind]]
            length += 1
            position = part.end
        pieces.append(_plain(text[position : self.end]))
        self.text = "".join(pieces)

    def around(self, part: _Part) -> tuple[str, str]:
        """Give what stands before and after a part."""
        return self.text[max(0, part.at - 140) : part.at], self.text[part.at + 1 : part.at + 120]

    def accept(self, part: _Part) -> None:
        """Mark a number as a result."""
        part.kind = "result"
        self.text = self.text[: part.at] + _SIGNS["result"] + self.text[part.at + 1 :]

    def names(self, part: _Part) -> list[str]:
        """Give the words of the members of a part, "accuracy" for "accuracies"."""
        names = [self.source[start:end] for start, end in part.members]
        return [f"{name[:-3]}y" if part.kind == "metric" and name.endswith("ies") else name for name in names]

    def last(self, part: _Part, kind: Kind) -> _Part | None:
        """Give the last part of a kind before another."""
        return next((p for p in reversed(self.parts) if p.at < part.at and p.kind == kind), None)

    def measure(self, part: _Part) -> _Part | None:
        """Give the last measure before a part; of one and another in brackets behind it, the shorter."""
        last = self.last(part, "metric")
        outer = self.last(last, "metric") if last else None
        if last and outer and self.text[outer.at + 1 : last.at] == " (":
            return min(last, outer, key=lambda p: p.end - p.start)
        return last

    def original(self, start: int, end: int) -> str | None:
        """Give what stands between two places of the rewritten sentence as the text writes it."""
        words = self.text[start:end].strip()
        for part in self.parts:
            if start <= part.at < end:
                words = words.replace(self.text[part.at], self.source[part.start : part.end], 1)
        place = self.source.lower().find(words.lower(), self.start, self.end)
        return self.source[place : place + len(words)] if place >= 0 else None

    def listed(self, start: int, count: int) -> list[str | None]:
        """Give the members of a list of names not all of which are known; empty unless it has `count` short members."""
        members = _COMMAS.split(self.source[start : self.end].rstrip("."), maxsplit=count)[:count]
        fits = count > 1 and len(members) == count and all(m[:1].isupper() and len(m.split()) <= 3 for m in members)
        return list(members) if fits else []

    def subject(self, part: _Part, entities: Iterable[Entity]) -> str | None:
        """Give the introduced thing nearest before a number in its sentence, or the only one the paper introduces."""
        introduced = [e for e in entities if e.relation == "introduces" and e.type in ("Method", "Model")]
        here = [
            (mention.start, mention.text)
            for entity in introduced
            for mention in entity.mentions
            if self.start <= mention.start < part.start
        ]
        if here:
            return max(here)[1]
        return introduced[0].name if len(introduced) == 1 else None

    def mention(self, rule: ResultRule) -> Mention:
        """Give the sentence as evidence."""
        return Mention(
            start=self.start,
            end=self.end,
            text=self.source[self.start : self.end],
            relation="hasResult",
            rules=(rule.id,),
            confidence=rule.confidence,
        )


def _is_valued(doc: Doc, last: int) -> bool:
    """Say whether a word is followed by "of" and a number, or stands right behind a percentage."""
    words = lower_texts(doc)
    measured = words[last + 1 : last + 2] == ["of"] and any(map(like_num, words[last + 1 : last + 5]))
    return measured or (last > 0 and words[last - 1].endswith("%"))


def _numbers(text: str, start: int) -> list[_Part]:
    """Give the numbers of a text from an offset on, but years, the counters of a list and parts of formulas."""
    parts: list[_Part] = []
    for match in _VALUE.finditer(text, start):
        begin, value = match.start(), match.group()
        if parts and begin < parts[-1].end:
            continue
        sign = ""
        if text[begin - 1 : begin] == "." and not text[begin - 2 : begin - 1].isalnum() and "." not in value:
            begin, value = begin - 1, f".{value}"
        ranges = bool(parts) and _DASHES.fullmatch(text, parts[-1].end, begin) is not None
        if not ranges and text[begin - 1 : begin] in _PLUS_OR_MINUS and not text[begin - 2 : begin - 1].isalnum():
            begin -= 1
            sign = "+" if text[begin] == "+" else "-"
        listed = bool(parts) and parts[-1].end == begin - 1 and text[begin - 1] == "/" and "." in value
        listed |= text[begin - 2 : begin] == "%/" or text.endswith("rightarrow", 0, begin)
        if not listed and not ranges and _NOT_BEFORE.search(text, max(0, begin - 3), begin):
            continue
        tail = _TAIL.match(text, match.end())
        if tail is None:
            continue
        unit = (tail["unit"] or "").strip()
        whole = not unit and not sign and value.isdigit()
        if whole and (_YEAR.match(value) or (len(value) < 3 and text[tail.end() : tail.end() + 1] == ")")):
            continue
        value = value.replace(",", "")
        parts.append(_Part("number", begin, tail.end(), values=[(f"-{value}" if sign == "-" else value, unit, sign)]))
    return parts


def _is_name(text: str, part: _Part, start: int, metric_ends: set[int]) -> bool:
    """Say whether a number without unit belongs to the name before it, as in `Llama 3`."""
    if part.values[0][1] or part.values[0][2] or _DASHES.match(text, part.end):
        return False
    word = _LAST_WORD.search(text, max(start, part.start - 30), part.start)
    return bool(word) and part.start - 1 not in metric_ends and word.start() > start  # type: ignore[union-attr]


def _fold(text: str, parts: list[_Part]) -> list[_Part]:
    """Fold parts of one kind that are listed ("A, B and C") or form a range ("3-5%") into one."""
    folded: list[_Part] = []
    for part in parts:
        last = folded[-1] if folded else None
        if last and last.kind == part.kind and part.kind != "name":
            between = text[last.end : part.start]
            if part.kind == "number":
                one, other = last.values[-1][1], part.values[0][1]
                same = not one or not other or _unit(one) == _unit(other)
                if same and (
                    (_RANGE.fullmatch(between) and not (between.strip().endswith("to") and _is_start(text, last.start)))
                    or (between == " and " and text.endswith("between ", 0, last.start))
                ):
                    last.end = part.end
                    last.values[-1] = (last.values[-1][0], one or other, last.values[-1][2])
                    continue
            else:
                same = True
            if same and _SERIES.fullmatch(between):
                last.end = part.end
                last.members += part.members
                last.values += part.values
                continue
        folded.append(part)
    return folded


def _is_start(text: str, position: int) -> bool:
    """Say whether a number begins a way from one level to another ("from 70 to 80") and not a range."""
    return bool(_FROM.search(text, max(0, position - 40), position))


def _unit(text: str) -> str:
    if not text:
        return ""
    if _RATE.search(text):
        return "rate"
    if _POINTS.search(text):
        return "pp"
    if _PER.search(text):
        return "%"
    return "x" if _TIMES.search(text) else "other"


def _paired(names: Sequence[str | None], place: int, count: int) -> str | None:
    """Give the name for a number of a list: that of the same place if the lists are equally long, else the first."""
    if not names:
        return None
    return names[place] if len(names) == count else names[0]


def _sentence_starts(doc: Doc) -> list[int]:
    """Give the tokens that begin sentences; far cheaper than `doc.sents` where few sentences are looked at."""
    return [index for index, start in enumerate(doc.to_array("SENT_START").tolist()) if start == 1]


_MARKUP = re.compile(
    r"\\(?:textbf|textit|textsc|texttt|emph|mathbf|mathrm|text|sim|approx|leq?|geq?)\b|[$\\{}*<>≤≥~≈∼]"
)
_BLANKS = re.compile(r"\s+")


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", _MARKUP.sub("", text)).lower().replace("'", "’")


def _expand(pattern: str, macros: dict[str, str]) -> str:
    for kind, sign in _SIGNS.items():
        pattern = pattern.replace(f"<{kind}>", sign)
    for name, text in macros.items():
        pattern = pattern.replace(f"<{name}>", f"(?:{text})")
    return pattern


def _compile(place: str, pattern: str, macros: dict[str, str]) -> re.Pattern[str]:
    """Compile a pattern of the rule file; raises DataFileError that names its place."""
    try:
        return re.compile(_expand(pattern, macros))
    except re.error as error:
        raise DataFileError([f"results.toml: {place}: not a regular expression: {error}"]) from error


@Language.factory("kg_results", requires=["doc.spans"])
def create_result_finder(nlp: Language, name: str) -> ResultFinder:
    """Make the component `kg_results`."""
    return ResultFinder()
