"""Splines against scipy's, covariances against averages over places, the needle's norm."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

from ratecheck.lab.targets import bumps
from ratecheck.lab.targets.bumps import Prior, Targets


@pytest.mark.parametrize("order", [2, 3, 4, 8])
def test_spline(order):
    u = np.linspace(-order, order, 401)
    basis = BSpline.basis_element(np.arange(order + 1) - order / 2, extrapolate=False)
    expected = np.nan_to_num(basis(u))
    found = bumps.spline(torch.from_numpy(u), order).numpy()
    assert np.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize("row_width", [1 / 7, 1 / 7.3, 1 / 6.6])
def test_values(order, row_width):
    """Two needles and a row, summed bump by bump around the circle."""
    prior = Prior(order, 0.07, 1.5, row_width, 0.3, needles=2)
    assert prior.count == 7
    rng = torch.Generator().manual_seed(1)
    targets = prior.draw(replicates=3, rng=rng)
    points = torch.rand(3, 50, 1, generator=rng, dtype=torch.float64)
    x = points[..., 0]
    expected = torch.zeros_like(x)
    for r in range(3):
        for turn in range(-4, 5):
            for place, needle in zip(targets.place[r], targets.needle[r], strict=True):
                away = (x[r] + turn - place) / prior.width
                expected[r] += needle * bumps.spline(away, order)
            for k in range(7):
                at = (x[r] + turn - targets.shift[r] - k / 7) / row_width
                expected[r] += targets.row[r, k] * bumps.spline(at, order)
    assert torch.allclose(targets(points), expected, atol=1e-12)
    assert torch.allclose(targets(points[0])[0], expected[0], atol=1e-12)


@pytest.mark.parametrize(
    ("order", "width", "row_width"),
    [(2, 0.05, 0.11), (4, 0.03, 0.125), (2, 0.4, 0.5), (4, 0.1, 0.18)],
)
def test_covariance(order, width, row_width):
    """Averages over places and signs: the signs drop out of the sum of squares."""
    prior = Prior(order, width, 1.5, row_width, 0.3)
    count = prior.count
    places = torch.arange(4000, dtype=torch.float64) / 4000
    zero, one = torch.zeros_like(places), torch.ones(4000, 1, dtype=torch.float64)
    needles = Targets(prior, places[:, None], 1.5 * one, zero, 0.0 * one.expand(-1, count))
    difference = torch.tensor([0.0, 0.01, 0.06, 0.2, 0.49, 0.7], dtype=torch.float64)
    at = difference[:, None]
    expected = (needles(0 * at) * needles(at)).mean(0)
    for k in range(count):
        row = torch.zeros(4000, count, dtype=torch.float64)
        row[:, k] = prior.bump
        single = Targets(prior, one, 0.0 * one, places, row)
        expected += (single(0 * at) * single(at)).mean(0)
    assert torch.allclose(prior.at_distance(difference), expected, atol=2e-6)
    three = replace(prior, needles=3).at_distance(difference)
    none = replace(prior, needles=0).at_distance(difference)
    assert torch.allclose(three - none, 3 * (prior.at_distance(difference) - none))


@pytest.mark.parametrize("needles", [0, 1, 3])
def test_draws_have_the_covariance(needles):
    prior = replace(bumps.least_favourable(64, 1, 1, 0.25, needles=needles), width=0.1)
    targets = prior.draw(replicates=40000, rng=torch.Generator().manual_seed(3))
    values = targets(torch.tensor([[0.3], [0.35], [0.45]], dtype=torch.float64))
    difference = torch.tensor([0.0, 0.05, 0.15], dtype=torch.float64)
    products = values[:, :1] * values
    error = products.mean(0) - prior.at_distance(difference)
    assert bool((error.abs() < 4 * products.std(0) / 200).all())
    assert float(values.mean()) == pytest.approx(0, abs=4 * float(values.std()) / 200)


def test_spectrum_is_that_of_the_covariance_matrix():
    prior = bumps.least_favourable(64, 1, 1, 0.25)
    x = torch.arange(64, dtype=torch.float64) / 64
    matrix = prior.at_distance(x[:, None] - x)
    assert torch.allclose(
        prior.spectrum(64).sort().values, torch.linalg.eigvalsh(matrix), atol=1e-10
    )


def test_least_favourable():
    """p = 1: height 1 and width 1.22 sigma n^(-1/2); p = 2: width (1.5 sigma^2/n)^(1/3)."""
    for n in (256, 4096):
        one = bumps.least_favourable(n, 1, 1, 0.25)
        assert one.height == 1
        assert one.width == pytest.approx(math.sqrt(1.5) * 0.25 / math.sqrt(n))
        two = bumps.least_favourable(n, 1, 2, 0.25)
        assert two.width == pytest.approx((1.5 * 0.25**2 / n) ** (1 / 3))
        assert two.height == pytest.approx(math.sqrt(two.width))
        assert one.count == two.count == round(n ** (1 / 3))
        assert one.row_width == pytest.approx(n ** (-1 / 3))
        assert one.row_height == pytest.approx(2.5 * 0.25 / n ** (1 / 3))
        assert one.bump == pytest.approx(one.row_height, rel=0.05)


@pytest.mark.parametrize(("s", "p"), [(1, 1), (1.5, 1), (1, 2), (2, 1.5), (1, 4)])
def test_needle_stays_in_the_ball(s, p):
    """Second differences of the needle in L_p are at most a constant times h^s at every h."""
    sizes = []
    for n in (2**8, 2**12, 2**16):
        prior = bumps.least_favourable(n, s, p, 0.25)
        x = torch.linspace(-0.5, 0.5, 2**17 + 1, dtype=torch.float64)[:-1]
        values = prior.height * bumps.spline(x / prior.width, prior.order)
        for level in range(2, 14):
            h = 2**level
            difference = values.roll(h) - 2 * values + values.roll(-h)
            order = difference
            if s >= 2:  # fourth differences
                order = difference.roll(h) - 2 * difference + difference.roll(-h)
            sizes.append(float(order.abs().pow(p).mean() ** (1 / p)) / (h / 2**17) ** s)
    assert max(sizes) < 16


def test_bad_classes():
    with pytest.raises(ValueError, match="bounded"):
        bumps.least_favourable(256, 0.5, 1, 0.25)
    with pytest.raises(ValueError, match="smoothness"):
        bumps.least_favourable(256, 5, 2, 0.25)
