# Two commands do everything: `make run` reads the sample reports into a database and compares them, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := corpus/reports
DATABASE := hebao.db
KILLS ?= 50

.PHONY: run test lint corpus benchmark chaos clean help
.DEFAULT_GOAL := help

help:
	@echo "make run        set everything up, read $(SAMPLE) into $(DATABASE), print a comparison of its townships"
	@echo "make test       set everything up and run all tests, types and style checks"
	@echo "make corpus     build the sample reports and their annotation from corpus/sources"
	@echo "make benchmark  speed of the rooms as ratios to yardsticks, in one run"
	@echo "make chaos      a hostile archive of 1,000 files and 50 kills at random instants; figures of batches"
	@echo "make clean      remove the environment and what was built"

# The environment is made once, from hashes; it is made again when the lock changes.
$(VENV)/.ready: requirements.lock.txt pyproject.toml
	@echo "Setting up $(VENV) (once; about two minutes) …"
	@$(PYTHON) -c 'import sys; sys.exit("Hebao needs Python 3.11 or newer; set PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(VENV)/.ready
	@$(BIN)/hebao run $(SAMPLE) --db $(DATABASE)
	@$(BIN)/hebao compare --db $(DATABASE)

test: lint
	@$(BIN)/pytest

lint: $(VENV)/.ready
	@echo "Style and types …"
	@$(BIN)/ruff check .
	@$(BIN)/mypy --no-error-summary

corpus: $(VENV)/.ready
	@$(BIN)/python corpus/build.py

benchmark: $(VENV)/.ready
	@$(BIN)/python -m benchmarks

chaos: $(VENV)/.ready
	@HEBAO_CHAOS=1000 HEBAO_KILLS=$(KILLS) $(BIN)/pytest tests/test_chaos.py
	@$(BIN)/python -m benchmarks.batches

clean:
	rm -rf $(VENV) $(DATABASE)* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
