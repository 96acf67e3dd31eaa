"""One small page goes the whole way: what comes out stands in `tests/golden/`, and a change shows as a diff.

`pytest tests/test_golden.py --refresh-golden` writes the files anew; review the diff.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.builder import build
from kg.extract import Extractor, to_json
from kg.sources import read_papers

GOLDEN = Path(__file__).parent / "golden"
PAGE = GOLDEN / "page.txt"


def _compare(path: Path, text: str, *, refresh: bool) -> None:
    if refresh:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_extractions_are_the_golden_ones(request: pytest.FixtureRequest) -> None:
    extractor = Extractor()
    records = [to_json(extractor(paper)) for paper in read_papers(PAGE).papers]
    text = "".join(json.dumps(record, ensure_ascii=False, indent=1) + "\n" for record in records)
    _compare(GOLDEN / "extractions.json", text, refresh=request.config.getoption("--refresh-golden"))


@pytest.mark.parametrize("suffix", [".ttl", ".nt"])
def test_the_graph_is_the_golden_one(suffix: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    target = tmp_path / f"graph{suffix}"
    build(PAGE).write(target)
    text = target.read_text(encoding="utf-8")
    _compare(GOLDEN / f"graph{suffix}", text, refresh=request.config.getoption("--refresh-golden"))
