"""Find the knowledge that ships with the package: `ontology/`, `shapes/`, `queries/`.

In a checkout or an editable install the folders stand beside the package; in an installed wheel they are inside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """Give the folder or file `name` (such as `ontology` or `shapes/paper.ttl`), wherever the package is installed.

    Raises FileNotFoundError when it is in neither place.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (path := root / name).exists():
            return path
    raise FileNotFoundError(f"{name}: neither in {_PACKAGE / '_data'} nor beside {_PACKAGE}; is the install whole?")
