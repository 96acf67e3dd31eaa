"""Decide which thing each name stands for, across papers.

1. A known concept is its vocabulary concept, whatever form the text used.
2. Any other name that a paper introduces is a thing of that paper, per type and folded name, whichever other papers
   are read with it: so graphs that were built apart and are loaded together never mix up two introductions.
3. A paper that only uses such a name means the one introduction among the papers at hand; of several, the one whose
   long form its own text gives, else the only one that is not younger than the paper. An introduction with another
   long form than the paper's is never meant.
4. Where nothing decides, or nobody introduces the name, it means an undecided further thing, one per type and folded
   name, never an introduction picked at random.

The work is split so that it can run in batches: `build_index` passes once over all papers and keeps only what rule 3
needs, `resolve` is a pure function of one paper and that index. IRIs are minted later, from the things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from kg.errors import IRIError
from kg.iris import CONCEPTS, web_iri
from kg.model import Announcement, Entity, Extraction, Link, Mention, Paper, Result
from kg.names import fold
from kg.ontology import Ontology, load_ontology

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Thing:
    """What identifies a thing that papers speak of; two names with equal things are the same thing."""

    type: str
    key: str
    """The folded name; for a known concept its IRI."""
    introducer: str = ""
    """Key of the paper whose introduction it is; empty for a known concept and where none is decided on."""

    @property
    def concept(self) -> str | None:
        """IRI of the vocabulary concept, None for a thing that is in no vocabulary."""
        # Folding drops the punctuation of a name with letters, so no folded name looks like an IRI.
        return self.key if self.key.startswith(CONCEPTS) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one paper says of one thing, and the mentions it rests on."""

    thing: Thing
    relation: str
    """The strongest that the paper's words for the thing support."""
    name: str
    aliases: tuple[str, ...]
    mentions: tuple[Mention, ...]
    """In text order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedResult:
    """A result whose metric, dataset and subject are things of the same paper, where the text names one."""

    result: Result
    metric: Thing | None = None
    dataset: Thing | None = None
    subject: Thing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedClaim:
    """Something that was read but is not said in the graph, and why."""

    paper: str
    """The paper's title."""
    place: str
    """Where the paper was read, as `file:line`; empty when it comes from no file."""
    relation: str
    value: str
    """The name, address or number it was about."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """An extraction whose names are things."""

    paper: Paper
    url: str | None = None
    """The paper's own address as a valid IRI."""
    claims: tuple[Claim, ...] = ()
    """Sorted by thing."""
    links: tuple[Link, ...] = ()
    """With valid addresses."""
    announcements: tuple[Announcement, ...] = ()
    results: tuple[ResolvedResult, ...] = ()
    refused: tuple[RefusedClaim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """One paper's introduction of a name."""

    paper: str
    year: int | None
    """None when unknown."""
    aliases: frozenset[str]
    """Folded other names, such as the long form of an acronym."""


@dataclass(frozen=True, slots=True)
class Index:
    """The names that papers introduce: (type, folded name) to the introductions, sorted by paper."""

    introductions: Mapping[tuple[str, str], tuple[Introduction, ...]] = field(default_factory=dict)

    def part(self, extractions: Iterable[Extraction]) -> Index:
        """Give the part of the index that these extractions need."""
        names = {(entity.type, fold(entity.name)) for extraction in extractions for entity in extraction.entities}
        return Index({name: self.introductions[name] for name in sorted(names & self.introductions.keys())})


def build_index(extractions: Iterable[Extraction]) -> Index:
    """Collect the names that papers introduce, in one pass; the order of the papers does not matter."""
    found: dict[tuple[str, str], dict[str, Introduction]] = {}
    for extraction in extractions:
        paper = extraction.paper
        for entity in extraction.entities:
            if entity.relation == "introduces" and not _is_known(entity):
                key = fold(entity.name)
                by_paper = found.setdefault((entity.type, key), {})
                earlier = by_paper.get(paper.key)
                aliases = _folded_aliases(entity) | (earlier.aliases if earlier else frozenset())
                by_paper[paper.key] = Introduction(paper=paper.key, year=paper.year, aliases=aliases)
    return Index(
        {name: tuple(by_paper[paper] for paper in sorted(by_paper)) for name, by_paper in sorted(found.items())}
    )


def resolve(extraction: Extraction, index: Index, *, ontology: Ontology | None = None) -> Resolution:
    """Give the things that one paper speaks of.

    Claims that the ontology's domains and ranges forbid, addresses that are none and values that are no numbers are
    left out and named in `refused`.
    """
    ontology = ontology or load_ontology()
    paper = extraction.paper
    refused: list[RefusedClaim] = []

    def refuse(relation: str, value: str, reason: str) -> None:
        refused.append(
            RefusedClaim(paper=paper.title, place=place_of(paper), relation=relation, value=value, reason=reason)
        )

    claims = _claims(extraction, index, ontology, refuse)
    links = []
    for link in extraction.links:
        kind = "Repository" if link.kind == "code" else "WebPage"
        if not ontology.permits("Paper", link.mention.relation, kind):
            refuse(link.mention.relation, link.url, _forbidden(link.mention.relation, kind))
            continue
        try:
            links.append(replace(link, url=web_iri(link.url)))
        except IRIError as error:
            refuse(link.mention.relation, link.url, str(error))

    results = []
    for result in extraction.results:
        if not _DECIMAL.fullmatch(result.value):
            refuse("value", result.value, "is no plain decimal number")
            continue
        results.append(
            ResolvedResult(
                result=result,
                metric=_named(result.metric, "metric", claims, ontology),
                dataset=_named(result.dataset, "dataset", claims, ontology),
                subject=_named(result.subject, "subject", claims, ontology),
            )
        )

    url = None
    if paper.url is not None:
        try:
            url = web_iri(paper.url)
        except IRIError as error:
            refuse("url", paper.url, str(error))
    return Resolution(
        paper=paper,
        url=url,
        claims=claims,
        links=tuple(links),
        announcements=extraction.announcements,
        results=tuple(results),
        refused=tuple(refused),
    )


def place_of(paper: Paper) -> str:
    """Give where a paper was first read, as `file:line`; empty when it comes from no file."""
    return next((f"{entry.listing.name}:{entry.line}" for entry in paper.entries), "")


def _claims(
    extraction: Extraction, index: Index, ontology: Ontology, refuse: Callable[[str, str, str], None]
) -> tuple[Claim, ...]:
    own = build_index([extraction])
    entities: dict[Thing, list[Entity]] = {}
    for entity in extraction.entities:
        entities.setdefault(_identify(entity, extraction.paper, own, index), []).append(entity)
    claims = []
    for thing in sorted(entities):
        same = entities[thing]
        mentions = [mention for entity in same for mention in entity.mentions]
        wanted = {entity.relation for entity in same}
        read = wanted | {mention.relation for mention in mentions}
        permitted = {relation for relation in read if ontology.permits("Paper", relation, thing.type)}
        for forbidden in sorted(read - permitted):
            refuse(forbidden, same[0].name, _forbidden(forbidden, thing.type))
        relation = next((name for name in ontology.relations if name in wanted & permitted), None)
        if relation is None:
            continue
        names = [entity.name for entity in same]
        forms = {*names, *(alias for entity in same for alias in entity.aliases)}
        claims.append(
            Claim(
                thing=thing,
                relation=relation,
                name=names[0],
                aliases=tuple(sorted(forms - {names[0]})),
                mentions=tuple(
                    sorted(
                        (mention for mention in mentions if mention.relation in permitted),
                        key=lambda mention: (mention.start, mention.end, mention.relation, mention.rules),
                    )
                ),
            )
        )
    return tuple(claims)


def _identify(entity: Entity, paper: Paper, own: Index, index: Index) -> Thing:
    if entity.concept is not None and _is_known(entity):
        return Thing(type=entity.type, key=entity.concept)
    name = entity.type, fold(entity.name)
    if name in own.introductions:
        introducer: str | None = paper.key
    else:
        introducer = _introducer(entity, paper, index.introductions.get(name, ()))
    return Thing(type=entity.type, key=name[1], introducer=introducer or "")


def _introducer(entity: Entity, paper: Paper, introductions: tuple[Introduction, ...]) -> str | None:
    aliases = _folded_aliases(entity)
    by_text = [introduction for introduction in introductions if introduction.aliases & aliases]
    if len(by_text) == 1:
        return by_text[0].paper
    if len(introductions) == 1 and not (aliases and introductions[0].aliases):
        return introductions[0].paper
    if by_text or aliases:
        # The paper says what it means by the name, and that fits several introductions or none: years decide nothing.
        return None
    if paper.year is None or any(introduction.year is None for introduction in introductions):
        return None
    by_year = [introduction for introduction in introductions if (introduction.year or 0) <= paper.year]
    return by_year[0].paper if len(by_year) == 1 else None


def _is_known(entity: Entity) -> bool:
    # A concept of another scheme shares the name, not the type, and the types are disjoint: then it is another thing.
    return entity.concept is not None and entity.concept.startswith(f"{CONCEPTS}{entity.type.lower()}/")


def _folded_aliases(entity: Entity) -> frozenset[str]:
    return frozenset(map(fold, entity.aliases)) - {fold(entity.name)}


def _named(name: str | None, relation: str, claims: tuple[Claim, ...], ontology: Ontology) -> Thing | None:
    if name is None:
        return None
    key = fold(name)
    candidates = [claim for claim in claims if ontology.permits("Result", relation, claim.thing.type)]
    by_name = [claim.thing for claim in candidates if fold(claim.name) == key]
    by_alias = [claim.thing for claim in candidates if key in map(fold, claim.aliases)]
    found = by_name or by_alias
    return found[0] if len(found) == 1 else None


def _forbidden(relation: str, type_: str) -> str:
    return f"the ontology does not allow {relation} between a Paper and a {type_}"
