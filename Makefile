# Every target that needs .venv makes it; `make help` lists them all.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-browser demo test test-all check lint types train evaluate score report app bench \
  docs docs-serve mlflow-ui clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

CONFIG ?= configs/default.yaml
DATA ?=
MODEL ?= runs/model
INPUT ?= pairs.parquet
OUTPUT ?= runs/scores.parquet
# Not ?=: many shells export a LANGUAGE of their own, such as en_US:en.
LANGUAGE = en
DEMO := runs/demo
DATA_OPTION := $(if $(DATA),--data $(DATA))

# Freed tensors stay in the process instead of going back to the kernel: halves the time of a full-batch step.
demo train evaluate bench: export GLIBC_TUNABLES := \
  glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=17179869184
# Two test processes on two cores: one thread each. Each takes neighbouring tests, so that what a file of tests builds is built once.
test test-all check: export OMP_NUM_THREADS := 1
test test-all check: export NUMBA_NUM_THREADS := 1

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned packages into .venv: some minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

setup: $(READY)  ## make .venv with the pinned packages

setup-browser: $(READY)  ## headless Chromium for the tests of pages (Debian, as root)
	command -v chromium || apt-get install --yes --no-install-recommends chromium
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,browser]"

demo: $(READY)  ## train on a synthetic world, compare with the baselines, report (5 minutes)
	rm -rf $(DEMO)
	$(BIN)/influence synth $(DEMO)/world --contacts 20000
	$(BIN)/influence evaluate configs/demo.yaml --data $(DEMO)/world --model $(DEMO)/model \
	  --json $(DEMO)/evaluation.json --predictions $(DEMO)/predictions.parquet
	$(BIN)/influence report $(DEMO)/model
	@echo "Open $(DEMO)/report.html in a browser: whom to invite and why, and how good the model is."
	@echo "Every figure is in $(DEMO)/evaluation.json, every prediction in $(DEMO)/predictions.parquet."
	@echo "Next: README.md, 'What you can ask'."

test: $(READY)  ## the tests
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-all: $(READY)  ## the tests, slow ones and those of every extra included (`make setup-browser` before)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,ray,spark,browser]"
	$(BIN)/python -m pytest -n 2 --dist worksteal -m ""

check: lint types  ## style, types, direction of imports, and the rules of the house
	$(BIN)/python -m pytest tests/house

lint: $(READY)  ## style, and the direction of the imports
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/lint-imports

types: $(READY)  ## static types
	$(BIN)/mypy

train: $(READY)  ## train CONFIG on DATA
	$(BIN)/influence train $(CONFIG) $(DATA_OPTION)

evaluate: $(READY)  ## score the model and every baseline under CONFIG's protocol
	$(BIN)/influence evaluate $(CONFIG) $(DATA_OPTION)

score: $(READY)  ## score the rows of INPUT with MODEL into OUTPUT
	$(BIN)/influence score $(MODEL) $(INPUT) $(OUTPUT)

report: $(READY)  ## one HTML page in LANGUAGE (en, fr): what MODEL advises, and how good it is
	$(BIN)/influence report $(MODEL) --language $(LANGUAGE)

app: $(READY)  ## lists, marks and the map of MODEL in a browser on this machine, in LANGUAGE (en, fr)
	$(BIN)/influence app $(MODEL) --language $(LANGUAGE)

bench: $(READY)  ## speed and memory
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.propagation
	$(BIN)/python -m benchmarks.sampling
	$(BIN)/python -m benchmarks.pairs
	$(BIN)/python -m benchmarks.pairs --lists
	$(BIN)/python -m benchmarks.scoring
	$(BIN)/python -m benchmarks.world
	$(BIN)/python -m benchmarks.ambassadors --million
	$(BIN)/python -m benchmarks.partners --candidates 200000

# The notice of the theme's makers about their next product says nothing about these pages.
docs docs-serve: export NO_MKDOCS_2_WARNING := 1

docs: $(READY)  ## the documentation as a site: build/docs/index.html
	$(BIN)/python -m mkdocs build --quiet
	@echo "Open build/docs/index.html in a browser."

docs-serve: $(READY)  ## show the documentation while it is being written
	$(BIN)/python -m mkdocs serve

mlflow-ui: $(READY)  ## look at the tracked runs
	MLFLOW_DISABLE_TELEMETRY=true $(BIN)/mlflow ui --workers 1 --backend-store-uri sqlite:///mlflow.db

clean:  ## remove what the targets made, .venv included
	rm -rf .venv build runs src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
