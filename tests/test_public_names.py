"""What `import kg` offers."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import kg


def test_all_public_names_are_there_and_sorted() -> None:
    assert list(kg.__all__) == sorted(kg.__all__)
    assert [name for name in kg.__all__ if not hasattr(kg, name)] == []


def test_no_module_takes_the_place_of_a_public_name() -> None:
    modules = {found.name.rpartition(".")[2] for found in pkgutil.walk_packages(kg.__path__)}
    assert modules.isdisjoint(kg.__all__)
    for found in pkgutil.walk_packages(kg.__path__, "kg."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    assert [name for name in kg.__all__ if isinstance(getattr(kg, name), ModuleType)] == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, kg; print([m for m in ('spacy', 'rdflib', 'pyshacl', 'owlready2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
