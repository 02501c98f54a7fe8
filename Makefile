# “make” lists what there is. Each step runs again only when what it depends on has changed.

PYTHON ?= python3
BIN := .venv/bin
# Python compiles what it imports, which is little of what is installed.
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-compile --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run demo test lint types format settings constraints system clean

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /\1@/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "make %-12s %s\n", $$1, $$2 }'

run: .venv/runtime.stamp ## Serve the configured source; HOST and PORT change the address
	@$(BIN)/usage-dash run

demo: .venv/runtime.stamp ## Serve sample data that lives
	@$(BIN)/usage-dash demo

test: .venv/tools.stamp node_modules/.stamp system ## Run all tests, with the Firestore emulator, Chromium and nginx
	$(BIN)/pytest

lint: .venv/tools.stamp ## Check style, and that arrows between rooms point one way
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: .venv/tools.stamp ## Check types
	$(BIN)/mypy

format: .venv/tools.stamp ## Put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

settings: .venv/tools.stamp ## Write .env.example and the README's table anew from the settings
	$(BIN)/python scripts/settings_table.py

constraints: ## Pin the newest versions that fit in constraints.txt
	$(PYTHON) scripts/constraints.py

system:
	@bash scripts/system.sh

clean: ## Remove everything that was installed or built here
	rm -rf .venv node_modules dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "usage-dash needs Python 3.11 or newer: name one with “make PYTHON=python3.11 …”.")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime.stamp: .venv/made.stamp pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

.venv/tools.stamp: .venv/runtime.stamp
	$(PIP) --editable ".[test,dev]"
	@touch $@

node_modules/.stamp: package.json package-lock.json
	@command -v npm > /dev/null || { echo "The tests need Node.js 20 or newer with npm, for the Firestore emulator: install it and try again." >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@
