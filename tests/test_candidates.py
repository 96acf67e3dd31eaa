"""Which of overlapping spans is the candidate."""

from __future__ import annotations

import pytest

from kg.extract import create_pipeline

NLP = create_pipeline(until="kg_candidates")


@pytest.mark.parametrize(
    ("text", "candidate"),
    [
        pytest.param("We use the FooBar paradigm.", "FooBar", id="a coined name before a noun of unknown type"),
        pytest.param("We use the FooBar database.", "FooBar", id="a coined name before one noun for a dataset"),
        pytest.param("We use FooBar distillation.", "FooBar distillation", id="a coined name in a method's name"),
        pytest.param(
            "We use the FooBar patient record database.",
            "FooBar patient record database",
            id="a coined name before several nouns",
        ),
        pytest.param("We use vanilla ResNet-50.", "ResNet-50", id="a known name at the end of a phrase"),
        pytest.param("We use ImageNet 2012.", "ImageNet 2012", id="a known name with a year"),
        pytest.param("We use SVHN 2012.", "SVHN 2012", id="a known acronym with a year"),
        pytest.param(
            "We use low-latency speech recognition.", "speech recognition", id="a known task after a description"
        ),
        pytest.param("We use bird speech recognition.", "bird speech recognition", id="a known task after a noun"),
        pytest.param(
            "We use a low-latency convolutional neural network.",
            "low-latency convolutional neural network",
            id="a known model after a description",
        ),
    ],
)
def test_one_of_overlapping_spans_is_the_candidate(text: str, candidate: str) -> None:
    doc = NLP(text)
    assert [span.text for span in doc.spans["kg_candidates"]] == [candidate]


def test_a_known_name_and_what_is_based_on_it_are_two_candidates() -> None:
    doc = NLP("We use a BERT-based plant knowledge retrieval.")
    assert [span.text for span in doc.spans["kg_candidates"]] == ["BERT", "plant knowledge retrieval"]
