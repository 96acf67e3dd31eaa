"""Where the name in a noun phrase begins and ends, and what its last noun says of it."""

from __future__ import annotations

import pytest
from spacy.language import Language

from kg.extract import create_pipeline


@pytest.fixture(scope="module")
def nlp() -> Language:
    return create_pipeline(until="kg_heads")


def names(nlp: Language, text: str) -> list[str]:
    """Give the names that the heads of `text` tell, in text order, in full where the text shortens them."""
    doc = nlp(text)
    expanded = doc.user_data.get("kg_expanded", {})
    found = {(span.start, span.end): expanded.get(span.start, span.text) for span in doc.spans["kg_heads"]}
    return [found[extent] for extent in sorted(found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A participle after the noun: user clicks collected by us.", ["user clicks"]),
        ("They need a data watershed.", ["data watershed"]),
        ("It solves the inverse problem.", ["inverse problem"]),
        ("It needs an auxiliary task.", ["auxiliary task"]),
        ("It needs a retrieval method.", []),
        ("It is a survival analysis.", ["survival analysis"]),
        ("It is a thorough analysis.", []),
        ("It is a novel error-minimization framework.", ["error-minimization"]),
    ],
)
def test_a_name_ends_with_a_noun_that_says_something(nlp: Language, text: str, expected: list[str]) -> None:
    assert names(nlp, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rethinking spatial attention for robots", ["spatial attention"]),
        ("The use of diagnosing plant networks.", ["plant networks"]),
        ("Scaling graph transformers", ["graph transformers"]),
        ("Spiking graph transformers", ["Spiking graph transformers"]),
        ("We tune a spring network.", ["spring network"]),
        ("It is limited by training noise.", ["training noise"]),
        ("Training noise is a limit.", ["Training noise"]),
    ],
)
def test_a_name_does_not_begin_with_a_verb(nlp: Language, text: str, expected: list[str]) -> None:
    assert names(nlp, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for bird and plant classification.", ["bird classification", "plant classification"]),
        ("for bird, plant, and cloud segmentation.", ["bird segmentation", "plant segmentation", "cloud segmentation"]),
        ("with pre- and post-flight accuracy.", ["pre-flight accuracy", "post-flight accuracy"]),
        ("with birds and plant classification.", ["plant classification"]),
        ("the birds, and plant classification.", ["plant classification"]),
    ],
)
def test_names_that_share_a_head_are_read_in_full(nlp: Language, text: str, expected: list[str]) -> None:
    assert names(nlp, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by a wavelet transform of it.", ["wavelet transform"]),
        ("by hand pose estimation.", ["hand pose estimation"]),
        ("The networks transform a signal.", []),
        ("The wavelet network transforms signals.", ["wavelet network"]),
    ],
)
def test_a_word_that_may_be_a_verb_is_a_noun_where_no_verb_can_stand(
    nlp: Language, text: str, expected: list[str]
) -> None:
    assert names(nlp, text) == expected


@pytest.mark.parametrize(
    ("title_end", "expected"),
    [(100, ["Segmentation", "Segmentation of river banks"]), (0, ["Segmentation"])],
    ids=["in a title", "in an abstract"],
)
def test_a_title_names_a_task_by_what_is_done_to_what(nlp: Language, title_end: int, expected: list[str]) -> None:
    doc = nlp.make_doc("Robust Segmentation of river banks")
    doc.user_data["kg_title_end"] = title_end
    for _, component in nlp.pipeline:
        doc = component(doc)
    found = {span.text for span in doc.spans["kg_heads"] if span.label_ == "Task"}
    assert sorted(found) == expected
