"""Witness: numeric results. An outcome becomes one with the dataset it was reached on and its subject."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.outcomes import Outcome, paired
from kg.extract.rewriting import COMMAS, Part, Patterns, fold
from kg.extract.rules import RULES
from kg.extract.tokens import read_tokens
from kg.extract.values import entity_from_plain, to_plain
from kg.model import Entity, Mention, Result

_JOINT = re.compile(r"(?: points?)?(?:[,;](?: and)?| and) (?:on|for|in) (?:the )?$")
"""Between a number and the dataset of the next one."""
_TOGETHER = re.compile(r"\band\b|,|\(")
_NEAR = 60
"""So far apart are numbers, in characters, that share a dataset."""
_LISTED = re.compile(r"[A-Z][^\s()]*(?: [^\s()]+){0,2}")
"""A name of three words at most."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the text and its entities offer to all results of a paper."""

    text: str
    entities: Sequence[Entity]
    datasets: Sequence[Part]
    """Where datasets are named, lists folded, in text order."""
    introduced: Sequence[Entity]
    """Methods and models of the paper's own."""


class ResultFinder:
    """Find the numeric results of a doc; as a component, write them to `doc.user_data["kg_results"]` as plain values.

    Reads the outcomes and the entities of the doc.
    """

    def __init__(self) -> None:
        with (RULES / "results.toml").open("rb") as file:
            data = tomllib.load(file)
        patterns = Patterns(data["macros"])
        self._place = patterns.compile("datasets.place", data["datasets"]["place"])
        self._place_before = patterns.compile("datasets.before", data["datasets"]["before"])

    def __call__(self, doc: Doc) -> Doc:
        """Write the results of `doc` to its user data."""
        entities = [entity_from_plain(plain) for plain in doc.user_data["kg_entities"]]
        doc.user_data["kg_results"] = [to_plain(result) for result in self.find(doc, entities)]
        return doc

    def find(self, doc: Doc, entities: Sequence[Entity]) -> list[Result]:
        """Give the results, in text order; `entities` are those of the doc."""
        outcomes = [Outcome(*plain) for plain in doc.user_data["kg_outcomes"]]
        if not outcomes:
            return []
        text = read_tokens(doc).text
        scene = _Scene(
            text,
            entities,
            _datasets(text, entities),
            [e for e in entities if e.relation == "introduces" and e.type in ("Method", "Model")],
        )
        results: list[Result] = []
        for outcome, following in zip(outcomes, [*outcomes[1:], None], strict=True):
            datasets = self._measured_on(outcome, scene)
            if following and _shares_dataset(outcome, following, text, named=bool(datasets)):
                datasets = self._measured_on(following, scene)[:1] or datasets
            results += self._results(outcome, scene, datasets or _before(outcome, scene))
        return results

    def _results(self, outcome: Outcome, scene: _Scene, datasets: Sequence[str]) -> list[Result]:
        """Give a result for each value of an outcome, measured on `datasets`."""
        start, end = outcome.sentence
        mention = Mention(
            start=start,
            end=end,
            text=scene.text[start:end],
            relation="hasResult",
            rules=(outcome.rule,),
            confidence=outcome.confidence,
        )
        subject = _subject(outcome, scene.introduced)
        count = len(outcome.values)
        return [
            Result(
                value=value,
                unit=outcome.unit,
                gain=outcome.gains[place],
                metric=outcome.metrics[place],
                dataset=paired(datasets, place, count),
                subject=subject,
                mention=mention,
            )
            for place, value in enumerate(outcome.values)
        ]

    def _measured_on(self, outcome: Outcome, scene: _Scene) -> Sequence[str]:
        """Give the dataset or datasets that a number was measured on, by its sentence; empty when it names none."""
        text, count = scene.text, len(outcome.values)
        start, end = outcome.sentence
        if (named := self._place_before.search(text, start, outcome.start)) and _may_be_dataset(
            outcome, scene, *named.span(1)
        ):
            return [named[1]]
        left = next((part for part in reversed(scene.datasets) if start <= part.start < outcome.start), None)
        right = next((part for part in scene.datasets if outcome.end <= part.start < outcome.next_number), None)
        if left and right and _is_of_next(outcome, scene, left, right):
            return _members(text, left)
        if right:
            names = _members(text, right)
            return names if len(names) == count else _listed(text[right.start : end], count) or names
        place = self._find_place(outcome, text)
        if place and place["place"]:
            return _listed(text[place.start("place") : end], count) or [place["place"]]
        if left:
            return _members(text, left)
        if place:
            return _listed(text[place.start("part") : end], count) or [place["part"]]
        if count > 1 and "respective" in text[start:end]:
            lists = (part for part in reversed(scene.datasets) if part.start < start and len(part.members) == count)
            return next((_members(text, part) for part in lists), [])
        return []

    def _find_place(self, outcome: Outcome, text: str) -> re.Match[str] | None:
        """Find words for where a number was reached, behind it and apart from other numbers and measures."""
        behind = [end for start, end in outcome.others if outcome.end <= start < outcome.next_number]
        for begin in (outcome.end, *behind):
            place = self._place.match(text, begin, outcome.sentence[1])
            if place and _is_apart(outcome, *place.span(place.lastgroup or 0)):
                return place
        return None


def _datasets(text: str, entities: Iterable[Entity]) -> list[Part]:
    """Give where datasets are named, lists folded, in text order."""
    extents = sorted((m.start, m.end) for entity in entities if entity.type == "Dataset" for m in entity.mentions)
    return fold(text, [Part("name", start, end, [(start, end)]) for start, end in extents])


def _members(text: str, part: Part) -> list[str]:
    return [text[start:end] for start, end in part.members]


def _listed(text: str, count: int) -> list[str]:
    """Give the members of a list of names not all of which are known; empty unless it has `count` short members."""
    members = COMMAS.split(text.rstrip("."), maxsplit=count)[:count]
    fits = count > 1 and len(members) == count and all(map(_LISTED.fullmatch, members))
    return members if fits else []


def _is_apart(outcome: Outcome, start: int, end: int) -> bool:
    """Say whether a stretch of text overlaps no other number and no measure."""
    return all(end <= other_start or other_end <= start for other_start, other_end in outcome.others)


def _is_of_next(outcome: Outcome, scene: _Scene, left: Part, right: Part) -> bool:
    """Say whether the dataset behind a number is that of the next: "on A by 4% and on B by 6%"."""
    text = scene.text
    is_near = all(not left.end <= start < outcome.start for start, _ in outcome.others)
    return (
        is_near
        and _JOINT.match(text, outcome.end, right.start) is not None
        and right.end < outcome.next_number < outcome.sentence[1]
    )


def _shares_dataset(outcome: Outcome, following: Outcome, text: str, *, named: bool) -> bool:
    """Say whether the dataset behind the next number is that of a number too: "91.0 (+1.7) on A".

    When none is `named` for it, that of a number farther off is too: "3% accuracy and 4% recall on A".
    """
    if text[outcome.end : following.start].strip() == "(":
        return True
    return not named and (
        outcome.sentence == following.sentence
        and outcome.next_number == following.start
        and following.start - outcome.end <= _NEAR
        and _TOGETHER.search(text, outcome.end, following.start) is not None
    )


def _may_be_dataset(outcome: Outcome, scene: _Scene, start: int, end: int) -> bool:
    """Say whether a name with the number in brackets behind it is neither a measure nor a method."""
    others = (m for entity in scene.entities if entity.type in ("Method", "Model") for m in entity.mentions)
    return _is_apart(outcome, start, end) and all(end <= m.start or m.end <= start for m in others)


def _before(outcome: Outcome, scene: _Scene) -> list[str]:
    """Give the dataset named last before the sentence, if it is the only one or stands in the sentence before."""
    start, _ = outcome.sentence
    before = [(mention_start, mention_end) for part in scene.datasets for mention_start, mention_end in part.members]
    before = [extent for extent in before if extent[0] < start]
    only = [entity.name for entity in scene.entities if entity.type == "Dataset"]
    if before and (len(only) == 1 or before[-1][0] >= outcome.previous):
        return [scene.text[slice(*before[-1])]]
    return only if len(only) == 1 else []


def _subject(outcome: Outcome, introduced: Sequence[Entity]) -> str | None:
    """Give the introduced thing nearest before a number in its sentence, or the only one the paper introduces."""
    start, _ = outcome.sentence
    here = [
        (mention.start, mention.text)
        for entity in introduced
        for mention in entity.mentions
        if start <= mention.start < outcome.start
    ]
    if here:
        return max(here)[1]
    return introduced[0].name if len(introduced) == 1 else None


@Language.factory("kg_results", requires=["doc.spans"])
def create_result_finder(nlp: Language, name: str) -> ResultFinder:
    """Make the component `kg_results`."""
    return ResultFinder()
