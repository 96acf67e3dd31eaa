"""The reader of JSON lines: fields, what it refuses, and that one bad line costs no other."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Entry, Listing, Paper
from kg.sources import jsonl
from kg.sources.reader import MAX_LINE, MAX_TEXT, Problem, Source

FILE = Listing(name="papers.jsonl", sha256="0" * 64, format="jsonl")


def read(data: bytes) -> tuple[list[Paper], list[str]]:
    items = list(jsonl.read(Source(io.BytesIO(data), "papers.jsonl", FILE)))
    return [item for item in items if isinstance(item, Paper)], [
        str(item) for item in items if isinstance(item, Problem)
    ]


def read_record(**fields: Any) -> tuple[list[Paper], list[str]]:
    return read(json.dumps({"title": "A Title", "abstract": "An abstract."} | fields).encode())


def test_every_known_field_is_kept_and_others_are_passed_over() -> None:
    papers, problems = read_record(
        id="arxiv-2405.12954",
        year=2024,
        url="https://arxiv.org/abs/2405.12954",
        authors=["A. Author", "B. Author"],
        venue="arXiv cs.LG",
        license="CC0-1.0",
    )

    assert problems == []
    assert papers == [
        Paper(
            title="A Title",
            abstract="An abstract.",
            identifier="arxiv-2405.12954",
            year=2024,
            url="https://arxiv.org/abs/2405.12954",
            authors=("A. Author", "B. Author"),
            venue="arXiv cs.LG",
            entries=(Entry(listing=FILE, line=1),),
        )
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": None, "year": None, "url": None, "authors": None, "venue": None}, {}),
        ({"id": 17}, {"identifier": "17"}),
        ({"year": "2024"}, {"year": 2024}),
        ({"authors": []}, {}),
        ({"venue": " "}, {}),
        ({"abstract": "  Two lines\n  of \\% and  text.\n"}, {"abstract": "Two lines of \\% and  text."}),
        ({"title": 'A "<b>" & \\title'}, {"title": 'A "<b>" & \\title'}),
        ({"title": None}, {"title": ""}),
    ],
)
def test_absent_and_loosely_written_fields_are_taken(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    papers, problems = read_record(**fields)

    plain = {"title": "A Title", "abstract": "An abstract.", "entries": (Entry(listing=FILE, line=1),)}
    assert (papers, problems) == ([Paper(**plain | expected)], [])


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"year": "soon"}, "\"year\" is 'soon' and was left out; it must be a year of four digits"),
        ({"year": True}, "\"year\" is 'True' and was left out; it must be a year of four digits"),
        ({"year": 20245}, "\"year\" is '20245' and was left out; it must be a year of four digits"),
        ({"authors": "A and B"}, "\"authors\" is 'A and B' and was left out; it must be a list of strings"),
        ({"venue": ["x"]}, '"venue" is "[\'x\']" and was left out; it must be a string'),
        (
            {"url": "javascript:alert(1)"},
            "\"url\" was left out: 'javascript:alert(1)' is no web address; "
            "it must start with http:// or https:// and name a host",
        ),
    ],
)
def test_a_field_that_does_not_fit_is_left_out_and_named(fields: dict[str, Any], complaint: str) -> None:
    papers, problems = read_record(**fields)

    assert papers == read_record()[0]
    assert problems == [f"papers.jsonl:1: {complaint}"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"title": "x"', "not JSON (Expecting ',' delimiter"),
        (b"[1, 2]", "an array, not an object: '[1, 2]'; one object a line is read"),
        (b"null", "null, not an object"),
        (b"[" * 100_000, "not JSON ("),
        (b'{"year": 1' + b"0" * 5000 + b"}", "not JSON ("),
        (b'{"title": "Lonely"}', "'Lonely' has no abstract and was skipped; it is needed"),
        (b'{"title": "Lonely", "abstract": "\\n"}', "'Lonely' has no abstract and was skipped; it is needed"),
        (b"{}", "has no abstract and was skipped; it is needed"),
    ],
)
def test_a_line_that_is_no_paper_is_named_and_the_rest_is_read(line: bytes, problem: str) -> None:
    good = b'{"title": "A Title", "abstract": "An abstract."}'
    papers, problems = read(good + b"\n" + line + b"\n\n" + good + b"\r\n")

    assert [paper.entries[0].line for paper in papers] == [1, 4]
    assert len(problems) == 1
    assert problems[0].startswith(f"papers.jsonl:2: {problem}")


def test_lone_surrogates_and_control_characters_are_replaced_and_named() -> None:
    papers, problems = read(b'{"title": "A\\ud800\\u0000B", "abstract": "An abstract."}')

    assert papers[0].title == "A\ufffd\ufffdB"
    assert problems == [
        'papers.jsonl:1: "title": 2 control characters (U+0000, U+D800) were replaced by U+FFFD; '
        "remove them from the input"
    ]


def test_bytes_that_are_not_utf_8_are_replaced_and_named() -> None:
    papers, problems = read(b'{"title": "Caf\xe9", "abstract": "An abstract."}')

    assert papers[0].title == "Caf\ufffd"
    assert problems == [
        "papers.jsonl:1: not UTF-8: 0xE9 at column 15; each such byte was replaced by U+FFFD; save the file as UTF-8"
    ]


@pytest.mark.parametrize(
    ("length", "problem"),
    [
        (MAX_TEXT, None),
        (10_000_000, '"abstract" is'),
        (MAX_LINE, f"a line of more than {MAX_LINE:,} bytes was skipped"),
    ],
)
def test_a_line_of_megabytes_costs_only_itself(length: int, problem: str | None) -> None:
    good = b'{"title": "A Title", "abstract": "An abstract."}\n'
    papers, problems = read(b'{"title": "Long", "abstract": "' + b"x" * length + b'"}\n' + good)

    assert [paper.title for paper in papers] == (["A Title"] if problem else ["Long", "A Title"])
    assert papers[-1].entries[0].line == 2
    assert problems[:1] == [] if problem is None else problems[0].startswith(f"papers.jsonl:1: {problem}")


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (b'{"title": "x"}', "stdin", True),
        (b'\xef\xbb\xbf\n { "title": "x"', "papers.txt", True),
        (b"broken first line\n", "papers.jsonl", True),
        (b"broken first line\n", "papers.jsonl.gz", True),
        (b'{\n  "title": "x"\n}', "paper.json", False),
        (b'[{"title": "x"}]', "papers.json", False),
        (b"Daily Papers\n", "page.txt", False),
    ],
)
def test_json_lines_are_recognised_by_their_content_or_name(head: bytes, name: str, expected: bool) -> None:
    assert jsonl.recognise(head, name) is expected


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=80,
)


@given(st.lists(st.tuples(TEXTS, TEXTS).filter(lambda pair: pair[0].strip() and pair[1].strip()), min_size=1))
def test_records_written_as_json_lines_are_read_back(records: list[tuple[str, str]]) -> None:
    lines = [json.dumps({"title": title, "abstract": abstract}) for title, abstract in records]
    papers, problems = read("\n".join(lines).encode())

    assert problems == []
    assert [(paper.title, paper.abstract) for paper in papers] == [(t.strip(), a.strip()) for t, a in records]
