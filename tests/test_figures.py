"""The figures of the extraction: what is committed is what is measured, and a loss shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import figures
import pytest
from annotated import PER_PAPER, SPANS, Source

from kg.extract import Extractor
from kg.gold import Names


def of(**f1: float) -> dict[str, Any]:
    return {"gold": {"papers": 1, "f1": f1}}


def test_the_committed_figures_are_those_of_the_papers_at_hand() -> None:
    measured = figures.measure(Extractor(), PER_PAPER[:1])

    assert list(measured) == ["`seeds/`, read", "`seeds/`, unread"]
    assert measured == {name: figures.load_figures()[name] for name in measured}, "run `make evaluate`"


def test_every_gold_has_its_figures() -> None:
    parts = {f"{source.name}, {part}" for source in PER_PAPER for part in ("read", "unread")}
    cross_validated = {
        f"{name}, {part}, cross-validated"
        for name in (*(source.name for source in PER_PAPER), "both")
        for part in ("read", "unread", "all")
    }

    assert figures.load_figures().keys() == parts | cross_validated | {source.name for source in SPANS}


@pytest.mark.parametrize(
    ("old", "new", "lines", "fallen"),
    [
        (of(Task=0.5), of(Task=0.5), [], []),
        (of(Task=0.5), of(Task=0.52), ["gold: Task 0.500 -> 0.520 (+0.020)"], []),
        (of(Task=0.5), of(Task=0.485), ["gold: Task 0.500 -> 0.485 (-0.015)"], []),
        (of(Task=0.5), of(Task=0.475), ["gold: Task 0.500 -> 0.475 (-0.025)"], [("gold", "Task")]),
        (of(all=0.5), of(all=0.49), ["gold: all 0.500 -> 0.490 (-0.010)"], [("gold", "all")]),
        (
            of(**{"calibration error": 0.03}),
            of(**{"calibration error": 0.06}),
            ["gold: calibration error 0.030 -> 0.060 (+0.030)"],
            [("gold", "calibration error")],
        ),
        ({}, of(Task=0.5), ["gold: Task is 0.500, new"], []),
        (of(Task=0.5), {}, [], []),
    ],
)
def test_changes_are_told_and_losses_beyond_tolerance_named(
    old: dict[str, Any], new: dict[str, Any], lines: list[str], fallen: list[Any]
) -> None:
    assert figures.changes(old, new) == lines
    assert figures.fallen(old, new) == fallen


@pytest.mark.parametrize(("accept", "code", "kept"), [(False, 1, 0.9), (True, 0, 0.1)])
def test_a_loss_is_written_only_when_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: bool, code: int, kept: float
) -> None:
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(of(all=0.9)), encoding="utf-8")
    monkeypatch.setattr(figures, "FIGURES", path)
    monkeypatch.setattr(figures, "measure", lambda extractor: of(all=0.1))
    monkeypatch.setattr(figures, "_cross_validated", lambda extractor: {})

    assert figures.main(accept=accept) == code
    assert json.loads(path.read_text(encoding="utf-8"))["gold"]["f1"] == {"all": kept}


@pytest.mark.parametrize(("names", "f1"), [("as-annotated", 0.0), ("trimmed", 1.0), ("widened", 1.0)])
def test_spans_are_measured_in_the_convention_of_their_source(tmp_path: Path, names: Names, f1: float) -> None:
    span = {"start": 7, "end": 23, "text": "CIFAR-10 dataset", "label": "Dataset"}
    record = {"id": "1", "text": "We use CIFAR-10 dataset.", "entities": [span]}
    (tmp_path / "spans.jsonl").write_text(json.dumps(record), encoding="utf-8")

    measured = figures.measure(Extractor(), [Source(name="x", gold=tmp_path / "spans.jsonl", names=names)])

    assert measured["x"]["f1"]["Dataset, exact"] == f1


def test_gold_that_is_not_at_hand_is_passed_over(tmp_path: Path) -> None:
    assert figures.measure(Extractor(), [Source(name="x", gold=tmp_path / "none.jsonl")]) == {}
