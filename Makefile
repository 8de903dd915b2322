# Everything that is done with this repository. `make help` lists the targets.
#
# Two commands do all the set-up, each on its own: `make reproduce` and `make test`. A step that is done is remembered by a
# file in .venv and done again only when what it depends on has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
STAMPS := .venv/stamps

RUST_SOURCES := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name Cargo.toml)
PYTHON_SOURCES := pyproject.toml README.md LICENSE $(shell find python -type f -not -name '*.so' -not -path '*/__pycache__/*')

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

.PHONY: reproduce
reproduce: $(STAMPS)/package ## Set up, and compute the source paper's results again into reproduction/
	$(BIN)/takeoff reproduce --out reproduction

# Work goes to the worker that has none left; tests/conftest.py divides the threads among them.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist worksteal

# The same examples every time, as of hypothesis (tests/conftest.py), unless new ones are asked for.
ifneq ($(HYPOTHESIS_PROFILE),nightly)
export PROPTEST_RNG_SEED ?= 1
endif

.PHONY: test
test: $(STAMPS)/package $(STAMPS)/test ## Set up, and run the tests, Rust and Python, but for the slow ones
	cargo test --quiet --workspace
	$(PYTEST)

.PHONY: test-all
test-all: $(STAMPS)/package $(STAMPS)/test ## Set up, and run all tests, the slow ones too
	cargo test --quiet --workspace
	$(PYTEST) -m ''

.PHONY: lint
lint: $(STAMPS)/package $(STAMPS)/test $(STAMPS)/lint ## Check format, lints, types and the stub of the compiled module
	@cargo fmt --version > /dev/null 2>&1 || { echo "rustfmt is missing: run 'rustup component add rustfmt'" >&2; exit 1; }
	@cargo clippy --version > /dev/null 2>&1 || { echo "clippy is missing: run 'rustup component add clippy'" >&2; exit 1; }
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/stubtest --mypy-config-file pyproject.toml takeoff._core

.PHONY: format
format: $(STAMPS)/lint ## Format the sources
	cargo fmt --all
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

.PHONY: bench
bench: $(STAMPS)/package $(STAMPS)/bench $(STAMPS)/bench-peers ## Compare with peers, and time the kernels; prints ratios from one run
	$(BIN)/python benches/python/growth_law.py
	cargo bench --quiet --package takeoff-kernels

.PHONY: clean
clean: ## Remove what was built
	rm -rf .venv target dist reproduction

$(STAMPS)/venv:
	@command -v $(PYTHON) > /dev/null || { echo "takeoff needs Python 3.11 or later: no '$(PYTHON)' found (set PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "takeoff needs Python 3.11 or later: '$(PYTHON)' is $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2> /dev/null || { echo "takeoff needs Python's venv and ensurepip modules (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	@command -v cargo > /dev/null || { echo "takeoff needs stable Rust: no 'cargo' found (see https://rustup.rs)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install --upgrade 'pip>=25.1' 'maturin>=1.9.4,<2'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/package: $(STAMPS)/venv $(RUST_SOURCES) $(PYTHON_SOURCES)
	@rm -rf dist
	$(BIN)/maturin build --quiet --release --locked --out dist
	$(PIP) install "$$(echo dist/takeoff-*.whl)[plot]"
	$(PIP) install --force-reinstall --no-deps dist/takeoff-*.whl
	@touch $@

$(STAMPS)/test $(STAMPS)/lint $(STAMPS)/bench: $(STAMPS)/%: $(STAMPS)/venv pyproject.toml
	$(PIP) install --group $*
	@touch $@

# A peer without a wheel for this machine is no obstacle: the report says which are missing.
$(STAMPS)/bench-peers: $(STAMPS)/venv pyproject.toml
	$(PIP) install --group bench-peers || echo "not every peer could be installed" >&2
	@touch $@
