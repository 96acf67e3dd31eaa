"""Decide: which candidates of a paper are one thing, of which type, what the paper does with it, and how sure that is.

1. Mentions meet when their folded names are equal, when one is defined as the acronym of the other, or when the
   vocabulary says they are the same.
2. The type is the one with the most weight of readings over all mentions (`rules/weights.toml`).
3. The relation of a mention is that of the nearest cue that fits the type; a thing has the strongest of its mentions.
4. Whether a thing is listed is decided by the log-odds of its features; the probability is the confidence.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract import acronyms, enumerations, gazetteer, statistics
from kg.extract.candidates import NAMED
from kg.extract.context import APPOSITION, ContextRule
from kg.extract.enumerations import EnumerationRule
from kg.extract.heads import HeadRule, singular
from kg.extract.marks import marks
from kg.extract.names import CAPITALISED, CAPITALISED_WORD, NameRule
from kg.extract.outcomes import MEASURE
from kg.extract.relations import RelationRule
from kg.extract.rules import RULES, load_rules
from kg.extract.statistics import SHIPPED, load_statistics
from kg.extract.values import to_plain
from kg.extract.words import load_words, lower_texts, offsets, sentence_starts, text_between, texts, whole_text
from kg.model import Entity, Mention
from kg.names import fold
from kg.ontology import load_ontology
from kg.vocabulary import load_vocabulary

_STEM = 4
DEFAULT = "relations.default"
"""No cue says otherwise: the relation is that of the type."""
BACKGROUND = "relations.background"
"""It stands where the paper speaks of others."""
_UNCUED = (DEFAULT, BACKGROUND)
UNKNOWN_IN_TITLE = "relations.unknown-in-title"
UNKNOWN_DEFINED = "relations.unknown-defined"


TypedRule = NameRule | HeadRule | ContextRule | EnumerationRule


@dataclass(slots=True)
class Reading:
    """One candidate span with what the witnesses say about it."""

    start: int
    end: int
    offset: int
    """Where it begins in the text, in characters."""
    stop: int
    """Where it ends in the text, exclusive."""
    name: str
    named: bool
    before: str
    """The word before it in lower case, determiners and generic modifiers apart; empty at the beginning."""
    types: list[tuple[str, float, str]] = field(default_factory=list)
    relations: list[tuple[str, str]] = field(default_factory=list)
    concepts: dict[str, str] = field(default_factory=dict)
    rules: set[str] = field(default_factory=set)

    @property
    def is_typed(self) -> bool:
        """Whether this paper tells a type; what other papers say against one is none."""
        return any(rule not in statistics.RULE_IDS for _, _, rule in self.types)


class EntityFinder:
    """Find the entities of a doc; as a component, write them to `doc.user_data["kg_entities"]` as plain values.

    Reads the span groups of all witnesses. `path` is a file of statistics.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        self._statistics = load_statistics(path)
        with (RULES / "weights.toml").open("rb") as file:
            weights = tomllib.load(file)
        self.keep: Mapping[str, float] = weights["keep"]
        self.prior: Mapping[str, float] = weights["prior"]
        self.repeat: float = weights["type"]["repeat"]
        self.default_relation: Mapping[str, str] = weights["default-relation"]
        ontology = load_ontology()
        self._types = ontology.entity_types
        self._strongest_first = ontology.relations
        self._reliability: Mapping[str, float] = weights["reliability"]
        self.threshold: float = weights["threshold"]["keep"]
        words = load_words()
        self._own_words = words.own_words
        self._title_means = words.title_means | {""}
        self._skipped = words.generic_modifiers | {"a", "an", "the", "-"}
        self._weight: dict[str, float] = {
            gazetteer.NAME: weights["type"]["vocabulary"],
            gazetteer.TERM: weights["type"]["vocabulary"],
            gazetteer.PART: weights["type"]["part"],
            "heads.generic": weights["type"]["generic"],
            enumerations.SHORTENED: weights["type"]["vocabulary"],
            enumerations.FELLOW: weights["type"]["fellow"],
            APPOSITION: weights["type"]["apposition"],
            MEASURE: weights["type"]["measure"],
        }
        typed: tuple[TypedRule, ...] = (
            *load_rules("names", NameRule),
            *load_rules("heads", HeadRule),
            *load_rules("context", ContextRule),
            *load_rules("enumerations", EnumerationRule),
        )
        self._weight |= {rule.id: rule.weight for rule in typed}
        self._weight |= weights["statistics"]
        self._telling = {rule.id: rule.type for rule in typed if getattr(rule, "telling", False)}
        self._relation_types = {rule.id: frozenset(rule.types) for rule in load_rules("relations", RelationRule)}

    def __call__(self, doc: Doc) -> Doc:
        """Write the entities of `doc` to its user data."""
        doc.user_data["kg_entities"] = [to_plain(entity) for entity in self.find(doc)]
        return doc

    def find(self, doc: Doc) -> list[Entity]:
        """Give the entities, sorted by first mention, then type and name."""
        entities = []
        for thing in self.things(doc):
            probability = self._probability(thing)
            if probability >= self.threshold:
                entities.append(self.entity(doc, thing, probability))
        return sorted(entities, key=_order)

    def weigh(self, doc: Doc) -> list[tuple[Entity, float]]:
        """Give what a doc could list as entities, with the probability that it is worth it, sorted as `find` does."""
        weighed = []
        for thing in self.things(doc):
            probability = self._probability(thing)
            weighed.append((self.entity(doc, thing, probability), probability))
        return sorted(weighed, key=lambda each: _order(each[0]))

    def _probability(self, thing: Thing) -> float:
        return 1 / (1 + math.exp(-sum(self.keep.get(name, 0.0) for name in thing.features)))

    def things(self, doc: Doc) -> list[Thing]:
        """Group the candidates of a doc into things with type, relation and features, before anything is dropped."""
        groups = _group(doc, self._readings(doc))
        background = _background_end(doc, self._own_words)
        title_end = doc.user_data.get("kg_title_end", 0)
        return [
            self._thing(group, background, title_end)
            for group in groups
            if len(group) > 1 or not _says_nothing(group[0], title_end)
        ]

    def _readings(self, doc: Doc) -> dict[tuple[int, int], Reading]:
        expanded: Mapping[int, str] = doc.user_data.get("kg_expanded", {})
        lower = lower_texts(doc)
        found = marks(doc)
        begins = offsets(doc)
        readings = {}
        for mark in found["kg_candidates"]:
            start, end = mark.start, mark.end
            text = text_between(doc, start, end)
            readings[start, end] = Reading(
                start=start,
                end=end,
                offset=begins[start],
                stop=begins[start] + len(text),
                name=expanded.get(start) or text,
                named=mark.label_ == NAMED,
                before=self._word_before(lower, start),
            )
        ends = {reading.end: reading for reading in readings.values()}
        for group in ("kg_names", "kg_vocabulary", "kg_heads", "kg_outcomes", "kg_context", "kg_enumerations"):
            for span in found.get(group, ()):
                reading = readings.get((span.start, span.end))
                if reading is None and group == "kg_heads":
                    reading = ends.get(span.end)
                    if reading is not None and reading.start > span.start:
                        reading = None
                if reading is None:
                    continue
                reading.rules.add(span.id_)
                if span.label_:
                    reading.types.append((span.label_, self._weight[span.id_], span.id_))
                if span.kb_id_:
                    reading.concepts[span.label_] = span.kb_id_
        for mark in found.get("kg_statistics", ()):
            if (reading := readings.get((mark.start, mark.end))) is not None:
                reading.types.append((mark.label_, self._weight[mark.id_], mark.id_))
        pairs = list(found["kg_acronyms"])
        for span in pairs:
            if (reading := readings.get((span.start, span.end))) is not None:
                reading.rules.add(span.id_)
        for long, short in zip(pairs[::2], pairs[1::2], strict=True):
            names = (text_between(doc, mark.start, mark.end) for mark in (long, short))
            _part_from_namesakes(readings.values(), *names)
        for group in ("kg_titles", "kg_relations"):
            for span in found.get(group, ()):
                if (reading := readings.get((span.start, span.end))) is not None:
                    reading.relations.append((span.label_, span.id_))
        return readings

    def _word_before(self, lower: Sequence[str], index: int) -> str:
        while index > 0 and lower[index - 1] in self._skipped:
            index -= 1
        return lower[index - 1] if index > 0 else ""

    def _thing(self, group: list[Reading], background: int, title_end: int) -> Thing:
        votes = self._votes(group)
        if not votes:
            votes = dict(self.prior)
        kind = max(self._types, key=lambda t: (votes.get(t, 0.0), self.prior[t]))
        thing = Thing(kind, group, votes)
        settled = len(group) > 1 and any(reading.named for reading in group)
        span = (title_end, title_end) if settled else (title_end, background)
        thing.relations = [self._relation(reading, kind, span) for reading in group]
        thing.features = self._features(thing, background, title_end)
        self._settle_introduction(thing, background, title_end)
        return thing

    def _votes(self, group: list[Reading]) -> dict[str, float]:
        counts: Counter[str] = Counter()
        votes: dict[str, float] = defaultdict(float)
        for reading in group:
            for kind, weight, rule in reading.types:
                seen = counts[f"{rule} {kind}"]
                counts[f"{rule} {kind}"] += 1
                votes[kind] += weight if seen == 0 else weight * self.repeat if seen <= 3 else 0.0
        if any(reading.named for reading in group):
            for kind, weight in self.prior.items():
                votes[kind] += weight
        return dict(votes)

    def _relation(self, reading: Reading, kind: str, background: tuple[int, int]) -> tuple[str, str]:
        """Give the relation that a mention supports and the rule that says so; `background` is in characters."""
        default = self.default_relation[kind]
        for relation, rule in reading.relations:
            if rule not in self._relation_types or kind in self._relation_types[rule]:
                return (relation if relation != "uses" else default), rule
        if background[0] <= reading.offset < background[1] and kind in ("Method", "Model"):
            return "mentions", BACKGROUND
        return default, DEFAULT

    def _settle_introduction(self, thing: Thing, background: int, title_end: int) -> None:
        """Correct who introduced a thing by what is known: a vocabulary concept is not new, an unknown name mostly is.

        A concept that a cue calls introduced is only used, unless its name is a proper one that stands in the title. A
        method or model that is in no vocabulary and never compared with is introduced when the title begins with it or
        names it as the means, or when it is first named with an acronym and no cue says otherwise.
        """
        if thing.type not in ("Method", "Model"):
            return
        in_title = any(reading.offset < title_end for reading in thing.readings)
        if any(thing.type in reading.concepts for reading in thing.readings):
            if not (in_title and any(gazetteer.NAME in reading.rules for reading in thing.readings)):
                thing.relations = [("uses" if r == "introduces" else r, rule) for r, rule in thing.relations]
            return
        if any(relation in ("comparesWith", "introduces") for relation, _ in thing.relations):
            return
        first = thing.readings[0]
        is_subject = first.offset < title_end and first.before in self._title_means
        defined = acronyms.PAIR in first.rules and first.offset >= background and thing.relations[0][1] in _UNCUED
        if is_subject or defined:
            thing.relations[0] = ("introduces", UNKNOWN_IN_TITLE if is_subject else UNKNOWN_DEFINED)

    def _features(self, thing: Thing, background: int, title_end: int) -> list[str]:
        group = thing.readings
        rules = {rule for reading in group for rule in reading.rules}
        named = any(reading.named for reading in group)
        relations = {relation for relation, rule in thing.relations if rule not in _UNCUED}
        in_title = any(reading.offset < title_end for reading in group)
        unknown = not named and not any(reading.is_typed for reading in group)
        shaped = enumerations.SHORTENED in rules or any(
            rule.startswith("names.") and rule not in (CAPITALISED, CAPITALISED_WORD) for rule in rules
        )
        features = ["bias"]
        if not named and thing.type != "Metric":  # what describes a measure ("average", "final") is part of it
            features += self._statistics.features(group[0].name)
        tests = {
            "concept": any(thing.type in reading.concepts for reading in group),
            "shape": shaped,
            "acronym": "acronyms.pair" in rules,
            "title": in_title,
            "title-colon": any(rule == "titles.colon" for reading in group for _, rule in reading.relations),
            "repeated": len(group) >= 2,
            "frequent": len(group) >= 4,
            "introduces": "introduces" in relations,
            "uses": "uses" in relations,
            "comparesWith": "comparesWith" in relations,
            "common": not named,
            "common-title": not named and in_title,
            "common-introduces": not named and "introduces" in relations,
            "common-repeated": not named and len(group) >= 2,
            "unknown-title": unknown and in_title,
            "unknown-introduces": unknown and "introduces" in relations,
            "unknown-repeated": unknown and len(group) >= 2,
            "measured": MEASURE in rules,
            "capitalised": CAPITALISED in rules and not shaped,
            "capitalised-word": CAPITALISED_WORD in rules and not shaped,
            "background": all(title_end <= reading.offset < background for reading in group),
            "long": min(reading.end - reading.start for reading in group) >= 4,
            "single-word": not named
            and all(reading.end - reading.start == 1 and "-" not in reading.name for reading in group),
            **{f"cue-{self._telling[rule]}": True for rule in rules if rule in self._telling},
            **{rule: True for rule in rules if rule.startswith("heads.") and not named},
        }
        return features + [name for name, holds in tests.items() if holds]

    def entity(self, doc: Doc, thing: Thing, probability: float) -> Entity:
        """Make the entity of a thing that is worth listing with `probability`."""
        name, aliases = _names(thing.readings)
        concept = next((r.concepts[thing.type] for r in thing.readings if thing.type in r.concepts), None)
        if concept:
            labels = {label.lower() for label in load_vocabulary().concepts[concept].labels}
            name = name[:-1] if name.endswith("s") and name[:-1].lower() in labels else name
        mentions = tuple(
            self._mention(doc, reading, relation, probability)
            for reading, relation in zip(thing.readings, thing.relations, strict=True)
        )
        strongest = min((mention.relation for mention in mentions), key=self._strongest_first.index)
        return Entity(
            type=thing.type, name=name, aliases=aliases, relation=strongest, concept=concept, mentions=mentions
        )

    def _mention(self, doc: Doc, reading: Reading, relation: tuple[str, str], probability: float) -> Mention:
        name, rule = relation
        return Mention(
            start=reading.offset,
            end=reading.stop,
            text=whole_text(doc)[reading.offset : reading.stop],
            relation=name,
            rules=tuple(sorted({*reading.rules, rule})),
            confidence=round(probability * self._reliability.get(rule, self._reliability["cue"]), 2),
        )


@dataclass(slots=True)
class Thing:
    """What a group of candidates names, with its type, the weight of every type, relations and features."""

    type: str
    readings: list[Reading]
    votes: dict[str, float]
    relations: list[tuple[str, str]] = field(default_factory=list)
    features: list[str] = field(default_factory=list)


def _order(entity: Entity) -> tuple[int, str, str]:
    return entity.mentions[0].start, entity.type, entity.name


def _part_from_namesakes(readings: Iterable[Reading], long: str, short: str) -> None:
    """Take from a short form the concepts that have no long form saying what the paper's long form says.

    A label is said when each of its words begins as one of the paper's: "convolution neural network" says
    "convolutional neural network", "self-normalizing neural network" does not say "spiking neural network".
    """
    said = _stems(long)
    key = fold(short)
    concepts = load_vocabulary().concepts
    for reading in readings:
        if fold(reading.name) != key:
            continue
        for kind, iri in list(reading.concepts.items()):
            others = [_stems(label) for label in concepts[iri].labels if " " in label or "-" in label]
            if not any(other and other <= said for other in others):
                del reading.concepts[kind]
                reading.types = [vote for vote in reading.types if vote[0] != kind or vote[2] != gazetteer.NAME]
        if not reading.concepts:
            reading.rules.discard(gazetteer.NAME)


@lru_cache(maxsize=100_000)
def _stems(name: str) -> frozenset[str]:
    """Give the beginnings of the words of a name, folded, of words long enough to mean something."""
    words = (fold(word) for word in re.split(r"[\s-]+", name))
    return frozenset(word[:_STEM] for word in words if len(word) >= _STEM - 1)


def _group(doc: Doc, readings: Mapping[tuple[int, int], Reading]) -> list[list[Reading]]:
    """Group readings that name the same thing; groups and their members in text order."""
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    keys = {extent: fold(reading.name) for extent, reading in readings.items()}
    for extent, reading in readings.items():
        find(keys[extent])
        if len(reading.concepts) == 1:
            parent[find(next(iter(reading.concepts.values())))] = find(keys[extent])
    pairs = [text_between(doc, mark.start, mark.end) for mark in marks(doc)["kg_acronyms"]]
    for long, short in zip(pairs[::2], pairs[1::2], strict=True):
        parent[find(fold(short))] = find(fold(long))
    for extent, reading in readings.items():
        if not reading.named and not reading.concepts and (rest := _unmodified(reading.name, parent)):
            parent[find(keys[extent])] = find(rest)
    groups: dict[str, list[Reading]] = defaultdict(list)
    for extent in sorted(readings):
        groups[find(keys[extent])].append(readings[extent])
    return list(groups.values())


def _unmodified(name: str, keys: Container[str]) -> str | None:
    """Give the folded rest of a name without its first words, of two words at least, when `keys` holds it.

    "Plausible supervised learning" is "supervised learning" where the same paper says that too.
    """
    words = name.split()
    return next((key for i in range(1, len(words) - 1) if (key := fold(" ".join(words[i:]))) in keys), None)


def _says_nothing(reading: Reading, title_end: int) -> bool:
    """Tell whether a phrase of unknown head, read once outside the title, is not even called new."""
    return (
        not reading.named
        and not reading.is_typed
        and not any(relation == "introduces" for relation, _ in reading.relations)
        and reading.offset >= title_end
    )


def _background_end(doc: Doc, own_words: frozenset[str]) -> int:
    """Give the character offset at which the first sentence begins that speaks of the paper itself."""
    words = texts(doc)
    for index, word in enumerate(lower_texts(doc)):
        if word in own_words or words[index] == "I":
            is_start = sentence_starts(doc)
            while index > 0 and not is_start[index]:
                index -= 1
            return offsets(doc)[index]
    return 0


_LOWER_WORD = re.compile(r"[A-Z][a-z]+(?:-[a-z]+)*$")


def _names(group: Iterable[Reading]) -> tuple[str, tuple[str, ...]]:
    """Choose the listed form of a name and its other forms, sorted."""
    forms: Counter[str] = Counter()
    for reading in group:
        forms[_tidy(reading.name, reading.named)] += 1
    by_key: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for form, count in forms.items():
        by_key[fold(form)].append((form, count))
    best = {
        key: min(found, key=lambda f: (-f[1], sum(c.isupper() for c in f[0]), f[0]))[0] for key, found in by_key.items()
    }
    counts = {key: sum(count for _, count in found) for key, found in by_key.items()}
    key = min(best, key=lambda k: (-counts[k], len(best[k]), best[k]))
    return best[key], tuple(sorted(form for other, form in best.items() if other != key))


def _tidy(name: str, named: bool) -> str:
    words = name.split()
    if not named:
        words = [word.lower() if _LOWER_WORD.match(word) else word for word in words]
    last = words[-1]
    if last.islower():
        words[-1] = singular(last)
    elif last.endswith("s") and len(last) > 2 and last[-2].isupper():
        words[-1] = last[:-1]
    return " ".join(words)


@Language.factory("kg_entities", default_config={"statistics": None}, requires=["doc.spans"])
def create_entity_finder(nlp: Language, name: str, statistics: str | None) -> EntityFinder:
    """Make the component `kg_entities`; `statistics` is a file of `kg learn`, None the one that ships."""
    return EntityFinder(SHIPPED if statistics is None else Path(statistics))
