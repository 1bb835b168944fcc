"""Moments of samplers on balanced quadratics, against all minibatches of written-out components."""

from itertools import combinations
from math import exp, sqrt

import numpy as np
import pytest
import torch
from scipy import integrate, linalg, stats

from ratecheck.lab.finite_sums.snapshots import Snapshots
from ratecheck.lab.langevin import balanced
from ratecheck.lab.langevin.balanced import Balanced, Steps

N, D, C, SIGMA = 8, 3, 1.5, 0.7
O = Balanced(N, D, c=C, sigma=SIGMA)
A = np.array([1.0, 2.0, 4.0])
SIGNS = linalg.hadamard(N)[:, 1:7]  # three of curvatures, three of slopes
SIZE, PLAN = 0.08, Snapshots(batch=2, inner=3)
SLOPES = SIGMA * SIGNS[:, D:]
HESSIANS = A + C * SIGNS[:, :D]
BATCHES = [list(batch) for batch in combinations(range(N), PLAN.batch)]
STARTS = np.outer(1 / np.sqrt(A), 1 / np.sqrt(A)) + np.diag(2 / A)


def enlarged(matrix, mean):
    """E (1, x)(1, x)^T from E x x^T and E x."""
    return np.block([[np.ones((1, 1)), mean[None]], [mean[:, None], matrix]])


def swept(moments, steps, noise):
    """E z z^T after one of equally likely affine steps, and independent noise."""
    return sum(step @ moments @ step.T for step in steps) / len(steps) + noise


def affine(rows):
    """An affine map of (1, blocks of x): rows of (constant, one diagonal for each block)."""
    top = np.zeros((1, 1 + D * len(rows[0][1])))
    top[0, 0] = 1
    return np.vstack(
        [top, *[np.hstack([c[:, None], *[np.diag(b) for b in blocks]]) for c, blocks in rows]]
    )


ONE, NONE = np.ones(D), np.zeros(D)


def svrg_moments(epochs):
    """Of x, and of x at the snapshot, every batch and every pair of coordinates followed."""
    moments = enlarged(STARTS, 1 / np.sqrt(A))
    noise = linalg.block_diag(0, 2 * SIZE * np.eye(D), 0 * np.eye(D))
    renew = affine([(NONE, [ONE]), (NONE, [ONE])])
    steps = []
    for batch in BATCHES:
        h = HESSIANS[batch].mean(0)  # gradient = h x - h w + A w
        steps.append(affine([(NONE, [1 - SIZE * h, SIZE * (h - A)]), (NONE, [NONE, ONE])]))
    for _ in range(epochs):
        moments = renew @ moments @ renew.T
        for _ in range(PLAN.inner):
            moments = swept(moments, steps, noise)
        moments = moments[: D + 1, : D + 1]
    return moments


def sgld_moments(steps):
    moments = enlarged(STARTS, 1 / np.sqrt(A))
    noise = linalg.block_diag(0, 2 * SIZE * np.eye(D))
    maps = [
        affine([(-SIZE * SLOPES[batch].mean(0), [1 - SIZE * HESSIANS[batch].mean(0)])])
        for batch in BATCHES
    ]
    for _ in range(steps):
        moments = swept(moments, maps, noise)
    return moments


def hamiltonian_noise(size):
    """Covariance of (x, v) that dx = v dt, dv = -2 v dt + 2 dB pick up over a step."""

    def at(s, i, j):
        column = ((1 - exp(-2 * s)) / 2, exp(-2 * s))
        return 4 * column[i] * column[j]

    return np.array([[integrate.quad(at, 0, size, (i, j))[0] for j in range(2)] for i in range(2)])


def hamiltonian_moments(epochs):
    """Of (x, v), with the estimate g and the last x carried along as one writes it down."""
    held = np.array([[1, (1 - exp(-2 * SIZE)) / 2], [0, exp(-2 * SIZE)]])
    push = [integrate.quad(lambda s, i=i: [(1 - exp(-2 * s)) / 2, exp(-2 * s)][i], 0, SIZE)[0]
            for i in range(2)]  # fmt: skip
    noise = np.zeros((1 + 4 * D, 1 + 4 * D))
    noise[1 : 1 + 2 * D, 1 : 1 + 2 * D] = np.kron(hamiltonian_noise(SIZE), np.eye(D))
    full = affine([(NONE, [ONE, NONE]), (NONE, [NONE, ONE]), (NONE, [A, NONE]),
                   (NONE, [ONE, NONE])])  # fmt: skip
    move = affine([(NONE, [held[0, 0] * ONE, held[0, 1] * ONE, -push[0] * ONE, NONE]),
                   (NONE, [held[1, 0] * ONE, held[1, 1] * ONE, -push[1] * ONE, NONE]),
                   (NONE, [NONE, NONE, ONE, NONE]), (NONE, [ONE, NONE, NONE, NONE])])  # fmt: skip
    learn = []
    for batch in BATCHES:
        h = HESSIANS[batch].mean(0)
        keep = [(NONE, [ONE, NONE, NONE, NONE]), (NONE, [NONE, ONE, NONE, NONE])]
        follow = [(NONE, [h, NONE, ONE, -h]), (NONE, [NONE, NONE, NONE, ONE])]
        learn.append(affine(keep + follow))
    moments = enlarged(linalg.block_diag(STARTS, 0 * STARTS), np.append(1 / np.sqrt(A), NONE))
    for _ in range(epochs):
        moments = full @ moments @ full.T
        for k in range(PLAN.inner):
            moments = swept(moments, learn, 0) if k else moments
            moments = swept(moments, [move], noise)
        moments = moments[: 2 * D + 1, : 2 * D + 1]
    return moments[: D + 1, : D + 1]


@pytest.mark.parametrize(
    ("sampler", "written"),
    [(balanced.svrg, svrg_moments), (balanced.stochastic, sgld_moments),
     (balanced.underdamped, hamiltonian_moments)],
)  # fmt: skip
def test_moments_are_those_of_the_mean_over_all_minibatches(sampler, written):
    every = written(2)
    maps, _ = sampler(O, Steps(torch.tensor([0.3, SIZE], dtype=torch.float64)), PLAN)
    state = maps[1] @ maps[1] @ balanced._start(O, maps)[..., None]
    k = round(sqrt(maps.shape[-1]))
    assert np.allclose(state[:, 0, 0], np.diag(every)[1:], rtol=1e-12)
    assert np.allclose(state[:, k - 1, 0], every[0, 1:], rtol=1e-12)
    covariance = every[1:, 1:] - np.outer(every[0, 1:], every[0, 1:])
    assert np.allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-12)


def test_langevin_dynamics_ends_where_eulers_scheme_does():
    size = 0.05
    end = (2 / (2 - size * A) - 1) / 2  # of a x^2/2, off the target's
    weak = balanced.stationary(O, balanced.langevin, balanced.weak, size)
    assert weak == pytest.approx(end.sum(), rel=1e-10)
    exact = balanced.stationary(O, balanced.langevin, balanced.weak, size, exact=True)
    assert exact == pytest.approx(0, abs=1e-12)
    hot = balanced.stationary(O, balanced.langevin, balanced.weak, size, excess=0.3)
    assert hot == pytest.approx(((end + 0.5) * (1 + 0.3 * size ** (1 / 3)) - 0.5).sum())


def test_criteria_are_those_of_gaussians():
    mean, variance = np.array([0.3, -0.2, 0.1]), np.array([1.3, 0.4, 0.3])
    given = torch.tensor(mean)[None], torch.tensor(variance)[None]
    pairs = [
        (stats.norm(m, sqrt(s)), stats.norm(0, a**-0.5))
        for m, s, a in zip(mean, variance, A, strict=True)
    ]
    x = np.linspace(-12, 12, 20001)
    kl = sum(np.trapezoid(p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), x) for p, q in pairs)
    assert balanced.kl(O, *given)[0] == pytest.approx(kl, rel=1e-8)
    level = (np.arange(20000) + 0.5) / 20000
    squares = [np.mean((p.ppf(level) - q.ppf(level)) ** 2) for p, q in pairs]
    assert balanced.w2(O, *given)[0] == pytest.approx(sqrt(sum(squares)), rel=1e-3)


def test_total_variation_is_that_of_radii():
    alike, s = Balanced(N, D).alike(), 1.4
    at = np.linspace(0, 12, 40001)
    apart = stats.chi.pdf(at / sqrt(s), D) / sqrt(s) - stats.chi.pdf(at, D)
    found = balanced.tv(alike, torch.zeros(1, 1), torch.tensor([[s]], dtype=torch.float64))
    assert found[0] == pytest.approx(np.trapezoid(np.abs(apart), at) / 2, rel=1e-6)


def test_the_search_finds_the_best_step():
    eps = 0.01
    price = N * min(first(size, eps) for size in np.linspace(0.001, 0.006, 200))
    found = balanced.gradients(Balanced(N, D), balanced.langevin, balanced.weak, eps)
    assert found == pytest.approx(price, rel=0.01)  # whole steps against interpolated ones


def first(size, eps):
    keep, end = 1 - size * A, 2 / (2 - size * A) / A
    k = np.arange(6000)[:, None]
    second = (1 / A + 2 / A - end) * keep ** (2 * k) + end
    below = np.abs((second * A - 1).sum(1) / 2) <= eps
    return below.argmax() if below.any() else np.inf


def test_more_signs_than_there_are_columns_are_refused():
    with pytest.raises(ValueError, match="2 d must be below n"):
        balanced.svrg(Balanced(8, 4), Steps(torch.ones(1, dtype=torch.float64)), PLAN)
