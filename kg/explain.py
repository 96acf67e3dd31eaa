"""Show what was read from one paper, where, and by which rule.

The text is cut into segments, marked or not, for a terminal; `Explanation.to_html` makes a page of its own that loads
nothing from elsewhere.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from spacy import displacy

from kg.errors import QueryError
from kg.model import Entity, Extraction, Paper
from kg.names import fold, slug
from kg.ontology import load_ontology

_WORD = re.compile(r"\w+")
_LINK = "Link"
_RELEASE = "Release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One mention, and what it names."""

    start: int
    end: int
    """Character offsets into `Paper.text`, end exclusive."""
    text: str
    type: str
    """The thing's class; `Link` for an address, `Release` for what is announced."""
    name: str
    relation: str
    """What the words around this mention support."""
    claim: str
    """What the paper is said to do with the thing: the strongest relation of its mentions."""
    rules: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the paper's text; the pieces together are the whole of it."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything read from one paper, or what was read about one thing in it."""

    extraction: Extraction
    marks: tuple[Mark, ...]
    """All mentions of things, addresses and what is announced, in text order."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The text cut at its marks; of marks that overlap, the one that begins first, then the longest."""
        return _cut(self.extraction.paper.text, 0, self.marks)

    def mark_rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the mentions as a table of text with a header, in text order."""
        header = ("type", "name", "relation", "words", "supports", "confidence", "rules")
        return header, *(
            (m.type, m.name, m.claim, m.text, m.relation, f"{m.confidence:.2f}", ", ".join(m.rules)) for m in self.marks
        )

    def link_rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the addresses as a table of text with a header."""
        return ("kind", "address", "whose"), *(
            (link.kind, link.url, "own" if link.own else "others'") for link in self.extraction.links
        )

    def result_rows(self) -> tuple[tuple[str, ...], ...]:
        """Give the numbers as a table of text with a header."""
        return ("value", "gain or level", "metric", "dataset", "of", "sentence"), *(
            (
                f"{result.value} {result.unit or ''}".strip(),
                "gain" if result.gain else "level",
                result.metric or "",
                result.dataset or "",
                result.subject or "",
                result.mention.text,
            )
            for result in self.extraction.results
        )

    def to_html(self) -> str:
        """Give a whole HTML page: the marked text, the mentions with their rules, addresses and results."""
        return _page(self)


def explain(extraction: Extraction, thing: str | None = None) -> Explanation:
    """Lay out what was read from a paper; with `thing`, only what was read about the thing of that name.

    Raises QueryError when the paper names no such thing.
    """
    if thing is not None:
        extraction = _only(extraction, thing)
    marks = [
        Mark(
            start=mention.start,
            end=mention.end,
            text=mention.text,
            type=type_,
            name=name,
            relation=mention.relation,
            claim=claim,
            rules=mention.rules,
            confidence=mention.confidence,
        )
        for type_, name, claim, mentions in (
            *((entity.type, entity.name, entity.relation, entity.mentions) for entity in extraction.entities),
            *((_LINK, link.url, link.mention.relation, (link.mention,)) for link in extraction.links),
            *((_RELEASE, each.kind, each.mention.relation, (each.mention,)) for each in extraction.announcements),
        )
        for mention in mentions
    ]
    return Explanation(
        extraction=extraction,
        marks=tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.type, mark.name))),
    )


def find_paper(papers: Iterable[Paper], text: str) -> Paper:
    """Find the one paper that is meant: by id or title, by the beginning of its title, or by words of it.

    Raises QueryError when there is none or more than one, naming those that come near.
    """
    papers = sorted(papers, key=lambda paper: paper.key)
    wanted, words = slug(text, len(text)), set(_WORD.findall(text.lower()))
    tries = (
        [paper for paper in papers if text in (paper.identifier, paper.slug) or fold(text) == paper.key],
        [paper for paper in papers if wanted and slug(paper.title, len(paper.title)).startswith(wanted)],
        [paper for paper in papers if words and words <= set(_WORD.findall(paper.title.lower()))],
    )
    found = next((matches for matches in tries if matches), [])
    if len(found) == 1:
        return found[0]
    if found:
        raise QueryError(f"{text!r} fits {len(found)} papers:{_list(found)}\nGive more of the title.")
    if not (near := _near(papers, text, words)):
        raise QueryError(f"no paper fits {text!r} among {len(papers)}; give its id, or words of its title")
    raise QueryError(f"no paper fits {text!r}; did you mean one of these?{_list(near)}")


def _near(papers: Sequence[Paper], text: str, words: set[str]) -> list[Paper]:
    by_title = {paper.title.lower(): paper for paper in papers}
    close = [by_title[title] for title in difflib.get_close_matches(text.lower(), by_title, n=3, cutoff=0.5)]
    shared = {paper: len(words & set(_WORD.findall(paper.title.lower()))) for paper in papers}
    sharing = sorted(
        (paper for paper in papers if 2 * shared[paper] >= len(words) > 0), key=lambda paper: -shared[paper]
    )
    return list(dict.fromkeys((*close, *sharing)))[:5]


def _list(papers: Sequence[Paper]) -> str:
    shown = "".join(f"\n  {paper.slug}  ({paper.title})" for paper in papers[:10])
    return shown + (f"\n  and {len(papers) - 10} more" if len(papers) > 10 else "")


def _only(extraction: Extraction, thing: str) -> Extraction:
    chosen = tuple(entity for entity in extraction.entities if fold(thing) in _keys(entity))
    if not chosen:
        known = sorted(entity.name for entity in extraction.entities)
        near = difflib.get_close_matches(thing, known, n=3) or known[:20]
        heading = f"it names {', '.join(near)}" if near else "it names nothing"
        raise QueryError(f"{extraction.paper.title!r} does not name {thing!r}; {heading}")
    keys = {key for entity in chosen for key in _keys(entity)}
    results = (
        result
        for result in extraction.results
        if not keys.isdisjoint(fold(name) for name in (result.metric, result.dataset, result.subject) if name)
    )
    return Extraction(paper=extraction.paper, entities=chosen, results=tuple(results))


def _keys(entity: Entity) -> set[str]:
    return {fold(name) for name in (entity.name, *entity.aliases)}


def _cut(text: str, offset: int, marks: Iterable[Mark]) -> tuple[Segment, ...]:
    """Cut a stretch of the paper's text, which begins at `offset`, at the marks that lie in it."""
    segments = []
    position = offset
    for mark in marks:
        if position <= mark.start and mark.end <= offset + len(text):
            segments.append(Segment(text[position - offset : mark.start - offset]))
            segments.append(Segment(text[mark.start - offset : mark.end - offset], mark))
            position = mark.end
    segments.append(Segment(text[position - offset :]))
    return tuple(segment for segment in segments if segment.text)


_COLOURS = ("#e0a100", "#2f7fe0", "#8c5be0", "#d2517a", "#1f9e78")
_LINK_COLOUR = "#7a7f87"
_MARK = (
    '<mark id="m{id}" title="{title}" style="--c: {bg}">{text}'
    '<span class="label">{label}<i>{relation}</i></span></mark>'
)
_PAGE = Path(__file__).with_suffix(".html")


def _page(explanation: Explanation) -> str:
    paper = explanation.extraction.paper
    colours = _colours(explanation.marks)
    abstract_start = len(paper.text) - len(paper.abstract)
    used = {mark.type for mark in explanation.marks}
    legend = "".join(
        f'<span style="--c: {colours[type_]}">{escape(type_)}</span>' for type_ in colours if type_ in used
    )
    template = Template(_PAGE.read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(paper.title),
        heading=_marked(paper.title, 0, explanation.marks, colours),
        facts="".join(f'<p class="facts">{fact}</p>' for fact in _facts(paper)),
        legend=legend or "Nothing was read from this paper.",
        abstract=_marked(paper.abstract, abstract_start, explanation.marks, colours),
        tables="".join(
            (
                _mark_table(explanation.marks, colours),
                _table("Addresses", explanation.link_rows()),
                _table("Results", explanation.result_rows()),
            )
        ),
    )


def _colours(marks: Iterable[Mark]) -> dict[str, str]:
    types = dict.fromkeys((*load_ontology().entity_types, *sorted({mark.type for mark in marks} - {_LINK})))
    return {type_: _COLOURS[index % len(_COLOURS)] for index, type_ in enumerate(types)} | {_LINK: _LINK_COLOUR}


def _facts(paper: Paper) -> list[str]:
    authors = ", ".join(paper.authors) or (f"{paper.author_count} authors" if paper.author_count is not None else "")
    told = (authors, paper.organisation, paper.venue, paper.date or (str(paper.year) if paper.year else ""))
    facts = [" · ".join(escape(each) for each in told if each), _anchor(paper.url) if paper.url else ""]
    listed = [f"{entry.listing.name}, line {entry.line}" for entry in paper.entries]
    if listed:
        facts.append(f"Read from {escape('; '.join(listed))}")
    return [fact for fact in facts if fact]


def _marked(text: str, offset: int, marks: tuple[Mark, ...], colours: dict[str, str]) -> str:
    position = offset
    spans = []
    for segment in _cut(text, offset, marks):
        if (mark := segment.mark) is not None:
            how = f"{mark.name}: {mark.relation}, confidence {mark.confidence:.2f}, by {', '.join(mark.rules)}"
            params = {
                "id": marks.index(mark),
                "title": escape(how),
                "label": escape(mark.type),
                "relation": escape(mark.relation),
            }
            end = position + len(segment.text)
            spans.append({"start": position - offset, "end": end - offset, "label": mark.type, "params": params})
        position += len(segment.text)
    options = {"colors": colours, "template": _MARK}
    return displacy.render(
        {"text": text, "ents": spans}, style="ent", manual=True, page=False, jupyter=False, options=options
    )


def _mark_table(marks: tuple[Mark, ...], colours: dict[str, str]) -> str:
    rows = "".join(
        f'<tr><td><span class="dot" style="--c: {colours[mark.type]}"></span>{escape(mark.type)}</td>'
        f"<td>{escape(mark.name)}</td><td>{escape(mark.claim)}</td>"
        f'<td><a href="#m{index}">{escape(mark.text)}</a></td><td>{escape(mark.relation)}</td>'
        f'<td class="number">{mark.confidence:.2f}</td><td class="rules">{escape(", ".join(mark.rules))}</td></tr>'
        for index, mark in enumerate(marks)
    )
    header = ("type", "name", "relation", "words", "they support", "confidence", "rules")
    return _wrap_table("Mentions", header, rows) if marks else ""


def _table(title: str, rows: tuple[tuple[str, ...], ...]) -> str:
    header, *body = rows
    cells = "".join("<tr>" + "".join(f"<td>{_anchor(cell)}</td>" for cell in row) + "</tr>" for row in body)
    return _wrap_table(title, header, cells) if body else ""


def _wrap_table(title: str, header: Iterable[str], rows: str) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in header)
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _anchor(text: str) -> str:
    """Escape a cell; a web address becomes a link, anything else stays text."""
    shown = escape(text)
    return f'<a href="{shown}">{shown}</a>' if re.fullmatch(r"https?://\S+", text) else shown
