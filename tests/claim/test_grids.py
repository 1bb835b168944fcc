"""A grid in a unit of the case: the theorem's own scale."""

import math

import pytest

from ratecheck import Axis, Decay, Without
from ratecheck.errors import ClaimError
from tests.claim.test_claim import new_claim


def test_a_grid_follows_the_case():
    axis = Axis("t", [1, 2, 3, 4], full=[1, 2, 3, 4, 5], unit="kappa/2")
    assert axis.points("quick", {"kappa": 16}) == (8, 16, 24, 32)
    assert axis.points("full", {"kappa": 16})[-1] == 40
    assert axis.points("quick", {"kappa": 3}) == (1.5, 3.0, 4.5, 6.0)
    assert all(type(t) is int for t in axis.points("quick", {"kappa": 16}))
    assert axis.points("quick", {"kappa": 16}, own=[2, 4, 6, 8]) == (16, 32, 48, 64)
    assert axis.to == math.inf


@pytest.mark.parametrize(
    ("unit", "sentence"),
    [
        ("kapa", "names 'kapa', which does not stand still"),
        ("t", "names 't', which does not stand still"),
        ("kappa +", "correct the formula"),
        ("log(kappa)", "axis t at kappa=1: has a point that is not positive"),
        ("kappa*1e308", "axis t at kappa=4: has a point that is not positive, or too large"),
    ],
)
def test_a_unit_is_a_positive_formula_in_the_case(unit, sentence):
    claim = new_claim()
    with pytest.raises(ClaimError, match=sentence):

        @claim.experiment(
            Axis("t", [1, 2, 3, 4], unit=unit),
            cases=[{"kappa": 4}, {"kappa": 1}],
            checks=[Decay("gap", "exp(-t/kappa)", margin=0.1, fails=[Without("it", "other")])],
            data="exact", real=["all"], proxied=[],
        )  # fmt: skip
        def simulate(t, kappa):
            return {"gap": 1.0, "other": 1.0}
