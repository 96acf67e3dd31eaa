"""Measure how fast each step works, as a share of what bare spaCy tokenisation does on the same papers in the same run.

Absolute times depend on the machine and on what else it does; the ratio to tokenisation hardly does.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy

from kg.builder import build_from
from kg.extract import Extractor
from kg.extract.pipeline import make_doc
from kg.model import Extraction, Paper

BASELINE = "bare spaCy tokenisation"
WHOLE = "whole path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long one step takes."""

    step: str
    seconds: float
    """Processor seconds for one paper, the least of all rounds."""
    baseline: float
    """The same for bare tokenisation."""

    @property
    def papers_per_second(self) -> float:
        """How many papers one core works in a second."""
        return 1 / self.seconds

    @property
    def share(self) -> float:
        """Speed as a share of the speed of bare tokenisation."""
        return self.baseline / self.seconds


def benchmark(papers: Sequence[Paper], *, rounds: int = 3) -> list[Timing]:
    """Time tokenisation, each component of the pipeline, and every later step of a build on one core.

    The first timing is the baseline, the last the whole path: extraction, resolving, triples, check and writing.
    Start-up is not counted. Raises ValueError when there are no papers.
    """
    if not papers:
        raise ValueError("there is nothing to measure without papers")
    plain = spacy.blank("en")
    extractor = Extractor()
    best: dict[str, float] = {}

    def measure(step: str, work: Callable[[], object]) -> None:
        gc.collect()
        start = time.process_time()
        work()
        spent = (time.process_time() - start) / len(papers)
        best[step] = min(best.get(step, spent), spent)

    with TemporaryDirectory() as folder:
        target = Path(folder) / "graph.ttl"
        for _ in range(rounds):
            measure(BASELINE, lambda: [plain.make_doc(paper.text) for paper in papers])
            _measure_components(extractor, papers, measure)
            extractions: list[Extraction] = []
            measure("extract", lambda: extractions.extend(extractor(paper) for paper in papers))  # noqa: B023
            report = build_from(extractions)
            measure("resolve, make triples, check", lambda: build_from(extractions))  # noqa: B023
            measure("write Turtle", lambda: report.write(target))  # noqa: B023
    best[WHOLE] = best["extract"] + best["resolve, make triples, check"] + best["write Turtle"]
    return [Timing(step=step, seconds=seconds, baseline=best[BASELINE]) for step, seconds in best.items()]


def _measure_components(
    extractor: Extractor, papers: Sequence[Paper], measure: Callable[[str, Callable[[], object]], None]
) -> None:
    """Time each component over all papers, one after the other."""
    docs = [make_doc(extractor.nlp, paper) for paper in papers]
    for name, component in extractor.nlp.pipeline:
        measure(f"  {name}", lambda: [component(doc) for doc in docs])  # noqa: B023
