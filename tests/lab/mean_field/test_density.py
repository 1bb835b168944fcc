"""The law of mean-field Langevin dynamics on a grid, against particles, scipy and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import eig
from scipy.stats import norm

from ratecheck.lab.finite_sums.laws import batch_weights
from ratecheck.lab.mean_field import density
from ratecheck.lab.mean_field import network as mean_field


def test_one_step_is_the_mixture_of_gaussians():
    network, step = mean_field.line("squared"), 0.2
    neurons = density.continuum(network, step)
    grid = neurons.grid
    law = grid.gaussian(0.5, 0.6)
    f = neurons.features @ law
    drift = network.ridge * grid.x + network.slopes(f) @ neurons.derivatives / 16
    kernel = norm.pdf(grid.x, (grid.x - step * drift)[:, None], math.sqrt(2 * step * network.lam))
    pushed = law @ (kernel * grid.spacing)
    np.testing.assert_allclose(neurons.advance(law), pushed, atol=1e-12)


def test_derivatives_of_the_features():
    network = mean_field.line("squared")
    neurons = density.continuum(network, 0.01)
    grid = neurons.grid
    slope = np.gradient(neurons.features, grid.spacing, axis=1, edge_order=2)
    np.testing.assert_allclose(neurons.derivatives, slope, atol=3e-3)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("step", [0.4, 0.05])
def test_stationary_law_is_where_the_chain_stays(loss, step):
    network = mean_field.line(loss)
    neurons = density.continuum(network, step)
    grid = neurons.grid
    law = neurons.stationary()
    np.testing.assert_allclose(neurons.advance(law), law, atol=1e-13)
    away = grid.gaussian(1.0, 0.5)
    for _ in range(round(80 / step)):
        away = neurons.advance(away)
    np.testing.assert_allclose(away, law, atol=1e-8)


def test_stationary_law_is_the_left_eigenvector_of_its_own_kernel():
    network, step = mean_field.line("squared"), 0.2
    neurons = density.continuum(network, step)
    grid = neurons.grid
    law = neurons.stationary()
    mean = neurons.moved(neurons.features @ law)
    sd = math.sqrt(2 * step * network.lam)
    matrix = density._matrix(mean, sd, float(grid.x[0]), grid.spacing)
    values, vectors = eig(matrix.T)
    top = np.argmax(values.real)
    vector = vectors[:, top].real
    assert values[top].real == pytest.approx(1)
    np.testing.assert_allclose(vector / vector.sum(), law, atol=1e-12)


def test_linear_chain_has_the_variance_of_the_closed_form():
    """Without network (r = 0) the chain is Ornstein-Uhlenbeck's, discretised."""
    network, step = mean_field.line("squared", r=1e-12), 0.4
    neurons = density.continuum(network, step)
    grid = neurons.grid
    law = neurons.stationary(heat=1.3)
    variance = 1.3 * network.lam / (network.ridge * (1 - step * network.ridge / 2))
    assert law @ grid.x**2 == pytest.approx(variance, rel=1e-9)
    w, best = variance, network.lam / network.ridge
    gap = network.ridge * (w - best) / 2 - network.lam * math.log(w / best) / 2
    minimiser = neurons.minimiser()
    excess = neurons.objective(law)
    excess -= neurons.objective(minimiser)
    assert excess == pytest.approx(gap, rel=1e-7)


def test_contraction_of_the_linear_chain():
    """A shifted Gaussian: the objective is ridge (shift (1 - eta ridge)^k)^2/2 above its floor."""
    network, step = mean_field.line("squared", r=1e-12), 0.1
    neurons = density.continuum(network, step)
    grid = neurons.grid
    w = network.lam / (network.ridge * (1 - step * network.ridge / 2))
    start = grid.gaussian(1.2, math.sqrt(w))
    values = neurons.objective_along(start, [0, 3, 10])
    floor = neurons.objective(neurons.stationary())
    for k, value in zip((0, 3, 10), values, strict=True):
        shift = 1.2 * (1 - step * network.ridge) ** k
        assert value - floor == pytest.approx(network.ridge * shift**2 / 2, rel=1e-6)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_finer_grid_changes_nothing(loss, monkeypatch):
    network, step = mean_field.line(loss), 0.1

    def gap():
        neurons = density.continuum(network, step)
        best = neurons.minimiser()
        law = neurons.stationary()
        value = neurons.objective(law)
        return value - neurons.objective(best)

    coarse = gap()
    monkeypatch.setattr(density, "SPACING", 0.4)
    assert gap() == pytest.approx(coarse, rel=1e-7)


def test_particles_have_the_law_of_the_grid():
    """2^16 particles from the same start: outputs within Monte Carlo error after ten steps."""
    network, step, size = mean_field.line("logistic"), 0.3, 1 << 16
    neurons = density.continuum(network, step)
    grid = neurons.grid
    law = grid.gaussian(0.8, 0.5)
    rng = np.random.default_rng(2)
    x = 0.8 + 0.5 * rng.normal(size=size)
    z = network.inputs[:, 0]
    for _ in range(10):
        law = neurons.advance(law)
        t = np.tanh(np.outer(x, z))
        e = network.slopes(network.r * t.mean(0))
        drift = network.ridge * x + network.r * ((1 - t**2) * z) @ e / 16
        x = x - step * drift + math.sqrt(2 * step * network.lam) * rng.normal(size=size)
    outputs = network.r * np.tanh(np.outer(x, z))
    error = outputs.std(0) / math.sqrt(size)
    assert (np.abs(outputs.mean(0) - neurons.features @ law) < 4.5 * error).all()


def test_steps_that_are_too_small_are_refused():
    network = mean_field.line("squared")
    with pytest.raises(ValueError, match="more than 4096"):
        density.continuum(network, 1e-6)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_minibatch_chain_is_the_plain_loop(loss):
    network, step, burn = mean_field.line(loss), 0.2, 4
    neurons = density.continuum(network, step)
    grid = neurons.grid
    start = neurons.stationary()
    rng = torch.Generator().manual_seed(0)
    weights = batch_weights(16, 3, 2, 12, rng=rng)
    values = neurons.minibatch_objective(start, weights, burn)
    for r in range(2):
        law, seen = start, []
        for k in range(12):
            if k >= burn:
                seen.append(neurons.objective(law))
            slopes = network.slopes(neurons.features @ law) * weights[r, k].numpy()
            mean = grid.x - step * (network.ridge * grid.x + slopes @ neurons.derivatives)
            out = np.empty_like(law)
            sd = math.sqrt(2 * step * network.lam)
            density._push(law, mean, sd, float(grid.x[0]), grid.spacing, out)
            law = out
        assert float(values[r]) == pytest.approx(np.mean(seen), abs=1e-13)


def test_excess_is_that_of_a_stream_of_minibatches():
    network, step = mean_field.line("squared"), 0.5
    neurons = density.continuum(network, step)
    seen = neurons.excess(
        2, burn=2.0, time=5.0, keep=1.0, replicates=3, rng=torch.Generator().manual_seed(6)
    )
    weights = batch_weights(16, 2, 3, 7, rng=torch.Generator().manual_seed(6))
    law = neurons.stationary()
    plain = neurons.minibatch_objective(law, weights.repeat_interleave(2, 1), 4)
    assert seen.tolist() == (plain - neurons.objective(law)).tolist()
    fresh = neurons.excess(2, burn=2.0, time=40.0, replicates=8, rng=torch.Generator())
    assert 0 < float(fresh.mean()) < float(seen.mean())


def test_all_data_are_no_minibatch():
    network, step = mean_field.line("squared"), 0.2
    neurons = density.continuum(network, step)
    law = neurons.stationary()
    weights = batch_weights(16, 16, 2, 20, rng=torch.Generator())
    values = neurons.minibatch_objective(law, weights, 5)
    np.testing.assert_allclose(values, neurons.objective(law), atol=1e-12)
