"""Fixtures that several test modules share."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.builder import BuildReport, build


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew."""
    parser.addoption("--refresh-golden", action="store_true", help="write the golden files instead of comparing")


@pytest.fixture(scope="session")
def sparql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Oxigraph server on a free loopback port; gives its address, such as `http://127.0.0.1:40123`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    program = Path(sys.executable).with_name("oxigraph")
    location = tmp_path_factory.mktemp("oxigraph")
    with (location / "log").open("wb") as log:
        command = [str(program), "serve", "--location", str(location / "store"), "--bind", address]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://{address}/query?query=ASK%7B%7D", timeout=1):
                    break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the server did not start:\n{(location / 'log').read_text()}")
                time.sleep(0.05)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Give the folder of the four pages that ship with the project."""
    return Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session")
def seed_report(seeds: Path) -> BuildReport:
    """Build the graph of `seeds/`, once for all tests."""
    return build(seeds)


@pytest.fixture(scope="session")
def seed_graph(seed_report: BuildReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the graph of `seeds/` to a file of N-Triples."""
    path = tmp_path_factory.mktemp("seeds") / "graph.nt"
    seed_report.write(path)
    return path
