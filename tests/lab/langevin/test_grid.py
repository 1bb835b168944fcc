"""Laws on equispaced points, against closed forms."""

import math

import numpy as np
import pytest

from ratecheck.lab.langevin.grid import divergence, grid


def test_points_are_at_least_so_many_and_so_near():
    assert len(grid(4.0, 100.0, 9).x) == 9
    fine = grid(4.0, 0.03, 9)
    assert fine.spacing <= 0.03
    assert (fine.x[0], fine.x[-1]) == (-4.0, 4.0)
    with pytest.raises(ValueError, match="8001 grid points, more than 4096"):
        grid(4.0, 0.001, 9)


def test_gaussian_has_its_moments_and_its_entropy():
    on = grid(8.0, 0.02, 9)
    law = on.gaussian(0.5, 0.7)
    assert law.sum() == pytest.approx(1)
    assert law @ on.x == pytest.approx(0.5)
    assert law @ (on.x - 0.5) ** 2 == pytest.approx(0.49)
    assert on.entropy(law) == pytest.approx(-0.5 * math.log(2 * math.pi * math.e * 0.49))
    assert on.law(np.where(np.abs(on.x) < 1, 0.0, np.inf)).max() == pytest.approx(0.01, rel=0.02)


def test_divergence_of_gaussians_has_its_closed_form():
    x = np.linspace(-8, 8, 2001)
    p, q = np.exp(-((x - 0.5) ** 2) / (2 * 0.49)), np.exp(-(x**2) / 2)
    exact = 0.5 * (0.49 + 0.25 - 1 - math.log(0.49))
    assert divergence(p / p.sum(), q / q.sum()) == pytest.approx(exact, rel=1e-9)
