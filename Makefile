# Needs python3 (3.11 or newer) with venv, and make. `make` alone lists what there is.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install run test lint check bench soak format golden docs lock clean

MINUTES ?= 10
PYTHON_OF_VENV := .venv/bin/python
COMPILE := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header $(UPGRADE)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

install: .venv/.installed ## make .venv from the lock files

.venv/.installed: pyproject.toml requirements-dev.lock requirements-bootstrap.lock scripts/install.sh
	@sh scripts/install.sh

run: install ## watch the bot work an embedded mailbox, then open its console (ARGS="--once" ends after the table)
	@$(PYTHON_OF_VENV) -m supportbot demo $(ARGS)

test: install ## all tests, on two cores (ARGS="-k chain" for some)
	@sh scripts/system-packages.sh
	@$(PYTHON_OF_VENV) -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

lint: install ## format, lint, types, import contracts, documents
	$(PYTHON_OF_VENV) -m ruff format --check .
	$(PYTHON_OF_VENV) -m ruff check .
	$(PYTHON_OF_VENV) -m mypy
	.venv/bin/lint-imports --no-cache
	$(PYTHON_OF_VENV) -m pytest tests/house

check: lint test ## lint and test: what a change must pass

bench: install ## how fast it is on this machine
	@$(PYTHON_OF_VENV) -m bench $(ARGS)

soak: install ## the long runs: kill, restart, repeat (MINUTES=10 each); 2,500 runs through faults (FAULT_RUNS=100 for fewer)
	@sh scripts/system-packages.sh
	@SOAK_MINUTES=$(MINUTES) $(PYTHON_OF_VENV) -m pytest -m soak -v --durations=3 $(ARGS)

format: install ## put the code into shape
	$(PYTHON_OF_VENV) -m ruff check --fix .
	$(PYTHON_OF_VENV) -m ruff format .

golden: install ## accept the rendered mails as they are now; look at the diff before you commit
	@$(PYTHON_OF_VENV) -m pytest --update-golden $(ARGS)

docs: install ## write the generated pages of docs/
	@$(PYTHON_OF_VENV) scripts/write_docs.py

lock: install ## resolve the lock files anew (UPGRADE=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.lock
	echo uv | $(COMPILE) - --output-file requirements-bootstrap.lock

clean: ## remove everything that was made, but no data
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
