"""Explaining one paper: finding it, its marked text, and the page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.explain import Segment, explain, find_paper
from kg.model import Announcement, Entity, Entry, Extraction, Link, Listing, Mention, Paper, Result

PAPER = Paper(
    title='CRReLU: "Better" <b>Activation</b> & More',
    abstract="We propose CRReLU, from ReLU. <script>alert(1)</script> It reaches 80.22%. Code: https://github.com/a/b?x=1&y=2.",
    identifier="arxiv-1",
    date="2024-05-18",
    author_count=8,
    entries=(Entry(listing=Listing(name="<page>.txt", sha256="0" * 64, format="listing"), line=13),),
)


def mention(text: str, nth: int = 0, relation: str = "uses", rules: tuple[str, ...] = ("names.camel",)) -> Mention:
    start = -1
    for _ in range(nth + 1):
        start = PAPER.text.index(text, start + 1)
    return Mention(start=start, end=start + len(text), text=text, relation=relation, rules=rules, confidence=0.9)


URL = "https://github.com/a/b?x=1&y=2"
EXTRACTION = Extraction(
    paper=PAPER,
    entities=(
        Entity(
            type="Method",
            name="CRReLU",
            aliases=("Corrected ReLU",),
            relation="introduces",
            mentions=(mention("CRReLU"), mention("CRReLU", 1, "introduces", ("<cue>", "names.camel"))),
        ),
        Entity(type="Method", name="ReLU", relation="uses", mentions=(mention("ReLU", 1), mention("ReLU", 2))),
    ),
    links=(Link(url=URL, kind="code", own=True, mention=mention(URL, relation="hasRepository")),),
    results=(
        Result(value="80.22", unit="%", subject="CRReLU", mention=mention("It reaches 80.22%.", relation="hasResult")),
        Result(value="1", gain=True, metric="<FID>", mention=mention("It", relation="hasResult")),
    ),
)


def test_the_segments_are_the_whole_text_with_its_marks() -> None:
    segments = explain(EXTRACTION).segments

    assert "".join(segment.text for segment in segments) == PAPER.text
    assert [(segment.text, segment.mark.name, segment.mark.relation) for segment in segments if segment.mark] == [
        ("CRReLU", "CRReLU", "uses"),
        ("CRReLU", "CRReLU", "introduces"),
        ("ReLU", "ReLU", "uses"),
        (URL, URL, "hasRepository"),
    ]


def test_a_mention_within_another_is_in_the_table_though_not_marked() -> None:
    explanation = explain(EXTRACTION)

    assert len(explanation.marks) == 5
    assert explanation.mark_rows()[:4] == (
        ("type", "name", "relation", "words", "supports", "confidence", "rules"),
        ("Method", "CRReLU", "introduces", "CRReLU", "uses", "0.90", "names.camel"),
        ("Method", "CRReLU", "introduces", "CRReLU", "introduces", "0.90", "<cue>, names.camel"),
        ("Method", "ReLU", "uses", "ReLU", "uses", "0.90", "names.camel"),
    )


def test_addresses_and_results_are_tables() -> None:
    explanation = explain(EXTRACTION)

    assert explanation.link_rows() == (("kind", "address", "whose"), ("code", URL, "own"))
    assert explanation.result_rows()[1:] == (
        ("80.22 %", "level", "", "", "CRReLU", "It reaches 80.22%."),
        ("1", "gain", "<FID>", "", "", "It"),
    )


def test_what_is_announced_is_marked() -> None:
    announcement = Announcement(kind="code", mention=mention("It", relation="announces"))
    (mark,) = explain(Extraction(paper=PAPER, announcements=(announcement,))).marks
    assert (mark.text, mark.type, mark.name, mark.claim) == ("It", "Release", "code", "announces")


@pytest.mark.parametrize("name", ["CRReLU", "cr-relu", "Corrected ReLU"])
def test_one_thing_can_be_explained_by_any_of_its_names(name: str) -> None:
    explanation = explain(EXTRACTION, name)

    assert {mark.name for mark in explanation.marks} == {"CRReLU"}
    assert explanation.link_rows()[1:] == ()
    assert [row[0] for row in explanation.result_rows()[1:]] == ["80.22 %"]


def test_a_thing_that_the_paper_does_not_name_is_an_error_with_near_names() -> None:
    with pytest.raises(QueryError, match="does not name 'CReLU'; it names CRReLU, ReLU"):
        explain(EXTRACTION, "CReLU")


class Page(HTMLParser):
    """Collects the tags, addresses and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.titles: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.titles += [value or "" for name, value in attrs if name == "title"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_marks_each_mention_and_says_why() -> None:
    page = Page(explain(EXTRACTION).to_html())

    assert page.tags.count("mark") == 4
    assert page.titles[1] == "CRReLU: introduces, confidence 0.90, by <cue>, names.camel"
    assert page.tags.count("table") == 3
    assert {"names.camel", "Method", "Link", "80.22 %", "<FID>", "8 authors · 2024-05-18"} <= set(page.texts)
    assert "Read from <page>.txt, line 13" in page.texts


def test_the_page_escapes_everything_and_loads_nothing() -> None:
    html = explain(EXTRACTION).to_html()
    page = Page(html)

    assert html.startswith("<!DOCTYPE html>")
    assert PAPER.title in page.texts
    assert not {"script", "b", "link", "img", "iframe"} & set(page.tags)
    assert set(page.addresses) == {*(f"#m{index}" for index in range(5)), URL}
    assert "default-src 'none'" in html


def test_an_address_that_is_not_on_the_web_stays_text() -> None:
    link = Link(url="javascript:alert(1)", kind="project", own=True, mention=mention(URL))
    page = Page(explain(Extraction(paper=PAPER, links=(link,))).to_html())

    assert page.addresses == ["#m0"]
    assert "javascript:alert(1)" in page.texts


def test_a_paper_that_says_nothing_makes_a_page_too() -> None:
    explanation = explain(Extraction(paper=Paper(title="$title {x}", abstract="None.")))
    page = Page(explanation.to_html())

    assert explanation.segments == (Segment("$title {x}\n\nNone."),)
    assert "table" not in page.tags
    assert {"$title {x}", "None.", "Nothing was read from this paper."} <= {text.strip() for text in page.texts}


@given(st.data())
def test_no_segment_is_lost_whatever_the_marks(data: st.DataObject) -> None:
    text = data.draw(st.text(min_size=1, max_size=30))
    paper = Paper(title="", abstract=text)
    mentions = []
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        mentions.append(
            Mention(start=start, end=end, text=text[start:end], relation="uses", rules=("x",), confidence=0.5)
        )
    entity = Entity(type="Method", name="x", relation="uses", mentions=tuple(mentions))
    explanation = explain(Extraction(paper=paper, entities=(entity,)))

    assert "".join(segment.text for segment in explanation.segments) == text
    assert all(segment.text == segment.mark.text for segment in explanation.segments if segment.mark)
    assert Page(explanation.to_html()).tags.count("mark") == sum(s.mark is not None for s in explanation.segments)


PAPERS = tuple(
    Paper(title=title, abstract="x", identifier=identifier)
    for title, identifier in (
        ("Denoising Diffusion Models", "arxiv-1"),
        ("Denoising Diffusion Models for Graphs", "arxiv-2"),
        ("Kolmogorov-Arnold Networks", None),
        ("Kolmogorov-Arnold Transformer", None),
    )
)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("arxiv-2", "Denoising Diffusion Models for Graphs"),
        ("kolmogorov-arnold-networks", "Kolmogorov-Arnold Networks"),
        ("denoising diffusion model", "Denoising Diffusion Models"),
        ("Kolmogorov-Arnold T", "Kolmogorov-Arnold Transformer"),
        ("graphs diffusion", "Denoising Diffusion Models for Graphs"),
    ],
)
def test_a_paper_is_found_by_id_title_beginning_or_words(query: str, title: str) -> None:
    assert find_paper(PAPERS, query).title == title


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "kolmogorov",
            "'kolmogorov' fits 2 papers:\n  kolmogorov-arnold-networks  .*\n  kolmogorov-arnold-transformer ",
        ),
        (
            "Kolmogorov-Arnhold Networks",
            "no paper fits .*; did you mean one of these\\?\n  kolmogorov-arnold-networks ",
        ),
        ("graph denoising", "no paper fits .*; did you mean one of these\\?\n  denoising-diffusion-models"),
        ("zebra", "no paper fits 'zebra' among 4; give its id, or words of its title"),
        ("", "no paper fits '' among 4"),
        ("!?", "no paper fits '!\\?' among 4"),
    ],
)
def test_no_or_several_papers_are_an_error_that_names_the_near_ones(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        find_paper(PAPERS, query)


def test_a_long_address_breaks_in_its_column() -> None:
    html = explain(Extraction(paper=Paper(title="Zoology", abstract="Code: https://github.com/a/b."))).to_html()
    assert "td { overflow-wrap: anywhere; min-width: 7.5em; }" in html
