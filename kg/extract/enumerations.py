"""Witness: enumerations. What stands in one list is of one type, and the noun at its head says which."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.gazetteer import load_index
from kg.extract.marks import Mark, Marked, marks, write
from kg.extract.rules import Rule, load_rules
from kg.extract.tokens import read_tokens
from kg.extract.words import load_words
from kg.names import fold

SHORTENED = "enumerations.shortened"
FELLOW = "enumerations.fellow"
_AFTER_MEMBER = frozenset({",", "and", "or", "&", "/", "as", "(", ")", ".", ";", ":"})
_SHORT_JOINTS = frozenset({"/", "and", "&", ","})
_VERSIONED = re.compile(r"(?P<stem>.*[A-Za-z][-\s]?)(?P<number>\d+[A-Za-z]?)$")
_MEMBER = re.compile(r"-?\d+[A-Za-z]?$")
_HYPHENED_MEMBER = re.compile(r"-\d+[A-Za-z]?$")
_YEAR = re.compile(r"(?:19|20)\d\d$")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumerationRule(Rule):
    """Nouns (in the plural mostly, white space between) that give their type to the members of a list."""

    type: str
    heads: str
    telling: bool = False
    """Whether a candidate that it reads is the more likely to be worth listing: the feature `cue-TYPE`."""


class EnumerationFinder:
    """Read types from lists of candidates and write them to `doc.spans["kg_enumerations"]`.

    Reads `doc.spans["kg_candidates"]`. A span has the extent of a member, its `label_` is the type, its `id_` the rule.
    The second part of "CIFAR-10/100" or "VOC 2007 and 2012" is a new candidate: it is added to `kg_candidates`, and
    `doc.user_data["kg_expanded"]` gives its full name by its first token.
    """

    def __init__(self) -> None:
        self.rules = load_rules("enumerations", EnumerationRule)
        words = load_words()
        self._joints = frozenset(words.list_joints)
        self._openings: dict[str, list[tuple[str, ...]]] = {}
        for opening in words.list_openings:
            self._openings.setdefault(opening[-1], []).append(opening)
        self._heads = {word: rule for rule in self.rules for word in rule.heads.split()}

    def __call__(self, doc: Doc) -> Doc:
        """Expand shortened members and write the readings of `doc` to its span groups."""
        candidates = list(marks(doc)["kg_candidates"])
        members, names = self.expand(doc, candidates)
        if members:
            candidates = sorted([*candidates, *members], key=lambda span: span.start)
            write(doc, "kg_candidates", candidates)
            doc.user_data.setdefault("kg_expanded", {}).update(names)
        shortened = [
            Mark(start, start + 1, kind, SHORTENED, iri)
            for start, name in names.items()
            for kind, iri, _ in load_index().look_up(fold(name), name) or [("", "", "")]
        ]
        write(doc, "kg_enumerations", self.find(doc, candidates) + shortened)
        return doc

    def expand(self, doc: Doc, candidates: Sequence[Marked]) -> tuple[list[Mark], dict[int, str]]:
        """Give the shortened members of lists such as "CIFAR-10/100", and their full names by first token."""
        tokens = read_tokens(doc)
        words = tokens.texts
        members: list[Mark] = []
        names: dict[int, str] = {}
        for span in candidates:
            index = span.end
            if index + 1 >= len(words) or words[index] not in _SHORT_JOINTS:
                continue
            parts = _VERSIONED.match(tokens.between(span.start, span.end))
            while parts and index + 1 < len(words):
                joint = words[index]
                if joint == "," and words[index + 1] in _SHORT_JOINTS:
                    index += 1
                if joint not in _SHORT_JOINTS or not self._is_member(words, index, parts):
                    break
                if any(other.start <= index + 1 < other.end for other in candidates):
                    break
                members.append(Mark(index + 1, index + 2, span.label_))
                names[index + 1] = parts["stem"] + words[index + 1].lstrip("-")
                index += 2
        return members, names

    def _is_member(self, words: Sequence[str], joint: int, first: re.Match[str]) -> bool:
        """Tell whether the word after a joint is a number that stands for the `first` name with another number."""
        word = words[joint + 1] if joint + 1 < len(words) else ""
        if words[joint] == "/":
            return bool(_MEMBER.match(word))
        return bool(_HYPHENED_MEMBER.match(word) or (_YEAR.match(first["number"]) and _YEAR.match(word)))

    def find(self, doc: Doc, candidates: Sequence[Marked]) -> list[Mark]:
        """Give the readings of the members of all lists, in text order."""
        lower = read_tokens(doc).lower
        spans: list[Mark] = []
        known: dict[tuple[int, int], set[str]] = {}
        for span in marks(doc)["kg_vocabulary"]:
            known.setdefault((span.start, span.end), set()).add(span.label_)
        for members in self._lists(lower, candidates):
            spans += self._fellows(members, known)
            rule = self._rule(lower, members[0].start, members[-1].end)
            if rule is not None:
                spans += [
                    Mark(m.start, m.end, rule.type, rule.id)
                    for m in members
                    if m.label_ or rule.type != "Dataset"  # "classification and segmentation benchmarks" names tasks
                ]
        return spans

    def _fellows(self, members: Sequence[Marked], known: Mapping[tuple[int, int], set[str]]) -> list[Mark]:
        """Give the unknown names of a list in which some are known datasets, and none is known as anything else.

        Other things than datasets stand side by side with things of another type too often.
        """
        types = [known.get((member.start, member.end), set()) for member in members]
        if set().union(*types) != {"Dataset"}:
            return []
        return [
            Mark(member.start, member.end, "Dataset", FELLOW)
            for member, of_member in zip(members, types, strict=True)
            if member.label_ and not of_member
        ]

    def _lists(self, lower: Sequence[str], candidates: Sequence[Marked]) -> list[list[Marked]]:
        """Give the lists of candidates with nothing but a joint ("and", a comma) between them; single ones too."""
        lists: list[list[Marked]] = []
        end = -1
        for span in candidates:
            start = span.start
            if lists and (start == end or is_joined(lower, end, start, span.end, self._joints)):
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
        for opening in self._openings.get(lower[start - 1], ()) if start > 0 else ():
            head = start - len(opening) - 1
            if head >= 0 and tuple(lower[head + 1 : start]) == opening and (rule := self._heads.get(lower[head])):
                return rule
        return None


def is_joined(lower: Sequence[str], end: int, start: int, stop: int, joints: Collection[tuple[str, ...]]) -> bool:
    """Tell whether what stands from `start` to `stop` goes on with a list of which a member ends at `end`; tokens.

    After a comma alone the list must go on or end: in "on FooSet, BarNet reaches" the comma ends a phrase.
    """
    joint = tuple(lower[end:start])
    return joint in joints and (joint[0] != "," or len(joint) > 1 or stop >= len(lower) or lower[stop] in _AFTER_MEMBER)


@Language.factory("kg_enumerations", assigns=["doc.spans"], requires=["doc.spans"])
def create_enumeration_finder(nlp: Language, name: str) -> EnumerationFinder:
    """Make the component `kg_enumerations`."""
    return EnumerationFinder()
