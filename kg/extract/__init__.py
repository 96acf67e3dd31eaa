"""Read what a paper's title and abstract say, with spaCy rules and no learned model."""
