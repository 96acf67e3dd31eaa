"""Say what is wrong with extractions, error by error: what was missed, what is spurious, and how that came about.

A missed thing is the first of these that fits: `other type` (listed as one), `dropped` and `dropped, other type`
(weighed, and found not worth listing), `taken for another` (listed, but paired with another annotated thing), `not in
the text` (no form of it stands there as annotated), `other extent` (only a longer or a shorter name was weighed), `no
candidate`. A spurious one: `twice` (its thing is listed already), `other type`, `part of a name`, `around a name` (of
what is annotated), `not annotated`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.evaluate import match_entities
from kg.extract.pipeline import Candidate, Review
from kg.gold import Gold, GoldEntity, GoldPaper, merge_models
from kg.model import Extraction
from kg.names import fold_loosely as fold

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """One thing that was missed, or is spurious."""

    paper: str
    """The annotated paper's id."""
    kind: str
    """`missed` or `spurious`."""
    category: str
    type: str
    """As annotated when missed, as predicted when spurious."""
    name: str
    sentence: str
    """Where it is named first; empty when it is not in the text."""
    rules: tuple[str, ...]
    """What read the spurious thing, or the candidate for the missed one; sorted."""
    candidate: str
    """What was weighed for a missed thing, as `name (type, probability)`; empty when nothing was."""

    def __str__(self) -> str:
        weighed = f"; weighed: {self.candidate}" if self.candidate else ""
        rules = f"; rules: {', '.join(self.rules)}" if self.rules else ""
        sentence = f"\n    {self.sentence}" if self.sentence else ""
        return f"{self.paper}: {self.kind} {self.type} {self.name!r}: {self.category}{weighed}{rules}{sentence}"


def find_errors(gold: Gold, reviews: Iterable[Review], *, merge: bool = False) -> tuple[Error, ...]:
    """Give the errors in the annotated papers, in their order; papers without a review are passed over.

    With `merge` models are methods, as `read_gold` has made them in the gold.
    """
    by_id: dict[str, Review] = {}
    for review in map(_merge, reviews) if merge else reviews:
        for name in (review.paper.identifier, review.paper.slug):
            if name:
                by_id.setdefault(name, review)
    return tuple(error for paper in gold.papers if paper.id in by_id for error in _errors(gold, paper, by_id[paper.id]))


def count_errors(errors: Iterable[Error]) -> tuple[tuple[str, ...], ...]:
    """Give errors by category and type as text: header, a row per category, missed before spurious, frequent first."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for error in errors:
        counts.setdefault((error.kind, error.category), Counter())[error.type] += 1
    types = sorted({type_ for count in counts.values() for type_ in count})
    body = (
        (kind, category, *(str(count[type_]) for type_ in types), str(count.total()))
        for (kind, category), count in sorted(counts.items(), key=lambda each: (each[0][0], -each[1].total(), each[0]))
    )
    return ("error", "category", *types, "all"), *body


def _errors(gold: Gold, paper: GoldPaper, review: Review) -> list[Error]:
    candidates = [candidate for candidate in review.candidates if candidate.entity.type in gold.types]
    listed = {id(candidate.entity): candidate for candidate in candidates if candidate.listed}
    matching = match_entities(paper, [candidate.entity for candidate in listed.values()], typed=True)
    missed = [_missed(wanted, candidates, paper, review) for wanted in matching.missed]
    spurious = [_spurious(listed[id(entity)], paper, review) for entity in matching.spurious]
    return missed + spurious


def _merge(review: Review) -> Review:
    entities = merge_models(Extraction(paper=review.paper, entities=tuple(each.entity for each in review.candidates)))
    candidates = zip(review.candidates, entities.entities, strict=True)
    return replace(review, candidates=tuple(replace(each, entity=entity) for each, entity in candidates))


def _missed(wanted: GoldEntity, candidates: Sequence[Candidate], paper: GoldPaper, review: Review) -> Error:
    forms = (wanted.name, *wanted.aliases)
    place = next(filter(None, (_find(form, review.paper.text) for form in forms)), None)
    same = [candidate for candidate in candidates if not wanted.keys.isdisjoint(_keys(candidate))]
    same.sort(key=lambda each: (each.listed, each.entity.type in wanted.types, each.probability), reverse=True)
    near = [
        candidate for candidate in candidates if any(_share(form, name) for form in forms for name in _names(candidate))
    ]
    near.sort(key=lambda each: each.probability, reverse=True)
    best = next(iter(same or near), None)
    if same and best:
        category = (
            "other type" if best.listed else "dropped" if best.entity.type in wanted.types else "dropped, other type"
        )
        if best.listed and best.entity.type in wanted.types:
            category = "taken for another"
    elif place is None:
        category = "not in the text"
    else:
        category = "other extent" if near else "no candidate"
    if best:
        place = place or (best.entity.mentions[0].start, best.entity.mentions[0].end)
    return Error(
        paper=paper.id,
        kind="missed",
        category=category,
        type=wanted.type,
        name=wanted.name,
        sentence=_sentence(review, place[0]) if place else "",
        rules=_rules(best) if best else (),
        candidate=f"{best.entity.name} ({best.entity.type}, {best.probability:.2f})" if best else "",
    )


def _spurious(candidate: Candidate, paper: GoldPaper, review: Review) -> Error:
    entity = candidate.entity
    names = _names(candidate)
    annotated = [form for wanted in paper.entities for form in (wanted.name, *wanted.aliases)]
    named = [wanted for wanted in paper.entities if not wanted.keys.isdisjoint(_keys(candidate))]
    if any(entity.type in wanted.types for wanted in named):
        category = "twice"
    elif named:
        category = "other type"
    elif any(_holds(form, name) for form in annotated for name in names):
        category = "part of a name"
    elif any(_holds(name, form) for form in annotated for name in names):
        category = "around a name"
    else:
        category = "not annotated"
    return Error(
        paper=paper.id,
        kind="spurious",
        category=category,
        type=entity.type,
        name=entity.name,
        sentence=_sentence(review, entity.mentions[0].start),
        rules=_rules(candidate),
        candidate="",
    )


def _keys(candidate: Candidate) -> set[str]:
    return {fold(name) for name in _names(candidate)}


def _names(candidate: Candidate) -> tuple[str, ...]:
    return (candidate.entity.name, *candidate.entity.aliases)


def _rules(candidate: Candidate) -> tuple[str, ...]:
    return tuple(sorted({rule for mention in candidate.entity.mentions for rule in mention.rules}))


def _holds(whole: str, part: str) -> bool:
    """Tell whether the words of a part stand side by side in a whole; plural and case do not matter.

    >>> _holds("graph neural networks", "Neural network"), _holds("unlearning", "learning")
    (True, False)
    """
    long, short = ([fold(word) for word in _WORD.findall(text)] for text in (whole, part))
    return any(long[start : start + len(short)] == short for start in range(len(long) - len(short) + 1))


def _share(one: str, other: str) -> bool:
    return _holds(one, other) or _holds(other, one)


def _find(form: str, text: str) -> tuple[int, int] | None:
    """Give where a form stands in a text, as words of its own; case, blanks and hyphens do not matter."""
    pattern = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", form)))
    found = re.search(rf"(?<!\w){pattern}(?!\w)|(?<!\w){pattern}s(?!\w)", text, re.IGNORECASE)
    return found.span() if found else None


def _sentence(review: Review, offset: int) -> str:
    start, end = next(each for each in reversed(review.sentences) if each[0] <= offset)
    return " ".join(review.paper.text[start:end].split())
