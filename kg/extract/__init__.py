"""Read what a paper's title and abstract say, with spaCy rules and no learned model."""

from kg.extract.pipeline import COMPONENTS, Extractor, create_pipeline, to_json

__all__ = ["COMPONENTS", "Extractor", "create_pipeline", "to_json"]
