"""The values that pass from one step of the flow to the next.

    Paper ── extract ──▶ Extraction (Entity, Link, Announcement, Result, with Mentions) ── resolve, graph ──▶ triples

All are frozen, comparable and picklable; they hold no spaCy and no RDF objects. Offsets are character offsets into
`Paper.text`, end exclusive. The words for types and relations are the local names of the ontology's classes and
properties (`Method`, `evaluatesOn`); the ontology, not this module, says which exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.names import fold, slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page or file that papers were read from."""

    name: str
    """File name without folders."""
    sha256: str
    """Hexadecimal digest of the file's bytes."""
    format: str
    """Name of the reader, a key of `kg.sources.READERS`."""
    day: str | None = None
    """The page's own day as an XSD lexical form: `--08-25` (gMonthDay), `2025-08-25` when the year is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper's place on one listing."""

    listing: Listing
    line: int
    """Line of the title, from 1."""
    comment_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper as its sources give it: title, abstract, and what metadata came along.

    `entries` is sorted by listing name and line; the same paper from several sources is one value with all entries.
    """

    title: str
    abstract: str
    identifier: str | None = None
    """The source's own id."""
    year: int | None = None
    date: str | None = None
    """XSD lexical form: `2024-05-18` (date), or `--05-18` (gMonthDay) when the page leaves the year unsaid."""
    url: str | None = None
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organisation: str | None = None
    venue: str | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def text(self) -> str:
        """The text that offsets count in: title, blank line, abstract; the abstract alone when there is no title."""
        return f"{self.title}\n\n{self.abstract}" if self.title else self.abstract

    @property
    def slug(self) -> str:
        """The title in lower case, hyphenated, at most 60 characters: the id used in gold files."""
        return slug(self.title)

    @property
    def key(self) -> str:
        """The folded title, failing that the id, failing that the abstract: papers with the same key are the same one.

        No title folds to a text with a colon and something before it.
        """
        if self.title:
            return fold(self.title)
        return f"id:{self.identifier}" if self.identifier else f"abstract:{fold(self.abstract)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A span of a paper's text that names something, and why we think so."""

    start: int
    end: int
    text: str
    """Exactly `paper.text[start:end]`."""
    relation: str
    """The relation that the words around this mention support."""
    rules: tuple[str, ...]
    """Ids of the rules that read it, sorted, never empty."""
    confidence: float
    """Probability that the thing is listed rightly and stands in this relation: 0 to 1, rounded to two decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One thing a paper speaks of: all its mentions, and what the paper does with it."""

    type: str
    name: str
    aliases: tuple[str, ...] = ()
    """Other surface forms in the same paper, sorted."""
    relation: str
    """The strongest relation of its mentions."""
    concept: str | None = None
    """IRI of the vocabulary concept, when it is a known one."""
    mentions: tuple[Mention, ...]
    """In text order, never empty."""

    @property
    def confidence(self) -> float:
        """The highest confidence of its mentions."""
        return max(mention.confidence for mention in self.mentions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address given in the text."""

    url: str
    """Cleaned absolute http(s) IRI."""
    kind: str
    """`code`, `model`, `dataset` or `project`."""
    own: bool
    """True when the text offers it as the paper's own, False when it is somebody else's."""
    mention: Mention
    """`relation` is `hasRepository`, `hasPage` or `mentions`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something that the paper says it will give, without saying where."""

    kind: str
    """What it is, by the kind of link that would lead to it: `code`, `model`, `dataset` or `project`."""
    mention: Mention
    """The words that announce it; `relation` is `announces`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One number the paper reports for its own proposal."""

    value: str
    """As in the text, a plain decimal number: `80.22`."""
    unit: str | None = None
    """`%`, `pp`, `x` or None."""
    gain: bool = False
    """True for an improvement over something, False for a level reached."""
    metric: str | None = None
    dataset: str | None = None
    subject: str | None = None
    """Names as in the text; they usually are names of entities of the same paper."""
    mention: Mention
    """The sentence the number stands in; `relation` is `hasResult`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything read from one paper."""

    paper: Paper
    entities: tuple[Entity, ...] = ()
    """Sorted by first mention, then type and name."""
    links: tuple[Link, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    """Each kind at most once."""
    results: tuple[Result, ...] = ()
