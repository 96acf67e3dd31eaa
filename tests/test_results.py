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

WAYS: list[tuple[str, list[Row]]] = [
    ("We study it. Our detector attains 58.4 mAP on COCO.", [("58.4", None, False, "mAP", "COCO")]),
    ("We study it. Our model scores 71.3 on SuperGLUE.", [("71.3", None, False, None, "SuperGLUE")]),
    (
        "We study it. The proposed parser reaches a labeled attachment score of 94.2.",
        [("94.2", None, False, "labeled attachment score", None)],
    ),
    (
        "We study it. With half the parameters, our model still gets 88.1% top-5 accuracy.",
        [("88.1", "%", False, "top-5 accuracy", None)],
    ),
    (
        "We study it. Our tagger obtains 97.6% token-level accuracy and 92.4 F1 on CoNLL-2003.",
        [("97.6", "%", False, "token-level accuracy", "CoNLL-2003"), ("92.4", None, False, "F1", "CoNLL-2003")],
    ),
    ("We report a perplexity of 17.3 on WikiText-103.", [("17.3", None, False, "perplexity", "WikiText-103")]),
    ("We study it. Accuracy rises from 61.2% to 68.9% on GSM8K.", [("68.9", "%", False, "Accuracy", "GSM8K")]),
    (
        "We study it. Our filter brings the word error rate down from 8.1% to 6.4%.",
        [("6.4", "%", False, "word error rate", None)],
    ),
    (
        "We study it. Our approach increases the success rate from 45% to 71%.",
        [("71", "%", False, "success rate", None)],
    ),
    ("We improve the Dice score by 3.1 points.", [("3.1", "pp", True, "Dice score", None)]),
    (
        "We study it. Our method surpasses the best baseline by 1.7 mIoU on Cityscapes.",
        [("1.7", None, True, "mIoU", "Cityscapes")],
    ),
    ("We outperform strong baselines by 2.1 BLEU.", [("2.1", None, True, "BLEU", None)]),
    ("We study it. Our model lowers inference latency by 38%.", [("38", "%", True, "inference latency", None)]),
    ("We study it. The proposed cache cuts memory usage by a factor of 4.", [("4", "x", True, "memory usage", None)]),
    ("We study it. Our index answers queries 12x faster.", [("12", "x", True, "speed", None)]),
    ("We study it. Training is 3.4 times faster than with the baseline.", [("3.4", "x", True, "speed", None)]),
    (
        "We study it. Our kernel runs 2.3$\\times$ faster with 40% less memory.",
        [("2.3", "x", True, "speed", None), ("40", "%", True, "memory", None)],
    ),
    ("We study it. Our method needs 60% fewer tokens.", [("60", "%", True, "tokens", None)]),
    ("We achieve a 5.2x speedup on CIFAR-10.", [("5.2", "x", True, "speedup", "CIFAR-10")]),
    ("We study it. Our method yields an absolute gain of 4.3% in F1.", [("4.3", "%", True, "F1", None)]),
    (
        "We study it. Our approach yields a 14.5% relative reduction in word error rate.",
        [("14.5", "%", True, "word error rate", None)],
    ),
    (
        "We study it. Our approach gives a relative word error rate reduction of 11.2%.",
        [("11.2", "%", True, "word error rate", None)],
    ),
    (
        "We study it. Our model obtains a precision, recall and F1 of 0.81, 0.78 and 0.79.",
        [
            ("0.81", None, False, "precision", None),
            ("0.78", None, False, "recall", None),
            ("0.79", None, False, "F1", None),
        ],
    ),
    (
        "We study it. Our model reaches accuracies of 91.2%, 88.4% and 79.9% "
        "on MNIST, SVHN and CIFAR-10, respectively.",
        [
            ("91.2", "%", False, "accuracy", "MNIST"),
            ("88.4", "%", False, "accuracy", "SVHN"),
            ("79.9", "%", False, "accuracy", "CIFAR-10"),
        ],
    ),
    (
        "We study it. The sensitivity and specificity of our model are 0.91 and 0.87.",
        [("0.91", None, False, "sensitivity", None), ("0.87", None, False, "specificity", None)],
    ),
    ("We study it. Our model achieves an AUC of 0.93 (95% CI: 0.90-0.95).", [("0.93", None, False, "AUC", None)]),
    ("We study it. Our system is correct in 87% of cases.", [("87", "%", False, None, None)]),
    ("We study it. Our agent solves 43% of the tasks in SWE-bench.", [("43", "%", False, None, "SWE-bench")]),
    ("We study it. Our agent completes 18 of 24 levels.", [("18", None, False, None, None)]),
    (
        "We study it. Our model sets a new state of the art of 84.6% on ImageNet.",
        [("84.6", "%", False, None, "ImageNet")],
    ),
    (
        "We study it. Our model attains state-of-the-art results on ImageNet (85.1%) and CIFAR-100 (91.4%).",
        [("85.1", "%", False, None, "ImageNet"), ("91.4", "%", False, None, "CIFAR-100")],
    ),
    ("We study it. Our model halves the error and reaches an RMSE of 0.21 m.", [("0.21", None, False, "RMSE", None)]),
    (
        "We study it. Our model predicts age with a mean absolute error of 2.7 years.",
        [("2.7", None, False, "mean absolute error", None)],
    ),
    (
        "We measure a Pearson correlation of 0.82 with human ratings.",
        [("0.82", None, False, "Pearson correlation", None)],
    ),
    ("We study it. Human raters prefer our outputs 64% of the time.", [("64", "%", False, None, None)]),
    ("We study it. Our method consistently improves PSNR by 0.4-0.9 dB.", [("0.4", None, True, "PSNR", None)]),
    ("We study it. Our codec saves 21.4% bitrate.", [("21.4", "%", True, "bitrate", None)]),
    (
        "We study it. Our method reduces FLOPs by 45% with only a 0.2% drop in accuracy.",
        [("45", "%", True, "FLOPs", None), ("0.2", "%", True, "accuracy", None)],
    ),
    (
        "We study it. Compared with the baseline, our method improves top-1 accuracy by +1.9%.",
        [("1.9", "%", True, "top-1 accuracy", None)],
    ),
    ("We study it. Our method improves over the baseline (+2.4 AP on COCO).", [("2.4", None, True, "AP", "COCO")]),
    (
        "We study it. Our model achieves FID 3.2 and LPIPS 0.105 on ImageNet.",
        [("3.2", None, False, "FID", "ImageNet"), ("0.105", None, False, "LPIPS", "ImageNet")],
    ),
    ("We study it. Our model achieves an FID score of 5.6 on CelebA.", [("5.6", None, False, "FID score", "CelebA")]),
    (
        "We study it. On CIFAR-100, our method achieves an accuracy of 81.3%.",
        [("81.3", "%", False, "accuracy", "CIFAR-100")],
    ),
    (
        "We study it. On GSM8K and MATH, our model reaches 84.2% and 51.7%.",
        [("84.2", "%", False, None, "GSM8K"), ("51.7", "%", False, None, "MATH")],
    ),
    (
        "We study it. Our model gives improvements of 3.2% and 4.8% on GLUE and SQuAD.",
        [("3.2", "%", True, None, "GLUE"), ("4.8", "%", True, None, "SQuAD")],
    ),
    (
        "We study it. Our method boosts Recall@10 by 6.3% and NDCG@10 by 5.1%.",
        [("6.3", "%", True, "Recall@10", None), ("5.1", "%", True, "NDCG@10", None)],
    ),
    (
        "We study it. Our method raises pass@1 from 32.4 to 41.0 on HumanEval.",
        [("41.0", None, False, "pass@1", "HumanEval")],
    ),
    ("We reach an equal error rate (EER) of 1.9% on VoxCeleb.", [("1.9", "%", False, "EER", "VoxCeleb")]),
    ("We study it. Our approach achieves over 95% accuracy.", [("95", "%", False, "accuracy", None)]),
    ("We study it. Our model achieves an accuracy as high as 99.1%.", [("99.1", "%", False, "accuracy", None)]),
    (
        "We study it. Our method achieves nearly 20 percentage points higher recall.",
        [("20", "pp", True, "recall", None)],
    ),
    ("We study it. Our planner finds paths that are 15% shorter.", [("15", "%", True, None, None)]),
    ("We study it. Energy consumption drops by 31%.", [("31", "%", True, "Energy consumption", None)]),
    (
        "We study it. The number of false positives is reduced by 22%.",
        [("22", "%", True, "number of false positives", None)],
    ),
    ("We study it. Our model processes 120 frames per second.", [("120", None, False, "speed", None)]),
    ("We study it. Our network runs in real time at 45 fps.", [("45", None, False, "speed", None)]),
    ("We study it. Inference takes only 3.2 ms.", [("3.2", None, False, "time", None)]),
    ("We study it. Our method improves the harmonic mean by 2.6%.", [("2.6", "%", True, "harmonic mean", None)]),
    ("We study it. Our model achieves $R^2$ of 0.94.", [("0.94", None, False, None, None)]),
    ("We study it. Our method achieves an error of 3.1\\% on CIFAR-10.", [("3.1", "%", False, "error", "CIFAR-10")]),
    (
        "We study it. Experiments show gains of 1.2, 2.3 and 0.9 points in ROUGE-1, ROUGE-2 and ROUGE-L.",
        [
            ("1.2", "pp", True, "ROUGE-1", None),
            ("2.3", "pp", True, "ROUGE-2", None),
            ("0.9", "pp", True, "ROUGE-L", None),
        ],
    ),
    (
        "We study it. Our method obtains up to 10.4% and on average 6.1% higher throughput.",
        [("10.4", "%", True, "throughput", None), ("6.1", "%", True, "throughput", None)],
    ),
    ("We study it. Our model matches GPT-4 while being 9x cheaper.", [("9", "x", True, "cost", None)]),
    ("We study it. It yields an order of magnitude speedup and 0.88 AUROC.", [("0.88", None, False, "AUROC", None)]),
    ("We study it. Our model outperforms BERT, which reaches 81.2%, by 3.4%.", [("3.4", "%", True, None, None)]),
    (
        "We study it. Our model reaches 77.1% compared to 74.5% of the previous best system.",
        [("77.1", "%", False, None, None)],
    ),
    ("We study it. Our model reaches 0.74 F1, against 0.69 for the baseline.", [("0.74", None, False, "F1", None)]),
    (
        "We study it. Our compression ratio of 32x comes without loss of accuracy.",
        [("32", "x", False, "compression ratio", None)],
    ),
    ("We study it. Attack success drops from 88% to 4%.", [("4", "%", False, "Attack success", None)]),
    (
        "We study it. Our method reduces hallucinations by 27% on TruthfulQA.",
        [("27", "%", True, "hallucinations", "TruthfulQA")],
    ),
    ("We study it. Our model shows a 2.5-fold increase in throughput.", [("2.5", "x", True, "throughput", None)]),
    (
        "We study it. Our method improves answer correctness (+13.7) and answer relevance (+9.2).",
        [("13.7", None, True, "answer correctness", None), ("9.2", None, True, "answer relevance", None)],
    ),
    ("We study it. Our retriever improves MRR by 12% relative.", [("12", "%", True, "MRR", None)]),
    ("We study it. Users rated our system 4.3 out of 5.", [("4.3", None, False, None, None)]),
    (
        "We study it. Our model achieves 12.5% WER on LibriSpeech test-other.",
        [("12.5", "%", False, "WER", "LibriSpeech")],
    ),
    (
        "We study it. The accuracy of our classifier on ImageNet is 79.5%.",
        [("79.5", "%", False, "accuracy", "ImageNet")],
    ),
    ("We study it. Our approach closes 63% of the gap between the two.", [("63", "%", False, None, None)]),
    ("We study it. Our model has a test error below 2%.", [("2", "%", False, "test error", None)]),
    ("We study it. Our model is 1.8 points better in LAS.", [("1.8", "pp", True, "LAS", None)]),
    (
        "We obtain an accuracy of 91.4% and an F1 of 88.2% on MNIST, and 84.3% and 80.1% on SVHN.",
        [
            ("91.4", "%", False, "accuracy", "MNIST"),
            ("88.2", "%", False, "F1", "MNIST"),
            ("84.3", "%", False, "accuracy", "SVHN"),
            ("80.1", "%", False, "F1", "SVHN"),
        ],
    ),
    (
        "We improve accuracy on GSM8K by 4.1% and on MATH by 6.3%.",
        [("4.1", "%", True, "accuracy", "GSM8K"), ("6.3", "%", True, "accuracy", "MATH")],
    ),
    (
        "We improve top-1 accuracy by 2.3% (from 76.1% to 78.4%) on ImageNet.",
        [("2.3", "%", True, "top-1 accuracy", "ImageNet"), ("78.4", "%", False, "top-1 accuracy", "ImageNet")],
    ),
    (
        "We study it. Our model attains 3.9% lower error and 1.8x higher throughput.",
        [("3.9", "%", True, "error", None), ("1.8", "x", True, "throughput", None)],
    ),
    (
        "We study it. Our approach achieves accuracies of 0.91 (MNIST), 0.87 (SVHN) and 0.79 (CIFAR-10).",
        [
            ("0.91", None, False, "accuracy", "MNIST"),
            ("0.87", None, False, "accuracy", "SVHN"),
            ("0.79", None, False, "accuracy", "CIFAR-10"),
        ],
    ),
    (
        "We study it. For MNIST, SVHN and CIFAR-10, we obtain 99.1%, 96.3% and 94.8% accuracy.",
        [
            ("99.1", "%", False, "accuracy", "MNIST"),
            ("96.3", "%", False, "accuracy", "SVHN"),
            ("94.8", "%", False, "accuracy", "CIFAR-10"),
        ],
    ),
    (
        "We study it. The mean Dice was 0.89 for the liver and 0.84 for the spleen.",
        [("0.89", None, False, "mean Dice", None), ("0.84", None, False, "mean Dice", None)],
    ),
    (
        "We study it. Our system achieves 82.3 F1, outperforming the previous best of 80.1 by 2.2 points.",
        [("82.3", None, False, "F1", None), ("2.2", "pp", True, "F1", None)],
    ),
    (
        "We study it. Compared to the baseline (74.2%), our model achieves 79.8% accuracy.",
        [("79.8", "%", False, "accuracy", None)],
    ),
    (
        "We study it. While the baseline reaches 74.2% accuracy, our model reaches 79.8%.",
        [("79.8", "%", False, "accuracy", None)],
    ),
    (
        "We study it. Our model needs 12 ms per image and reaches 0.78 mAP.",
        [("12", None, False, "time", None), ("0.78", None, False, "mAP", None)],
    ),
    ("We cut training time from 12 hours to 3 hours.", [("3", None, False, "training time", None)]),
    (
        "We study it. Our method achieves 1.3-2.1x speedup over vLLM with less than 1% accuracy loss.",
        [("1.3", "x", True, "speedup", None), ("1", "%", False, "accuracy loss", None)],
    ),
    (
        "We report 91.0 (+1.7) on SST-2 and 86.4 (+0.9) on MNLI.",
        [
            ("91.0", None, False, None, "SST-2"),
            ("1.7", None, True, None, "SST-2"),
            ("86.4", None, False, None, "MNLI"),
            ("0.9", None, True, None, "MNLI"),
        ],
    ),
    (
        "We study it. Our model improves the state of the art on COCO from 54.1 to 56.3 AP.",
        [("56.3", None, False, "AP", "COCO")],
    ),
    (
        "We study it. The error rate falls to 3.4%, a relative reduction of 21%.",
        [("3.4", "%", False, "error rate", None), ("21", "%", True, "error rate", None)],
    ),
    (
        "We observe a 17% increase in user engagement and a 9% decrease in churn.",
        [("17", "%", True, "user engagement", None), ("9", "%", True, "churn", None)],
    ),
    (
        "We study it. Our model obtains 45.1% mAP and 62.7% NDS on nuScenes.",
        [("45.1", "%", False, "mAP", "nuScenes"), ("62.7", "%", False, "NDS", "nuScenes")],
    ),
    (
        "We study it. Our approach improves precision from 0.71 to 0.83 and recall from 0.65 to 0.79.",
        [("0.83", None, False, "precision", None), ("0.79", None, False, "recall", None)],
    ),
    (
        "We study it. The classifier has 93% sensitivity, 89% specificity and an AUROC of 0.95.",
        [
            ("93", "%", False, "sensitivity", None),
            ("89", "%", False, "specificity", None),
            ("0.95", None, False, "AUROC", None),
        ],
    ),
    (
        "We study it. Our method achieves an average improvement of 2.8% in accuracy across six datasets.",
        [("2.8", "%", True, "accuracy", "six datasets")],
    ),
    (
        "We study it. Our model ranked first with a score of 0.873 in the shared task.",
        [("0.873", None, False, "score", "shared task")],
    ),
]
"""The ways in which abstracts state results, beside those above."""

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
    "We use 5% of the training data and 10 epochs.",
    "We study it. The corpus has 1.2M sentences and 34.5 tokens per sentence.",
    "We set the threshold to 0.5 and the learning rate to 0.001.",
    "We study it. The dataset covers 27.5 hours of speech from 31 speakers.",
    "We evaluate on a 3B model with a context of 8192 tokens.",
    "We study it. Our survey reviews 150 papers from 2019 to 2024.",
    "We study it. Our benchmark contains 1,200 questions in 14 categories.",
    "We sample with temperature 0.7 and top-p 0.95.",
    "We split the data 80/20.",
    "We study it. Our model has 1.3 billion parameters.",
    "We test two levels (20 and 40 dB) of noise.",
    "We study it. The effect is significant at the 0.05 level.",
    "We use Python 3.8 and PyTorch 1.9.",
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


@pytest.mark.parametrize(("text", "rows"), WAYS, ids=[text[:50] for text, _ in WAYS])
def test_a_result_is_read_however_it_is_said(extractor: Extractor, text: str, rows: list[Row]) -> None:
    assert _read(extractor, text) == rows


@pytest.mark.parametrize("text", OTHERS, ids=[text[:40] for text in OTHERS])
def test_a_number_that_is_no_outcome_of_the_paper_is_left_alone(extractor: Extractor, text: str) -> None:
    assert _read(extractor, text) == []


def test_the_number_of_a_baseline_is_left_out(extractor: Extractor) -> None:
    text = "Our model achieves 91.2% accuracy, compared with 73.74% for the baseline."
    assert _read(extractor, text) == [("91.2", "%", False, "accuracy", None)]


NOT_OURS = [
    "Our model outperforms X-PRM (28.4%) by 24.6%, and YoloPRM (31.3%) by 21.7%.",
    "Our model outperforms BERT, which reaches 81.2%, by 24.6% and 21.7%.",
    "We gain 24.6% and 21.7%, while the baseline reaches 31.3%.",
    "We gain 24.6% and 21.7% over the original FooNet (46.51%).",
    "Our model improves by 24.6% and 21.7%, outperforming the previous best of 80.1.",
]


@pytest.mark.parametrize("text", NOT_OURS)
def test_the_numbers_of_those_compared_with_are_left_out(extractor: Extractor, text: str) -> None:
    assert [value for value, *_ in _read(extractor, text)] == ["24.6", "21.7"]


MEASURES: list[tuple[str, list[str]]] = [
    ("We reach a median human-normalized score of 0.415.", ["median human-normalized score"]),
    ("We reach 14.08 QRZ scores on CIFAR-10.", ["QRZ"]),
    ("Our method reduces 5x pre-training costs.", ["pre-training cost"]),
    ("Our model achieves 12.4% lower relative word error rate.", ["word error rate"]),
    ("Our model achieves 90% performance.", []),
]


@pytest.mark.parametrize(("text", "names"), MEASURES, ids=[text[:40] for text, _ in MEASURES])
def test_what_a_number_measures_is_weighed_as_a_metric(extractor: Extractor, text: str, names: list[str]) -> None:
    candidates = extractor.review(Paper(title="A Study", abstract=text)).candidates
    assert [each.entity.name for each in candidates if each.entity.type == "Metric"] == names


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
