"""Write the generated parts of README.md: `python tests/readme.py [--benchmark]`.

A part stands between `<!-- name -->` and `<!-- end -->`. All parts but the speed, which depends on the machine, are the
same on every machine, and the tests hold the README to them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from annotated import SPANS
from figures import count_errors, load_figures
from typer.testing import CliRunner

from kg.cli import app
from kg.ontology import load_ontology
from kg.query import load_queries
from kg.spans import MEASURES
from kg.vocabulary import load_vocabulary

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SEEDS = ROOT / "seeds"
_SHOWN = ("all", "Dataset", "Model", "Method", "Task", "Metric", "link", "link+kind", "result")

_ERRORS = {
    (
        "missed",
        "dropped",
    ): "a {kind} was weighed and found not worth listing: “… benefits from prototype mixing”, said once",
    ("missed", "dropped, other type"): "a {kind} was weighed as something else and dropped",
    (
        "missed",
        "no candidate",
    ): "a {kind} was never weighed, for no noun that is known as its head ends it: “random detours”",
    (
        "missed",
        "other extent",
    ): "a {kind} was weighed with more or fewer words: “prototype mixing” in “robust prototype mixing”",
    (
        "missed",
        "other type",
    ): "a {kind} was listed as something else: “lifelong parsing”, which is a task here and a method there",
    ("missed", "taken for another"): "a {kind} was listed as one with another: “FooNet” with “FooNet-2”",
    (
        "missed",
        "not in the text",
    ): "a {kind} stands in the text in another form than annotated: “images and texts retrieval”",
    ("missed", "address or number"): "a {kind} was not read: “nine in ten come out right”",
    ("spurious", "not annotated"): "a {kind} was listed that is none to index: “parallel runs”",
    (
        "spurious",
        "other type",
    ): "a {kind} was listed that is something else: “lifelong parsing”, the method where the task is meant",
    ("spurious", "part of a name"): "a {kind} was listed that is part of a longer name: “mixing” of “prototype mixing”",
    ("spurious", "around a name"): "a {kind} was listed with more words than its name: “frozen FooNet”",
    ("spurious", "twice"): "a {kind} was listed twice, in two forms: “FooNet” and “the Foo network”",
    (
        "spurious",
        "address or number",
    ): "a {kind} was read that is none, or not of this metric and dataset: “90% of the tokens”",
    (
        "wrong",
        "relation",
    ): "a thing was found, but the paper does something else with it: compares with it, not uses it",
}
"""What each category of error is, with invented examples."""


def main(*, with_benchmark: bool) -> None:
    """Replace the generated parts in the file."""
    parts = {**PARTS, "speed": speed} if with_benchmark else PARTS
    README.write_text(fill(README.read_text(encoding="utf-8"), parts), encoding="utf-8")


def fill(text: str, parts: dict[str, Callable[[], str]]) -> str:
    """Give the text with the parts made anew; parts of other names stay as they are."""

    def replace(match: re.Match[str]) -> str:
        make = parts.get(match["name"])
        return f"<!-- {match['name']} -->\n{make()}\n<!-- end -->" if make else match.group()

    return re.sub(r"<!-- (?P<name>(?!end )[a-z-]+) -->\n.*?<!-- end -->", replace, text, flags=re.DOTALL)


def session() -> str:
    """Show what `make graph` prints, and why it says so."""
    commands = (
        f"kg build {SEEDS}/ --output graph.ttl",
        "kg query datasets-by-papers --limit 4",
        "kg query evidence --param thing=EAFO --limit 3",
    )
    with TemporaryDirectory() as folder, chdir(folder):
        lines = [line for command in commands for line in (f"$ {command}", _run(*command.split()[1:]))]
    return "\n".join(["```console", *lines, "```"]).replace(f"{SEEDS}/", "seeds/")


def classes() -> str:
    """List the classes of the ontology."""
    rows = [f"| `kg:{term.name}` | {term.comment} | {term.example} |" for term in load_ontology().classes.values()]
    return "\n".join(["| class | is | example |", "| --- | --- | --- |", *rows])


def relations() -> str:
    """List what a paper may do with a thing, strongest first."""
    ontology = load_ontology()
    rows = [
        f"| `kg:{name}` | {ontology.properties[name].comment} | {ontology.properties[name].example} |"
        for name in ontology.relations
    ]
    return "\n".join(["| relation | means | example |", "| --- | --- | --- |", *rows])


def queries() -> str:
    """List the canned queries."""
    rows = [
        f"| `{query.name}` | {query.question} | {', '.join(f'`{given.name}`' for given in query.parameters)} |"
        for query in load_queries().values()
    ]
    return "\n".join(["| query | question | parameters |", "| --- | --- | --- |", *rows])


def commands() -> str:
    """List the commands with their help."""
    rows = [
        f"| `kg {command.callback.__name__}` | {(command.callback.__doc__ or '').splitlines()[0]} |"
        for command in app.registered_commands
        if command.callback
    ]
    return "\n".join(["| command | does |", "| --- | --- |", *rows])


def vocabulary() -> str:
    """Count the concepts of each scheme."""
    concepts = load_vocabulary().concepts.values()
    counts = Counter(concept.type for concept in concepts)
    labels = Counter({kind: sum(len(c.labels) for c in concepts if c.type == kind) for kind in counts})
    rows = [f"| {kind} | {counts[kind]:,} | {labels[kind]:,} |" for kind in sorted(counts)]
    return "\n".join(["| scheme | concepts | labels |", "| --- | ---: | ---: |", *rows])


def quality() -> str:
    """Show the figures on annotated papers, those that were read and those that were not apart.

    The last rows are of all papers, each read with weights that were fitted to others.
    """
    figures = load_figures()
    shown = [name for name, each in figures.items() if "errors" in each]
    shown += [name for name in figures if name.endswith(", all, cross-validated")]
    rows = []
    for name in shown:
        f1 = figures[name]["f1"]
        cells = [f"{f1[row]:.2f}" if row in f1 else "" for row in (*_SHOWN, "relation")]
        rows.append(f"| {figures[name]['papers']} papers of {name.replace(', all,', ',')} | {' | '.join(cells)} |")
    head = "| F1 on | " + " | ".join(_SHOWN) + " | relation (accuracy) |"
    return "\n".join([head, "| --- |" + " ---: |" * (len(_SHOWN) + 1), *rows])


def benchmarks() -> str:
    """Show the figures on corpora of others, where a convention of names matters a second time, and on addresses."""
    figures = load_figures()
    types = ("all", "Dataset", "Method", "Task", "Metric")
    rows = []
    for source in SPANS:
        if source.name not in figures:
            continue
        f1 = figures[source.name]["f1"]
        shown = types if source.names == "as-annotated" else ("all", "Dataset")
        cells = [
            " / ".join(f"{f1[f'{type_}, {measure}']:.2f}" for measure in MEASURES)
            if type_ in shown and f"{type_}, exact" in f1
            else ""
            for type_ in types
        ]
        if any(cells):
            rows.append(f"| {source.name}, {figures[source.name]['papers']} texts | {' | '.join(cells)} |")
    links = figures["URL citations"]
    told = ", ".join(f"{row} {share:.2f}" for row, share in links["f1"].items())
    head = "| F1 on | " + " | ".join(types) + " |"
    return "\n".join(
        [head, "| --- |" + " ---: |" * len(types), *rows, "", f"URL citations, {links['papers']} addresses: {told}."]
    )


def reliability() -> str:
    """Show how sure claims are and how often they are right, in papers that were read and in those that were not."""
    bins: dict[float, dict[str, list[tuple[int, float, float]]]] = {}
    for name, each in load_figures().items():
        part = name.rpartition(", ")[2]
        for least, claims, confidence, precision in each.get("reliability", ()):
            bins.setdefault(least, {}).setdefault(part, []).append((claims, confidence * claims, precision * claims))
    sums = {
        least: {part: [sum(column) for column in zip(*rows, strict=True)] for part, rows in parts.items()}
        for least, parts in sorted(bins.items())
    }
    rows = []
    for least, parts in sums.items():
        cells = []
        for part in ("read", "unread"):
            claims, sure, right = parts.get(part, (0, 0.0, 0.0))
            cells.append(f"{claims} | {sure / claims:.2f} | {right / claims:.2f}" if claims else "0 | | ")
        rows.append(f"| {least:.1f} to {least + 0.1:.1f} | {' | '.join(cells)} |")
    errors = []
    for part in ("read", "unread"):
        each = [sums[least][part] for least in sums if part in sums[least]]
        total = sum(claims for claims, _, _ in each)
        errors.append(f"{total} | {sum(abs(sure - right) for _, sure, right in each) / total:.3f} | ")
    return "\n".join(
        [
            "| confidence | claims, read | mean confidence | right | claims, unread | mean confidence | right |",
            "| --- |" + " ---: |" * 6,
            *rows,
            f"| calibration error | {' | '.join(errors)} |",
        ]
    )


def errors() -> str:
    """List the ten most frequent kinds of error that remain, over all annotated papers."""
    rows = [
        f"| {count} | {_ERRORS[kind, category].format(kind=type_.lower())} |"
        for (kind, category, type_), count in count_errors(load_figures())[:10]
    ]
    return "\n".join(["| count | error |", "| ---: | --- |", *rows])


def speed() -> str:
    """Time every step on the seeds, as a user would."""
    command = [sys.executable, "-m", "kg", "benchmark", str(SEEDS)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    heads = (
        "| step | papers a second | of tokenisation |",
        "| starting | seconds | of a processor |",
    )
    tables = []
    for head, table in zip(heads, printed.strip().split("\n\n"), strict=True):
        rows = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()[2:]]
        tables.append("\n".join([head, "| --- | ---: | ---: |", *(f"| {' | '.join(row)} |" for row in rows)]))
    return "\n\n".join(tables)


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    return "\n".join(line.rstrip() for line in result.stdout.rstrip().splitlines())


PARTS: dict[str, Callable[[], str]] = {
    "session": session,
    "classes": classes,
    "relations": relations,
    "queries": queries,
    "commands": commands,
    "vocabulary": vocabulary,
    "quality": quality,
    "errors": errors,
    "reliability": reliability,
    "benchmarks": benchmarks,
}

if __name__ == "__main__":
    main(with_benchmark="--benchmark" in sys.argv[1:])
