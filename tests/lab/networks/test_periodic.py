"""Networks on the circle."""

import math

import torch

from ratecheck.lab.draws import uniform
from ratecheck.lab.networks import periodic
from ratecheck.lab.networks.stacked import Recipe


def test_a_wave_is_learnt_across_the_seam():
    def wave(x):
        return (2 * math.pi * x[..., 0]).sin()

    rng = torch.Generator().manual_seed(0)
    x = uniform(2, 200, 1, rng=rng)
    fitted = periodic.fit(x, wave(x), Recipe((16, 16), 300, 1e-2, batch=64), rng=rng)
    at = torch.linspace(-0.5, 0.5, 101, dtype=torch.float64)[:, None].expand(2, -1, -1)
    assert (fitted(at) - wave(at)).square().mean() < 0.01
    assert torch.allclose(fitted(at), fitted(at + 3), atol=1e-4)
