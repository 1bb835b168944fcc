"""Noisy gradient descent of N neurons, against plain loops with autograd and exact laws."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.mean_field import density, particles
from ratecheck.lab.mean_field import network as mean_field

LOSSES = ["squared", "logistic"]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shared", [False, True])
def test_steps_are_those_of_autograd_on_the_same_draws(loss, shared):
    """The gradient of N F(empirical law) in each particle, one network at a time, in double."""
    network = mean_field.square(loss)
    inputs = torch.as_tensor(network.inputs, dtype=torch.float32)
    labels = torch.as_tensor(network.labels)
    rng, step, r, n, size = generator(1), 0.3, 3, 16, 5
    state = torch.randn(2 * r, size, 3, generator=rng)
    plain = state.double()
    centre = np.zeros(n)
    objective = particles._Loss(network, centre, torch.device("cpu"))
    for _ in range(6):
        weights = torch.cat([particles._weights(n, b, 1, r, rng, False)[0] for b in (16, 4)], 0)
        noise = torch.randn(r, 1 if shared else size, 3, generator=rng)
        f = particles.langevin_step(
            state, inputs, weights, objective, noise, network.r, network.ridge, step, 0.1
        )
        moved = []
        for v in range(2 * r):
            x = plain[v].clone().requires_grad_()
            out = network.r * (x @ torch.as_tensor(network.inputs).mT).tanh().mean(0)
            losses = (out - labels) ** 2 / 2 if loss == "squared" else torch.log1p(
                torch.exp(-labels * out)
            )  # fmt: skip
            total = (weights[v].double() * losses).sum()
            total = total + network.ridge / 2 * x.square().sum(1).mean()
            (gradient,) = torch.autograd.grad(size * total, x)
            moved.append(plain[v] - step * gradient + 0.1 * noise[v % r].double())
            np.testing.assert_allclose(f[v], out.detach(), atol=2e-6)
        plain = torch.stack(moved)
    np.testing.assert_allclose(state, plain, atol=3e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_divergence_is_that_of_the_network(loss):
    network = mean_field.line(loss)
    rng = np.random.default_rng(0)
    f, centre = rng.normal(size=(4, 16)), rng.normal(size=16)
    objective = particles._Loss(network, centre, torch.device("cpu"))
    seen = objective.divergence(torch.as_tensor(f))
    np.testing.assert_allclose(seen, network.bregman(f, centre), atol=1e-7)
    np.testing.assert_allclose(objective.slopes(torch.as_tensor(f)), network.slopes(f), atol=1e-6)


def run(network, centre, size, batches, seed=0, step=0.2, **changes):
    settings = {"burn": 60, "steps": 200, "replicates": 32, "rng": generator(seed)} | changes
    return particles.mean_divergence(network, centre, size, step, batches, **settings)


def test_many_particles_are_the_grid():
    """At a large step, a term of order 1/N aside: B_F of the law of infinitely many."""
    network, step = mean_field.line("squared"), 1.0
    grid = density.grid_for(network, step)
    best = mean_field.gibbs(network, np.linspace(-network.reach, network.reach, 801))
    bias = network.bregman(grid.features @ density.stationary(network, grid, step), best.f)
    few, many = (
        float(run(network, best.f, size, [16], step=step, replicates=16).mean())
        for size in (1024, 4096)
    )
    assert many - (few - many) / 3 == pytest.approx(float(bias), rel=0.15)
    assert few > 1.5 * many


def test_small_steps_have_the_constant_of_the_gibbs_law():
    network = mean_field.line("squared")
    best = mean_field.gibbs(network, np.linspace(-network.reach, network.reach, 801))
    _, constant = mean_field.particle_constants(network, best)
    step, size = 0.02, 32
    values = particles.mean_divergence(
        network, best.f, size, step, [16], burn=600, steps=3000, replicates=48, rng=generator(3)
    )[0]
    error = float(values.std()) / math.sqrt(48)
    # the step adds a few per cent
    assert abs(float(values.mean()) - constant / size) < 4 * error + 0.05 * constant / size


def test_variants_share_their_brownian_path():
    """The same variant twice gives the same numbers; a minibatch adds to them."""
    network = mean_field.square()
    best = mean_field.gibbs(network, np.linspace(-network.reach, network.reach, 33)).f
    full, again, mini = run(network, best, 16, [16, 16, 2])
    assert torch.equal(full, again)
    assert ((mini - full) > 0).float().mean() > 0.9
    assert float((mini - full).std()) < 0.8 * float(mini.std() + full.std())


def test_kept_and_repeated_minibatches_do_more():
    network = mean_field.square()
    best = mean_field.gibbs(network, np.linspace(-network.reach, network.reach, 33)).f
    _, fresh = run(network, best, 64, [16, 12])
    _, kept = run(network, best, 64, [16, 12], hold=40)
    _, again = run(network, best, 64, [16, 12], replacement=True)
    assert float(fresh.mean()) < float(kept.mean())
    assert float(fresh.mean()) < float(again.mean())


def test_minibatches_are_held():
    """Weights are drawn once every ``hold`` steps."""
    drawn = []

    def counting(*args):
        drawn.append(args)
        return original(*args)

    original = particles._weights
    network = mean_field.line("squared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(particles, "_weights", counting)
        run(network, np.zeros(16), 4, [2], burn=0, steps=2 * particles.AHEAD * 3, hold=3)
    assert len(drawn) == 2
