# Two commands for a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
# Each creates its own .venv at the root and installs what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements.txt requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-windows check format bench docs golden picture lock clean

help:
	@echo "make demo       build the September 2025 model and print the coverage table"
	@echo "make test       run the tests, the spreadsheet engine's included (under 10 minutes)"
	@echo "make test-long  run the proofs that take longer"
	@echo "make test-windows  the server for Excel in Windows Python under Wine (a part of test-long)"
	@echo "make check      style, types, import contract"
	@echo "make bench      speed, as ratios within one run"
	@echo "make docs       write the generated reference pages anew"
	@echo "make golden     write the golden files of the tests anew"
	@echo "make picture    draw the sheet Summary anew for the README (needs pdftoppm)"
	@echo "make lock       pin the newest allowed versions anew"

$(VENV)/.run: requirements.txt pyproject.toml tools/setup_environment.py
	@$(PYTHON) tools/setup_environment.py $(VENV) requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(PYTHON) tools/setup_environment.py $(VENV) requirements-dev.txt
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/hpcval build --out build/hpc-model-2025-09-26.xlsx --force

test: $(VENV)/.dev
	@$(PYTHON) tools/setup_office.py
	@$(BIN)/python -m pytest -n 2 -m "not long"

test-long: $(VENV)/.dev
	@$(PYTHON) tools/setup_office.py
	@$(BIN)/python tools/setup_wine.py
	@$(BIN)/python -m pytest -m long

test-windows: $(VENV)/.dev
	@$(BIN)/python tools/setup_wine.py
	@$(BIN)/python -m pytest -m windows

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	@$(PYTHON) tools/setup_office.py
	@$(BIN)/python -m benchmarks

docs: $(VENV)/.dev
	@$(BIN)/python -m tools.reference docs

golden: $(VENV)/.dev
	@$(BIN)/python -m tests.golden.remake
	@$(BIN)/python -m tests.workbook.model.golden

picture: $(VENV)/.dev
	@$(PYTHON) tools/setup_office.py
	@$(BIN)/python -m tools.picture docs/summary.png

lock:
	@$(PYTHON) tools/lock.py $(LOCKS)

clean:
	rm -rf $(VENV) build
