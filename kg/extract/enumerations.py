"""Witness: enumerations. What stands in one list is of one type, and the noun at its head says which."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from kg.extract.rules import Rule, load_rules

EXPANDED = "enumerations.expanded"
SHARED = "enumerations.shared"
_BETWEEN = frozenset({",", "and", "or", "&", "/", ", and", ", or", ", as well as", "as well as", "and the", ", and the", ", the"})
_OPENINGS = (("such", "as"), ("including",), (",", "including"), ("like",), (":",), ("(", "e.g.", ","), (",", "namely"), ("(",), (",", "e.g.", ","), (",", "such", "as"), ("namely",), ("of",), ("(", "e.g."), (",", "i.e.", ","), ("called",))
_VERSIONED = re.compile(r"(?P<stem>.*[A-Za-z][-\s]?)(?P<number>\d+[A-Za-z]?)$")
_MEMBER = re.compile(r"\d+[A-Za-z]?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumerationRule(Rule):
    """Nouns (in the plural mostly, white space between) that give their type to the members of a list."""

    type: str
    weight: float
    heads: str


class EnumerationFinder:
    """Read types from lists of candidates and write them to `doc.spans["kg_enumerations"]`.

    Reads `doc.spans["kg_candidates"]`. A span has the extent of a member, its `label_` is the type, its `id_` the rule. The
    second part of "CIFAR-10/100" is a new candidate: it is added to `kg_candidates`, and
    `doc.user_data["kg_expanded"]` gives its full name by its first token.
    """

    def __init__(self) -> None:
        self.rules = load_rules("enumerations", EnumerationRule)
        self._heads = {word: rule for rule in self.rules for word in rule.heads.split()}

    def __call__(self, doc: Doc) -> Doc:
        """Expand shortened members and write the readings of `doc` to its span groups."""
        members, names = self.expand(doc)
        if members:
            doc.spans["kg_candidates"] = sorted([*doc.spans["kg_candidates"], *members], key=lambda span: span.start)
        doc.user_data.setdefault("kg_expanded", {}).update(names)
        doc.spans["kg_enumerations"] = self.find(doc)
        return doc

    def expand(self, doc: Doc) -> tuple[list[Span], dict[int, str]]:
        """Give the shortened members of lists such as "CIFAR-10/100", and their full names by first token."""
        taken = {index for span in doc.spans["kg_candidates"] for index in range(span.start, span.end)}
        members: list[Span] = []
        names: dict[int, str] = {}
        for span in doc.spans["kg_candidates"]:
            parts = _VERSIONED.match(span.text)
            index = span.end
            while (
                parts
                and index + 1 < len(doc)
                and doc[index].text in ("/", "and", "&")
                and (doc[index].text == "/" or not _MEMBER.match(doc[index].text))
                and _MEMBER.match(doc[index + 1].text.lstrip("-"))
                and index + 1 not in taken
                and (doc[index].text == "/" or doc[index + 1].text.startswith("-"))
            ):
                members.append(Span(doc, index + 1, index + 2, label=span.label_))
                names[index + 1] = parts["stem"] + doc[index + 1].text.lstrip("-")
                index += 2
        return members, names

    def find(self, doc: Doc) -> list[Span]:
        """Give the readings of the members of all lists, in text order."""
        spans: list[Span] = []
        for members in self.lists(doc):
            rule = self._rule(doc, members[0].start, members[-1].end)
            if rule is not None:
                spans += [
                    Span(doc, m.start, m.end, label=rule.type, span_id=rule.id)
                    for m in members
                    if m.label_ or rule.type != "Dataset"  # "classification and segmentation benchmarks" names tasks
                ]
        return spans

    def lists(self, doc: Doc) -> list[list[Span]]:
        """Give the lists of candidates with nothing but commas, "and", "or" or slashes between them; single ones too."""
        lists: list[list[Span]] = []
        for span in doc.spans["kg_candidates"]:
            if lists and _is_joined(doc, lists[-1][-1], span):
                lists[-1].append(span)
            else:
                lists.append([span])
        return lists

    def _rule(self, doc: Doc, start: int, end: int) -> EnumerationRule | None:
        """Give the rule of the noun at the head of the list, before or after it."""
        if end < len(doc) and (rule := self._heads.get(doc[end].lower_)):
            return rule
        if end + 1 < len(doc) and (rule := self._heads.get(doc[end + 1].lower_)) and doc[end].is_alpha and doc[end].is_lower:
            return rule
        for opening in _OPENINGS:
            head = start - len(opening) - 1
            if head >= 0 and tuple(token.lower_ for token in doc[head + 1 : start]) == opening:
                rule = self._heads.get(doc[head].lower_)
                if rule is not None:
                    return rule
        return None


def _is_joined(doc: Doc, left: Span, right: Span) -> bool:
    if right.start - left.end > 3:
        return False
    between = " ".join(token.lower_ for token in doc[left.end : right.start])
    return between in _BETWEEN or between == ""


@Language.factory("kg_enumerations", assigns=["doc.spans"], requires=["doc.spans"])
def create_enumeration_finder(nlp: Language, name: str) -> EnumerationFinder:
    """Make the component `kg_enumerations`."""
    return EnumerationFinder()
