"""Every IRI of the data: valid, ASCII, the same for the same key, another for another key."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.errors import IRIError, KGError
from kg.iris import DEFAULT_BASE, Minter, web_iri, web_key
from kg.names import fold

RFC_3986 = re.compile(r"https?://[A-Za-z0-9._:-]+(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
TYPES = ("Method", "Model", "Dataset", "Task", "Metric")

HOSTILE = (
    'A "quoted" <title> with {braces}',
    "!!!",
    "???",
    "",
    "深度学习",
    "Обучение без учителя",
    "nul \x00 and bell \x07",
    "lone surrogate \ud800",
    "back\\slash ^ caret ` tick | pipe",
    "javascript:alert(1)",
    "../../etc/passwd",
    "a" * 5000,
    "%zz %41",
)

text = st.text(st.characters(), max_size=80) | st.sampled_from(HOSTILE)


def is_valid(iri: str) -> bool:
    NamedNode(iri)
    return iri.isascii() and RFC_3986.fullmatch(iri) is not None and iri.count("#") <= 1


def mint_all(minter: Minter, key: str) -> list[str]:
    paper = minter.paper(fold(key))
    return [
        paper,
        minter.text(paper),
        minter.author(paper, 1),
        *(minter.thing(type_, fold(key)) for type_ in TYPES),
        minter.thing("Method", fold(key), introducer="some paper"),
        minter.thing("Method", fold(key), introducer=key),
        minter.mention(key, 1, 2),
        minter.result(key, 1, 2),
        minter.build(key),
        minter.dataset,
    ]


@pytest.mark.parametrize("base", [DEFAULT_BASE, "http://localhost:8000/kg/", "https://example.org/data#"])
@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_names_give_valid_iris_under_the_base(base: str, key: str) -> None:
    minted = mint_all(Minter(base), key)
    assert all(is_valid(iri) and iri.startswith(base) for iri in minted)
    assert len(set(minted)) == len(minted)


@given(text)
def test_minted_iris_are_valid_and_stable(key: str) -> None:
    minted = mint_all(Minter(), key)
    assert all(is_valid(iri) for iri in minted)
    assert minted == mint_all(Minter(), key)


@given(st.sampled_from(TYPES), st.sampled_from(TYPES), text, text)
def test_two_things_never_share_an_iri(type1: str, type2: str, name1: str, name2: str) -> None:
    minter = Minter()
    same = (type1, fold(name1)) == (type2, fold(name2))
    assert (minter.thing(type1, fold(name1)) == minter.thing(type2, fold(name2))) is same


@given(text, text)
def test_two_papers_never_share_an_iri(title1: str, title2: str) -> None:
    minter = Minter()
    if fold(title1) != fold(title2):
        assert minter.paper(fold(title1)) != minter.paper(fold(title2))


SPELLINGS = ("GPT-4: A <Technical> Report", "gpt4 a technical reports", "GPT 4 – A Technical Report")


def test_all_spellings_of_a_title_or_name_give_one_iri() -> None:
    minter = Minter()
    assert len({minter.paper(fold(title)) for title in SPELLINGS}) == 1
    assert len({minter.thing("Method", fold(title)) for title in SPELLINGS}) == 1


@given(st.lists(st.text(max_size=6) | st.integers(), max_size=4), st.lists(st.text(max_size=6), max_size=4))
def test_what_identifies_a_mention_is_never_run_together(first: list[str | int], second: list[str]) -> None:
    minter = Minter()
    same = [str(part) for part in first] == second
    assert (minter.mention(*first) == minter.mention(*second)) is same


LOOKALIKES = ("c*algebra", "calgebra", "c+algebra", "α", "β", "ab", "a b", "c-algebra-e9679046", "a" * 60, "a" * 61)


def test_names_with_the_same_slug_are_kept_apart() -> None:
    minter = Minter()
    minted = [minter.thing("Method", key) for key in LOOKALIKES]
    assert all(one != other for one, other in combinations(minted, 2))


def test_each_of_several_introductions_has_its_own_iri_beside_the_plain_one() -> None:
    minter = Minter()
    minted = {minter.thing("Method", "gam", introducer=paper) for paper in ("first paper", "second paper")}
    assert len(minted | {minter.thing("Method", "gam")}) == 3


BASES_REFUSED = (
    "",
    "w3id.org/paper-kg/",
    "/relative/",
    "https://example.org/data",
    "https://example.org/a b/",
    'https://example.org/"/',
    "https://example.org/<x>/",
    "https://example.org/é/",
    "https://example.org/#a/",
    "https://example.org/##",
    "https://example.org/?q=/",
    "https:///",
    "https://",
    "urn:example:",
    "javascript:alert(1)/",
    "ftp://example.org/",
    "https://example.org/\n/",
    " https://example.org/",
)


@pytest.mark.parametrize("base", BASES_REFUSED)
def test_a_base_that_cannot_carry_iris_is_refused_with_what_is_allowed(base: str) -> None:
    with pytest.raises(KGError, match=r"must be an absolute http\(s\) IRI in ASCII that ends in / or #"):
        Minter(base)


WEB = {
    # as it is
    "https://github.com/a/b": "https://github.com/a/b",
    "https://example.org/a?b=c&d=e#f": "https://example.org/a?b=c&d=e#f",
    "https://example.org/%7Euser": "https://example.org/%7Euser",
    "http://localhost:8080/x": "http://localhost:8080/x",
    # made valid
    " HTTPS://GitHub.com/A/B ": "https://github.com/A/B",
    "https://a.org/x y": "https://a.org/x%20y",
    'https://a.org/<"{}|\\^`>': "https://a.org/%3C%22%7B%7D%7C%5C%5E%60%3E",
    "https://a.org/[x]": "https://a.org/%5Bx%5D",
    "https://a.org/100%": "https://a.org/100%25",
    "https://a.org/x#y#z": "https://a.org/x#y%23z",
    "https://a.org/é": "https://a.org/%C3%A9",
    "https://müller.de/": "https://xn--mller-kva.de/",
}
NO_WEB = (
    "",
    "github.com/a/b",
    "javascript:alert(1)",
    "JavaScript://example.org/%0aalert(1)",
    "data:text/html,<script>",
    "file:///etc/passwd",
    "ftp://example.org/x",
    "mailto:a@example.org",
    "https://",
    "https:///path",
    "https://?q",
    "https://a b.org/",
    "https://a..org/",
    "https://<host>/",
    "https://user:secret@example.org/",
    "https://a.org:port/",
    "https://a.org/\x00",
    "https://a.org/x\ny",
    "https://a.org/\ud800",
    "https://" + "a" * 300 + ".org/",
)


@pytest.mark.parametrize(("address", "iri"), WEB.items())
def test_a_web_address_becomes_a_valid_iri(address: str, iri: str) -> None:
    assert web_iri(address) == iri
    assert is_valid(iri)
    assert web_iri(iri) == iri


@pytest.mark.parametrize("address", NO_WEB)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    minter = Minter()
    for function in (web_iri, web_key, minter.repository, minter.page):
        with pytest.raises(IRIError, match="is no web address; it must start with http"):
            function(address)


@given(st.text(max_size=40))
def test_any_path_is_refused_or_made_valid_and_then_stays(path: str) -> None:
    try:
        iri = web_iri(f"https://example.org/{path}")
    except IRIError:
        return
    assert is_valid(iri)
    assert web_iri(iri) == iri
    assert is_valid(Minter().repository(iri))


SAME_PLACE = (
    "https://github.com/a/b",
    "http://github.com/a/b",
    "https://www.github.com/a/b/",
    "https://GITHUB.com/a/b.git",
    "https://github.com/A/B",
)


def test_spellings_of_one_address_are_one_repository() -> None:
    minter = Minter()
    assert len({minter.repository(address) for address in SAME_PLACE}) == 1
    assert minter.repository("https://github.com/a/b") != minter.repository("https://github.com/a/b/c")
    assert minter.repository("https://github.com/a/b-c") != minter.repository("https://github.com/a/b/c")
    assert minter.repository("https://github.com/a/b") != minter.page("https://github.com/a/b")


@pytest.mark.parametrize("host", ["github.com", "gitlab.com", "huggingface.co"])
def test_case_matters_in_a_path_unless_the_site_disregards_it(host: str) -> None:
    assert web_key(f"https://{host}/Owner/Name") == web_key(f"https://{host}/owner/name")
    assert web_key(f"https://{host}/a?Q#F") != web_key(f"https://{host}/a?q#f")
    assert web_key(f"https://{host}.example.org/A") != web_key(f"https://{host}.example.org/a")
