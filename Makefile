# Two commands do everything on a fresh machine: `make demo` and `make test`. Python 3.11 or newer is all they need.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
DATA ?= ../shared/data
BIN := $(VENV)/bin
SHELL := /bin/bash -o pipefail
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --no-input
PROGRESS := awk '/^Collecting/ {print "  " $$2; fflush()} /error/ || /ERROR/ {print; fflush()}'
CHECKED := src tests benchmarks examples docs requirements
PROJECT := src/smarts/cli/node/project

help: ## What can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/run.stamp ## Everything on this machine: gateway, database, worker, a merchant's node
	@exec $(BIN)/smarts demo $(ARGS)

demo-real: $(VENV)/run.stamp ## Replay real baskets on real products; DATA is the folder they are in
	@exec $(BIN)/python -m smarts.demo.replay --data $(DATA) $(ARGS)

test: $(VENV)/dev.stamp browser clocks cluster-parts ## The tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

crash-test: $(VENV)/dev.stamp clocks ## A thousand faults under a stream of purchases, then the books are compared (ARGS=--help)
	$(BIN)/python -m tests.crash $(ARGS)

cluster-demo: $(VENV)/dev.stamp cluster-parts ## Three gateways, two workers, two databases, each a network of its own; the primary is lost under load
	@cd tests && exec $(abspath $(BIN))/python -m cluster $(ARGS)

fuzz: $(VENV)/dev.stamp ## Spoiled input by the thousand for every decoder and every door; ARGS="--inputs 100000", "--help"
	@cd tests && exec $(abspath $(BIN))/python -m fuzz $(ARGS)

check: $(VENV)/dev.stamp ## Style, types, import contracts
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	cd $(PROJECT) && MYPYPATH=.:tests $(abspath $(BIN))/mypy --strict --explicit-package-bases \
		--cache-dir $(CURDIR)/.mypy_cache/project .
	$(BIN)/lint-imports

audit: $(VENV)/dev.stamp ## What is installed: exact versions, no known vulnerabilities (asks PyPI where it can)
	$(BIN)/python requirements/audit.py $(ARGS)

format: $(VENV)/dev.stamp ## Format the code
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

browser: ## A browser for the tests of the pages: Debian's Chromium, where none is installed
	@command -v chromium chromium-browser google-chrome > /dev/null || { \
		echo "Installing Chromium (once)"; \
		if [ "$$(id -u)" = 0 ]; then as=; else as="sudo --non-interactive"; fi; \
		{ $$as apt-get update && $$as apt-get install --yes --no-install-recommends chromium; } > /dev/null 2>&1 \
			|| echo "Chromium cannot be installed here: the tests that need a browser are left out"; }

clocks: ## What sets a process's clock off: Debian's libfaketime, where it is not installed
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 > /dev/null 2>&1 || { \
		echo "Installing faketime (once)"; \
		if [ "$$(id -u)" = 0 ]; then as=; else as="sudo --non-interactive"; fi; \
		{ $$as apt-get update && $$as apt-get install --yes --no-install-recommends faketime; } > /dev/null 2>&1 \
			|| echo "faketime cannot be installed here: no clock goes wrong in the crash test"; }

javascript: ## What runs the shop system that Smarts is compared with: Debian's Node.js, where none is installed
	@command -v npm > /dev/null || { \
		echo "Installing Node.js (once)"; \
		if [ "$$(id -u)" = 0 ]; then as=; else as="sudo --non-interactive"; fi; \
		{ $$as apt-get update && $$as apt-get install --yes --no-install-recommends nodejs npm; } > /dev/null 2>&1 \
			|| echo "Node.js cannot be installed here: a shop system in it cannot be compared with"; }

cluster-parts: $(VENV)/dev.stamp ## What a cluster is made of: HAProxy, PgBouncer, Patroni, etcd, PostgreSQL, as Debian has them
	@needed=$$(cd tests && $(abspath $(BIN))/python -m cluster.packages); test -z "$$needed" || { \
		echo "Installing $$needed (once)"; \
		if [ "$$(id -u)" = 0 ]; then as=; else as="sudo --non-interactive"; fi; \
		$$as sh tests/cluster/install.sh $$needed > /dev/null 2>&1 \
			|| echo "They cannot be installed here: tests that need them are left out, and make cluster-demo does not run"; }

docs: $(VENV)/dev.stamp ## The documentation as a site, in build/docs; warnings are errors
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --fresh-env --builder html docs build/docs
	@echo "The documentation is in build/docs/index.html"

bench: $(VENV)/dev.stamp ## The benchmarks, side by side
	for benchmark in campaigns node outbox inbox codes pages camera; do $(BIN)/python benchmarks/$$benchmark.py || exit 1; done

isolation: $(VENV)/dev.stamp ## What a hundred stores notice of three whose nodes fail (three minutes)
	$(BIN)/python benchmarks/isolation.py $(ARGS)

floors: $(VENV)/dev.stamp ## How far scan, checkout and result are from a bare program; ARGS=--help
	$(BIN)/python -m benchmarks.floors $(ARGS)

against: $(VENV)/dev.stamp javascript ## What one would pick instead, on the same work: Vendure, procrastinate, FastAPI, Django; ARGS=--help
	$(BIN)/python -m benchmarks.against $(ARGS)

load: $(VENV)/dev.stamp ## Shoppers by the thousand on gateways, workers and nodes; ARGS="--rates 100,200", "--help"
	$(BIN)/python -m benchmarks.load --data $(DATA) $(ARGS)

growth: $(VENV)/dev.stamp ## What requests cost with 10 to 10,000 stores and up to millions of purchases; ARGS=--help
	$(BIN)/python -m benchmarks.growth $(ARGS)

pictures: $(VENV)/dev.stamp browser ## The pictures of the documentation, out of a demonstration with life in it
	SMARTS_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/gateway/web/test_pictures.py

lock: $(VENV)/dev.stamp ## Resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra gateway --extra ready --extra kit --extra telemetry pyproject.toml --output-file requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra gateway --extra ready --extra kit --extra telemetry --group dev --group docs pyproject.toml --output-file requirements/dev.txt
	echo pip-audit | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		- --output-file requirements/audit.txt

clean: ## Forget everything that was installed or made here, the demo's data too
	rm -rf $(VENV) .smarts build *.egg-info src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=…"; exit 1; }
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Smarts needs to run (once, mostly downloads)"
	@$(INSTALL) --require-hashes --requirement requirements/run.txt 2>&1 | $(PROGRESS)
	@$(INSTALL) --no-deps --editable . 2>&1 | $(PROGRESS)
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests and checks need (once, mostly downloads)"
	@$(INSTALL) --require-hashes --requirement requirements/dev.txt 2>&1 | $(PROGRESS)
	@touch $@

.PHONY: help demo demo-real test crash-test cluster-demo cluster-parts fuzz clocks check audit format browser javascript docs bench isolation floors against load growth pictures lock clean
