"""The README says what is true: its generated parts are fresh, its examples run, its files exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import readme
import spacy
from annotated import SPANS

from kg.extract import COMPONENTS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


PARTS: dict[str, Callable[[], str]] = readme.PARTS


@pytest.mark.parametrize("name", PARTS)
def test_a_generated_part_is_what_its_command_gives(name: str) -> None:
    assert f"<!-- {name} -->" in TEXT
    assert readme.fill(TEXT, {name: PARTS[name]}) == TEXT, "run `make readme`"


def test_the_parts_of_the_readme_are_known() -> None:
    assert set(re.findall(r"<!-- ((?!end )[a-z-]+) -->", TEXT)) == {*PARTS, "speed"}


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    examples = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    assert len(examples) == 1
    exec(examples[0], {"__name__": "example"})  # noqa: S102  (our own text)
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("number", range(1, len(COMPONENTS) + 1))
def test_the_components_work_in_a_pipeline_of_ones_own_in_their_order(number: int) -> None:
    assert "add them in the order of `kg.extract.COMPONENTS`" in TEXT
    nlp = spacy.blank("en")
    for name in COMPONENTS[:number]:
        nlp.add_pipe(name)
    doc = nlp("We propose CRReLU, which outperforms ReLU on CIFAR-10 by 2.1%.")
    assert number < len(COMPONENTS) or "CIFAR-10" in str(doc.user_data["kg_entities"])


def test_the_quality_of_unread_papers_stands_apart_from_that_of_read_ones() -> None:
    rows = re.findall(r"^\| (\d+) papers of (.*), (read|unread) \|", TEXT, flags=re.MULTILINE)
    assert [(name, kind) for _, name, kind in rows] == [
        (name, kind) for name in ("`seeds/`", "other venues and years") for kind in ("read", "unread")
    ]
    assert [int(count) for count, *_ in rows] == [64, 32, 96, 48]


def test_the_conventions_of_names_are_explained() -> None:
    conventions = {source.names for source in SPANS}
    assert len(conventions) == 3
    assert [names for names in conventions - {"as-annotated"} if f"*{names}*" not in TEXT] == []


def test_every_file_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`((?:kg|ontology|shapes|queries|tests|seeds)/[\w/.*-]*)`", TEXT))
    assert len(named) >= 8
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []


def test_what_it_is_and_how_to_run_it_stand_in_the_first_lines() -> None:
    top = "\n".join(TEXT.splitlines()[:30])
    assert "make graph" in top
    assert "make test" in top
