"""Read what a paper's title and abstract say, with spaCy rules and no learned model."""

from kg.extract.pipeline import Extractor, create_pipeline, to_json

__all__ = ["Extractor", "create_pipeline", "to_json"]
