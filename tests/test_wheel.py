"""The wheel works by itself, outside the checkout, with nothing but what it brings."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("kg", "ontology", "shapes", "queries"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_code_and_knowledge_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"kg", next(n for n in names if "dist-info" in n).split("/")[0]}
    for folder in ("ontology", "shapes", "queries"):
        shipped = {Path(name).name for name in names if name.startswith(f"kg/_data/{folder}/")}
        assert shipped == {path.name for path in (ROOT / folder).rglob("*") if path.is_file()}
    rules = {Path(name).name for name in names if name.startswith("kg/extract/rules/")}
    assert rules == {path.name for path in (ROOT / "kg" / "extract" / "rules").iterdir()}
    code = {f"kg/{path.relative_to(ROOT / 'kg').as_posix()}" for path in (ROOT / "kg").rglob("*.py")}
    assert code | {"kg/py.typed", "kg/explain.html"} <= set(names)


def test_what_the_code_imports_is_what_the_wheel_requires(wheel: Path) -> None:
    """An installation with nothing else would show a missing dependency; this one says which without a network."""
    archive = zipfile.ZipFile(wheel)
    imported = {
        name.partition(".")[0]
        for file in archive.namelist()
        if file.endswith(".py")
        for node in ast.walk(ast.parse(archive.read(file)))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    foreign = imported - sys.stdlib_module_names - {"kg"}
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    required = {match.lower() for match in re.findall(r"^Requires-Dist: ([\w.-]+)", metadata, flags=re.MULTILINE)}
    assert len(required) >= 8
    assert {name.lower() for name in foreign} - required == set(), "imported and not required"
    assert required - {name.lower() for name in foreign} == set(), "required and not imported"


def test_the_installed_wheel_builds_a_graph_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)  # which is what installing comes to, and needs no pip
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    page = next((ROOT / "seeds").glob("001*.txt"))
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=elsewhere, env=environment, check=True, capture_output=True, text=True
        ).stdout

    assert Path(run("-c", "import kg; print(kg.__file__)").strip()).is_relative_to(site)
    assert "papers" in run("-m", "kg", "build", str(page), "--output", "graph.ttl")
    assert "CIFAR-10" in run("-m", "kg", "query", "datasets-by-papers")
    assert len(run("-m", "kg", "queries").splitlines()) > 20
