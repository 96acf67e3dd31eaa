"""What abstracts say that they will give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.builder import build
from kg.extract.pipeline import Extractor, to_json
from kg.model import Paper
from kg.query import load_queries, run_query

EXTRACTOR = Extractor()


def announced(text: str) -> list[tuple[str, str]]:
    extraction = EXTRACTOR(Paper(title="A title", abstract=text))
    return [(announcement.kind, announcement.mention.text) for announcement in extraction.announcements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It wins. Code will be released.", [("code", "Code will be released")]),
        (
            "All code, weights and data will be made publicly available upon acceptance.",
            [(kind, "code, weights and data will be made publicly available") for kind in ("code", "dataset", "model")],
        ),
        ("We will open-source our toolkit.", [("code", "We will open-source our toolkit")]),
        ("We plan to release the corpus.", [("dataset", "We plan to release the corpus")]),
        ("The demo video will be public soon.", [("project", "demo video will be public")]),
        ("Checkpoints are available upon publication.", [("model", "Checkpoints are available upon publication")]),
        ("Code will be released. The code will be released.", [("code", "Code will be released")]),
        ("Code will be released at https://github.com/a/b.", []),
        ("Code will be available at github.com/a/b.", []),
        ("Code is available at https://github.com/a/b.", []),
        ("The code will not be released.", []),
        ("We hope that this will help those who release models.", []),
        ("Robots will be shared by all.", []),
    ],
)
def test_what_will_be_given_is_announced_unless_an_address_gives_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert announced(text) == expected


def test_a_title_announces_nothing() -> None:
    assert EXTRACTOR(Paper(title="Code Will Be Released", abstract="It wins.")).announcements == ()


def test_an_announcement_quotes_its_words_and_names_its_rule() -> None:
    paper = Paper(title="A title", abstract="It wins. We will release the code.")
    (announcement,) = EXTRACTOR(paper).announcements
    mention = announcement.mention
    assert paper.text[mention.start : mention.end] == mention.text == "We will release the code"
    assert (mention.relation, mention.rules) == ("announces", ("announcements.we-will",))
    assert to_json(EXTRACTOR(paper))["announcements"][0]["kind"] == "code"


def test_a_graph_tells_who_announces_and_does_not_give(tmp_path: Path) -> None:
    papers = (
        ("A promise", "We study pruning. Code and data will be released."),
        ("A gift", "We study pruning. More code will be released. Code: https://github.com/a/b."),
    )
    path = tmp_path / "papers.jsonl"
    path.write_text("\n".join(json.dumps({"title": title, "abstract": abstract}) for title, abstract in papers))
    graph = build(path).graph()
    rows = run_query(load_queries()["announced-but-not-given"], graph).values()
    assert [row[:2] for row in rows] == [("A promise", "code"), ("A promise", "dataset")]
