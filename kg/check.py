"""Check graphs against the shapes: the gate that every paper passes before anything is written.

pySHACL is the arbiter of everything that `shapes/` says. Three things SHACL cannot say, or pySHACL only by SPARQL at
ten times the cost, are checked beside it and reported in the same form:

- terms: every class and predicate is declared by the ontology, every subject has a class, nothing is a blank node
  (SHACL targets nodes by their class, so what has none, or an undeclared one, would escape every shape);
- quotes: what a mention quotes is what the text says between its offsets, and a text is as long as its string;
- evidence: every statement of a paper about a thing rests on a mention in that paper's own text which supports it,
  and no mention is of a thing that its paper does not speak of.

What they demand is said in `shapes/beside.ttl`.

IMPLEMENTATION NOTE: of the time that pySHACL took on rdflib's own graph, two thirds went into adding triples to its
three indices and into the layers between a look-up and its answer. `_TermGraph` is an rdflib graph that holds the same
terms in plain dictionaries, filled once and only read; that, and property shapes which have their own targets (pySHACL
evaluates those for all nodes together, those below a node shape once per node), bring a paper of 320 triples from
20 ms to 3 ms.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib
from rdflib import RDF, BNode, Literal, URIRef
from rdflib.term import Node

from kg.errors import DataFileError, KGError
from kg.iris import ONTOLOGY, PREFIXES
from kg.ontology import load_ontology
from kg.resources import resource
from kg.write import read_triples

SHAPES = "https://w3id.org/paper-kg/shapes#"

_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
_NIF = rdflib.Namespace(PREFIXES["nif"])
_KG = rdflib.Namespace(ONTOLOGY)
# Each access to an attribute of a namespace makes a term; these are needed once a mention and more.
_TYPE, _PAPER, _MENTION, _PAPER_TEXT, _SUPPORTS = RDF.type, _KG.Paper, _KG.Mention, _KG.text, _KG.supports
_IN_TEXT, _BEGIN, _END, _QUOTE = _NIF.referenceContext, _NIF.beginIndex, _NIF.endIndex, _NIF.anchorOf
_STRING_OF_TEXT = _NIF.isString
_IDENTIFIES = URIRef(PREFIXES["itsrdf"] + "taIdentRef")
_TITLE = ox.NamedNode(PREFIXES["schema"] + "name")
_NOTHING = (Literal(""),)
# What in SHACL would be the constraint that a check beside it stands for.
_COMPONENTS = {
    "Type": _SH.MinCountConstraintComponent,
    "Class": _SH.InConstraintComponent,
    "Property": _SH.ClosedConstraintComponent,
    "IRI": _SH.NodeKindConstraintComponent,
    "Text-length": _SH.SPARQLConstraintComponent,
    "Mention-paper": _SH.SPARQLConstraintComponent,
    "Mention-quote": _SH.SPARQLConstraintComponent,
    "Paper-evidence": _SH.SPARQLConstraintComponent,
}
_STRING = ox.NamedNode(PREFIXES["xsd"] + "string")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Violation:
    """One thing that is wrong in a graph, as people and programs read it."""

    focus: str
    """IRI of the node that violates the shape."""
    shape: str
    """Local name of the shape, such as `Mention-beginIndex`, or of the check beside the shapes."""
    path: str
    """The property or path that was looked at, such as `nif:beginIndex`; empty when it is the node itself."""
    value: str
    """The offending value; empty when it is the lack of one."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Rejection:
    """Why a paper is held back: a violation of its own or of something it refers to, or an error of the program."""

    paper: str
    """IRI of the paper; empty when no paper of the batch is concerned."""
    title: str
    violation: Violation
    place: str = ""
    """Where the paper was read, as `file:line`, when that is known."""

    @property
    def shape(self) -> str:
        """Local name of the violated shape; empty when the program failed on the paper."""
        return self.violation.shape

    @property
    def path(self) -> str:
        """The property or path that was looked at."""
        return self.violation.path

    @property
    def value(self) -> str:
        """The offending value."""
        return self.violation.value

    @property
    def message(self) -> str:
        """What the shape demands, in a sentence."""
        return self.violation.message


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchVerdict:
    """Which papers of a batch may be written, and why the others may not."""

    accepted: list[str]
    """IRIs of the papers without a violation, in the order given."""
    rejections: tuple[Rejection, ...]
    """Sorted; a paper with several violations has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """What is wrong in a graph."""

    violations: tuple[Violation, ...]
    """Sorted."""
    shacl: rdflib.Graph
    """The same as a SHACL validation report."""

    @property
    def conforms(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.violations


def check_batch(papers: Sequence[tuple[str, Sequence[ox.Triple]]], shared: Sequence[ox.Triple]) -> BatchVerdict:
    """Tell which of the papers may be written.

    Each paper is given by its IRI and all triples that belong to it alone (its own, those of its text, authors,
    mentions and results); `shared` are the triples of everything papers refer to. A violation of something shared
    holds back the papers that refer to it, directly or through other shared things; one that no paper refers to holds
    back all of them, and is given with an empty `paper` when there are none.
    """
    violations, _ = _load_gate().examine(chain.from_iterable(triples for _, triples in [*papers, ("", shared)]))
    if not violations:
        return BatchVerdict(accepted=[iri for iri, _ in papers], rejections=())
    concerned = _concern(violations, papers, shared)
    titles = {iri: _title(iri, triples) for iri, triples in papers}
    rejections = tuple(
        sorted(
            Rejection(paper=paper, title=titles.get(paper, ""), violation=violation)
            for violation in violations
            for paper in concerned[violation.focus]
        )
    )
    rejected = {rejection.paper for rejection in rejections}
    return BatchVerdict(accepted=[iri for iri, _ in papers if iri not in rejected], rejections=rejections)


def validate_graph(path: Path | str) -> ValidationReport:
    """Check a graph file as a whole; raises InputError when it cannot be read."""
    violations, report = _load_gate().examine(read_triples(path))
    return ValidationReport(violations=tuple(violations), shacl=report)


class _TermGraph(rdflib.Graph):
    """An rdflib graph in plain dictionaries: filled once, then read by pySHACL."""

    def __init__(self, triples: Iterable[ox.Triple], known: Mapping[ox.NamedNode, URIRef]) -> None:
        super().__init__(bind_namespaces="none")
        for prefix, namespace in PREFIXES.items():
            self.bind(prefix, namespace)
        self.descriptions: dict[Node, dict[Node, list[Node]]] = {}
        self._subjects: dict[Node, dict[Node, list[Node]]] = {}
        terms: dict[Any, Node] = dict(known)
        self._size = 0
        for triple in triples:
            self._size += 1
            if (subject := terms.get(triple.subject)) is None:
                subject = terms[triple.subject] = _convert(triple.subject)
            if (predicate := terms.get(triple.predicate)) is None:
                predicate = terms[triple.predicate] = _convert(triple.predicate)
            if (value := terms.get(triple.object)) is None:
                value = terms[triple.object] = _convert(triple.object)
            if (description := self.descriptions.get(subject)) is None:
                description = self.descriptions[subject] = {}
            if (values := description.get(predicate)) is None:
                description[predicate] = [value]
            else:
                values.append(value)
        self.has_blank_nodes = any(isinstance(term, BNode) for term in terms.values())

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Generator[Node, None, None]:
        if subject is None or predicate is None:
            yield from super().objects(subject, predicate, unique)
        elif description := self.descriptions.get(subject):
            yield from description.get(predicate, ())

    def subjects(
        self,
        predicate: Any = None,
        object: Any = None,  # noqa: A002  rdflib's name, by which it may be given
        unique: bool = False,
    ) -> Generator[Node, None, None]:
        if predicate is None or object is None:
            yield from super().subjects(predicate, object, unique)
            return
        if predicate not in self._subjects:
            subjects = self._subjects[predicate] = {}
            for subject, description in self.descriptions.items():
                for value in description.get(predicate, ()):
                    subjects.setdefault(value, []).append(subject)
        yield from self._subjects[predicate].get(object, ())

    def triples(self, triple: Any) -> Generator[tuple[Any, Any, Any], None, None]:
        subject, predicate, value = triple
        found = self.descriptions if subject is None else {subject: self.descriptions.get(subject, {})}
        for node, description in found.items():
            for name, values in description.items():
                if predicate is None or name == predicate:
                    yield from ((node, name, other) for other in values if value is None or other == value)

    def add(self, triple: Any) -> _TermGraph:
        subject, predicate, value = triple
        values = self.descriptions.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)
            self._size += 1
            self._subjects.pop(predicate, None)
        return self

    def __len__(self) -> int:
        # pySHACL asks for it, as a truth value, with every violation.
        return self._size


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """A violation in rdflib's terms, found beside SHACL."""

    shape: str
    """Local name; one of those in `_COMPONENTS`."""
    focus: Node
    path: Node | None = None
    value: Node | None = None


class _Gate:
    """The shapes and the ontology's terms, loaded once a process."""

    def __init__(self) -> None:
        self._shapes = _TermGraph(_read_shapes(), {})
        # The terms of the shapes. Data use the same objects, so that most comparisons end at identity.
        self._terms = {
            ox.NamedNode(str(term)): term
            for triple in self._shapes.triples((None, None, None))
            for term in triple
            if isinstance(term, URIRef)
        }
        self._paths = {
            shape: _path_text(self._shapes, path) for shape, _, path in self._shapes.triples((None, _SH.path, None))
        }
        ontology = load_ontology()
        self._classes = frozenset(map(URIRef, ontology.declared_classes))
        self._predicates = frozenset(map(URIRef, ontology.declared_properties))
        self._relations = [_KG[name] for name in ontology.relations]

    def examine(self, triples: Iterable[ox.Triple]) -> tuple[list[Violation], rdflib.Graph]:
        """Give everything that is wrong in the triples, sorted, and the same as a SHACL report."""
        # Imported here because pySHACL takes a quarter of a second, which `kg query` should not wait for.
        import pyshacl

        with _quiet(logging.getLogger("rdflib.term")):
            graph = _TermGraph(triples, self._terms)
            _, report, text = pyshacl.validate(graph, shacl_graph=self._shapes, inplace=True)
        if not isinstance(report, rdflib.Graph):
            raise DataFileError([f"shapes: {text}"])
        for finding in (*self._check_terms(graph), *self._check_evidence(graph)):
            self._add_result(report, finding)
        results = report.subjects(RDF.type, _SH.ValidationResult)
        return sorted({self._violation(report, result) for result in results}), report

    def _violation(self, report: rdflib.Graph, result: Node) -> Violation:
        shape = report.value(result, _SH.sourceShape)
        path = report.value(result, _SH.resultPath)
        value = report.value(result, _SH.value)
        return Violation(
            focus=_text(report.value(result, _SH.focusNode)),
            shape=str(shape).removeprefix(SHAPES),
            path=self._paths.get(shape) or (_short(path) if isinstance(path, URIRef) else ""),
            value=_text(value),
            message=" ".join(sorted(map(str, report.objects(result, _SH.resultMessage)))),
        )

    def _add_result(self, report: rdflib.Graph, finding: _Finding) -> None:
        result, shape = BNode(), URIRef(SHAPES + finding.shape)
        for root in list(report.subjects(RDF.type, _SH.ValidationReport)):
            report.set((root, _SH.conforms, Literal(False)))
            report.add((root, _SH.result, result))
        report.add((result, RDF.type, _SH.ValidationResult))
        for predicate, value in (
            (_SH.focusNode, finding.focus),
            (_SH.sourceShape, shape),
            (_SH.sourceConstraintComponent, _COMPONENTS[finding.shape]),
            (_SH.resultSeverity, _SH.Violation),
            (_SH.resultPath, finding.path),
            (_SH.value, finding.value),
            (_SH.resultMessage, self._shapes.value(shape, _SH.message)),
        ):
            if value is not None:
                report.add((result, predicate, value))

    def _check_terms(self, graph: _TermGraph) -> Iterator[_Finding]:
        for subject, description in graph.descriptions.items():
            classes = description.get(_TYPE, ())
            if not classes:
                yield _Finding(shape="Type", focus=subject, path=_TYPE)
            if not self._classes.issuperset(classes):
                for class_ in set(classes) - self._classes:
                    yield _Finding(shape="Class", focus=subject, path=_TYPE, value=class_)
            if not self._predicates.issuperset(description):
                for predicate in description.keys() - self._predicates:
                    yield _Finding(shape="Property", focus=subject, value=predicate)
        if graph.has_blank_nodes:
            for subject, predicate, value in graph.triples((None, None, None)):
                for term in {subject, value}:
                    if isinstance(term, BNode):
                        yield _Finding(shape="IRI", focus=subject, path=predicate, value=term)

    def _check_evidence(self, graph: _TermGraph) -> Iterator[_Finding]:
        stated = {
            paper: {
                (relation, thing)
                for relation in self._relations
                for thing in graph.descriptions[paper].get(relation, ())
            }
            for paper in graph.subjects(_TYPE, _PAPER)
        }
        things = {paper: {thing for _, thing in statements} for paper, statements in stated.items()}
        papers = {text: paper for paper in stated for text in graph.descriptions[paper].get(_PAPER_TEXT, ())}
        for text in papers:
            description = graph.descriptions.get(text, {})
            for end in description.get(_END, ()):
                if str(end) != str(len(str(description.get(_STRING_OF_TEXT, _NOTHING)[0]))):
                    yield _Finding(shape="Text-length", focus=text, path=_END, value=end)
        unsupported = {paper: set(statements) for paper, statements in stated.items()}
        for mention in graph.subjects(_TYPE, _MENTION):
            description = graph.descriptions[mention]
            text, thing, relation, begin, end, quote = (
                description.get(predicate, _NOTHING)[0]
                for predicate in (_IN_TEXT, _IDENTIFIES, _SUPPORTS, _BEGIN, _END, _QUOTE)
            )
            if (paper := papers.get(text)) is None:
                continue  # which the shapes say
            unsupported[paper].discard((relation, thing))
            if thing not in things[paper]:
                yield _Finding(shape="Mention-paper", focus=mention, path=_IDENTIFIES, value=thing)
            string = str(graph.descriptions.get(text, {}).get(_STRING_OF_TEXT, _NOTHING)[0])
            first, last = str(begin), str(end)
            if (
                quote is not _NOTHING[0]
                and first.isdecimal()
                and last.isdecimal()
                and string[int(first) : int(last)] != str(quote)
            ):
                yield _Finding(shape="Mention-quote", focus=mention, path=_QUOTE, value=quote)
        for paper, statements in unsupported.items():
            for relation, thing in statements:
                yield _Finding(shape="Paper-evidence", focus=paper, path=relation, value=thing)


@cache
def _load_gate() -> _Gate:
    return _Gate()


def _read_shapes() -> list[ox.Triple]:
    triples, problems = [], []
    for path in sorted(resource("shapes").glob("*.ttl")):
        try:
            triples += [quad.triple for quad in ox.parse(path=path)]
        except SyntaxError as error:
            problems.append(f"{path.name}:{error.lineno}: {error.msg}")
    if problems:
        raise DataFileError(problems)
    return triples


def _concern(
    violations: Iterable[Violation], papers: Sequence[tuple[str, Sequence[ox.Triple]]], shared: Sequence[ox.Triple]
) -> Mapping[str, Collection[str]]:
    """Give for each node that violates a shape the papers it is part of, or that lead to it."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    referrers: defaultdict[str, set[str]] = defaultdict(set)
    for paper, triples in [*papers, ("", shared)]:
        for triple in triples:
            subject = _ox_text(triple.subject)
            referrers[_ox_text(triple.object)].add(subject)
            if paper:
                owners[subject].add(paper)
    everybody = [iri for iri, _ in papers] or [""]
    concerned: dict[str, Collection[str]] = {}
    for focus in {violation.focus for violation in violations}:
        found: set[str] = set()
        seen, waiting = {focus}, [focus]
        while waiting:
            node = waiting.pop()
            if node in owners:
                found |= owners[node]
            else:
                waiting += referrers[node] - seen
                seen |= referrers[node]
        concerned[focus] = found or everybody
    return concerned


def _title(paper: str, triples: Iterable[ox.Triple]) -> str:
    subject = ox.NamedNode(paper)
    titles = (triple.object for triple in triples if triple.subject == subject and triple.predicate == _TITLE)
    return _ox_text(next(titles, ox.Literal("")))


def _convert(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
    if isinstance(term, ox.NamedNode):
        # pyoxigraph has checked the IRI; checking it again would take a sixth of the time.
        return str.__new__(URIRef, term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Triple):
        raise KGError(f"a statement about a statement (RDF 1.2) cannot be checked: {term}")
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value) if term.datatype == _STRING else _convert_typed(term)


@lru_cache(maxsize=20_000)
def _convert_typed(literal: ox.Literal) -> Literal:
    # Numbers and dates are few and return in every paper.
    return Literal(literal.value, datatype=URIRef(literal.datatype.value), normalize=False)


def _text(term: Node | None) -> str:
    return "" if term is None else f"_:{term}" if isinstance(term, BNode) else str(term)


def _ox_text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _short(iri: Node) -> str:
    for prefix, namespace in PREFIXES.items():
        if str(iri).startswith(namespace):
            return f"{prefix}:{str(iri)[len(namespace) :]}"
    return f"<{iri}>"


def _path_text(shapes: rdflib.Graph, path: Node) -> str:
    """Write a path as SPARQL does, as far as our shapes use them: a property, an inverse, a sequence."""
    if isinstance(path, URIRef):
        return _short(path)
    if (inverse := shapes.value(path, _SH.inversePath)) is not None:
        return f"^{_path_text(shapes, inverse)}"
    return "/".join(_path_text(shapes, step) for step in shapes.items(path))


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep rdflib from printing a traceback for each literal that is not of its type: that is for the shapes to say."""
    silence = logging.Filter("nothing")
    logger.addFilter(silence)
    try:
        yield
    finally:
        logger.removeFilter(silence)
