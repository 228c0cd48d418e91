# `make demo` shows a run, `make test` runs the tests. Both first set up what they need, in .venv.

.PHONY: help demo test validate bench lint soak clean

help:
	@echo "make demo    a shipped recording on the dashboard, or in the terminal where there is no display"
	@echo "make test    the tests"
	@echo "make lint    style, types and the contract of imports"
	@echo "make validate error against truth, one page in build/"
	@echo "make soak    long fuzz and endurance runs"
	@echo "make bench   speed against its goals, as ratios measured in one run"
	@echo "make clean   remove .venv and everything built"

# The stamp is as old as the last complete installation; a change of what to install makes it stale.
.venv/installed: pyproject.toml constraints.txt .ci/setup
	@sh .ci/setup

demo: .venv/installed
	@.venv/bin/insole demo

test: .venv/installed
	@.venv/bin/python -m pytest -n auto

lint: .venv/installed
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: .venv/installed
	@.venv/bin/python -m benchmarks

soak: .venv/installed
	@.venv/bin/python -m pytest -m soak

validate: .venv/installed
	@.venv/bin/python -m benchmarks.validation

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
