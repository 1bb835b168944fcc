"""The contract that every claim file of the catalogue keeps."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ratecheck.catalogue import files, load, load_all
from ratecheck.engine.blocks import compute
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.engine.plan import CheckItem, FalsifierItem, Settings, plan
from ratecheck.engine.sampling import Sampling

CLAIMS = Path(__file__).parents[1] / "claims"
PATHS = list(files([CLAIMS]))
HEAVY = {"torch", "scipy.stats", "statsmodels", "sympy", "numba", "sklearn", "matplotlib"}


def experiments():
    for path in PATHS:
        for name in load(path).claim.experiments:
            yield pytest.param(path, name, id=f"{path.stem}-{name}")


def test_all_load():
    entries, failures = load_all([CLAIMS])
    assert failures == []
    assert len(entries) == len(PATHS) >= 3


def test_listing_the_catalogue_imports_nothing_heavy():
    code = (
        "import sys; from ratecheck.catalogue import load_all; "
        "from ratecheck.engine.plan import Settings, plan; "
        f"entries, failures = load_all([{str(CLAIMS)!r}]); plan(entries, Settings()); "
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_ids_are_unique_at_every_effort(path):
    for effort in ("quick", "standard", "full"):
        ids = [item.id for item in plan([load(path)], Settings(effort=effort))]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_check_can_fail(path):
    """Each check has a falsifier or a rival somewhere, or shares its quantity with one that has."""
    items = plan([load(path)], Settings())
    armed = {item.check.quantity for item in items if isinstance(item, FalsifierItem)}
    for item in items:
        if isinstance(item, CheckItem):
            assert armed or item.check.rivals, item.id


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_formulas_and_statement_are_typeset(path):
    from latex2mathml.converter import convert

    from ratecheck.formula import Formula

    claim = load(path).claim
    assert "<math" in convert(claim.statement)
    for experiment in claim.experiments.values():
        for check in experiment.checks:
            assert "<math" in convert(Formula(check.formula).latex())


@pytest.mark.parametrize(("path", "name"), experiments())
def test_simulations_keep_the_contract(path, name):
    """Right shapes, right signs, every quantity that is asked for, the same numbers twice."""
    entry = load(path)
    items = [item for item in plan([entry], Settings()) if item.experiment.name == name]
    first = items[0]
    mine = [item for item in items if item.series == first.series]
    sampling = Sampling(first.series, mine, Settings(), fingerprint(entry, name))
    block = min(sampling.request(), key=sampling.cost)
    once, twice = compute(block), compute(block)
    asked = {q for item in mine if isinstance(item, CheckItem) for q in item.check.quantities}
    asked |= {
        item.falsifier.quantity
        for item in mine
        if isinstance(item, FalsifierItem) and item.falsifier.quantity
    }
    assert asked <= set(once.values)
    for quantity, values in once.values.items():
        assert np.array_equal(values, twice.values[quantity]), quantity
    if first.experiment.form == "errors":
        assert any(len(set(v.tolist())) > 1 for v in once.values.values())
