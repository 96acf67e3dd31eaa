"""The command line: parse the arguments, call one function of the library, print what it gives.

Data go to standard output, everything else to standard error. Exit codes: 0 done, 1 the data are not valid, 2 wrong
use, unreadable input or a store that does not answer, 130 interrupted, 128 and the signal's number when ended by one.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from kg import __version__
from kg.errors import KGError, OutputError, QueryError, ValidationFailure
from kg.sources import READERS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from kg.builder import LeftOut
    from kg.endpoint import Endpoint
    from kg.explain import Explanation
    from kg.model import Paper
    from kg.rows import Rows
    from kg.sources import Problem
    from kg.workers import Progress

T = TypeVar("T")

INVALID, WRONG_USE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
_MAX_NAMED = 20
_IN_GRAPH = ("papers", "things", "claims", "mentions", "results", "triples")
# What could move the cursor, hide text or turn its direction in a terminal.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Commands(TyperGroup):
    """Turn the library's errors into messages and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was given."""
        if sys.stdout is None:
            _fail(KGError("standard output is closed; send it to a file, or to /dev/null"), WRONG_USE)
        try:
            with _orderly_end():
                result = super().invoke(ctx)
                sys.stdout.flush()
        except ValidationFailure as error:
            _fail(error, INVALID)
        except KGError as error:
            _fail(error, WRONG_USE)
        except BrokenPipeError:
            # Nobody reads any more; what is still buffered must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(BROKEN_PIPE) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            _fail(error, WRONG_USE)
        return result


app = typer.Typer(
    name="kg",
    cls=_Commands,
    help="Turn lists of machine-learning papers into an RDF knowledge graph one can check, query and load anywhere.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class RowFormat(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ReportFormat(StrEnum):
    """How a validation report is printed."""

    TABLE = "table"
    TURTLE = "turtle"


class GoldPart(StrEnum):
    """Which annotated papers are measured."""

    ALL = "all"
    READ = "read"
    UNREAD = "unread"


class NameConvention(StrEnum):
    """What belongs to the name of a dataset in annotated texts."""

    AS_ANNOTATED = "as-annotated"
    TRIMMED = "trimmed"
    WIDENED = "widened"


class EngineName(StrEnum):
    """What answers queries on a file."""

    OXIGRAPH = "oxigraph"
    RDFLIB = "rdflib"


Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT…", help="Files, folders or patterns of paper lists; - is standard input.")
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar=f"[{'|'.join(READERS)}]", help="Format of the inputs; recognised if not given."),
]
Year = Annotated[int | None, typer.Option(help="Year of the listing pages' days, which they leave unsaid.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes work.")]
Statistics = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="How names behave, from kg learn; that of machine learning if not given."),
]
GraphFile = Annotated[Path, typer.Argument(metavar="GRAPH", help="A graph file: .ttl, .nt or .jsonld.")]
GraphIri = Annotated[
    str | None, typer.Option(metavar="IRI", help="Named graph in the store; the default graph if not given.")
]
QueryUrl = Annotated[str | None, typer.Option(metavar="URL", help="Query service, if not ENDPOINT/query.")]
Timeout = Annotated[int, typer.Option(min=1, metavar="SECONDS", help="How long to wait for the store.")]


@app.callback(invoke_without_command=True)
def main(
    *,
    show_version: Annotated[bool, typer.Option("--version", is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    """Set up what all commands share."""
    if show_version:
        typer.echo(f"kg {__version__}")
        raise typer.Exit
    # A build makes millions of objects and no cycles worth looking for; the default would look a thousand times.
    gc.set_threshold(100_000, 50, 1000)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a terminal of another encoding shows an escape, not a traceback


@app.command()
def build(
    inputs: Inputs,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Graph file to write: .ttl, .nt or .jsonld.")],
    base: Annotated[str | None, typer.Option(metavar="IRI", help="What the data's IRIs start with.")] = None,
    jobs: Jobs = 1,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, metavar="P", help="Leave out what is said with less confidence.")
    ] = 0.0,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing if any paper violates a shape.")] = False,
    statistics: Statistics = None,
    format_: Format = None,
    year: Year = None,
) -> None:
    """Build the graph of papers: read, extract, check against the shapes, write."""
    from kg.builder import BuildRefused
    from kg.builder import build as build_graph
    from kg.iris import DEFAULT_BASE
    from kg.write import WRITABLE

    if output.suffix.lower() not in WRITABLE:  # before the long work, not after it
        raise typer.BadParameter(f"{output} ends in none of {', '.join(WRITABLE)}", param_hint="--output")
    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent} to write to", param_hint="--output")
    try:
        with _steps() as progress:
            report = build_graph(
                *inputs,
                base=base or DEFAULT_BASE,
                jobs=jobs,
                year=year,
                input_format=format_,
                statistics=statistics,
                min_confidence=min_confidence,
                strict=strict,
                progress=progress,
            )
    except BuildRefused as error:
        _name_left_out(error.report.left_out(), error.report.write_rejects(output))
        raise
    _name_left_out(report.left_out(), report.write(output))
    counts = {name: _count(number, name.removesuffix("s")) for name, number in report.counts().items()}
    inside = ", ".join(text for name, text in counts.items() if name in _IN_GRAPH)
    rest = ", ".join(text for name, text in counts.items() if name not in _IN_GRAPH and report.counts()[name])
    typer.echo(f"{output}: {inside}" + (f"; left out: {rest}" if rest else ""))


@app.command()
def extract(inputs: Inputs, *, statistics: Statistics = None, format_: Format = None, year: Year = None) -> None:
    """Read papers and print what they say, as one JSON object a paper."""
    import json

    from kg.extract import Extractor, to_json
    from kg.sources import read_papers

    reading = read_papers(*inputs, format=format_, year=year)
    _warn_of(reading.problems)
    extractor = Extractor(statistics=statistics)
    entities = 0
    with _progress(reading.papers, "Extracting") as papers:
        for extraction in extractor.pipe(papers):
            record = to_json(extraction)
            entities += len(record["entities"])
            typer.echo(json.dumps(record, ensure_ascii=False))
    _say(f"{_count(len(reading), 'paper')}, {_count(entities, 'thing')}, {_count(len(reading.problems), 'problem')}")


@app.command()
def learn(
    inputs: Inputs,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="File to write.")],
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="INPUT", help="Leave out the papers of this: what is to be measured on; repeatable."),
    ] = None,
    jobs: Jobs = 1,
    format_: Format = None,
) -> None:
    """Count in many abstracts how names behave, for `--statistics`; thousands, of the field that is to be read."""
    from kg.learn import learn as count
    from kg.write import write_atomically

    _refuse_input(output, [*inputs, *(without or ())])
    with _steps() as progress:
        learnt = count(*inputs, without=without or (), jobs=jobs, input_format=format_, progress=progress)
    _warn_of(learnt.problems)
    write_atomically(output, learnt.text.encode())
    parts = [_count(learnt.papers, "paper"), _count(learnt.names, "name")]
    if learnt.without:
        parts.append(_count(learnt.without, "paper") + " left out")
    typer.echo(f"{output}: {', '.join(parts)}, {_count(len(learnt.problems), 'problem')}")


@app.command()
def validate(
    path: GraphFile,
    *,
    format_: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="A table, or the SHACL validation report.")
    ] = ReportFormat.TABLE,
) -> None:
    """Check a graph file against the shapes; ends with 1 when it violates one."""
    from kg.check import validate_graph

    report = validate_graph(path)
    if format_ is ReportFormat.TURTLE:
        typer.echo(report.shacl.serialize(format="turtle"), nl=False)
    elif report.violations:
        header = ("focus", "shape", "path", "value", "message")
        _print_table(
            header, [(each.focus, each.shape, each.path, each.value, each.message) for each in report.violations]
        )
    _say("conforms" if report.conforms else _count(len(report.violations), "violation"))
    if not report.conforms:
        raise typer.Exit(INVALID)


@app.command()
def query(
    text: Annotated[
        str, typer.Argument(metavar="NAME|FILE|TEXT", help="A canned query, a query file, or a query's text.")
    ],
    *,
    path: Annotated[Path, typer.Option("--graph", "-g", help="Graph file to ask.")] = Path("graph.ttl"),
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Ask this store instead: its address, or that of its query service."),
    ] = None,
    parameters: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="Value of a parameter; repeatable.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=0, help="Show only the first rows.")] = None,
    format_: Annotated[RowFormat, typer.Option("--format", "-f", help="How to print the rows.")] = RowFormat.TABLE,
    engine: Annotated[EngineName, typer.Option(help="What answers on a graph file.")] = EngineName.OXIGRAPH,
    query_url: QueryUrl = None,
    graph_iri: GraphIri = None,
    timeout: Timeout = 30,
) -> None:
    """Ask a question of a graph file or a triplestore. `kg queries` lists the canned ones."""
    from kg.query import Queryable, find_query, open_graph, run_query, unknown_names
    from kg.rows import text_of

    found = find_query(text)
    values = dict(_assignment(parameter) for parameter in parameters or ())
    target: Queryable
    if endpoint is not None:
        target = _endpoint(endpoint, query_url=query_url, graph_iri=graph_iri, timeout=timeout)
    else:
        target = open_graph(path, engine=engine.value)
    rows = run_query(found, target, values)
    _print_rows(rows if limit is None else rows.head(limit), format_)
    shown = "" if limit is None or limit >= len(rows) else f"{limit:,} of "
    _say(f"{shown}{_count(len(rows), 'row')}")
    if not rows.rows:
        defaults = {parameter.name: text_of(parameter.default) for parameter in found.parameters}
        for name, near in unknown_names(found, target, values).items():
            value = values[name] if name in values else defaults[name]
            hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
            _say(f"nothing in the graph has the name {value!r} ({name}){hint}")


@app.command()
def queries() -> None:
    """List the canned queries with their parameters."""
    from kg.query import load_queries
    from kg.rows import text_of

    found = load_queries()
    rows = [
        (
            each.name,
            each.question,
            "\n".join(f"{given.name}={text_of(given.default)} ({given.meaning})" for given in each.parameters),
        )
        for each in found.values()
    ]
    _print_table(("name", "question", "parameters"), rows)
    _say(f"{_count(len(found), 'query', 'queries')}; kg query NAME --param PARAMETER=VALUE")


@app.command()
def explain(
    text: Annotated[str, typer.Argument(metavar="PAPER", help="Id or title of the paper, or words of its title.")],
    inputs: Inputs,
    *,
    thing: Annotated[
        str | None, typer.Option("--thing", "-t", metavar="NAME", help="Only what was read of this.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page to this file.")] = None,
    format_: Format = None,
    year: Year = None,
) -> None:
    """Show a paper with what was read from it: where, by which rule, how surely."""
    from kg.explain import explain as lay_out
    from kg.explain import find_paper
    from kg.extract import Extractor
    from kg.sources import read_papers
    from kg.write import write_atomically

    reading = read_papers(*inputs, format=format_, year=year)
    _warn_of(reading.problems)
    explanation = lay_out(Extractor()(find_paper(reading.papers, text)), thing)
    if html is not None:
        _refuse_input(html, inputs)
        write_atomically(html, explanation.to_html().encode())
        _say(f"{html}: {_count(len(explanation.marks), 'mention')}")
        return
    console = _console()
    console.print(_marked(explanation))
    for header, *body in (explanation.mark_rows(), explanation.link_rows(), explanation.result_rows()):
        if body:
            _print_table(header, body)
    _say(_count(len(explanation.marks), "mention"))


@app.command()
def stats(path: GraphFile) -> None:
    """Count what a graph holds: papers, things by type, claims by relation, share with code."""
    from kg.stats import count_graph

    _print_table(("", "count", ""), count_graph(path).rows(), right={1})


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Annotated papers or texts, JSON lines.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT…]", help="Paper lists with the annotated papers; none if GOLD brings its texts."
        ),
    ] = None,
    *,
    merge: Annotated[bool, typer.Option("--merge", help="Count models as methods.")] = False,
    names: Annotated[
        NameConvention | None,
        typer.Option(
            help="Compare spans of datasets trimmed (no “the … dataset” around the name, on either side) or widened "
            "(predicted ones with the noun, one shared by several names, and a bracketed acronym)."
        ),
    ] = None,
    part: Annotated[
        GoldPart | None, typer.Option(help="Which annotated papers; every third is unread. All, if not given.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Name every error with its sentence; only of papers that are read.")
    ] = False,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Also measure without each rule, witness and feature in turn.")
    ] = False,
    format_: Format = None,
    year: Year = None,
) -> None:
    """Measure the extraction on annotated papers, or on texts with annotated spans."""
    from kg.diagnose import Error, count_errors, find_errors
    from kg.evaluate import evaluate as measure
    from kg.extract import Extractor
    from kg.gold import merge_models, read_gold
    from kg.sources import read_papers
    from kg.spans import evaluate_spans

    part = part or (GoldPart.READ if show else GoldPart.ALL)
    if show and part is not GoldPart.READ:
        raise typer.BadParameter(
            "whose errors are looked at are not unread any more; --show goes with read", param_hint="--part"
        )
    annotated = read_gold(gold, part=part.value, merge=merge, names=names.value if names else "as-annotated")
    if names and not annotated.has_texts:
        raise typer.BadParameter("compares spans, which GOLD does not annotate", param_hint="--names")
    if annotated.has_texts == bool(inputs):
        wanted = "brings its texts along; give no INPUT" if inputs else "names papers; give the INPUT that has them"
        raise typer.BadParameter(f"{gold} {wanted}", param_hint="INPUT")
    papers: Iterable[Paper] = ()
    if inputs:
        papers = reading = read_papers(*inputs, format=format_, year=year)
        _warn_of(reading.problems)
    extractor = Extractor()
    chosen = annotated.select(papers)
    with _progress(chosen, "Extracting") as each:
        extractions = [merge_models(found) if merge else found for found in extractor.pipe(each)]
    evaluation = measure(annotated, extractions)
    if annotated.has_texts:
        in_spans = evaluate_spans(annotated, extractions)
        tables = [
            table
            for table, shown in (
                (in_spans.rows(), annotated.types),
                (in_spans.addresses.rows(), in_spans.addresses.gold),
            )
            if shown
        ]
    else:
        tables = [evaluation.rows(), evaluation.reliability_rows()]
    errors: tuple[Error, ...] = ()
    if annotated.types:
        errors = find_errors(annotated, map(extractor.review, chosen), merge=merge)
        tables += [evaluation.confusion_rows(), count_errors(errors)]
    if ablate:
        from kg.ablate import ablate as measure_without
        from kg.ablate import effect_rows

        with _steps() as progress:
            tables.append(effect_rows(measure_without(annotated, chosen, merge=merge, progress=progress)))
    for number, (header, *body) in enumerate(tables):
        if number:
            typer.echo()
        _print_table(header, body, right=range(1, len(header)))
    for error in errors if show else ():
        typer.echo(f"\n{_printable(str(error))}")
    _say(f"{_count(evaluation.papers, 'annotated paper')}, {len(evaluation.absent):,} of them not in the inputs")


@app.command()
def benchmark(
    inputs: Inputs,
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the best one counts.")] = 3,
    format_: Format = None,
    year: Year = None,
) -> None:
    """Time each step on papers not seen before, in papers a second of one core, and the start-up."""
    from kg.benchmark import time_start_up, time_steps
    from kg.sources import read_papers

    reading = read_papers(*inputs, format=format_, year=year)
    _warn_of(reading.problems)
    timings = time_steps(reading.papers, rounds=rounds)
    rows = [(each.step, f"{each.papers_per_second:,.0f}", f"{each.share:.1%}") for each in timings]
    _print_table(("step", "papers/s", "of tokenisation"), rows, right={1, 2})
    typer.echo()
    parts = [(each.part, f"{each.seconds:.2f}", f"{each.processor:.2f}") for each in time_start_up()]
    _print_table(("starting", "seconds", "of a processor"), parts, right={1, 2})
    _say(f"{_count(len(reading), 'paper')}, the best of {_count(rounds, 'round')}")


@app.command()
def load(
    path: GraphFile,
    *,
    endpoint: Annotated[str, typer.Option(metavar="URL", help="The store's address, such as http://localhost:7878.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove what the store's graph held before.")] = False,
    query_url: QueryUrl = None,
    update_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Update service, if not ENDPOINT/update.")
    ] = None,
    store_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Graph store service, if not ENDPOINT/store.")
    ] = None,
    graph_iri: GraphIri = None,
    timeout: Timeout = 30,
) -> None:
    """Send a graph file to a triplestore, adding to its graph, and check that it arrived."""
    from kg.load import load as send

    target = _endpoint(
        endpoint,
        query_url=query_url,
        update_url=update_url,
        store_url=store_url,
        graph_iri=graph_iri,
        timeout=timeout,
    )
    report = send(path, target, replace=replace)
    verb = "replaced what the graph held by" if report.replaced else "added"
    typer.echo(
        f"{verb} {_count(report.sent, 'triple')} in {_count(report.requests, 'request')} of the {report.protocol} "
        f"protocol; the graph had {report.before:,} and now has {report.after:,}"
    )


def _refuse_input(output: Path, inputs: Iterable[str | Path]) -> None:
    """Keep an input from being written over."""
    if output.exists() and any(Path(each).exists() and output.samefile(each) for each in inputs):
        raise OutputError("is an input and stays as it is; give another output", place=str(output))


def _endpoint(url: str, **options: Any) -> Endpoint:
    from kg.endpoint import Endpoint

    return Endpoint.from_url(url, **options)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise QueryError(f"--param {text!r} is not of the form NAME=VALUE")
    return name.strip(), value


def _print_rows(rows: Rows, format_: RowFormat) -> None:
    if format_ is RowFormat.CSV:
        sys.stdout.write(rows.to_csv())
        return
    if format_ is RowFormat.JSON:
        sys.stdout.write(rows.to_json())
        return
    from kg.rows import shorten

    plain = rows.values()
    numeric = {index for index in range(len(rows.columns)) if plain and all(_is_number(row[index]) for row in plain)}
    cells = [["" if term is None else shorten(term) for term in row] for row in rows.rows]
    _print_table(rows.columns, cells, right=numeric)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _print_table(header: Sequence[str], body: Iterable[Sequence[str]], *, right: Collection[int] = ()) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, column in enumerate(header):
        table.add_column(column, justify="right" if index in right else "left", overflow="fold")
    for row in body:
        table.add_row(*(Text(_printable(cell)) for cell in row))
    _console().print(table)


def _marked(explanation: Explanation) -> Text:
    from rich.text import Text

    text = Text()
    for segment in explanation.segments:
        mark = segment.mark
        text.append(_printable(segment.text), style="bold" if mark else "")
        if mark:
            text.append(f" [{_printable(mark.type)} {mark.relation}]", style="dim")
    return text.append("\n")


def _console() -> Console:
    """Give a console on standard output; a pipe gets lines as long as they are."""
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return PipedConsole(width=None if sys.stdout.isatty() else 10_000, markup=False, highlight=False, emoji=False)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or f'{singular}s'}"


def _say(text: str) -> None:
    typer.echo(_printable(text), err=True)


def _fail(error: Exception, code: int) -> None:
    _say(f"kg: {error}")
    raise typer.Exit(code) from None


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the program as Ctrl-C does, so that no process and no temporary file stays."""

    def end(number: int, _: object) -> None:
        for each in caught:  # a second one, which `timeout` sends, must not interrupt the cleaning up
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    caught: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        names = (name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))  # Windows knows no SIGHUP
        caught = [signal.Signals[name] for name in names if signal.getsignal(signal.Signals[name]) is signal.SIG_DFL]
    for each in caught:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in caught:
            signal.signal(each, signal.SIG_DFL)


def _warn_of(problems: Iterable[Problem]) -> None:
    for problem in problems:
        _say(str(problem))


def _name_left_out(left_out: Iterable[LeftOut], rejects: Path | None) -> None:
    """Say what a build left out, the first of each kind, and where all of it stands."""
    for kind, each in groupby(left_out, key=lambda one: one.kind):
        ones = list(each)
        for one in ones[:_MAX_NAMED]:
            _say(": ".join(filter(None, (one.place, kind, one.paper, one.value, one.message))))
        if len(ones) > _MAX_NAMED:
            _say(f"… and {_count(len(ones) - _MAX_NAMED, f'more {kind}')}")
    if rejects:
        _say(f"{rejects} names all that was left out, and why")


@contextmanager
def _progress(items: Sequence[T], doing: str) -> Iterator[Iterable[T]]:
    """Show a bar on standard error while the items are gone through, when somebody watches."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield items
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield bar.track(items, description=doing)


@contextmanager
def _steps() -> Iterator[Progress | None]:
    """Show a bar for each step of a build on standard error, when somebody watches."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done)

        yield show
