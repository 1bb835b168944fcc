"""Dual coordinate ascent, against scipy, the primal problem and exact coordinate steps."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.mean_field import dual

LAM = 0.2


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def small(spread=1.0, n=4, particles=40):
    return dual.neurons(n, LAM, spread, d=3, particles=particles)


def probabilities(problem, g):
    weight = np.exp(-problem.features @ g / (problem.lam * len(g)))
    return weight / weight.sum()


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_maximum_of_the_dual_is_the_minimum_of_the_primal(spread):
    """No gap at the Gibbs law, no better law nearby, and scipy finds the same maximiser."""
    from scipy.optimize import minimize

    problem = small(spread)

    def primal(p):
        fit = (p @ problem.features - problem.labels) ** 2 / 2
        return fit.mean() + problem.lam * (p * np.log(p * len(p))).sum()

    p = probabilities(problem, problem.best)
    assert primal(p) == pytest.approx(problem.value(problem.best), abs=1e-12)
    rng = np.random.default_rng(1)
    for _ in range(5):
        other = p * np.exp(0.1 * rng.standard_normal(len(p)))
        assert primal(other / other.sum()) > primal(p)
    found = minimize(lambda g: -problem.value(g), np.zeros(4), tol=1e-12)
    np.testing.assert_allclose(found.x, problem.best, atol=1e-5)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_steps_are_those_of_a_plain_loop(whole, frozen):
    problem, steps, rng = small(), 9, generator(3)
    run = dual.Run(problem, dual.Ascent(0.3, whole=whole, frozen=frozen, step=0.7), 2, generator(3))
    g = np.zeros((2, 4))
    for _ in range(steps):
        run.advance()
        chosen = [None, None] if whole else torch.randint(4, (2, 1), generator=rng)[:, 0].tolist()
        for r, i in enumerate(chosen):
            p = probabilities(problem, np.zeros(4) if frozen else g[r])
            off = p @ problem.features - problem.labels - g[r]
            here = slice(None) if whole else i
            g[r, here] += 0.7 * off[here] / (1 + (4 if whole else 1) / (0.3 * 4))
    gap = [problem.value(problem.best) - problem.value(row) for row in g]
    np.testing.assert_allclose(run.gap(), gap, atol=1e-12)
    assert run.first == pytest.approx(problem.value(problem.best) - problem.value(np.zeros(4)))


def test_a_careful_step_is_that_of_all_coordinates():
    problem = small()
    run = dual.Run(problem, dual.Ascent(LAM, careful=True), 1, generator(5))
    i = int(torch.randint(4, (1, 1), generator=generator(5)))
    run.advance()
    g = np.zeros(4)
    g[i] = (problem.features.mean(0)[i] - problem.labels[i]) / (1 + 1 / LAM)
    assert float(run.gap()) == pytest.approx(problem.value(problem.best) - problem.value(g))


def test_a_step_of_the_theorem_never_loses():
    """The quadratic model is a lower bound: D rises in every step, and ends at its maximum."""
    run = dual.Run(small(0.0), dual.Ascent(LAM), 16, generator())
    gaps = [run.gap()]
    for _ in range(400):
        run.advance()
        gaps.append(run.gap())
    rises = torch.stack(gaps).diff(dim=0)
    assert rises.max() < 1e-13
    assert gaps[-1].abs().max() < 1e-10


def test_times_and_gaps_are_of_one_run():
    def run():
        return dual.Run(small(), dual.Ascent(LAM), 8, generator(2))

    most = 60
    gaps = dual.gaps_at(run(), tuple(range(most + 1)))
    for share in (0.5, 1e-2):
        seen = dual.steps_until(run(), share, most, price=3)
        for gap, time in zip(gaps, seen.tolist(), strict=True):
            first = np.flatnonzero(gap.numpy() <= share)
            assert time == (3 * max(first[0], 1) if len(first) else math.inf)
    assert dual.steps_until(run(), 1e-9, 3).isinf().all()


def test_inputs_are_one_or_a_cloud():
    one, cloud = small(0.0), small(1.0)
    assert np.ptp(one.features, axis=1).max() == 0
    assert np.ptp(cloud.features, axis=1).min() > 0
    assert abs(one.labels.sum()) < 1e-12
    assert np.abs(cloud.features).max() <= 1
