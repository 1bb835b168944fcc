"""Distances of laws against plain sums and quadrature."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from ratecheck.lab.diffusion import laws
from ratecheck.lab.diffusion.densities import Density, rough_density


def generator(seed):
    return torch.Generator().manual_seed(seed)


def masses(cells, rows, seed):
    return rough_density(2.0, cells, replicates=rows, rng=generator(seed)).mass


def test_total_variation_counts_what_leaks_out():
    a, b = masses(50, 4, 1), masses(50, 4, 2)
    law = laws.Law(torch.nn.functional.pad(0.9 * a, (2, 2), value=0.025), 2)
    plain = np.abs(law.mass.numpy() - np.pad(b.numpy(), ((0, 0), (2, 2)))).sum(1) / 2
    assert np.allclose(Density(b).total_variation(law).numpy(), plain)


def test_spikes_against_quadrature():
    truth = masses(32, 2, 0)
    counts = Density(truth).draw(12, generator(3)).clamp(max=1)
    t_low = 1e-7
    got = laws.spikes_total_variation(counts, truth, t_low)
    sd = math.sqrt(-math.expm1(-2 * t_low))
    x = np.linspace(-9 * sd, 9 * sd, 20001)
    for row in range(2):
        p, c = truth[row].numpy() * 16, counts[row].numpy()
        overlap = 0.0
        for density, count in zip(p, c, strict=True):
            if count:
                bell = stats.norm.pdf(x, scale=sd) / c.sum()
                overlap += np.trapezoid(np.minimum(bell, density), x)
        assert float(got[row]) == pytest.approx(1 - overlap, rel=1e-9)
