# Two commands do all the set-up on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DEMO := demo-data
DESK_TESTS := $(addprefix tests/,audit cases enforcement evidence grounds ledger people stories web)
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-live soak messages lint bench lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(BIN)/seawall: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] <= (3, 13), sys.version' \
		|| { echo "Seawall needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(BIN)/seawall

demo: $(BIN)/seawall ## A synthetic platform, scanned, and the desk over it: http://localhost:8400 (PORT=, NO_BROWSER=1)
	$(BIN)/seawall demo --home $(HOME_DEMO)

test: $(BIN)/seawall ## Run the tests (JOBS= processes at once)
	$(PYTEST) --ignore tests/real

test-live: $(BIN)/seawall ## Run the tests on real data, the desk's on PostgreSQL, and those on real servers, which it starts
	@echo "On real data:"; $(PYTEST) tests/real; real=$$?; \
	echo "The desk on PostgreSQL:"; SEAWALL_TEST_DATABASE=postgresql $(PYTEST) $(DESK_TESTS); desk=$$?; \
	echo "On real servers:"; SEAWALL_LIVE=1 $(BIN)/python -m pytest tests/live; exit $$((real + desk + $$?))

soak: $(BIN)/seawall ## Long runs: 200 kills a database, 1,000 mutations a source
	$(BIN)/python -m bench soak_kill
	SEAWALL_MUTATIONS=1000 $(PYTEST) -rP tests/contracts/test_sources.py -k mutation

lint: $(BIN)/seawall ## Check style, types, import directions and the lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@! grep -n '://' requirements.lock || { echo "requirements.lock names a host" >&2; exit 1; }

bench: $(BIN)/seawall ## Measure; ONLY=name for one benchmark
	$(BIN)/python -m bench $(ONLY)

lock: ## Renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header -o requirements.lock

messages: $(BIN)/seawall ## Gather the words of the pages for translation, and compile them (needs GNU gettext)
	cd src/seawall && ../../$(BIN)/django-admin makemessages --settings seawall.ledger.settings -l ar -l ru --no-location --no-obsolete
	cd src/seawall && ../../$(BIN)/django-admin compilemessages --settings seawall.ledger.settings

clean: ## Remove what was built
	rm -rf $(VENV) build $(HOME_DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis
