"""What `import kg` offers."""

from __future__ import annotations

import subprocess
import sys

import kg


def test_all_public_names_are_there_and_sorted() -> None:
    assert list(kg.__all__) == sorted(kg.__all__)
    assert [name for name in kg.__all__ if not hasattr(kg, name)] == []


def test_build_stays_a_function_whatever_is_imported() -> None:
    assert callable(kg.build)
    assert callable(kg.build), "the first use must not put a module in its place"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, kg; print([m for m in ('spacy', 'rdflib', 'pyshacl', 'owlready2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
