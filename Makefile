# `make` alone lists what can be made. All it needs is Python 3.11 or newer; everything else goes into .venv.

BIN := .venv/bin
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
JOBS ?= auto

# A path may hold spaces and dollars, so it travels to the shell as a variable, not as text.
override PHOTOS := $(value PHOTOS)
export PHOTOS

# Compiled tests are kept for the next run, and the fast ones wait for no disk where there is room for them in memory.
unexport PYTHONDONTWRITEBYTECODE
MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "/dev/shm" }')

.DEFAULT_GOAL := help
.PHONY: help serve test check fmt bench docs web screenshots clean .venv/.app

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

serve: .venv/.run .venv/.app ## search your pictures in the browser: make serve PHOTOS=~/Pictures (without: a demo)
	@case "$$PHOTOS" in \
	"") exec $(BIN)/lookalike serve --demo --open ;; \
	"~" | "~/"*) exec $(BIN)/lookalike serve "$$HOME$${PHOTOS#"~"}" --open ;; \
	*) exec $(BIN)/lookalike serve "$$PHOTOS" --open ;; \
	esac

test: .venv/.dev .venv/.app ## run the fast tests, then the slow ones with those of properties, and those in the browser
	$(BIN)/python web/node.py test
	PYTEST_DEBUG_TEMPROOT=$(MEMORY) $(BIN)/pytest -m "not slow and not hypothesis and not browser" -n $(JOBS) --dist loadscope
	$(BIN)/pytest -m "(slow or hypothesis) and not browser" -n $(JOBS) --dist loadscope -rs
	$(BIN)/pytest -m browser -n $(JOBS) --dist loadscope -rs

check: .venv/.dev ## lint, check the format and the types, and compare the generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(BIN)/python web/node.py check

fmt: .venv/.dev ## put the code in order
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: .venv/.dev .venv/.app ## measure, in the short form; each script has --help, and --record to write down what it finds
	$(BIN)/python bench/startup.py --quick
	$(BIN)/python bench/encode_rate.py --rounds 2
	$(BIN)/python bench/index_rate.py --pictures 1000
	$(BIN)/python bench/vector_search.py --quick
	$(BIN)/python bench/http_latency.py --images 5000 --queries 30
	$(BIN)/python bench/http_load.py --images 5000 --pictures 50 --seconds 3
	$(BIN)/python bench/http_fuzz.py --requests 5000
	$(BIN)/python bench/exchange_rate.py --records 10000
	$(BIN)/python bench/durability.py --quick
	$(BIN)/python bench/growth.py --quick
	$(BIN)/python bench/copies_million.py --images 6000
	@if [ -n "$$LOOKALIKE_TEST_CHROMIUM" ] || command -v chromium > /dev/null; then \
		$(BIN)/python bench/web_app.py --images 12000 --hits 2000 --pastes 3; \
	else echo "The app is not measured: there is no Chromium."; fi
	@if [ -e "$${LOOKALIKE_TEST_DATA:-../shared/data}/openstax-photos.tar" ]; then set -ex; \
		$(BIN)/pip install --quiet --group edits; \
		$(BIN)/pip install --quiet --no-deps augly image-match imagededup; \
		$(BIN)/python bench/copies.py --quick; \
		$(BIN)/python bench/duplicates.py --pictures 2000; \
	else echo "Edited copies are not measured: LOOKALIKE_TEST_DATA names no folder of pictures."; fi

bench-%: .venv/.dev
	$(BIN)/python bench/$*.py $(ARGS)

docs: .venv/.dev ## write the reference pages anew
	$(BIN)/python docs/generate.py

web: .venv/.dev ## build the app, check it, and try it in Chromium
	$(BIN)/python web/node.py check
	$(BIN)/python web/node.py test
	$(BIN)/python web/node.py build
	$(BIN)/pytest -m browser -rs

screenshots: .venv/.dev .venv/.app ## draw the pictures of the app in docs/images anew, from the demo
	$(BIN)/python docs/screenshots.py
	$(BIN)/python docs/report_screenshot.py

clean: ## remove .venv and everything else that was made
	rm -rf .venv dist build web/node_modules src/lookalike/service/app .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.made:
	@test -n "$(PYTHON)" || { echo "Lookalike needs Python 3.11 or newer, and finds none on the PATH." \
		"Install one from https://www.python.org/downloads/ or say: make PYTHON=/path/to/python3" >&2; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "A virtual environment cannot be made." \
		"On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade "pip >= 25.1"
	@touch $@

.venv/.run: .venv/.made pyproject.toml
	@echo "Installing Lookalike into .venv, which takes a minute the first time."
	@$(BIN)/python -m pip install --quiet --editable ".[demo]"
	@touch $@

.venv/.dev: .venv/.run
	@echo "Installing what the tests need."
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

.venv/.app: .venv/.made
	@$(BIN)/python web/node.py build --if-needed
