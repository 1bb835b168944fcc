"""Rates that everybody knows: the true order passes, a wrong one fails.

Each file under ``claims/`` is judged as a reader would judge it; a check whose name begins with
``wrong`` claims another order for the same numbers.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ratecheck.claim.catalogue import files, load
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.results import CheckResult
from ratecheck.engine.run import Run

PATHS = list(files([Path(__file__).parent / "claims"]))
DEAR = {"wasserstein", "nearest_neighbours"}  # as much time as all the others
LIBRARIES = {"wasserstein": "ot", "finite_elements": "skfem", "stencils": "findiff"}


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[pytest.mark.slow] * (p.stem in DEAR), id=p.stem) for p in PATHS],
)
def test_true_orders_pass_and_wrong_ones_fail(path):
    if path.stem in LIBRARIES:
        pytest.importorskip(LIBRARIES[path.stem])
    settings = Settings(workers=0, store=None)
    items = plan([load(path)], settings)
    with Run(items, settings) as run:
        results = run.all()
    checks = [result for result in results if isinstance(result, CheckResult)]
    for result in checks:
        wrong = result.item.check.label.startswith("wrong")
        assert result.verdict.outcome == ("FAIL" if wrong else "PASS"), result.verdict.sentence
        assert all(rival.excluded for rival in result.verdict.rivals), result.verdict.sentence
    judged = {result.item.check.label.startswith("wrong") for result in checks}
    assert judged == {True, False}
    for result in results:
        if not isinstance(result, CheckResult):
            assert result.kill.outcome == "KILLED", result.kill.sentence


def test_the_set_is_whole():
    assert {path.stem for path in PATHS} == {
        "finite_elements", "gradient_descent", "integration", "johnson_lindenstrauss",
        "kernel_density", "nearest_neighbours", "quadrature", "runge_kutta", "scaling_law",
        "sort_times", "stencils", "strong_order", "wasserstein",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["gradient_descent", "johnson_lindenstrauss",
                                  "nearest_neighbours", "scaling_law", "strong_order"])  # fmt: skip
def test_a_theorem_that_everybody_knows_takes_less_than_forty_lines(name):
    (path,) = (path for path in PATHS if path.stem == name)
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40
