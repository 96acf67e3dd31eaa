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

from typer.testing import CliRunner

from kg.cli import app
from kg.evaluate import Evaluation, evaluate
from kg.extract import Extractor
from kg.gold import read_gold
from kg.model import Extraction
from kg.ontology import load_ontology
from kg.query import load_queries
from kg.sources import read_papers
from kg.vocabulary import load_vocabulary

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SEEDS = ROOT / "seeds"
GOLD = ROOT / "tests" / "gold" / "dev.jsonl"
OTHER_GOLD = ROOT.parent / "shared" / "gold" / "dev-other-venues.jsonl"
"""Annotated papers of other venues; their texts are not ours to ship."""
_OTHERS = "other venues and years"
_SHOWN = ("all", "Dataset", "Model", "Method", "Task", "Metric", "link", "link+kind", "result")


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
        "kg query evidence --param thing=CRReLU --limit 3",
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
    """Measure the extraction on the annotated papers at hand, those that were read and those that were not apart."""
    extractor = Extractor()
    seeds = [extractor(paper) for paper in read_papers(SEEDS).papers]
    rows = _figures("`seeds/`", GOLD, seeds)
    if OTHER_GOLD.exists():
        others = read_papers(OTHER_GOLD.with_suffix(".papers.jsonl")).papers
        rows += _figures(_OTHERS, OTHER_GOLD, [extractor(paper) for paper in others])
    else:
        rows += [line for line in _part("quality").splitlines() if _OTHERS in line]
    head = "| F1 on | " + " | ".join(_SHOWN) + " | relation (accuracy) |"
    return "\n".join([head, "| --- |" + " ---: |" * (len(_SHOWN) + 1), *rows])


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


def _figures(name: str, gold: Path, extractions: list[Extraction]) -> list[str]:
    """Give a row for the papers that were read while rules were made, and one for every third, which was not."""
    lines = gold.read_text(encoding="utf-8").splitlines()
    unread = lines[2::3]
    parts = {"read": [line for line in lines if line not in unread], "unread": unread}
    with TemporaryDirectory() as folder:
        rows = []
        for kind, part in parts.items():
            path = Path(folder) / f"{kind}.jsonl"
            path.write_text("\n".join(part), encoding="utf-8")
            rows.append(_row(f"{len(part)} papers of {name}, {kind}", evaluate(read_gold(path), extractions)))
        return rows


def _row(name: str, evaluation: Evaluation) -> str:
    figures = {score.name: score.f1 for score in evaluation.scores}
    cells = [f"{figures[row]:.2f}" for row in _SHOWN]
    return f"| {name} | " + " | ".join(cells) + f" | {evaluation.relation_accuracy:.2f} |"


def _part(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    return found[1] if found else ""


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
}

if __name__ == "__main__":
    main(with_benchmark="--benchmark" in sys.argv[1:])
