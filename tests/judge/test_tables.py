"""Tables of numbers that somebody measured: few noisy values a point, and means with errors."""

import numpy as np
import pytest

from ratecheck import AtMost, Decay, Rate
from ratecheck.claim.form import FORMS, Sample
from ratecheck.claim.question import Question
from ratecheck.judge.judge import judge

SIZES = tuple(float(2**k) for k in range(11))
# run times of a graph construction in microseconds, one a size: linear with an offset
TIMES = (12, 36, 88, 196, 419, 881, 1778, 3769, 7289, 14461, 29002)
STEPS = tuple(2.0**-k for k in range(2, 9))
# a weak error of order 2 that reaches its Monte Carlo floor, known to 2e-4
WEAK = (0.01858961371494931, 0.004422628200874371, 0.0011222026755809502, 0.0003770577976131043,
        0.00030045149399792853, 4.025182673936164e-05, -0.00010595182738849649)  # fmt: skip


def verdict(check, points, rows, form="measured", axis="n"):
    question = Question(check, axis, tuple(points), {})
    values = [np.atleast_1d(np.asarray(row, dtype=float)) for row in rows]
    return judge(question, Sample(question.points, FORMS[form], {"q": values}), 0.01)


def noisy(k, power, noise, seed=0, size=1):
    rng = np.random.default_rng(seed)
    n = 2.0 ** np.arange(3, 3 + k)
    return n, [x**power * np.exp(noise * rng.standard_normal(size)) for x in n]


@pytest.mark.parametrize(
    ("formula", "outcome"), [("n", "PASS"), ("n**1.5", "FAIL"), ("1", "FAIL"), ("n**2", "FAIL")]
)
def test_run_times_that_are_linear_with_an_offset(formula, outcome):
    """The offset is a curve, not noise: the interval stays narrow, and the far end decides."""
    found = verdict(Rate("q", formula, margin=0.25), SIZES, TIMES)
    assert found.outcome == outcome
    assert 1 < found.interval[0] < 1.096 < found.interval[1] < 1.2


def test_an_interval_is_that_of_least_squares_where_nothing_bends():
    """With residuals that alternate no dependence widens it: Student's t with k - 2 degrees."""
    from scipy import stats

    n = 2.0 ** np.arange(3, 13)
    logs = -np.log(n) + 0.1 * np.array([1, -1, 1, -1, 1, -1, 1, -1, 1, -1])
    found = verdict(Rate("q", "1/n", margin=0.25), n, np.exp(logs))
    fit = stats.linregress(np.log(n), logs)
    half = stats.t.ppf(1 - 0.0045, 8) * fit.stderr
    assert found.interval == pytest.approx((fit.slope - half, fit.slope + half))
    assert found.outcome == "PASS"


def test_replicates_are_noise_that_is_known():
    """The pooled variance of residuals and replicates, with the degrees of freedom of both."""
    n, rows = noisy(4, -1.0, 0.1, size=3)
    narrow = verdict(Rate("q", "1/n", margin=0.25), n, rows)
    alone = verdict(Rate("q", "1/n", margin=0.25), n, [np.exp(np.log(r).mean()) for r in rows])
    assert narrow.outcome == "PASS"
    assert np.ptp(narrow.interval) < np.ptp(alone.interval) / 2


def test_points_that_differ_more_than_their_replicates_are_noise_of_their_own():
    """Three repeats within a second say nothing about what a second later would have been."""
    n, rows = noisy(8, -1.0, 0.3)
    rng = np.random.default_rng(1)
    close = [row * np.exp(0.001 * rng.standard_normal(3)) for row in rows]
    alone = verdict(Rate("q", "1/n", margin=0.25), n, rows)
    assert verdict(Rate("q", "1/n", margin=0.25), n, close).interval == pytest.approx(
        alone.interval, rel=0.01
    )


def test_eight_values_a_point_are_errors():
    n, rows = noisy(6, -1.0, 0.2, size=8)
    check = Rate("q", "1/n", margin=0.25)
    assert verdict(check, n, rows) == verdict(check, n, rows, form="errors")


def test_an_outlier_is_named_and_kept():
    n, rows = noisy(9, -1.0, 0.05, seed=2)
    rows[4] = rows[4] * 3
    found = verdict(Rate("q", "1/n", margin=0.25), n, rows)
    [warning] = found.warnings
    assert "n = 128 lies off the others" in warning
    assert "kept" in warning
    others = [i for i in range(9) if i != 4]
    alone = verdict(Rate("q", "1/n", margin=0.25), n[others], [rows[i] for i in others])
    assert f"{alone.measured:.3f}" in warning
    assert np.ptp(found.interval) > 2 * np.ptp(alone.interval)


def test_neighbours_that_move_together_widen_the_interval():
    """The same residuals in another order."""
    n = 2.0 ** np.arange(3, 23)
    rng = np.random.default_rng(0)
    sorted_ = np.repeat([0.3, -0.3, 0.3, -0.3, 0.3], 4) + 0.02 * rng.standard_normal(20)
    check = Rate("q", "1/n", margin=0.1)
    together = verdict(check, n, np.exp(sorted_) / n)
    mixed = verdict(check, n, np.exp(sorted_[rng.permutation(20)]) / n)
    assert any("move together" in warning for warning in together.warnings)
    assert (together.outcome, together.reason) == ("INCONCLUSIVE", "neighbours move together")
    assert not mixed.warnings
    assert np.ptp(together.interval) > 2 * np.ptp(mixed.interval)


@pytest.mark.parametrize("k", [2, 3])
def test_few_points_give_an_estimate_and_no_verdict(k):
    n = (8.0, 16.0, 32.0)[:k]
    found = verdict(Rate("q", "1/n**2", margin=0.25), n, (0.1, 0.0251, 0.00627)[:k])
    assert (found.outcome, found.reason) == ("INCONCLUSIVE", "too few points")
    assert found.measured == pytest.approx(-2, abs=0.01)
    assert "no verdict" in found.sentence


def test_a_bound_and_a_decay_of_few_values():
    n, rows = noisy(8, -1.0, 0.05)
    assert verdict(AtMost("q", "n**-0.5", margin=0.25), n, rows).outcome == "PASS"
    t = tuple(range(1, 9))
    rng = np.random.default_rng(0)
    rows = [np.exp(-0.5 * x + 0.05 * rng.standard_normal()) for x in t]
    assert verdict(Decay("q", "exp(-t/2)", margin=0.2), t, rows, axis="t").outcome == "PASS"
    assert verdict(Decay("q", "exp(-t)", margin=0.2), t, rows, axis="t").outcome == "FAIL"
    floored = [row + 0.1 for row in rows]
    kept_back = verdict(Decay("q", "exp(-t)", margin=0.2), t, floored, axis="t")
    assert kept_back.outcome == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("formula", "outcome"), [("h**2", "PASS"), ("h**3", "FAIL"), ("h**2.25", "INCONCLUSIVE")]
)
def test_a_weak_error_at_its_monte_carlo_floor(formula, outcome):
    rows = [(mean, 2e-4) for mean in WEAK]
    found = verdict(Rate("q", formula, margin=0.25), STEPS, rows, form="means", axis="h")
    assert found.outcome == outcome
    if outcome == "INCONCLUSIVE":
        assert f"t least {found.needed} times as many replicates" in found.sentence


def test_means_are_judged_as_weighted_least_squares_judges_them():
    """Far above the noise the accepted set is the interval of a weighted line through the logs."""
    from scipy import stats

    n = 2.0 ** np.arange(3, 11)
    relative = 0.002 * np.geomspace(1, 4, 8)
    signs = np.array([1, -1, 1, -1, 1, -1, 1, -1])
    logs = -np.log(n) + 0.5 * relative * signs
    rows = list(zip(np.exp(logs), np.exp(logs) * relative, strict=True))
    found = verdict(Rate("q", "1/n", margin=0.1), n, rows, form="means")
    x, w = np.log(n), relative**-2.0
    xc = x - (w @ x) / w.sum()
    slope, se = (w * xc) @ logs / (w @ xc**2), (w @ xc**2) ** -0.5
    half = stats.norm.ppf(1 - 0.0045) * se
    assert found.interval == pytest.approx((slope - half, slope + half), abs=2e-4)


def test_standard_errors_that_are_too_small_are_not_believed():
    rng = np.random.default_rng(4)
    n = 2.0 ** np.arange(3, 11)
    means = (1 + 0.05 * rng.standard_normal(8)) / n
    check = Rate("q", "1/n", margin=0.25)
    trusted = verdict(check, n, list(zip(means, 0.05 / n, strict=True)), form="means")
    doubted = verdict(check, n, list(zip(means, 0.005 / n, strict=True)), form="means")
    assert not trusted.warnings
    assert "standard errors say" in doubted.warnings[0]
    assert np.ptp(doubted.interval) > 0.8 * np.ptp(trusted.interval)


def test_means_that_are_nothing_but_noise_have_no_interval():
    rows = [(0.1, 1.0), (-0.2, 1.0), (0.3, 1.0), (0.1, 1.0)]
    found = verdict(Rate("q", "1/n", margin=0.25), (8, 16, 32, 64), rows, form="means")
    assert found.outcome == "INCONCLUSIVE"
    assert "no mean is three standard errors from zero" in found.sentence
