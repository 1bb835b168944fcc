"""Other forms of data and kinds of check against independent formulas."""

import numpy as np
import pytest
from scipy import optimize, stats

from ratecheck.inference import (
    additive,
    cells,
    loglog,
    means,
    power,
    quantiles,
    semilog,
    simultaneous,
)

X = np.log(2.0 ** np.arange(8))


def rng(seed=0):
    return np.random.default_rng(seed)


def accepted(values, x, offset, tail):
    seen = means.accepted(*means.of_replicates(values)[:2], x, offset, tail, len(values[0]) - 1)
    return float(seen.low), float(seen.high), float(seen.centre)


def test_paired_ratios_are_the_delta_method_s():
    r = rng(1)
    shared = r.gamma(2.0, size=(8, 3000))
    a, b = shared * r.gamma(20, size=shared.shape), shared * r.gamma(20, size=shared.shape)
    ratio = cells.log_ratio(a, b)
    u, v = a / a.mean(1, keepdims=True), b / b.mean(1, keepdims=True)
    expected = (u - v).var(1, ddof=1) / a.shape[1]
    assert ratio.variance == pytest.approx(expected, rel=0.01)
    assert ratio.mean == pytest.approx(a.mean(1) / b.mean(1))


def test_a_decay_onto_a_floor_is_scipy_s():
    t = np.arange(1.0, 9.0)
    r = rng(2)
    mean = np.exp(-0.5 * t) + 0.02
    y = mean[:, None] * np.exp(0.3 * r.standard_normal((8, 500)) - 0.045)
    summary = cells.summarise(y)
    found = semilog.rate(summary, 0.5 * t, 0.005)

    def residual(b):
        model = np.log(np.exp(b[0] - b[1] * 0.5 * t) + b[2])
        return (summary.logs - model) / np.sqrt(summary.variance)

    best = optimize.least_squares(residual, [0.0, 1.0, 0.01])
    se = np.sqrt(np.linalg.inv(best.jac.T @ best.jac)[1, 1])
    assert 1 - found.value == pytest.approx(best.x[1], abs=0.02 * se + 1e-4)
    assert found.se == pytest.approx(se, rel=0.1)


def test_a_floor_that_is_not_seen_does_not_break_a_decay():
    """Few replicates: the line is too flat by a third, and the interval knows that it may be."""
    t = np.arange(1.0, 9.0)
    above = 0
    for seed in range(200):
        y = (np.exp(-0.4 * t) + 0.01)[:, None] * np.exp(
            0.4 * rng(seed).standard_normal((8, 24)) - 0.08
        )
        above += bool(semilog.rate(cells.summarise(y), 0.5 * t, 0.005).low > 0.2)
    assert above <= 5  # the straight line alone: about 90


def test_signed_exponents_invert_a_test():
    r = rng(3)
    values = [(4.0 / n) + 1.0 * r.standard_normal(4000) for n in 2.0 ** np.arange(8)]
    low, high, centre = accepted(values, X, np.zeros(8), 0.005)
    assert low < -1 < high
    mean = np.array([v.mean() for v in values])
    variances = np.array([v.var(ddof=1) / len(v) for v in values])
    fit, covariance = optimize.curve_fit(
        lambda x, c, theta: c * np.exp(theta * x), X, mean, p0=[4, -1], sigma=np.sqrt(variances),
        absolute_sigma=True,
    )  # fmt: skip
    assert centre == pytest.approx(fit[1], abs=0.03)
    half = stats.norm.ppf(0.995) * np.sqrt(covariance[1, 1])
    assert high - low == pytest.approx(2 * half, rel=0.1)
    floor = [0.3 * r.standard_normal(100) for _ in range(8)]
    low, high, _ = accepted(floor, X, np.zeros(8), 0.005)
    assert np.isinf(low) or np.isinf(high)


def test_censored_times_cover():
    """The quantile's exponent, with some runs cut off, against the known one."""
    covered = 0
    weights = loglog.slope_weights(X)
    for seed in range(200):
        r = rng(seed)
        raw = [n * r.exponential(size=64) for n in 2.0 ** np.arange(8)]
        times = [np.where(t < 2.0 ** (i + 0.5), t, np.inf) for i, t in enumerate(raw)]
        found = quantiles.contrast(quantiles.summarise(times), weights, X, 0.025)
        covered += bool(found.low <= 0 <= found.high)
    assert covered >= 184  # 95 % nominal, conservative
    never = [np.full(64, np.inf)] * 8
    assert not quantiles.summarise(never).usable


def test_additivity_falls_back_on_fieller():
    r = rng(4)
    joint, first, second = (r.gamma(4.0, size=400) * m for m in (3.0, 1.0, 2.0))
    value, low, high = additive.log_ratio(joint, first, second, None, 0.005)
    assert low < 0 < high
    numerator = first + second
    se = np.sqrt(
        numerator.var() / numerator.mean() ** 2 / 400 + joint.var() / joint.mean() ** 2 / 400
    )
    assert high - low == pytest.approx(2 * stats.norm.ppf(0.995) * se, rel=0.15)
    assert abs(value) < 0.3
    weak = additive.log_ratio(joint, first * 0.01, second, second, 0.005)  # a numerator near zero
    assert weak[1] == -np.inf or weak[2] - weak[1] > high - low


def test_simultaneous_statements():
    r = rng(5)
    data = cells.summarise(r.gamma(4.0, size=(8, 400)) / 4.0)
    each = simultaneous.log_ratios(data, np.zeros(8), 0.0045)
    one = loglog.contrast(
        cells.summarise(r.gamma(4.0, size=(1, 400))), np.ones(1), np.zeros(1), 0.1
    )
    assert one.usable
    assert np.all(each.high_joint > each.high)
    assert simultaneous.decide(each, -0.2, 0.2) == (True, False)
    shifted = simultaneous.log_ratios(data, np.array([0.0] * 7 + [0.5]), 0.0045)
    assert simultaneous.decide(shifted, -0.2, 0.2) == (False, True)


def test_power_formulas_against_simulation():
    """Gamma, CV 1: the note's 108 replicates for 95 % power at margin 0.1."""
    tail = 0.005
    needed = power.replicates_for(1.0, 0.1, X, tail)
    assert 108 <= needed <= 130
    se = 1.0 / np.sqrt(needed * ((X - X.mean()) ** 2).sum())
    data = cells.summarise(rng(6).gamma(1.0, size=(2000, 8, needed)))
    theta = loglog.contrast(data, loglog.slope_weights(X), np.zeros(8), tail)
    passed = float(((theta.low > -0.1) & (theta.high < 0.1)).mean())
    assert passed > 0.95
    assert power.resolvable(se, tail) == pytest.approx(4.35 * se, rel=0.01)
    assert power.still_needed(100, 0.05, 0.0, 0.1) == (200, 200)
    # twice the replicates at the least, and no most where the truth may be on the margin
    assert power.still_needed(100, 0.2, 0.0, 0.1) == (1024, None)
    assert power.still_needed(100, 0.2, 0.15, 0.1) == (355, None)
    assert power.still_needed(100, 0.2, 0.3, 0.1) == (200, 1601)
    assert power.still_needed(100, 0.2, 0.095, 0.1) is None


def test_signed_ends_are_where_the_score_test_rejects():
    """Not at points of the grid of exponents, which a narrow interval would feel."""
    rng, x = np.random.default_rng(3), np.log(2.0 ** np.arange(4, 12))
    values = [m + 0.05 * rng.standard_normal(512) for m in np.exp(-0.7 * x)]
    mean = np.array([v.mean() for v in values])
    variances = np.array([v.var(ddof=1) / v.size for v in values])

    def excess(theta):
        shape = np.exp((theta - 1) * x)
        centre = (shape**2 / variances * x).sum() / (shape**2 / variances).sum()
        score = shape * (x - centre) / variances
        return abs(score @ mean) / np.sqrt(score**2 @ variances) + stats.t.ppf(0.0045, 511)

    low, high, best = accepted(values, x, -x, 0.0045)
    assert low == pytest.approx(optimize.brentq(excess, best - 0.2, best), abs=2e-5)
    assert high == pytest.approx(optimize.brentq(excess, best, best + 0.2), abs=2e-5)
