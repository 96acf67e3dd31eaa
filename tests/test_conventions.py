"""The conventions in which corpora of others name datasets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.conventions import Convention, Extent, keep, trim, widen
from kg.extract.words import load_words


def unmark(marked: str) -> tuple[str, list[Extent]]:
    """Give the text without braces, and what stands in them, which may be nested."""
    text, begins, extents = "", [], []
    for character in marked:
        if character == "{":
            begins.append(len(text))
        elif character == "}":
            extents.append((begins.pop(), len(text)))
        else:
            text += character
    return text, extents


def names(convention: Convention, marked: str) -> list[str]:
    text, extents = unmark(marked)
    return sorted(text[start:end] for start, end in convention(text, extents))


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("on {FooSet}.", ["FooSet"]),
        ("on {the FooSet dataset}.", ["FooSet"]),
        ("on {The popular large-scale FooSet}", ["FooSet"]),
        ("on {FooSet Benchmark} and {Bar Test Set}", ["FooSet", "Bar"]),
        ("on {FooSet training data}", ["FooSet"]),
        ("on {FooSet benchmark datasets}", ["FooSet"]),
        ("on {Foo  data\nsets}", ["Foo"]),
        # what is not all of a word, or not at an edge
        ("on {FooDataset}, {Theory} and {The-Foo}", ["FooDataset", "Theory", "The-Foo"]),
        ("on {Foo dataset 2.0}", ["Foo dataset 2.0"]),
        # a word of the name stays
        ("on {the dataset}, {benchmark}", ["dataset", "benchmark"]),
        # what comes to the same is one name
        ("on {the {FooSet} corpus}", ["FooSet"]),
        ("what is behind {FooSet} dataset", ["FooSet"]),
    ],
)
def test_a_trimmed_name_has_no_noun_behind_and_no_article_before(marked: str, expected: list[str]) -> None:
    assert names(trim, marked) == sorted(expected)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("on {FooSet}.", ["FooSet"]),
        ("on {FooSet} dataset.", ["FooSet dataset"]),
        ("on the {FooSet} benchmark data sets.", ["FooSet benchmark data sets"]),
        ("on {FooSet} test set", ["FooSet test set"]),
        ("on {FooSet} datasetting", ["FooSet"]),
        ("on {FooSet}, datasets", ["FooSet"]),
        # several names with one noun
        ("on {Foo} and {Bar} datasets", ["Foo and Bar datasets"]),
        ("on {Foo}, {Bar}, and {Baz} corpora", ["Foo, Bar, and Baz corpora"]),
        ("on {Foo}, {Bar}, and {Baz}", ["Foo", "Bar", "Baz"]),
        ("on {Foo} dataset and {Bar} dataset", ["Foo dataset", "Bar dataset"]),
        ("on {Foo} against {Bar} dataset", ["Foo", "Bar dataset"]),
        # a name and its acronym
        ("on {Foo Set} ({FS}).", ["Foo Set (FS)"]),
        ("on {Foo Set} ({FS}) dataset", ["Foo Set (FS) dataset"]),
        ("on {Foo Set} dataset ({FS})", ["Foo Set dataset (FS)"]),
        ("on {Foo Set} ({FS}) and {Bar Set} ({BS}) datasets", ["Foo Set (FS) and Bar Set (BS) datasets"]),
        ("on {Foo Set} ({FS} and more)", ["Foo Set", "FS"]),
        # nested names
        ("on {the {Foo} speech} corpus", ["the Foo speech corpus"]),
        ("", []),
    ],
)
def test_a_widened_name_has_its_noun_its_fellows_and_its_acronym(marked: str, expected: list[str]) -> None:
    assert names(widen, marked) == sorted(expected)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "{Foo}", "{the Foo data}", "{Foo {Bar} set}", "dataset", "data sets"]),
            st.sampled_from([" ", ", ", " and ", " (", ") "]),
        ),
        max_size=8,
    )
)
@pytest.mark.parametrize("convention", [keep, trim, widen])
def test_a_convention_applied_twice_is_as_applied_once(convention: Convention, pieces: list[tuple[str, str]]) -> None:
    text, extents = unmark("".join(name + joint for name, joint in pieces))

    once = convention(text, extents)

    assert convention(text, once) == once
    assert all(0 <= start < end <= len(text) for start, end in once)


def test_the_nouns_are_those_of_the_word_lists() -> None:
    generic = [noun for noun, type_ in load_words().generic_nouns.items() if type_ == "Dataset"]
    nouns = [*generic, *map(" ".join, load_words().dataset_nouns)]

    assert len(nouns) > len(generic) > 0
    assert {*names(trim, "".join(f"{{Foo {noun}}}; " for noun in nouns))} == {"Foo"}
