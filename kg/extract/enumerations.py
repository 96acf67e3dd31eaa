"""Witness: enumerations. What stands in one list is of one type, and the noun at its head says which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract.gazetteer import load_index
from kg.extract.rules import Rule, load_rules
from kg.extract.words import load_words, lower_texts, texts
from kg.names import fold

SHORTENED = "enumerations.shortened"
FELLOW = "enumerations.fellow"
_SHORT_JOINTS = frozenset({"/", "and", "&"})
_VERSIONED = re.compile(r"(?P<stem>.*[A-Za-z][-\s]?)(?P<number>\d+[A-Za-z]?)$")
_MEMBER = re.compile(r"-?\d+[A-Za-z]?$")
_HYPHENED_MEMBER = re.compile(r"-\d+[A-Za-z]?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumerationRule(Rule):
    """Nouns (in the plural mostly, white space between) that give their type to the members of a list."""

    type: str
    weight: float
    heads: str
    telling: bool = False
    """Whether a candidate that it reads is the more likely to be worth listing: the feature `cue-TYPE`."""


class EnumerationFinder:
    """Read types from lists of candidates and write them to `doc.spans["kg_enumerations"]`.

    Reads `doc.spans["kg_candidates"]`. A span has the extent of a member, its `label_` is the type, its `id_` the rule.
    The second part of "CIFAR-10/100" is a new candidate: it is added to `kg_candidates`, and
    `doc.user_data["kg_expanded"]` gives its full name by its first token.
    """

    def __init__(self) -> None:
        self.rules = load_rules("enumerations", EnumerationRule)
        words = load_words()
        self._joints = frozenset(words.list_joints)
        self._openings = words.list_openings
        self._heads = {word: rule for rule in self.rules for word in rule.heads.split()}

    def __call__(self, doc: Doc) -> Doc:
        """Expand shortened members and write the readings of `doc` to its span groups."""
        candidates = list(doc.spans["kg_candidates"])
        members, names = self.expand(doc, candidates)
        if members:
            candidates = sorted([*candidates, *members], key=lambda span: span.start)
            doc.spans["kg_candidates"] = candidates
            doc.user_data.setdefault("kg_expanded", {}).update(names)
        doc.spans["kg_enumerations"] = self.find(doc, candidates) + [
            Span(doc, start, start + 1, label=kind, kb_id=iri, span_id=SHORTENED)
            for start, name in names.items()
            for kind, iri, _ in load_index().look_up(fold(name), name) or [("", "", "")]
        ]
        return doc

    def expand(self, doc: Doc, candidates: Sequence[Span]) -> tuple[list[Span], dict[int, str]]:
        """Give the shortened members of lists such as "CIFAR-10/100", and their full names by first token."""
        words = texts(doc)
        taken = {index for span in candidates for index in range(span.start, span.end)}
        members: list[Span] = []
        names: dict[int, str] = {}
        for span in candidates:
            index = span.end
            if index + 1 >= len(words) or words[index] not in _SHORT_JOINTS:
                continue
            parts = _VERSIONED.match(span.text)
            while parts and index + 1 < len(words) and index + 1 not in taken:
                joint, word = words[index], words[index + 1]
                if joint not in _SHORT_JOINTS or not (
                    _MEMBER.match(word) if joint == "/" else _HYPHENED_MEMBER.match(word)
                ):
                    break
                members.append(Span(doc, index + 1, index + 2, label=span.label_))
                names[index + 1] = parts["stem"] + word.lstrip("-")
                index += 2
        return members, names

    def find(self, doc: Doc, candidates: Sequence[Span]) -> list[Span]:
        """Give the readings of the members of all lists, in text order."""
        lower = lower_texts(doc)
        spans: list[Span] = []
        known: dict[tuple[int, int], set[str]] = {}
        for span in doc.spans["kg_vocabulary"]:
            known.setdefault((span.start, span.end), set()).add(span.label_)
        for members in self._lists(lower, candidates):
            spans += self._fellows(doc, members, known)
            rule = self._rule(lower, members[0].start, members[-1].end)
            if rule is not None:
                spans += [
                    Span(doc, m.start, m.end, label=rule.type, span_id=rule.id)
                    for m in members
                    if m.label_ or rule.type != "Dataset"  # "classification and segmentation benchmarks" names tasks
                ]
        return spans

    def _fellows(self, doc: Doc, members: list[Span], known: Mapping[tuple[int, int], set[str]]) -> list[Span]:
        """Give the unknown names of a list in which some are known datasets, and none is known as anything else.

        Other things than datasets stand side by side with things of another type too often.
        """
        types = [known.get((member.start, member.end), set()) for member in members]
        if set().union(*types) != {"Dataset"}:
            return []
        return [
            Span(doc, member.start, member.end, label="Dataset", span_id=FELLOW)
            for member, of_member in zip(members, types, strict=True)
            if member.label_ and not of_member
        ]

    def _lists(self, lower: Sequence[str], candidates: Sequence[Span]) -> list[list[Span]]:
        """Give the lists of candidates with nothing but a joint ("and", a comma) between them; single ones too."""
        lists: list[list[Span]] = []
        end = -1
        for span in candidates:
            start = span.start
            if lists and (start == end or tuple(lower[end:start]) in self._joints):
                lists[-1].append(span)
            else:
                lists.append([span])
            end = span.end
        return lists

    def _rule(self, lower: Sequence[str], start: int, end: int) -> EnumerationRule | None:
        """Give the rule of the noun at the head of the list, before or after it."""
        if end < len(lower) and (rule := self._heads.get(lower[end])):
            return rule
        if end + 1 < len(lower) and lower[end].isalpha() and (rule := self._heads.get(lower[end + 1])):
            return rule
        for opening in self._openings:
            head = start - len(opening) - 1
            if head >= 0 and tuple(lower[head + 1 : start]) == opening and (rule := self._heads.get(lower[head])):
                return rule
        return None


@Language.factory("kg_enumerations", assigns=["doc.spans"], requires=["doc.spans"])
def create_enumeration_finder(nlp: Language, name: str) -> EnumerationFinder:
    """Make the component `kg_enumerations`."""
    return EnumerationFinder()
