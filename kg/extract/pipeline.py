"""The spaCy pipeline as a whole, and the extractor that puts papers through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

import kg.extract.acronyms
import kg.extract.candidates
import kg.extract.context
import kg.extract.enumerations
import kg.extract.gazetteer
import kg.extract.heads
import kg.extract.names
import kg.extract.outcomes
import kg.extract.phrases
import kg.extract.relations
import kg.extract.sentences
import kg.extract.statistics
import kg.extract.titles
import kg.extract.tokenizer  # noqa: F401  (importing registers the factories)
from kg.extract.announcements import AnnouncementFinder
from kg.extract.entities import EntityFinder
from kg.extract.links import LinkFinder
from kg.extract.marks import leave_out_span_groups
from kg.extract.results import ResultFinder
from kg.extract.statistics import SHIPPED
from kg.model import Entity, Extraction, Mention, Paper

COMPONENTS = (
    "kg_sentences",
    "kg_phrases",
    "kg_names",
    "kg_vocabulary",
    "kg_acronyms",
    "kg_titles",
    "kg_heads",
    "kg_outcomes",
    "kg_candidates",
    "kg_enumerations",
    "kg_context",
    "kg_statistics",
    "kg_relations",
    "kg_entities",
    "kg_links",
    "kg_announcements",
    "kg_results",
)
"""The pipeline, in order."""
_DECIDING = ("kg_entities", "kg_links", "kg_announcements", "kg_results")
"""The last components, which turn span groups into values."""


def create_pipeline(*, until: str = COMPONENTS[-1], statistics: Path | None = None) -> Language:
    """Make the pipeline: a blank English model with our tokenizer and the components up to `until`.

    `statistics` is a file of `kg learn`, None the one that ships.
    """
    settings = {
        "kg_statistics": {"path": statistics and str(statistics)},
        "kg_entities": {"statistics": statistics and str(statistics)},
    }
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "kg.NameTokenizer.v1"}}})
    for component in COMPONENTS[: COMPONENTS.index(until) + 1]:
        nlp.add_pipe(component, config=settings.get(component, {}))
    return nlp


def make_doc(nlp: Language, paper: Paper, *, span_groups: bool = True) -> Doc:
    """Tokenise the text of `paper`; where its title ends is in `user_data["kg_title_end"]` (characters).

    Without `span_groups`, components find the same and pass it on to each other, but leave no span groups.
    """
    doc = nlp.make_doc(paper.text)
    doc.user_data["kg_title_end"] = len(paper.title)
    if not span_groups:
        leave_out_span_groups(doc)
    return doc


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What was weighed as an entity of a paper."""

    entity: Entity
    probability: float
    """That it is worth listing."""
    listed: bool
    """Whether the extraction has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What an extraction was chosen from."""

    paper: Paper
    candidates: tuple[Candidate, ...]
    """Sorted by first mention, then type and name."""
    sentences: tuple[tuple[int, int], ...]
    """Where sentences begin and end in the paper's text."""


class Extractor:
    """Read papers: `Extractor()(paper)` gives an `Extraction`, `Extractor().pipe(papers)` one after the other.

    Holds one pipeline; not for use by several threads at once. `statistics` is a file of `kg learn`, None the one that
    ships.
    """

    def __init__(self, *, statistics: Path | None = None) -> None:
        self.nlp = create_pipeline(until=COMPONENTS[-len(_DECIDING) - 1], statistics=statistics)
        # What spaCy works out of every new word (shape, prefix, whether it is like a number) no component reads.
        self.nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]
        self.entities = EntityFinder(statistics or SHIPPED)
        self._links = LinkFinder()
        self._announcements = AnnouncementFinder()
        self._results = ResultFinder()

    def __call__(self, paper: Paper) -> Extraction:
        """Give what the title and abstract of `paper` say; empty when they say nothing."""
        return self._extract([paper])[0]

    def pipe(self, papers: Iterable[Paper], *, batch_size: int = 16) -> Iterator[Extraction]:
        """Give what the papers say, in their order; faster than one by one.

        Each component reads a whole batch before the next does, so that what it looks things up in stays at hand.
        """
        rest = iter(papers)
        while batch := list(islice(rest, batch_size)):
            yield from self._extract(batch)

    def _extract(self, papers: Sequence[Paper]) -> list[Extraction]:
        docs = self.read(papers)
        # Called, not piped: as components they write plain values to the doc, which would only be turned back here.
        entities = [self.entities.find(doc) for doc in docs]
        links = [self._links.find(doc) for doc in docs]
        announcements = [self._announcements.find(doc) for doc in docs]
        results = [self._results.find(doc, found) for doc, found in zip(docs, entities, strict=True)]
        return [
            Extraction(
                paper=paper,
                entities=tuple(entities[number]),
                links=tuple(links[number]),
                announcements=tuple(announcements[number]),
                results=tuple(results[number]),
            )
            for number, paper in enumerate(papers)
        ]

    def review(self, paper: Paper) -> Review:
        """Give all that was weighed as an entity of `paper`, listed or not."""
        (doc,) = self.read([paper])
        return Review(
            paper=paper,
            candidates=tuple(
                Candidate(entity=entity, probability=probability, listed=probability >= self.entities.threshold)
                for entity, probability in self.entities.weigh(doc)
            ),
            sentences=tuple((sentence.start_char, sentence.end_char) for sentence in doc.sents),
        )

    def read(self, papers: Sequence[Paper]) -> list[Doc]:
        """Give the docs of papers, with all that the witnesses say and nothing decided."""
        docs = [make_doc(self.nlp, paper, span_groups=False) for paper in papers]
        for _, component in self.nlp.pipeline:
            docs = [component(doc) for doc in docs]
        return docs


def to_json(extraction: Extraction) -> dict[str, Any]:
    """Give an extraction in the format of the gold files, with title, confidences and mentions besides."""
    paper = extraction.paper
    return {
        "id": paper.identifier or paper.slug,
        "title": paper.title,
        "entities": [
            {
                "type": entity.type,
                "name": entity.name,
                "aliases": list(entity.aliases),
                "relation": entity.relation,
                "concept": entity.concept,
                "confidence": entity.confidence,
                "mentions": [_mention(mention) for mention in entity.mentions],
            }
            for entity in extraction.entities
        ],
        "links": [
            {"url": link.url, "kind": link.kind, "own": link.own, "mention": _mention(link.mention)}
            for link in extraction.links
        ],
        "announcements": [
            {"kind": announcement.kind, "mention": _mention(announcement.mention)}
            for announcement in extraction.announcements
        ],
        "results": [
            {
                "subject": result.subject,
                "metric": result.metric,
                "dataset": result.dataset,
                "value": result.value,
                "unit": result.unit,
                "delta": result.gain,
                "mention": _mention(result.mention),
            }
            for result in extraction.results
        ],
    }


def _mention(mention: Mention) -> dict[str, Any]:
    return {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "relation": mention.relation,
        "rules": list(mention.rules),
        "confidence": mention.confidence,
    }
