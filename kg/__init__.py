"""Turn titles and abstracts of machine-learning papers into an RDF knowledge graph.

    for paper in kg.read_papers("seeds/"):
        extraction = kg.Extractor()(paper)

    report = kg.build("seeds/")
    graph = report.graph()          # an rdflib.Graph

Importing this package is cheap: what needs spaCy or RDF is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from kg.errors import KGError
from kg.model import Entity, Entry, Extraction, Link, Listing, Mention, Paper, Result

if TYPE_CHECKING:
    from kg.builder import BuildReport, build
    from kg.extract import Extractor
    from kg.sources import read_papers

__version__ = "0.1.0"

__all__ = [
    "BuildReport",
    "Entity",
    "Entry",
    "Extraction",
    "Extractor",
    "KGError",
    "Link",
    "Listing",
    "Mention",
    "Paper",
    "Result",
    "build",
    "read_papers",
]

_LAZY = {
    "BuildReport": "kg.builder",
    "Extractor": "kg.extract",
    "build": "kg.builder",
    "read_papers": "kg.sources",
}


def __getattr__(name: str) -> Any:
    """Import what is public and heavy when it is asked for (PEP 562)."""
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
