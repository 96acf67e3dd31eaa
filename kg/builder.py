"""Build a graph from inputs: the main job.

1. Extract: each paper on its own.
2. Index: the names that several papers introduce.
3. Resolve, make triples and check them against the shapes, batch by batch; a paper that violates a shape is held back.
4. Make and check what the papers that stay share, and sort everything.

Steps 1 and 3 are pure functions of a batch, so they run in this process or in several with the same outcome. Between
steps triples travel as N-Triples: pickled ones cost ten times as much.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

import pyoxigraph
import rdflib
from pyoxigraph import RdfFormat, Triple

from kg.check import Rejection, check_batch
from kg.errors import KGError, ValidationFailure
from kg.graph import PaperGraph, TripleMaker, Usage
from kg.iris import DEFAULT_BASE, ONTOLOGY, Minter
from kg.model import Extraction, Listing, Paper
from kg.ontology import load_ontology
from kg.resolve import Index, RefusedClaim, Resolution, build_index, resolve
from kg.sources import Problem, read_papers
from kg.write import to_ntriples, to_rdflib, write_atomically, write_graph

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the name of a step, the papers done in it, and all its papers."""

_BATCH = 100
_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")


class _Run(Protocol):
    """Maps a function over tasks, in order; somewhere."""

    def __call__(self, function: Callable[[_Task], _Outcome], tasks: Iterable[_Task], /) -> Iterator[_Outcome]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """A graph that was built and checked, and everything that did not get into it."""

    base: str
    triples: tuple[Triple, ...]
    """The whole graph, without repetitions, sorted."""
    papers: int
    """How many papers are in the graph."""
    things: Mapping[str, int]
    """How many things papers speak of, by type, sorted by type."""
    claims: Mapping[str, int]
    """How many statements papers make of things, pages and repositories, by relation, strongest relation first."""
    mentions: int
    results: int
    rejections: tuple[Rejection, ...]
    """The shapes that held a paper back, sorted by paper."""
    refused: tuple[RefusedClaim, ...]
    """What was read but not said, sorted by paper."""
    problems: tuple[Problem, ...]
    """What the readers could not take."""
    replaced: int
    """How many characters of papers RDF/XML cannot carry, and are U+FFFD in the graph."""

    def graph(self) -> rdflib.Graph:
        """Give the graph as an rdflib graph."""
        return to_rdflib(self.triples)

    def counts(self) -> dict[str, int]:
        """Give what a closing line tells, in its order: what is in the graph, then what is not."""
        return {
            "papers": self.papers,
            "things": sum(self.things.values()),
            "claims": sum(self.claims.values()),
            "mentions": self.mentions,
            "results": self.results,
            "triples": len(self.triples),
            "rejected papers": len({rejection.paper for rejection in self.rejections}),
            "refused claims": len(self.refused),
            "unread places": len(self.problems),
            "replaced characters": self.replaced,
        }

    def write(self, path: Path | str) -> Path | None:
        """Write the graph in the format of the file's suffix, and beside it the rejects if there are any.

        Gives the path of the rejects file, None when nothing was rejected; then a rejects file of an earlier build is
        removed. Each file appears whole or not at all. Raises OutputError when one cannot be written.
        """
        write_graph(self.triples, path, base=self.base)
        rejects = rejects_path(path)
        if self.rejections:
            write_atomically(rejects, to_jsonlines(self.rejections))
            return rejects
        rejects.unlink(missing_ok=True)
        return None


def build(
    *inputs: str | Path,
    base: str = DEFAULT_BASE,
    jobs: int = 1,
    year: int | None = None,
    input_format: str | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build the graph of all papers of the inputs, which are what `read_papers` takes.

    The outcome does not depend on the order of the inputs or on `jobs`, the number of processes. `base` is the IRI
    that the data's IRIs start with, `year` that of pages and dates without one. Raises IRIError for a base that cannot
    be one, InputError for inputs that cannot be read, and ValidationFailure, with `strict`, when a paper violates a
    shape.
    """
    Minter(base)  # before the long work, not after it
    reading = read_papers(*inputs, format=input_format, year=year)
    with _workers(jobs) as run:
        extractions: list[Extraction] = []
        for batch in run(_extract, _batches(reading.papers)):
            extractions += batch
            if progress:
                progress("extract", len(extractions), len(reading.papers))
        return _assemble(
            extractions,
            base=base,
            listings=reading.listings,
            problems=reading.problems,
            year=year,
            strict=strict,
            progress=progress,
            run=run,
        )


def build_from(
    extractions: Iterable[Extraction],
    *,
    base: str = DEFAULT_BASE,
    jobs: int = 1,
    year: int | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build the graph of extractions made before, in any order; otherwise as `build`.

    The listings are those that the papers name.
    """
    ordered = sorted(extractions, key=lambda extraction: extraction.paper.key)
    listings = {entry.listing for extraction in ordered for entry in extraction.paper.entries}
    with _workers(jobs) as run:
        return _assemble(
            ordered,
            base=base,
            listings=tuple(listings),
            problems=(),
            year=year,
            strict=strict,
            progress=progress,
            run=run,
        )


def rejects_path(path: Path | str) -> Path:
    """Give the place of the rejects file of a graph file.

    >>> rejects_path("out/graph.ttl").as_posix()
    'out/graph.rejects.jsonl'
    """
    return Path(path).with_suffix(".rejects.jsonl")


def to_jsonlines(rejections: Iterable[Rejection]) -> bytes:
    """Give rejections as JSON lines, one object each with paper, title, shape, message and value."""
    fields = ("paper", "title", "shape", "message", "value")
    rows = ({field: getattr(rejection, field) for field in fields} for rejection in rejections)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What one process needs to resolve and check a batch."""

    extractions: Sequence[Extraction]
    index: Index
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """What the accepted papers of a batch come to, and what was not accepted."""

    ntriples: bytes
    usage: Usage
    replaced: int
    rejections: tuple[Rejection, ...]
    refused: tuple[RefusedClaim, ...]
    size: int
    """How many papers were in the batch, accepted or not."""


def _extract(papers: Sequence[Paper]) -> list[Extraction]:
    extractor = _extractor()
    return [extractor(paper) for paper in papers]


@cache
def _extractor() -> Callable[[Paper], Extraction]:
    # One a process; imported only where papers are extracted, because spaCy takes its time to start.
    from kg.extract import Extractor

    return Extractor()


@cache
def _maker(base: str) -> TripleMaker:
    return TripleMaker(Minter(base))


def _check(batch: _Batch) -> _Checked:
    maker = _maker(batch.base)
    resolutions = [resolve(extraction, batch.index) for extraction in batch.extractions]
    papers = [maker.paper(resolution) for resolution in resolutions]
    listings = {entry.listing for resolution in resolutions for entry in resolution.paper.entries}
    shared = maker.shared(_sum(resolutions)) + maker.listings(listings)
    verdict = check_batch([(paper.iri, paper.triples) for paper in papers], shared)
    accepted = set(verdict.accepted)
    kept: list[tuple[Resolution, PaperGraph]] = [
        pair for pair in zip(resolutions, papers, strict=True) if pair[1].iri in accepted
    ]
    return _Checked(
        ntriples=to_ntriples(triple for _, paper in kept for triple in paper.triples),
        usage=_sum(resolution for resolution, _ in kept),
        replaced=sum(paper.replaced for _, paper in kept),
        rejections=verdict.rejections,
        refused=tuple(refused for resolution in resolutions for refused in resolution.refused),
        size=len(papers),
    )


def _assemble(
    extractions: Sequence[Extraction],
    *,
    base: str,
    listings: Sequence[Listing],
    problems: tuple[Problem, ...],
    year: int | None,
    strict: bool,
    progress: Progress | None,
    run: _Run,
) -> BuildReport:
    index = build_index(extractions)
    batches = [_Batch(extractions=batch, index=index, base=base) for batch in _batches(extractions)]
    checked: list[_Checked] = []
    done = 0
    for part in run(_check, batches):
        checked.append(part)
        done += part.size
        if progress:
            progress("check", done, len(extractions))
    rejections = tuple(rejection for part in checked for rejection in part.rejections)
    if strict and rejections:
        raise _violations(rejections)

    usage = Usage()
    for part in checked:
        usage.merge(part.usage)
    maker = _maker(base)
    shared = (
        maker.shared(usage) + maker.listings(listings) + maker.build(listings, version=version("paper-kg"), year=year)
    )
    if faults := check_batch([], shared).rejections:
        raise _violations(faults)
    own = {quad.triple for part in checked for quad in pyoxigraph.parse(part.ntriples, RdfFormat.N_TRIPLES)}
    triples = tuple(sorted({*own, *shared}, key=str))
    predicates = Counter(triple.predicate.value.removeprefix(ONTOLOGY) for triple in triples)
    relations = [name for name in load_ontology().relations if name != "hasResult"]
    return BuildReport(
        base=base,
        triples=triples,
        papers=predicates["text"],
        things=dict(sorted(Counter(thing.type for thing in usage.names).items())),
        claims={name: predicates[name] for name in relations if predicates[name]},
        mentions=predicates["supports"],
        results=predicates["hasResult"],
        rejections=rejections,
        refused=tuple(refused for part in checked for refused in part.refused),
        problems=problems,
        replaced=sum(part.replaced for part in checked),
    )


@contextmanager
def _workers(jobs: int) -> Iterator[_Run]:
    """Give a `map` that keeps the order, in this process or in `jobs` others."""
    if jobs < 1:
        raise KGError(f"{jobs} processes cannot build a graph; give 1 or more")
    if jobs == 1:
        yield map
        return
    # Started afresh, not forked: a copy of a process with threads (as ours has, once a store was used) can hang.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _batches(items: Sequence[_Task]) -> list[Sequence[_Task]]:
    # Of one size whatever the number of processes, so that the outcome cannot depend on it.
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]


def _sum(resolutions: Iterable[Resolution]) -> Usage:
    usage = Usage()
    for resolution in resolutions:
        usage.add(resolution)
    return usage


def _violations(rejections: Sequence[Rejection]) -> ValidationFailure:
    first = rejections[0]
    rejected = len({rejection.paper for rejection in rejections})
    return ValidationFailure(
        f"{rejected} of the papers violate the shapes, first {first.title or first.paper}: {first.message} "
        f"(shape {first.shape}, value {first.value!r}); nothing was written",
        rejected=rejected,
    )
