# Needs GNU make and Python 3.11 or later; everything else is fetched into .venv.

PORT ?= 8000
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$one"; break; }; done)

# Of `make tck`: a folder; without one the kit is looked for beside this folder.
TCK ?=

# Of `make tolerance`: a folder of BPMN files; without one they are looked for beside this folder.
CORPUS ?=

# Of `make test`: one more than there are processors, as some tests wait for others to be ready. Each has to learn all anew.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)))

# Of `make bench`.
DB ?= both
ROUNDS ?= 5

# What was compiled once is kept, whatever the surroundings say: each command would compile it all anew, for a second or two.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
BUILT := web/static/built/manifest.json
CATALOGUES := $(wildcard web/translations/*/LC_MESSAGES/*.po)
ASSETS := $(wildcard web/static/js/*.js web/static/js/*/*.js* web/static/css/*.css web/static/*.svg web/assets/build.mjs web/assets/package-lock.json)

LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --group build

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: whatif forecast run install test format bench bench-short tck tolerance moving lock clean help logs beside sequences histories soundness pages thorough workers bottlenecks

run: install ## set up what is missing and serve the office: PORT=8000 DATABASE_URL=…
	@exec $(BIN)/officium serve --demo --port $(PORT)

install: $(VENV)/.installed $(BUILT) $(VENV)/.translated ## make .venv with the command officium in it, the assets and the translations

test: install $(VENV)/.checks ## set up and run every check
	@echo '== format' && $(BIN)/ruff format --check .
	@echo '== lint' && $(BIN)/ruff check .
	@echo '== floors' && $(BIN)/lint-imports
	@echo '== types and tests, beside each other'
	@{ $(BIN)/mypy engine processes web tests >$(VENV)/.types 2>&1 || { cat $(VENV)/.types; false; }; } & types=$$!; \
	$(BIN)/pytest -n $(WORKERS) --dist worksteal; tests=$$?; \
	wait $$types; typed=$$?; cat $(VENV)/.types; exit $$((tests | typed))

format: $(VENV)/.checks ## bring every Python file to the house's form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: install $(VENV)/.checks ## measure steps and pages against floor servers: ROUNDS=5 DB=sqlite|postgresql|both
	@$(BIN)/python -m tests.benchmarks --rounds $(ROUNDS) --db $(DB)

bench-short: install $(VENV)/.checks ## the same with tiny counts: is everything right, not how fast
	@$(BIN)/python -m tests.benchmarks --short --db $(DB)

tck: install $(VENV)/.checks ## measure decisions with the DMN compatibility kit, or tests of that form: TCK=folder
	@$(BIN)/python -m tests.engine.diagram.tck '$(TCK)'

moving: install $(VENV)/.checks ## move 500 running cases of a shipped procedure to a changed edition, against their record, and back
	@OFFICIUM_MOVED_CASES=500 $(BIN)/pytest tests/engine/control/test_moving_many.py

sequences: install $(VENV)/.checks ## random sequences of moves on the shipped procedures, checked after each: N=10000 (a quarter of an hour)
	@OFFICIUM_SEQUENCES=$(or $(N),10000) $(BIN)/pytest -s tests/processes/test_sequences.py

beside: install $(VENV)/.checks .venv-pm4py/.installed ## what the watch tells of a history beside pm4py's answers, each checked: EVENTS=1000000 DB=sqlite|postgresql
	@$(BIN)/python -m tests.benchmarks.beside --events $(or $(EVENTS),1000000) --db $(if $(filter both,$(DB)),sqlite,$(DB)) --python .venv-pm4py/bin/python

# AGPL: in an environment of its own, run as another process, never a part of this.
.venv-pm4py/.installed: $(VENV)/.uv
	@echo 'Setting up .venv-pm4py'
	@$(BIN)/python -m venv .venv-pm4py
	@.venv-pm4py/bin/python -m pip install --quiet --disable-pip-version-check pm4py==2.7.23.11
	@touch $@

histories: install $(VENV)/.checks ## random histories of an office, its figures beside what its rows say minute by minute: N=200
	@OFFICIUM_HISTORIES=$(or $(N),200) $(BIN)/pytest tests/engine/supervision/figures

logs: install $(VENV)/.checks ## three event logs of OFFICIUM_SHARED read whole, their figures beside another way of counting (a minute)
	@LOGS=1 $(BIN)/pytest tests/engine/supervision/mining/test_shared_logs.py

tolerance: install $(VENV)/.checks ## measure what becomes of other tools' files: CORPUS=folder of BPMN files
	@$(BIN)/python -m tests.engine.diagram.tolerance '$(CORPUS)'

soundness: install $(VENV)/.checks ## 2,000 random diagrams: what soundness says beside what running them shows (half an hour)
	@SOUNDNESS_SEEDS=0:2000 $(BIN)/pytest -q -n 2 tests/engine/diagram/soundness

bottlenecks: install $(VENV)/.checks ## 20 simulated offices with a planted cause of waiting and 5 balanced ones: what each is told (a minute)
	@OFFICIUM_OFFICES=1 $(BIN)/pytest -s tests/engine/supervision/bottlenecks/test_planted.py

workers: install $(VENV)/.checks ## 2,000 timers due within ten seconds, three workers, one killed every second, on both databases (some minutes)
	@OFFICIUM_TIMERS=2000 $(BIN)/pytest -s tests/faults/test_workers.py

thorough: install $(VENV)/.checks ## every test on both databases, with all examples, in every look (an hour)
	@THOROUGH=1 $(BIN)/pytest -q -n 4

pages: install $(VENV)/.checks ## everybody on every page in both languages: for those who do not see it, and at 320 pixels (some minutes)
	@THOROUGH=1 $(BIN)/pytest -q -n 2 tests/browser/test_every_page.py

whatif: install $(VENV)/.checks ## the simulation held against the last four weeks of the demo office, department by department (two minutes)
	@OFFICIUM_WHATIF=1 $(BIN)/pytest -s tests/engine/supervision/whatif/test_demo_office.py

forecast: install $(VENV)/.checks ## forecasts on three published logs by the published protocol, beside the published figures (some minutes)
	@$(BIN)/python -m tests.benchmarks.forecasting

lock: $(VENV)/.uv ## renew both lock files
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --group checks --constraint requirements.lock --output-file requirements-checks.lock

clean: ## remove all that was made, except data/
	@rm -rf $(VENV) build dist web/static/built web/assets/node_modules web/assets/.building
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find engine processes tests web -name __pycache__ -type d -prune -exec rm -rf {} +
	@find web -name '*.mo' -delete

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv is quicker than pip by much; where it cannot be had or does not reach the registry, pip does the same.
install_locked = { [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python $(1); } \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1)

$(VENV)/.uv:
	@test -n '$(PYTHON)' || { echo 'Officium needs Python 3.11 or later: install it (Debian: apt install python3 python3-venv), or name it: make PYTHON=…' >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { echo 'This Python cannot make environments: install its venv module (Debian: apt install python3-venv).' >&2; exit 1; }
	@echo 'Setting up $(VENV)'
	@'$(PYTHON)' -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || echo 'uv is not to be had; pip does its work.'
	@touch $@

$(VENV)/.installed: $(VENV)/.uv requirements.lock pyproject.toml
	@echo 'Installing what Officium stands on'
	@$(call install_locked,--require-hashes -r requirements.lock)
	@$(call install_locked,--no-deps --no-build-isolation --editable .)
	@touch $@

$(VENV)/.checks: $(VENV)/.installed requirements-checks.lock
	@echo 'Installing the checks'
	@$(call install_locked,--require-hashes -r requirements-checks.lock)
	@touch $@

$(BUILT): $(VENV)/.installed $(ASSETS)
	@echo 'Building what browsers load'
	@$(BIN)/python -c 'import runpy; runpy.run_path("web/assets/building.py")["build"]()'
	@touch $@

$(VENV)/.translated: $(VENV)/.installed $(CATALOGUES)
	@$(BIN)/python -c 'import runpy; runpy.run_path("web/catalogue.py")["compile_all"]()'
	@touch $@
