"""Exact laws of Langevin samplers, against real chains, closed forms and plain matrix powers."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from ratecheck.lab.finite_sums import laws as finite_sum
from ratecheck.lab.langevin import density as langevin

GAMMA, C = 2.0, 8.0


def plain_transition(x, drift, pull, kappa, weight, step, sd):
    """The mixture of Gaussians on the grid, every entry, in torch."""
    at = torch.as_tensor(x)
    mean = at[:, None] - step * (
        torch.as_tensor(drift)[:, None] + torch.outer(torch.as_tensor(pull), torch.as_tensor(kappa))
    )
    z = (at[None, None, :] - mean[:, :, None]) / sd
    density = torch.softmax(-0.5 * z**2, dim=-1)
    return torch.einsum("q,iqj->ij", torch.as_tensor(weight), density).numpy()


def setting(step, n, batch):
    grid = langevin.grid_for(step, GAMMA)
    kappa, weight = finite_sum.gauss_rule(*finite_sum.mean_sign_law(n, batch))
    return grid, kappa, weight, math.sqrt(2 * step / GAMMA)


def test_transition_agrees_with_the_plain_form():
    step = 0.05
    grid, kappa, weight, sd = setting(step, 64, 8)
    drift, pull = finite_sum.gradient(grid.x), C * (grid.x - grid.x[30])
    fast = langevin._transition(grid.x, drift, pull, kappa, weight, step, sd)
    plain = plain_transition(grid.x, drift, pull, kappa, weight, step, sd)
    inside = np.abs(grid.x) < 3  # elsewhere mass leaves the grid and the two treat it differently
    np.testing.assert_allclose(fast[inside], plain[inside], atol=1e-13)
    np.testing.assert_allclose(fast.sum(1), 1, atol=1e-13)


def test_epoch_is_the_transition_applied_from_each_snapshot():
    step, inner = 0.05, 5
    grid, kappa, weight, sd = setting(step, 64, 8)
    drift = finite_sum.gradient(grid.x)
    laws = langevin._epoch(grid.x, drift, C, kappa, weight, step, sd, inner)
    for s in (20, 40, 55):
        plain = plain_transition(grid.x, drift, C * (grid.x - grid.x[s]), kappa, weight, step, sd)
        law = np.eye(len(grid.x))[s]
        for k in range(inner):
            law = law @ plain
            np.testing.assert_allclose(laws[k, s], law, atol=1e-12)


def test_steps_by_squaring_are_those_of_stepping():
    step, eps = 0.05, 0.03
    grid, _, _, sd = setting(step, 64, 8)
    drift, nothing = finite_sum.gradient(grid.x), np.zeros_like(grid.x)
    matrix = plain_transition(grid.x, drift, nothing, np.zeros(1), np.ones(1), step, sd)
    law, count = grid.start, 0
    while langevin.divergence(law, grid.target) > eps:
        law, count = law @ matrix, count + 1
    assert langevin.langevin_steps(step, GAMMA, eps) == count


def test_svrg_steps_are_those_of_stepping_through_the_epochs():
    step, eps, inner = 0.04, 0.05, 8
    grid, kappa, weight, sd = setting(step, 64, 8)
    laws = langevin._epoch(grid.x, finite_sum.gradient(grid.x), C, kappa, weight, step, sd, inner)
    snapshot, count, hit = grid.start, 0, None
    while hit is None:
        for k in range(inner):
            count += 1
            if langevin.divergence(snapshot @ laws[k], grid.target) <= eps:
                hit = count
                break
        snapshot = snapshot @ laws[-1]
    steps = langevin.svrg_steps(step, GAMMA, eps, n=64, batch=8, inner=inner, c=C)
    assert steps == hit
    assert steps % inner != 0  # the inner step was looked for


def test_epochs_lie_between_those_whose_divergences_embrace_the_goal():
    step, eps, inner = 0.04, 0.05, 8
    grid, kappa, weight, sd = setting(step, 64, 8)
    epoch = langevin._epoch(grid.x, finite_sum.gradient(grid.x), C, kappa, weight, step, sd, inner)[
        -1
    ]
    law, divergences = grid.start, [langevin.divergence(grid.start, grid.target)]
    while divergences[-1] > eps:
        law = law @ epoch
        divergences.append(langevin.divergence(law, grid.target))
    below = len(divergences) - 1
    exact = np.interp(-math.log(eps), -np.log(divergences[-2:]), [below - 1, below])
    kwargs = {"n": 64, "batch": 8, "inner": inner, "c": C}
    assert langevin.svrg_epochs(step, GAMMA, eps, **kwargs) == pytest.approx(exact, rel=1e-10)
    assert langevin.svrg_epochs(step, GAMMA, 10.0, **kwargs) == 0
    assert langevin.svrg_epochs(0.2, GAMMA, 1e-4, **(kwargs | {"batch": 1})) == math.inf


def test_gaussian_target_follows_the_variance_recursion():
    # F = x^2/2: X is AR(1), mean (1 - h)^k m, variance (1 - h)^2 v + 2 h/gamma
    step, sd, steps = 0.02, math.sqrt(2 * 0.02 / GAMMA), 60
    grid = langevin.grid_for(step, GAMMA)
    nothing = np.zeros_like(grid.x)
    matrix = langevin._transition(grid.x, grid.x, nothing, np.zeros(1), np.ones(1), step, sd)
    law = grid.start @ np.linalg.matrix_power(matrix, steps)
    mean, variance = langevin.START_MEAN, langevin.START_SD**2
    for _ in range(steps):
        mean, variance = (1 - step) * mean, (1 - step) ** 2 * variance + sd**2
    assert law @ grid.x == pytest.approx(mean, rel=1e-6)
    assert law @ (grid.x - mean) ** 2 == pytest.approx(variance, rel=1e-5)  # 5 sd fit on it


def test_start_is_as_far_as_an_integral_says():
    def density(x):
        return np.exp(-0.5 * ((x - 2) / 0.35) ** 2) / (0.35 * math.sqrt(2 * math.pi))

    weight = quad(lambda x: np.exp(-GAMMA * finite_sum.potential(x)), -8, 8)[0]
    exact = quad(
        lambda x: (
            density(x)
            * (np.log(density(x)) + GAMMA * finite_sum.potential(x) + math.log(weight))
        ),
        -2, 6,
    )[0]  # fmt: skip
    assert langevin.start_divergence(GAMMA) == pytest.approx(exact, rel=1e-6)


def test_divergence_of_gaussians_has_its_closed_form():
    x = np.linspace(-8, 8, 2001)
    p, q = np.exp(-((x - 0.5) ** 2) / (2 * 0.49)), np.exp(-(x**2) / 2)
    exact = 0.5 * (0.49 + 0.25 - 1 - math.log(0.49))
    assert langevin.divergence(p / p.sum(), q / q.sum()) == pytest.approx(exact, rel=1e-9)


def chains(steps, step, n, batch, inner, count, seed, sarah=False):
    """Chains on real components with index minibatches drawn without replacement."""
    rng = np.random.default_rng(seed)
    sign = np.repeat([1.0, -1.0], n // 2)
    x = langevin.START_MEAN + langevin.START_SD * rng.standard_normal(count)
    before = x
    for k in range(steps):
        if k % inner == 0:
            snapshot, v = x, finite_sum.gradient(x)
        else:
            picked = rng.permuted(np.tile(sign, (count, 1)), axis=1)[:, :batch].mean(1)
            if sarah:
                v = (
                    v
                    + (finite_sum.gradient(x) + C * picked * x)
                    - (finite_sum.gradient(before) + C * picked * before)
                )
            else:
                v = finite_sum.gradient(x) + C * picked * (x - snapshot)
        before = x
        x = x - step * v + math.sqrt(2 * step / GAMMA) * rng.standard_normal(count)
    return x


def binned(x, grid, bins=24):
    edges = np.linspace(-langevin.EDGE, langevin.EDGE, bins + 1)
    p = np.histogram(np.clip(x, edges[0], edges[-1]), edges)[0] / len(x)
    q = np.histogram(grid.x, edges, weights=grid.target)[0]
    seen = p > 0
    return (p[seen] * np.log(p[seen] / q[seen])).sum() - (bins - 1) / (2 * len(x))


def test_svrg_law_is_that_of_real_chains_with_index_minibatches():
    step, n, batch, inner, steps, count = 0.1, 16, 4, 6, 15, 40_000
    x = chains(steps, step, n, batch, inner, count, seed=1)
    grid, kappa, weight, sd = setting(step, n, batch)
    laws = langevin._epoch(grid.x, finite_sum.gradient(grid.x), C, kappa, weight, step, sd, inner)
    law = grid.start @ laws[-1] @ laws[-1] @ laws[steps % inner - 1]
    cumulative = np.cumsum(law)
    empirical = np.searchsorted(np.sort(x), grid.x + grid.spacing / 2) / count
    # Kolmogorov's distance: P(sup > 1.95/sqrt(count)) = 0.001
    assert np.abs(cumulative - empirical).max() < 1.95 / math.sqrt(count)
    # and a chain without noise of the components is another one
    none = langevin._epoch(grid.x, finite_sum.gradient(grid.x), 0.0, kappa, weight, step, sd, inner)
    other = np.cumsum(grid.start @ none[-1] @ none[-1] @ none[steps % inner - 1])
    assert np.abs(other - empirical).max() > 4 / math.sqrt(count)


def test_sarah_hits_when_real_chains_do():
    step, n, inner, eps, count = 0.05, 16, 4, 0.06, 6000
    rng = torch.Generator().manual_seed(3)
    steps = langevin.sarah_steps(
        step, GAMMA, eps, n=n, batch=4, inner=inner, c=C, chains=count, longest=400,
        replicates=8, rng=rng,
    )  # fmt: skip
    assert steps.shape == (8,)
    grid = langevin.grid_for(1e-4, GAMMA)
    middle = round(float(steps.median()))
    early, late = (
        binned(chains(k, step, n, 4, inner, count, seed=k, sarah=True), grid)
        for k in (round(0.7 * middle), round(1.3 * middle))
    )
    assert late < eps < early


def test_sarah_gives_up_and_refuses_an_accuracy_under_its_noise():
    rng = torch.Generator().manual_seed(0)
    kwargs = {"n": 16, "batch": 4, "inner": 4, "c": C, "replicates": 2, "rng": rng}
    gave_up = langevin.sarah_steps(0.01, GAMMA, 0.1, chains=2000, longest=3, **kwargs)
    assert gave_up.isinf().all()
    with pytest.raises(ValueError, match="ten times the histogram's bias"):
        langevin.sarah_steps(0.01, GAMMA, 0.01, chains=2000, longest=3, **kwargs)


def test_an_accuracy_out_of_reach_is_infinite():
    assert langevin.langevin_steps(0.3, GAMMA, 1e-6) == math.inf
    assert langevin.svrg_steps(0.2, GAMMA, 1e-4, n=64, batch=1, inner=8, c=C) == math.inf


def test_no_step_is_needed_at_the_start():
    assert langevin.svrg_steps(0.05, GAMMA, 10.0, n=64, batch=8, inner=8, c=C) == 0
    assert langevin.langevin_steps(0.05, GAMMA, 10.0) == 0


def test_svrg_with_the_whole_sum_is_langevin():
    steps = langevin.svrg_steps(0.03, GAMMA, 0.02, n=16, batch=16, inner=4, c=C)
    assert steps == langevin.langevin_steps(0.03, GAMMA, 0.02)


def test_a_step_too_small_for_the_grid_is_refused():
    with pytest.raises(ValueError, match="grid points"):
        langevin.grid_for(1e-7, GAMMA)


def test_best_cost_finds_the_minimum_of_a_convex_cost():
    def cost(step):
        return math.inf if step > 0.3 else 1 / step + 100 * step

    assert langevin.best_cost(cost, 0.4) == pytest.approx(20, rel=0.002)
    assert langevin.best_cost(lambda step: math.inf, 0.4) == math.inf
