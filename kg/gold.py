"""Read annotated papers, in two formats of JSON lines.

Per-paper gold is the format of `tests/gold/GUIDELINES.md`: what a paper speaks of, without places. Span gold is `text`
with `entities` that have `start`, `end` and `label`; it brings its texts along, which are read as abstracts without a
title, with one blank where there are several. Where `meta.title_in_text` is true the title is annotated too and begins
the text, so it is read as the title. An entity whose `orig_label` is `URL`, or `URL|role|type|function`, annotates an
address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, compress
from pathlib import Path
from typing import Any, Literal, TypeAlias

from kg.errors import InputError
from kg.model import Extraction, Paper
from kg.names import fold_loosely as fold
from kg.ontology import load_ontology

Part: TypeAlias = Literal["all", "read", "unread"]
"""Which annotated papers: every third is unread, for whoever makes rules should not look at the errors in it."""
Names: TypeAlias = Literal["as-annotated", "trimmed", "widened"]
"""What belongs to the name of a dataset in span gold, as `kg.conventions` explains."""

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_SCHEME = re.compile(r"^[a-z]+://")
_WWW = re.compile(r"^www\.")
_URL_END = re.compile(r"(?:\.git)?/*$")
_URL = "URL"
_OTHER = "Other"
"""The label of spans that count for nothing, addresses apart."""
_OWN = "Produce"
_ANY_KIND = frozenset({"code", "dataset", "model", "project"})
_KINDS: Mapping[str, frozenset[str]] = {
    "Code": frozenset({"code"}),
    "Tool": frozenset({"code", "model", "project"}),
    "Dataset": frozenset({"dataset"}),
    "DataSource": frozenset({"dataset", "project"}),
    "Knowledge": frozenset({"dataset", "project"}),
    "Document": frozenset({"project"}),
    "Paper": frozenset({"project"}),
    "Media": frozenset({"project"}),
    "Website": frozenset({"project"}),
    "Mixed": _ANY_KIND,
}
"""The kinds of link that say the same as an annotated type of address."""


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """One thing that a paper speaks of."""

    type: str
    types: frozenset[str]
    """Those that a prediction may have."""
    name: str
    aliases: tuple[str, ...]
    keys: frozenset[str]
    """Its folded names."""
    relations: frozenset[str]
    """Those that a prediction may have; empty when none is annotated."""
    required: bool


@dataclass(frozen=True, slots=True)
class GoldResult:
    """One number that a paper reports."""

    number: str
    metric: str
    dataset: str
    """Both folded, empty when not annotated."""
    required: bool


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A stretch of `Paper.text` that names something, in characters, end exclusive."""

    start: int
    end: int
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class GoldAddress:
    """A stretch of `Paper.text` that is an address."""

    start: int
    end: int
    url: str
    """The cleaned address."""
    own: bool | None
    """Whether it leads to what the paper itself made; None when that is not annotated."""
    kinds: frozenset[str]
    """The kinds that a prediction may have; empty when not annotated."""


@dataclass(frozen=True, slots=True)
class GoldPaper:
    """One annotated paper."""

    id: str
    entities: tuple[GoldEntity, ...]
    links: frozenset[tuple[str, str]] = frozenset()
    """Cleaned address and kind."""
    results: tuple[GoldResult, ...] = ()
    paper: Paper | None = None
    """What was annotated, in span gold only."""
    spans: tuple[GoldSpan, ...] = ()
    addresses: tuple[GoldAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Gold:
    """The annotated papers of a file."""

    papers: tuple[GoldPaper, ...]
    types: frozenset[str]
    """The types that are annotated."""
    has_texts: bool
    """Whether this is span gold, which brings its texts along."""
    names: Names = "as-annotated"
    """How names of datasets are compared in span gold."""

    def select(self, papers: Iterable[Paper]) -> tuple[Paper, ...]:
        """Give the annotated ones of the papers, in their order; of span gold its own texts, in order of the gold."""
        if self.has_texts:
            return tuple(paper.paper for paper in self.papers if paper.paper)
        ids = {paper.id for paper in self.papers}
        return tuple(paper for paper in papers if not ids.isdisjoint((paper.identifier, paper.slug)))


def read_gold(path: str | Path, *, part: Part = "all", merge: bool = False, names: Names = "as-annotated") -> Gold:
    """Read the annotated papers of a file, those of a part of it, in order; with `merge` models are methods.

    Raises InputError for a file that is missing, in neither format or without papers in the part, with the line.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the gold file cannot be read ({error}); it is JSON lines in UTF-8", place=str(path)
        ) from error
    types = load_ontology().entity_types
    papers: list[GoldPaper] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            papers.append(_span_gold(record, types, merge=merge) if "text" in record else _gold(record, merge=merge))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"not an annotated paper ({type(error).__name__}: {error}); each line is an object with id, entities "
                "(type, name, aliases, relation, required), links (url, kind) and results (value, metric, dataset), or "
                "one with id, text and entities (start, end, label)",
                place=f"{path}:{number}",
            ) from error
    kept = [paper for number, paper in enumerate(papers) if part == "all" or (number % 3 == 2) == (part == "unread")]
    if not kept:
        raise InputError("the gold file holds no papers" + (f" that are {part}" if papers else ""), place=str(path))
    if len({paper.paper is None for paper in papers}) > 1:
        raise InputError("some papers bring their text along and some do not; give two files", place=str(path))
    has_texts = papers[0].paper is not None
    annotated = {entity.type for paper in papers for entity in paper.entities} if has_texts else types
    return Gold(tuple(kept), frozenset(annotated), has_texts, names)


def first_number(value: object) -> str:
    """Give the first number in a value; zeros at its end do not matter.

    >>> first_number("80.20 %"), first_number("x3"), first_number(13.0), first_number("none")
    ('80.2', '3', '13', 'none')
    """
    text = str(value)
    if (match := _NUMBER.search(text)) is None:
        return text
    return match.group().rstrip("0").rstrip(".") if "." in match.group() else match.group()


def clean_url(url: str) -> str:
    """Give what tells two addresses apart: no scheme, no `www.`, no `.git` or slash at the end, lower case.

    >>> clean_url("http://www.GitHub.com/a/b.git/")
    'github.com/a/b'
    """
    return _URL_END.sub("", _WWW.sub("", _SCHEME.sub("", url.strip().lower())))


def merge_models(extraction: Extraction) -> Extraction:
    """Give an extraction whose models are methods, to be compared with gold that was read with `merge`."""
    entities = (replace(entity, type=_merged(entity.type)) for entity in extraction.entities)
    return replace(extraction, entities=tuple(entities))


def _merged(type_: str) -> str:
    return "Method" if type_ == "Model" else type_


def _gold(record: dict[str, Any], *, merge: bool) -> GoldPaper:
    rename = _merged if merge else str
    allowed = load_ontology().entity_types
    for type_ in (each for entity in record["entities"] for each in (entity["type"], entity.get("alt_type"))):
        if type_ and type_ not in allowed:
            raise ValueError(f"type {type_!r}; allowed: {', '.join(allowed)}")
    return GoldPaper(
        id=record["id"],
        entities=tuple(
            GoldEntity(
                type=rename(entity["type"]),
                types=frozenset({rename(entity["type"]), rename(entity.get("alt_type") or entity["type"])}),
                name=entity["name"],
                aliases=tuple(entity.get("aliases", ())),
                keys=frozenset(fold(name) for name in (entity["name"], *entity.get("aliases", ())) if name),
                relations=frozenset({entity.get("relation"), *entity.get("also", ())}),
                required=entity.get("required", True),
            )
            for entity in record["entities"]
        ),
        links=frozenset({clean_url(link["url"]): link["kind"] for link in record.get("links", ())}.items()),
        results=tuple(
            GoldResult(
                number=first_number(result.get("value")),
                metric=fold(result.get("metric") or ""),
                dataset=fold(result.get("dataset") or ""),
                required=result.get("required", True),
            )
            for result in record.get("results", ())
        ),
    )


def _span_gold(record: dict[str, Any], types: Collection[str], *, merge: bool) -> GoldPaper:
    meta = record.get("meta") or {}
    text, offsets = _single_blanks(record["text"])
    title = _single_blanks(record["title"])[0] if meta.get("title_in_text") else ""
    if not text.startswith(title):
        raise ValueError("the text does not begin with the title, as meta.title_in_text says")
    abstract = text[len(title) :].lstrip()
    paper = Paper(title=title, abstract=abstract, identifier=record["id"])
    shift = len(paper.text) - len(text)

    def moved(offset: int) -> int:
        offset = offsets[offset]
        return offset if offset <= len(title) else offset + shift

    rename = _merged if merge else str
    spans, addresses = [], []
    for entity in record["entities"]:
        if not 0 <= entity["start"] < entity["end"] <= len(record["text"]):
            raise ValueError(f"{entity['start']} to {entity['end']} is no part of the text")
        if entity["label"] not in (*types, _OTHER):
            raise ValueError(f"label {entity['label']!r}; allowed: {', '.join((*types, _OTHER))}")
        start, end = moved(entity["start"]), moved(entity["end"])
        label = str(entity.get("orig_label", ""))
        if entity["label"] in types:
            spans.append(GoldSpan(start, end, rename(entity["label"]), entity["text"]))
        elif label.partition("|")[0] == _URL:
            addresses.append(_address(start, end, meta.get("url") or entity["text"], label))
    entities = {
        (span.type, fold(span.text)): GoldEntity(
            span.type, frozenset({span.type}), span.text, (), frozenset({fold(span.text)}), frozenset(), required=True
        )
        for span in reversed(spans)
    }
    return GoldPaper(
        id=record["id"],
        entities=tuple(reversed(entities.values())),
        paper=paper,
        spans=tuple(spans),
        addresses=tuple(addresses),
    )


def _single_blanks(text: str) -> tuple[str, list[int]]:
    """Give the text without blanks that follow white space, and for each offset the new one; line ends stay.

    >>> _single_blanks("a  b")
    ('a b', [0, 1, 2, 2, 3])
    """
    kept = [
        not here.isspace() or here == "\n" or not before.isspace()
        for before, here in zip(f"x{text}", text, strict=False)
    ]
    return "".join(compress(text, kept)), list(accumulate(kept, initial=0))


def _address(start: int, end: int, url: str, label: str) -> GoldAddress:
    _, *rest = label.split("|")
    _, kind, function = rest if len(rest) == 3 else ("", "", "")
    return GoldAddress(
        start, end, clean_url(url), (function == _OWN) if function else None, _KINDS.get(kind, frozenset())
    )
