"""What a file of statistics says of a name, how it is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import DataFileError, InputError
from kg.extract import Extractor, create_pipeline
from kg.extract.statistics import (
    AGAINST,
    FAR_AGAINST,
    KINDS,
    SHIPPED,
    TITLE,
    Counts,
    Statistics,
    columns,
    load_statistics,
    to_tsv,
)
from kg.model import Paper

HEAD = f"{TITLE}: counted\n" + "\t".join(("#", *columns()))


def counts(papers: int, titles: int = 0, repeated: int = 0, **types: int) -> Counts:
    return (papers, titles, repeated, *(types.get(kind, 0) for kind in columns()[3:]))


TABLE = {
    "names": {
        "gloopmatching": counts(40, Task=30),
        "blipnorm": counts(30, Method=6),
        "plainsorting": counts(400),
    },
    "first": {
        "careful": counts(200, 1, 1),
        "gloop": counts(200, 60, 60),
        "rare": counts(9, 9, 9),
    },
    "last": {
        "sorting": counts(90, Task=60, Method=2),
        "lazy sorting": counts(40, Method=30),
    },
    "all": {"common": counts(10_000, Dataset=100, Method=1000, Metric=100, Model=100, Task=800)},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "statistics.tsv"
    path.write_text(to_tsv(1234, TABLE), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "kind", "rule"),
    [
        # what is said of the phrase itself, however it is spelt
        ("gloop matching", "Method", FAR_AGAINST),
        ("Gloop-Matchings", "Method", FAR_AGAINST),
        ("gloop matching", "Task", None),
        # of an unknown phrase, what is said of its end; two words say more than one
        ("swift sorting", "Method", FAR_AGAINST),
        ("swift sorting", "Task", None),
        ("swift lazy sorting", "Method", None),
        ("swift lazy sorting", "Task", AGAINST),
        # a few readings of a phrase weigh less than many
        ("blipnorm", "Task", AGAINST),
        # of what nobody knows nothing is said
        ("zorp", "Task", None),
        ("zorp", "Method", None),
    ],
)
def test_a_phrase_is_read_as_the_words_around_it_speak_elsewhere(
    path: Path, name: str, kind: str, rule: str | None
) -> None:
    assert dict(Statistics(path).readings(name)).get(kind) == rule


@pytest.mark.parametrize(
    ("phrase", "features"),
    [
        ("careful zorp", {"first-repeated-0", "first-title-0", "new-end-0"}),
        ("gloop matching", {"first-repeated-4", "first-title-4", "known-end-0"}),
        ("rare plain sorting", {"first-unknown", "new-end-3"}),
        ("careful blipnorm", {"first-repeated-0", "first-title-0", "new-end-2"}),
        ("zorp", set()),
    ],
)
def test_the_first_word_and_the_end_tell_a_term_from_a_description(path: Path, phrase: str, features: set[str]) -> None:
    assert set(Statistics(path).features(phrase)) == features


def test_a_phrase_is_read_at_its_first_place_alone_and_a_coined_name_nowhere(path: Path) -> None:
    nlp = create_pipeline(until="kg_statistics", statistics=path)
    doc = nlp("The gloop matching is old, and gloop matching is large, unlike FlarNet.")
    spans = doc.spans["kg_statistics"]
    assert {(span.text, span.start) for span in spans} == {("gloop matching", 1)}
    assert ("Method", FAR_AGAINST) in {(span.label_, span.id_) for span in spans}


def test_ones_own_file_changes_the_type_where_the_abstract_leaves_it_open(path: Path) -> None:
    paper = Paper(title="Gloop Wombling", abstract="Gloop wombling is hard. Here gloop wombling is seen anew.")
    for kind in ("Task", "Method"):
        table = {**TABLE, "names": {"gloopwombling": counts(99, **{kind: 99})}}
        path.write_text(to_tsv(1, table), encoding="utf-8")
        load_statistics.cache_clear()
        assert [each.entity.type for each in Extractor(statistics=path).review(paper).candidates] == [kind]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins ''; a file of `kg learn` begins"),
        ("name\tpapers\n", "begins 'name"),
        (f"{TITLE}\n#\tpapers\n[names]\n", "and names its columns"),
        (f"{HEAD}\n[nouns]\n", r"has a section \[nouns\]; allowed are names, first, last, all"),
        (f"{HEAD}\n[names]\nflarnet\t3\nblip\t4\n", r"section \[names\] is not sorted"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "odd.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError, match=message) as error:
        Statistics(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("line", ["flarnet\tmany", "flarnet\t1.5", "flarnet\t" + "1\t" * len(columns()) + "1"])
def test_counts_that_are_none_are_refused_when_they_are_needed(tmp_path: Path, line: str) -> None:
    path = tmp_path / "odd.tsv"
    path.write_text(f"{HEAD}\n[names]\n{line}\n", encoding="utf-8")
    with pytest.raises(
        DataFileError, match=rf"section \[names\]: 'flarnet' has .*; allowed are at most {len(columns())} counts"
    ):
        Statistics(path).readings("flarnet")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "statistics.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as statistics of names"):
        Statistics(path)


KEYS = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=8)
COUNTS = st.tuples(st.integers(1, 999), *[st.integers(0, 999)] * (len(columns()) - 1))


@given(table=st.fixed_dictionaries({kind: st.dictionaries(KEYS, COUNTS, max_size=5) for kind in KINDS}))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, table: dict[str, dict[str, Counts]]) -> None:
    path = tmp_path_factory.mktemp("statistics") / "statistics.tsv"
    path.write_text(to_tsv(1, table), encoding="utf-8")
    statistics = Statistics(path)
    assert all(statistics.counts(kind, key) == found for kind in KINDS for key, found in table[kind].items())
    assert len(statistics) == len(table["names"])


@given(name=st.text(min_size=1, max_size=30))
def test_of_no_phrase_all_types_are_seldom(name: str) -> None:
    assert len(load_statistics().readings(name)) < len(columns()) - 3


def test_the_file_that_ships_is_small_and_knows_the_field() -> None:
    assert SHIPPED.stat().st_size < 5_000_000
    for section in SHIPPED.read_text(encoding="utf-8").removesuffix("\n").split("\n[")[1:]:
        keys = [line.split("\t")[0] for line in section.split("\n")[1:]]
        assert len(set(keys)) == len(keys) > 0
    statistics = load_statistics()
    assert ("Method", AGAINST) in statistics.readings("object detection")
    assert ("Task", FAR_AGAINST) in statistics.readings("knowledge distillation")
    assert "first-repeated-0" in statistics.features("detailed analysis")
