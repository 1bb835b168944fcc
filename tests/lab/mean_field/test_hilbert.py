"""Networks of functional neurons, against the primal problem, quadrature and an exact Gibbs law."""

import numpy as np
import pytest
import torch

from ratecheck.lab.langevin.functional import Langevin
from ratecheck.lab.mean_field import hilbert
from ratecheck.lab.mean_field.averaging import Laws

CPU = torch.device("cpu")


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_minimum_of_l_is_the_maximum_of_the_dual_and_its_laws_are_of_its_slopes():
    """Strong duality, and L against the uniform law of the draws: KL is E log(q M)."""
    problem = hilbert.functional(6, n=4, draws=50)
    q, y = problem.best.law, problem.best.network.labels
    least = ((q @ problem.best.features - y) ** 2 / 2).mean() + 0.1 * q @ np.log(q * 50)
    assert least == pytest.approx(problem.dual.value(problem.dual.best), abs=1e-12)
    c = torch.as_tensor(np.append((problem.best.f - y) / 4, 1.0))[None]
    f, gap = Laws(problem.best, CPU)(c)
    np.testing.assert_allclose(f[0], problem.best.f, atol=1e-10)
    assert float(gap) == pytest.approx(0, abs=1e-12)
    uniform = Laws(problem.best, CPU)(0 * c)[1]
    flat = ((problem.best.features.mean(0) - y) ** 2 / 2).mean()
    assert float(uniform) == pytest.approx(flat - least, abs=1e-12)


def test_fewer_modes_are_more_cut_off_and_draws_are_of_the_prior():
    small, large = (hilbert.functional(modes, draws=4000) for modes in (4, 32))
    np.testing.assert_array_equal(small.curves.x, large.curves.x[:, :4])
    np.testing.assert_array_equal(small.best.x, large.best.x[:, :4])
    np.testing.assert_allclose(large.best.x.var(0) * np.arange(1, 33) ** 2, 1, atol=0.12)
    np.testing.assert_array_equal(large.best.network.inputs, large.curves.x)


def test_walkers_start_at_the_prior_and_come_to_rest_at_the_law_that_they_follow():
    """One mode and small steps: E tanh(x w) under exp(-c . h/lam) N(0, 1), by quadrature."""
    problem = hilbert.functional(1, n=3)
    x, c = problem.curves.x[:, 0].numpy(), np.array([0.2, -0.15, 0.1])
    some = hilbert.Walkers(problem.curves, 512, Langevin(0.1), inner=200, replicates=4,
                           rng=generator(1))  # fmt: skip
    assert float(some.w.var()) == pytest.approx(1, rel=0.1)
    coefficients = torch.as_tensor(np.append(c, 1.0)).expand(4, -1)
    seen = torch.stack([some.follow(coefficients) for _ in range(6)]).mean((0, 1))
    w = np.linspace(-8, 8, 2001)[:, None]
    weight = np.exp(-(np.tanh(w * x) @ c) / 0.1 - w[:, 0] ** 2 / 2)
    exact = weight @ np.tanh(w * x) / weight.sum()
    np.testing.assert_allclose(seen, exact, atol=0.03)
    assert np.abs(exact).max() > 0.3


def test_a_prior_that_is_averaged_costs_the_divergence_of_gaussian_laws():
    """KL(N(0, r) || N(0, 1)) by quadrature, r = (t + 2)/t, at weight t in the mean."""
    x, dx = np.linspace(-30, 30, 60001), 1e-3
    total = 0.0
    for t in (1, 2, 3):
        r = (t + 2) / t
        density = np.exp(-(x**2) / (2 * r)) / np.sqrt(2 * np.pi * r)
        total += t * (density * (x**2 / 2 - x**2 / (2 * r) - np.log(r) / 2)).sum() * dx
    assert hilbert.rescaled(5, 3, 0.1) == pytest.approx(0.1 * 5 * 2 * total / 12)
