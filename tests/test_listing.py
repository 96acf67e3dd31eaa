"""The reader of listing pages: what it keeps, how it tells titles from abstracts, and what it complains of."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Entry, Listing, Paper
from kg.sources import listing
from kg.sources.reader import MAX_TITLE, Problem, Source

SEEDS = Path(__file__).parents[1] / "seeds"
HEAD = (
    "\n\n".join(
        (
            "new",
            "Get trending papers in your email inbox!",
            "Subscribe",
            "Daily Papers",
            "byAK and the research community",
        )
    )
    + "\n\nAug 25\n\n"
)
LONG = "We propose , a simple loss. " + "It is measured on many data, and more. " * 10 + "Code…"
PAGE = Listing(name="page.txt", sha256="0" * 64, format="listing")


def read(text: str | bytes, year: int | None = None) -> tuple[list[Paper], list[str]]:
    data = text.encode() if isinstance(text, str) else text
    items = list(listing.read(Source(io.BytesIO(data), "page.txt", PAGE), year))
    return [item for item in items if isinstance(item, Paper)], [
        str(item) for item in items if isinstance(item, Problem)
    ]


def seed_papers() -> list[Paper]:
    papers: list[Paper] = []
    for path in sorted(SEEDS.glob("*.txt")):
        with path.open("rb") as stream:
            items = list(listing.read(Source(stream, path.name, PAGE), None))
        assert not [item for item in items if isinstance(item, Problem)]
        papers += [item for item in items if isinstance(item, Paper)]
    return papers


def test_the_seed_pages_hold_what_their_readme_says() -> None:
    papers = seed_papers()

    assert len(papers) == 249
    assert len({paper.key for paper in papers}) == 191
    assert sum(paper.date is not None for paper in papers) == 47
    assert sum((paper.date or "").startswith("--") for paper in papers) == 6
    assert Counter(paper.year is None for paper in papers) == {True: 208, False: 41}
    assert sum(paper.author_count is not None for paper in papers) == 46
    assert [paper.organisation for paper in papers if paper.organisation] == ["Deepmind"]
    assert sorted(paper.entries[0].comment_count or 0 for paper in papers)[-8:] == [0, 1, 2, 2, 3, 3, 4, 5]
    assert {paper.entries[0].listing.day for paper in papers} == {"--08-25", "--04-17", "--09-18", "--09-09"}


def test_every_line_of_the_seed_pages_is_head_title_abstract_or_trailer() -> None:
    for path in sorted(SEEDS.glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
        with path.open("rb") as stream:
            papers = [item for item in listing.read(Source(stream, path.name, PAGE), None) if isinstance(item, Paper)]
        texts = [text for paper in papers for text in (paper.title, paper.abstract)]
        trailers = [line for paper in papers if paper.date for line in (paper.title, "·", paper.date)]

        assert len(lines) == 6 + len(texts) + len(trailers)
        assert [line.strip() for line in lines if line.strip() in set(texts)] == texts


@pytest.mark.parametrize(
    "fragment", ["We propose , a simple", "HyperZ{cdotZ{cdot}W}", "224{times}224", "\\%", "{codes}"]
)
def test_what_the_page_made_of_a_text_is_kept(fragment: str) -> None:
    assert any(fragment in paper.abstract for paper in seed_papers())


@pytest.mark.parametrize(
    ("trailer", "year", "expected"),
    [
        ("  • 8 authors\n·\nMay 18, 2024", None, {"author_count": 8, "date": "2024-05-18", "year": 2024}),
        ("  • 1 authors\n·\nFeb 12", None, {"author_count": 1, "date": "--02-12"}),
        ("  • 1 authors\n·\nFeb 12", 2026, {"author_count": 1, "date": "2026-02-12", "year": 2026}),
        ("  • 8 authors\n·\nMay 18, 2024", 2026, {"author_count": 8, "date": "2024-05-18", "year": 2024}),
        ("  • 5 authors\n·\nApr 7 3", None, {"author_count": 5, "date": "--04-07", "comments": 3}),
        (
            "deepmind Deepmind\n·\nDec 30, 2025 3",
            None,
            {"organisation": "Deepmind", "date": "2025-12-30", "year": 2025, "comments": 3},
        ),
        ("facebook AI at Meta\n·\nDec 30", None, {"organisation": "facebook AI at Meta", "date": "--12-30"}),
        # other white space
        ("\t8 authors \r\n · \r\nMay  18,2024\t", None, {"author_count": 8, "date": "2024-05-18", "year": 2024}),
        ("  • 8 authors\n\n·\n\nMay 18, 2024", None, {"author_count": 8, "date": "2024-05-18", "year": 2024}),
        ("8 authors · May 18, 2024", None, {"author_count": 8, "date": "2024-05-18", "year": 2024}),
        (
            "\u00a0•\u00a08\u2009authors\n\u3000·\u00a0\nMay\u00a018,\u202f2024\u00a03",
            None,
            {"author_count": 8, "date": "2024-05-18", "year": 2024, "comments": 3},
        ),
        ("8\u00a0authors\u00a0·\u00a0May\u00a018", None, {"author_count": 8, "date": "--05-18"}),
        ("deepmind\u00a0Deepmind\n·\nDec\u00a030", None, {"organisation": "Deepmind", "date": "--12-30"}),
        ("•\u00a08\u00a0authors", None, {"author_count": 8}),
        # parts of a trailer
        ("·\nMay 18, 2024", None, {"date": "2024-05-18", "year": 2024}),
        ("  • 8 authors", None, {"author_count": 8}),
    ],
)
def test_a_trailer_gives_authors_or_organisation_date_and_comments(
    trailer: str, year: int | None, expected: dict[str, str | int]
) -> None:
    papers, problems = read(f"{HEAD}A Title\n\n{LONG}\n\n{trailer}\n\nNext Title\n\n{LONG}\n", year)

    day = "--08-25" if year is None else f"{year}-08-25"
    page = Listing(name=PAGE.name, sha256=PAGE.sha256, format=PAGE.format, day=day)
    entry = Entry(listing=page, line=13, comment_count=expected.get("comments"))  # type: ignore[arg-type]
    facts = {name: value for name, value in expected.items() if name != "comments"}
    assert papers[0] == Paper(title="A Title", abstract=LONG, entries=(entry,), **facts)  # type: ignore[arg-type]
    assert (len(papers), problems) == (2, [])


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}A Title\n\n{LONG}\n\nNext Title\n\n{LONG}\n",
        f"{HEAD}A Title\n\n{LONG}\n\nNext Title\n\n{LONG}\n".replace("\n", "\r\n"),
        f"{HEAD}A Title\n\n{LONG}\n\nNext Title\n\n{LONG}\n".replace("\n", "\r"),
        f"\ufeff{HEAD}A Title\n\n{LONG}\n\nNext Title\n\n{LONG}",
        f"A Title\n\n{LONG}\n\nNext Title\n\n{LONG}",
        f"Daily Papers\nAug 25\nA Title\n{LONG}\nNext Title\n{LONG}\n",
        f"{HEAD}\n \t\n  A Title \n\u00a0\n\n\n {LONG}\t\n\n\nNext Title\n\n{LONG}\n\n\n",
        f"{HEAD}A\nTitle\n\n{LONG.replace('. ', '.' + chr(10))}\n\nNext Title\n\n{LONG}\n",
    ],
    ids=["plain", "CRLF", "CR", "byte order mark", "no head", "no blank lines", "other white space", "wrapped lines"],
)
def test_other_white_space_and_a_missing_head_change_nothing(text: str) -> None:
    papers, problems = read(text)

    assert [(paper.title, paper.abstract) for paper in papers] == [("A Title", LONG), ("Next Title", LONG)]
    assert problems == []


@pytest.mark.parametrize(("size", "is_read"), [(listing.MAX_PAGE, True), (listing.MAX_PAGE + 1, False)])
def test_a_page_too_large_to_be_held_is_skipped_and_named(size: int, is_read: bool) -> None:
    page = f"{HEAD}A Title\n\n{LONG}\n".encode()
    blank = b" " * 1023 + b"\n"

    papers, problems = read(page + (blank * (size // len(blank)))[: size - len(page)])

    assert [paper.title for paper in papers] == ["A Title"] * is_read
    assert problems == (
        []
        if is_read
        else [
            "page.txt: a listing page of more than 16,777,216 bytes (unpacked) was skipped; split it into smaller ones"
        ]
    )


def test_no_break_spaces_in_the_day_of_a_page_are_read_like_spaces() -> None:
    papers, problems = read(f"Daily\u00a0Papers\n\nAug\u00a025\n\nA\u00a0Title\n\n{LONG}\n")

    assert [(paper.title, paper.entries[0].listing.day) for paper in papers] == [("A\u00a0Title", "--08-25")]
    assert problems == []


@pytest.mark.parametrize(
    ("body", "titles", "problems"),
    [
        (f"Lonely\n\nA Title\n\n{LONG}", ["A Title"], ["page.txt:13: 'Lonely' has no abstract"]),
        (
            f"Lonely\n  • 2 authors\n·\nMay 18, 2024\n\nA Title\n\n{LONG}",
            ["A Title"],
            ["page.txt:13: 'Lonely' has no abstract"],
        ),
        (f"A Title\n\n{LONG}\n\nLonely", ["A Title"], ["page.txt:17: 'Lonely' has no abstract"]),
        (f"One\n\nTwo\n\nA Title\n\n{LONG}", ["A Title"], ["page.txt:13: 'One' has", "page.txt:15: 'Two' has"]),
        (f"{LONG}\n\nA Title\n\n{LONG}", ["A Title"], ["page.txt:13: an abstract without a title"]),
        (f"8 authors\n·\nMay 18\n\nA Title\n\n{LONG}", ["A Title"], ["page.txt:13: authors and date without a paper"]),
        (f"A Title\n\nShort.\n\nNext\n\n{LONG}", ["A Title", "Next"], []),
        (f"A Title\n\nShort\n  • 2 authors\n·\nMay 1, 2024\n\nNext\n\n{LONG}", ["A Title", "Next"], []),
        (f"A Title\n\n{LONG}\n\nThe last\n\nis cut mid-wo", ["A Title", "The last"], []),
        ("", [], ["page.txt: no entry found"]),
        (
            f"A Title\n\n{'x ' * 100_000}",
            [],
            ["page.txt:15: an abstract of 199,999 characters was skipped", "page.txt: no entry"],
        ),
    ],
)
def test_what_does_not_fit_is_named_and_the_rest_is_read(body: str, titles: list[str], problems: list[str]) -> None:
    papers, found = read(HEAD + body)

    assert [paper.title for paper in papers] == titles
    assert len(found) == len(problems)
    assert all(message.startswith(start) for message, start in zip(found, problems, strict=True)), found


@pytest.mark.parametrize(
    ("day", "year", "expected", "complaint"),
    [
        ("Feb 30", None, None, "no such day: Feb 30; the date was left out"),
        ("Feb 29, 2023", None, None, "no such day: Feb 29, 2023; the date was left out"),
        ("Feb 29", 2025, "--02-29", "no such day in 2025: Feb 29; the date was kept without a year"),
        ("Feb 29", None, "--02-29", None),
    ],
)
def test_a_day_that_does_not_exist_is_named(
    day: str, year: int | None, expected: str | None, complaint: str | None
) -> None:
    papers, problems = read(f"A Title\n\n{LONG}\n  • 2 authors\n·\n{day}\n", year)

    assert papers[0].date == expected
    assert problems == ([f"page.txt:4: {complaint}"] if complaint else [])


def test_bytes_that_are_not_utf_8_are_replaced_and_named() -> None:
    papers, problems = read(f"{HEAD}Caf".encode() + b"\xe9 Title \xff\n\n" + LONG.encode())

    assert papers[0].title == "Caf\ufffd Title \ufffd"
    assert problems == [
        "page.txt:13: not UTF-8: 0xE9 at column 4, 0xFF at column 12; "
        "each such byte was replaced by U+FFFD; save the file as UTF-8"
    ]


def test_control_characters_are_replaced_and_named() -> None:
    papers, problems = read(f"{HEAD}A\x01 Title\n\n{LONG}")

    assert papers[0].title == "A\ufffd Title"
    assert problems == [
        "page.txt:13: 1 control characters (U+0001) were replaced by U+FFFD; remove them from the input"
    ]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (HEAD, "page.html", True),
        (f"A Title\n\n{LONG}\n  • 8 authors\n·\nMay 18, 2024", "page.md", True),
        (f"A Title\n\n{LONG}\n  • 8 authors\n·\nMay\u00a018,\u00a02024", "page.md", True),
        (f"A Title\n\n{LONG}\n\nNext Title\n\n{LONG}", "page.txt", True),
        (f"A Title\r\n\r\n{LONG}", "stdin", True),
        (f"A Title\n\n{LONG}", "README.md", False),
        (f"An Essay\n\n{LONG}\n\n{LONG}\n\n{LONG}\n\n{LONG}", "essay.txt", False),
        ("one\n\ntwo\n\nthree", "list.txt", False),
        (f"# A Title\n\n{LONG}", "notes.txt", False),
        (f"id\ttitle\tabstract\n\n1\tA\t{LONG}", "table.txt", False),
        ('{"title": "Daily"}', "papers.txt", False),
        ("x" * 65536, "long.txt", False),
    ],
)
def test_a_page_is_recognised_by_its_content(text: str, name: str, expected: bool) -> None:
    assert listing.recognise(text.encode(), name) is expected


WORDS = st.text("abcdefgh ABC-:é€𝛼\"<>&'\\%{}…", min_size=1, max_size=80).map(lambda text: f"T{text.strip()}t")
TRAILERS = st.one_of(
    st.none(),
    st.tuples(
        st.one_of(st.integers(0, 500), WORDS.filter(lambda text: " " not in text)),
        st.dates(min_value=date(1000, 1, 1)),
        st.booleans(),
        st.one_of(st.none(), st.integers(0, 999)),
    ),
)


@given(
    entries=st.lists(st.tuples(WORDS, WORDS.map(lambda text: f"{text}{'.' * MAX_TITLE}"), TRAILERS), min_size=1),
    with_head=st.booleans(),
)
def test_a_page_made_of_entries_is_read_back_as_these_entries(
    entries: list[tuple[str, str, tuple[int | str, date, bool, int | None] | None]], with_head: bool
) -> None:
    page, expected = HEAD if with_head else "", []
    for title, abstract, trailer in entries:
        page += f"{title}\n\n{abstract}\n\n"
        facts: tuple[str | int | None, ...] = (title, abstract, None, None, None, None)
        if trailer is not None:
            who, day, with_year, comments = trailer
            page += f"  • {who} authors" if isinstance(who, int) else who
            page += f"\n·\n{day:%b} {day.day}" + (f", {day.year}" if with_year else "")
            page += ("" if comments is None else f" {comments}") + "\n\n"
            count, organisation = (who, None) if isinstance(who, int) else (None, who)
            facts = (title, abstract, count, organisation, day.isoformat() if with_year else f"{day:--%m-%d}", comments)
        expected.append(facts)

    papers, problems = read(page)

    assert problems == []
    assert [
        (
            paper.title,
            paper.abstract,
            paper.author_count,
            paper.organisation,
            paper.date,
            paper.entries[0].comment_count,
        )
        for paper in papers
    ] == expected
