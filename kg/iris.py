"""Mint every IRI of the data from one base, and check every address that comes from outside.

Two laws hold for what is minted: the IRI is a function of what identifies the thing and of nothing else (not of the
run, the order of the input or the spelling that happened to come first), and two different things never share one.
The readable part of an IRI is a slug; where a slug says less than the key it was made from, a hash of the key follows.
Everything minted is ASCII and valid by RFC 3986, whatever the key holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import quote

from kg.errors import IRIError
from kg.names import slug

DEFAULT_BASE = "https://w3id.org/paper-kg/"
ONTOLOGY = "https://w3id.org/paper-kg/ontology#"
CONCEPTS = "https://w3id.org/paper-kg/concept/"

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "kg": ONTOLOGY,
        "dcterms": "http://purl.org/dc/terms/",
        "itsrdf": "http://www.w3.org/2005/11/its/rdf#",
        "nif": "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "void": "http://rdfs.org/ns/void#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""The prefixes that files, queries and graphs use; ontology and vocabulary stay where they are under any base."""

_WEB = re.compile(r"(https?)://([^/?#]+)([^#]*)(#.*)?", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?(?::[0-9]{1,5})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH = re.compile(r"[^?#]*")
_CASELESS = ("github.com/", "gitlab.com/", "huggingface.co/")
"""The hosts that lead every spelling of a path to one page."""
_PLAIN_KEY = re.compile(r"[a-z0-9]{1,60}")
_HASH = 8
_LONG_HASH = 16


def web_iri(address: str) -> str:
    """Give a web address as a valid ASCII IRI: absolute, http or https, host in lower case.

    Characters that an IRI cannot hold are percent-encoded, an international host name gets its ASCII form. Raises
    IRIError for anything that is not an address on the web: another scheme, no host, control characters.

    >>> web_iri("https://GitHub.com/a/b c?q=<x>")
    'https://github.com/a/b%20c?q=%3Cx%3E'
    >>> web_iri("https://例え.jp/é")
    'https://xn--r8jz45g.jp/%C3%A9'
    >>> web_iri("javascript:alert(1)")
    Traceback (most recent call last):
        ...
    kg.errors.IRIError: 'javascript:alert(1)' is no web address; it must start with http:// or https:// and name a host
    """
    text = address.strip(" \t\r\n")
    match = _WEB.fullmatch(text)
    if match is None or _CONTROL.search(text):
        raise _no_address(address)
    scheme, host, path, fragment = match.groups()
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _no_address(address) from None
    if not _HOST.fullmatch(host):
        raise _no_address(address)
    return f"{scheme.lower()}://{host}{_encode(path)}" + (f"#{_encode(fragment[1:])}" if fragment else "")


def web_key(address: str) -> str:
    """Give the key under which the spellings of one web address meet; raises IRIError as `web_iri` does.

    The scheme, `www.`, a final slash and `.git` do not matter, nor does a path's case on sites that disregard it.

    >>> web_key("http://www.github.com/A/b.git") == web_key("https://github.com/a/B/")
    True
    """
    key = web_iri(address).split("://", 1)[1].removeprefix("www.").rstrip("/").removesuffix(".git").rstrip("/")
    if key.startswith(_CASELESS):
        key = _PATH.sub(lambda path: path[0].lower(), key, count=1)
    return key


@dataclass(frozen=True, slots=True)
class Minter:
    """Mints the IRIs of the data under one base; raises IRIError for a base that cannot carry them.

    >>> minter = Minter()
    >>> minter.thing("Method", "eafo")
    'https://w3id.org/paper-kg/method/eafo'
    >>> minter.thing("Method", "c*algebra")
    'https://w3id.org/paper-kg/method/c-algebra-e9679046'
    >>> minter.paper("gpt4technicalreport")
    'https://w3id.org/paper-kg/paper/gpt4technicalreport-8ff94706'
    """

    base: str = DEFAULT_BASE

    def __post_init__(self) -> None:
        try:
            valid = web_iri(self.base) == self.base and "?" not in self.base
        except IRIError:
            valid = False
        # A bare final "#" has no fragment for `web_iri` to check, so the count of "#" decides.
        if not valid or not self.base.endswith(("/", "#")) or "#" in self.base[:-1]:
            raise IRIError(
                f"{self.base!r} cannot be the base of the data; it must be an absolute http(s) IRI in ASCII that ends "
                f"in / or #, such as {DEFAULT_BASE}",
                value=self.base,
            )

    def paper(self, key: str) -> str:
        """Mint a paper's IRI from its key (`Paper.key`), so that all spellings of its title give one."""
        return f"{self.base}paper/{_slug_and_hash(key)}"

    def text(self, paper: str) -> str:
        """Mint the IRI of the text of the paper with IRI `paper`."""
        return f"{paper}/text"

    def author(self, paper: str, position: int) -> str:
        """Mint the IRI of an author in that paper's list; positions count from 1."""
        return f"{paper}/author/{position}"

    def thing(self, type: str, key: str, introducer: str | None = None) -> str:  # noqa: A002 (the ontology's word)
        """Mint the IRI of a thing that is in no vocabulary.

        `type` is the local name of its class, `key` its folded name. `introducer` is the key of the paper whose
        introduction it is; without one the IRI stands for what is meant by the name where that is not decided.
        """
        folder = f"{self.base}{type.lower()}/"
        if introducer is None and _PLAIN_KEY.fullmatch(key):
            return folder + key
        return folder + _slug_and_hash(key, *(() if introducer is None else (introducer,)))

    def repository(self, address: str) -> str:
        """Mint the IRI of the code repository at a web address; raises IRIError as `web_iri` does."""
        return f"{self.base}repository/{_slug_and_hash(web_key(address))}"

    def page(self, address: str) -> str:
        """Mint the IRI of a page at a web address; raises IRIError as `web_iri` does."""
        return f"{self.base}page/{_slug_and_hash(web_key(address))}"

    def mention(self, *parts: str | int) -> str:
        """Mint the IRI of a mention from what identifies it."""
        return f"{self.base}mention/{_digest(*parts)[:_LONG_HASH]}"

    def result(self, *parts: str | int) -> str:
        """Mint the IRI of a result from what identifies it."""
        return f"{self.base}result/{_digest(*parts)[:_LONG_HASH]}"

    def listing(self, sha256: str) -> str:
        """Mint the IRI of a listing from the SHA-256 of its bytes, in hexadecimal."""
        return f"{self.base}listing/{sha256[:_LONG_HASH]}"

    def build(self, *parts: str | int) -> str:
        """Mint the IRI of a build from what determines its outcome."""
        return f"{self.base}build/{_digest(*parts)[:_LONG_HASH]}"

    @property
    def dataset(self) -> str:
        """The IRI of the whole graph."""
        return f"{self.base}graph"


def _slug_and_hash(key: str, *more: str) -> str:
    # Keys without a slug (names in non-Latin scripts, of punctuation only) rest on the hash alone, so it is longer.
    readable = slug(key).strip("-")
    digest = _digest(key, *more)
    return f"{readable}-{digest[:_HASH]}" if readable else f"x-{digest[:_LONG_HASH]}"


def _digest(*parts: str | int) -> str:
    # The lengths keep ("ab", "c") apart from ("a", "bc"); lone surrogates are kept apart by "surrogatepass".
    text = "".join(f"{len(str(part))}:{part}" for part in parts)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _encode(text: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", text), safe="/?:@!$&'()*+,;=-._~%")


def _no_address(address: str) -> IRIError:
    shown = address if len(address) <= 100 else f"{address[:100]}…"
    return IRIError(
        f"{shown!r} is no web address; it must start with http:// or https:// and name a host", value=address
    )
