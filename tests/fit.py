"""Fit the weights of `kg/extract/rules/weights.toml` to annotated papers: `python tests/fit.py [--figures-only]`.

Two regressions with a quadratic penalty, by Newton's method, over weights that each have a name:

- table `[type]`: which of its types an annotated thing has, from the readings of its mentions: one weight a rule,
  whichever type it reads (conditional logit: McFadden, "Conditional logit analysis of qualitative choice behavior",
  1974), pulled towards the usual weight, so that a rule that these papers do not need keeps one;
- table `[keep]`: whether a thing with that type is annotated at all (logistic regression), pulled towards 0; every
  paper is read with and without its title for it.

Table `[reliability]` is counted: how often the relation is right that a rule reads.

Every third paper is left out of the weights that are written, so that its figures stay those of papers that nothing
was fitted to. Before, five-fold cross-validation over all papers prints what the fit is worth: each paper is read with
weights fitted to the papers of the other folds.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from annotated import PER_PAPER
from numpy.typing import NDArray
from spacy.tokens import Doc

from kg.evaluate import evaluate, match_entities
from kg.extract import Extractor
from kg.extract.entities import CUE, UNCUED, EntityFinder, has_prior
from kg.extract.rules import RULES
from kg.extract.things import Thing
from kg.extract.weights import USUAL, Weights
from kg.gold import Gold, GoldEntity, GoldPaper, read_gold
from kg.model import Extraction, Paper
from kg.ontology import load_ontology
from kg.sources import read_papers

WEIGHTS = RULES / "weights.toml"
USUAL_WEIGHT = 2.0
TYPE_PENALTY = 3.0
KEEP_PENALTY = 2.0
FOLDS = 5
FEWEST_CASES = 10
SMOOTHING = 5
STEPS = 30
TYPES = load_ontology().entity_types
_SHOWN = (*TYPES, "all", "any-type")

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An annotated paper."""

    paper: Paper
    doc: Doc
    without_title: Doc
    """The abstract alone, for there are records without a title."""
    gold: GoldPaper
    source: str
    is_read: bool
    """Whether its errors may be read; every third paper's may not."""


def main() -> None:
    """Print the cross-validated figures, then fit, and write the weights."""
    extractor = Extractor()
    samples = read_samples(extractor)
    for name, papers, figures in _cross_validate(extractor.entities, samples):
        print(f"{name} ({papers}): " + ", ".join(f"{row} {value:.4f}" for row, value in figures.items()))  # noqa: T201
    if "--figures-only" not in sys.argv:
        write(fit(extractor.entities, [sample for sample in samples if sample.is_read]))


def cross_validated_figures(extractor: Extractor) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Give the figures of each file and part of the gold at hand, each paper read with the weights of other folds."""
    return _cross_validate(extractor.entities, read_samples(extractor))


def _cross_validate(finder: EntityFinder, samples: Sequence[Sample]) -> Iterator[tuple[str, int, dict[str, float]]]:
    extractions = read_with_weights_of_others(finder, samples)
    for source in (*dict.fromkeys(sample.source for sample in samples), "both"):
        for part in ("read", "unread", "all"):
            chosen = [
                sample
                for sample in samples
                if source in (sample.source, "both") and (part == "all" or sample.is_read == (part == "read"))
            ]
            gold = Gold(papers=tuple(sample.gold for sample in chosen), types=frozenset(TYPES), has_texts=False)
            evaluation = evaluate(gold, [extractions[sample.paper.key] for sample in chosen])
            figures = {score.name: score.f1 for score in evaluation.scores if score.name in _SHOWN}
            figures["relation"] = evaluation.relation_accuracy
            figures["calibration error"] = evaluation.calibration_error
            yield f"{source}, {part}", len(chosen), figures


def read_samples(extractor: Extractor) -> list[Sample]:
    """Read the annotated papers at hand up to their readings."""
    samples = []
    for source in PER_PAPER:
        if not source.gold.exists() or source.papers is None:
            continue
        papers = read_papers(source.papers).papers
        by_id = {paper.slug: paper for paper in papers} | {paper.identifier: paper for paper in papers}
        read = {paper.id for paper in read_gold(source.gold, part="read").papers}
        for gold in read_gold(source.gold).papers:
            paper = by_id[gold.id]
            doc, without_title = extractor.read([paper, replace(paper, title="")])
            samples.append(
                Sample(
                    paper=paper,
                    doc=doc,
                    without_title=without_title,
                    gold=gold,
                    source=source.name,
                    is_read=gold.id in read,
                )
            )
    return samples


def read_with_weights_of_others(finder: EntityFinder, samples: Sequence[Sample]) -> dict[str, Extraction]:
    """Give what is read of each paper with weights fitted to the papers of other folds, by the key of the paper."""
    shipped = finder.weights
    extractions: dict[str, Extraction] = {}
    for fold in range(FOLDS):
        finder.weights = fit(finder, [sample for n, sample in enumerate(samples) if n % FOLDS != fold])
        for sample in samples[fold::FOLDS]:
            entities = tuple(finder.find(sample.doc))
            extractions[sample.paper.key] = Extraction(paper=sample.paper, entities=entities)
        finder.weights = shipped
    return extractions


def fit(finder: EntityFinder, samples: Sequence[Sample]) -> Weights:
    """Give the finder's weights with those in place that fit `samples`; the finder keeps its own.

    Those of the types come first, since what is worth listing depends on the type.
    """
    before = finder.weights
    try:
        finder.weights = fit_types(finder, samples)
        finder.weights = fit_keep(finder, samples)
        return fit_reliability(finder, samples)
    finally:
        finder.weights = before


def fit_types(finder: EntityFinder, samples: Sequence[Sample]) -> Weights:
    """Give the weights with the tables `[type]` and `[prior]` that tell the type of annotated things best."""
    cases = [
        (finder.votes(thing.readings), has_prior(thing.readings), gold.types)
        for sample in samples
        for thing, gold in _matched(finder, sample, sample.doc)
        if gold is not None
    ]
    names = [*sorted({rule for votes, _, _ in cases for _, rule, _ in votes}), *TYPES]
    column = {name: number for number, name in enumerate(names)}
    readings = np.zeros((len(cases), len(TYPES), len(names)))
    right = np.zeros((len(cases), len(TYPES)))
    for number, (votes, has_priors, types) in enumerate(cases):
        for kind, rule, amount in votes:
            readings[number, TYPES.index(kind), column[rule]] = amount
        for row, kind in enumerate(TYPES):
            readings[number, row, column[kind]] = has_priors
            right[number, row] = kind in types
    start = np.array([0.0 if name in TYPES else USUAL_WEIGHT for name in names])
    weights = start.copy()
    for _ in range(STEPS):
        expected = _softmax(readings @ weights)
        wanted = expected * right
        wanted /= wanted.sum(axis=1, keepdims=True)
        gradient = np.einsum("nt,ntw->w", expected - wanted, readings) + TYPE_PENALTY * (weights - start)
        mean = np.einsum("nt,ntw->nw", expected, readings)
        spread = np.einsum("nt,ntw,ntv->wv", expected, readings, readings, optimize=True) - mean.T @ mean
        weights -= np.linalg.solve(spread + TYPE_PENALTY * np.eye(len(names)), gradient)
    found = {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    return replace(
        finder.weights,
        type={USUAL: USUAL_WEIGHT} | {name: weight for name, weight in found.items() if name not in TYPES},
        prior={kind: found[kind] for kind in TYPES},
    )


def fit_keep(finder: EntityFinder, samples: Sequence[Sample]) -> Weights:
    """Give the weights with the table `[keep]` that tells best which things are annotated with their type."""
    cases = [
        (thing.features, gold is not None and thing.type in gold.types)
        for sample in samples
        for doc in (sample.doc, sample.without_title)
        for thing, gold in _matched(finder, sample, doc)
    ]
    names = sorted({name for features, _ in cases for name in features})
    matrix = np.array([[name in features for name in names] for features in (set(case[0]) for case in cases)], float)
    right = np.array([is_right for _, is_right in cases], float)
    weights = np.zeros(len(names))
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(-matrix @ weights))
        gradient = matrix.T @ (odds - right) + KEEP_PENALTY * weights
        spread = (matrix * (odds * (1 - odds))[:, None]).T @ matrix
        weights -= np.linalg.solve(spread + KEEP_PENALTY * np.eye(len(names)), gradient)
    return replace(finder.weights, keep=dict(zip(names, map(float, weights), strict=True)))


def fit_reliability(finder: EntityFinder, samples: Sequence[Sample]) -> Weights:
    """Give the weights with the table `[reliability]`: how often the relation is right that a rule reads.

    Counts the annotated things of the right type that are listed. A rule of few cases counts with all cues together.
    """
    right: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for sample in samples:
        for thing, gold in _matched(finder, sample, sample.doc):
            if gold is None or thing.type not in gold.types or not gold.relations or not finder.lists(thing):
                continue
            relation = finder.entity(sample.doc, thing, 1.0).relation
            rule = next(rule for name, rule in thing.relations if name == relation)
            for name in (rule,) if rule in UNCUED else (rule, CUE):
                cases[name] += 1
                right[name] += relation in gold.relations
    usual = right[CUE] / cases[CUE]
    shares = {
        rule: (right[rule] + SMOOTHING * usual) / (number + SMOOTHING)
        for rule, number in cases.items()
        if number >= FEWEST_CASES or rule in UNCUED
    }
    return replace(finder.weights, reliability=shares | {CUE: usual})


def write(weights: Weights) -> None:
    """Write the fitted tables to the file of weights."""
    text = WEIGHTS.read_text(encoding="utf-8")
    for name in ("keep", "type", "prior", "reliability"):
        table = "\n".join(f"{_key(key)} = {weight:.2f}" for key, weight in sorted(getattr(weights, name).items()))
        text = re.sub(rf"(?<=\[{name}\]\n).*?(?=\n\n)", table, text, flags=re.DOTALL)
    WEIGHTS.write_text(text, encoding="utf-8")


def _matched(finder: EntityFinder, sample: Sample, doc: Doc) -> Iterator[tuple[Thing, GoldEntity | None]]:
    """Give the things of a paper, each with what is annotated under its name, of whichever type."""
    things = finder.things(doc)
    entities = [finder.entity(doc, thing, 1.0) for thing in things]
    pairs = match_entities(sample.gold, entities, typed=False).pairs
    gold = {id(entity): wanted for entity, wanted in pairs}
    return ((thing, gold.get(id(entity))) for thing, entity in zip(things, entities, strict=True))


def _softmax(scores: Array) -> Array:
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9-]+", name) else f'"{name}"'


if __name__ == "__main__":
    main()
