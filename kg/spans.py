"""Measure extractions against annotated spans: exact span, overlapping span, distinct names of a text; and addresses.

What is predicted are the mentions of entities. A span is right when there is one of its type on the other side that has
the same extent (exact) or overlaps (overlap); a name is right when the other side has it in the same text with its type
(names). Each counts once. Types that the gold does not annotate do not count. Names of datasets are compared in the
convention that the gold was read with.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.conventions import CONVENTIONS, Convention, Extent
from kg.gold import Gold, GoldAddress, clean_url
from kg.model import Extraction, Link
from kg.shares import Shares

MEASURES = ("exact", "overlap", "names")
_DATASET = "Dataset"
_NOT_IN_NAME = re.compile(r"[^\w\s\-–/+#]")
_JOINT = re.compile(r"[\s\-–_/]+")
_NO_NAME_BEGIN = frozenset({"the", "a", "an", "our", "this", "these"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanScore(Shares):
    """The counts of one type by one measure."""

    measure: str
    """One of `MEASURES`."""
    type: str
    """A type, or `all`."""
    gold: int
    found: int
    """Annotated ones that were predicted."""
    predicted: int
    right: int
    """Predicted ones that are annotated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressScore:
    """How annotated addresses were read."""

    gold: int
    found: int
    """Those that a link overlaps."""
    same: int
    """Found ones that were cleaned to the annotated address."""
    owned: int
    """Found ones of which it is annotated whose they are."""
    owned_right: int
    """Those of them that were called the paper's own, or somebody else's, as annotated."""
    own_right: int
    """Those of them that are the paper's own and were called so."""
    own_gold: int
    """Those of them that are the paper's own."""
    own_predicted: int
    """Those of them that were called the paper's own."""
    kinds: int
    """Found ones whose kind is annotated."""
    kinds_right: int

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the table as text: header, then what of what."""
        shares = (
            ("found", self.found, self.gold),
            ("same address, of the found", self.same, self.found),
            ("own or other's, of the found", self.owned_right, self.owned),
            ("own: precision", self.own_right, self.own_predicted),
            ("own: recall, of the found", self.own_right, self.own_gold),
            ("kind, of the found", self.kinds_right, self.kinds),
        )
        body = ((name, f"{right / of:.3f}", str(right), str(of)) for name, right, of in shares if of)
        return ("address", "share", "right", "of"), *body


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEvaluation:
    """How well extractions agree with span gold."""

    papers: int
    scores: tuple[SpanScore, ...]
    """By measure, then type, `all` last."""
    addresses: AddressScore

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the table as text: header, a row per score."""
        header = ("", "type", "P", "R", "F1", "gold", "predicted")
        body = (
            (
                score.measure,
                score.type,
                f"{score.precision:.3f}",
                f"{score.recall:.3f}",
                f"{score.f1:.3f}",
                str(score.gold),
                str(score.predicted),
            )
            for score in self.scores
        )
        return header, *body


def evaluate_spans(gold: Gold, extractions: Iterable[Extraction]) -> SpanEvaluation:
    """Compare extractions with the papers of span gold; both in the same order."""
    of_annotated, of_predicted = CONVENTIONS[gold.names]
    counts: dict[str, Counter[tuple[str, str]]] = {measure: Counter() for measure in MEASURES}
    addresses: Counter[str] = Counter()
    for paper, extraction in zip(gold.papers, extractions, strict=True):
        text = extraction.paper.text
        annotated: defaultdict[str, set[Extent]] = defaultdict(set)
        mentioned: defaultdict[str, set[Extent]] = defaultdict(set)
        for span in paper.spans:
            annotated[span.type].add((span.start, span.end))
        for entity in extraction.entities:
            if entity.type in gold.types:
                mentioned[entity.type].update((mention.start, mention.end) for mention in entity.mentions)
        wanted = _to_spans(text, annotated, of_annotated)
        found = _to_spans(text, mentioned, of_predicted)
        for one, other, total, agreeing in (
            (wanted, found, "gold", "found"),
            (found, wanted, "predicted", "right"),
        ):
            _count_agreement(counts, one, other, total, agreeing)
        for address in paper.addresses:
            addresses += _judge(address, extraction.links)
    scores = [
        SpanScore(measure=measure, type=type_, **{name: count[name, type_] for name in _COLUMNS})
        for measure, count in counts.items()
        for type_ in [*sorted({type_ for _, type_ in count} - {"all"}), "all"]
    ]
    return SpanEvaluation(
        papers=len(gold.papers),
        scores=tuple(scores),
        addresses=AddressScore(**{name: addresses[name] for name in AddressScore.__dataclass_fields__}),
    )


def to_name(text: str) -> str:
    """Give the comparable form of a name: lower case, no article, no plural s, blanks and hyphens alike.

    >>> to_name("the Graph-Neural Networks"), to_name("CIFAR-10/100")
    ('graph neural network', 'cifar 10 100')
    """
    words = _JOINT.sub(" ", _NOT_IN_NAME.sub("", text.lower())).split()
    if words and words[0] in _NO_NAME_BEGIN:
        del words[0]
    return " ".join(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words
    )


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    type: str
    name: str


_COLUMNS = ("gold", "found", "predicted", "right")


def _to_spans(text: str, extents: Mapping[str, set[Extent]], convention: Convention) -> set[_Span]:
    """Give the spans of each type, those of datasets as the convention has them."""
    return {
        _Span(start, end, type_, to_name(text[start:end]))
        for type_, each in extents.items()
        for start, end in (convention(text, each) if type_ == _DATASET else each)
    }


def _count_agreement(
    counts: dict[str, Counter[tuple[str, str]]], ours: set[_Span], theirs: set[_Span], total: str, agreeing: str
) -> None:
    extents = {(span.start, span.end, span.type) for span in theirs}
    names = {(span.type, span.name) for span in theirs}
    for start, end, type_ in {(span.start, span.end, span.type) for span in ours}:
        overlaps = any(type_ == other and start < stop and begin < end for begin, stop, other in extents)
        for name in (type_, "all"):
            counts["exact"][total, name] += 1
            counts["exact"][agreeing, name] += (start, end, type_) in extents
            counts["overlap"][total, name] += 1
            counts["overlap"][agreeing, name] += overlaps
    for type_, text in {(span.type, span.name) for span in ours}:
        for name in (type_, "all"):
            counts["names"][total, name] += 1
            counts["names"][agreeing, name] += (type_, text) in names


def _judge(address: GoldAddress, links: Iterable[Link]) -> Counter[str]:
    """Count what is right of one address."""
    counts = Counter(gold=1)
    over = [link for link in links if link.mention.start < address.end and address.start < link.mention.end]
    link = next((link for link in over if clean_url(link.url) == address.url), over[0] if over else None)
    if link is None:
        return counts
    counts.update(found=1, same=int(clean_url(link.url) == address.url))
    if address.own is not None:
        counts.update(
            owned=1,
            owned_right=int(link.own == address.own),
            own_gold=int(address.own),
            own_predicted=int(link.own),
            own_right=int(link.own and address.own),
        )
    if address.kinds:
        counts.update(kinds=1, kinds_right=int(link.kind in address.kinds))
    return counts
