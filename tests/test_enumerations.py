"""Lists: what the members of one list tell of each other's type."""

from __future__ import annotations

import pytest

from kg.extract import create_pipeline
from kg.extract.enumerations import FELLOW

NLP = create_pipeline(until="kg_enumerations")


@pytest.mark.parametrize(
    ("text", "fellows"),
    [
        pytest.param("It works on CIFAR-10, FooBar and SVHN.", ["FooBar"], id="between known datasets"),
        pytest.param("It works on FooBar and SVHN.", ["FooBar"], id="before a known dataset"),
        pytest.param("We compare FooBar and ResNet-50.", [], id="beside a known model"),
        pytest.param("We train FooBar, ResNet-50 and ImageNet.", [], id="beside things of two types"),
        pytest.param("We use FooBar on ImageNet.", [], id="in no list"),
        pytest.param("It covers image classification and SVHN.", [], id="no name"),
    ],
)
def test_an_unknown_name_among_known_datasets_is_read_as_one(text: str, fellows: list[str]) -> None:
    doc = NLP(text)
    found = [span for span in doc.spans["kg_enumerations"] if span.id_ == FELLOW]
    assert [(span.text, span.label_) for span in found] == [(name, "Dataset") for name in fellows]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We use CIFAR-10/100.", ["CIFAR-100"]),
        ("We use WMT-14 and -16.", ["WMT-16"]),
        ("We use FooBar 2007 and 2012.", ["FooBar 2012"]),
        ("We use FooBar 2007, 2010, and 2012.", ["FooBar 2010", "FooBar 2012"]),
        ("We use FooBar-10 and 2012 images.", []),
        ("In FooBar 2007 and 12 others.", []),
    ],
)
def test_a_shortened_member_of_a_list_has_its_full_name(text: str, names: list[str]) -> None:
    assert list(NLP(text).user_data.get("kg_expanded", {}).values()) == names


@pytest.mark.parametrize(
    ("abstract", "member"),
    [
        ("On CIFAR-10, FooBar halves the error.", False),
        ("On CIFAR-10 and MNIST, FooBar halves the error.", False),
        ("We test on CIFAR-10, FooBar, and MNIST.", True),
        ("We test on MNIST, FooBar.", True),
    ],
)
def test_a_name_after_a_comma_is_a_member_only_where_the_list_goes_on_or_ends(abstract: str, member: bool) -> None:
    doc = NLP(abstract)
    read = [span.text for span in doc.spans["kg_enumerations"] if span.id_ == FELLOW]
    assert read == (["FooBar"] if member else [])
