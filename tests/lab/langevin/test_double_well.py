"""The double-well finite sum and its target, by differences and integrals."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from ratecheck.lab.langevin.double_well import DoubleWell

GAMMA = 2.0
WELL = DoubleWell(n=64, c=8.0, gamma=GAMMA, slope=0.7)


def test_gradient_is_the_derivative_of_the_potential():
    x, h = np.linspace(-3, 3, 41), 1e-5
    slope = (WELL.potential(x + h) - WELL.potential(x - h)) / (2 * h)
    np.testing.assert_allclose(WELL.gradient(x), slope, atol=1e-9)


def test_double_well_has_its_minima_where_the_note_says():
    x = np.sqrt(np.log(4) / 2)  # F'(x) = x (1 - 4 exp(-2 x^2))
    assert WELL.gradient(np.array([x, -x])) == pytest.approx(0.0, abs=1e-14)
    assert x == pytest.approx(0.83, abs=0.003)


def test_components_have_their_mean_and_their_differences():
    """Half of them are F' + apart, half are F' - apart: curvatures differ by 2 c."""
    x, h = np.linspace(-2, 2, 9), 1e-5
    up, down = (WELL.potential(x) + s * (4 * x**2 + 0.7 * x) for s in (1, -1))
    assert (up + down) / 2 == pytest.approx(WELL.potential(x))
    ahead = WELL.potential(x + h) + 4 * (x + h) ** 2 + 0.7 * (x + h)
    slope = (ahead - up) / h
    np.testing.assert_allclose(WELL.gradient(x) + WELL.apart(x), slope, atol=2e-4)


def test_numpy_and_torch_agree():
    x = np.linspace(-3, 3, 41)
    for function in (WELL.potential, WELL.gradient, WELL.apart):
        assert function(torch.as_tensor(x)).numpy() == pytest.approx(function(x), abs=1e-14)


def test_start_is_as_far_as_an_integral_says():
    def density(x):
        return np.exp(-0.5 * ((x - 2) / 0.35) ** 2) / (0.35 * math.sqrt(2 * math.pi))

    weight = quad(lambda x: np.exp(-GAMMA * WELL.potential(x)), -8, 8)[0]
    exact = quad(
        lambda x: (
            density(x)
            * (np.log(density(x)) + GAMMA * WELL.potential(x) + math.log(weight))
        ),
        -2, 6,
    )[0]  # fmt: skip
    assert WELL.start_divergence() == pytest.approx(exact, rel=1e-6)


def test_a_step_too_small_for_the_grid_is_refused():
    with pytest.raises(ValueError, match="grid points"):
        WELL.grid(1e-7)
