# The only door. `make` prints it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
PY := .venv/bin/python
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
CORPUS ?= ../shared/corpus
READY := .venv/.ready
export CORPUS

.PHONY: help up down status logs reset test test-containers check bench corpus docs audit lock venv

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  CHORALE_PORT=8080   the one public port     CHORALE_INGEST=1   how many ingest processes"

up: venv ## set up what is missing, start everything, load the demo, print addresses
	@$(PY) -m deploy.local up

down: ## stop everything, in reverse order
	@test ! -x $(PY) || $(PY) -m deploy.local down

status: venv ## a line per part
	@$(PY) -m deploy.local status

logs: venv ## follow the logs; PART="ingest-1 workflow" shows only those
	@$(PY) -m deploy.local logs $(PART)

reset: venv ## stop everything and forget the local data
	@$(PY) -m deploy.local reset

test: venv ## every test, on servers of its own
	@$(PY) -m deploy.local provide-tests
	@PYTHONHASHSEED=0 $(PY) -m pytest tests -n 2 --dist loadfile $(ARGS)

test-containers: venv ## build the image and run docker-compose.yml with podman; needs root, takes minutes
	@$(PY) -m tests.containers $(ARGS)

check: venv ## format, lint, types, import contracts, generated docs
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m docs.generate --check

bench: venv ## speed beside a bare twin, one JSON object a line
	@$(PY) -m deploy.local provide
	@$(PY) -m tests.bench $(ARGS)

corpus: venv ## read, check and score the files of CORPUS
	@$(PY) -m tests.corpus

docs: venv ## print the generated docs again
	@$(PY) -m docs.generate

audit: venv ## known vulnerabilities of what is pinned; asks the network
	@$(PY) -m pip_audit --strict --disable-pip --require-hashes -r requirements.lock

lock: venv ## resolve pyproject.toml anew into requirements.lock
	@command -v uv >/dev/null || { echo "make lock needs uv (pip install uv)"; exit 1; }
	uv pip compile pyproject.toml --group local --group dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock -q
	uv pip compile pyproject.toml --group demo -c requirements.lock --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-runtime.lock -q

venv: $(READY)

# Debian leaves ensurepip out of python3; its python3-venv brings it.
$(READY): requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing. To do: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "$(PYTHON) is not Python 3.11 or 3.12. To do: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing python3-venv"; \
	    { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends python3-venv; } >/dev/null; \
	  fi; \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing. To do: apt-get install python3-venv (as root), then make $(MAKECMDGOALS)"; exit 1; }; }
	@echo "making .venv from requirements.lock"
	@$(PYTHON) -m venv --clear .venv
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "$(CURDIR)" > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/chorale.pth"
	@printf '#!%s\nimport sys\n\nfrom deploy.cli import main\n\nsys.exit(main())\n' "$(CURDIR)/$(PY)" > .venv/bin/chorale
	@chmod +x .venv/bin/chorale
	@touch $(READY)
