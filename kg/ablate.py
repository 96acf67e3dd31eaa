"""Tell what each part of the extraction is worth: switch it off, one at a time, and measure again.

Parts are the rules of the data files, the witnesses (components that only add what they read, such as `kg_acronyms`),
readings that are no rule of a file (such as `context.apposition`), and the features that decide what is listed
(`keep.title`). Nothing is fitted anew without a part, so a feature that others could stand in for looks worth more than
it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from kg.evaluate import evaluate
from kg.extract import Extractor
from kg.extract.marks import marks, write
from kg.extract.pipeline import make_doc
from kg.extract.rules import rule_types, switched_off
from kg.gold import Gold, merge_models
from kg.model import Paper
from kg.spans import evaluate_spans

_STRUCTURE = frozenset({"kg_sentences", "kg_phrases", "kg_candidates"})
"""The components that others cannot do without."""
_KEEP = "keep."
_BIAS = "bias"
_MEASURED_BY = {
    "links": "link+kind",
    "offers": "own",
    "results": "result",
    "relations": "relation",
    "kg_relations": "relation",
    "titles": "relation",
    "kg_titles": "relation",
    "announcements": "announcement",
}
"""The figures that show what the rules of a file do, where these speak for no type."""
_NOTHING = 0.00005


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What figures lose when one part is switched off; negative when they gain."""

    part: str
    all: float
    """Of F1 over all types."""
    own_name: str
    """The figure that shows what it does: a type, `relation`, `result`, `link+kind`, `own` (or other's), or `all`."""
    own: float | None
    """None when the gold does not tell that figure."""

    @property
    def verdict(self) -> str:
        """`harmful` (figures gain, none loses), `mixed` (one gains, one loses), `none`, `not measured`, else empty."""
        losses = (self.all, self.own or 0.0)
        loses = max(losses) > _NOTHING
        if min(losses) < -_NOTHING:
            return "mixed" if loses else "harmful"
        return "" if loses else "not measured" if self.own is None else "none"


def ablate(
    gold: Gold, papers: Sequence[Paper], *, merge: bool = False, progress: Callable[[str, int, int], None] | None = None
) -> tuple[Effect, ...]:
    """Measure the papers without each part in turn; the parts of least effect first.

    `papers` are what `gold.select` gives. `progress` is called with the name of the step, the parts done, and all.
    """
    whole = _Without()
    with_all = _figures(gold, papers, whole, merge=merge)
    own_names = _own_names(whole)
    effects = []
    for number, (part, own_name) in enumerate(own_names.items(), start=1):
        if part.startswith(_KEEP):
            with whole.without_feature(part.removeprefix(_KEEP)):
                figures = _figures(gold, papers, whole, merge=merge)
        else:
            figures = _figures(gold, papers, _Without(part), merge=merge)
        effects.append(
            Effect(
                part=part,
                all=with_all["all"] - figures["all"],
                own_name=own_name,
                own=with_all[own_name] - figures.get(own_name, 0.0) if own_name in with_all else None,
            )
        )
        if progress:
            progress("ablate", number, len(own_names))
    return tuple(sorted(effects, key=lambda each: (each.all, each.own or 0.0, each.part)))


def effect_rows(effects: Iterable[Effect]) -> tuple[tuple[str, ...], ...]:
    """Give effects as text, in points of a hundred: header, a row per part."""
    body = (
        (
            each.part,
            f"{100 * each.all:+.2f}",
            each.own_name,
            "" if each.own is None else f"{100 * each.own:+.2f}",
            each.verdict,
        )
        for each in effects
    )
    return ("switched off", "all loses", "own figure", "loses", "verdict"), *body


class _Without(Extractor):
    """An extractor in which a part is switched off; it keeps the docs, so that deciding anew is cheap."""

    def __init__(self, part: str = "") -> None:
        with switched_off(part):
            super().__init__()
        self.witnesses: dict[str, None] = {}
        """Names of the components that read something for others, in order."""
        self.readings: set[str] = set()
        """Ids of what the witnesses have read so far."""
        self._part = part
        self._docs: dict[Paper, Doc] = {}

    @contextmanager
    def without_feature(self, name: str) -> Iterator[None]:
        """Decide without a feature for a while."""
        weights = self.entities.weights
        keep = {feature: weight for feature, weight in weights.keep.items() if feature != name}
        self.entities.weights = replace(weights, keep=keep)
        try:
            yield
        finally:
            self.entities.weights = weights

    def read(self, papers: Sequence[Paper]) -> list[Doc]:
        """Give the docs of papers, read once."""
        for paper in papers:
            if paper not in self._docs:
                self._docs[paper] = self._make(paper)
        return [self._docs[paper] for paper in papers]

    def _make(self, paper: Paper) -> Doc:
        doc = make_doc(self.nlp, paper, span_groups=False)
        for name, component in self.nlp.pipeline:
            doc = component(doc)
            if name in _STRUCTURE or name not in (found := marks(doc)):
                continue
            self.witnesses[name] = None
            read = list(found[name])
            self.readings.update(mark.id_ for mark in read)
            if self._part == name or any(mark.id_ == self._part for mark in read):
                write(doc, name, [mark for mark in read if self._part not in (name, mark.id_)])
        return doc


def _own_names(extractor: _Without) -> dict[str, str]:
    """Give the parts, each with the figure that shows what it does."""
    types = rule_types()
    readings = sorted(extractor.readings - types.keys())
    features = [_KEEP + name for name in extractor.entities.weights.keep if name != _BIAS]
    return {
        part: types.get(part) or _MEASURED_BY.get(part.split(".")[0], "all")
        for part in (*types, *extractor.witnesses, *readings, *features)
    }


def _figures(gold: Gold, papers: Sequence[Paper], extractor: Extractor, *, merge: bool) -> Mapping[str, float]:
    extractions = [extractor(paper) for paper in papers]
    extractions = [merge_models(found) if merge else found for found in extractions]
    if not gold.has_texts:
        evaluation = evaluate(gold, extractions)
        figures = {score.name: score.f1 for score in evaluation.scores if score.gold or score.name == "all"}
        return figures | {"relation": evaluation.relation_accuracy}
    in_spans = evaluate_spans(gold, extractions)
    figures = {score.type: score.f1 for score in in_spans.scores if score.measure == "names"}
    addresses = in_spans.addresses
    shares = {"link+kind": (addresses.kinds_right, addresses.kinds), "own": (addresses.owned_right, addresses.owned)}
    return figures | {name: right / of for name, (right, of) in shares.items() if of}
