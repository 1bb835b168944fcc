"""Shapes on the torus against their definitions, point by point."""

import itertools
import math

import pytest
import torch

from ratecheck.lab.spectra import torus


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
