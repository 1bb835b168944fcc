"""Laws of generated samples against closed forms, quadrature and each other."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, linalg, stats

from ratecheck.lab.diffusion import densities as rd
from ratecheck.lab.diffusion import reverse as rv
from ratecheck.lab.diffusion.cells import centres


def generator(seed):
    return torch.Generator().manual_seed(seed)


def smooth_masses(cells, rows=3, seed=0):
    return rd.rough_density(2.0, cells, replicates=rows, rng=generator(seed)).mass


@pytest.mark.parametrize("sd", [0.02, 0.1, 3.0])
def test_gaussian_weights_are_double_integrals(sd):
    width, margin = 0.1, 6
    got = rv.gaussian_weights(sd, width, margin).numpy()
    for j in range(margin + 1):

        def sent(x, j=j):
            ends = ((j + 0.5) * width - x, (j - 0.5) * width - x)
            return np.subtract(*stats.norm.cdf(np.array(ends) / sd)) / width

        plain = integrate.quad(sent, -width / 2, width / 2, epsabs=1e-14)[0]
        assert got[j] == pytest.approx(plain, rel=1e-8, abs=1e-13)


@pytest.mark.parametrize("t", [1e-6, 1e-3, 0.1, 1.0])
def test_diffusion_of_cells_is_the_exact_one(t):
    """The law of m X_0 + sig Z with X_0 uniform on each cell, by quadrature over X_0."""
    cells = 400
    mass = smooth_masses(cells, rows=1)
    law = rv.diffused(mass, t)
    m, sd = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
    edges = (np.arange(cells + 2 * law.margin + 1) - law.margin) * 2 / cells - 1
    node, weight = np.polynomial.legendre.leggauss(24)
    x0 = centres(cells).numpy()[:, None] + node / cells
    below = np.array(
        [(mass[0].numpy() @ (stats.norm.cdf((y - m * x0) / sd) @ weight / 2)) for y in edges[::7]]
    )
    got = np.concatenate([[0], np.cumsum(law.mass[0].numpy())])[::7]
    # The last step, from cells of the stretched line to cells of the line, is linear in each: off
    # by width^2/8 times the slope of the density, which is at most 0.25/sd at the ends.
    assert np.allclose(got, below, atol=(2 / cells) ** 2 / 8 * min(0.25 / sd, cells / 4))
    assert float(law.mass.sum()) == pytest.approx(1)


def test_the_sampler_follows_bayes_rule():
    """A chain of two Gaussians on a grid: start N(0, 1), reverse kernel of the known law q."""
    mass, t_low, t_high = smooth_masses(64, rows=2), 5e-3, 1.2
    law = rv.sampler_law(mass, t_low, t_high)
    y = (np.arange(64 + 2 * law.margin) - law.margin + 0.5) / 32 - 1
    x = np.linspace(-7, 7, 1401)
    gap = t_high - t_low
    kernel = stats.norm.pdf(x, math.exp(-gap) * y[:, None], math.sqrt(-math.expm1(-2 * gap)))
    for row in range(2):
        q_low = rv.diffused(mass, t_low).mass[row].numpy()
        q_high = q_low @ kernel
        reverse = q_low[:, None] * kernel / q_high  # of y given x
        expected = reverse @ stats.norm.pdf(x) * (x[1] - x[0])
        assert np.allclose(law.mass[row].numpy(), expected / expected.sum(), rtol=2e-4, atol=1e-12)


def test_the_start_does_not_matter_after_a_long_time():
    mass = smooth_masses(128)
    law, exact = rv.sampler_law(mass, 1e-3, 12.0), rv.diffused(mass, 1e-3)
    assert torch.allclose(law.mass, exact.mass, atol=1e-9)
    short = rv.sampler_law(mass, 1e-3, 0.5)
    assert float((short.mass - exact.mass).abs().sum()) > 1e-3


def test_the_factor_of_the_start_has_mean_one():
    mass, t_low, t_high = smooth_masses(256), 1e-3, 1.5
    law = rv.diffused(mass, t_low)
    y = (torch.arange(256 + 2 * law.margin) - law.margin + 0.5).double() / 128 - 1
    factor = rv.start_factor(mass, t_low, t_high, y)
    assert torch.allclose((law.mass * factor).sum(1), torch.ones(3, dtype=torch.float64), atol=1e-6)


# -- the Fokker-Planck equation --------------------------------------------------------------------


def test_a_line_of_cells():
    edges = rv.line(64)
    assert np.all(np.diff(edges) > 0)
    assert np.allclose(edges, -edges[::-1])
    assert edges[-1] >= 5
    assert np.sum((edges > -1 - 1e-9) & (edges < 1 + 1e-9)) == 65


def test_an_implicit_step_is_the_solution_of_its_linear_system():
    rng = np.random.default_rng(0)
    edges = rv.line(16, far=2.0)
    widths, middle = np.diff(edges), (edges[1:] + edges[:-1]) / 2
    gaps, size = np.diff(middle), len(widths)
    drift = 20 * rng.normal(size=(2, size - 1))
    start = rng.random((2, size))
    got = start.copy()
    rv._implicit_step(got, drift, gaps, widths, 0.03)
    for row in range(2):
        rates = np.zeros((size, size))
        for i in range(size - 1):
            z = drift[row, i] * gaps[i]
            up, down = z / -np.expm1(-z), z / np.expm1(z)
            rates[i + 1, i] += up / (gaps[i] * widths[i])
            rates[i, i + 1] += down / (gaps[i] * widths[i + 1])
        rates -= np.diag(rates.sum(0))
        assert np.allclose(got[row], linalg.solve(np.eye(size) - 0.03 * rates, start[row]))
    assert np.allclose(got.sum(1), start.sum(1))
    assert got.min() > 0


def test_the_standard_normal_law_is_kept_by_its_own_score():
    edges = rv.line(256)
    start = np.diff(stats.norm.cdf(edges))
    mass = rv.fokker_planck(lambda x, t: -x[None], edges, rv.times(1e-3, 3.0, 60), replicates=1)
    assert np.abs(mass[0] - start).sum() < 2e-3


def test_a_gaussian_is_generated_as_its_moment_equations_say():
    """For N(mu, tau^2) the score is linear and the law stays Gaussian: two linear equations."""
    mu, tau, t_low, t_high = 0.4, 0.3, 0.02, 1.5

    def variance(t):
        return tau**2 * math.exp(-2 * t) - math.expm1(-2 * t)

    def score(x, t):
        return (-(x - mu * math.exp(-t)) / variance(t))[None]

    def moments(tau_, state):
        t = t_high - tau_
        pull = 1 - 2 / variance(t)
        return [pull * state[0] + 2 * mu * math.exp(-t) / variance(t), 2 * pull * state[1] + 2]

    solved = integrate.solve_ivp(moments, (0, t_high - t_low), [0.0, 1.0], rtol=1e-10, atol=1e-12)
    mean, var = solved.y[:, -1]
    edges = rv.line(512)
    exact = np.diff(stats.norm.cdf(edges, mean, math.sqrt(var)))
    errors = []
    for steps in (100, 200):
        mass = rv.fokker_planck(score, edges, rv.times(t_low, t_high, steps), replicates=1)
        errors.append(np.abs(mass[0] - exact).sum() / 2)
    assert errors[1] < 3e-3
    assert errors[1] < 0.6 * errors[0]


def test_both_routes_give_one_law():
    cells, t_low, t_high = 256, 2e-3, 2.0
    mass = smooth_masses(cells, rows=2)
    exact = rv.sampler_law(mass, t_low, t_high)
    places = centres(cells)

    def score(x, t):
        m, sd = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
        z = (x[:, None] - m * places) / sd
        share = torch.softmax(mass.log()[:, None] - 0.5 * z * z, -1)
        return -(share * z).sum(-1) / sd

    edges = rv.line(cells)
    solved = rv.fokker_planck(score, edges, rv.times(t_low, t_high, 200), replicates=2)
    law = rv.on_cells(solved, edges, cells)
    inside = exact.mass[:, exact.margin : exact.margin + cells]
    assert float((law.mass[:, 1:-1] - inside).abs().sum(1).max()) / 2 < 3e-3
    finer = rv.on_cells(solved, edges, 4 * cells)
    assert torch.allclose(finer.mass.sum(1), torch.ones(2, dtype=torch.float64))
    assert torch.allclose(finer.mass[:, 1:-1].reshape(2, cells, 4).sum(2), law.mass[:, 1:-1])


@pytest.mark.parametrize(
    ("t_low", "cells"), [(0.01, 1024), (2.0**-21, 1024), (2.0**-23, 2048), (1e-9, 8192)]
)
def test_cells_resolve_the_last_time(t_low, cells):
    assert rv.resolving(t_low) == cells
