"""The Gaussian mean-field chain: its moments by a linear solver and by particles, its objective."""

import math

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov
from scipy.stats import multivariate_normal

from ratecheck.lab.finite_sums import laws as finite_sum
from ratecheck.lab.mean_field import quadratic
from ratecheck.lab.mean_field.quadratic import Chain, Quadratic

Q = Quadratic(lam=0.1, ridge=0.25, spread=1.7)
CHAINS = [
    Chain(0.3, 5, 0.4),
    Chain(0.05, 3, 0.1, heat=1.2),
    Chain(0.4, 8),
]


def covariance(q, c):
    """Stationary covariance of all 2N coordinates, by scipy: first coordinates, then second."""
    n = int(c.particles)
    mean = np.ones((n, n)) / n
    first = (1 - c.step * q.ridge) * np.eye(n) - c.step * mean
    noise = 2 * c.step * q.lam * c.heat * np.eye(n)
    noise = noise + c.step**2 * q.spread * c.factor * np.ones((n, n))
    second = (1 - c.step * q.ridge) * np.eye(n)
    blocks = np.zeros((2 * n, 2 * n))
    blocks[:n, :n] = solve_discrete_lyapunov(first, noise)
    blocks[n:, n:] = solve_discrete_lyapunov(second, 2 * c.step * q.lam * c.heat * np.eye(n))
    return blocks


@pytest.mark.parametrize("chain", CHAINS)
def test_variances_solve_the_lyapunov_equation(chain):
    n = int(chain.particles)
    s = covariance(Q, chain)
    mean = s[:n, :n].mean()
    assert quadratic.mean_variance(Q, chain) == pytest.approx(mean, rel=1e-12)
    assert quadratic.mode_variance(Q, chain) == pytest.approx(s[-1, -1], rel=1e-12)
    deviation = s[:n, :n] - s[:n, :n].mean(0) - s[:n, :n].mean(1)[:, None] + mean
    assert quadratic.mode_variance(Q, chain) * (n - 1) == pytest.approx(np.trace(deviation))


@pytest.mark.parametrize("chain", CHAINS)
def test_objective_is_energy_plus_entropy_of_the_joint_law(chain):
    n = int(chain.particles)
    s = covariance(Q, chain)
    y = np.array([1.0, -1.0]) * math.sqrt(Q.spread) + 0.4
    a = 1 + Q.ridge
    mean = np.r_[np.full(n, y.mean() / a), np.zeros(n)]
    average = np.r_[np.ones(n), np.zeros(n)] / n
    m, v = average @ mean, average @ s @ average
    energy = ((m - y) ** 2 + v).mean() / 2 + Q.ridge / 2 * (np.trace(s) + mean @ mean) / n
    entropy = -multivariate_normal(mean, s).entropy()
    best = Q.lam / Q.ridge
    energy_best = ((m - y) ** 2).mean() / 2 + Q.ridge / 2 * (m**2 + 2 * best)
    entropy_best = -multivariate_normal(np.zeros(2), best * np.eye(2)).entropy()
    gap = energy + Q.lam / n * entropy - energy_best - Q.lam * entropy_best
    assert quadratic.objective_gap(Q, chain) == pytest.approx(gap, rel=1e-9, abs=1e-13)


def test_infinitely_many_particles_are_the_limit():
    for factor in (0.0, 0.4):
        limit = quadratic.objective_gap(Q, Chain(0.2, factor=factor))
        near = quadratic.objective_gap(Q, Chain(0.2, 1e12, factor))
        assert near == pytest.approx(limit, rel=1e-6)


def test_particles_at_the_gibbs_law_pay_the_known_constant():
    """N gap -> (lam/2) log((1 + ridge)/ridge), for every N: the law of N particles is Gaussian."""
    constant = Q.lam / 2 * math.log((1 + Q.ridge) / Q.ridge)
    for n in (1, 4, 100):
        assert quadratic.objective_gap(Q, Chain(0.0, n)) == pytest.approx(constant / n, rel=1e-9)


def test_particles_with_real_minibatches_have_these_moments():
    n, data, batch, step, replicates = 6, 8, 2, 0.3, 4000
    rng = np.random.default_rng(0)
    y = rng.normal(size=data)
    y = (y - y.mean()) / y.std() * math.sqrt(Q.spread)
    x = np.zeros((replicates, n, 2))
    for _ in range(120):
        chosen = rng.random((replicates, data)).argpartition(batch, axis=1)[:, :batch]
        drift = Q.ridge * x
        drift[:, :, 0] += x[:, :, 0].mean(1, keepdims=True) - y[chosen].mean(1, keepdims=True)
        x = x - step * drift + math.sqrt(2 * step * Q.lam) * rng.normal(size=x.shape)
    chain = Chain(step, n, finite_sum.variance_factor(data, batch))
    seen = x[:, :, 0].mean(1).var()
    assert seen == pytest.approx(quadratic.mean_variance(Q, chain), rel=0.1)
    assert x[:, :, 1].var() == pytest.approx(quadratic.mode_variance(Q, chain), rel=0.05)
