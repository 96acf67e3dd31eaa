"""Count in many abstracts how names behave: the statistics that extraction reads as one more witness.

What the witnesses of the words around a name say of its type ("the X dataset", "datasets such as X", "evaluated on
X", "using X") is counted once a paper, whatever the name itself looks like. The outcome depends on the set of papers
alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import add
from pathlib import Path

from spacy.language import Language

from kg.errors import KGError
from kg.extract.candidates import NAMED
from kg.extract.marks import marks
from kg.extract.pipeline import create_pipeline, make_doc
from kg.extract.statistics import COMMON, KINDS, Counts, first_word, last_words, to_tsv
from kg.extract.tokens import read_tokens
from kg.model import Paper
from kg.names import fold
from kg.ontology import load_ontology
from kg.resolve import place_of
from kg.sources import Problem, read_papers
from kg.workers import Progress, batches, workers

_LEAST = {"names": 3, "first": 10, "last": 5, "all": 0}
"""Keys of fewer papers are not worth a line."""
_NEIGHBOURS = ("kg_context", "kg_enumerations")
"""Witnesses that read the words around a name."""
_GENERIC = "heads.generic"
"""The rule of `kg_heads` that reads a noun after the name."""
_BEGINNING = 100
"""Papers whose abstracts have as many characters in common, folded, at the beginning, are one paper."""

Table = dict[str, dict[str, Counts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """How names behave in papers, and what was not counted."""

    papers: int
    """How many papers were counted."""
    without: int
    """How many were left out because the caller asked for that."""
    names: int
    """How many names are frequent enough to be in the file."""
    text: str
    """The file, as `kg.extract.statistics` describes it."""
    problems: tuple[Problem, ...]
    """What the readers could not take, and papers that the program failed on."""


def learn(
    *inputs: str | Path,
    without: Iterable[str | Path] = (),
    jobs: int = 1,
    input_format: str | None = None,
    progress: Progress | None = None,
) -> Learnt:
    """Learn from all papers of the inputs, which are what `read_papers` takes.

    Leaves out the papers of the inputs `without`, and those whose abstract begins like one of theirs: papers that
    something is to be measured on. The outcome depends neither on the order of the inputs nor on `jobs`, the number of
    processes. Raises InputError for inputs that cannot be read.
    """
    reading = read_papers(*inputs, format=input_format)
    left_out = {key for given in without for paper in read_papers(given) for key in _identity(paper)}
    papers = [paper for paper in reading if left_out.isdisjoint(_identity(paper))]
    table: Table = {kind: {} for kind in KINDS}
    problems = list(reading.problems)
    done = 0
    with workers(jobs) as run:
        for counted, failed, size in run(_count, batches(papers)):
            _merge(table, counted)
            problems += failed
            done += size
            if progress:
                progress("learn", done, len(papers))
    kept = {
        kind: {key: counts for key, counts in keys.items() if counts[0] >= _LEAST[kind]} for kind, keys in table.items()
    }
    return Learnt(
        papers=len(papers),
        without=len(reading) - len(papers),
        names=len(kept["names"]),
        text=to_tsv(len(papers), kept),
        problems=tuple(problems),
    )


def _identity(paper: Paper) -> tuple[str, str]:
    return f"title {paper.key}", f"abstract {fold(paper.abstract)[:_BEGINNING]}"


def _merge(table: Table, counted: Table) -> None:
    for kind, keys in counted.items():
        into = table[kind]
        for key, counts in keys.items():
            before = into.get(key)
            into[key] = _one(counts if before is None else tuple(map(add, before, counts)))


_SAME: dict[Counts, Counts] = {}
"""Equal counts are one object: most names occur in one paper, and there are a million of them."""


def _one(counts: Counts) -> Counts:
    return _SAME.setdefault(counts, counts)


def _count(papers: Sequence[Paper]) -> tuple[Table, list[Problem], int]:
    """Count in a batch of papers; one that the program fails on is a problem."""
    table: Table = {kind: {} for kind in KINDS}
    problems = []
    for paper in papers:
        try:
            counted = count_paper(_pipeline(), paper)
        except KGError:
            raise  # our own files are wrong, which concerns every paper
        except Exception as error:  # whatever it is: one paper must not cost the others
            message = f"the program failed on it, please report: {type(error).__name__}: {error}"
            problems.append(Problem(place_of(paper), message))
        else:
            _merge(table, counted)
    return table, problems, len(papers)


@cache
def _pipeline() -> Language:
    return create_pipeline(until="kg_context")


def count_paper(nlp: Language, paper: Paper) -> Table:
    """Count in one paper: 0 or 1 for each name, and for words and `all` the sum of the names that have them."""
    doc = make_doc(nlp, paper, span_groups=False)
    for _, component in nlp.pipeline:
        doc = component(doc)
    tokens, found = read_tokens(doc), marks(doc)
    said: dict[tuple[int, int], set[str]] = {}
    for group in ("kg_heads", *_NEIGHBOURS):
        for mark in found[group]:
            if mark.label_ and (group in _NEIGHBOURS or mark.id_ == _GENERIC):
                said.setdefault((mark.start, mark.end), set()).add(mark.label_)
    seen: dict[str, _Seen] = {}
    for mark in found["kg_candidates"]:
        name = tokens.between(mark.start, mark.end)
        seen.setdefault(fold(name), _Seen(name)).add(
            is_title=doc[mark.start].idx < len(paper.title),
            is_named=mark.label_ == NAMED,
            types=said.get((mark.start, mark.end), ()),
        )
    table: Table = {kind: {} for kind in KINDS}
    for key, one in seen.items():
        counts = one.counts()
        table["names"][key] = counts
        if one.is_named:
            continue
        groups = [("all", COMMON), *(("last", ending) for ending in last_words(one.name))]
        if first := first_word(one.name):
            groups.append(("first", first))
        for kind, group in groups:
            before = table[kind].get(group)
            table[kind][group] = counts if before is None else tuple(map(add, before, counts))
    return table


class _Seen:
    """What one paper says of one name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_named = False
        self._places = 0
        self._is_title = False
        self._types: set[str] = set()

    def add(self, *, is_title: bool, is_named: bool, types: Iterable[str]) -> None:
        self._places += 1
        self._is_title = self._is_title or is_title
        self.is_named = self.is_named or is_named
        self._types.update(types)

    def counts(self) -> Counts:
        types = (int(kind in self._types) for kind in load_ontology().entity_types)
        return (1, int(self._is_title), int(self._places > 1), *types)
