"""What each part of the extraction is worth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.ablate import Effect, ablate, effect_rows
from kg.extract import Extractor
from kg.extract.names import NameRule
from kg.extract.rules import RULES, load_rules, rule_types, switched_off
from kg.gold import read_gold
from kg.model import Paper
from kg.sources import read_papers


def test_a_rule_that_is_switched_off_is_as_if_not_in_its_file() -> None:
    paper = Paper(title="", abstract="We use FooBar-7B here.")
    rules = load_rules("names", NameRule)
    with switched_off("names.size"):
        without, extractor = load_rules("names", NameRule), Extractor()

    assert without == tuple(rule for rule in rules if rule.id != "names.size") != rules
    assert load_rules("names", NameRule) == rules
    ids = [
        {rule for e in made(paper).entities for m in e.mentions for rule in m.rules}
        for made in (extractor, Extractor())
    ]
    assert ["names.size" in each for each in ids] == [False, True]


def test_the_types_of_rules_are_those_of_their_files() -> None:
    types = rule_types()

    assert types["names.size"] == "Model"
    assert {id_.split(".")[0] for id_ in types} == {
        path.stem for path in RULES.glob("*.toml") if "[[rule]]" in path.read_text(encoding="utf-8")
    }


@pytest.mark.parametrize(
    ("all_", "own", "verdict"),
    [
        (0, 0, "none"),
        (0.01, 0, ""),
        (0, 0.01, ""),
        (-0.01, 0, "harmful"),
        (0, -0.01, "harmful"),
        (-0.1, 0.1, "mixed"),
        (0, None, "not measured"),
        (0.1, None, ""),
    ],
)
def test_a_part_without_use_is_called_so(all_: float, own: float | None, verdict: str) -> None:
    assert Effect(part="x", all=all_, own_name="Task", own=own).verdict == verdict


@pytest.fixture(scope="module")
def effects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Effect]:
    folder = tmp_path_factory.mktemp("ablation")
    records: list[dict[str, Any]] = [
        {"id": "a", "abstract": "We propose BarNet, a network. It is available at https://github.com/a/b ."},
        {"id": "b", "abstract": "We address image classification. We use FooBar-7B here."},
    ]
    gold: list[dict[str, Any]] = [
        {
            "id": "a",
            "entities": [{"type": "Model", "name": "BarNet", "relation": "introduces"}],
            "links": [{"url": "github.com/a/b", "kind": "code"}],
        },
        {
            "id": "b",
            "entities": [
                {"type": "Task", "name": "image classification", "relation": "addresses"},
                {"type": "Model", "name": "FooBar-7B", "relation": "uses"},
            ],
        },
    ]
    for name, lines in (("papers", records), ("gold", gold)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    annotated = read_gold(folder / "gold.jsonl")
    found = ablate(annotated, annotated.select(read_papers(folder / "papers.jsonl")))
    assert [each.all for each in found] == sorted(each.all for each in found)
    return {each.part: each for each in found}


def test_every_rule_witness_and_feature_is_switched_off_once(effects: dict[str, Effect]) -> None:
    features = {f"keep.{name}" for name in Extractor().entities.weights.keep if name != "bias"}

    assert effects.keys() >= {*rule_types(), *features, "kg_acronyms", "kg_vocabulary", "vocabulary.term"}
    assert effects.keys().isdisjoint({"keep.bias", "kg_sentences", "kg_candidates"})


@pytest.mark.parametrize(
    ("part", "own_name"),
    [
        ("links.repository", "link+kind"),
        ("relations.propose", "relation"),
        ("kg_names", "all"),
        ("names.size", "Model"),
    ],
)
def test_what_a_part_does_is_lost_without_it(effects: dict[str, Effect], part: str, own_name: str) -> None:
    effect = effects[part]

    assert (effect.own_name, (effect.own or effect.all) > 0, effect.verdict) == (own_name, True, "")


def test_what_a_part_does_not_do_stays_without_it(effects: dict[str, Effect]) -> None:
    assert effects["links.hub-model"].verdict == "none"
    assert effects["offers.offered"].verdict == "not measured"  # this gold does not say whose an address is
    assert ("links.hub-model", "+0.00", "link+kind", "+0.00", "none") in effect_rows(effects.values())
