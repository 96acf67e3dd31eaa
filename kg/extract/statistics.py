"""Witness: how names behave in many papers, which tells what one paper does not.

`kg learn` counts it and writes a file; the one that ships, `rules/statistics.tsv`, was learnt from abstracts of arXiv
and the ACL Anthology (`make statistics`). A file holds facts alone: after two lines of head, a section a kind of key,
`[KIND]`, and a line a key with the counts of `columns`, tab-separated, zeros left empty, sorted. The kinds are

- `names`: folded names;
- `first` and `last`: the first word, and the last word and the last two words, of phrases of common nouns;
- `all`: all phrases of common nouns together, under the key `common`.

From them a phrase of common nouns gets a reading by one of `RULE_IDS` for each type for which the words around it speak
more seldom than around others, and features that tell a term from a description. What they say for a type, and what
they say of coined names, was tried and found no help: the abstract at hand knows better.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from kg.errors import DataFileError, InputError
from kg.extract import rules
from kg.extract.heads import singular
from kg.extract.marks import Mark, marks, write
from kg.extract.tokens import read_tokens
from kg.extract.words import Remembered
from kg.names import fold
from kg.ontology import load_ontology

SHIPPED = rules.RULES / "statistics.tsv"
TITLE = "# Statistics of names, version 1"
"""How the first line of a file begins."""
KINDS = ("names", "first", "last", "all")
COMMON = "common"
"""The key of the kind `all`."""
AGAINST, FAR_AGAINST = "statistics.against", "statistics.far-against"
RULE_IDS = (AGAINST, FAR_AGAINST)
"""What the words around a phrase say of a type elsewhere: more seldom than around others, much more seldom."""

_SELDOM, _MUCH_SELDOM = -0.4, -1.2
"""Up to these log ratios."""
_SHARE = {"name": 3.0, "two": 5.0, "last": 10.0}
"""So many readings of the general case count beside those of a name, of its last two words, of its last word."""
_OFTEN = (3, 30, 300)
_FEW = 10
"""First words of fewer papers are unknown."""
_REPEATED = (0.02, 0.05, 0.09, 0.15)
_IN_TITLES = (0.02, 0.05, 0.09, 0.15)

Counts = tuple[int, ...]
Shares = tuple[float, ...]
"""Of the types, in the order of the ontology; their sum is 1."""


def columns() -> tuple[str, ...]:
    """Give the names of the counts of a key.

    They count papers: that have it, in their title, more than once, and where the words around it speak for each type.
    """
    return ("papers", "titles", "repeated", *load_ontology().entity_types)


class Statistics:
    """How names behave, as a file says; a line is parsed when its key is asked for.

    Raises InputError when the file cannot be read, and DataFileError when it is none of ours.
    """

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read as statistics of names: {error}", place=str(path)) from error
        self._path = path
        self._types = load_ontology().entity_types
        head, *sections = text.removesuffix("\n").split("\n[")
        named = "\t".join(("#", *columns()))
        if not head.startswith(TITLE) or head.split("\n")[1:] != [named]:
            raise self._fault(f"begins {head[:60]!r}; a file of `kg learn` begins {TITLE!r} and names its columns")
        self._lines: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        for section in sections:
            kind, *lines = section.split("\n")
            if kind.removesuffix("]") not in KINDS:
                raise self._fault(f"has a section [{kind}; allowed are {', '.join(KINDS)}")
            if lines != sorted(lines):
                raise self._fault(f"section [{kind} is not sorted; write the file with `kg learn`")
            try:
                self._lines[kind[:-1]] = {line[: line.index("\t")]: line for line in lines}
            except ValueError:
                raise self._fault(f"section [{kind} has a line without counts") from None
        self._none = (0,) * len(columns())
        even = (1 / len(self._types),) * len(self._types)
        self._base = self._blend("all", COMMON, even, len(even))
        seldom, much_seldom = math.exp(_SELDOM), math.exp(_MUCH_SELDOM)
        self._bounds = [
            (kind, share * seldom, share * much_seldom) for kind, share in zip(self._types, self._base, strict=True)
        ]
        # Names repeat, and ends and first words even more.
        self._readings = Remembered(self._read_name)
        self._features = Remembered(self._describe)
        self._ends = Remembered(self._read_end)
        self._firsts = Remembered(self._read_first)
        self._papers = Remembered(self._count_papers)

    def __len__(self) -> int:
        return len(self._lines["names"])

    def counts(self, kind: str, key: str) -> Counts:
        """Give the counts of a key, all zero when it is not in the file."""
        line = self._lines[kind].get(key)
        if line is None:
            return self._none
        width = len(self._none)
        cells = line.split("\t")[1:]
        try:
            found = [int(cell or 0) for cell in cells]
        except ValueError:
            found = []
        if not found or len(found) > width or min(found) < 0:
            allowed = f"allowed are at most {width} counts, whole numbers from 0; write the file with `kg learn`"
            cause = f"{key!r} has {line[len(key) + 1 :]!r}; {allowed}"
            raise self._fault(f"section [{kind}]: {cause}")
        return (*found, *self._none[len(found) :])

    def readings(self, name: str) -> tuple[tuple[str, str], ...]:
        """Give the types for which the words around a phrase speak more seldom than around others, with the rule.

        What is known of a phrase itself counts beside what is known of its last two words, that beside its last word.
        """
        return self._readings[name]

    def features(self, name: str) -> tuple[str, ...]:
        """Give what tells whether a phrase of common nouns is a term: how its first word behaves, and its end alone.

        A first word that describes ("preliminary", "detailed") begins phrases that are seldom repeated or in a title.
        """
        return self._features[name]

    def _read_name(self, name: str) -> tuple[tuple[str, str], ...]:
        shares, readings = self._ends[" ".join(map(singular, (name.lower().split() or [name])[-2:]))]
        key = fold(name)
        if key not in self._lines["names"]:
            return readings
        said = self._blend("names", key, shares, _SHARE["name"])
        return readings if said is shares else self._seldom(said)

    def _read_end(self, words: str) -> tuple[Shares, tuple[tuple[str, str], ...]]:
        """Give the shares of the types of phrases that end in one or two words, and what they say of a phrase."""
        last = words.rpartition(" ")[2]
        shares, readings = (self._base, ()) if last == words else self._ends[last]
        if words not in self._lines["last"]:
            return shares, readings
        shares = self._blend("last", words, shares, _SHARE["last" if last == words else "two"])
        return shares, self._seldom(shares)

    def _seldom(self, shares: Shares) -> tuple[tuple[str, str], ...]:
        return tuple(
            [
                (kind, FAR_AGAINST if share <= much_seldom else AGAINST)
                for share, (kind, seldom, much_seldom) in zip(shares, self._bounds, strict=True)
                if share <= seldom
            ]
        )

    def _describe(self, name: str) -> tuple[str, ...]:
        words = name.split()
        if len(words) < 2:
            return ()
        most = max([self._papers[" ".join(words[start:])] for start in range(1, len(words))])
        known = "known" if self._papers[name] else "new"
        return (*self._firsts[singular(words[0].lower())], f"{known}-end-{_class(most, _OFTEN)}")

    def _read_first(self, word: str) -> tuple[str, ...]:
        papers, titles, repeated = self.counts("first", word)[:3]
        if papers < _FEW:
            return ("first-unknown",)
        return (
            f"first-repeated-{_class(repeated / papers, _REPEATED)}",
            f"first-title-{_class(titles / papers, _IN_TITLES)}",
        )

    def papers(self, name: str) -> int:
        """Give in how many papers a name is a candidate."""
        return self._papers[name]

    def _count_papers(self, name: str) -> int:
        return self.counts("names", fold(name))[0]

    def _blend(self, kind: str, key: str, general: Shares, weight: float) -> Shares:
        """Give the share of each type for a key; that of the general case has the weight of so many readings."""
        said = self.counts(kind, key)[3:]
        if not any(said):
            return general
        whole = sum(said) + weight
        return tuple([(one + share * weight) / whole for one, share in zip(said, general, strict=True)])

    def _fault(self, message: str) -> DataFileError:
        return DataFileError([f"{self._path}: {message}"])


@cache
def load_statistics(path: Path = SHIPPED) -> Statistics:
    """Load a file of statistics, once per process."""
    return Statistics(path)


def to_tsv(papers: int, table: Mapping[str, Mapping[str, Counts]]) -> str:
    """Write counts by kind and key as a file of statistics."""
    lines = [f"{TITLE}: counted by `kg learn` in {papers:,} papers", "\t".join(("#", *columns()))]
    for kind in KINDS:
        lines.append(f"[{kind}]")
        rows = ("\t".join((key, *(str(count or "") for count in counts))) for key, counts in table[kind].items())
        lines += sorted(row.rstrip("\t") for row in rows)
    return "\n".join(lines) + "\n"


class StatisticsReader:
    """Read which types phrases seldom have elsewhere, and write it to `doc.spans["kg_statistics"]`.

    Reads `doc.spans["kg_candidates"]`; a phrase has readings at its first place alone.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        self._statistics = load_statistics(path)

    def __call__(self, doc: Doc) -> Doc:
        """Write the readings of `doc` to its span groups."""
        write(doc, "kg_statistics", self.find(doc))
        return doc

    def find(self, doc: Doc) -> list[Mark]:
        """Give one span a candidate and type, with the extent of the candidate, in text order."""
        tokens = read_tokens(doc)
        expanded: Mapping[int, str] = doc.user_data.get("kg_expanded", {})
        found: dict[str, tuple[int, int]] = {}
        for candidate in marks(doc)["kg_candidates"]:
            start, end = candidate.start, candidate.end
            if not candidate.label_:
                found.setdefault(expanded.get(start) or tokens.between(start, end), (start, end))
        return [
            Mark(start, end, kind, rule)
            for name, (start, end) in found.items()
            for kind, rule in self._statistics.readings(name)
        ]


def last_words(name: str) -> tuple[str, ...]:
    """Give the last word and the last two words of a phrase, in lower case and the singular.

    >>> last_words("Graph Neural Networks")
    ('network', 'neural network')
    """
    words = _words(name)
    return (words[-1], *([" ".join(words[-2:])] if len(words) > 1 else []))


def first_word(name: str) -> str:
    """Give the first word of a phrase of several, in lower case, else an empty string.

    >>> first_word("Accurate Segmentation"), first_word("segmentation")
    ('accurate', '')
    """
    words = _words(name)
    return words[0] if len(words) > 1 else ""


def _words(name: str) -> list[str]:
    return [singular(word) for word in name.lower().split()] or [name]


def _class(value: float, bounds: Sequence[float]) -> int:
    return bisect_right(bounds, value)


@Language.factory("kg_statistics", default_config={"path": None}, assigns=["doc.spans"], requires=["doc.spans"])
def create_statistics_reader(nlp: Language, name: str, path: str | None) -> StatisticsReader:
    """Make the component `kg_statistics`; `path` is a file of `kg learn`, None the one that ships."""
    return StatisticsReader(SHIPPED if path is None else Path(path))
