"""Count what a graph holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.iris import ONTOLOGY, PREFIXES
from kg.query import open_graph

_PREFIXES = {name: PREFIXES[name] for name in ("kg", "schema", "skos")}
_TOTALS = """
SELECT
  (COUNT(DISTINCT ?paper) AS ?papers) (COUNT(DISTINCT ?with_code) AS ?papers_with_code)
  (COUNT(DISTINCT ?listing) AS ?listings) (COUNT(DISTINCT ?mention) AS ?mentions) (COUNT(DISTINCT ?result) AS ?results)
WHERE {
  { ?paper a kg:Paper }
  UNION { ?with_code a kg:Paper ; kg:hasRepository ?repository }
  UNION { ?listing a kg:Listing }
  UNION { ?mention a kg:Mention }
  UNION { ?result a kg:Result }
}"""
_THINGS = """
SELECT ?type (COUNT(DISTINCT ?thing) AS ?total) (COUNT(DISTINCT ?known) AS ?in_vocabulary)
WHERE {
  ?paper a kg:Paper ; ?relation ?thing .
  ?thing a skos:Concept, ?type .
  FILTER(STRSTARTS(STR(?type), STR(kg:)))
  OPTIONAL { ?thing skos:inScheme ?scheme . BIND(?thing AS ?known) }
}
GROUP BY ?type"""
_CLAIMS = """
SELECT ?relation (COUNT(*) AS ?total)
WHERE {
  SELECT DISTINCT ?paper ?relation ?thing
  WHERE {
    VALUES ?class { skos:Concept kg:Repository kg:WebPage kg:Release kg:Result }
    ?paper a kg:Paper ; ?relation ?thing .
    ?thing a ?class .
  }
}
GROUP BY ?relation"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingCount:
    """How many things of one type the papers speak of."""

    type: str
    total: int
    in_vocabulary: int
    """The known ones; the others are names that stand in no vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCount:
    """How many claims say one relation between a paper and something."""

    relation: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The counts of a graph."""

    papers: int
    papers_with_code: int
    """Papers that give a repository of their own."""
    listings: int
    mentions: int
    results: int
    triples: int
    things: tuple[ThingCount, ...]
    """Most frequent type first."""
    claims: tuple[ClaimCount, ...]
    """Most frequent relation first."""

    @property
    def share_with_code(self) -> float:
        """The share of the papers that give code; 0 when there are no papers."""
        return self.papers_with_code / self.papers if self.papers else 0.0

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Give the counts as text: what, how many, and a remark."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        yield "papers", f"{self.papers:,}", f"on {self.listings:,} listings"
        yield "papers with code", f"{self.papers_with_code:,}", f"{self.share_with_code:.0%} of the papers"
        for thing in self.things:
            known = f"{thing.in_vocabulary:,} in the vocabulary, {thing.total - thing.in_vocabulary:,} new"
            yield thing.type, f"{thing.total:,}", known
        for claim in self.claims:
            yield claim.relation, f"{claim.total:,}", "claims"
        yield "mentions", f"{self.mentions:,}", "spans of text that claims rest on"
        yield "results", f"{self.results:,}", "numbers that papers report"
        yield "triples", f"{self.triples:,}", ""


def count_graph(data: str | Path | ox.Store) -> Stats:
    """Count what a store or an RDF file holds.

    Things are those that a paper speaks of, without the broader concepts that stand above them. Raises InputError as
    `kg.query.open_graph` does.
    """
    store = data if isinstance(data, ox.Store) else open_graph(data)
    (totals,) = _select(store, _TOTALS)
    things = [
        ThingCount(type=_local(row["type"]), total=int(row["total"]), in_vocabulary=int(row["in_vocabulary"]))
        for row in _select(store, _THINGS)
    ]
    claims = [ClaimCount(relation=_local(row["relation"]), total=int(row["total"])) for row in _select(store, _CLAIMS)]
    return Stats(
        **{name: int(value) for name, value in totals.items()},
        triples=len(store),
        things=tuple(sorted(things, key=lambda thing: (-thing.total, thing.type))),
        claims=tuple(sorted(claims, key=lambda claim: (-claim.total, claim.relation))),
    )


def _select(store: ox.Store, query: str) -> list[dict[str, str]]:
    solutions = store.query(query, prefixes=_PREFIXES, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 - every query here is a SELECT
    names = [variable.value for variable in solutions.variables]
    return [{name: getattr(solution[name], "value", "") for name in names} for solution in solutions]


def _local(iri: str) -> str:
    return iri.removeprefix(ONTOLOGY)
