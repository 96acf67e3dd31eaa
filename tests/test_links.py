"""Addresses in all the forms that abstracts give them, and whose they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.links import LinkFinder, clean_address
from kg.extract.pipeline import create_pipeline, make_doc
from kg.model import Link, Paper

NLP = create_pipeline(until="kg_sentences")
FINDER = LinkFinder()


def links(text: str, title: str = "A title") -> list[Link]:
    doc = make_doc(NLP, Paper(title=title, abstract=text))
    for _, component in NLP.pipeline:
        doc = component(doc)
    return FINDER.find(doc)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Code: github.com/owner/name", "https://github.com/owner/name"),
        ("Code: www.example.org.", "https://www.example.org"),
        ("Code is at https: //github.com/owner/name.", "https://github.com/owner/name"),
        ("Code is at https:// github.com/owner/name.", "https://github.com/owner/name"),
        ("Code is at https://github.com/owner/ some-name.", "https://github.com/owner/some-name"),
        ("Code is at https://github.com/ owner/name.", "https://github.com/owner/name"),
        ("Code is at https://github.com/owner/a_\nlong_name.", "https://github.com/owner/a_long_name"),
        ("Code is at https://github.com/owner/a- long-name.", "https://github.com/owner/a-long-name"),
        ("Data: http://example.org/index. php?id=198.", "http://example.org/index.php?id=198"),
        ("Data: http://example.org/list.jsp? id=X06.", "http://example.org/list.jsp?id=X06"),
        ("See https://github.com/owner/ and the paper.", "https://github.com/owner/"),
        ("See https://example.org/page/ for details.", "https://example.org/page/"),
        (r"Code: https://github.com/owner/a\_b\_c.", "https://github.com/owner/a_b_c"),
        (r"Code: \url{https://github.com/owner/name}.", "https://github.com/owner/name"),
        (r"Code: \href{https://github.com/owner/name}{here}.", "https://github.com/owner/name"),
        (r"$\href{https://github.com/owner/name}{\textbf{codes}}$.", "https://github.com/owner/name"),
        (r"\href{https://github.com/o/n}{\textcolor{blue}{https://github.com/o/other}}.", "https://github.com/o/n"),
        (r"\href{https://github.com/o/a_b}{https://github.com/o/a\_b}.", "https://github.com/o/a_b"),
        ("Code: [here](https://github.com/owner/name).", "https://github.com/owner/name"),
        ("Code: [https://github.com/o/n](https://github.com/o/n).", "https://github.com/o/n"),
        ('Page: <a href="https://owner.github.io/name/">here</a>.', "https://owner.github.io/name/"),
        ("Code is here (https://github.com/owner/name).", "https://github.com/owner/name"),
        ("Code is here [https://github.com/owner/name].", "https://github.com/owner/name"),
        ("Code is here: <https://github.com/owner/name>.", "https://github.com/owner/name"),
        ("Data: https://en.example.org/wiki/Name_(thing).", "https://en.example.org/wiki/Name_(thing)"),
    ],
)
def test_an_address_is_read_whole_and_clean(text: str, url: str) -> None:
    assert [link.url for link in links(text)] == [url]


@pytest.mark.parametrize(
    "text", ["The and/or of it.", "A rate of 3.5/4.2.", "See file:///etc/passwd.", "i.e./e.g. this"]
)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("See https://huggingface.co/owner/name.", "model"),
        ("See https://huggingface.co/datasets/owner/name.", "dataset"),
        ("See https://huggingface.co/spaces/owner/name.", "project"),
        ("See https://huggingface.co/collections/owner/name-1a2b.", "project"),
        ("See https://anonymous.4open.science/r/name-1A2B.", "code"),
        ("See https://gitlab.com/owner/name.", "code"),
        ("See https://bitbucket.org/owner/name.", "code"),
        ("See https://zenodo.org/records/123.", "dataset"),
        ("See https://www.kaggle.com/datasets/owner/name.", "dataset"),
        ("See https://owner.github.io/name.", "project"),
        ("The dataset is at https://osf.io/1a2b3/.", "dataset"),
        ("Our videos are at https://osf.io/1a2b3/.", "project"),
        ("The dataset is at https://drive.google.com/file/d/1a2b.", "dataset"),
    ],
)
def test_the_kind_is_that_of_the_place_or_of_the_words(text: str, kind: str) -> None:
    assert [link.kind for link in links(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Our code is available at https://github.com/a/b.", True),
        ("The code can be found at https://github.com/a/b.", True),
        ("Project page: https://a.github.io/b.", True),
        ("It beats all others. https://github.com/a/b", True),
        ("We release FooBar (https://github.com/a/b), a large corpus.", True),
        ("We use the code available at https://github.com/a/b.", False),
        ("We build on the toolkit of Doe (https://github.com/a/b) for this.", False),
        ("Scenes were crawled from https://example.org/game by hand.", False),
        ("Pages of https://en.wikipedia.org/wiki/Parsing are available.", False),
        ("It needs no parser.\\footnote{We use the one at \\url{https://github.com/a/b}.}", False),
        ("It needs no parser.\\footnote{Code: \\url{https://github.com/a/b}}", True),
        ("We compare with the tagger of Doe et al. [1]. It is fast. \n1 https://github.com/a/b", False),
        ("We publish our code. [2]\n2 https://github.com/a/b", True),
        ("It is fast (Doe, 2011).\nJane Doe. 2011. A tagger. Available at https://example.org/tagger", False),
    ],
)
def test_an_address_is_the_papers_own_when_it_is_offered(text: str, own: bool) -> None:
    assert [link.own for link in links(text)] == [own]


def test_a_link_says_by_which_rules_and_how_surely() -> None:
    (link,) = links("Our code is available at https://github.com/a/b.")
    assert link.mention.rules == ("links.repository", "offers.ours")
    confidences = {rule.id: rule.confidence for rule in FINDER.offers}
    assert link.mention.confidence == confidences["offers.ours"]
    assert all(0.5 <= confidence <= 1 for confidence in confidences.values())


@given(st.text(alphabet="abchttps:/.com _-\\{}[]()?=&#\n ", max_size=80))
def test_any_text_can_be_searched(text: str) -> None:
    for link in links(f"See https://github.com/a/{text}"):
        assert clean_address(link.url) == link.url
        assert link.mention.text == f"A title\n\nSee https://github.com/a/{text}"[link.mention.start : link.mention.end]
