"""Random densities against plain sums with the same draws."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.diffusion import densities as rd


def generator(seed):
    return torch.Generator().manual_seed(seed)


def bump(x):
    u = np.clip((0.95 - np.abs(x)) / 0.2, 1e-9, 1 - 1e-9)
    return np.exp(-1 / u) / (np.exp(-1 / u) + np.exp(-1 / (1 - u)))


@pytest.mark.parametrize("s", [0.5, 1.3])
def test_rough_density_is_the_series_it_says(s):
    cells, rows = 64, 3
    got = rd.rough_density(s, cells, replicates=rows, rng=generator(1)).mass.numpy()
    k = np.arange(2, 25)
    phase = 2 * math.pi * torch.rand(rows, len(k), generator=generator(1), dtype=torch.float64)
    edges = np.linspace(-1, 1, cells + 1)
    for row in range(rows):
        # the average of each cosine over each cell, by its antiderivative
        waves = np.sin(math.pi * k * edges[:, None] + phase[row].numpy()) / (math.pi * k)
        average = np.diff(waves, axis=0) * cells / 2
        g = bump((edges[1:] + edges[:-1]) / 2) * (average @ k ** (-s - 0.5))
        density = 1 + 0.8 * g / np.abs(g).max()
        assert np.allclose(got[row], density / density.sum(), rtol=1e-12)


def test_densities_are_bounded_and_flat_at_the_boundary():
    mass = rd.rough_density(0.7, 1024, replicates=8, rng=generator(2)).mass
    density = mass * 512
    assert torch.allclose(mass.sum(1), torch.ones(8, dtype=torch.float64))
    assert density.min() > 0.09
    assert density.max() < 1.1
    assert torch.allclose(density[:, :20], density[:, -20:])


@pytest.mark.parametrize("s", [0.5, 1.0])
def test_pieces_approximate_to_the_power_s(s):
    """The best approximation by N lines is off by N^(-s) in L2, at every N."""
    mass = rd.rough_density(s, 2**14, replicates=64, rng=generator(3)).mass * 2**13
    errors = []
    for size in (16, 32, 64, 128, 256, 512):
        pieces = mass.reshape(64, size, -1)
        line = torch.linspace(-1, 1, pieces.shape[2], dtype=torch.float64)
        line = line / line.norm()
        rest = pieces - pieces.mean(2, keepdim=True)
        rest = rest - (rest @ line)[..., None] * line
        errors.append(float(rest.square().mean().sqrt()))
    assert np.allclose(-np.diff(np.log2(errors)), s, atol=0.06)


def test_jump_density_has_exact_masses():
    got = rd.jump_density(32, replicates=5, rng=generator(4)).mass.numpy()
    ends = torch.rand(5, 2, generator=generator(4), dtype=torch.float64).numpy()
    fine = (np.arange(32 * 4000) + 0.5) / (16 * 4000) - 1
    for row, (u, v) in zip(got, ends, strict=True):
        density = 1 + 0.8 * ((fine > -0.7 + 0.6 * u) & (fine < 0.1 + 0.6 * v))
        plain = density.reshape(32, -1).mean(1)
        assert np.allclose(row, plain / plain.sum(), atol=2e-5)
