# Two commands do everything on a fresh machine with Python 3.11 or later: `make graph` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := graph

.PHONY: graph test check format evaluate benchmark readme golden clean

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	touch $@

graph: $(VENV)/installed ## build graph.ttl from seeds/ and ask it one question
	$(BIN)/kg build seeds/ --output graph.ttl
	$(BIN)/kg query datasets-by-papers --graph graph.ttl --limit 8

test: $(VENV)/installed ## lint, types and the whole test suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest
