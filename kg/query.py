"""Ask questions of a graph: the canned ones in `queries/`, or the user's own.

A query file is standard SPARQL 1.1 that runs as it stands in any store. Its head is comments: the question in English
on the first line, one line for each parameter, and whatever else is to be said,

    # param dataset (name) -- the dataset, by any of its names

and the parameter's default stands in the query itself, as `VALUES ?dataset { "CIFAR-10" }`. To give a parameter a
value is to put another serialised term into that block. This is the same on rdflib, on Oxigraph and on a remote store
(whose protocol knows no bindings), and nothing of the value is ever read as SPARQL.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Literal, TypeAlias, overload

import pyoxigraph as ox
import rdflib
from rdflib.plugins.sparql import prepareQuery

from kg.endpoint import Endpoint, ask
from kg.errors import DataFileError, InputError, QueryError
from kg.iris import PREFIXES
from kg.names import fold
from kg.resources import resource
from kg.rows import Rows, text_of
from kg.write import Term, read_graph, read_store

Engine: TypeAlias = Literal["oxigraph", "rdflib"]
Queryable: TypeAlias = ox.Store | rdflib.Graph | Endpoint
Value: TypeAlias = str | int | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a query lets the user choose."""

    name: str
    """Also the variable of its VALUES block."""
    type: str
    """A key of `PARAMETER_TYPES`."""
    default: Term
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A SPARQL query and what its head says about it."""

    name: str
    """The file's name without suffix; `query` for a text."""
    question: str
    """In English; empty for a text that has no head."""
    parameters: tuple[Parameter, ...]
    """In the order of the head."""
    text: str
    form: str
    """`SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`."""


def load_queries() -> dict[str, Query]:
    """Load the canned queries, by name in alphabetical order.

    Raises DataFileError that lists every problem of every file.
    """
    queries: dict[str, Query] = {}
    problems: list[str] = []
    for path in sorted(resource("queries").glob("*.rq")):
        try:
            query = parse_query(path.read_text(encoding="utf-8"), name=path.stem)
        except QueryError as error:
            problems.append(f"{path.name}: {error}")
            continue
        if not query.question.endswith("?"):
            problems.append(f"{path.name}: the first line must be the question, as a comment that ends with '?'")
        queries[path.stem] = query
    if problems:
        raise DataFileError(problems)
    return queries


def parse_query(text: str, *, name: str = "query") -> Query:
    """Read a query's head and form; the rest is left to the engine that runs it.

    Raises QueryError for an update, a text that is no query or is nested too deeply, and a head whose parameters do not
    fit the query.
    """
    text = text.removeprefix("\ufeff")
    _check_nesting(text)
    form = _form(text)
    question = ""
    parameters: list[Parameter] = []
    for line in _head(text):
        if not re.match(r"param\b", line):
            question = question or ("" if parameters else line)
        elif match := _PARAM.fullmatch(line):
            parameters.append(_parameter(text, *match.groups()))
        else:
            types = ", ".join(PARAMETER_TYPES)
            raise QueryError(f"'# {line}' is not of the form '# param NAME (TYPE) -- MEANING'; types are {types}")
    names = [parameter.name for parameter in parameters]
    if len(set(names)) < len(names):
        raise QueryError(f"a parameter is declared twice among {', '.join(names)}")
    return Query(
        name=name,
        question=question,
        parameters=tuple(parameters),
        text=_declare_prefixes(text),
        form=form,
    )


def find_query(text: str) -> Query:
    """Find what the user means: the name of a canned query, a file, or the text of a query.

    Raises QueryError that names the nearest canned queries when it is none of them.
    """
    queries = load_queries()
    if text in queries:
        return queries[text]
    if re.search(r"[\s{]", text.strip()) and not _is_file(text):
        return parse_query(text)
    if _is_file(text):
        try:
            return parse_query(Path(text).read_text(encoding="utf-8"), name=Path(text).stem)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read as a query: {error}", place=text) from error
    near = difflib.get_close_matches(text, queries, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "`kg queries` lists them"
    raise QueryError(f"no canned query is named {text!r}, and no file either; {hint}")


def bind(query: Query, values: Mapping[str, Value]) -> str:
    """Give the query's text with each parameter of `values` in place of its default.

    A value becomes a term of the parameter's type and then its serialised form, so it can only ever be that one term.
    Raises QueryError for a parameter that the query does not have and for a value that is not of its type.
    """
    parameters = {parameter.name: parameter for parameter in query.parameters}
    text = query.text
    for name, value in values.items():
        if name not in parameters:
            allowed = ", ".join(parameters) or "none"
            raise QueryError(f"{query.name} has no parameter {name!r}; it has: {allowed}")
        term = to_term(value, parameters[name].type, name=name)
        for start, end in reversed(list(_blocks(text, name))):
            text = f"{text[:start]}{term_text(term)}{text[end:]}"
    return text


def to_term(value: Value, kind: str, *, name: str) -> Term:
    """Make the term that parameter `name` of type `kind` takes for `value`; raise QueryError when it is none.

    >>> str(to_term("0.5", "decimal", name="below"))
    '"0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    text = str(value)
    try:
        text.encode()
        return PARAMETER_TYPES[kind](text)
    except ValueError as error:
        raise QueryError(f"parameter {name} takes {_ARTICLES[kind]}, got {text!r}") from error


def term_text(term: Term) -> str:
    r"""Serialise a term so that it is the same term under every reading of SPARQL 1.1.

    Section 19.2 lets an engine replace `\uXXXX` anywhere before it looks for strings, as rdflib does, so the text
    must hold no such sequence that is not meant; an escaped backslash before a `u` would look like one.

    >>> term_text(ox.Literal('say "\\u0022"'))
    '"say \\"\\\\\\U000000750022\\""'
    """
    if isinstance(term, ox.Literal):
        body = f'"{_SPECIAL.sub(_escape, term.value)}"'
        if term.language:
            return f"{body}@{term.language}"
        return body if term.datatype == _STRING else f"{body}^^{term.datatype}"
    if isinstance(term, ox.Triple):
        raise QueryError("a quoted triple has no form in SPARQL 1.1")
    return str(term)


def run_query(query: Query | str, target: Queryable, values: Mapping[str, Value] | None = None) -> Rows:
    """Run a query (or what `find_query` finds) on a store, an rdflib graph or a remote endpoint.

    Raises QueryError when the query or a parameter is wrong, EndpointError when the endpoint fails.
    """
    if isinstance(query, str):
        query = find_query(query)
    text = bind(query, values or {})
    if isinstance(target, Endpoint):
        return ask(target, text, query.form)
    if isinstance(target, rdflib.Graph):
        return _run_rdflib(text, target, query.name)
    try:
        return Rows.from_result(target.query(text, use_default_graph_as_union=True))
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        raise QueryError(f"{query.name}: {_first_words(error)}") from error


@overload
def open_graph(path: str | Path, *, engine: Literal["oxigraph"] = "oxigraph") -> ox.Store: ...
@overload
def open_graph(path: str | Path, *, engine: Literal["rdflib"]) -> rdflib.Graph: ...
@overload
def open_graph(path: str | Path, *, engine: Engine) -> ox.Store | rdflib.Graph: ...
def open_graph(path: str | Path, *, engine: Engine = "oxigraph") -> ox.Store | rdflib.Graph:
    """Read a graph file into an engine; raises InputError when it cannot be read, with the line."""
    return read_graph(path) if engine == "rdflib" else read_store(path)


def unknown_names(query: Query, target: Queryable, values: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    """Find which parameters of type `name` name nothing in the graph, with up to three names that are near.

    Reads every name of the graph, so it is for a query that gave no rows.
    """
    wanted = {
        parameter.name: str(values.get(parameter.name, parameter.default.value))
        for parameter in query.parameters
        if parameter.type == "name" and isinstance(parameter.default, ox.Literal)
    }
    if not wanted:
        return {}
    labels = sorted({str(label) for (label,) in run_query(_LABELS, target).values()})
    by_case = {label.lower(): label for label in reversed(labels)}
    unknown: dict[str, tuple[str, ...]] = {}
    for name, text in wanted.items():
        if text.lower() in by_case:
            continue
        same = [label for label in labels if fold(label) == fold(text)]
        close = difflib.get_close_matches(text.lower(), by_case, n=3, cutoff=0.6)
        unknown[name] = tuple(dict.fromkeys([*same, *(by_case[label] for label in close)]))[:3]
    return unknown


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # longer than a path may be, or with a NUL
        return False


# The parts of SPARQL 1.1 that matter for finding blocks, prefixes and keywords: what is inside a comment, an IRI or a
# string is none of these.
_TOKEN = re.compile(
    r"""
    (?P<comment>  \#[^\n]* )
  | (?P<iri>      <[^<>"{}|^`\\\x00-\x20]*> )
  | (?P<string>   \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
                | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
  | (?P<variable> [?$]\w+ )
  | (?P<pname>    (?:[^\W\d_][\w.-]*)?:(?:[\w:%][\w.:%-]*(?<!\.))? )
  | (?P<number>   [+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? )
  | (?P<word>     @?\w[\w-]* )
  | (?P<space>    \s+ )
  | (?P<mark>     . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAM = re.compile(r"param\s+([A-Za-z]\w*)\s+\((\w+)\)\s+--\s+(\S.*)")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_OPENING, _CLOSING, _SIGNS = ("{", "(", "["), ("}", ")", "]"), ("!", "+", "-", "^")
_MAX_NESTING = 100
_GROUP_BY = re.compile(r"\bGROUP\s+BY\b", re.IGNORECASE)
_STRING = ox.Literal("").datatype
_SPECIAL = re.compile(r'\\([uU])?|["\n\r\t]')
_ESCAPES = {'"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def _escape(match: re.Match[str]) -> str:
    letter = match.group(1)
    return _ESCAPES[match.group(0)[0]] + (f"\\U{ord(letter):08X}" if letter else "")


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _TOKEN.finditer(text) if match.lastgroup not in ("comment", "space"))


def _check_nesting(text: str) -> None:
    """Refuse what would overflow the stack of pyoxigraph's parser, which ends the process without a word."""
    depth = signs = 0
    before = ""
    for token in _tokens(text):
        mark = token.group()
        if mark in _OPENING or mark == before == "<":
            depth += 1
        elif mark in _CLOSING or mark == before == ">":
            depth = max(0, depth - 1)
        elif token.lastgroup == "iri":  # or what looks like one, as in `?a<((?b)+(?c))&&?d>?e`
            inside = list(accumulate((character in _OPENING) - (character in _CLOSING) for character in mark))
            depth += max(inside) if depth + max(inside) > _MAX_NESTING else max(0, inside[-1])
        signs = signs + 1 if mark in _SIGNS else 0
        before = mark
        if depth + signs > _MAX_NESTING:
            raise QueryError(f"the query is nested more than {_MAX_NESTING} levels deep at character {token.start()}")


def _head(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("#"):
            return
        if content := line.lstrip("#").strip():
            yield content


def _form(text: str) -> str:
    tokens = _tokens(text)
    for token in tokens:
        keyword = token.group().upper()
        if keyword == "PREFIX":
            next(tokens, None)
        if keyword in ("PREFIX", "BASE"):
            next(tokens, None)
            continue
        if keyword in _FORMS:
            return keyword
        if keyword in _UPDATES:
            raise QueryError(f"this is an update ({keyword}); a question only reads: {', '.join(_FORMS)}")
        break
    raise QueryError(f"this is no SPARQL query; after its prefixes one begins with {', '.join(_FORMS)}")


def _blocks(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Find where the one term of each `VALUES ?name { term }` begins and ends."""
    window: list[re.Match[str]] = []
    for token in _tokens(text):
        window = [*window[-4:], token]
        if len(window) == 5:
            keyword, variable, opening, term, closing = window
            if (
                keyword.group().upper() == "VALUES"
                and variable.group()[1:] == name
                and variable.lastgroup == "variable"
                and (opening.group(), closing.group()) == ("{", "}")
            ):
                yield term.span()


def _parameter(text: str, name: str, kind: str, meaning: str) -> Parameter:
    if kind not in PARAMETER_TYPES:
        raise QueryError(f"parameter {name} is of type {kind!r}; types are {', '.join(PARAMETER_TYPES)}")
    defaults = {text[start:end] for start, end in _blocks(text, name)}
    if len(defaults) != 1:
        found = " and ".join(sorted(defaults)) or "none"
        raise QueryError(f"parameter {name} needs one default, written VALUES ?{name} {{ … }}; found {found}")
    prologue = " ".join(f"PREFIX {prefix}: <{iri}>" for prefix, iri in {**PREFIXES, **_declared(text)}.items())
    default = defaults.pop()
    try:
        solutions = ox.Store().query(f"{prologue} SELECT ?x WHERE {{ VALUES ?x {{ {default} }} }}")
    except SyntaxError as error:
        raise QueryError(f"parameter {name} has the default {default}, which is no term") from error
    ((term,),) = Rows.from_result(solutions).rows
    if term is None or to_term(text_of(term), kind, name=name) != term:
        raise QueryError(f"parameter {name} has the default {default}, which is not {_ARTICLES[kind]}")
    return Parameter(name=name, type=kind, default=term, meaning=meaning)


def _declared(text: str) -> dict[str, str]:
    tokens = list(_tokens(text))
    return {
        prefix.group().removesuffix(":"): iri.group()[1:-1]
        for keyword, prefix, iri in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if keyword.group().upper() == "PREFIX" and prefix.lastgroup == "pname" and iri.lastgroup == "iri"
    }


def _declare_prefixes(text: str) -> str:
    """Declare the known prefixes that the text uses undeclared, on its first line so that line numbers stay true."""
    declared = _declared(text)
    used = {token.group().partition(":")[0] for token in _tokens(text) if token.lastgroup == "pname"}
    missing = sorted((used - declared.keys()) & PREFIXES.keys())
    return "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}> " for prefix in missing) + text


def _literal(pattern: str, datatype: str | None = None) -> Callable[[str], Term]:
    def make(text: str) -> Term:
        if not re.fullmatch(pattern, text, re.DOTALL):
            raise ValueError(text)
        return ox.Literal(text, datatype=ox.NamedNode(f"{PREFIXES['xsd']}{datatype}") if datatype else None)

    return make


PARAMETER_TYPES: Mapping[str, Callable[[str], Term]] = {
    "name": _literal(r".*\S.*"),
    "string": _literal(r".*"),
    "integer": _literal(r"[+-]?[0-9]+", "integer"),
    "decimal": _literal(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", "decimal"),
    "iri": ox.NamedNode,
}
"""How the text of a value becomes a term; each raises ValueError for a text that is not of the type."""

_ARTICLES = {
    "name": "a name",
    "string": "a text",
    "integer": "a whole number",
    "decimal": "a number such as 0.5",
    "iri": "an absolute IRI",
}


def _run_rdflib(text: str, graph: rdflib.Graph, name: str) -> Rows:
    try:
        # Prepared first, because Graph.query would lend the query the graph's own prefixes.
        result = graph.query(prepareQuery(text))
        if result.type == "ASK":
            return Rows(("answer",), ((ox.Literal(bool(result.askAnswer)),),), "answer")
        if result.type == "SELECT":
            variables = result.vars or []
            rows = tuple(tuple(_from_rdflib(row.get(variable)) for variable in variables) for row in result.bindings)
            if _GROUP_BY.search(text) and [set(row) for row in rows] == [{None}]:
                rows = ()  # where nothing matched there is no group, but rdflib gives one row of nothing
            return Rows(tuple(map(str, variables)), rows)
        ntriples = (result.graph or rdflib.Graph()).serialize(format="nt")
        return Rows.from_result(quad.triple for quad in ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES))
    except Exception as error:  # rdflib raises bare Exceptions for wrong queries
        raise QueryError(f"{name}: {_first_words(error)}") from error


def _from_rdflib(term: object) -> Term | None:
    if isinstance(term, rdflib.Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype and not term.language else None
        return ox.Literal(str(term), datatype=datatype, language=term.language)
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    return None if term is None else ox.NamedNode(str(term))


def _first_words(error: Exception, length: int = 200) -> str:
    """Shorten a parser's message: some list the whole grammar of what was expected."""
    words = " ".join(str(error).split())
    return words if len(words) <= length else f"{words[:length]}…"


_LABELS = parse_query(
    "SELECT DISTINCT ?label WHERE "
    "{ { ?thing skos:prefLabel|skos:altLabel ?label } UNION { ?paper a kg:Paper ; schema:name ?label } }"
)
