# Run `make help` to list the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
BENCH := .venv-bench/bin

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.12, for instance." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.PHONY: setup
setup: .venv/installed  ## Create the virtual environment and install everything into it.

.PHONY: demo
demo: setup  ## Sync two mock districts into a new warehouse and show a few query results.
	$(BIN)/clever-warehouse demo

.PHONY: test
test: setup  ## Run the tests, on all cores: everything but the long searches.
	$(BIN)/pytest --numprocesses auto -m "not search"

.PHONY: test-searches
test-searches: setup  ## Run the long searches: random histories, killed processes, more cases, days in the UI, other releases of DuckDB.
	$(BIN)/pytest --numprocesses auto -m search

.PHONY: test-newest
test-newest:  ## Run the tests with the newest Dagster and DuckDB, whatever pyproject.toml allows (needs the public package index).
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	.venv-newest/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	.venv-newest/bin/pip install --disable-pip-version-check --upgrade dagster dagster-webserver dagster-postgres duckdb duckdb-sqlalchemy
	.venv-newest/bin/pytest --numprocesses auto -m "not search"

.PHONY: test-all
test-all: test test-searches  ## Run all tests.

.PHONY: coverage
coverage: setup  ## Measure which lines and branches make test runs, in .coverage-html/ too; fails below the floor in pyproject.toml.
	$(BIN)/pytest --numprocesses auto -m "not search" --cov --cov-report term --cov-report html

.PHONY: soak
soak: setup  ## Run the property tests for two hours, with new random examples each round: make soak HOURS=8.
	$(BIN)/python .ci/soak.py$(if $(HOURS), --hours $(HOURS))

.PHONY: sync
sync: setup  ## Sync districts into the warehouse, with the settings from the environment or .env.
	$(BIN)/clever-warehouse sync

.PHONY: status
status: setup  ## Show row counts, the last sync result, and the freshness of each district.
	$(BIN)/clever-warehouse status

.PHONY: sandbox
sandbox: setup  ## Run a mock Clever API locally, to test or to rehearse: make sandbox OPTIONS="--nights 3 --hold contact".
	$(BIN)/clever-warehouse sandbox$(if $(OPTIONS), $(OPTIONS))

.PHONY: ui
ui: setup  ## Open the Dagster UI on http://127.0.0.1:3000, or on another port: make ui PORT=3001.
	$(BIN)/clever-warehouse ui$(if $(PORT), --port $(PORT))

.PHONY: check
check: setup  ## Check format, lint, types and the imports between packages.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv-bench/installed: tests/benchmark/requirements.lock
	$(PYTHON) -m venv .venv-bench
	$(BENCH)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	touch $@

.PHONY: bench
bench: setup .venv-bench/installed  ## Compare speed, memory and growth with dlt (an hour; SIZES="50000 200000" ROUNDS=1 for a quick look).
	$(BENCH)/python -m tests.benchmark.run $(if $(SIZES),--sizes $(SIZES) --nights 0 --results data/benchmark) $(if $(ROUNDS),--rounds $(ROUNDS)) $(BENCH_OPTIONS)

.PHONY: bench-year
bench-year: setup  ## Sync two districts 366 times and measure the growth over a year (half an hour; BENCH_OPTIONS="--nights 40" for a quick look).
	$(BIN)/python -m tests.benchmark.year $(BENCH_OPTIONS)

.PHONY: bench-identity
bench-identity: setup  ## Measure how long it takes to resolve a million IDs of a million people (five minutes; BENCH_OPTIONS="--people 20000 --ids 20000" for a quick look).
	$(BIN)/python -m tests.benchmark.identity $(BENCH_OPTIONS)

.PHONY: bench-lake
bench-lake: setup  ## Compare a lake with a file, and measure many districts, batches and nights (an hour; BENCH_OPTIONS="--districts 30 --people 50 --nights 12" for a quick look).
	$(BIN)/python -m tests.benchmark.lake $(BENCH_OPTIONS)

.PHONY: docs
docs: setup  ## Write the generated files: those in sql/, docs/data-map.md, docs/options.md and docs/pictures/tables.svg.
	$(BIN)/python -m pipelines.warehouse.dictionary
	$(BIN)/python -m assets.cli.reference

.PHONY: site
site: setup  ## Build the documentation site into site/, and check every link; open site/index.html.
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

.PHONY: build
build: setup  ## Build the wheel and the source distribution into dist/.
	$(BIN)/hatchling build --clean

.PHONY: audit
audit: setup  ## Look up known vulnerabilities of the pinned dependencies (needs the public package index).
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	.venv-audit/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip

.PHONY: pictures
pictures: setup  ## Take the documents' pictures in docs/pictures again, with Chromium (five minutes).
	PICTURES=docs/pictures $(BIN)/pytest tests/end_to_end/test_newcomer.py

.PHONY: lock
lock: setup  ## Pin all dependencies again, with hashes and without addresses.
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header --extra dev --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header --output-file tests/benchmark/requirements.lock tests/benchmark/requirements.in
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header --output-file tests/sql/dbt/requirements.lock tests/sql/dbt/requirements.in
	sed 's/\[[a-z,]*\]==/==/' requirements.lock | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate --no-header --constraint - --extra encryption --extra lake --extra shared --output-file deploy/requirements.lock pyproject.toml deploy/requirements.in

.PHONY: help
help:  ## List the targets.
	@grep -E '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/:.*  ## /\t/' | expand -t 16
