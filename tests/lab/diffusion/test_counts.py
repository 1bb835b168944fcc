"""Counts against multinomial and binomial laws."""

import numpy as np
import pytest
import torch
from scipy import stats

from ratecheck.lab.diffusion.counts import draw_counts, split_counts
from ratecheck.lab.diffusion.densities import rough_density


def generator(seed):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("cells", "n"), [(7, 30), (16, 3), (13, 5000)])
def test_counts_are_multinomial(cells, n):
    mass = torch.rand(cells, generator=generator(6), dtype=torch.float64)
    mass[2] = 0.0
    mass = (mass / mass.sum()).expand(4000, cells)
    counts = draw_counts(mass, n, generator(7))
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
    counts = draw_counts(mass, 6, generator(8))[:, 1].numpy()
    seen = np.bincount(counts.astype(int), minlength=7)
    assert stats.chisquare(seen, 20000 * stats.binom.pmf(np.arange(7), 6, 0.3)).pvalue > 1e-4


def test_a_split_keeps_all_data_and_has_the_right_share():
    counts = torch.tensor([[0.0, 1.0, 2.0, 50.0]], dtype=torch.float64).expand(20000, 4)
    first, second = split_counts(counts, 0.8, generator(9))
    assert torch.equal(first + second, counts)
    assert np.allclose(first.mean(0), [0, 0.8, 1.6, 40], atol=0.1)
    assert np.allclose(first.var(0), [0, 0.16, 0.32, 8], atol=0.3)


def test_draws_repeat():
    density = rough_density(1.0, 64, replicates=16, rng=generator(0))
    once = density.draw(100, generator(1))
    assert torch.equal(once, density.draw(100, generator(1)))
    assert not torch.equal(once, density.draw(100, generator(2)))
