# make claims   environment, every claim at quick effort, reports/index.html and results.json
# make test     environment, lint, types, the test suite in two processes
# make thorough every test: long kill runs, many examples, all forgeries, the calibration's cells
# make mutants  mechanisms broken on purpose, and which claims see it (tests/mutants)
# make seeds    every claim on twenty other seeds, where that is not done yet (reports/seeds.json)
# make unlisted three cases a claim that its file does not list (tests/unlisted.py)
# make attack   kills, damages, forgeries, malformed and hostile input: tried and survived
# make coverage which lines of the package the test suite runs
# make gpu      on a GPU, within nine minutes: its tests, the dearest experiments, their verdicts
# make bench    the benches: ratios of the fast kernels to the straightforward ones
# make format   let the formatter have its way
PYTHON ?= python3
VENV ?= .venv
EFFORT ?= quick
REPORT ?= reports
BIN := $(VENV)/bin
TESTS := OMP_NUM_THREADS=1 $(BIN)/pytest tests -q -n 2 --dist loadfile

.PHONY: claims test suite thorough gpu attack mutants seeds unlisted coverage lint types bench format clean

claims: $(VENV)/.installed
	$(BIN)/pytest claims --effort $(EFFORT) --report $(REPORT) -q

# Types are checked beside the tests: alone they would leave a core idle for half a minute.
test: $(VENV)/.installed
	$(MAKE) --no-print-directory -j2 lint types suite

suite: $(VENV)/.installed
	$(TESTS)

thorough: $(VENV)/.installed
	$(TESTS) -m "slow or not slow" \
		--hypothesis-profile thorough --kills 50 --forge-all

gpu: $(VENV)/.installed
	$(BIN)/python -m tests.gpu --out gpu.json

attack: $(VENV)/.installed
	$(BIN)/python -m tests.attack

mutants: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants --jobs 2

seeds: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.seeds --jobs 2

unlisted: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.unlisted --jobs 2

coverage: $(VENV)/.installed
	$(TESTS) --cov --cov-report=term

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

bench: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/pytest tests/benches -o python_files='bench_*.py' --benchmark-only -q

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The stamp keeps a second call from installing anything again. What pip would compile in one process,
# tests of the libraries and all, takes half a minute longer.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --no-compile --disable-pip-version-check \
		-c constraints.txt -e ".[test,dev,cluster]"
	-$(BIN)/python -m compileall -qq -j 2 -x '/tests?/' $(VENV)/lib
	touch $@

clean:
	rm -rf $(VENV) .ratecheck .pytest_cache .mypy_cache .ruff_cache
