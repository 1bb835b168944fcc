"""The minimiser of mean-field networks and the cost of N particles, by other ways."""

import itertools

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import kstest

from ratecheck.lab.mean_field import gibbs
from ratecheck.lab.mean_field.gibbs import in_box
from ratecheck.lab.mean_field.network import line, square

LOSSES = ["squared", "logistic"]


@pytest.mark.parametrize("loss", LOSSES)
def test_gibbs_law_is_the_minimiser(loss):
    """Against scipy's minimum of the dual: f -> (1/n) sum (l - l' f) - lam log Z is concave in l'.

    For the squared loss in g = l' it is max over g of -(1/n) sum (g^2/2 + g y) - lam log Z(g).
    """
    network = line(loss)
    best = in_box(network, 801)
    axis = best.x[:, 0]
    h, z = axis[1] - axis[0], network.inputs[:, 0]
    features = network.r * np.tanh(np.outer(z, axis))

    def free_energy(g):
        energy = (network.ridge / 2 * axis**2 + g @ features / 16) / network.lam
        return -network.lam * (np.log(np.exp(energy.min() - energy).sum() * h) - energy.min())

    def dual(g):
        if loss == "squared":
            conjugate = g**2 / 2 + g * network.labels
        else:
            s = np.clip(-g * network.labels, 1e-12, 1 - 1e-12)
            conjugate = s * np.log(s) + (1 - s) * np.log(1 - s)
        return conjugate.mean() - free_energy(g)

    start = network.slopes(np.zeros(16))
    bounds = None if loss == "squared" else [tuple(sorted((-y, 0.0))) for y in network.labels]
    found = minimize(dual, start, bounds=bounds, options={"maxiter": 5000})
    objective = network.losses(best.f).mean() + network.ridge / 2 * best.law @ axis**2
    objective += network.lam * best.law @ np.log(best.law / h)
    assert -found.fun == pytest.approx(objective, abs=1e-6)  # strong duality
    np.testing.assert_allclose(network.slopes(best.f), found.x, atol=2e-3)


def test_outputs_of_the_gibbs_law_by_adaptive_quadrature():
    network = line("squared")
    best = in_box(network, 801)
    g = network.slopes(best.f)

    def density(x):
        energy = network.ridge / 2 * x**2 + g @ np.tanh(network.inputs[:, 0] * x) * 2.0 / 16
        return np.exp(-energy / network.lam)

    edges = [-network.reach, -3, -1, 0, 1, 3, network.reach]

    def integral(f):
        return sum(quad(f, a, b, epsabs=1e-12)[0] for a, b in itertools.pairwise(edges))

    total = integral(density)
    for j in (0, 5, 11):
        z = network.inputs[j, 0]
        mean = integral(lambda x, z=z: 2 * np.tanh(z * x) * density(x)) / total
        assert best.f[j] == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_lattice_of_three_dimensions_has_converged(loss):
    network = square(loss)
    coarse, fine = (in_box(network, k) for k in (41, 57))
    assert np.abs(coarse.f - fine.f).max() < 2e-5
    # the network learns: its loss is well under that of output 0
    assert network.losses(fine.f).mean() < 0.75 * network.losses(0 * fine.f).mean()


def test_particle_constants_are_those_of_a_gaussian_integral():
    """-(lam/N) log E exp(-N B/lam) and the tilted mean of B, outputs Gaussian: Monte Carlo."""
    network = line("squared")
    best = in_box(network, 801)
    gap, tilted = gibbs.particle_constants(best)
    values, vectors = np.linalg.eigh(best.covariance)
    rng = np.random.default_rng(1)
    outputs = (vectors * np.sqrt(np.maximum(values, 0))) @ rng.normal(size=(16, 400_000))
    divergence = (outputs**2).mean(0) / 2  # N B_F as N grows, by the central limit theorem
    weight = np.exp(-divergence / network.lam)
    assert gap == pytest.approx(-network.lam * np.log(weight.mean()), rel=0.01)
    assert tilted == pytest.approx((weight * divergence).mean() / weight.mean(), rel=0.01)


def test_draws_of_the_gibbs_law_have_its_distribution():
    """One particle: its divergence is a function of x, with the distribution that mu* gives it."""
    network = line("squared")
    best = in_box(network, 2001)
    rng = torch.Generator().manual_seed(3)
    seen = gibbs.independent_divergence(best, 1, 500, replicates=8, rng=rng).ravel()
    at = best.divergence(best.features)
    order = np.argsort(at)
    cumulative = np.cumsum(best.law[order])
    assert kstest(seen, lambda v: np.interp(v, at[order], cumulative)).pvalue > 0.005


def test_mean_divergence_of_independent_particles():
    """E B_F = tr(H Sigma)/(2N) for the squared loss, exactly."""
    network = line("squared")
    best = in_box(network, 2001)
    exact = np.trace(best.covariance) / (2 * network.size)
    assert gibbs.independent_constant(best) == pytest.approx(exact, rel=1e-12)
    rng = torch.Generator().manual_seed(4)
    for particles in (1, 7, 64):
        seen = gibbs.independent_divergence(best, particles, 200, replicates=100, rng=rng)
        assert seen.shape == (100, 200)
        error = seen.std() / np.sqrt(seen.size)
        assert abs(seen.mean() - exact / particles) < 4 * error


def test_many_independent_particles_pay_the_constant_of_a_curved_loss():
    best = in_box(line("logistic"), 1001)
    rng = torch.Generator().manual_seed(6)
    seen = gibbs.independent_divergence(best, 256, 100, replicates=64, rng=rng)
    error = seen.std() / np.sqrt(seen.size)
    assert abs(256 * seen.mean() / gibbs.independent_constant(best) - 1) < 0.01 + 4 * 256 * error


def test_gap_of_one_particle_by_quadrature():
    """N = 1: the N-particle Gibbs law is that of exp(-(F(delta_x))/lam), an integral over x."""
    network = line("logistic")
    best = in_box(network, 2001)
    axis = best.x[:, 0]
    h = axis[1] - axis[0]
    energy = network.losses(best.features).mean(1) + network.ridge / 2 * axis**2
    free = -network.lam * np.log((np.exp(-energy / network.lam)).sum() * h)
    objective = network.losses(best.f).mean() + network.ridge / 2 * best.law @ axis**2
    objective += network.lam * best.law @ np.log(best.law / h)
    rng = torch.Generator().manual_seed(5)
    divergence = gibbs.independent_divergence(best, 1, 4000, replicates=64, rng=rng)
    gap = gibbs.particle_gap(network.lam, divergence, 1)
    error = gap.std(ddof=1) / 8
    assert abs(gap.mean() - (free - objective)) < 4 * error + 1e-4
