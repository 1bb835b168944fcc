"""Noisy gradient descent of N neurons, against plain loops with autograd and exact laws."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums.laws import batch_weights
from ratecheck.lab.mean_field import density, gibbs, particles
from ratecheck.lab.mean_field import network as mean_field
from ratecheck.lab.mean_field.particles import Descent

LOSSES = ["squared", "logistic"]


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shared", [False, True])
def test_steps_are_those_of_autograd_on_the_same_draws(loss, shared):
    """The gradient of N F(empirical law) in each particle, one network at a time, in double."""
    network = mean_field.square(loss)
    labels = torch.as_tensor(network.labels)
    rng, step, r, n, size = generator(1), 0.3, 3, 16, 5
    state = torch.randn(2 * r, size, 3, generator=rng)
    plain = state.double()
    training = particles.Training(gibbs.in_box(network, 9), torch.device("cpu"))
    sd = math.sqrt(2 * step * network.lam)
    for _ in range(6):
        weights = torch.cat(
            [batch_weights(n, b, r, rng=rng, dtype=torch.float32) for b in (16, 4)], 0
        )
        noise = torch.randn(r, 1 if shared else size, 3, generator=rng)
        f = training.advance(state, weights, noise, step)
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
            moved.append(plain[v] - step * gradient + sd * noise[v % r].double())
            np.testing.assert_allclose(f[v], out.detach(), atol=2e-6)
        plain = torch.stack(moved)
    np.testing.assert_allclose(state, plain, atol=3e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_divergence_is_that_of_the_network(loss):
    network = mean_field.line(loss)
    f, best = np.random.default_rng(0).normal(size=(4, 16)), gibbs.in_box(network, 101)
    training = particles.Training(best, torch.device("cpu"))
    seen = training.divergence(torch.as_tensor(f))
    np.testing.assert_allclose(seen, best.divergence(f), atol=1e-7)
    np.testing.assert_allclose(training.slopes(torch.as_tensor(f)), network.slopes(f), atol=1e-6)


def run(best, size, batches, seed=0, step=0.2, replicates=32, burn=60, steps=200, **changes):
    descent = Descent(size, step, batches, burn * step, steps * step, **changes)
    return particles.mean_divergence(best, descent, replicates=replicates, rng=generator(seed))


def test_many_particles_are_the_grid():
    """At a large step, a term of order 1/N aside: B_F of the law of infinitely many."""
    network, step = mean_field.line("squared"), 1.0
    neurons, best = density.continuum(network, step), gibbs.in_box(network, 801)
    bias = best.divergence(neurons.features @ neurons.stationary())
    few, many = (
        float(run(best, size, [16], step=step, replicates=16).mean()) for size in (1024, 4096)
    )
    assert many - (few - many) / 3 == pytest.approx(float(bias), rel=0.15)
    assert few > 1.5 * many


def test_small_steps_have_the_constant_of_the_gibbs_law():
    best = gibbs.in_box(mean_field.line("squared"), 801)
    _, constant = gibbs.particle_constants(best)
    size = 32
    values = run(best, size, [16], seed=3, step=0.02, replicates=48, burn=600, steps=3000)[0]
    error = float(values.std()) / math.sqrt(48)
    # the step adds a few per cent
    assert abs(float(values.mean()) - constant / size) < 4 * error + 0.05 * constant / size


def test_particles_that_see_no_others_have_the_constant_of_independent_ones():
    best = gibbs.in_box(mean_field.line("squared"), 801)
    constant, size = gibbs.independent_constant(best), 32
    values = run(best, size, [16], seed=5, step=0.1, burn=200, steps=1000, alone=True)[0]
    error = float(values.std()) / math.sqrt(32)
    # the step adds a few per cent
    assert abs(float(values.mean()) - constant / size) < 4 * error + 0.1 * constant / size


def test_variants_share_their_brownian_path():
    """The same variant twice gives the same numbers; a minibatch adds to them."""
    best = gibbs.in_box(mean_field.square(), 33)
    full, again, mini = run(best, 16, [16, 16, 2])
    assert torch.equal(full, again)
    assert ((mini - full) > 0).float().mean() > 0.9
    assert float((mini - full).std()) < 0.8 * float(mini.std() + full.std())


def test_kept_and_repeated_minibatches_do_more():
    best = gibbs.in_box(mean_field.square(), 33)
    _, fresh = run(best, 64, [16, 12])
    _, kept = run(best, 64, [16, 12], keep=8.0)
    _, again = run(best, 64, [16, 12], replacement=True)
    assert float(fresh.mean()) < float(kept.mean())
    assert float(fresh.mean()) < float(again.mean())


def test_minibatches_are_held():
    """Weights are drawn once every three steps."""
    drawn = []

    def counting(*args, **settings):
        drawn.append(args)
        return batch_weights(*args, **settings)

    best = gibbs.in_box(mean_field.line("squared"), 101)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(particles, "batch_weights", counting)
        run(best, 4, [2], burn=0, steps=2 * particles.AHEAD * 3, keep=0.6)
    assert len(drawn) == 2
