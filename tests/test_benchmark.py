"""The benchmark measures what it says, and nothing has become grossly slower.

The bounds are a third of what a slow machine does: they tell a slip that costs a factor, not one that costs a tenth.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.benchmark import BASELINE, WHOLE, Timing, time_start_up, time_steps
from kg.extract import COMPONENTS
from kg.model import Paper
from kg.sources import read_papers

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def timings() -> dict[str, Timing]:
    return {timing.step.strip(): timing for timing in time_steps(read_papers(SEEDS).papers, rounds=1)}


def test_every_component_and_every_later_step_is_measured(timings: dict[str, Timing]) -> None:
    later = ("extract", "resolve, make triples, check", "write Turtle", WHOLE)
    assert tuple(timings) == (BASELINE, *COMPONENTS, *later)
    assert timings[BASELINE].share == 1
    assert timings[WHOLE].seconds == pytest.approx(sum(timings[step].seconds for step in later[:-1]))


def test_the_components_together_are_the_extraction(timings: dict[str, Timing]) -> None:
    together = sum(timings[name].seconds for name in COMPONENTS)
    assert together < timings["extract"].seconds * 1.5


def test_one_core_builds_many_papers_a_second(timings: dict[str, Timing]) -> None:
    assert timings[WHOLE].papers_per_second > 30
    assert timings[WHOLE].share > 0.03


def test_tokenisation_is_measured_on_texts_not_seen_before(timings: dict[str, Timing]) -> None:
    again = {timing.step: timing for timing in time_steps(read_papers(SEEDS).papers[:50], rounds=2)}
    assert again[BASELINE].papers_per_second < 2.5 * timings[BASELINE].papers_per_second


def test_starting_is_short() -> None:
    *parts, whole = time_start_up()
    assert whole.processor == pytest.approx(sum(part.processor for part in parts))
    assert whole.seconds == pytest.approx(sum(part.seconds for part in parts))
    assert all(part.processor > 0 for part in parts)
    assert whole.processor < 6


def test_no_papers_are_refused() -> None:
    papers: list[Paper] = []
    with pytest.raises(ValueError, match="without papers"):
        time_steps(papers)
