"""The law of mean-field Langevin dynamics on a grid, against particles, scipy and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import eig
from scipy.stats import norm

from ratecheck.lab.finite_sums import laws as finite_sum
from ratecheck.lab.mean_field import density
from ratecheck.lab.mean_field import network as mean_field


def test_one_step_is_the_mixture_of_gaussians():
    network, step = mean_field.line("squared"), 0.2
    grid = density.grid_for(network, step)
    law = density.gaussian_law(grid, 0.5, 0.6)
    f = grid.features @ law
    drift = network.ridge * grid.x + network.slopes(f) @ grid.derivatives / 16
    kernel = norm.pdf(grid.x, (grid.x - step * drift)[:, None], math.sqrt(2 * step * network.lam))
    pushed = law @ (kernel * grid.spacing)
    np.testing.assert_allclose(density.advance(network, grid, law, step), pushed, atol=1e-12)


def test_derivatives_of_the_features():
    network = mean_field.line("squared")
    grid = density.grid_for(network, 0.01)
    slope = np.gradient(grid.features, grid.spacing, axis=1, edge_order=2)
    np.testing.assert_allclose(grid.derivatives, slope, atol=3e-3)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("step", [0.4, 0.05])
def test_stationary_law_is_where_the_chain_stays(loss, step):
    network = mean_field.line(loss)
    grid = density.grid_for(network, step)
    law = density.stationary(network, grid, step)
    np.testing.assert_allclose(density.advance(network, grid, law, step), law, atol=1e-13)
    away = density.gaussian_law(grid, 1.0, 0.5)
    for _ in range(round(80 / step)):
        away = density.advance(network, grid, away, step)
    np.testing.assert_allclose(away, law, atol=1e-8)


def test_stationary_law_is_the_left_eigenvector_of_its_own_kernel():
    network, step = mean_field.line("squared"), 0.2
    grid = density.grid_for(network, step)
    law = density.stationary(network, grid, step)
    mean = grid.x - step * density._drift(network, grid, grid.features @ law)
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
    grid = density.grid_for(network, step)
    law = density.stationary(network, grid, step, heat=1.3)
    variance = 1.3 * network.lam / (network.ridge * (1 - step * network.ridge / 2))
    assert law @ grid.x**2 == pytest.approx(variance, rel=1e-9)
    w, best = variance, network.lam / network.ridge
    gap = network.ridge * (w - best) / 2 - network.lam * math.log(w / best) / 2
    minimiser = mean_field.gibbs(network, grid.x).law
    excess = density.objective_of(network, grid, law)
    excess -= density.objective_of(network, grid, minimiser)
    assert excess == pytest.approx(gap, rel=1e-7)


def test_contraction_of_the_linear_chain():
    """A shifted Gaussian: the objective is ridge (shift (1 - eta ridge)^k)^2/2 above its floor."""
    network, step = mean_field.line("squared", r=1e-12), 0.1
    grid = density.grid_for(network, step)
    w = network.lam / (network.ridge * (1 - step * network.ridge / 2))
    start = density.gaussian_law(grid, 1.2, math.sqrt(w))
    values = density.objective_along(network, grid, start, step, [0, 3, 10])
    floor = density.objective_of(network, grid, density.stationary(network, grid, step))
    for k, value in zip((0, 3, 10), values, strict=True):
        shift = 1.2 * (1 - step * network.ridge) ** k
        assert value - floor == pytest.approx(network.ridge * shift**2 / 2, rel=1e-6)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_finer_grid_changes_nothing(loss, monkeypatch):
    network, step = mean_field.line(loss), 0.1

    def gap():
        grid = density.grid_for(network, step)
        best = mean_field.gibbs(network, grid.x).law
        law = density.stationary(network, grid, step)
        value = density.objective_of(network, grid, law)
        return value - density.objective_of(network, grid, best)

    coarse = gap()
    monkeypatch.setattr(density, "SPACING", 0.4)
    assert gap() == pytest.approx(coarse, rel=1e-7)


def test_particles_have_the_law_of_the_grid():
    """2^16 particles from the same start: outputs within Monte Carlo error after ten steps."""
    network, step, size = mean_field.line("logistic"), 0.3, 1 << 16
    grid = density.grid_for(network, step)
    law = density.gaussian_law(grid, 0.8, 0.5)
    rng = np.random.default_rng(2)
    x = 0.8 + 0.5 * rng.normal(size=size)
    z = network.inputs[:, 0]
    for _ in range(10):
        law = density.advance(network, grid, law, step)
        t = np.tanh(np.outer(x, z))
        e = network.slopes(network.r * t.mean(0))
        drift = network.ridge * x + network.r * ((1 - t**2) * z) @ e / 16
        x = x - step * drift + math.sqrt(2 * step * network.lam) * rng.normal(size=size)
    outputs = network.r * np.tanh(np.outer(x, z))
    error = outputs.std(0) / math.sqrt(size)
    assert (np.abs(outputs.mean(0) - grid.features @ law) < 4.5 * error).all()


def test_steps_that_are_too_small_are_refused():
    network = mean_field.line("squared")
    with pytest.raises(ValueError, match="more than 4096"):
        density.grid_for(network, 1e-6)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_minibatch_chain_is_the_plain_loop(loss):
    network, step, burn = mean_field.line(loss), 0.2, 4
    grid = density.grid_for(network, step)
    start = density.stationary(network, grid, step)
    rng = torch.Generator().manual_seed(0)
    weights = density.batch_weights(16, 3, 12, replicates=2, rng=rng)
    values = density.minibatch_objective(network, grid, start, step, weights, burn)
    for r in range(2):
        law, seen = start, []
        for k in range(12):
            if k >= burn:
                seen.append(density.objective_of(network, grid, law))
            slopes = network.slopes(grid.features @ law) * weights[r, k].numpy()
            mean = grid.x - step * (network.ridge * grid.x + slopes @ grid.derivatives)
            out = np.empty_like(law)
            sd = math.sqrt(2 * step * network.lam)
            density._push(law, mean, sd, float(grid.x[0]), grid.spacing, out)
            law = out
        assert float(values[r]) == pytest.approx(np.mean(seen), abs=1e-13)


def test_all_data_are_no_minibatch():
    network, step = mean_field.line("squared"), 0.2
    grid = density.grid_for(network, step)
    law = density.stationary(network, grid, step)
    weights = density.batch_weights(16, 16, 20, replicates=2, rng=torch.Generator().manual_seed(0))
    values = density.minibatch_objective(network, grid, law, step, weights, 5)
    np.testing.assert_allclose(values, density.objective_of(network, grid, law), atol=1e-12)


@pytest.mark.parametrize(("batch", "replacement"), [(1, False), (4, False), (12, False), (4, True)])
def test_weights_have_the_variance_of_their_batches(batch, replacement):
    rng = torch.Generator().manual_seed(1)
    weights = density.batch_weights(
        16, batch, 1000, replicates=40, rng=rng, replacement=replacement
    ).view(-1, 16)
    assert torch.allclose(weights.sum(1), torch.ones(40_000, dtype=torch.float64))
    y = torch.linspace(-1, 1, 16, dtype=torch.float64)
    y = (y - y.mean()) / y.std(correction=0)
    factor = 1 / batch if replacement else finite_sum.variance_factor(16, batch)
    means = weights @ y
    assert float(means.mean()) == pytest.approx(0, abs=5 / math.sqrt(40_000))
    assert float(means.var()) == pytest.approx(factor, rel=0.05)
    if not replacement:
        assert ((weights > 0).sum(1) == batch).all()
