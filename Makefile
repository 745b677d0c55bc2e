# Two commands on a fresh machine: `make demo` and `make test`. Both need Python >= 3.11 and make, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo install test lint types contracts unit format explore bench soak pictures clean
.DEFAULT_GOAL := demo
# Each of many processes would compile what it imports, and tests be rewritten a second time.
unexport PYTHONDONTWRITEBYTECODE

# pip would compile with one processor; a template that is no Python stops nobody.
$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

demo: $(STAMP)
	@$(BIN)/kurator-tui demo

install: $(STAMP)

test: $(STAMP) lint types contracts unit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

# Programs that tests start compile nothing again. Tests of whole programs mostly wait: three at once keep two
# processors busy; what measures time or one terminal's bytes runs by itself.
unit: $(STAMP)
	$(BIN)/python -m compileall -q kurator_tui
	$(BIN)/pytest -n auto --dist worksteal --durations=15 --ignore tests/e2e
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --durations=15 -m "not alone" tests/e2e
	$(BIN)/pytest --durations=15 -m alone tests/e2e

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

explore: $(STAMP)
	HYPOTHESIS_PROFILE=explore $(BIN)/pytest tests/faults/test_machine.py tests/unit tests/contract

bench: $(STAMP)
	$(BIN)/python -m benchmarks

soak: $(STAMP)
	$(BIN)/python -m benchmarks.soak --minutes 30

pictures: $(STAMP)
	$(BIN)/python docs/make_pictures.py

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
