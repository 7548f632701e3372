# PROPPR. `make` alone lists what there is.
# Every target builds .venv first if it is missing or older than the lock file.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements/dev.txt
TEST_PROCESSES ?= 3
PYTEST_ARGS ?=
SOAK_ARGS ?=
FLEET_SOAK_ARGS ?=
BENCH_ARGS ?=
DAY_ARGS ?=
BUDGET_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

##@ Use

.PHONY: run
run: $(STAMP) ## start everything: MongoDB, a stand-in of the provider when no key is set, the services, a live table
	@$(BIN)/proppr up

.PHONY: setup
setup: $(STAMP) ## build .venv from the hashed lock file (the other targets call this)

##@ Check

.PHONY: test
test: $(STAMP) ## run the tests (PYTEST_ARGS="..." is passed on)
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup $(PYTEST_ARGS)

.PHONY: lint
lint: $(STAMP) ## ruff, the format, and the import contracts between the layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

.PHONY: types
types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy -p PROPPR

.PHONY: compose-test
compose-test: $(STAMP) ## the fleet in containers, with kills and cuts of the network (needs Docker; a quarter of an hour)
	@COMPOSE_TEST=1 $(BIN)/pytest -n0 $(PYTEST_ARGS) tests/deploy/test_compose_run.py

.PHONY: pm2-test
pm2-test: $(STAMP) ## the fleet under pm2, with kills (needs Node.js; pm2 is fetched into a temporary folder)
	@PM2_TEST=1 $(BIN)/pytest -n0 $(PYTEST_ARGS) tests/deploy/test_pm2_run.py

.PHONY: commands-test
commands-test: $(STAMP) ## the commands of README and docs, as written, on a clean clone (some minutes)
	@COMMANDS_TEST=1 $(BIN)/pytest -n0 -s $(PYTEST_ARGS) tests/deploy/test_commands.py

.PHONY: scan
scan: $(STAMP) ## known vulnerabilities and unsafe code: dependencies, front-end, image (OFFLINE=1: what needs no internet)
	@deploy/scan.sh

.PHONY: monitoring-test
monitoring-test: $(STAMP) ## metrics, alert rules, dashboards, runbook (needs promtool and amtool: prometheus, prometheus-alertmanager)
	@MONITORING_TEST=1 $(BIN)/pytest -n0 $(PYTEST_ARGS) tests/deploy/test_monitoring_*.py

##@ Measure

.PHONY: bench
bench: $(STAMP) ## speed and memory against the naive loop and the floor; prints one table
	@$(BIN)/python benchmarks/bench.py $(BENCH_ARGS)

.PHONY: soak
soak: $(STAMP) ## ten minutes of faults and kills on real processes; ends with a comparison against the truth
	@$(BIN)/python benchmarks/soak.py $(SOAK_ARGS)

.PHONY: fleet-soak
fleet-soak: $(STAMP) ## an hour of the whole fleet at 500 messages/s with faults: memory, queues, files, age of the quotes, bets
	@$(BIN)/python benchmarks/fleet_soak.py $(FLEET_SOAK_ARGS)

.PHONY: day
day: $(STAMP) ## a simulated day of the poller alone, sixty times as fast, with outages; judged after every cycle
	@$(BIN)/python benchmarks/poller_day.py $(DAY_ARGS)

.PHONY: budget
budget: $(STAMP) ## three shortened hours of updater, poller and a greedy client sharing the budget, with kills
	@$(BIN)/python benchmarks/budget_day.py $(BUDGET_ARGS)

.PHONY: predictions
predictions: $(STAMP) ## predictions against plain averages on real seasons; takes about three minutes
	@$(BIN)/python benchmarks/predictions.py

.PHONY: console-bench
console-bench: $(STAMP) ## first paint and updates of the console's pages in a real browser (needs chromium)
	@$(BIN)/python benchmarks/console_pages.py $(BENCH_ARGS)

##@ Maintain

.PHONY: format
format: $(STAMP) ## let ruff sort imports and format the code
	@$(BIN)/ruff check --select I --fix .
	@$(BIN)/ruff format .

.PHONY: references
references: $(STAMP) ## write docs/collections.md and docs/settings.md anew from the code (a test wants them current)
	@$(BIN)/python -m PROPPR.SharedServices.cli.references docs

.PHONY: pictures
pictures: $(STAMP) ## take the pictures of the console in docs/pictures anew, of invented teams (needs chromium)
	@PYTHONPATH=tests:tests/Console $(BIN)/python tests/Console/browser/take_pictures.py

.PHONY: lock
lock: $(STAMP) ## resolve pyproject.toml into requirements/*.txt again (UPGRADE=1 takes newer versions)
	@requirements/lock.sh

.PHONY: clean
clean: ## remove .venv, caches, logs, recordings and the embedded database
	@rm -rf $(VENV) .ns .data logs recordings dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): $(LOCK) pyproject.toml hatch_build.py requirements/setup.sh
	@requirements/setup.sh $(VENV) $(LOCK)
	@touch $@
