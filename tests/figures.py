"""Measure the extraction on the annotated papers at hand and keep the figures: `python tests/figures.py [--accept]`.

Prints every figure that is not as committed in `tests/gold/figures.json`, and the errors by category. Then the figures
are written anew, unless one fell by more than is tolerated: that ends with exit code 1 and writes nothing, except with
`--accept`. Figures of gold that is not at hand stay as they are. `tests/readme.py` shows them in README.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from annotated import PER_PAPER, ROOT, SPANS, Source
from fit import cross_validated_figures

from kg.diagnose import find_errors
from kg.evaluate import Evaluation, evaluate
from kg.extract import Extractor
from kg.gold import Gold, merge_models, read_gold
from kg.sources import read_papers
from kg.spans import evaluate_spans

FIGURES = ROOT / "tests" / "gold" / "figures.json"
TOLERANCE, TOLERANCE_OF_ALL = 0.02, 0.005
"""How far a figure between 0 and 1 may fall unasked; one that counts all types less far, for it rests on more."""
LOWER_IS_BETTER = "calibration error"
_PARTS = ("read", "unread")

Figures: TypeAlias = dict[str, Any]
"""For each gold and part: `papers` and `f1` by row, and more that is told but not compared."""


def main(*, accept: bool) -> int:
    """Measure, compare, and write what is not worse; give the exit code."""
    old = load_figures()
    extractor = Extractor()
    new = old | measure(extractor) | _cross_validated(extractor)
    for line in (*changes(old, new), *error_lines(new)):
        print(line)  # noqa: T201
    if (lost := fallen(old, new)) and not accept:
        print(f"\nnothing was written, for these fell too far (`make evaluate ACCEPT=1` accepts it): {lost}")  # noqa: T201
        return 1
    FIGURES.write_text(json.dumps(new, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return 0


def load_figures() -> Figures:
    """Give the committed figures."""
    figures: Figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    return figures


def measure(extractor: Extractor, sources: Iterable[Source] = (*PER_PAPER, *SPANS)) -> Figures:
    """Give the figures of the gold that is at hand."""
    figures: Figures = {}
    for source in sources:
        if not source.gold.exists():
            continue
        if source.papers is None:
            figures[source.name] = _measure_spans(extractor, source)
            continue
        papers = read_papers(source.papers).papers
        for part in _PARTS:
            gold = read_gold(source.gold, part=part)  # type: ignore[arg-type]
            chosen = gold.select(papers)
            evaluation = evaluate(gold, extractor.pipe(chosen))
            errors = [
                (error.kind, error.category, error.type)
                for error in find_errors(gold, [extractor.review(paper) for paper in chosen])
            ]
            figures[f"{source.name}, {part}"] = _per_paper(evaluation, gold, errors)
    return figures


def _cross_validated(extractor: Extractor) -> Figures:
    """Give the figures with weights that were fitted to other papers, where all the gold is at hand that they need."""
    if not all(source.gold.exists() for source in PER_PAPER):
        return {}
    return {
        f"{name}, cross-validated": {"papers": papers, "f1": _rounded(rows)}
        for name, papers, rows in cross_validated_figures(extractor)
    }


def changes(old: Figures, new: Figures) -> list[str]:
    """Give a line for each figure that is another, or new."""
    lines = []
    for name, row, before, after in _compared(old, new):
        if before is None:
            lines.append(f"{name}: {row} is {after:.3f}, new")
        elif before != after:
            lines.append(f"{name}: {row} {before:.3f} -> {after:.3f} ({after - before:+.3f})")
    return lines


def fallen(old: Figures, new: Figures) -> list[tuple[str, str]]:
    """Give the figures that are worse by more than is tolerated."""
    return [
        (name, row)
        for name, row, before, after in _compared(old, new)
        if before is not None
        and (after - before if row == LOWER_IS_BETTER else before - after)
        > (TOLERANCE_OF_ALL if row.startswith("all") else TOLERANCE)
    ]


def error_lines(figures: Figures) -> list[str]:
    """Give the errors by category and type over all papers, most frequent first."""
    return [f"{count:5} {kind} {type_}: {category}" for (kind, category, type_), count in count_errors(figures)]


def count_errors(figures: Figures) -> list[tuple[tuple[str, str, str], int]]:
    """Give how often each kind of error occurs, as kind, category and type, over all papers; most frequent first."""
    counts: dict[tuple[str, str, str], int] = {}
    for each in figures.values():
        for kind, categories in each.get("errors", {}).items():
            for category, types in categories.items():
                for type_, count in types.items():
                    counts[kind, category, type_] = counts.get((kind, category, type_), 0) + count
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _compared(old: Figures, new: Figures) -> Iterator[tuple[str, str, float | None, float]]:
    for name in new:
        for row, after in new[name]["f1"].items():
            yield name, row, old.get(name, {}).get("f1", {}).get(row), after


def _per_paper(evaluation: Evaluation, gold: Gold, errors: Iterable[tuple[str, str, str]]) -> Figures:
    rows = {score.name: score.f1 for score in evaluation.scores}
    counts: Figures = {}
    for kind, category, type_ in errors:
        _add(counts, kind, category, type_)
    _add(counts, "wrong", "relation", "Entity", evaluation.relation_of - evaluation.relation_right)
    for score in evaluation.scores:
        if score.name in ("link", "result"):
            _add(counts, "missed", "address or number", score.name.title(), score.missed)
            _add(counts, "spurious", "address or number", score.name.title(), score.spurious)
    return {
        "papers": len(gold.papers),
        "f1": _rounded(
            rows | {"relation": evaluation.relation_accuracy, LOWER_IS_BETTER: evaluation.calibration_error}
        ),
        "errors": counts,
        "reliability": [
            [bin_.least, bin_.claims, round(bin_.confidence, 4), round(bin_.precision, 4)]
            for bin_ in evaluation.reliability()
        ],
    }


def _measure_spans(extractor: Extractor, source: Source) -> Figures:
    gold = read_gold(source.gold, merge=source.merge, names=source.names)
    evaluation = evaluate_spans(gold, map(merge_models, extractor.pipe(gold.select(()))))
    addresses = evaluation.addresses
    shares: dict[str, tuple[int, int]] = {
        "address found": (addresses.found, addresses.gold),
        "same address": (addresses.same, addresses.found),
        "own or other's": (addresses.owned_right, addresses.owned),
        "own, precision": (addresses.own_right, addresses.own_predicted),
        "own, recall": (addresses.own_right, addresses.own_gold),
        "kind": (addresses.kinds_right, addresses.kinds),
    }
    rows = {f"{score.type}, {score.measure}": score.f1 for score in evaluation.scores if gold.types}
    if not gold.types:
        rows |= {name: right / of for name, (right, of) in shares.items() if of}
    return {"papers": len(gold.papers), "f1": _rounded(rows)}


def _rounded(rows: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in rows.items()}


def _add(counts: Figures, kind: str, category: str, type_: str, number: int = 1) -> None:
    if not number:
        return
    types = counts.setdefault(kind, {}).setdefault(category, {})
    types[type_] = types.get(type_, 0) + number


if __name__ == "__main__":
    sys.exit(main(accept="--accept" in sys.argv[1:]))
