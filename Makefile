# Every target sets up .venv by itself; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all check lint types train evaluate score report bench mlflow-ui clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

CONFIG ?= configs/default.yaml
DATA ?=
MODEL ?= runs/model
INPUT ?= pairs.parquet
OUTPUT ?= runs/scores.parquet
DATA_OPTION := $(if $(DATA),--data $(DATA))

# Large tensors are returned to the heap instead of to the kernel: it halves the time of a full-batch step.
TUNED := GLIBC_TUNABLES=glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=17179869184
demo train evaluate bench: export GLIBC_TUNABLES := $(TUNED:GLIBC_TUNABLES=%=%)

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make .venv with the pinned packages

demo: $(READY)  ## the main job on a synthetic world: train, compare with the baselines, report (5 minutes)
	@$(BIN)/influence demo

test: $(READY)  ## the tests
	$(BIN)/python -m pytest -n 2

test-all: $(READY)  ## the tests, slow ones included
	$(BIN)/python -m pytest -n 2 -m ""

check: lint types  ## everything that needs no test run: lint, types, imports, README

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

report: $(READY)  ## one HTML page about MODEL
	$(BIN)/influence report $(MODEL)

bench: $(READY)  ## speed and memory
	$(BIN)/python -m benchmarks

mlflow-ui: $(READY)  ## look at the tracked runs
	$(BIN)/mlflow ui --backend-store-uri sqlite:///mlflow.db

clean:  ## remove what the targets made, .venv included
	rm -rf .venv build runs src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
