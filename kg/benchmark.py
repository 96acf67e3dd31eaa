"""Measure how fast each step works, as a share of what bare spaCy tokenisation does on the same papers in the same run.

Absolute times depend on the machine and on what else it does; the ratio to tokenisation hardly does. Both sides meet
the papers for the first time: spaCy's tokenizer keeps every word it has cut, and is seven times as fast on texts that
it has seen, so every round begins with new pipelines. Starting them is measured apart, in a process of its own.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy

from kg.builder import build_from
from kg.extract import Extractor
from kg.extract.pipeline import create_pipeline, make_doc
from kg.iris import DEFAULT_BASE
from kg.model import Entry, Extraction, Listing, Paper

BASELINE = "bare spaCy tokenisation"
WHOLE = "whole path"
SMALLEST = Extraction(
    paper=Paper(
        title="A Title",
        abstract="An abstract.",
        entries=(Entry(listing=Listing(name="page.txt", sha256="0" * 64, format="listing"), line=1),),
    )
)
"""One paper that says nothing: what building it takes is what any build takes once."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUp:
    """How long one part of starting takes, before the first paper is read."""

    part: str
    seconds: float
    """Seconds by the clock on the wall."""
    processor: float
    """Processor seconds."""


def time_steps(papers: Sequence[Paper], *, rounds: int = 3) -> list[Timing]:
    """Time tokenisation, each component of the pipeline, and every later step of a build on one core.

    The first timing is the baseline, the last the whole path: extraction, resolving, triples, check and writing.
    Start-up is not counted. Raises ValueError when there are no papers.
    """
    if not papers:
        raise ValueError("there is nothing to measure without papers")
    best: dict[str, float] = {}

    def measure(step: str, work: Callable[[], object]) -> None:
        gc.collect()
        start = time.process_time()
        work()
        spent = (time.process_time() - start) / len(papers)
        best[step] = min(best.get(step, spent), spent)

    build_from([SMALLEST])  # loads ontology and shapes
    with TemporaryDirectory() as folder:
        target = Path(folder) / "graph.ttl"
        for number in range(rounds):
            base = f"{DEFAULT_BASE}round/{number}/"  # what is made once for a base is made anew
            plain, taken_apart, extractor = spacy.blank("en"), create_pipeline(), Extractor()
            measure(BASELINE, lambda: [plain.make_doc(paper.text) for paper in papers])  # noqa: B023
            docs = [make_doc(taken_apart, paper, span_groups=False) for paper in papers]
            for name, component in taken_apart.pipeline:
                measure(f"  {name}", lambda: [component(doc) for doc in docs])  # noqa: B023
            extractions: list[Extraction] = []
            measure("extract", lambda: extractions.extend(extractor.pipe(papers)))  # noqa: B023
            built = []
            measure("resolve, make triples, check", lambda: built.append(build_from(extractions, base=base)))  # noqa: B023
            measure("write Turtle", lambda: built[0].write(target))  # noqa: B023
    best[WHOLE] = best["extract"] + best["resolve, make triples, check"] + best["write Turtle"]
    return [Timing(step=step, seconds=seconds, baseline=best[BASELINE]) for step, seconds in best.items()]


_STARTING = """
import json, sys, time
def told(): print(json.dumps([time.time() - float(sys.argv[1]), time.process_time()]))
from kg.benchmark import SMALLEST, Extractor, build_from
told()
Extractor()
told()
build_from([SMALLEST])
told()
"""
_PARTS = ("Python and imports", "rules and vocabulary", "ontology and shapes")


def time_start_up() -> list[StartUp]:
    """Time what happens before the first paper, part by part and in all, in a new process."""
    command = [sys.executable, "-c", _STARTING, str(time.time())]
    run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own code
    before = (0.0, 0.0)
    parts = []
    for part, line in zip(_PARTS, run.stdout.splitlines(), strict=True):
        seconds, processor = json.loads(line)
        parts.append(StartUp(part=part, seconds=seconds - before[0], processor=processor - before[1]))
        before = seconds, processor
    return [*parts, StartUp(part="start-up", seconds=before[0], processor=before[1])]
