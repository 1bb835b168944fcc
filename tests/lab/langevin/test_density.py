"""Exact laws of Langevin samplers, against real chains, closed forms and plain matrix powers."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums.snapshots import Snapshots
from ratecheck.lab.langevin import density as langevin
from ratecheck.lab.langevin.double_well import START_MEAN, START_SD, DoubleWell
from ratecheck.lab.langevin.grid import divergence
from tests.lab.langevin.real_chains import GAMMA, C, chains

WELL = DoubleWell(64, C, GAMMA)


def plain_transition(x, drift, pull, kappa, weight, step, sd):
    """The mixture of Gaussians on the grid, every entry, in torch."""
    at = torch.as_tensor(x)
    mean = at[:, None] - step * (
        torch.as_tensor(drift)[:, None] + torch.outer(torch.as_tensor(pull), torch.as_tensor(kappa))
    )
    z = (at[None, None, :] - mean[:, :, None]) / sd
    density = torch.softmax(-0.5 * z**2, dim=-1)
    return torch.einsum("q,iqj->ij", torch.as_tensor(weight), density).numpy()


def distances(grid):
    target = WELL.target(grid)
    return lambda law: divergence(law, target)


def test_transition_agrees_with_the_plain_form():
    step = 0.05
    grid, (kappa, weight), sd = WELL.grid(step), WELL.batch(8), math.sqrt(2 * step / GAMMA)
    drift, pull = WELL.gradient(grid.x), C * (grid.x - grid.x[30])
    fast = langevin._transition(grid.x, drift, pull, kappa, weight, step, sd)
    plain = plain_transition(grid.x, drift, pull, kappa, weight, step, sd)
    inside = np.abs(grid.x) < 3  # elsewhere mass leaves the grid and the two treat it differently
    np.testing.assert_allclose(fast[inside], plain[inside], atol=1e-13)
    np.testing.assert_allclose(fast.sum(1), 1, atol=1e-13)


def test_epoch_is_the_transition_applied_from_each_snapshot():
    step, inner = 0.05, 5
    grid, (kappa, weight), sd = WELL.grid(step), WELL.batch(8), math.sqrt(2 * step / GAMMA)
    drift = WELL.gradient(grid.x)
    laws = langevin.epoch_laws(WELL, step, Snapshots(8, inner))
    for s in (20, 40, 55):
        plain = plain_transition(grid.x, drift, C * (grid.x - grid.x[s]), kappa, weight, step, sd)
        law = np.eye(len(grid.x))[s]
        for k in range(inner):
            law = law @ plain
            np.testing.assert_allclose(laws[k, s], law, atol=1e-12)


def test_epochs_lie_between_those_whose_divergences_embrace_the_goal():
    step, eps, inner = 0.04, 0.05, 8
    grid, snapshots = WELL.grid(step), Snapshots(8, inner)
    epoch, distance = langevin.epoch_laws(WELL, step, snapshots)[-1], distances(grid)
    law, divergences = WELL.start(grid), [distance(WELL.start(grid))]
    while divergences[-1] > eps:
        law = law @ epoch
        divergences.append(distance(law))
    below = len(divergences) - 1
    exact = np.interp(-math.log(eps), -np.log(divergences[-2:]), [below - 1, below])
    assert langevin.svrg_epochs(WELL, step, eps, snapshots) == pytest.approx(exact, rel=1e-10)
    assert langevin.svrg_epochs(WELL, step, 10.0, snapshots) == 0
    assert langevin.svrg_epochs(WELL, 0.2, 1e-4, Snapshots(1, inner)) == math.inf


def test_gaussian_target_follows_the_variance_recursion():
    # F = x^2/2: X is AR(1), mean (1 - h)^k m, variance (1 - h)^2 v + 2 h/gamma
    step, sd, steps = 0.02, math.sqrt(2 * 0.02 / GAMMA), 60
    grid = WELL.grid(step)
    nothing = np.zeros_like(grid.x)
    matrix = langevin._transition(grid.x, grid.x, nothing, np.zeros(1), np.ones(1), step, sd)
    law = WELL.start(grid) @ np.linalg.matrix_power(matrix, steps)
    mean, variance = START_MEAN, START_SD**2
    for _ in range(steps):
        mean, variance = (1 - step) * mean, (1 - step) ** 2 * variance + sd**2
    assert law @ grid.x == pytest.approx(mean, rel=1e-6)
    assert law @ (grid.x - mean) ** 2 == pytest.approx(variance, rel=1e-5)  # 5 sd fit on it


def test_svrg_law_is_that_of_real_chains_with_index_minibatches():
    step, n, batch, inner, steps, count = 0.1, 16, 4, 6, 15, 40_000
    x = chains(steps, step, n, batch, inner, count, seed=1)
    well, snapshots = DoubleWell(n, C, GAMMA), Snapshots(batch, inner)
    grid = well.grid(step)
    laws, start = langevin.epoch_laws(well, step, snapshots), well.start(grid)
    law = start @ laws[-1] @ laws[-1] @ laws[steps % inner - 1]
    cumulative = np.cumsum(law)
    empirical = np.searchsorted(np.sort(x), grid.x + grid.spacing / 2) / count
    # Kolmogorov's distance: P(sup > 1.95/sqrt(count)) = 0.001
    assert np.abs(cumulative - empirical).max() < 1.95 / math.sqrt(count)
    # and a chain without noise of the components is another one
    none = langevin.epoch_laws(DoubleWell(n, 0.0, GAMMA), step, snapshots)
    other = np.cumsum(start @ none[-1] @ none[-1] @ none[steps % inner - 1])
    assert np.abs(other - empirical).max() > 4 / math.sqrt(count)


def test_an_accuracy_out_of_reach_is_infinite():
    assert langevin.langevin_steps(WELL, 0.3, 1e-6) == math.inf
    assert langevin.svrg_epochs(WELL, 0.2, 1e-4, Snapshots(1, 8)) == math.inf


def test_no_step_is_needed_at_the_start():
    assert langevin.svrg_gradients(WELL, 0.05, 10.0) == 0
    assert langevin.langevin_steps(WELL, 0.05, 10.0) == 0


def test_svrg_with_the_whole_sum_is_langevin():
    epochs = langevin.svrg_epochs(WELL, 0.03, 0.02, Snapshots(64, 4))
    # the one interpolates between ends of epochs, the other counts whole steps
    assert 4 * epochs == pytest.approx(langevin.langevin_steps(WELL, 0.03, 0.02), abs=1.5)


def test_sgld_is_langevin_where_components_agree_and_too_hot_where_they_do_not():
    alike, apart = DoubleWell(64, 0.0, GAMMA), DoubleWell(64, 0.0, GAMMA, slope=32.0)
    plain = langevin.langevin_steps(WELL, 0.02, 0.02)
    assert langevin.sgld_steps(alike, 0.02, 0.02, 8) == plain
    assert langevin.sgld_steps(apart, 0.02, 0.02, 8) == math.inf  # three times too hot
    assert langevin.sgld_steps(apart, 0.02, 0.02, 64) == plain  # all of them at once
