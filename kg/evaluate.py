"""Measure extractions against annotated papers (the format of `tests/gold/GUIDELINES.md`).

Things are compared per paper, not per mention. A predicted entity matches an annotated one when they share a name or
alias after folding and the predicted type is the annotated `type` or `alt_type`; each annotated one is matched once, so
the second prediction of a thing is spurious. An optional one counts as right when found and is not missed when not.
Links match on the address, results on the number and, where annotated, on metric or dataset.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from kg.gold import Gold, GoldEntity, GoldPaper, GoldResult, clean_url, first_number
from kg.model import Entity, Extraction, Link, Result
from kg.names import fold_loosely as fold
from kg.shares import Shares

MISSED, SPURIOUS = "missed", "spurious"
"""What stands for a type in the confusion of what was not predicted, or not annotated."""
BINS = 10
_COLUMNS = ("required", "optional", "spurious", "missed")
_TOTALS = ("all", "any-type", "link", "link+kind", "result")


class _Annotated(Protocol):
    @property
    def required(self) -> bool: ...


_Found = TypeVar("_Found")
_Wanted = TypeVar("_Wanted", bound=_Annotated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Shares):
    """The counts of one line of the table."""

    name: str
    """A type, or `all`, `any-type` (types disregarded), `link`, `link+kind`, `result`."""
    required: int
    """Required ones that were found."""
    optional: int
    """Optional ones that were found."""
    spurious: int
    """Predictions that match nothing."""
    missed: int
    """Required ones that were not found."""

    @property
    def gold(self) -> int:
        """How many are required."""
        return self.required + self.missed

    @property
    def predicted(self) -> int:
        """How many were predicted."""
        return self.right + self.spurious

    @property
    def found(self) -> int:
        """How many of the required ones were found."""
        return self.required

    @property
    def right(self) -> int:
        """How many of the predictions match something."""
        return self.required + self.optional


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is wrong in one paper."""

    paper: str
    """The annotated paper's id."""
    type: str
    spurious: tuple[str, ...]
    """Predicted names that match nothing."""
    missed: tuple[str, ...]
    """Required names that were not found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The claims of about one confidence."""

    least: float
    most: float
    claims: int
    confidence: float
    """The mean confidence."""
    precision: float
    """The share of them that are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How well extractions agree with the annotated papers."""

    papers: int
    """Annotated papers, all of which count."""
    absent: tuple[str, ...]
    """Ids of annotated papers that were not among the extractions: nothing was found in them."""
    scores: tuple[Score, ...]
    relation_right: int
    """Required entities found with the annotated relation."""
    relation_of: int
    """Required entities found."""
    differences: tuple[Difference, ...]
    """By paper, then type."""
    confusion: Mapping[tuple[str, str], int]
    """How many entities are annotated with one type and predicted with the other, `missed` and `spurious` included.

    A type that the annotation allows besides its own counts as its own."""
    claims: tuple[tuple[float, bool], ...]
    """The confidence of each claim that a paper stands in a relation to a thing, and whether it is annotated so."""

    @property
    def relation_accuracy(self) -> float:
        """The share of the found required entities that have the annotated relation."""
        return self.relation_right / self.relation_of if self.relation_of else 0.0

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the table as text: header, a row per score, the accuracy of relations."""
        header = ("", "P", "R", "F1", "gold", "predicted")
        body = (
            (
                score.name,
                f"{score.precision:.3f}",
                f"{score.recall:.3f}",
                f"{score.f1:.3f}",
                str(score.gold),
                str(score.predicted),
            )
            for score in self.scores
        )
        return header, *body, ("relation", f"{self.relation_accuracy:.3f}", "", "", str(self.relation_of), "")

    def confusion_rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the confusion as text: header, a row per annotated type, what was spurious last."""
        types = sorted({name for pair in self.confusion for name in pair} - {MISSED, SPURIOUS})
        body = (
            (row, *(str(self.confusion.get((row, column), 0)) for column in (*types, MISSED)))
            for row in (*types, SPURIOUS)
        )
        return ("annotated \\ predicted", *types, MISSED), *body

    def reliability(self) -> tuple[Bin, ...]:
        """Give the claims by confidence, in `BINS` bins of equal width without the empty ones."""
        bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
        for confidence, right in self.claims:
            bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
        return tuple(
            Bin(
                least=number / BINS,
                most=(number + 1) / BINS,
                claims=len(each),
                confidence=sum(confidence for confidence, _ in each) / len(each),
                precision=sum(right for _, right in each) / len(each),
            )
            for number, each in sorted(bins.items())
        )

    @property
    def calibration_error(self) -> float:
        """The expected calibration error: how far confidence is from precision, on average over claims."""
        total = sum(bin_.claims * abs(bin_.confidence - bin_.precision) for bin_ in self.reliability())
        return total / len(self.claims) if self.claims else 0.0

    def reliability_rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the reliability as text: header, a row per bin, the calibration error."""
        body = (
            (
                f"{bin_.least:.1f} to {bin_.most:.1f}",
                str(bin_.claims),
                f"{bin_.confidence:.3f}",
                f"{bin_.precision:.3f}",
            )
            for bin_ in self.reliability()
        )
        error = ("calibration error", str(len(self.claims)), f"{self.calibration_error:.3f}", "")
        return ("confidence", "claims", "mean confidence", "precision"), *body, error


def evaluate(gold: Gold, extractions: Iterable[Extraction]) -> Evaluation:
    """Compare extractions with annotated papers.

    Papers meet on the source's id, failing that on the title's slug; the first extraction of an id counts.
    """
    by_id: dict[str, Extraction] = {}
    for extraction in extractions:
        for name in (extraction.paper.identifier, extraction.paper.slug):
            if name:
                by_id.setdefault(name, extraction)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    relations: Counter[bool] = Counter()
    differences: list[Difference] = []
    confusion: Counter[tuple[str, str]] = Counter()
    claims: list[tuple[float, bool]] = []
    for paper in gold.papers:
        found = by_id.get(paper.id)
        entities = [entity for entity in found.entities if entity.type in gold.types] if found else []
        typed = match_entities(paper, entities, typed=True)
        claims += [
            (entity.confidence, entity.relation in wanted.relations)
            for entity, wanted in typed.pairs
            if wanted.relations
        ]
        claims += [(entity.confidence, False) for entity in typed.spurious]
        for entity, wanted in typed.pairs:
            if wanted.required and wanted.relations:
                relations[entity.relation in wanted.relations] += 1
        for type_ in {wanted.type for wanted in paper.entities} | {entity.type for entity in entities}:
            of_type = _of_type(typed, type_)
            counts[type_] += of_type.counts()
            if of_type.spurious or of_type.missed:
                differences.append(
                    Difference(
                        paper=paper.id,
                        type=type_,
                        spurious=tuple(entity.name for entity in of_type.spurious),
                        missed=tuple(entity.name for entity in of_type.missed),
                    )
                )
        counts["all"] += typed.counts()
        untyped = match_entities(paper, entities, typed=False)
        counts["any-type"] += untyped.counts()
        confusion += _confuse(untyped)
        counts["link"] += _count_links(paper, found.links if found else (), with_kind=False)
        counts["link+kind"] += _count_links(paper, found.links if found else (), with_kind=True)
        counts["result"] += _match(paper.results, found.results if found else (), _result_fit).counts()
    return Evaluation(
        papers=len(gold.papers),
        absent=tuple(sorted(paper.id for paper in gold.papers if paper.id not in by_id)),
        scores=tuple(
            Score(name=name, **{column: counts[name][column] for column in _COLUMNS})
            for name in (*sorted(set(counts) - set(_TOTALS)), *_TOTALS)
        ),
        relation_right=relations[True],
        relation_of=relations.total(),
        differences=tuple(sorted(differences, key=lambda difference: (difference.paper, difference.type))),
        confusion=confusion,
        claims=tuple(claims),
    )


def match_entities(paper: GoldPaper, entities: Iterable[Entity], *, typed: bool) -> Matching[Entity, GoldEntity]:
    """Pair the entities of an annotated paper with what is annotated, on name, and with `typed` on type."""
    return _match(paper.entities, entities, _typed_entity_fit if typed else _entity_fit)


@dataclass(frozen=True, slots=True)
class Matching(Generic[_Found, _Wanted]):
    """Predictions paired with what is annotated; `missed` holds required ones only."""

    pairs: tuple[tuple[_Found, _Wanted], ...]
    spurious: tuple[_Found, ...]
    missed: tuple[_Wanted, ...]

    def counts(self) -> Counter[str]:
        """Count by the columns of a score."""
        required = sum(wanted.required for _, wanted in self.pairs)
        return Counter(
            required=required,
            optional=len(self.pairs) - required,
            spurious=len(self.spurious),
            missed=len(self.missed),
        )


def _match(
    wanted: Iterable[_Wanted], found: Iterable[_Found], fit: Callable[[_Found, _Wanted], tuple[bool, ...] | None]
) -> Matching[_Found, _Wanted]:
    """Pair each prediction, in order, with the free annotated one that fits best, required ones before optional ones.

    `fit` gives None for what does not fit, else what is wrong with it: the smallest is the best.
    """
    free = sorted(wanted, key=lambda each: not each.required)
    pairs, spurious = [], []
    for each in found:
        fits = [(misfit, index) for index, one in enumerate(free) if (misfit := fit(each, one)) is not None]
        if fits:
            pairs.append((each, free.pop(min(fits)[1])))
        else:
            spurious.append(each)
    return Matching(tuple(pairs), tuple(spurious), tuple(each for each in free if each.required))


def _confuse(matching: Matching[Entity, GoldEntity]) -> Counter[tuple[str, str]]:
    return Counter(
        [
            (wanted.type, wanted.type if entity.type in wanted.types else entity.type)
            for entity, wanted in matching.pairs
        ]
        + [(SPURIOUS, entity.type) for entity in matching.spurious]
        + [(wanted.type, MISSED) for wanted in matching.missed]
    )


def _of_type(matching: Matching[Entity, GoldEntity], type_: str) -> Matching[Entity, GoldEntity]:
    """Keep what counts for a type: pairs by the annotated type, spurious ones by the predicted type."""
    return Matching(
        tuple((entity, wanted) for entity, wanted in matching.pairs if wanted.type == type_),
        tuple(entity for entity in matching.spurious if entity.type == type_),
        tuple(wanted for wanted in matching.missed if wanted.type == type_),
    )


def _entity_fit(entity: Entity, wanted: GoldEntity) -> tuple[bool, ...] | None:
    if wanted.keys.isdisjoint(map(fold, filter(None, (entity.name, *entity.aliases)))):
        return None
    return entity.type != wanted.type, fold(entity.name) != fold(wanted.name)


def _typed_entity_fit(entity: Entity, wanted: GoldEntity) -> tuple[bool, ...] | None:
    return _entity_fit(entity, wanted) if entity.type in wanted.types else None


def _result_fit(result: Result, wanted: GoldResult) -> tuple[bool, ...] | None:
    if first_number(result.value) != wanted.number:
        return None
    given = [(wanted.metric, result.metric), (wanted.dataset, result.dataset)]
    named = [(want, fold(have or "")) for want, have in given if want]
    return () if not named or any(have and (have in want or want in have) for want, have in named) else None


def _count_links(paper: GoldPaper, links: Iterable[Link], *, with_kind: bool) -> Counter[str]:
    kinds = {clean_url(link.url): link.kind for link in links}
    found = {(url, kind if with_kind else "") for url, kind in kinds.items()}
    wanted = {(url, kind if with_kind else "") for url, kind in paper.links}
    return Counter(required=len(wanted & found), spurious=len(found - wanted), missed=len(wanted - found))
