"""Build a graph from inputs: the main job.

1. Extract: each paper on its own.
2. Index: the names that papers introduce.
3. Resolve, make triples and check them against the shapes, batch by batch; a paper that violates a shape is held back.
4. Make and check what the papers that stay share, and sort everything.

Steps 1 and 3 are pure functions of a batch, so they run in this process or in several with the same outcome. Between
processes triples travel as N-Triples: pickled ones cost ten times as much.

No paper is lost: each is in the graph or among the rejections, one that the program itself fails on included, and the
counts are compared before anything is given back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from hashlib import file_digest
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Triple

from kg import __version__
from kg.check import Rejection, Violation, check_batch
from kg.errors import KGError, OutputError, ValidationFailure
from kg.graph import RDF, PaperGraph, TripleMaker, Usage
from kg.iris import DEFAULT_BASE, ONTOLOGY, Minter
from kg.model import Extraction, Listing, Paper
from kg.ontology import load_ontology
from kg.resolve import Index, RefusedClaim, Resolution, build_index, place_of, resolve
from kg.sources import Problem, read_papers
from kg.workers import Progress, Run, batches, workers
from kg.write import to_ntriples, to_rdflib, write_atomically, write_graph

if TYPE_CHECKING:
    from kg.extract import Extractor

_PAPER = NamedNode(f"{ONTOLOGY}Paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One thing that is not in the graph, and why: a row of the rejects file."""

    kind: str
    """`rejected paper`, `refused claim` or `unread place`."""
    place: str
    """The file, or the file and line as `file:line`; empty when that is not known."""
    paper: str
    """The paper's title; empty when it is about no paper."""
    shape: str
    """Local name of the shape that a paper violates; empty otherwise."""
    value: str
    """The offending value, or what the claim was about; empty when it is the lack of one."""
    message: str


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
    """What held a paper back: a shape, or an error of the program; sorted by paper."""
    refused: tuple[RefusedClaim, ...]
    """What was read but not said, sorted by paper."""
    problems: tuple[Problem, ...]
    """What the readers could not take."""
    replaced: int
    """How many characters of papers RDF/XML cannot carry, and are U+FFFD in the graph."""
    unsure: int = 0
    """How many things, links, announcements and results of papers were less sure than `min_confidence`."""
    inputs: frozenset[str] = frozenset()
    """What must not be written over: digests (SHA-256) of the files that papers come from, paths of those named."""

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
            "unsure claims": self.unsure,
            "unread places": len(self.problems),
            "replaced characters": self.replaced,
        }

    def left_out(self) -> tuple[LeftOut, ...]:
        """Give everything that did not get into the graph: papers, claims, then places of the inputs."""
        papers = (
            LeftOut(
                kind="rejected paper",
                place=rejection.place,
                paper=rejection.title,
                shape=rejection.shape,
                value=rejection.value,
                message=rejection.message,
            )
            for rejection in self.rejections
        )
        claims = (
            LeftOut(
                kind="refused claim",
                place=refused.place,
                paper=refused.paper,
                shape="",
                value=refused.value,
                message=f"{refused.relation}: {refused.reason}",
            )
            for refused in self.refused
        )
        places = (
            LeftOut(kind="unread place", place=problem.place, paper="", shape="", value="", message=problem.message)
            for problem in self.problems
        )
        return (*papers, *claims, *places)

    def write(self, path: Path | str) -> Path | None:
        """Write the graph in the format of the file's suffix, and beside it what was left out, as `write_rejects` does.

        Each file appears whole or not at all. Raises OutputError when one cannot be written or is an input.
        """
        for target in (Path(path), rejects_path(path)):
            self._refuse_input(target)
        write_graph(self.triples, path, base=self.base)
        return self.write_rejects(path)

    def write_rejects(self, path: Path | str) -> Path | None:
        """Write what was left out of the graph of that path to the rejects file beside it, and give its path.

        Gives None when nothing was left out; then a rejects file of an earlier build is removed. Raises OutputError
        when the file cannot be written or is an input.
        """
        rejects = rejects_path(path)
        self._refuse_input(rejects)
        if left_out := self.left_out():
            write_atomically(rejects, to_jsonlines(left_out))
            return rejects
        rejects.unlink(missing_ok=True)
        return None

    def _refuse_input(self, path: Path) -> None:
        if path.is_file() and not self.inputs.isdisjoint({str(path.resolve()), _digest(path)}):
            raise OutputError("is an input of this build and stays as it is; give another output", place=str(path))


class BuildRefused(ValidationFailure):
    """Papers were held back, and the caller asked for that to be an error; `report` is the build without them."""

    def __init__(self, message: str, *, report: BuildReport) -> None:
        super().__init__(message, rejected=report.counts()["rejected papers"])
        self.report = report


def build(
    *inputs: str | Path,
    base: str = DEFAULT_BASE,
    jobs: int = 1,
    year: int | None = None,
    input_format: str | None = None,
    min_confidence: float = 0.0,
    statistics: Path | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build the graph of all papers of the inputs, which are what `read_papers` takes.

    The outcome does not depend on the order of the inputs or on `jobs`, the number of processes. `base` is the IRI
    that the data's IRIs start with, `year` that of pages and dates without one, `statistics` a file of `kg learn`.
    What papers say of things, links and results with less than `min_confidence` is dropped and counted. Raises
    IRIError for a base that cannot be one, InputError for inputs that cannot be read, and BuildRefused, with
    `strict`, when a paper was held back.
    """
    Minter(base)  # before the long work, not after it
    reading = read_papers(*inputs, format=input_format, year=year)
    named = {str(Path(given).resolve()) for given in inputs if Path(given).is_file()}
    with workers(jobs) as run:
        extractions: list[Extraction] = []
        failures: list[Rejection] = []
        done = 0
        for batch in run(
            _extract, [_Papers(papers=papers, base=base, statistics=statistics) for papers in batches(reading.papers)]
        ):
            for outcome in batch:
                if isinstance(outcome, Extraction):
                    extractions.append(outcome)
                else:
                    failures.append(outcome)
            done += len(batch)
            if progress:
                progress("extract", done, len(reading.papers))
        return _assemble(
            extractions,
            base=base,
            listings=reading.listings,
            problems=reading.problems,
            failures=failures,
            papers=len(reading.papers),
            named=named,
            year=year,
            min_confidence=min_confidence,
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
    min_confidence: float = 0.0,
    strict: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build the graph of extractions made before, in any order; otherwise as `build`.

    The listings are those that the papers name. Raises KGError for two extractions of one paper, too.
    """
    ordered = sorted(extractions, key=lambda extraction: extraction.paper.key)
    for one, next_one in pairwise(ordered):
        if one.paper.key == next_one.paper.key:
            raise KGError(f"two extractions of one paper, {one.paper.title!r}; give one for each paper")
    listings = {entry.listing for extraction in ordered for entry in extraction.paper.entries}
    with workers(jobs) as run:
        return _assemble(
            ordered,
            base=base,
            listings=tuple(listings),
            problems=(),
            failures=(),
            papers=len(ordered),
            named=(),
            year=year,
            min_confidence=min_confidence,
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


def to_jsonlines(left_out: Iterable[LeftOut]) -> bytes:
    """Give what was left out as JSON lines: one object each, its fields those of `LeftOut`."""
    return "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in left_out).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Papers:
    """What one process needs to extract a batch."""

    papers: Sequence[Paper]
    base: str
    statistics: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What one process needs to resolve and check a batch."""

    extractions: Sequence[Extraction]
    index: Index
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """What the accepted papers of a batch come to, and what was not accepted.

    Pickled, its triples are N-Triples: as objects they would take ten times as long.
    """

    triples: tuple[Triple, ...]
    usage: Usage
    replaced: int
    rejections: tuple[Rejection, ...]
    refused: tuple[RefusedClaim, ...]
    papers: int
    """How many papers were accepted."""
    size: int
    """How many papers were in the batch, accepted or not."""

    def __reduce__(self) -> tuple[Callable[..., _Checked], tuple[bytes, dict[str, object]]]:
        rest = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "triples"}
        return _checked, (to_ntriples(self.triples), rest)


def _checked(ntriples: bytes, rest: dict[str, Any]) -> _Checked:
    triples = tuple(quad.triple for quad in pyoxigraph.parse(ntriples, RdfFormat.N_TRIPLES))
    return _Checked(triples=triples, **rest)


def _extract(batch: _Papers) -> list[Extraction | Rejection]:
    extractor = _extractor(batch.statistics)
    try:
        return list(extractor.pipe(batch.papers))
    except KGError:
        raise  # a file of ours or of the caller is wrong, which concerns every paper
    except Exception:  # whatever it is: one paper must not cost the others, so they are read one by one
        return [_extract_one(extractor, paper, batch.base) for paper in batch.papers]


def _extract_one(extractor: Extractor, paper: Paper, base: str) -> Extraction | Rejection:
    try:
        return extractor(paper)
    except Exception as error:
        return _failure(paper, base, "extract", error)


@cache
def _extractor(statistics: Path | None) -> Extractor:
    # One a process; imported only where papers are extracted, because spaCy takes its time to start.
    from kg.extract import Extractor

    return Extractor(statistics=statistics)


@cache
def _maker(base: str) -> TripleMaker:
    return TripleMaker(Minter(base))


def _check(batch: _Batch) -> list[_Checked]:
    """Check a batch; where that fails, check its papers one by one and hold back those it fails on."""
    try:
        return [_check_together(batch)]
    except KGError:
        raise  # our own files are wrong, which concerns every paper
    except Exception as error:
        if len(batch.extractions) > 1:
            return [part for one in batch.extractions for part in _check(replace(batch, extractions=[one]))]
        failure = _failure(batch.extractions[0].paper, batch.base, "check", error)
        return [_Checked(triples=(), usage=Usage(), replaced=0, rejections=(failure,), refused=(), papers=0, size=1)]


def _check_together(batch: _Batch) -> _Checked:
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
    places = {paper.iri: place_of(resolution.paper) for resolution, paper in zip(resolutions, papers, strict=True)}
    return _Checked(
        triples=tuple(triple for _, paper in kept for triple in paper.triples),
        usage=_sum(resolution for resolution, _ in kept),
        replaced=sum(paper.replaced for _, paper in kept),
        rejections=tuple(replace(rejection, place=places.get(rejection.paper, "")) for rejection in verdict.rejections),
        refused=tuple(refused for resolution in resolutions for refused in resolution.refused),
        papers=len(kept),
        size=len(papers),
    )


def _failure(paper: Paper, base: str, step: str, error: Exception) -> Rejection:
    iri = Minter(base).paper(paper.key)
    message = f"the program failed to {step} it, please report: {type(error).__name__}: {error}"
    violation = Violation(focus=iri, shape="", path="", value="", message=message)
    return Rejection(paper=iri, title=paper.title, place=place_of(paper), violation=violation)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _assemble(
    extractions: Sequence[Extraction],
    *,
    base: str,
    listings: Sequence[Listing],
    problems: tuple[Problem, ...],
    failures: Sequence[Rejection],
    papers: int,
    named: Collection[str],
    year: int | None,
    min_confidence: float,
    strict: bool,
    progress: Progress | None,
    run: Run,
) -> BuildReport:
    said = sum(map(_count_claims, extractions))
    extractions = [_without_unsure(extraction, min_confidence) for extraction in extractions]
    index = build_index(extractions)
    tasks = [_Batch(extractions=batch, index=index.part(batch), base=base) for batch in batches(extractions)]
    checked: list[_Checked] = []
    done = 0
    for parts in run(_check, tasks):
        checked += parts
        done += sum(part.size for part in parts)
        if progress:
            progress("check", done, len(extractions))
    rejections = tuple(sorted([*failures, *(rejection for part in checked for rejection in part.rejections)]))

    usage = Usage()
    for part in checked:
        usage.merge(part.usage)
    maker = _maker(base)
    shared = (
        maker.shared(usage)
        + maker.listings(listings)
        + maker.build(listings, version=__version__, year=year, min_confidence=min_confidence)
    )
    if faults := check_batch([], shared).rejections:
        raise ValidationFailure(_shared_fault(faults[0]), rejected=0)
    own = chain.from_iterable(part.triples for part in checked)
    triples = tuple(sorted({*own, *shared}, key=str))
    _count_papers(triples, given=papers, accepted=sum(part.papers for part in checked), rejections=rejections)
    predicates = Counter(triple.predicate.value.removeprefix(ONTOLOGY) for triple in triples)
    relations = [name for name in load_ontology().relations if name != "hasResult"]
    report = BuildReport(
        base=base,
        triples=triples,
        papers=sum(part.papers for part in checked),
        things=dict(sorted(Counter(thing.type for thing in usage.names).items())),
        claims={name: predicates[name] for name in relations if predicates[name]},
        mentions=predicates["supports"],
        results=predicates["hasResult"],
        rejections=rejections,
        refused=tuple(refused for part in checked for refused in part.refused),
        problems=problems,
        replaced=sum(part.replaced for part in checked),
        unsure=said - sum(map(_count_claims, extractions)),
        inputs=frozenset({*named, *(listing.sha256 for listing in listings)}),
    )
    if strict and rejections:
        raise BuildRefused(_held_back(rejections), report=report)
    return report


def _without_unsure(extraction: Extraction, least: float) -> Extraction:
    """Give the extraction without what is less sure than that; a thing is as sure as its surest mention."""
    return replace(
        extraction,
        entities=tuple(entity for entity in extraction.entities if entity.confidence >= least),
        links=tuple(link for link in extraction.links if link.mention.confidence >= least),
        announcements=tuple(each for each in extraction.announcements if each.mention.confidence >= least),
        results=tuple(result for result in extraction.results if result.mention.confidence >= least),
    )


def _count_claims(extraction: Extraction) -> int:
    parts = (extraction.entities, extraction.links, extraction.announcements, extraction.results)
    return sum(map(len, parts))


def _count_papers(triples: Sequence[Triple], *, given: int, accepted: int, rejections: Iterable[Rejection]) -> None:
    """Raise KGError unless every paper given is in the graph or was rejected, and none is both."""
    rejected = len({rejection.paper for rejection in rejections})
    in_graph = sum(triple.object == _PAPER and triple.predicate == RDF["type"] for triple in triples)
    if not given - rejected == accepted == in_graph:
        raise KGError(
            f"of {given} papers {accepted} were accepted, {rejected} rejected, and {in_graph} are in the graph; "
            "papers were lost, which is an error of the program: nothing was written"
        )


def _sum(resolutions: Iterable[Resolution]) -> Usage:
    usage = Usage()
    for resolution in resolutions:
        usage.add(resolution)
    return usage


def _held_back(rejections: Sequence[Rejection]) -> str:
    first = rejections[0]
    rejected = len({rejection.paper for rejection in rejections})
    were = "1 paper was" if rejected == 1 else f"{rejected:,} papers were"
    return f"{were} held back, first {first.title or first.paper}: {first.message}{_shape(first)}; nothing was written"


def _shared_fault(fault: Rejection) -> str:
    violation = fault.violation
    return (
        f"what papers share violates the shapes, which is an error of the program or of its data files: "
        f"{violation.focus}: {fault.message}{_shape(fault)}; nothing was written"
    )


def _shape(rejection: Rejection) -> str:
    return f" (shape {rejection.shape}, value {rejection.value!r})" if rejection.shape else ""
