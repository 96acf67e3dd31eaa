"""Keys of names: what does not tell two names apart does not matter, everything else does."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.names import fold, fold_loosely, visible

SAME = (
    ("Spiking Neural Networks", "spiking-neural network", "Spiking_Neural_Network"),
    ("GPT-4", "gpt 4", "GPT4"),
    ("Poincaré Maps", "Poincare map", "POINCARÉ MAP", "Poincare\u0301 map"),
    ("Müller", "Muller"),
    ("ﬁne-tuning", "fine tuning", "fine\u2011tuning", "fine−tuning"),
    ("Straße", "STRASSE"),
    ("α-Net", "Α-net", "ά-net"),
    ("auto\u00adencoder", "autoencoder", "\ufeffauto\u200bencoder"),
    ("Gemini 1.5", "gemini-1.5", "Gemini_1.5"),
    ("Llama 2 7B", "Llama-2-7B", "llama2-7b"),
    ("StyleGAN2.", "(StyleGAN2)"),
    ("x²", "x2"),
    ("й", "и\u0306"),
    ("が", "か\u3099"),
)

DIFFERENT = (
    ("基于BERT的情感分析", "基于BERT的机器翻译", "BERT"),
    ("C", "C#", "C++", "C*"),
    ("∞-former", "former"),
    ("Ä-Net", "Net"),
    ("Gemini 1.5", "Gemini 15"),
    ("Llama 2 7B", "Llama 27B", "Llama 2.7B"),
    ("YOLOv5", "YOLOv5s"),
    ("Обучение", "обучении", "!!!", "???"),
    ("йод", "иод"),
    ("が", "か"),
    ("कि", "की", "क"),
)


@pytest.mark.parametrize("names", SAME)
def test_spellings_of_one_name_meet(names: tuple[str, ...]) -> None:
    assert len({fold(name) for name in names}) == 1


@pytest.mark.parametrize("names", DIFFERENT)
def test_different_names_stay_apart(names: tuple[str, ...]) -> None:
    assert all(fold(one) != fold(other) for one, other in combinations(names, 2))


@given(st.text(max_size=30))
def test_a_name_with_letters_folds_to_letters_digits_and_no_space(name: str) -> None:
    key = fold(name)
    if any(char.isalnum() for char in unicodedata.normalize("NFKC", visible(name))):
        assert key
        assert not any(char.isspace() for char in key)


@given(st.text(st.characters(max_codepoint=127), min_size=1, max_size=20), st.sampled_from("-_ ("))
def test_case_and_marks_between_words_do_not_matter(name: str, mark: str) -> None:
    if name.strip() and any(char.isalnum() for char in name):
        assert fold(name.upper()) == fold(name.lower())
        assert fold(f"{name} x") == fold(f"{name}{mark}x")


@given(st.text(st.sampled_from("abs 1-α*"), max_size=12), st.text(st.sampled_from("abs 1-α*"), max_size=12))
def test_what_the_finer_folding_merges_the_looser_one_merges(one: str, other: str) -> None:
    if fold(one) == fold(other):
        assert fold_loosely(one) == fold_loosely(other) or "s" in one + other  # YOLOv5s


LOOSE = {
    "Gemini 1.5": "gemini15",
    "Llama 2 7B": "llama27b",
    "基于BERT的情感分析": "bert",
    "YOLOv5s": "yolov5",
    "Ä-Net": "net",
    "C*-algebras": "c*algebra",
    "!!!": "!!!",
}


@pytest.mark.parametrize(("name", "key"), LOOSE.items())
def test_the_looser_folding_is_that_of_the_annotation_guide(name: str, key: str) -> None:
    assert fold_loosely(name) == key


def test_joiners_that_a_script_spells_with_stay() -> None:
    assert visible("می\u200cخواهم") == "می\u200cخواهم"
    assert visible("GAN\u200ds") == "GANs"
