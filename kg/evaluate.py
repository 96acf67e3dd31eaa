"""Measure extractions against annotated papers (the format of `tests/gold/GUIDELINES.md`).

Things are compared per paper, not per mention. A predicted entity matches an annotated one when they share a name or
alias after folding and the predicted type is the annotated `type` or `alt_type`; each annotated one is matched once, so
the second prediction of a thing is spurious. An optional one counts as right when found and is not missed when not.
Links match on the address, results on the number and, where annotated, on metric or dataset.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from kg.errors import InputError
from kg.model import Entity, Extraction, Link, Result
from kg.names import fold_loosely as fold

_COLUMNS = ("required", "optional", "spurious", "missed")
_TOTALS = ("all", "any-type", "link", "link+kind", "result")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_SCHEME = re.compile(r"^[a-z]+://")
_WWW = re.compile(r"^www\.")
_URL_END = re.compile(r"(?:\.git)?/*$")


class _Annotated(Protocol):
    @property
    def required(self) -> bool: ...


_Found = TypeVar("_Found")
_Wanted = TypeVar("_Wanted", bound=_Annotated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
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
        return self.required + self.optional + self.spurious

    @property
    def precision(self) -> float:
        """The share of the predictions that are right; 0 when there are none."""
        return (self.required + self.optional) / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of the required ones that were found; 0 when there are none."""
        return self.required / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


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


def evaluate(gold: str | Path, extractions: Iterable[Extraction]) -> Evaluation:
    """Compare extractions with the annotated papers of a JSON lines file.

    Papers meet on the source's id, failing that on the title's slug; the first extraction of an id counts. Raises
    InputError for a file that is missing or not in the format, with the line.
    """
    papers = _read_gold(Path(gold))
    by_id: dict[str, Extraction] = {}
    for extraction in extractions:
        for name in (extraction.paper.identifier, extraction.paper.slug):
            if name:
                by_id.setdefault(name, extraction)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    relations: Counter[bool] = Counter()
    differences: list[Difference] = []
    for paper in papers:
        found = by_id.get(paper.id)
        entities = found.entities if found else ()
        typed = _match(paper.entities, entities, _typed_entity_fit)
        for entity, wanted in typed.pairs:
            if wanted.required:
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
        counts["any-type"] += _match(paper.entities, entities, _entity_fit).counts()
        counts["link"] += _count_links(paper, found.links if found else (), with_kind=False)
        counts["link+kind"] += _count_links(paper, found.links if found else (), with_kind=True)
        counts["result"] += _match(paper.results, found.results if found else (), _result_fit).counts()
    return Evaluation(
        papers=len(papers),
        absent=tuple(sorted(paper.id for paper in papers if paper.id not in by_id)),
        scores=tuple(
            Score(name=name, **{column: counts[name][column] for column in _COLUMNS})
            for name in (*sorted(set(counts) - set(_TOTALS)), *_TOTALS)
        ),
        relation_right=relations[True],
        relation_of=relations.total(),
        differences=tuple(sorted(differences, key=lambda difference: (difference.paper, difference.type))),
    )


@dataclass(frozen=True, slots=True)
class _GoldEntity:
    type: str
    types: frozenset[str]
    """Those that a prediction may have."""
    name: str
    keys: frozenset[str]
    relations: frozenset[str]
    required: bool


@dataclass(frozen=True, slots=True)
class _GoldResult:
    number: str
    metric: str
    dataset: str
    """Both folded, empty when not annotated."""
    required: bool


@dataclass(frozen=True, slots=True)
class _GoldPaper:
    id: str
    entities: tuple[_GoldEntity, ...]
    links: frozenset[tuple[str, str]]
    """Cleaned address and kind."""
    results: tuple[_GoldResult, ...]


@dataclass(frozen=True, slots=True)
class _Matching(Generic[_Found, _Wanted]):
    """Predictions paired with what is annotated; `missed` holds required ones only."""

    pairs: tuple[tuple[_Found, _Wanted], ...]
    spurious: tuple[_Found, ...]
    missed: tuple[_Wanted, ...]

    def counts(self) -> Counter[str]:
        required = sum(wanted.required for _, wanted in self.pairs)
        return Counter(
            required=required,
            optional=len(self.pairs) - required,
            spurious=len(self.spurious),
            missed=len(self.missed),
        )


def _match(
    wanted: Iterable[_Wanted], found: Iterable[_Found], fit: Callable[[_Found, _Wanted], tuple[bool, ...] | None]
) -> _Matching[_Found, _Wanted]:
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
    return _Matching(tuple(pairs), tuple(spurious), tuple(each for each in free if each.required))


def _of_type(matching: _Matching[Entity, _GoldEntity], type_: str) -> _Matching[Entity, _GoldEntity]:
    """Keep what counts for a type: pairs by the annotated type, spurious ones by the predicted type."""
    return _Matching(
        tuple((entity, wanted) for entity, wanted in matching.pairs if wanted.type == type_),
        tuple(entity for entity in matching.spurious if entity.type == type_),
        tuple(wanted for wanted in matching.missed if wanted.type == type_),
    )


def _entity_fit(entity: Entity, wanted: _GoldEntity) -> tuple[bool, ...] | None:
    if wanted.keys.isdisjoint(map(fold, filter(None, (entity.name, *entity.aliases)))):
        return None
    return entity.type != wanted.type, fold(entity.name) != fold(wanted.name)


def _typed_entity_fit(entity: Entity, wanted: _GoldEntity) -> tuple[bool, ...] | None:
    return _entity_fit(entity, wanted) if entity.type in wanted.types else None


def _result_fit(result: Result, wanted: _GoldResult) -> tuple[bool, ...] | None:
    if _number(result.value) != wanted.number:
        return None
    given = [(wanted.metric, result.metric), (wanted.dataset, result.dataset)]
    named = [(want, fold(have or "")) for want, have in given if want]
    return () if not named or any(have and (have in want or want in have) for want, have in named) else None


def _count_links(paper: _GoldPaper, links: Iterable[Link], *, with_kind: bool) -> Counter[str]:
    kinds = {_clean_url(link.url): link.kind for link in links}
    found = {(url, kind if with_kind else "") for url, kind in kinds.items()}
    wanted = {(url, kind if with_kind else "") for url, kind in paper.links}
    return Counter(required=len(wanted & found), spurious=len(found - wanted), missed=len(wanted - found))


def _number(value: object) -> str:
    """Give the first number in a value; zeros at its end do not matter.

    >>> _number("80.20 %"), _number("x3"), _number(13.0), _number("none")
    ('80.2', '3', '13', 'none')
    """
    text = str(value)
    if (match := _NUMBER.search(text)) is None:
        return text
    return match.group().rstrip("0").rstrip(".") if "." in match.group() else match.group()


def _clean_url(url: str) -> str:
    return _URL_END.sub("", _WWW.sub("", _SCHEME.sub("", url.strip().lower())))


def _read_gold(path: Path) -> tuple[_GoldPaper, ...]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the gold file cannot be read ({error}); it is JSON lines in UTF-8", place=str(path)
        ) from error
    papers = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            papers.append(_gold_paper(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"not an annotated paper ({type(error).__name__}: {error}); each line is an object with id, entities "
                "(type, name, aliases, relation, required), links (url, kind) and results (value, metric, dataset)",
                place=f"{path}:{number}",
            ) from error
    if not papers:
        raise InputError("the gold file holds no papers", place=str(path))
    return tuple(papers)


def _gold_paper(record: dict[str, Any]) -> _GoldPaper:
    return _GoldPaper(
        id=record["id"],
        entities=tuple(
            _GoldEntity(
                type=entity["type"],
                types=frozenset({entity["type"], entity.get("alt_type") or entity["type"]}),
                name=entity["name"],
                keys=frozenset(fold(name) for name in (entity["name"], *entity.get("aliases", ())) if name),
                relations=frozenset({entity.get("relation"), *entity.get("also", ())}),
                required=entity.get("required", True),
            )
            for entity in record["entities"]
        ),
        links=frozenset({_clean_url(link["url"]): link["kind"] for link in record.get("links", ())}.items()),
        results=tuple(
            _GoldResult(
                number=_number(result.get("value")),
                metric=fold(result.get("metric") or ""),
                dataset=fold(result.get("dataset") or ""),
                required=result.get("required", True),
            )
            for result in record.get("results", ())
        ),
    )
