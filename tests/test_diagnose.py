"""Errors, one by one: what was missed or is spurious, and how that came about."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.diagnose import Error, count_errors, find_errors
from kg.extract.pipeline import Candidate, Extractor, Review
from kg.gold import Gold, read_gold
from kg.model import Entity, Mention, Paper

TEXT = "Graphs matter. We use graph neural networks, FooNet and a bag of words."


def candidate(name: str, type_: str = "Method", probability: float = 0.9, *aliases: str) -> Candidate:
    start = max(TEXT.lower().find(name.lower()), 0)
    mention = Mention(
        start=start, end=start + len(name), text=name, relation="uses", rules=("b", "a"), confidence=probability
    )
    entity = Entity(type=type_, name=name, aliases=aliases, relation="uses", mentions=(mention,))
    return Candidate(entity=entity, probability=probability, listed=probability >= 0.5)


def gold_of(tmp_path: Path, *entities: dict[str, Any], merge: bool = False) -> Gold:
    path = tmp_path / "gold.jsonl"
    plain = [{"type": "Method", "relation": "uses"} | each for each in entities]
    path.write_text(json.dumps({"id": "x", "entities": plain}), encoding="utf-8")
    return read_gold(path, merge=merge)


def errors_of(gold: Gold, *candidates: Candidate, merge: bool = False) -> tuple[Error, ...]:
    paper = Paper(title="", abstract=TEXT, identifier="x")
    review = Review(paper=paper, candidates=candidates, sentences=((0, 14), (15, len(TEXT))))
    return find_errors(gold, [review], merge=merge)


GNN, FOONET = {"name": "graph neural network"}, {"name": "FooNet", "type": "Model"}


@pytest.mark.parametrize(
    ("gold", "candidates", "expected"),
    [
        ([GNN], [candidate("graph neural networks")], []),
        ([GNN], [], [("missed", "no candidate")]),
        ([GNN], [candidate("graph neural networks", "Method", 0.1)], [("missed", "dropped")]),
        ([GNN], [candidate("graph neural networks", "Model", 0.1)], [("missed", "dropped, other type")]),
        (
            [GNN],
            [candidate("graph neural networks", "Model")],
            [("missed", "other type"), ("spurious", "other type")],
        ),
        ([GNN], [candidate("neural networks", "Method", 0.1)], [("missed", "other extent")]),
        (
            [GNN],
            [candidate("use graph neural networks")],
            [("missed", "other extent"), ("spurious", "around a name")],
        ),
        ([GNN], [candidate("neural networks")], [("missed", "other extent"), ("spurious", "part of a name")]),
        ([{"name": "support vector"}], [], [("missed", "not in the text")]),
        ([], [candidate("bag of words")], [("spurious", "not annotated")]),
        (
            [GNN | {"aliases": ["GNN"]}],
            [candidate("graph neural networks"), candidate("GNN")],
            [("spurious", "twice")],
        ),
        (
            [{"name": "A"}, {"name": "B"}],
            [candidate("A", "Method", 0.9, "B")],
            [("missed", "taken for another")],
        ),
    ],
)
def test_an_error_is_of_the_first_category_that_fits(
    tmp_path: Path, gold: list[dict[str, Any]], candidates: list[Candidate], expected: list[tuple[str, str]]
) -> None:
    errors = errors_of(gold_of(tmp_path, *gold), *candidates)

    assert [(error.kind, error.category) for error in errors] == expected


def test_an_error_tells_its_sentence_and_what_was_weighed(tmp_path: Path) -> None:
    (error,) = errors_of(gold_of(tmp_path, FOONET), candidate("FooNet", "Task", 0.25))

    assert str(error) == (
        "x: missed Model 'FooNet': dropped, other type; weighed: FooNet (Task, 0.25); rules: a, b\n"
        "    We use graph neural networks, FooNet and a bag of words."
    )


def test_merged_types_are_no_error(tmp_path: Path) -> None:
    found = candidate("FooNet", "Method")

    assert len(errors_of(gold_of(tmp_path, FOONET), found)) == 2
    assert errors_of(gold_of(tmp_path, FOONET, merge=True), candidate("FooNet", "Model"), merge=True) == ()


def test_errors_are_counted_by_category_and_type(tmp_path: Path) -> None:
    errors = errors_of(
        gold_of(tmp_path, GNN, FOONET, {"name": "x1"}, {"name": "x2"}), candidate("bag of words", "Task")
    )

    assert count_errors(errors) == (
        ("error", "category", "Method", "Model", "Task", "all"),
        ("missed", "no candidate", "1", "1", "0", "2"),
        ("missed", "not in the text", "2", "0", "0", "2"),
        ("spurious", "not annotated", "0", "0", "1", "1"),
    )


@pytest.mark.parametrize(("threshold", "listed"), [(0.0, 2), (1.0, 0)])
def test_a_review_lists_what_the_extraction_has(threshold: float, listed: int) -> None:
    extractor = Extractor()
    weights = extractor.entities.weights
    extractor.entities.weights = replace(weights, threshold={**weights.threshold, "keep": threshold})
    paper = Paper(title="", abstract="We propose FooNet, a network. Results on CIFAR-10 follow.")

    review = extractor.review(paper)

    assert tuple(each.entity for each in review.candidates if each.listed) == extractor(paper).entities
    assert (len(review.candidates), len(extractor(paper).entities)) == (2, listed)
    assert next(paper.text[start:end] for start, end in review.sentences) == "We propose FooNet, a network."
