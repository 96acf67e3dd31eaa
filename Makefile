# Two commands do everything on a fresh machine with Python 3.11 or later: `make graph` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORPUS := ../shared/corpus
MEASURED := ../shared/gold/dev-other-venues.papers.jsonl
.DEFAULT_GOAL := help

.PHONY: help graph test check format evaluate fit statistics benchmark readme clean

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("kg needs Python 3.11 or later; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	touch $@

graph: $(VENV)/installed ## build graph.ttl from seeds/ and ask it a question
	$(BIN)/kg build seeds/ --output graph.ttl
	$(BIN)/kg query datasets-by-papers --graph graph.ttl --limit 8

test: check ## lint, types and the whole test suite
	$(BIN)/python -m pytest

check: $(VENV)/installed ## lint, format and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed ## put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

evaluate: $(VENV)/installed ## measure the extraction, tell what changed, write the figures; ACCEPT=1 accepts a loss
	$(BIN)/python tests/figures.py $(if $(ACCEPT),--accept)
	$(BIN)/python tests/readme.py

fit: $(VENV)/installed ## fit the weights of the extraction to the annotated papers
	$(BIN)/python tests/fit.py

statistics: $(VENV)/installed ## learn anew how names behave, from the abstracts in ../shared
	@if [ -d $(CORPUS) ]; then $(BIN)/kg learn $(CORPUS) --without seeds/ --without $(MEASURED) --jobs 2 \
	  --output kg/extract/rules/statistics.tsv; else echo "skipped: there is no $(CORPUS)"; fi

benchmark: $(VENV)/installed ## time each step on seeds/ and write the table of README.md
	$(BIN)/python tests/readme.py --benchmark

readme: $(VENV)/installed ## write the generated parts of README.md anew
	$(BIN)/python tests/readme.py

clean: ## remove what the commands above made
	rm -rf $(VENV) build dist graph.ttl graph.rejects.jsonl .mypy_cache .ruff_cache .pytest_cache .hypothesis
