# What one does here. `make run` and `make test` start from nothing but python3 (3.11 or newer).

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes
POISE  := POISE_HOME=$(CURDIR)/.poise $(BIN)/poise
CORE   := bot/domain/*,bot/policy/*,bot/risk/*,bot/attribution/*,bot/decide.py

.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports fmt examples bench docs lock hooks clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runtime  ## plan and apply once on the simulated venue, in a throw-away home
	@rm -rf .poise
	$(POISE) plan
	$(POISE) apply --yes latest

test: $(VENV)/dev lint types imports examples  ## everything CI asks: linters, types, contracts, all tests, coverage gates
	$(BIN)/deptry .
	@rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup --cov --cov-report= --cov-fail-under=0 --no-cov-on-fail
	$(call covered,)
	$(call covered,--include='$(CORE)' --fail-under=100)

# Print the total, and everything that is missing when the gate is not reached.
covered = @report="$$($(BIN)/coverage report $(1))" || { echo "$$report"; exit 1; }; echo "$$report" | grep '^TOTAL'

check: $(VENV)/dev lint types imports  ## the quick round: linters and tests, no coverage
	$(BIN)/python -m pytest -x -q -n 2 --dist loadgroup -m 'not slow'

lint: $(VENV)/dev
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

types: $(VENV)/dev
	$(BIN)/mypy

imports: $(VENV)/dev
	$(BIN)/lint-imports --no-logo

fmt: $(VENV)/dev  ## format and mend what can be mended
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

examples: $(VENV)/dev
	@for example in $(sort $(wildcard examples/*.py)); do \
		echo "$$example"; $(BIN)/python -W error "$$example" >/dev/null || exit 1; \
	done

bench: $(VENV)/dev  ## measure: benchmarks/
	$(BIN)/python -m benchmarks

docs: $(VENV)/dev  ## write the generated pages again
	$(BIN)/python -m bot.report.limits_page > docs/limits.md
	$(BIN)/python -m bot.venues.page > docs/venues.md

lock:  ## resolve the dependencies again, into both locks, with hashes
	rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	./deploy/lock $(VENV)-lock/bin/uv
	rm -rf $(VENV)-lock

hooks: $(VENV)/dev  ## run the linters before each commit
	$(BIN)/pre-commit install

clean:  ## remove everything that was made
	rm -rf $(VENV) $(VENV)-lock .poise dist htmlcov .coverage .coverage.* \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ── environments: a stamp for each; the second contains the first ────────────
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: $(PYTHON) is older than 3.11" >&2; echo "help:  make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) -r requirements.lock
	@$(MAKE) --no-print-directory install-poise
	@touch $@

$(VENV)/dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) -r requirements-dev.lock
	@$(MAKE) --no-print-directory install-poise
	@touch $(VENV)/runtime $@

# flit_core is in both locks, so that nothing unlocked is fetched to build Poise itself.
# Byte code is compiled here, because PYTHONDONTWRITEBYTECODE would cost seconds in each process.
.PHONY: install-poise
install-poise:
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q bot $(VENV)/lib || true
