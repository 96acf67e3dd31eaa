"""The weights of `rules/weights.toml`: how what the witnesses say of one thing is put together."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from kg.errors import DataFileError
from kg.extract.rules import RULES
from kg.ontology import load_ontology

FILE = RULES / "weights.toml"
USUAL = "usual"
"""The key of `[type]` for all rules that have no weight of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The tables of `rules/weights.toml`, where each is explained."""

    type: Mapping[str, float]
    """Rule id to what its reading of a type weighs."""
    prior: Mapping[str, float]
    keep: Mapping[str, float]
    """Feature to its log-odds."""
    reading: Mapping[str, float]
    default_relation: Mapping[str, str]
    reliability: Mapping[str, float]
    threshold: Mapping[str, float]

    def of(self, rule: str) -> float:
        """Give what a reading of a type by `rule` weighs."""
        weight = self.type.get(rule)
        return self.type[USUAL] if weight is None else weight


def load_weights() -> Weights:
    """Load the weights.

    Raises DataFileError that lists every problem: an unknown table, a table or key that is missing, no number.
    """
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    ontology = load_ontology()
    names = {field.name.replace("_", "-") for field in fields(Weights)}
    problems = [
        f"unknown table [{name}]; allowed: {', '.join(sorted(names))}" for name in sorted(tables.keys() - names)
    ]
    problems += [f"table [{name}] is missing" for name in sorted(names - tables.keys())]
    needed = {
        "type": {USUAL},
        "prior": set(ontology.entity_types),
        "reading": {"again", "at-most"},
        "default-relation": set(ontology.entity_types),
        "reliability": {"cue"},
        "threshold": {"keep", "known", "known-to-few"},
    }
    for name, keys in needed.items():
        problems += [f"[{name}]: {key!r} is missing" for key in sorted(keys - tables.get(name, {}).keys())]
    for name in sorted(names & tables.keys()):
        allowed = ontology.relations if name == "default-relation" else None
        problems += [
            f"[{name}]: {key!r} is {value!r}, expected {'a relation' if allowed else 'a number'}"
            for key, value in tables[name].items()
            if (value not in allowed if allowed else isinstance(value, bool) or not isinstance(value, int | float))
        ]
    if problems:
        raise DataFileError([f"{FILE.name}: {problem}" for problem in problems])
    return Weights(**{name.replace("-", "_"): table for name, table in tables.items()})
