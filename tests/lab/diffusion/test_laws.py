"""Distances of laws against plain sums, scipy and quadrature."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from ratecheck.lab.diffusion import laws
from ratecheck.lab.diffusion.cells import padded
from ratecheck.lab.diffusion.densities import CubeDensity, LineDensity, rough_density


def generator(seed):
    return torch.Generator().manual_seed(seed)


def masses(cells, rows, seed):
    return rough_density(2.0, cells, replicates=rows, rng=generator(seed)).mass


def test_total_variation_in_the_cube_counts_what_leaks_out():
    p = torch.rand(2, 5, 5, generator=generator(1), dtype=torch.float64)
    p = p / p.sum((1, 2), keepdim=True)
    leaking = torch.rand(2, 7, 7, generator=generator(2), dtype=torch.float64)
    leaking = leaking / leaking.sum((1, 2), keepdim=True)
    got = CubeDensity(p).total_variation(laws.Law(leaking, 1)).numpy()
    plain = np.abs(leaking.numpy() - np.pad(p.numpy(), ((0, 0), (1, 1), (1, 1)))).sum((1, 2)) / 2
    assert np.allclose(got, plain)
    assert float(CubeDensity(p).total_variation(laws.Law(padded(p, 2), 2)).max()) == 0


def test_distances_are_those_of_plain_sums_and_of_scipy():
    a, b = masses(50, 4, 1), masses(50, 4, 2)
    law = laws.Law(torch.nn.functional.pad(0.9 * a, (2, 2), value=0.025), 2)
    density = LineDensity(b)
    got_tv, got_w1 = density.total_variation(law), density.wasserstein(law)
    fine = (np.arange(54 * 400) + 0.5) / 400 * 2 / 50 - 1 - 2 * 2 / 50
    for row in range(4):
        p = law.mass[row].numpy()
        q = np.pad(b[row].numpy(), 2)
        assert float(got_tv[row]) == pytest.approx(np.abs(p - q).sum() / 2)
        weights = [np.repeat(z / z.sum() / 400, 400) for z in (p, q)]
        plain = stats.wasserstein_distance(fine, fine, *weights)
        assert float(got_w1[row]) == pytest.approx(plain, rel=1e-4)


def test_spikes_against_quadrature():
    truth = masses(32, 2, 0)
    counts = LineDensity(truth).draw(12, generator(3)).clamp(max=1)
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
