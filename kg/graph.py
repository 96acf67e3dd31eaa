"""Say resolved papers as RDF triples, in the terms of the ontology.

What belongs to one paper alone (its description, text, authors, mentions, results) is made per paper, so that a paper
can be held back whole. What papers share (things and their labels, vocabulary concepts, repositories, pages,
what is announced) is made from a `Usage` that is summed over the papers that stay.

No blank nodes; every IRI comes from the `Minter` or the vocabulary; numbers, dates and booleans are typed and
canonical. Characters that RDF/XML cannot carry are replaced one for one by U+FFFD, so that offsets stay true.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import DataFileError
from kg.iris import CONCEPTS, ONTOLOGY, PREFIXES, Minter, web_key
from kg.model import Link, Listing, Mention, Paper
from kg.names import visible
from kg.ontology import Ontology, load_ontology
from kg.resolve import Claim, Resolution, ResolvedResult, Thing
from kg.vocabulary import Vocabulary, load_vocabulary

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MONTH_DAY = re.compile(r"--[0-9]{2}-[0-9]{2}")


class ClosedTerms:
    """The terms of one namespace; asking for one that is not declared raises, so that no misspelt term gets out."""

    def __init__(self, namespace: str, names: Iterable[str]) -> None:
        self._nodes = {name: NamedNode(namespace + name) for name in names}
        self._namespace = namespace

    def __getitem__(self, name: str) -> NamedNode:
        try:
            return self._nodes[name]
        except KeyError:
            raise DataFileError(
                [f"{self._namespace} declares no term {name!r}; it has {sorted(self._nodes)}"]
            ) from None


def _terms(prefix: str, *names: str) -> ClosedTerms:
    return ClosedTerms(PREFIXES[prefix], names)


RDF = _terms("rdf", "type")
DCTERMS = _terms("dcterms", "title")
ITSRDF = _terms("itsrdf", "taConfidence", "taIdentRef")
NIF = _terms("nif", "Context", "Phrase", "anchorOf", "beginIndex", "endIndex", "isString", "referenceContext")
PROV = _terms("prov", "Activity", "Entity", "used", "wasGeneratedBy")
SKOS = _terms("skos", "Concept", "ConceptScheme", "altLabel", "broader", "inScheme", "prefLabel")
VOID = _terms("void", "Dataset", "vocabulary")
XSD = _terms("xsd", "boolean", "date", "decimal", "gMonthDay", "gYear", "integer", "nonNegativeInteger")
SCHEMA = _terms(
    "schema",
    "Person",
    "ScholarlyArticle",
    "SoftwareSourceCode",
    "WebPage",
    "abstract",
    "author",
    "codeRepository",
    "commentCount",
    "datePublished",
    "identifier",
    "name",
    "url",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperGraph:
    """The triples that belong to one paper alone."""

    iri: str
    triples: tuple[Triple, ...]
    """Without repetitions, in no meaningful order."""
    replaced: int
    """How many characters of the paper's text RDF/XML cannot carry, and are U+FFFD here."""


@dataclass(slots=True)
class Usage:
    """What a set of papers shares; grows by `add` and `merge`, in any order to the same value."""

    names: defaultdict[Thing, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Thing to its names, each counted once a paper."""
    forms: defaultdict[Thing, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Thing to all other forms that papers give."""
    repositories: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """`web_key` to the addresses that were given for it."""
    pages: defaultdict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    """`web_key` to its (kind, address)es, each counted."""
    announced: set[str] = field(default_factory=set)
    """Kinds of what is announced."""

    def add(self, resolution: Resolution) -> None:
        """Count one more paper."""
        for claim in resolution.claims:
            self.names[claim.thing][claim.name] += 1
            self.forms[claim.thing].update(claim.aliases)
        for link in resolution.links:
            if link.kind == "code":
                self.repositories[web_key(link.url)].add(link.url)
            else:
                self.pages[web_key(link.url)][link.kind, link.url] += 1
        self.announced.update(announcement.kind for announcement in resolution.announcements)

    def merge(self, other: Usage) -> None:
        """Add everything that `other` has counted."""
        for thing, names in other.names.items():
            self.names[thing].update(names)
        for thing, forms in other.forms.items():
            self.forms[thing].update(forms)
        for key, addresses in other.repositories.items():
            self.repositories[key].update(addresses)
        for key, kinds in other.pages.items():
            self.pages[key].update(kinds)
        self.announced |= other.announced


def literal_text(text: str) -> str:
    r"""Replace each character that RDF/XML cannot carry by U+FFFD; the length stays.

    >>> literal_text("a\x00b\ud800")
    'a�b�'
    """
    return _NOT_ALLOWED.sub(REPLACEMENT, text)


def decimal_form(text: str) -> str:
    """Give the canonical form of a plain decimal number (XSD 1.1), the one that triplestores give back.

    >>> [decimal_form(text) for text in ("080.220", "80.0", "-0.0", "+.5", "1.")]
    ['80.22', '80', '0', '0.5', '1']
    """
    sign = "-" if text.startswith("-") else ""
    whole, _, fraction = text.lstrip("+-").partition(".")
    number = (whole.lstrip("0") or "0") + (f".{fraction}" if (fraction := fraction.rstrip("0")) else "")
    return number if number == "0" else sign + number


class TripleMaker:
    """Makes the triples of papers and of what they share; keeps the terms and nodes it has made."""

    def __init__(
        self, minter: Minter, *, ontology: Ontology | None = None, vocabulary: Vocabulary | None = None
    ) -> None:
        self._minter = minter
        self._vocabulary = vocabulary or load_vocabulary()
        self._known: dict[str, tuple[Triple, ...]] = {}
        ontology = ontology or load_ontology()
        self._kg = ClosedTerms(ONTOLOGY, {*ontology.classes, *ontology.properties, *ontology.releases.values()})
        self._releases = {kind: self._kg[name] for kind, name in ontology.releases.items()}
        self._thing_node = lru_cache(maxsize=100_000)(self._make_thing_node)
        self._rule = lru_cache(maxsize=10_000)(Literal)

    def paper(self, resolution: Resolution) -> PaperGraph:
        """Make the triples that belong to one paper alone."""
        paper = resolution.paper
        key = paper.key
        iri = self._minter.paper(key)
        node = NamedNode(iri)
        text = NamedNode(self._minter.text(iri))
        triples = self._describe(node, text, resolution)
        # what stands for a mention or statement twice is one: the set decides, not the extraction
        statements: set[tuple[str, NamedNode]] = set()
        for claim in resolution.claims:
            thing = self._thing_node(claim.thing)
            statements.add((claim.relation, thing))
            triples += self._mentions(key, text, thing, claim)
        for link in resolution.links:
            target = self._link_node(link)
            statements.add((link.mention.relation, target))
            parts = (key, link.mention.start, link.mention.end, target.value.removeprefix(self._minter.base))
            triples += self._mention(parts, text, target, (link.mention,))
        for announcement in resolution.announcements:
            mention, target = announcement.mention, self._releases[announcement.kind]
            statements.add((mention.relation, target))
            parts = (key, mention.start, mention.end, target.value.removeprefix(ONTOLOGY))
            triples += self._mention(parts, text, target, (mention,))
        for resolved in resolution.results:
            target, described = self._result(key, resolved)
            statements.add(("hasResult", target))
            triples += described
            mention = resolved.result.mention
            parts = (key, mention.start, mention.end, target.value.removeprefix(self._minter.base))
            triples += self._mention(parts, text, target, (mention,))
        stronger = {target for relation, target in statements if relation != "mentions"}
        triples += [
            Triple(node, self._kg[relation], target)
            for relation, target in statements
            if relation != "mentions" or target not in stronger
        ]
        return PaperGraph(
            iri=iri, triples=tuple(dict.fromkeys(triples)), replaced=len(_NOT_ALLOWED.findall(paper.text))
        )

    def shared(self, usage: Usage) -> list[Triple]:
        """Make the triples of what papers share: things, concepts with all broader ones, repositories, pages."""
        triples: list[Triple] = []
        concepts: set[str] = set()
        for thing, names in usage.names.items():
            if thing.concept is None:
                triples += self._labelled(thing, names, usage.forms.get(thing, set()))
            else:
                concepts.update((thing.concept, *self._vocabulary.ancestors(thing.concept)))
        triples += self._concepts(concepts)
        for addresses in usage.repositories.values():
            address = _preferred(addresses)
            node = NamedNode(self._minter.repository(address))
            triples += (
                Triple(node, RDF["type"], self._kg["Repository"]),
                Triple(node, RDF["type"], SCHEMA["SoftwareSourceCode"]),
                Triple(node, SCHEMA["codeRepository"], NamedNode(address)),
            )
        for kinds in usage.pages.values():
            address = _preferred(address for _, address in kinds)
            by_kind: Counter[str] = Counter()
            for (kind, _), count in kinds.items():
                by_kind[kind] += count
            node = NamedNode(self._minter.page(address))
            triples += (
                Triple(node, RDF["type"], self._kg["WebPage"]),
                Triple(node, RDF["type"], SCHEMA["WebPage"]),
                Triple(node, SCHEMA["url"], NamedNode(address)),
                Triple(node, self._kg["pageKind"], Literal(_most_frequent(by_kind))),
            )
        for kind in usage.announced:
            node = self._releases[kind]
            triples += (
                Triple(node, RDF["type"], self._kg["Release"]),
                Triple(node, SCHEMA["name"], Literal(kind)),
            )
        return triples

    def listings(self, listings: Iterable[Listing]) -> list[Triple]:
        """Make the triples of the files that papers were read from."""
        triples: list[Triple] = []
        for listing in distinct_listings(listings):
            node = self._listing_node(listing)
            triples += (
                Triple(node, RDF["type"], self._kg["Listing"]),
                Triple(node, RDF["type"], PROV["Entity"]),
                Triple(node, SCHEMA["name"], Literal(literal_text(listing.name))),
                Triple(node, self._kg["sha256"], Literal(listing.sha256)),
                Triple(node, self._kg["format"], Literal(listing.format)),
            )
            if listing.day:
                triples.append(Triple(node, self._kg["day"], _date(listing.day)))
        return triples

    def build(
        self, listings: Iterable[Listing], *, version: str, year: int | None = None, min_confidence: float = 0.0
    ) -> list[Triple]:
        """Make the triples of the build and of the graph as a whole.

        What a build is, is all that changes its outcome: the listings by their bytes, names and formats, `year`, which
        was set for dates without one, and `min_confidence`, under which nothing was said.
        """
        distinct = distinct_listings(listings)
        read = (part for listing in distinct for part in (listing.sha256, listing.name, listing.format))
        node = NamedNode(
            self._minter.build(version, str(year), *([str(min_confidence)] if min_confidence else []), *read)
        )
        graph = NamedNode(self._minter.dataset)
        return [
            Triple(node, RDF["type"], self._kg["Build"]),
            Triple(node, RDF["type"], PROV["Activity"]),
            Triple(node, self._kg["version"], Literal(version)),
            Triple(graph, RDF["type"], VOID["Dataset"]),
            Triple(graph, PROV["wasGeneratedBy"], node),
            Triple(graph, VOID["vocabulary"], NamedNode(ONTOLOGY.removesuffix("#"))),
            Triple(graph, DCTERMS["title"], Literal("Machine-learning papers and what they speak of", language="en")),
            *(Triple(node, PROV["used"], self._listing_node(listing)) for listing in distinct),
        ]

    def _describe(self, node: NamedNode, text: NamedNode, resolution: Resolution) -> list[Triple]:
        paper = resolution.paper
        triples = [
            Triple(node, RDF["type"], self._kg["Paper"]),
            Triple(node, RDF["type"], SCHEMA["ScholarlyArticle"]),
            Triple(node, SCHEMA["name"], Literal(literal_text(paper.title))),
            Triple(node, SCHEMA["abstract"], Literal(literal_text(paper.abstract))),
            Triple(node, self._kg["text"], text),
            Triple(text, RDF["type"], NIF["Context"]),
            Triple(text, NIF["beginIndex"], _offset(0)),
            Triple(text, NIF["endIndex"], _offset(len(paper.text))),
            Triple(text, NIF["isString"], Literal(literal_text(paper.text))),
        ]
        year = _year(paper)
        day = _date(paper.date) if paper.date else None
        published = SCHEMA["datePublished"] if day is not None and day.datatype == XSD["date"] else self._kg["monthDay"]
        given: tuple[tuple[NamedNode, Literal | NamedNode | None], ...] = (
            (published, day),
            (self._kg["year"], Literal(year, datatype=XSD["gYear"]) if year else None),
            (SCHEMA["identifier"], _text(paper.identifier)),
            (SCHEMA["url"], NamedNode(resolution.url) if resolution.url else None),
            (self._kg["venue"], _text(paper.venue)),
            (self._kg["organisation"], _text(paper.organisation)),
            (self._kg["authorCount"], _integer(paper.author_count)),
            (SCHEMA["commentCount"], _integer(_comment_count(paper))),
        )
        triples += [Triple(node, predicate, value) for predicate, value in given if value is not None]
        for position, name in enumerate(paper.authors, start=1):
            author = NamedNode(self._minter.author(node.value, position))
            triples += (
                Triple(node, SCHEMA["author"], author),
                Triple(author, RDF["type"], SCHEMA["Person"]),
                Triple(author, SCHEMA["name"], Literal(literal_text(name))),
                Triple(author, self._kg["position"], Literal(position)),
            )
        triples += [Triple(node, self._kg["listedOn"], self._listing_node(entry.listing)) for entry in paper.entries]
        return triples

    def _mentions(self, key: str, text: NamedNode, thing: NamedNode, claim: Claim) -> list[Triple]:
        same: dict[tuple[int, int, str], list[Mention]] = {}
        for mention in claim.mentions:
            same.setdefault((mention.start, mention.end, mention.relation), []).append(mention)
        triples: list[Triple] = []
        for (start, end, relation), mentions in same.items():
            parts = (key, start, end, claim.thing.type, claim.thing.key, claim.thing.introducer, relation)
            triples += self._mention(parts, text, thing, mentions)
        return triples

    def _mention(
        self, parts: Sequence[str | int], text: NamedNode, target: NamedNode, mentions: Sequence[Mention]
    ) -> list[Triple]:
        node = NamedNode(self._minter.mention(*parts))
        mention = mentions[0]
        triples = [
            Triple(node, RDF["type"], self._kg["Mention"]),
            Triple(node, RDF["type"], NIF["Phrase"]),
            Triple(node, NIF["referenceContext"], text),
            Triple(node, NIF["beginIndex"], _offset(mention.start)),
            Triple(node, NIF["endIndex"], _offset(mention.end)),
            Triple(node, NIF["anchorOf"], Literal(literal_text(mention.text))),
            Triple(node, ITSRDF["taIdentRef"], target),
            Triple(node, ITSRDF["taConfidence"], _confidence(max(mention.confidence for mention in mentions))),
            Triple(node, self._kg["supports"], self._kg[mention.relation]),
        ]
        triples += [
            Triple(node, self._kg["rule"], self._rule(rule))
            for rule in {r for mention in mentions for r in mention.rules}
        ]
        return triples

    def _result(self, key: str, resolved: ResolvedResult) -> tuple[NamedNode, list[Triple]]:
        result = resolved.result
        value = decimal_form(result.value)
        names = (result.metric or "", result.dataset or "", result.subject or "")
        span = (result.mention.start, result.mention.end)
        node = NamedNode(self._minter.result(key, *span, value, result.unit or "", str(result.gain), *names))
        triples = [
            Triple(node, RDF["type"], self._kg["Result"]),
            Triple(node, self._kg["value"], Literal(value, datatype=XSD["decimal"])),
            Triple(node, self._kg["isGain"], Literal(result.gain)),
        ]
        texts = (
            ("unit", result.unit),
            ("metricName", result.metric),
            ("datasetName", result.dataset),
            ("subjectName", result.subject),
        )
        triples += [Triple(node, self._kg[name], Literal(literal_text(text))) for name, text in texts if text]
        things = (("metric", resolved.metric), ("dataset", resolved.dataset), ("subject", resolved.subject))
        triples += [Triple(node, self._kg[name], self._thing_node(thing)) for name, thing in things if thing]
        return node, triples

    def _make_thing_node(self, thing: Thing) -> NamedNode:
        return NamedNode(thing.concept or self._minter.thing(thing.type, thing.key, thing.introducer or None))

    def _link_node(self, link: Link) -> NamedNode:
        mint = self._minter.repository if link.kind == "code" else self._minter.page
        return NamedNode(mint(link.url))

    def _labelled(self, thing: Thing, names: Counter[str], forms: set[str]) -> list[Triple]:
        # Of spellings that look the same one is enough.
        shown = Counter[str]()
        for name, count in names.items():
            shown[_label(name)] += count
        label = _most_frequent(shown)
        others = {_label(form) for form in (*names, *forms)} - {label}
        return self._concept(self._thing_node(thing), thing.type, label, others)

    def _concept(self, node: NamedNode, type_: str, label: str, others: Iterable[str]) -> list[Triple]:
        return [
            Triple(node, RDF["type"], self._kg[type_]),
            Triple(node, RDF["type"], SKOS["Concept"]),
            Triple(node, SKOS["prefLabel"], Literal(label, language="en")),
            *(Triple(node, SKOS["altLabel"], Literal(other, language="en")) for other in others),
        ]

    def _concepts(self, iris: Collection[str]) -> list[Triple]:
        triples = [triple for iri in iris for triple in self._vocabulary_concept(iri)]
        for type_ in sorted({self._vocabulary.concepts[iri].type for iri in iris}):
            scheme = NamedNode(f"{CONCEPTS}{type_.lower()}")
            triples += (
                Triple(scheme, RDF["type"], SKOS["ConceptScheme"]),
                Triple(scheme, SKOS["prefLabel"], Literal(f"{type_}s", language="en")),
            )
        return triples

    def _vocabulary_concept(self, iri: str) -> tuple[Triple, ...]:
        """Make the triples of a known concept; made once, since most batches speak of it."""
        if iri not in self._known:
            concept = self._vocabulary.concepts[iri]
            node = NamedNode(iri)
            self._known[iri] = (
                *self._concept(node, concept.type, concept.pref_label, concept.alt_labels),
                Triple(node, SKOS["inScheme"], NamedNode(f"{CONCEPTS}{concept.type.lower()}")),
                *(Triple(node, SKOS["broader"], NamedNode(broader)) for broader in concept.broader),
            )
        return self._known[iri]

    def _listing_node(self, listing: Listing) -> NamedNode:
        return NamedNode(self._minter.listing(listing.sha256))


def distinct_listings(listings: Iterable[Listing]) -> list[Listing]:
    """Give one listing per content, sorted by digest; the same bytes under several names go by the first name."""
    by_digest: dict[str, Listing] = {}
    for listing in sorted(listings, key=lambda listing: (listing.name, listing.format, listing.day or "")):
        by_digest.setdefault(listing.sha256, listing)
    return [by_digest[digest] for digest in sorted(by_digest)]


@lru_cache(maxsize=10_000)
def _offset(offset: int) -> Literal:
    return Literal(str(offset), datatype=XSD["nonNegativeInteger"])


@lru_cache(maxsize=128)
def _confidence(confidence: float) -> Literal:
    return Literal(decimal_form(f"{confidence:.2f}"), datatype=XSD["decimal"])


def _integer(number: int | None) -> Literal | None:
    return None if number is None else Literal(number)


def _label(name: str) -> str:
    return literal_text(visible(name) or name)


def _text(text: str | None) -> Literal | None:
    return Literal(literal_text(text)) if text else None


def _date(form: str) -> Literal:
    # Whatever is no day without a year must be a full date; if it is not, the gate says so.
    return Literal(form, datatype=XSD["gMonthDay" if _MONTH_DAY.fullmatch(form) else "date"])


def _year(paper: Paper) -> str | None:
    if paper.year is not None:
        return f"{paper.year:04d}"
    return paper.date[:4] if paper.date and paper.date[:1].isdigit() else None


def _comment_count(paper: Paper) -> int | None:
    return max((entry.comment_count for entry in paper.entries if entry.comment_count is not None), default=None)


def _most_frequent(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))


def _preferred(addresses: Iterable[str]) -> str:
    return min(addresses, key=lambda address: (not address.startswith("https:"), len(address), address))
