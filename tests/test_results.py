"""Numeric results: the numbers of the paper's own proposal, what they measure and on what; all else is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extract import Extractor
from kg.model import Paper, Result


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor()


Row = tuple[str, str | None, bool, str | None, str | None]
"""Value, unit, gain, metric, dataset."""


def _rows(results: tuple[Result, ...]) -> list[Row]:
    return [(r.value, r.unit, r.gain, r.metric, r.dataset) for r in results]


def _read(extractor: Extractor, text: str) -> list[Row]:
    return _rows(extractor(Paper(title="A Study", abstract=text)).results)


LEVELS: list[tuple[str, list[Row]]] = [
    (
        "Our model achieves 80.22% top-1 accuracy on Mini-ImageNet.",
        [("80.22", "%", False, "top-1 accuracy", "Mini-ImageNet")],
    ),
    ("We reach an impressive FID of 2.18 on ImageNet.", [("2.18", None, False, "FID", "ImageNet")]),
    (
        "Our model obtains 2.18 FID on ImageNet and 2.74 on CIFAR-10.",
        [("2.18", None, False, "FID", "ImageNet"), ("2.74", None, False, "FID", "CIFAR-10")],
    ),
    ("We raise accuracy from 70.8% to 77.7% on GSM8K.", [("77.7", "%", False, "accuracy", "GSM8K")]),
    ("It improves annotation speed (0.42 vs. 0.30 units/sec).", [("0.42", None, False, "annotation speed", None)]),
    ("We obtain an AUROC of $0.852 \\pm 0.01$.", [("0.852", None, False, "AUROC", None)]),
    ("We reach an F1 of .64 on SQuAD.", [(".64", None, False, "F1", "SQuAD")]),
    ("Our model achieves 60-70% accuracy.", [("60", "%", False, "accuracy", None)]),
    (
        "We reach accuracies of 60.1% and 70.2%.",
        [("60.1", "%", False, "accuracy", None), ("70.2", "%", False, "accuracy", None)],
    ),
    ("Our model runs at over 35 FPS.", [("35", None, False, "speed", None)]),
    ("Our model reaches a throughput of 32 FPS.", [("32", None, False, "throughput", None)]),
    ("Our model answers with 23.8 ms retrieval time.", [("23.8", None, False, "retrieval time", None)]),
    ("Our model beats experts on 7 out of 26 games.", [("7", None, False, None, None)]),
    ("It finds the best tool 94% of the time.", [("94", "%", False, None, None)]),
    ("We reach a Word Error Rate (WER) of 15.5.", [("15.5", None, False, "WER", None)]),
    (
        "We get the best MicroF1 (0.9436) and macro-f1 0.81.",
        [("0.9436", None, False, "MicroF1", None), ("0.81", None, False, "macro-f1", None)],
    ),
]

GAINS: list[tuple[str, list[Row]]] = [
    ("We outperform prior work by up to 2.94%.", [("2.94", "%", True, None, None)]),
    ("Our model is 2.52 times faster.", [("2.52", "x", True, "speed", None)]),
    ("Our model is 24x smaller.", [("24", "x", True, "size", None)]),
    ("Our model finds 3x as many errors.", [("3", "x", True, "errors", None)]),
    ("Our model speeds up inference by a factor of 3.9x.", [("3.9", "x", True, "inference", None)]),
    (
        "Our model is 40.16% better in terms of energy conservation.",
        [("40.16", "%", True, "energy conservation", None)],
    ),
    ("We obtain a relative improvement of 25% over all others in terms of F1.", [("25", "%", True, "F1", None)]),
    ("Catastrophic forgetting is reduced by 12%.", [("12", "%", True, "Catastrophic forgetting", None)]),
    ("Our model saves around 50% parameters.", [("50", "%", True, "parameters", None)]),
    ("User satisfaction drops by 3.4%.", [("3.4", "%", True, "User satisfaction", None)]),
    ("We reduce the data needs of active learning by 3-25%.", [("3", "%", True, "data needs", None)]),
    (
        "Our model shows an average harmonic mean improvement of 1.1%.",
        [("1.1", "%", True, "average harmonic mean", None)],
    ),
    ("Our method needs less, reducing around 2x training cost.", [("2", "x", True, "training cost", None)]),
    ("We see up to 13% improvement in ROC AUC.", [("13", "%", True, "ROC AUC", None)]),
    ("We show up to 50% reduction in computational cost.", [("50", "%", True, "computational cost", None)]),
    ("Our method gains 4.54\\% over the state-of-the-art approach.", [("4.54", "%", True, None, None)]),
    ("Our method reduces the parameter count by 25.34%.", [("25.34", "%", True, "parameter count", None)]),
    ("Our model beats them by 11.7 absolute points.", [("11.7", "pp", True, None, None)]),
    ("Our model achieves 5.4% higher F1 score.", [("5.4", "%", True, "F1 score", None)]),
    (
        "Our model is best (e.g., +6.87% on ImageNet and +7.66% on CIFAR-100).",
        [("6.87", "%", True, None, "ImageNet"), ("7.66", "%", True, None, "CIFAR-100")],
    ),
]

LISTS: list[tuple[str, list[Row]]] = [
    (
        "Our model is best, reducing Hamming loss and one-error by 18.2% and 26.9%.",
        [("18.2", "%", True, "Hamming loss", None), ("26.9", "%", True, "one-error", None)],
    ),
    (
        "Our model enhances the Pass@1 score by 5.85/4.70 points.",
        [("5.85", "pp", True, "Pass@1 score", None), ("4.70", "pp", True, "Pass@1 score", None)],
    ),
    (
        "We report improvements of 0.58 pp (3.28%) in BLEU score and 0.76 pp (0.98%) in ROUGE score.",
        [
            ("0.58", "pp", True, "BLEU score", None),
            ("3.28", "%", True, "BLEU score", None),
            ("0.76", "pp", True, "ROUGE score", None),
            ("0.98", "%", True, "ROUGE score", None),
        ],
    ),
    (
        "Our approach outperforms previous models by 3.3 and 2.7 points in exact match "
        "on SQuAD and TriviaQA respectively.",
        [("3.3", "pp", True, "exact match", "SQuAD"), ("2.7", "pp", True, "exact match", "TriviaQA")],
    ),
    (
        "Our model improves more than 4%/3.1%/2% on SQuAD, CIFAR-10, and ImageNet.",
        [
            ("4", "%", True, None, "SQuAD"),
            ("3.1", "%", True, None, "CIFAR-10"),
            ("2", "%", True, None, "ImageNet"),
        ],
    ),
    (
        "We report gains of up to 6.01 percentage points in F1, 8.06 in F2, and 3.11 in mean average precision.",
        [
            ("6.01", "pp", True, "F1", None),
            ("8.06", "pp", True, "F2", None),
            ("3.11", "pp", True, "mean average precision", None),
        ],
    ),
    (
        "Our model has a precision of 67.6% and recall of 61.5%, improvements of 8.40% and 10.80%, respectively.",
        [
            ("67.6", "%", False, "precision", None),
            ("61.5", "%", False, "recall", None),
            ("8.40", "%", True, "precision", None),
            ("10.80", "%", True, "recall", None),
        ],
    ),
]

CARRIED: list[tuple[str, list[Row]]] = [
    (
        "Our method accelerates inference by 2.52 times on ImageNet and 4.39 times on COCO.",
        [("2.52", "x", True, "inference", "ImageNet"), ("4.39", "x", True, "inference", "COCO")],
    ),
    (
        "Our model reaches 92.57% accuracy for Chinese and 86.83% for English.",
        [("92.57", "%", False, "accuracy", "Chinese"), ("86.83", "%", False, "accuracy", "English")],
    ),
    (
        "We test on ImageNet. Our model reaches an accuracy of 92.57%.",
        [("92.57", "%", False, "accuracy", "ImageNet")],
    ),
    (
        "Our model gains 4.1% in accuracy. The second variant gains 5.2%.",
        [("4.1", "%", True, "accuracy", None), ("5.2", "%", True, "accuracy", None)],
    ),
    (
        "Our model shows gains of +5.6% in temporal reasoning and +8% in narrative comprehension.",
        [("5.6", "%", True, "temporal reasoning", None), ("8", "%", True, "narrative comprehension", None)],
    ),
    (
        "Our model reduces recalls by 31.7% and radiologist workload by 43.8%.",
        [("31.7", "%", True, "recalls", None), ("43.8", "%", True, "radiologist workload", None)],
    ),
    ("On ImageNet, our model gains 4.7% in the zero-shot setting.", [("4.7", "%", True, None, "ImageNet")]),
    ("Our model gives over 2x volume reduction.", [("2", "x", True, "volume", None)]),
    ("Our model is up to 4 times as fast.", [("4", "x", True, "speed", None)]),
    (
        "Our model runs in real time (15 FPS, AUC 0.70 +- 0.04).",
        [("15", None, False, "speed", None), ("0.70", None, False, "AUC", None)],
    ),
    (
        "Our model reaches 95.08% accuracy on a held-out test set.",
        [("95.08", "%", False, "accuracy", "held-out test set")],
    ),
]

OTHERS = [
    "We train a model with 7B parameters on 3.5 trillion tokens.",
    "We use images of 224×224 pixels and 224 x 224 patches.",
    "In 2019 we evaluated on 12 datasets and 23 languages.",
    "We use only 1% of the labels.",
    "Our attack works with a poisoning rate of 0.5%.",
    "We train it with a learning rate of 0.001 for 400 steps.",
    "The difference is significant (p < 0.05).",
    "We study Llama 3.1 and Stable Diffusion 3.5.",
    "We state that (1) it works and (2) it is fast.",
    "Previous works have shown an accuracy of 90.1% on ImageNet. We study why.",
    "Deep networks reach 90.1% accuracy on ImageNet. We study why.",
    "We do better, surpassing the baseline's 9.17 FID.",
    "We collect 1.6 million texts at 25 Hz with a camera.",
    "We train it on 0.1% of labels and with as few as 0.2%.",
    "We study the accuracy of the (1+1) algorithm.",
    "Our corpus is 4 times larger than theirs.",
    "We keep the interval (95% CI = 90.7-94.1).",
    "Several studies have shown that 70% of it fails.",
    "We evaluate the performance of 10 mainstream models.",
]


@pytest.mark.parametrize(("text", "rows"), LEVELS, ids=[text[:40] for text, _ in LEVELS])
def test_a_level_is_read_with_metric_and_dataset(extractor: Extractor, text: str, rows: list[Row]) -> None:
    assert _read(extractor, text) == rows


@pytest.mark.parametrize(("text", "rows"), GAINS, ids=[text[:40] for text, _ in GAINS])
def test_a_gain_is_told_from_a_level(extractor: Extractor, text: str, rows: list[Row]) -> None:
    assert _read(extractor, text) == rows


@pytest.mark.parametrize(("text", "rows"), LISTS, ids=[text[:40] for text, _ in LISTS])
def test_lists_are_paired_in_order(extractor: Extractor, text: str, rows: list[Row]) -> None:
    assert _read(extractor, text) == rows


@pytest.mark.parametrize(("text", "rows"), CARRIED, ids=[text[:40] for text, _ in CARRIED])
def test_what_is_measured_carries_over(extractor: Extractor, text: str, rows: list[Row]) -> None:
    assert _read(extractor, text) == rows


@pytest.mark.parametrize("text", OTHERS, ids=[text[:40] for text in OTHERS])
def test_a_number_that_is_no_outcome_of_the_paper_is_left_alone(extractor: Extractor, text: str) -> None:
    assert _read(extractor, text) == []


def test_the_number_of_a_baseline_is_left_out(extractor: Extractor) -> None:
    text = "Our model achieves 91.2% accuracy, compared with 73.74% for the baseline."
    assert _read(extractor, text) == [("91.2", "%", False, "accuracy", None)]


def test_the_subject_is_the_introduced_thing(extractor: Extractor) -> None:
    paper = Paper(title="FooNet: A Network", abstract="We propose FooNet. FooNet achieves 91.2% accuracy on ImageNet.")
    assert [result.subject for result in extractor(paper).results] == ["FooNet"]


def test_a_title_gives_no_result(extractor: Extractor) -> None:
    paper = Paper(title="FooNet Achieves 91.2% Accuracy on ImageNet", abstract="We propose a network.")
    assert extractor(paper).results == ()


def test_the_mention_is_the_sentence(extractor: Extractor) -> None:
    sentence = "Our model achieves 80.22% accuracy on ImageNet."
    paper = Paper(title="A Study", abstract=f"We propose a model. {sentence} It is small.")
    (result,) = extractor(paper).results
    assert (result.mention.text, result.mention.relation) == (sentence, "hasResult")
    assert paper.text[result.mention.start : result.mention.end] == sentence
    assert result.mention.rules == ("results.any",)


_PIECES = [
    "We ", "reach ", "an FID of ", "2.18", "90.1%", "\\%", " and ", ", ", "+3", "-", "–", "/", " to ", "from ", "by ",
    "x ", "times ", "accuracy ", "on ImageNet", "(", ")", ".", " vs. ", "$", "\\times", "2019", "1,000", "±", "\n",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=25))
def test_values_stand_in_their_sentence_and_sentences_in_the_text(extractor: Extractor, pieces: list[str]) -> None:
    paper = Paper(title="A Study", abstract="We show it. " + "".join(pieces))
    for result in extractor(paper).results:
        assert paper.text[result.mention.start : result.mention.end] == result.mention.text
        assert result.value.lstrip("-") in result.mention.text.replace(",", "")
        assert result.unit in ("%", "pp", "x", None)
        for name in (result.metric, result.dataset):
            assert name is None or name in paper.text or name in ("speed", "accuracy")
