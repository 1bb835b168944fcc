"""An exponent above a floor that the theorem does not know, in every noisy form of data."""

import numpy as np
import pytest

from ratecheck import AtMost, Falsifier, Rate
from ratecheck.claim.form import FORMS, Sample
from ratecheck.claim.question import Question
from ratecheck.errors import ClaimError
from ratecheck.judge.judge import judge
from tests.claim.test_claim import declare

N = tuple(float(n) for n in np.geomspace(1e6, 1e10, 9))
LOSS = np.array([1.69 + 406.4 * n**-0.34 for n in N])  # a published scaling law
FORM_OF = {"measured": 1, "several": 3, "errors": 64, "means": 0}


def rows(kind, noise=0.01, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "means":
        return [np.array([y * (1 + noise * rng.standard_normal()), noise * y]) for y in LOSS]
    size = FORM_OF[kind]
    return [y * np.exp(noise * size**0.5 * rng.standard_normal(size)) for y in LOSS]


def verdict(kind, formula, *, noise=0.01, axis="n", points=N, margin=0.05, floor="fit"):
    form = FORMS["measured" if kind == "several" else kind]
    question = Question(Rate("q", formula, margin=margin, floor=floor), axis, points, {})
    return judge(question, Sample(points, form, {"q": rows(kind, noise)}), 0.01)


@pytest.mark.parametrize("kind", FORM_OF)
@pytest.mark.parametrize(("power", "outcome"), [(0.34, "PASS"), (0.5, "FAIL"), (0.2, "FAIL")])
def test_the_exponent_above_the_floor_is_judged(kind, power, outcome):
    found = verdict(kind, f"n**-{power}")
    assert found.outcome == outcome
    assert found.interval[0] < -0.34 < found.interval[1]
    assert "the floor that fits best is 1.6" in found.warnings[0] or "1.7" in found.warnings[0]


def test_without_a_floor_the_whole_is_judged():
    assert verdict("measured", "n**-0.34", floor=None).outcome == "FAIL"
    assert verdict("measured", "1.69 + 406.4*n**-0.34", floor=None).outcome == "PASS"


def test_a_floor_that_hides_the_rate_decides_nothing():
    found = verdict("measured", "n**-0.34", noise=0.3)
    assert (found.outcome, found.reason) == ("INCONCLUSIVE", "floor and rate cannot be told apart")
    assert found.interval[0] is None
    drowned = verdict("means", "n**-0.34", noise=0.5)
    assert "no floor is seen" in drowned.sentence


def test_an_axis_that_goes_to_zero():
    steps = tuple(1 / n for n in N)
    there, back = (
        verdict("measured", "n**-0.34"),
        verdict("measured", "h**0.34", axis="h", points=steps),
    )
    assert back.outcome == "PASS"
    assert back.interval == pytest.approx(there.interval)


def test_no_dependence_is_a_floor_itself():
    assert "one and the same" in verdict("measured", "1").sentence


def test_where_it_is_refused():
    check = {"margin": 0.1, "fails": [Falsifier("flat", quantity="bad")]}
    with pytest.raises(ClaimError, match=r"floor: is 3; write floor='fit'"):
        declare(checks=[Rate("good", "1/n", floor=3, **check)])
    with pytest.raises(ClaimError, match="floor: cannot be fitted with data='times'"):
        declare(checks=[Rate("good", "1/n", floor="fit", **check)], data="times")
    with pytest.raises(TypeError, match="floor"):
        AtMost("good", "1/n", floor="fit", margin=0.1)
    assert (
        Rate("good", "1/n", floor="fit", margin=0.1).phrase.before == "above a floor behaves like"
    )
