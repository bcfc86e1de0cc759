# Needs a Python >= 3.11; everything else is installed on first use, into .venv and, for root, with apt.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first that runs and is recent enough; `make PYTHON=...` chooses another.
PYTHON := $(shell for each in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$each"; break; }; done)

.PHONY: install demo test lint fuzz mutate bench conformance daemons clean

install: $(READY)

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "relayscript needs Python 3.11 or newer" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip' 2>/dev/null || "$(PYTHON)" tests/live/provision.py python3-venv
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

demo: $(READY)
	$(BIN)/relayscript demo

test: lint daemons
	$(BIN)/pytest --numprocesses 2 --dist loadfile -rs

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

fuzz: $(READY)
	$(BIN)/python tests/fuzz.py

mutate: $(READY)
	$(BIN)/python tests/mutation.py

daemons: $(READY)
	@$(BIN)/python tests/live/provision.py sip-tester rtpengine-daemon

conformance: $(READY)
	$(BIN)/python tests/conformance/play.py

bench: $(READY)
	@$(BIN)/python tests/live/provision.py sip-tester kamailio
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
