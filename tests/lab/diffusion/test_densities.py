"""Random densities against plain sums with the same draws; counts against multinomial laws."""

import math

import numpy as np
import pytest
import torch
from scipy import fft, stats

from ratecheck.lab.diffusion import densities as rd


def generator(seed):
    return torch.Generator().manual_seed(seed)


def bump(x):
    u = np.clip((0.95 - np.abs(x)) / 0.2, 1e-9, 1 - 1e-9)
    return np.exp(-1 / u) / (np.exp(-1 / u) + np.exp(-1 / (1 - u)))


@pytest.mark.parametrize("s", [0.5, 1.3])
def test_rough_density_is_the_series_it_says(s):
    cells, rows = 64, 3
    got = rd.rough_density(s, cells, replicates=rows, rng=generator(1)).numpy()
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
    mass = rd.rough_density(0.7, 1024, replicates=8, rng=generator(2))
    density = mass * 512
    assert torch.allclose(mass.sum(1), torch.ones(8, dtype=torch.float64))
    assert density.min() > 0.09
    assert density.max() < 1.1
    assert torch.allclose(density[:, :20], density[:, -20:])


@pytest.mark.parametrize("s", [0.5, 1.0])
def test_pieces_approximate_to_the_power_s(s):
    """The best approximation by N lines is off by N^(-s) in L2, at every N."""
    mass = rd.rough_density(s, 2**14, replicates=64, rng=generator(3)) * 2**13
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
    got = rd.jump_density(32, replicates=5, rng=generator(4)).numpy()
    ends = torch.rand(5, 2, generator=generator(4), dtype=torch.float64).numpy()
    fine = (np.arange(32 * 4000) + 0.5) / (16 * 4000) - 1
    for row, (u, v) in zip(got, ends, strict=True):
        density = 1 + 0.8 * ((fine > -0.7 + 0.6 * u) & (fine < 0.1 + 0.6 * v))
        plain = density.reshape(32, -1).mean(1)
        assert np.allclose(row, plain / plain.sum(), atol=2e-5)


def test_cosines_are_those_of_scipy():
    x = np.random.default_rng(0).normal(size=(3, 12))
    assert np.allclose(x @ rd.cosines(12).numpy().T, fft.dct(x, norm="ortho"))


@pytest.mark.parametrize("dimension", [1, 3])
def test_cube_density_is_the_cosine_series_of_its_draws(dimension):
    cells, s = 8, 1.0
    got = rd.rough_density_cube(
        s, cells, replicates=2, rng=generator(5), dimension=dimension
    ).numpy()
    shape = (2, *[cells] * dimension)
    draws = torch.randn(shape, generator=generator(5), dtype=torch.float64).numpy()
    grids = np.meshgrid(*[np.arange(cells)] * dimension, indexing="ij")
    squares = sum(k.astype(float) ** 2 for k in grids)
    squares[(0,) * dimension] = np.inf
    x = (2 * np.arange(cells) + 1) / cells - 1
    windows = np.ones(shape[1:])
    for k in grids:
        windows = windows * bump(x)[k]
    for row in range(2):
        coefficients = draws[row] * squares ** (-(2 * s + dimension) / 4)
        g = fft.idctn(coefficients, norm="ortho") * windows
        density = 1 + 0.8 * np.tanh(g / np.sqrt(np.mean(g**2)))
        assert np.allclose(got[row], density / density.sum(), rtol=1e-10)


@pytest.mark.parametrize(("cells", "n"), [(7, 30), (16, 3), (13, 5000)])
def test_counts_are_multinomial(cells, n):
    mass = torch.rand(cells, generator=generator(6), dtype=torch.float64)
    mass[2] = 0.0
    mass = (mass / mass.sum()).expand(4000, cells)
    counts = rd.draw_counts(mass, n, generator(7))
    assert bool((counts.sum(1) == n).all())
    assert bool((counts == counts.round()).all() & (counts >= 0).all())
    assert float(counts[:, 2].sum()) == 0
    p = mass[0].numpy()
    seen = np.cov(counts.numpy().T)
    expected = n * (np.diag(p) - np.outer(p, p))
    assert np.allclose(seen, expected, atol=0.12 * n * p.max())
    filled = p > 0
    chi2 = stats.chisquare(counts.sum(0).numpy()[filled], 4000 * n * p[filled])
    assert chi2.pvalue > 1e-4


def test_one_count_follows_its_binomial_law():
    mass = torch.tensor([[0.2, 0.3, 0.5]], dtype=torch.float64).expand(20000, 3)
    counts = rd.draw_counts(mass, 6, generator(8))[:, 1].numpy()
    seen = np.bincount(counts.astype(int), minlength=7)
    assert stats.chisquare(seen, 20000 * stats.binom.pmf(np.arange(7), 6, 0.3)).pvalue > 1e-4


def test_a_split_keeps_all_data_and_has_the_right_share():
    counts = torch.tensor([[0.0, 1.0, 2.0, 50.0]], dtype=torch.float64).expand(20000, 4)
    first, second = rd.split_counts(counts, 0.8, generator(9))
    assert torch.equal(first + second, counts)
    assert np.allclose(first.mean(0), [0, 0.8, 1.6, 40], atol=0.1)
    assert np.allclose(first.var(0), [0, 0.16, 0.32, 8], atol=0.3)


def test_draws_repeat():
    mass = rd.rough_density(1.0, 64, replicates=16, rng=generator(0))
    once = rd.draw_counts(mass, 100, generator(1))
    assert torch.equal(once, rd.draw_counts(mass, 100, generator(1)))
    assert not torch.equal(once, rd.draw_counts(mass, 100, generator(2)))
