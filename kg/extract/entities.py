"""Decide of the things that a paper names: which type each has, what the paper does with it, and how sure that is.

1. Mentions of one thing are grouped (`kg.extract.things`).
2. The type is the one with the most weight of readings over all mentions.
3. The relation of a mention is that of the nearest cue that fits the type; a thing has the strongest of its mentions.
4. Whether a thing is listed is decided by the log-odds of its features; the probability is the confidence.

All numbers are in `rules/weights.toml`; `make fit` fits them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract import acronyms, enumerations, gazetteer
from kg.extract.context import ContextRule
from kg.extract.enumerations import EnumerationRule
from kg.extract.names import CAPITALISED, CAPITALISED_WORD
from kg.extract.outcomes import MEASURE
from kg.extract.relations import RelationRule
from kg.extract.rules import load_rules
from kg.extract.statistics import SHIPPED, load_statistics
from kg.extract.things import Reading, Thing, choose_name, group_readings, read_candidates
from kg.extract.tokens import Tokens, read_tokens
from kg.extract.values import to_plain
from kg.extract.weights import load_weights
from kg.extract.words import load_words
from kg.model import Entity, Mention
from kg.ontology import load_ontology
from kg.vocabulary import load_vocabulary

DEFAULT = "relations.default"
"""No cue says otherwise: the relation is that of the type."""
BACKGROUND = "relations.background"
"""It stands where the paper speaks of others."""
_WITHOUT_CUE = (DEFAULT, BACKGROUND)
UNKNOWN_IN_TITLE = "relations.unknown-in-title"
UNKNOWN_DEFINED = "relations.unknown-defined"
UNCUED = (*_WITHOUT_CUE, UNKNOWN_IN_TITLE, UNKNOWN_DEFINED)
"""What stands in for a cue."""
CUE = "cue"
"""All cues that have no reliability of their own."""
_SHAPES_OF_LITTLE = (CAPITALISED, CAPITALISED_WORD)


class EntityFinder:
    """Find the entities of a doc; as a component, write them to `doc.user_data["kg_entities"]` as plain values.

    Reads the span groups of all witnesses. `path` is a file of statistics.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        self.weights = load_weights()
        self._statistics = load_statistics(path)
        ontology = load_ontology()
        self._types = ontology.entity_types
        self._strongest_first = ontology.relations
        words = load_words()
        self._own_words = words.own_words
        self._title_means = words.title_means | {""}
        self._skipped = words.generic_modifiers | {"a", "an", "the", "-"}
        telling: tuple[ContextRule | EnumerationRule, ...] = (
            *load_rules("context", ContextRule),
            *load_rules("enumerations", EnumerationRule),
        )
        self._telling = {rule.id: f"cue-{rule.type}" for rule in telling if rule.telling}
        self._relation_types = {rule.id: frozenset(rule.types) for rule in load_rules("relations", RelationRule)}

    def __call__(self, doc: Doc) -> Doc:
        """Write the entities of `doc` to its user data."""
        doc.user_data["kg_entities"] = [to_plain(entity) for entity in self.find(doc)]
        return doc

    @property
    def threshold(self) -> float:
        """The probability from which on a thing is listed."""
        return self.weights.threshold["keep"]

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

    def lists(self, thing: Thing) -> bool:
        """Tell whether a thing is worth listing."""
        return self._probability(thing) >= self.threshold

    def _probability(self, thing: Thing) -> float:
        keep = self.weights.keep
        return 1 / (1 + math.exp(-math.fsum([keep.get(name, 0.0) for name in thing.features])))

    def things(self, doc: Doc) -> list[Thing]:
        """Group the candidates of a doc into things with type, relation and features, before anything is dropped."""
        background = _background_end(read_tokens(doc), self._own_words)
        title_end = doc.user_data.get("kg_title_end", 0)
        return [
            self._thing(group, background, title_end)
            for group in group_readings(doc, read_candidates(doc, self._skipped))
            if len(group) > 1 or not _says_nothing(group[0], title_end)
        ]

    def _thing(self, group: list[Reading], background: int, title_end: int) -> Thing:
        thing = Thing(self._type(group), group)
        is_named_again = len(group) > 1 and any(reading.named for reading in group)
        others_end = title_end if is_named_again else background
        thing.relations = [self._relation(reading, thing.type, title_end, others_end) for reading in group]
        thing.features = self._features(thing, background, title_end)
        self._settle_introduction(thing, background, title_end)
        return thing

    def _type(self, group: list[Reading]) -> str:
        votes = dict.fromkeys(self._types, 0.0)
        for kind, rule, amount in self.votes(group):
            votes[kind] += self.weights.of(rule) * amount
        if has_prior(group):
            for kind, weight in self.weights.prior.items():
                votes[kind] += weight
        return max(self._types, key=votes.__getitem__)

    def votes(self, group: Sequence[Reading]) -> list[tuple[str, str, float]]:
        """Give the types that a group is read as: type, rule, and how much of the rule's weight it has."""
        amounts: dict[tuple[str, str], float] = {}
        again, most = self.weights.reading["again"], self.weights.reading["at-most"]
        for reading in group:
            for vote in reading.types:
                amounts[vote] = min(amounts[vote] + again, most) if vote in amounts else 1.0
        return [(kind, rule, amount) for (kind, rule), amount in amounts.items()]

    def _relation(self, reading: Reading, kind: str, title_end: int, others_end: int) -> tuple[str, str]:
        """Give the relation that a mention supports and the rule that says so.

        From `title_end` to `others_end`, in characters, the paper speaks of others.
        """
        default = self.weights.default_relation[kind]
        for relation, rule in reading.relations:
            if rule not in self._relation_types or kind in self._relation_types[rule]:
                return (relation if relation != "uses" else default), rule
        if title_end <= reading.offset < others_end and kind in ("Method", "Model"):
            return "mentions", BACKGROUND
        return default, DEFAULT

    def _settle_introduction(self, thing: Thing, background: int, title_end: int) -> None:
        """Correct who introduced a thing by what is known: what many know is not new, an unknown name mostly is.

        What a cue calls introduced but is in the vocabulary or in many other papers is not, unless its name is a
        proper one that stands in the title. A method or model that few others name and that is never compared with is
        introduced when the title begins with it or names it as the means, or when it is first named with an acronym
        and no cue says otherwise.
        """
        names = {reading.name for reading in thing.readings}
        papers = max(map(self._statistics.papers, names))
        is_concept = any(thing.type in reading.concepts for reading in thing.readings)
        if is_concept or papers >= self.weights.threshold["known"]:
            in_title = thing.readings[0].offset < title_end
            if not (in_title and any(self._is_proper(reading) for reading in thing.readings)):
                default = self.weights.default_relation[thing.type]
                thing.relations = [(default if r == "introduces" else r, rule) for r, rule in thing.relations]
            return
        if thing.type not in ("Method", "Model") or papers >= self.weights.threshold["known-to-few"]:
            return
        if any(relation in ("comparesWith", "introduces") for relation, _ in thing.relations):
            return
        first = thing.readings[0]
        is_subject = first.offset < title_end and first.before in self._title_means
        defined = acronyms.PAIR in first.rules and first.offset >= background and thing.relations[0][1] in _WITHOUT_CUE
        if is_subject or defined:
            thing.relations[0] = ("introduces", UNKNOWN_IN_TITLE if is_subject else UNKNOWN_DEFINED)

    def _is_proper(self, reading: Reading) -> bool:
        return gazetteer.NAME in reading.rules if reading.concepts else reading.named

    def _features(self, thing: Thing, background: int, title_end: int) -> list[str]:
        """Give the names of what holds of a thing and tells whether it is worth listing."""
        group = thing.readings
        rules = group[0].rules if len(group) == 1 else set().union(*[reading.rules for reading in group])
        relations = {relation for relation, rule in thing.relations if rule not in _WITHOUT_CUE}
        in_title = group[0].offset < title_end
        features = ["bias", *relations, *{self._telling[rule] for rule in self._telling.keys() & rules}]
        if any(thing.type in reading.concepts for reading in group):
            features.append("concept")
        if acronyms.PAIR in rules:
            features.append("acronym")
        if in_title:
            features.append("title")
        elif not title_end:
            features.append("untitled")
        if len(group) >= 4:
            features.append("frequent")
        if MEASURE in rules:
            features.append("measured")
        if title_end <= group[0].offset and group[-1].offset < background:
            features.append("background")
        if min([reading.end - reading.start for reading in group]) >= 4:
            features.append("long")
        if in_title and any(rule == "titles.colon" for reading in group for _, rule in reading.relations):
            features.append("title-colon")
        if any(reading.named for reading in group):
            features += _shape_features(rules)
        else:
            features += self._common_features(thing, rules, relations, in_title=in_title)
        return features

    def _common_features(
        self, thing: Thing, rules: Collection[str], relations: Collection[str], *, in_title: bool
    ) -> list[str]:
        """Give the features of phrases of common nouns."""
        group = thing.readings
        features = ["common", *[rule for rule in rules if rule.startswith("heads.")]]
        if thing.type != "Metric":  # what describes a measure ("average", "final") is part of it
            features += self._statistics.features(group[0].name)
        kinds = ["common"] if any(reading.is_typed for reading in group) else ["common", "unknown"]
        for kind in kinds:
            if in_title:
                features.append(f"{kind}-title")
            if "introduces" in relations:
                features.append(f"{kind}-introduces")
            if len(group) >= 2:
                features.append(f"{kind}-repeated")
        if all(reading.end - reading.start == 1 and "-" not in reading.name for reading in group):
            features.append("single-word")
        return features

    def entity(self, doc: Doc, thing: Thing, probability: float) -> Entity:
        """Make the entity of a thing that is worth listing with `probability`."""
        name, aliases = choose_name(thing.readings)
        concept = next((r.concepts[thing.type] for r in thing.readings if thing.type in r.concepts), None)
        if concept and name.endswith("s"):
            labels = {label.lower() for label in load_vocabulary().concepts[concept].labels}
            name = name[:-1] if name[:-1].lower() in labels else name
        text = read_tokens(doc).text
        mentions = tuple(
            [
                self._mention(text, reading, relation, probability)
                for reading, relation in zip(thing.readings, thing.relations, strict=True)
            ]
        )
        strongest = min({relation for relation, _ in thing.relations}, key=self._strongest_first.index)
        return Entity(
            type=thing.type, name=name, aliases=aliases, relation=strongest, concept=concept, mentions=mentions
        )

    def _mention(self, text: str, reading: Reading, relation: tuple[str, str], probability: float) -> Mention:
        name, rule = relation
        reliability: Mapping[str, float] = self.weights.reliability
        return Mention(
            start=reading.offset,
            end=reading.stop,
            text=text[reading.offset : reading.stop],
            relation=name,
            rules=tuple(sorted({*reading.rules, rule})),
            confidence=round(probability * reliability.get(rule, reliability[CUE]), 2),
        )


def has_prior(group: Sequence[Reading]) -> bool:
    """Tell whether the prior weights of the types count: for a coined name, and where this paper tells no type."""
    return any(reading.named for reading in group) or not any(reading.is_typed for reading in group)


def _order(entity: Entity) -> tuple[int, str, str]:
    return entity.mentions[0].start, entity.type, entity.name


def _shape_features(rules: Collection[str]) -> list[str]:
    """Give the features of proper names."""
    if enumerations.SHORTENED in rules or any(
        rule.startswith("names.") and rule not in _SHAPES_OF_LITTLE for rule in rules
    ):
        return ["shape"]
    return [rule.removeprefix("names.") for rule in _SHAPES_OF_LITTLE if rule in rules]


def _says_nothing(reading: Reading, title_end: int) -> bool:
    """Tell whether a phrase of unknown head, read once outside the title, is not even called new."""
    return (
        not reading.named
        and not reading.is_typed
        and not any(relation == "introduces" for relation, _ in reading.relations)
        and reading.offset >= title_end
    )


def _background_end(tokens: Tokens, own_words: Collection[str]) -> int:
    """Give the character offset at which the first sentence begins that speaks of the paper itself."""
    for index, word in enumerate(tokens.lower):
        if word in own_words or tokens.texts[index] == "I":
            while index > 0 and not tokens.begin_sentences[index]:
                index -= 1
            return tokens.starts[index]
    return 0


@Language.factory("kg_entities", default_config={"statistics": None}, requires=["doc.spans"])
def create_entity_finder(nlp: Language, name: str, statistics: str | None) -> EntityFinder:
    """Make the component `kg_entities`; `statistics` is a file of `kg learn`, None the one that ships."""
    return EntityFinder(SHIPPED if statistics is None else Path(statistics))
