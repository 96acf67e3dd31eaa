"""Turn what is found into plain values and back: a doc's user data must hold such to be stored or sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kg.model import Announcement, Entity, Link, Mention, Result


def to_plain(value: Entity | Link | Announcement | Result) -> dict[str, Any]:
    """Give a value as dictionaries, tuples, strings and numbers."""
    return asdict(value)


def entity_from_plain(plain: dict[str, Any]) -> Entity:
    """Give the entity that `to_plain` was given."""
    return Entity(**{**plain, "mentions": tuple(Mention(**mention) for mention in plain["mentions"])})
