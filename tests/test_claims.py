"""The contract that every claim file of the catalogue keeps."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ratecheck import Falsifier
from ratecheck.claim.catalogue import files, load, load_all
from ratecheck.claim.latex import formula_mathml
from ratecheck.engine.blocks import compute
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.engine.plan import CheckItem, FalsifierItem, Settings, plan
from ratecheck.engine.sampling import Sampling

CLAIMS = Path(__file__).parents[1] / "claims"
PATHS = list(files([CLAIMS]))
HEAVY = {"torch", "scipy.stats", "statsmodels", "sympy", "numba", "sklearn", "matplotlib"}


def cuda():
    import torch

    return torch.cuda.is_available()


# Of the claims that load; `test_all_load` names the others.
EXPERIMENTS = [
    pytest.param(entry.path, name, id=f"{entry.id}-{name}")
    for entry in load_all([CLAIMS])[0]
    for name in entry.claim.experiments
]


def test_all_load():
    entries, failures = load_all([CLAIMS])
    assert failures == []
    assert len(entries) == len(PATHS) >= 3


def test_listing_the_catalogue_imports_nothing_heavy():
    code = (
        "import sys; from ratecheck.claim.catalogue import load_all; "
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
def test_formulas_are_typeset(path):
    """The statement is converted when the file is loaded."""
    for experiment in load(path).claim.experiments.values():
        for check in experiment.checks:
            for text in (check.formula, *check.rivals.values()):
                assert "<math" in formula_mathml(text)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_parameter_is_explained(path):
    """What moves and what number a case assigns stands under symbols."""
    claim = load(path).claim
    for experiment in claim.experiments.values():
        names = {axis.name for axis in experiment.axes}
        names |= {k for case in experiment.cases for k, v in case.items() if not isinstance(v, str)}
        for name in names:
            stem = name.rstrip("_").removeprefix("inv_")
            assert {name, stem} & set(claim.symbols), f"{experiment.name}: what is {name}?"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_quantity_has_a_name(path):
    """What a check reads is said under symbols, so that no page has a code name alone."""
    claim = load(path).claim
    checks = [check for one in claim.experiments.values() for check in one.checks]
    assert {name for check in checks for name in check.quantities} <= set(claim.symbols)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_experiment_has_falsifiers_that_are_run(path):
    """At quick effort, so that no PASS is published without them."""
    entry = load(path)
    items = plan([entry], Settings())
    for name, experiment in entry.claim.experiments.items():
        mine = [item for item in items if item.experiment.name == name]
        killers = {id(item.falsifier) for item in mine if isinstance(item, FalsifierItem)}
        assert killers == {id(one) for check in experiment.checks for one in check.fails}
        assert experiment.about, f"{name} has no docstring: say what is simulated"


def cheapest_blocks(path, name):
    """The cheapest block of every series of an experiment, the quantities asked of it, an item.

    One series for each axis and each falsifier that simulates anew; cases share their code.
    """
    entry = load(path)
    items = [item for item in plan([entry], Settings()) if item.experiment.name == name]
    seen = set()
    for first in items:
        changes = first.falsifier if isinstance(first, FalsifierItem) else Falsifier("")
        key = (
            first.axis.name,
            *(tuple(sorted(one.items())) for one in (changes.told, changes.nature)),
        )
        if key in seen:
            continue
        seen.add(key)
        mine = [item for item in items if item.series == first.series]
        asked = {q for item in mine if isinstance(item, CheckItem) for q in item.check.quantities}
        asked |= {
            item.falsifier.quantity or item.check.quantity
            for item in mine
            if isinstance(item, FalsifierItem)
        }
        sampling = Sampling(first.series, mine, Settings(), fingerprint(entry, name))
        yield min(sampling.request(), key=sampling.cost), asked, first


def require_contract(block, asked, item):
    """`compute` refuses wrong shapes, NaN, infinities and negative errors by itself.

    A falsifier may take all that is random out.
    """
    found = compute(block)
    assert asked <= set(found.values), block.name
    if item.experiment.form.foresees:
        varies = any(len(set(v.ravel().tolist())) > 1 for v in found.values.values())
        assert varies or isinstance(item, FalsifierItem), block.name
        for quantity in asked:
            assert (found.values[quantity].mean(0) > 0).all(), f"{block.name}: {quantity}"
    return found


@pytest.mark.parametrize(("path", "name"), EXPERIMENTS)
def test_simulations_keep_the_contract(path, name):
    """Right shapes, right signs, every quantity that is asked for, the same numbers twice."""
    import torch

    block, asked, item = next(cheapest_blocks(path, name))
    block = replace(block, size=min(block.size, 2))
    once = require_contract(block, asked, item)
    torch.manual_seed(1)  # nothing comes from a global stream of random numbers, none is touched
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    state = torch.random.get_rng_state()
    twice = compute(block)
    assert torch.equal(torch.random.get_rng_state(), state), "use the generator rng"
    for quantity, values in once.values.items():
        assert np.array_equal(values, twice.values[quantity]), quantity


@pytest.mark.slow
@pytest.mark.parametrize(("path", "name"), EXPERIMENTS)
def test_every_axis_and_falsifier_keeps_the_contract(path, name):
    for block, asked, item in cheapest_blocks(path, name):
        require_contract(block, asked, item)


@pytest.mark.skipif(not cuda(), reason="no GPU that torch can use")
@pytest.mark.parametrize(("path", "name"), EXPERIMENTS)
def test_devices_agree(path, name):
    """On a GPU the same quantities of the same size; streams differ, so means up to their noise."""
    block, asked, item = next(cheapest_blocks(path, name))
    experiment = item.experiment
    here, there = compute(block), compute(replace(block, device="cuda"))
    assert set(here.values) == set(there.values)
    for quantity in asked:
        one, two = here.values[quantity], there.values[quantity]
        assert one.shape == two.shape
        if not experiment.form.random:
            assert np.allclose(one, two, rtol=1e-6), quantity
        elif experiment.form.name != "times":
            noise = np.sqrt((one.var(0, ddof=1) + two.var(0, ddof=1)) / len(one))
            apart = np.abs(one.mean(0) - two.mean(0))
            assert (apart <= 8 * noise + 1e-12).all(), quantity
