"""Shapes on the torus against their definitions, point by point."""

import itertools
import math

import pytest
import torch

from ratecheck.lab.targets import torus


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_shapes(dimension):
    side = 12
    ball, bump = torus.ball(side, dimension), torus.bump(side, dimension)
    for place in itertools.product(range(side), repeat=dimension):
        x = [(i + 0.5) / side - 0.5 for i in place]
        assert float(ball[place]) == (math.hypot(*x) < 0.25)
        exponent = sum(math.cos(2 * math.pi * t) - 1 for t in x) / (0.2 * math.pi) ** 2
        assert float(bump[place]) == pytest.approx(math.exp(exponent))


def test_in_dimension_one_it_is_half_the_circle():
    assert torch.equal(torus.ball(64, 1).sum(), torch.tensor(32.0, dtype=torch.float64))


def test_spectrum_is_that_of_the_covariance_of_random_shifts():
    shape = torch.zeros(4, 6, dtype=torch.float64)
    shape[1:3, :4] = 1.0
    shifts = torch.stack(
        [torch.roll(shape, (i, j), (0, 1)).flatten() for i in range(4) for j in range(6)]
    )
    covariance = torch.cov(shifts.T, correction=0)
    expected = torch.linalg.eigvalsh(covariance)
    found = torus.shift_spectrum(shape).flatten().sort().values
    assert torch.allclose(found, expected, atol=1e-12)


def test_the_ball_and_the_bump_are_placed_independently():
    """Their spectra add up, on the grid that is nearest in size."""
    found = torus.Prior(2, jump=2.0, smooth=0.5).spectrum(150)
    assert found.shape == (12, 12)
    parts = 4 * torus.Prior(2, 1.0, 0.0).spectrum(144) + torus.Prior(2, 0.0, 1.0).spectrum(144) / 4
    assert torch.allclose(found, parts)
    assert torch.allclose(
        torus.Prior(1, 1.0, 0.0).spectrum(64), torus.shift_spectrum(torus.ball(64, 1))
    )
