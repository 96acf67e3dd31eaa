"""Every rule finds what its `finds` mark and leaves alone what its `skips` show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from spacy.language import Language

from kg.errors import DataFileError
from kg.extract import create_pipeline
from kg.extract import rules as rules_module
from kg.extract.rules import RULES, Rule, load_rules

_MARKED = re.compile(r"«(.*?)»")
_GROUPS = {
    "names": "kg_names",
    "heads": "kg_heads",
    "context": "kg_context",
    "enumerations": "kg_enumerations",
    "relations": "kg_relations",
    "titles": "kg_titles",
}
"""Rule files whose witness writes a span group; the others write values to the doc's user data."""
_COMPONENTS = {
    **_GROUPS,
    "links": "kg_links",
    "offers": "kg_links",
    "announcements": "kg_announcements",
    "results": "kg_outcomes",
}


@dataclass(frozen=True)
class Example:
    """A sentence of a rule, without its marks, and the character spans that were marked."""

    rule: Rule
    file: str
    text: str
    marked: tuple[tuple[int, int], ...]


def _examples(field: str) -> Iterator[Example]:
    nlp = create_pipeline()
    for file, component in _COMPONENTS.items():
        witness: Any = nlp.get_pipe(component)
        for rule in witness.rules:
            for sentence in getattr(rule, field):
                marked: list[tuple[int, int]] = []
                text = ""
                rest = 0
                for match in _MARKED.finditer(sentence):
                    text += sentence[rest : match.start()]
                    marked.append((len(text), len(text) + len(match[1])))
                    text += match[1]
                    rest = match.end()
                yield Example(rule, file, text + sentence[rest:], tuple(marked))


FINDS = list(_examples("finds"))
SKIPS = list(_examples("skips"))


@pytest.fixture(scope="module")
def nlp() -> Language:
    return create_pipeline()


def _found(nlp: Language, example: Example) -> set[tuple[int, int]]:
    """Give the character spans that the example's rule reads in its sentence."""
    doc = nlp.make_doc(example.text)
    doc.user_data["kg_title_end"] = len(example.text) if example.file == "titles" else 0
    for _, component in nlp.pipeline:
        doc = component(doc)
    if example.file in _GROUPS:
        spans = doc.spans[_GROUPS[example.file]]
        return {(span.start_char, span.end_char) for span in spans if span.id_ == example.rule.id}
    if example.file in ("links", "offers", "announcements"):
        mentions = [found["mention"] for found in doc.user_data[_COMPONENTS[example.file]]]
        return {(m["start"], m["end"]) for m in mentions if example.rule.id in m["rules"]}
    read = [result for result in doc.user_data["kg_results"] if example.rule.id in result["mention"]["rules"]]
    values = {result["value"] for result in read}
    marked = {span for span in example.marked if example.text[span[0] : span[1]] in values}
    return marked or {(result["mention"]["start"], result["mention"]["end"]) for result in read}


@pytest.mark.parametrize("example", FINDS, ids=lambda e: f"{e.rule.id}: {e.text[:50]}")
def test_a_rule_finds_what_its_examples_mark(nlp: Language, example: Example) -> None:
    assert example.marked, "an example of `finds` marks what must be found"
    assert set(example.marked) <= _found(nlp, example)


@pytest.mark.parametrize("example", SKIPS, ids=lambda e: f"{e.rule.id}: {e.text[:50]}")
def test_a_rule_leaves_alone_what_its_counterexamples_show(nlp: Language, example: Example) -> None:
    found = _found(nlp, example)
    assert not (found & set(example.marked) if example.marked else found)


def test_every_rule_file_is_covered() -> None:
    files = {path.stem for path in RULES.glob("*.toml")} - {"words", "weights"}
    assert files == set(_COMPONENTS)
    assert len(FINDS) >= 50
    assert len(SKIPS) >= 50


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (
            'id = "x.a"\nfinds = ["a"]\nskips = ["b"]\nwieght = 1',
            "unknown field 'wieght'; allowed: finds, id, note, skips",
        ),
        ('id = "y.a"\nfinds = ["a"]\nskips = ["b"]', "id must start with 'x.'"),
        ('id = "x.a"\nfinds = []\nskips = ["b"]', "needs at least one sentence in `finds`"),
        ('id = "x.a"\nskips = ["b"]', "field 'finds' is missing"),
        ('id = "x.a"\nfinds = "a"\nskips = ["b"]', "field 'finds' has a str"),
    ],
)
def test_a_broken_rule_is_refused_with_its_place(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, table: str, problem: str
) -> None:
    monkeypatch.setattr(rules_module, "RULES", tmp_path)
    (tmp_path / "x.toml").write_text(f"[[rule]]\n{table}\n")  # type: ignore[operator]
    with pytest.raises(DataFileError) as error:
        load_rules("x", Rule)
    assert problem in str(error.value)
    assert "x.toml: rule" in str(error.value)


def test_all_broken_rules_are_reported_at_once(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_module, "RULES", tmp_path)
    (tmp_path / "x.toml").write_text('[[rule]]\nid = "x.a"\n[[rule]]\nid = "x.a"\nfinds = ["a"]\nskips = ["b"]\n')  # type: ignore[operator]
    with pytest.raises(DataFileError) as error:
        load_rules("x", Rule)
    assert len(error.value.problems) == 4
