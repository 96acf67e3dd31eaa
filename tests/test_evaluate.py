"""The measuring of extractions against annotated papers."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.errors import InputError
from kg.evaluate import Difference, Evaluation, evaluate
from kg.gold import read_gold
from kg.model import Entity, Extraction, Link, Mention, Paper, Result

GOLD = Path(__file__).parent / "gold" / "dev.jsonl"
SCRIPT = Path(__file__).parents[2] / "shared" / "gold" / "score.py"


def mention(relation: str = "mentions") -> Mention:
    return Mention(start=0, end=1, text="x", relation=relation, rules=("test",), confidence=0.5)


def to_extraction(record: dict[str, Any]) -> Extraction:
    """Make an extraction of what `kg extract` writes for a paper."""
    return Extraction(
        paper=Paper(title=record.get("title", ""), abstract="x", identifier=record.get("id")),
        entities=tuple(
            Entity(
                type=entity["type"],
                name=entity["name"],
                aliases=tuple(entity.get("aliases", ())),
                relation=entity["relation"],
                mentions=(mention(entity["relation"]),),
            )
            for entity in record.get("entities", ())
        ),
        links=tuple(
            Link(url=link["url"], kind=link["kind"], own=True, mention=mention()) for link in record.get("links", ())
        ),
        results=tuple(
            Result(value=result["value"], metric=result.get("metric"), dataset=result.get("dataset"), mention=mention())
            for result in record.get("results", ())
        ),
    )


def run(tmp_path: Path, gold: dict[str, Any], found: dict[str, Any]) -> Evaluation:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": "a-title", "entities": []} | gold) + "\n", encoding="utf-8")
    return evaluate(read_gold(path), [to_extraction({"title": "A Title"} | found)])


def counts(evaluation: Evaluation, name: str) -> tuple[int, int, int, int]:
    score = next(score for score in evaluation.scores if score.name == name)
    return score.required, score.optional, score.spurious, score.missed


def thing(name: str, type: str = "Method", relation: str = "uses", **more: Any) -> dict[str, Any]:  # noqa: A002
    return {"name": name, "type": type, "relation": relation, "required": True} | more


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        # the name, whatever its case, hyphens and plural
        ([thing("spiking neural network")], [thing("Spiking-Neural Networks")], (1, 0, 0, 0)),
        (
            [thing("GAN", aliases=["generative adversarial network"])],
            [thing("Generative Adversarial Networks")],
            (1, 0, 0, 0),
        ),
        ([thing("GAN")], [thing("adversarial network", aliases=["GANs"])], (1, 0, 0, 0)),
        ([thing("GAN")], [thing("VAE")], (0, 0, 1, 1)),
        # once each
        ([thing("GAN", aliases=["adversarial network"])], [thing("GAN"), thing("adversarial network")], (1, 0, 1, 0)),
        # types
        ([thing("GAN")], [thing("GAN", "Model")], (0, 0, 1, 1)),
        ([thing("GAN", alt_type="Model")], [thing("GAN", "Model")], (1, 0, 0, 0)),
        # optional ones are neither missed nor wrong
        ([thing("GAN", required=False)], [], (0, 0, 0, 0)),
        ([thing("GAN", required=False)], [thing("GAN")], (0, 1, 0, 0)),
        ([thing("GAN", required=False), thing("GAN", aliases=["x"])], [thing("GAN")], (1, 0, 0, 0)),
    ],
)
def test_entities_match_on_folded_names_and_types(
    tmp_path: Path, gold: list[Any], found: list[Any], expected: tuple[int, int, int, int]
) -> None:
    assert counts(run(tmp_path, {"entities": gold}, {"entities": found}), "all") == expected


def test_any_type_disregards_types(tmp_path: Path) -> None:
    evaluation = run(tmp_path, {"entities": [thing("GAN")]}, {"entities": [thing("GAN", "Model")]})

    assert counts(evaluation, "any-type") == (1, 0, 0, 0)
    assert counts(evaluation, "Method") == (0, 0, 0, 1)
    assert counts(evaluation, "Model") == (0, 0, 1, 0)


def test_relations_count_for_required_entities_and_may_be_one_of_several(tmp_path: Path) -> None:
    gold = [thing("A1"), thing("B1", also=["introduces"]), thing("C1"), thing("D1", required=False)]
    found = [
        thing("A1"),
        thing("B1", relation="introduces"),
        thing("C1", relation="mentions"),
        thing("D1", relation="mentions"),
    ]
    evaluation = run(tmp_path, {"entities": gold}, {"entities": found})

    assert (evaluation.relation_right, evaluation.relation_of) == (2, 3)
    assert evaluation.relation_accuracy == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("gold", "found", "link", "with_kind"),
    [
        ("https://github.com/a/b", "http://www.GitHub.com/a/b.git/", (1, 0, 0, 0), (1, 0, 0, 0)),
        ("https://github.com/a/b", "https://github.com/a/c", (0, 0, 1, 1), (0, 0, 1, 1)),
    ],
)
def test_links_match_on_the_cleaned_address(
    tmp_path: Path, gold: str, found: str, link: tuple[int, ...], with_kind: tuple[int, ...]
) -> None:
    links = {"links": [{"url": gold, "kind": "code"}]}, {"links": [{"url": found, "kind": "code"}]}
    evaluation = run(tmp_path, *links)

    assert (counts(evaluation, "link"), counts(evaluation, "link+kind")) == (link, with_kind)
    links[1]["links"][0]["kind"] = "project"
    assert counts(run(tmp_path, *links), "link+kind") == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("gold", "found", "expected"),
    [
        ({"value": "80.20"}, {"value": "80.2"}, (1, 0, 0, 0)),
        ({"value": "80.2"}, {"value": "80.3"}, (0, 0, 1, 1)),
        ({"value": "80", "metric": "top-1 accuracy"}, {"value": "80", "metric": "accuracy"}, (1, 0, 0, 0)),
        ({"value": "80", "metric": "accuracy", "dataset": "GLUE"}, {"value": "80", "dataset": "GLUE"}, (1, 0, 0, 0)),
        ({"value": "80", "metric": "accuracy"}, {"value": "80"}, (0, 0, 1, 1)),
        ({"value": "80", "required": False}, {"value": "80"}, (0, 1, 0, 0)),
    ],
)
def test_results_match_on_number_and_metric_or_dataset(
    tmp_path: Path, gold: dict[str, Any], found: dict[str, Any], expected: tuple[int, ...]
) -> None:
    assert counts(run(tmp_path, {"results": [gold]}, {"results": [found]}), "result") == expected


def test_the_table_and_the_differences_of_a_small_gold_are_these(tmp_path: Path) -> None:
    gold = [
        {"id": "first", "entities": [thing("GAN"), thing("VAE"), thing("GLUE", "Dataset", "evaluatesOn")]},
        {
            "id": "a-second-paper",
            "entities": [thing("GAN"), thing("loss", required=False)],
            "results": [{"value": "3"}],
        },
        {"id": "third", "entities": [thing("GAN")]},
    ]
    found = [
        {
            "id": "first",
            "title": "X",
            "entities": [thing("GAN"), thing("FID", "Metric"), thing("Glue", "Dataset", "uses")],
        },
        {"title": "A Second Paper", "entities": [thing("GAN"), thing("loss"), thing("LSTM", "Model")]},
        {"title": "Not annotated", "entities": [thing("GAN")]},
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(map(json.dumps, gold)), encoding="utf-8")

    evaluation = evaluate(read_gold(path), map(to_extraction, found))

    assert (evaluation.papers, evaluation.absent) == (3, ("third",))
    assert evaluation.rows() == (
        ("", "P", "R", "F1", "gold", "predicted"),
        ("Dataset", "1.000", "1.000", "1.000", "1", "1"),
        ("Method", "1.000", "0.500", "0.667", "4", "3"),
        ("Metric", "0.000", "0.000", "0.000", "0", "1"),
        ("Model", "0.000", "0.000", "0.000", "0", "1"),
        ("all", "0.667", "0.600", "0.632", "5", "6"),
        ("any-type", "0.667", "0.600", "0.632", "5", "6"),
        ("link", "0.000", "0.000", "0.000", "0", "0"),
        ("link+kind", "0.000", "0.000", "0.000", "0", "0"),
        ("result", "0.000", "0.000", "0.000", "1", "0"),
        ("relation", "0.667", "", "", "3", ""),
    )
    assert evaluation.differences == (
        Difference(paper="a-second-paper", type="Model", spurious=("LSTM",), missed=()),
        Difference(paper="first", type="Method", spurious=(), missed=("VAE",)),
        Difference(paper="first", type="Metric", spurious=("FID",), missed=()),
        Difference(paper="third", type="Method", spurious=(), missed=("GAN",)),
    )


def test_the_annotated_papers_score_1_against_themselves() -> None:
    records = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    evaluation = evaluate(read_gold(GOLD), map(to_extraction, records))

    assert (evaluation.papers, evaluation.absent) == (96, ())
    assert {score.name: score.gold for score in evaluation.scores} == {
        "Dataset": 66,
        "Method": 321,
        "Metric": 36,
        "Model": 166,
        "Task": 133,
        "all": 722,
        "any-type": 722,
        "link": 28,
        "link+kind": 28,
        "result": 68,
    }
    assert all(
        score.precision == score.recall == score.f1 == 1 for score in evaluation.scores if score.name != "result"
    )
    assert evaluation.relation_accuracy == 1


def disturbed(record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Drop, double, rename and retype what is annotated, as a middling extractor would."""
    entities = []
    for entity in record["entities"]:
        kind = rng.random()
        if kind < 0.2:
            continue
        changed = dict(entity)
        if kind < 0.3:
            changed["type"] = rng.choice(["Method", "Model", "Dataset", "Task", "Metric"])
        elif kind < 0.4:
            changed["name"] = rng.choice([entity["name"].upper() + "s", "something else", *entity["aliases"]])
        elif kind < 0.5:
            changed["relation"] = rng.choice(["uses", "mentions"])
        entities += [changed] * (2 if kind > 0.95 else 1)
    rng.shuffle(entities)
    links = [
        {"url": link["url"] + rng.choice(["/", ".git", "x"]), "kind": rng.choice([link["kind"], "project"])}
        for link in record["links"]
    ]
    results = [
        {**result, "value": result["value"] + rng.choice(["", "0"]), rng.choice(["metric", "dataset"]): None}
        for result in record["results"]
    ]
    return record | {"entities": entities, "links": links, "results": results}


@pytest.mark.skipif(not SCRIPT.is_file(), reason="the reference script is not here")
@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_are_those_of_the_reference_script(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    records = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    found = [disturbed(record, rng) for record in rng.sample(records, 90)]
    (tmp_path / "found.jsonl").write_text("\n".join(map(json.dumps, found)), encoding="utf-8")
    command = [sys.executable, str(SCRIPT), str(GOLD), str(tmp_path / "found.jsonl"), "--json"]
    expected = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    evaluation = evaluate(read_gold(GOLD), map(to_extraction, found))

    got = {
        score.name: {
            "P": round(score.precision, 4),
            "R": round(score.recall, 4),
            "F1": round(score.f1, 4),
            "gold": score.gold,
            "predicted": score.predicted,
        }
        for score in evaluation.scores
    }
    relation = {"accuracy": round(evaluation.relation_accuracy, 4), "of": evaluation.relation_of}
    assert got | {"relation": relation} == expected
    assert 0.3 < expected["all"]["F1"] < 0.9


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "gold.jsonl: the gold file cannot be read"),
        (b"\xff", "gold.jsonl: the gold file cannot be read"),
        (b"\n", "gold.jsonl: the gold file holds no papers"),
        (b'{"id": "x", "entities": []}\n{', r"gold.jsonl:2: not an annotated paper \(JSONDecodeError"),
        (b'{"entities": []}', r"gold.jsonl:1: not an annotated paper \(KeyError: 'id'\)"),
        (b'{"id": "x", "entities": [1]}', "gold.jsonl:1: not an annotated paper"),
        (b'{"id": "x", "entities": [{"type": "Foo", "name": "x"}]}', "type 'Foo'; allowed: Dataset, Method"),
        (b'{"id": "x", "text": "abc", "entities": [{"start": 2, "end": 9, "label": "Task"}]}', "2 to 9 is no part"),
        (
            b'{"id": "x", "text": "abc", "entities": [{"start": 0, "end": 3, "label": "Foo"}]}',
            "label 'Foo'; allowed: Dataset",
        ),
        (b"[" * 100_000, r"gold.jsonl:1: not an annotated paper \(RecursionError"),
    ],
)
def test_a_gold_file_that_is_none_is_an_error(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "gold.jsonl").write_bytes(content)

    with pytest.raises(InputError, match=message):
        read_gold(tmp_path / "gold.jsonl")
