"""Fit the log-odds of `kg/extract/rules/weights.toml`, table `[keep]`, to annotated papers: `python tests/fit.py`.

Logistic regression with a quadratic penalty, by Newton's method, on whether a candidate is an annotated entity of its
type; a few dozen binary features, each with a name. Every third paper is left out, so that its figures stay those of
papers that nobody and nothing has looked at. Prints the expected calibration error by five-fold cross-validation over
papers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from kg.evaluate import evaluate
from kg.extract import Extractor
from kg.extract.pipeline import make_doc
from kg.extract.rules import RULES
from kg.gold import read_gold
from kg.model import Extraction, Paper
from kg.sources import read_papers

ROOT = Path(__file__).parent.parent
GOLD = ROOT / "tests" / "gold" / "dev.jsonl"
OTHER_GOLD = ROOT.parent / "shared" / "gold" / "dev-other-venues.jsonl"
WEIGHTS = RULES / "weights.toml"
PENALTY = 1.0
FOLDS = 5
BINS = 10

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The candidates of one paper."""

    features: tuple[frozenset[str], ...]
    right: tuple[bool, ...]
    """Whether each candidate is an annotated entity, required or optional."""


def main() -> None:
    """Fit, print the figures, and write the weights."""
    samples = read_samples()
    names = sorted({name for sample in samples for features in sample.features for name in features})
    held_out = [
        (sample, probabilities(sample, names, fit([s for n, s in enumerate(samples) if n % FOLDS != fold], names)))
        for fold in range(FOLDS)
        for sample in samples[fold::FOLDS]
    ]
    print(f"{len(samples)} papers, cross-validated calibration error {calibration_error(held_out):.3f}")  # noqa: T201
    weights = dict(zip(names, fit(samples, names), strict=True))
    table = "\n".join(f"{_key(name)} = {weight:.2f}" for name, weight in weights.items())
    text = WEIGHTS.read_text(encoding="utf-8")
    WEIGHTS.write_text(re.sub(r"(?<=\[keep\]\n).*?(?=\n\n)", table, text, flags=re.DOTALL), encoding="utf-8")


def read_samples() -> list[Sample]:
    """Read the annotated papers at hand, without every third."""
    extractor = Extractor()
    seeds = {paper.slug: paper for paper in read_papers(ROOT / "seeds").papers}
    samples = _samples(extractor, GOLD, seeds)
    if OTHER_GOLD.exists():
        others = read_papers(OTHER_GOLD.with_suffix(".papers.jsonl")).papers
        samples += _samples(extractor, OTHER_GOLD, {paper.identifier or paper.slug: paper for paper in others})
    return samples


def _samples(extractor: Extractor, gold: Path, papers: dict[str, Paper]) -> list[Sample]:
    lines = gold.read_text(encoding="utf-8").splitlines()
    return [_sample(extractor, line, papers[json.loads(line)["id"]]) for n, line in enumerate(lines) if n % 3 != 2]


def _sample(extractor: Extractor, line: str, paper: Paper) -> Sample:
    doc = make_doc(extractor.nlp, paper)
    for _, component in extractor.nlp.pipeline:
        doc = component(doc)
    things = extractor.entities.things(doc)
    entities = tuple(extractor.entities.entity(doc, thing, 1.0) for thing in things)
    with TemporaryDirectory() as folder:
        one = Path(folder) / "one.jsonl"
        one.write_text(line, encoding="utf-8")
        evaluation = evaluate(read_gold(one), [Extraction(paper=paper, entities=entities)])
    spurious = Counter((each.type, name) for each in evaluation.differences for name in each.spurious)
    right = []
    for entity in entities:
        wrong = spurious[entity.type, entity.name] > 0
        spurious[entity.type, entity.name] -= wrong
        right.append(not wrong)
    return Sample(features=tuple(frozenset(thing.features) for thing in things), right=tuple(right))


def fit(samples: list[Sample], names: list[str]) -> Array:
    """Give the weight of each feature."""
    matrix = np.vstack([_matrix(sample, names) for sample in samples])
    right = np.concatenate([np.array(sample.right, dtype=float) for sample in samples])
    weights = np.zeros(len(names))
    for _ in range(30):
        odds = 1 / (1 + np.exp(-matrix @ weights))
        gradient = matrix.T @ (odds - right) + PENALTY * weights
        hessian = (matrix * (odds * (1 - odds))[:, None]).T @ matrix + PENALTY * np.eye(len(names))
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def probabilities(sample: Sample, names: list[str], weights: Array) -> Array:
    """Give the probability of each candidate."""
    return np.asarray(1 / (1 + np.exp(-_matrix(sample, names) @ weights)))


def calibration_error(predicted: list[tuple[Sample, Array]]) -> float:
    """Give the expected calibration error over bins of equal width."""
    odds = np.concatenate([each for _, each in predicted])
    right = np.concatenate([np.array(sample.right, dtype=float) for sample, _ in predicted])
    bins = np.minimum((odds * BINS).astype(int), BINS - 1)
    return float(sum(abs(odds[bins == b].sum() - right[bins == b].sum()) for b in range(BINS)) / len(odds))


def _matrix(sample: Sample, names: list[str]) -> Array:
    return np.array([[name in features for name in names] for features in sample.features], dtype=float)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z-]+", name) else f'"{name}"'


if __name__ == "__main__":
    main()
