# make run    set up what is missing, then open the window      make run ARGS="--source clip.mp4"
# make test   lint, types and tests: what must hold before a commit
# make lint   the first two of them
# make bench  how fast it is on this machine                     make bench ARGS="--json figures.json"
# make soak   keep the window open for half an hour and watch memory, latency and takes
# make screenshots  the pictures of the window in docs/, to be looked at
# make setup  only set up: system libraries (apt) and .venv
# make clean  remove .venv, caches and build folders; recordings stay

PYTHON := .venv/bin/python
# Another environment's modules do not belong in ours.
unexport PYTHONHOME PYTHONPATH

.PHONY: help run test lint unit bench soak screenshots setup setup-dev clean

help:
	@sed -n 's/^# make/make/p' Makefile

run: setup
	@$(PYTHON) -m pose2pose_live $(ARGS)

test: lint unit

lint: setup-dev
	@failed=0; for check in "ruff check" "ruff format --check" mypy; do $(PYTHON) -m $$check || failed=1; done; exit $$failed

unit: setup-dev
	@$(PYTHON) -m pytest -ra $(ARGS)

bench: setup
	@$(PYTHON) -m pose2pose_live bench $(ARGS)

soak: setup-dev
	@$(PYTHON) -m tests.app.soak $(ARGS)

screenshots: setup-dev
	@$(PYTHON) -m tests.app.screenshots $(ARGS)

setup:
	@.ci/setup

setup-dev:
	@.ci/setup dev

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
