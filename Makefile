# Everything here needs python3 (3.11 or later), make and git; the rest it installs into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := worker tests bench migrations

.DEFAULT_GOAL := help
.PHONY: help run demo test bench lint format lock docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## run the daemon on this machine: config/ in, var/wirewatch.db out
	@exec $(BIN)/wirewatch run

demo: $(VENV)/run.stamp ## watch it work with no network (ARGS=--forever goes on)
	@exec $(BIN)/wirewatch demo $(ARGS)

test: lint ## lint, then run the tests against real servers (ARGS=… for pytest)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

bench: $(VENV)/dev.stamp ## print every figure as a ratio to its baseline
	$(BIN)/python -m bench $(ARGS)

lint: $(VENV)/dev.stamp ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## let ruff mend what it can
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

docs: $(VENV)/dev.stamp ## write docs/settings.md anew from the code
	$(BIN)/wirewatch config reference > docs/settings.md

lock: $(VENV)/dev.stamp ## pin every dependency anew, with hashes
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra build pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --extra build --extra dev pyproject.toml -o requirements/dev.txt

clean: ## remove what was installed; var/ and its database stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wirewatch needs Python 3.11 or later; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@test -e $(VENV)/dev.stamp || (echo "installing into $(VENV) …" && $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt)
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "installing into $(VENV) …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
