# Everything runs in .venv, which is made on first use; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VIEW := build/typing
PACKAGES := -p sayline.gateway -p sayline.synthesis -p sayline.codecs

.PHONY: run test lint types readme bench clean

run: $(VENV)/.installed ## start the server with its embedded voice
	$(BIN)/sayline serve

test: $(VENV)/.dev ## every test
	$(BIN)/pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## the folders map under one import root, so mypy needs a view in which they do
	mkdir -p $(VIEW) && ln -sfn "$(CURDIR)" $(VIEW)/sayline
	MYPYPATH=$(VIEW) $(BIN)/mypy $(PACKAGES)

readme: $(VENV)/.installed ## rewrite what README.md and docs/ take from the code
	$(BIN)/python tests/generated_docs.py --write

bench: $(VENV)/.installed ## 150 paced streams for half a minute
	$(BIN)/sayline bench --streams 150 --duration 30

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
