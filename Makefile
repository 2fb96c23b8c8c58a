# Every target makes .venv first, where it is missing or older than requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS := $(BIN)/pytest -n 2 --dist worksteal
UV := $(shell command -v uv)
ifdef UV
  MAKE_VENV = uv venv --quiet --clear --seed --python "$(PYTHON)" $(VENV)
  INSTALL = uv pip install --quiet --compile-bytecode --python $(BIN)/python
else
  MAKE_VENV = "$(PYTHON)" -m venv --clear $(VENV)
  INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.DEFAULT_GOAL := help
.PHONY: help setup run real test slow check docs format lock clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(VENV)/.installed .typecheck/adaem  ## make .venv from requirements.lock and install adaem into it, editable

run: setup  ## run the main job; options: make run ARGS="--help"
	@$(BIN)/adaem run $(ARGS)

real: setup  ## a small run with real models, served on this machine; options: make real ARGS="--help"
	@$(BIN)/python experiments/real_run.py $(ARGS)

test: setup  ## run the tests; options: make test ARGS="-k structure"
	@$(TESTS) $(ARGS)

slow: setup  ## run the tests that take minutes, or need the package index
	$(TESTS) -m slow

check: setup  ## format, lint, types, import direction, tests: with "make slow" all that CI checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TESTS)

docs: setup  ## make a site of the documents in build/site; a broken link or anchor is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: setup  ## rewrite the code in the house format and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## write requirements.lock anew (needs uv); newest versions: make lock ARGS=--upgrade
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 2; }
	uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements.lock $(ARGS)

clean:  ## remove .venv and all that tools have written; runs/ stays
	rm -rf $(VENV) .typecheck .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are written last, so that an interrupted set-up is done again.
$(VENV)/.locked: requirements.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "adaem needs Python 3.11 or newer, and $(PYTHON) is not: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "making $(VENV) from requirements.lock; the first time this downloads some 300 MB"
	@$(MAKE_VENV)
	@$(INSTALL) --require-hashes --requirement requirements.lock || { \
	  echo "the locked packages could not be installed (see above; is the package index reachable?): make setup again" >&2; exit 2; }
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# Static tools follow `import adaem` through this link; mypy_path in pyproject.toml names the folder.
.typecheck/adaem:
	@mkdir -p .typecheck && ln -sfn .. $@
