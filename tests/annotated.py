"""The annotated papers that the extraction is fitted to and measured on; those beside the project are not its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.gold import Names

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of gold; its papers are in another file, or come with it."""

    name: str
    gold: Path
    papers: Path | None = None
    merge: bool = False
    names: Names = "as-annotated"


PER_PAPER = (
    Source(name="`seeds/`", gold=ROOT / "tests" / "gold" / "dev.jsonl", papers=ROOT / "seeds"),
    Source(
        name="other venues and years",
        gold=SHARED / "gold" / "dev-other-venues.jsonl",
        papers=SHARED / "gold" / "dev-other-venues.papers.jsonl",
    ),
)
_TRIMMED: tuple[Names, ...] = ("as-annotated", "trimmed")
_WIDENED: tuple[Names, ...] = ("as-annotated", "widened")
_CORPORA: tuple[tuple[str, str, tuple[Names, ...]], ...] = (
    ("GSAP-NER", "gsap_ner", _TRIMMED),
    ("SciREX", "scirex", _TRIMMED),
    ("SciER", "scier", _TRIMMED),
    ("SciERC", "scierc", ("as-annotated",)),
    ("TDMSci", "tdmsci", _TRIMMED),
    ("data-set names", "dataset_names", _WIDENED),
    ("URL citations", "url_citations", ("as-annotated",)),
)
"""Corpora of others with their folders, and the conventions in which their names of datasets are compared."""
SPANS = tuple(
    Source(
        name=name if names == "as-annotated" else f"{name}, {names}",
        gold=SHARED / "benchmarks" / folder / "dev.jsonl",
        merge=True,
        names=names,
    )
    for name, folder, conventions in _CORPORA
    for names in conventions
)
