"""The measuring of extractions against texts with annotated spans."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kg.errors import InputError
from kg.gold import Gold, Names, merge_models, read_gold
from kg.model import Entity, Extraction, Link, Mention, Paper
from kg.spans import SpanEvaluation, SpanScore, evaluate_spans

SCRIPT = Path(__file__).parents[2] / "shared" / "benchmarks" / "score.py"
TEXT = "We train GPT-4 with prompt tuning on the GLUE benchmark and test GPT-4 there."


def span(name: str, label: str, text: str = TEXT, nth: int = 0) -> dict[str, Any]:
    start = -1
    for _ in range(nth + 1):
        start = text.index(name, start + 1)
    return {"start": start, "end": start + len(name), "text": name, "label": label}


def entity(*spans: dict[str, Any]) -> Entity:
    mentions = [
        Mention(
            start=each["start"], end=each["end"], text=each["text"], relation="uses", rules=("test",), confidence=0.5
        )
        for each in spans
    ]
    return Entity(type=spans[0]["label"], name=spans[0]["text"], relation="uses", mentions=tuple(mentions))


def gold_of(tmp_path: Path, *records: dict[str, Any], merge: bool = False) -> Gold:
    path = tmp_path / "spans.jsonl"
    path.write_text("\n".join(json.dumps({"id": str(n)} | each) for n, each in enumerate(records)), encoding="utf-8")
    return read_gold(path, merge=merge)


def run(gold: Gold, *found: Iterable[Entity]) -> SpanEvaluation:
    papers = gold.select(())
    return evaluate_spans(
        gold, [Extraction(paper=paper, entities=tuple(each)) for paper, each in zip(papers, found, strict=True)]
    )


def counts(evaluation: SpanEvaluation, measure: str, type_: str = "all") -> tuple[int, int, int, int]:
    score: SpanScore = next(each for each in evaluation.scores if (each.measure, each.type) == (measure, type_))
    return score.gold, score.found, score.predicted, score.right


@pytest.mark.parametrize(
    ("found", "exact", "overlap", "names"),
    [
        ([], (2, 0, 0, 0), (2, 0, 0, 0), (2, 0, 0, 0)),
        ([span("GPT-4", "Model")], (2, 1, 1, 1), (2, 1, 1, 1), (2, 1, 1, 1)),
        # a longer span overlaps only; the article does not matter to the name
        ([span("the GLUE", "Dataset")], (2, 0, 1, 0), (2, 1, 1, 1), (2, 1, 1, 1)),
        ([span("GLUE benchmark", "Dataset")], (2, 0, 1, 0), (2, 1, 1, 1), (2, 0, 1, 0)),
        # the name at another place
        ([span("GPT-4", "Model", nth=1)], (2, 0, 1, 0), (2, 0, 1, 0), (2, 1, 1, 1)),
        # another type that is annotated, and one that is not and so does not count
        ([span("GPT-4", "Dataset")], (2, 0, 1, 0), (2, 0, 1, 0), (2, 0, 1, 0)),
        ([span("prompt tuning", "Method")], (2, 0, 0, 0), (2, 0, 0, 0), (2, 0, 0, 0)),
        # two predictions over one annotated span
        ([span("the GLUE", "Dataset"), span("GLUE", "Dataset")], (2, 1, 2, 1), (2, 1, 2, 2), (2, 1, 1, 1)),
    ],
)
def test_spans_and_names_are_counted(
    tmp_path: Path, found: list[dict[str, Any]], exact: Any, overlap: Any, names: Any
) -> None:
    gold = gold_of(tmp_path, {"text": TEXT, "entities": [span("GPT-4", "Model"), span("GLUE", "Dataset")]})

    evaluation = run(gold, [entity(each) for each in found])

    assert [counts(evaluation, measure) for measure in ("exact", "overlap", "names")] == [exact, overlap, names]


def test_models_are_methods_when_merged(tmp_path: Path) -> None:
    record = {"text": TEXT, "entities": [span("GPT-4", "Method")]}
    found = [entity(span("GPT-4", "Model"))]

    assert counts(run(gold_of(tmp_path, record), found), "exact") == (1, 0, 0, 0)
    merged = gold_of(tmp_path, record, merge=True)
    extraction = merge_models(Extraction(paper=merged.select(())[0], entities=tuple(found)))
    assert counts(run(merged, extraction.entities), "exact") == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("record", "paper", "places"),
    [
        ({"text": TEXT, "title": "T"}, Paper(title="", abstract=TEXT, identifier="0"), [9]),
        (
            {"text": f"On  GPT-4\n{TEXT}", "title": "On  GPT-4", "meta": {"title_in_text": True}},
            Paper(title="On GPT-4", abstract=TEXT, identifier="0"),
            [3, 19],
        ),
        (
            {"text": f"On GPT-4\n{TEXT}", "title": "On GPT-4", "meta": {"title_in_text": True}},
            Paper(title="On GPT-4", abstract=TEXT, identifier="0"),
            [3, 19],
        ),
    ],
)
def test_a_title_is_read_only_when_it_is_annotated(
    tmp_path: Path, record: dict[str, Any], paper: Paper, places: list[int]
) -> None:
    spans = [span("GPT-4", "Model", record["text"], nth) for nth in range(len(places))]
    gold = gold_of(tmp_path, record | {"entities": spans})

    assert gold.select(()) == (paper,)
    assert [each.start for each in gold.papers[0].spans] == places
    assert all(paper.text[each.start : each.end] == each.text == "GPT-4" for each in gold.papers[0].spans)


@pytest.mark.parametrize(
    ("names", "found", "exact"),
    [
        ("as-annotated", ["CIFAR-10", "MNIST"], (1, 0, 2, 0)),
        ("trimmed", ["the CIFAR-10 and MNIST"], (1, 1, 1, 1)),
        ("trimmed", ["CIFAR-10", "MNIST"], (1, 0, 2, 0)),
        ("widened", ["CIFAR-10", "MNIST"], (1, 1, 1, 1)),
        ("widened", ["CIFAR-10"], (1, 0, 1, 0)),
    ],
)
def test_names_of_datasets_are_compared_in_the_convention_of_the_gold(
    tmp_path: Path, names: Names, found: list[str], exact: Any
) -> None:
    text = "On the CIFAR-10 and MNIST datasets."
    gold = gold_of(tmp_path, {"text": text, "entities": [span("CIFAR-10 and MNIST datasets", "Dataset", text)]})

    evaluation = run(replace(gold, names=names), [entity(span(name, "Dataset", text)) for name in found])

    assert counts(evaluation, "exact") == exact


@pytest.mark.parametrize("names", ["trimmed", "widened"])
def test_a_convention_leaves_other_types_alone(tmp_path: Path, names: Names) -> None:
    text = "On the parsing dataset."
    gold = gold_of(tmp_path, {"text": text, "entities": [span("parsing", "Task", text)]})

    assert counts(run(replace(gold, names=names), [entity(span("the parsing", "Task", text))]), "exact")[1] == 0
    assert counts(run(replace(gold, names=names), [entity(span("parsing", "Task", text))]), "exact")[1] == 1


@pytest.mark.parametrize(
    ("text", "abstract"),
    [
        ("We  train GPT-4.", "We train GPT-4."),
        ("We \t train   GPT-4  too.", "We train GPT-4 too."),
        ("We train\n  GPT-4.", "We train\nGPT-4."),
        ("We train.\n\nGPT-4 \n  wins.", "We train.\n\nGPT-4 \nwins."),
    ],
)
def test_runs_of_blanks_are_read_as_one_and_line_ends_stay(tmp_path: Path, text: str, abstract: str) -> None:
    gold = gold_of(tmp_path, {"text": text, "entities": [span("GPT-4", "Model", text)]})

    assert gold.select(())[0].text == abstract
    assert [abstract[each.start : each.end] for each in gold.papers[0].spans] == ["GPT-4"]


URL_TEXT = "Our code is at https://github.com/a/b/ here."


@pytest.mark.parametrize(
    ("function", "type_", "url", "own", "kind", "expected"),
    [
        ("Produce", "Code", "https://github.com/a/b", True, "code", ["1.000"] * 6),
        ("Produce", "Mixed", "https://github.com/a/b", True, "dataset", ["1.000"] * 6),
        ("Use", "Code", "https://github.com/a/b", True, "project", ["1.000", "1.000", "0.000", "0.000", "0.000"]),
        ("Introduce", "Paper", "https://github.com/a", False, "project", ["1.000", "0.000", "1.000", "1.000"]),
        ("Produce", "Dataset", "https://x.org", None, "", ["0.000"]),
    ],
)
def test_addresses_are_judged_by_whose_they_are_and_what_they_lead_to(
    tmp_path: Path, function: str, type_: str, url: str, own: bool | None, kind: str, expected: list[str]
) -> None:
    annotated = span("https://github.com/a/b/", "Other", URL_TEXT) | {"orig_label": f"URL|Material|{type_}|{function}"}
    gold = gold_of(tmp_path, {"text": URL_TEXT, "entities": [annotated]})
    mention = Mention(start=15, end=37, text="x", relation="mentions", rules=("test",), confidence=0.5)
    links = () if own is None else (Link(url=url, kind=kind, own=own, mention=mention),)

    evaluation = evaluate_spans(gold, [Extraction(paper=gold.select(())[0], links=links)])

    assert [row[1] for row in evaluation.addresses.rows()[1:]] == expected


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"id": "0", "text": "x", "entities": [{"label": "Task"}]}'], "spans.jsonl:1: not an annotated paper"),
        (
            ['{"id": "0", "text": "x", "title": "y", "meta": {"title_in_text": true}, "entities": []}'],
            "the text does not begin with the title",
        ),
        (
            ['{"id": "0", "text": "x", "entities": [{"start": 0, "end": 2, "text": "xy", "label": "Task"}]}'],
            "spans.jsonl:1: not an annotated paper",
        ),
        (['{"id": "0", "text": "x", "entities": []}', '{"id": "1", "entities": []}'], "give two files"),
    ],
)
def test_span_gold_that_is_none_is_an_error(tmp_path: Path, lines: list[str], message: str) -> None:
    (tmp_path / "spans.jsonl").write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(InputError, match=message):
        read_gold(tmp_path / "spans.jsonl")


def test_every_third_paper_is_unread(tmp_path: Path) -> None:
    gold_of(tmp_path, *({"text": str(n), "entities": []} for n in range(7)))

    parts = {part: [each.id for each in read_gold(tmp_path / "spans.jsonl", part=part).papers] for part in PARTS}

    assert parts == {"all": list("0123456"), "read": list("01346"), "unread": list("25")}


PARTS: tuple[Any, ...] = ("all", "read", "unread")


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not SCRIPT.is_file(), reason="the reference script is not here")
@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_are_those_of_the_reference_script(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    words = ["The", "GANs", "graph-neural", "nets", "a", "CIFAR-10/100", "loss", "glass", "BERT", "our", "C++"]
    documents, found = [], []
    for _ in range(30):
        text = " ".join(rng.choice(words) for _ in range(30))
        chosen = [sorted(rng.sample(range(len(text)), 2)) for _ in range(12)]
        spans = [
            {"start": start, "end": end, "text": text[start:end], "label": rng.choice(["Task", "Model", "Method"])}
            for start, end in (sorted((text.find(" ", a) + 1, text.rfind(" ", 0, b) + 1)) for a, b in chosen)
            if start < end
        ]
        documents.append({"text": text, "entities": spans[: len(spans) // 2 + 2]})
        found.append([*spans[len(spans) // 2 - 2 :], {"start": 0, "end": 3, "text": text[:3], "label": "Metric"}])
    gold = gold_of(tmp_path, *documents)

    evaluation = run(gold, *([entity(each) for each in spans] for spans in found))

    pairs = [(document["entities"], spans) for document, spans in zip(documents, found, strict=True)]
    expected = reference().score(pairs, types=("Method", "Model", "Task"))
    names = {"exact": "exact", "overlap": "overlap", "names": "document"}
    for score in evaluation.scores:
        got = {"p": score.precision, "r": score.recall, "f1": score.f1, "gold": score.gold, "pred": score.predicted}
        assert got == expected[names[score.measure]][score.type]
    assert len(evaluation.scores) == 12
    assert 0.1 < expected["exact"]["all"]["f1"] < 0.9
