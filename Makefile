# The two commands are `make run` and `make test`; each sets up what it needs and may be repeated without harm.
# Python 3.11 or newer, under another name: make run PYTHON=python3.12
PYTHON ?= python3
VENV := .venv/bin
TEST := $(VENV)/python -m pytest -q -n 2

.PHONY: run test test-browser test-postgres test-long build

run:  ## Set up, start everything, print the address and a sign-in for each role. Ctrl-C ends it
	@$(PYTHON) -m scripts.setup run
	@exec $(VENV)/python -m scripts.serve

test:  ## Style, types, import contracts, content and tests, in a few minutes and without a server
	@$(PYTHON) -m scripts.setup test
	$(VENV)/ruff check .
	$(VENV)/mypy lambdalab quizzes scripts tests manage.py
	cd lambdalab/sandbox/child && ../../../$(VENV)/mypy --config-file mypy.ini --cache-dir ../../../.mypy_cache/child *.py
	$(VENV)/lint-imports --no-cache
	$(TEST)

test-browser:  ## Journeys in Debian's Chromium, with axe on every page
	@$(PYTHON) -m scripts.setup browser
	$(VENV)/python -m pytest -q -m e2e tests/e2e

test-postgres:  ## The Django apps once more on a PostgreSQL and a Redis of their own
	@$(PYTHON) -m scripts.setup postgres
	$(VENV)/python -m scripts.postgres $(TEST) tests/accounts tests/classroom tests/lessons tests/playground tests/quizzes tests/runs tests/settings tests/web

test-long:  ## Large attacks, kills at random moments, sweeps
	@$(PYTHON) -m scripts.setup test
	$(VENV)/python -m pytest -q -m long

build:  ## The front end and the static files of production
	@$(PYTHON) -m scripts.setup run
	$(VENV)/python manage.py collectstatic --no-input --verbosity 0
