"""Thresholds: against scipy's isotonic regression, interpolation by hand, and a bootstrap."""

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from ratecheck.inference import crossing

N = np.array([8.0, 16.0, 32.0, 64.0, 128.0])


def test_isotonic_fits_are_scipys():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(200, 7)) + np.arange(7) * rng.uniform(-1, 1, size=(200, 1))
    y[:20] = np.round(y[:20])  # with ties
    expected = np.array([isotonic_regression(row).x for row in y])
    np.testing.assert_allclose(crossing.isotonic(y), expected, atol=1e-12)


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("rising", [False, True])
def test_of_a_power_the_threshold_is_exact(power, rising):
    """Wherever it lies in the grid."""
    for threshold in (9.0, 16.0, 50.0, 127.9):
        curve = (N / threshold) ** (power if rising else -power)
        found = crossing.log_threshold(np.log(N), 0.3 * curve, 0.3, rising)
        assert found == pytest.approx(np.log(threshold), abs=1e-9)


def test_a_curve_that_falls_to_nothing_is_interpolated_as_it_is():
    found = crossing.log_threshold(np.log(N), np.array([3.0, 2.0, 0.0, 0.0, 0.0]), 0.5, False)
    assert found == pytest.approx(np.log(16) + 0.75 * np.log(2))


def test_a_dip_that_noise_makes_is_no_threshold():
    curve = np.array([3.0, 2.0, 0.9, 2.5, 0.1])  # 0.9 is below the goal, its pooled neighbours not
    found = crossing.log_threshold(np.log(N), curve, 1.0, False)
    assert found > np.log(64)


def test_goals_outside_of_the_grid():
    curves = np.array([[3.0, 2.0, 1.5, 1.2, 1.1], [0.9, 0.5, 0.3, 0.2, 0.1]])
    assert crossing.log_threshold(np.log(N), curves, 1.0, False).tolist() == [np.inf, -np.inf]
    late, early = (crossing.summarise(N, np.tile(row, (9, 1)), 1.0, False) for row in curves)
    assert not late.usable
    assert np.isinf(late.mean)
    assert not early.usable
    assert early.mean == 0


def test_the_jackknife_knows_how_well_the_threshold_is_known():
    """Its standard error against thresholds of many fresh samples."""
    rng = np.random.default_rng(1)

    def sample(size):
        return (N / 40) ** -1.0 * rng.gamma(2.0, 0.5, size=(size, len(N)))

    fresh = [float(crossing.summarise(N, sample(64), 0.9, False).mean) for _ in range(400)]
    claimed = [float(crossing.summarise(N, sample(64), 0.9, False).variance) for _ in range(40)]
    assert np.mean(claimed) == pytest.approx(np.var(np.log(fresh)), rel=0.25)
    assert np.mean(np.log(fresh)) == pytest.approx(np.log(40 / 0.9), abs=0.01)
