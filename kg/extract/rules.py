"""Load extraction rules from TOML files beside this module and check them strictly.

A rule file is an array of `[[rule]]` tables. Every rule has

- `id`: `file.name`, unique, the word that mentions and `kg explain` show;
- `finds`: sentences in which it must find the parts between guillemets, «like this»;
- `skips`: sentences in which it must find nothing (or, where parts are marked, none of the marked parts);
- `note` (optional): why the rule is as it is;

and the fields of its witness, which are the fields of the witness's own subclass of `Rule`. Unknown fields are
refused. From `finds` and `skips` the tests of the rule are generated.
"""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from kg.errors import DataFileError
from kg.ontology import load_ontology

RULES = Path(__file__).parent / "rules"
LINK_KINDS = ("code", "model", "dataset", "project")
"""What a link can lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule has; witnesses subclass it with their own fields."""

    id: str
    finds: tuple[str, ...]
    skips: tuple[str, ...]
    note: str = ""


R = TypeVar("R", bound=Rule)


_off: set[str] = set()


@contextmanager
def switched_off(*ids: str) -> Iterator[None]:
    """Let `load_rules` give the rules without those of these ids, as if they were not in their files.

    It is meant for measuring what a rule is worth: what is made from rules within it stays without them.
    """
    _off.update(ids)
    try:
        yield
    finally:
        _off.difference_update(ids)


def rule_types() -> dict[str, str]:
    """Give the ids of all rules of all files, in order, each with the type it speaks for, empty when none."""
    types: dict[str, str] = {}
    for path in sorted(RULES.glob("*.toml")):
        for table in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", []):
            types[table["id"]] = table.get("type", "")
    return types


def load_rules(name: str, kind: type[R]) -> tuple[R, ...]:
    """Load `rules/NAME.toml` as rules of class `kind`, in file order.

    Raises DataFileError that lists every problem: unknown or missing fields, wrong types, duplicate ids, an id that
    does not start with the file's name, a rule without examples.
    """
    rules = _load(RULES / f"{name}.toml", kind)  # type: ignore[arg-type]  # classes are hashable
    return tuple(rule for rule in rules if rule.id not in _off)


@cache
def _load(path: Path, kind: type[R]) -> tuple[R, ...]:
    name = path.stem
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise DataFileError([f"{path.name}: {error}"]) from None
    hints = typing.get_type_hints(kind)
    problems: list[str] = []
    rules: list[R] = []
    seen: set[str] = set()
    for number, table in enumerate(tables, 1):
        place = f"{path.name}: rule {table.get('id', f'number {number}')!r}"
        found = _problems(table, kind, hints)
        if not str(table.get("id", "")).startswith(f"{name}."):
            found.append(f"id must start with '{name}.'")
        if table.get("id") in seen:
            found.append("a rule with this id stands above; ids are unique")
        seen.add(table.get("id", ""))
        if not found:
            found += _value_problems(table)
        if not (table.get("finds") and table.get("skips")):
            found.append("needs at least one sentence in `finds` and one in `skips`")
        problems += [f"{place}: {problem}" for problem in found]
        if not found:
            rules.append(kind(**{key: _freeze(value) for key, value in table.items()}))
    if problems:
        raise DataFileError(problems)
    return tuple(rules)


def _problems(table: dict[str, Any], kind: type[Rule], hints: dict[str, Any]) -> list[str]:
    known = {field.name: field for field in fields(kind)}
    found = [
        f"unknown field {key!r}; allowed: {', '.join(sorted(known))}" for key in sorted(table.keys() - known.keys())
    ]
    for key, field in known.items():
        if key not in table:
            if field.default is MISSING and field.default_factory is MISSING:
                found.append(f"field {key!r} is missing")
        elif not isinstance(table[key], _toml_type(hints[key])):
            found.append(f"field {key!r} has a {type(table[key]).__name__}, expected {hints[key]}")
    return found


def _value_problems(table: dict[str, Any]) -> list[str]:
    """Check the values whose meaning is the same in all rules: types, relations, directions, kinds, expressions."""
    ontology = load_ontology()
    allowed: dict[str, tuple[str, ...]] = {
        "type": ("", *ontology.entity_types),
        "types": ontology.entity_types,
        "relation": ontology.relations,
        "direction": ("left", "right"),
        "kind": LINK_KINDS,
    }
    problems = [
        f"{key!r} is {value!r}; allowed: {', '.join(map(repr, values))}"
        for key, values in allowed.items()
        for value in (table[key] if isinstance(table.get(key), list) else [table[key]] if key in table else [])
        if value not in values
    ]
    for key in ("pattern", "address", "without"):
        try:
            re.compile(table.get(key, ""))
        except re.error as error:
            problems.append(f"{key!r} is no regular expression: {error}")
    return problems


def _toml_type(hint: Any) -> tuple[type, ...]:
    if typing.get_origin(hint) is tuple:
        return (list,)
    if typing.get_origin(hint) is dict:
        return (dict,)
    return (int, float) if hint is float else (hint,)


def _freeze(value: Any) -> Any:
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
