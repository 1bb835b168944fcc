"""Slopes of log means against statsmodels, NIST and the bootstrap."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from ratecheck.inference import cells, loglog, trajectory

X = np.log(2.0 ** np.arange(3, 11))


def replicates(size, cv=0.5, slope=-1.0, seed=0):
    rng = np.random.default_rng(seed)
    s = np.sqrt(np.log1p(cv**2))
    return np.exp(slope * X[:, None] + s * rng.standard_normal((len(X), size)) - s**2 / 2)


def estimate(y, tail=0.005, weights=None):
    summary = cells.stack([cells.summarise(row) for row in y])
    weights = loglog.slope_weights(X) if weights is None else weights
    return loglog.contrast(summary, weights, np.zeros(len(X)), tail)


# NIST Statistical Reference Datasets, linear regression: certified slope and intercept
NORRIS_X = [0.2, 337.4, 118.2, 884.6, 10.1, 226.5, 666.3, 996.3, 448.6, 777.0, 558.2, 0.4, 0.6,
            775.5, 666.9, 338.0, 447.5, 11.6, 556.0, 228.1, 995.8, 887.6, 120.2, 0.3, 0.3, 556.8,
            339.1, 887.2, 999.0, 779.0, 11.1, 118.3, 229.2, 669.1, 448.9, 0.5]  # fmt: skip
NORRIS_Y = [0.1, 338.8, 118.1, 888.0, 9.2, 228.1, 668.5, 998.5, 449.1, 778.9, 559.2, 0.3, 0.1,
            778.1, 668.8, 339.3, 448.9, 10.8, 557.7, 228.3, 998.0, 888.8, 119.6, 0.3, 0.6, 557.6,
            339.3, 888.0, 998.5, 778.9, 10.2, 117.6, 228.9, 668.4, 449.2, 0.2]  # fmt: skip


def test_slope_weights_give_nist_norris():
    """Norris: B1 = 1.00211681802045, certified to 15 digits."""
    slope = loglog.slope_weights(np.array(NORRIS_X)) @ np.array(NORRIS_Y)
    assert slope == pytest.approx(1.00211681802045, rel=1e-12)


def test_slope_weights_give_nist_wampler_by_orders():
    """Wampler1 is 1 + x + ... + x^5 on 0..20: by its exact values the slope is a known rational."""
    x = np.arange(21.0)
    y = sum(x**j for j in range(6))
    expected = sm.OLS(y, sm.add_constant(x)).fit().params[1]
    assert loglog.slope_weights(x) @ y == pytest.approx(expected, rel=1e-11)


def test_the_variance_of_a_cell_is_the_jackknife_s():
    y = replicates(40)[0]
    one = cells.summarise(y)
    loo = np.array([np.log(np.delete(y, i).mean()) for i in range(len(y))])
    assert one.variance == pytest.approx(39 / 40 * ((loo - loo.mean()) ** 2).sum(), rel=1e-9)
    corrected = 40 * np.log(y.mean()) - 39 * loo.mean()
    assert one.logs - 39 * one.loo == pytest.approx(corrected, rel=1e-9)


def test_the_standard_error_is_that_of_statsmodels_glm():
    """Quasi-likelihood with log link on replicates: within-cell sandwich (HC3) at large R."""
    y = replicates(2000, seed=1)
    exog = sm.add_constant(np.repeat(X, y.shape[1]))
    model = sm.GLM(y.ravel(), exog, family=sm.families.Gamma(sm.families.links.Log()))
    fit = model.fit(cov_type="HC3")
    mine = estimate(y)
    assert mine.value == pytest.approx(fit.params[1], abs=2e-3)
    assert mine.se == pytest.approx(fit.bse[1], rel=0.02)


def test_the_standard_error_is_that_of_wls_on_log_means():
    """With equal noise the contrast is WLS on log means with known weights."""
    y = replicates(500, seed=2)
    summary = cells.stack([cells.summarise(row) for row in y])
    weights = np.full(len(X), 1 / summary.variance.mean())
    fit = sm.WLS(summary.logs, sm.add_constant(X), weights=weights).fit()
    mine = estimate(y)
    assert mine.plain == pytest.approx(fit.params[1], rel=1e-10)
    assert mine.se == pytest.approx(np.sqrt(fit.normalized_cov_params[1, 1]), rel=0.1)


def test_the_interval_is_that_of_the_bootstrap():
    y = replicates(200, cv=1.0, seed=3)
    mine = estimate(y, tail=0.025)
    weights = loglog.slope_weights(X)

    def slope(*samples, axis):
        return sum(w * np.log(s.mean(axis)) for w, s in zip(weights, samples, strict=True))

    boot = stats.bootstrap(
        tuple(y), slope, n_resamples=3000, confidence_level=0.95, method="percentile",
        vectorized=True, rng=np.random.default_rng(0),
    )  # fmt: skip
    assert mine.low == pytest.approx(boot.confidence_interval.low, abs=0.3 * mine.se)
    assert mine.high == pytest.approx(boot.confidence_interval.high, abs=0.3 * mine.se)
    assert mine.se == pytest.approx(boot.standard_error, rel=0.1)


def test_heavy_tails_and_lopsided_noise_widen_the_interval():
    calm = estimate(replicates(16, cv=0.3))
    y = replicates(16, cv=0.3)
    y[:, 0] *= 12
    wild = estimate(y)
    assert wild.kurtosis > calm.kurtosis
    assert wild.df < calm.df
    lopsided = replicates(16, cv=0.1)
    lopsided[-1] = replicates(16, cv=1.5, seed=9)[-1]
    seen = estimate(lopsided)
    assert seen.skewness > 0.25
    assert seen.value - seen.low > 0  # the guard moves one arm outwards only
    arms = seen.high - max(seen.value, seen.plain), min(seen.value, seen.plain) - seen.low
    assert max(arms) > 1.05 * min(arms)


def test_many_experiments_at_once_are_the_experiments_one_by_one():
    rng = np.random.default_rng(5)
    y = rng.gamma(1.5, size=(6, 8, 24)) * np.exp(-X)[:, None]
    both = loglog.contrast(cells.summarise(y), loglog.slope_weights(X), np.zeros(8), 0.004)
    for i in range(6):
        one = estimate(y[i], tail=0.004)
        for name in ("value", "low", "high", "se", "df", "kurtosis", "skewness"):
            assert getattr(both, name)[i] == pytest.approx(float(getattr(one, name)), rel=1e-12)


def test_ragged_counts_are_the_shorter_cells():
    rng = np.random.default_rng(6)
    y = rng.gamma(1.5, size=(5, 32))
    counts = np.array([8, 16, 24, 32, 9])
    ragged = cells.summarise(y, counts)
    for i, n in enumerate(counts):
        one = cells.summarise(y[i, :n])
        for name in ("mean", "loo", "variance", "m2", "m3", "m4"):
            assert getattr(ragged, name)[i] == pytest.approx(float(getattr(one, name)), rel=1e-11)


def paths(size, seed=0):
    rng = np.random.default_rng(seed)
    common = 0.4 * rng.standard_normal((size, 1))
    own = 0.2 * rng.standard_normal((size, len(X)))
    return np.exp(-X + common + own - (0.4**2 + 0.2**2) / 2)


def test_trajectories_agree_with_the_cluster_sandwich_of_statsmodels():
    """Replicates are clusters; the points of one are correlated."""
    y = paths(800)
    exog = sm.add_constant(np.tile(X, len(y)))
    model = sm.GLM(y.ravel(), exog, family=sm.families.Gamma(sm.families.links.Log()))
    groups = np.repeat(np.arange(len(y)), len(X))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    mine = trajectory.contrast(
        trajectory.summarise(y), loglog.slope_weights(X), np.zeros(len(X)), 0.005
    )
    assert mine.value == pytest.approx(fit.params[1], abs=2e-3)
    assert mine.se == pytest.approx(fit.bse[1], rel=0.03)
    independent = estimate(y.T)
    assert independent.se > 1.5 * mine.se  # ignoring the clusters would be wrong


def test_nothing_seen_is_no_interval():
    y = replicates(16)
    y[3] = 0
    assert not estimate(y).usable
    assert estimate(y).low == -np.inf
    with pytest.raises(ValueError, match="not negative"):
        estimate(-replicates(16))


def test_a_look_that_may_spend_nothing_has_a_finite_interval():
    """A tail of 1e-100, and replicates that are all alike."""
    found = estimate(np.ones((8, 16)) * np.exp(-X)[:, None], tail=1e-100)
    assert np.isfinite(found.low)
    assert np.isfinite(found.high)
    assert estimate(replicates(16), tail=1e-100).high < np.inf


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("replicate", [0.0, 1.0])
def test_a_tail_of_0_leaves_everything_open_without_a_warning(replicate):
    """So it is at a look that has no information: nothing was seen, or nothing varies."""
    data = cells.summarise(np.full((5, 64), replicate))
    found = loglog.contrast(data, loglog.slope_weights(np.arange(5.0)), np.zeros(5), 0.0)
    assert not found.low > -np.inf
    assert not found.high < np.inf
