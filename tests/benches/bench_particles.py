"""How much faster noisy gradient descent of N neurons is than the straightforward forms.

Each is timed beside its baseline, in turn on the same draws, once the two were found to agree.
"""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums.laws import batch_weights
from ratecheck.lab.mean_field import density, gibbs, particles
from ratecheck.lab.mean_field import network as mean_field

STEPS = 20


def step_of(x, z, labels, noise, ridge, r, step, sd):
    """One step as one writes it down: x of shape (..., N, d)."""
    t = torch.tanh(x @ z.mT)
    error = r * t.mean(-2) - labels
    drift = ((1 - t**2) * error[..., None, :]) @ z * (r / len(labels)) + ridge * x
    return x - step * drift + sd * noise


@pytest.mark.parametrize(
    ("replicates", "size", "form", "seen"),
    [
        (64, 32, "loop", 33),
        (64, 32, "batched", 1.3),
        (32, 256, "loop", 8),
        (32, 256, "batched", 1.3),
    ],
)
def test_chain(faster, replicates, size, form, seen):
    """Beside a loop over replicates, and beside the same batched over them."""
    network, step = mean_field.square(), 0.1
    rng = torch.Generator().manual_seed(0)
    z = torch.as_tensor(network.inputs, dtype=torch.float32)
    labels = torch.as_tensor(network.labels, dtype=torch.float32)
    start = torch.randn(replicates, size, 3, generator=rng)
    noise = torch.randn(STEPS, replicates, size, 3, generator=rng)
    weights = torch.full((replicates, network.size), 1 / network.size)
    training = particles.Training(gibbs.in_box(network, 9), torch.device("cpu"))
    sd = math.sqrt(2 * step * network.lam)
    rest = (network.ridge, network.r, step, sd)

    def fast():
        state = start.clone()
        for k in range(STEPS):
            training.advance(state, weights, noise[k], step)
        return state

    def slow():
        if form == "batched":
            x = start
            for k in range(STEPS):
                x = step_of(x, z, labels, noise[k], *rest)
            return x
        ends = []
        for i in range(replicates):
            x = start[i]
            for k in range(STEPS):
                x = step_of(x, z, labels, noise[k, i], *rest)
            ends.append(x)
        return torch.stack(ends)

    assert torch.allclose(fast(), slow(), rtol=0, atol=1e-5)
    faster(slow, fast, seen)


@pytest.mark.parametrize(("step", "seen"), [(0.2, 7.7), (0.025, 14.5)])
def test_law(faster, step, seen):
    """The law of infinitely many, with minibatches, beside numpy, a kernel a step."""
    network = mean_field.line("squared")
    neurons = density.continuum(network, step)
    start, x = neurons.stationary(), neurons.grid.x
    rng = torch.Generator().manual_seed(0)
    weights = batch_weights(16, 2, 4, STEPS, rng=rng)
    sd = math.sqrt(2 * step * network.lam)

    def fast():
        return neurons.minibatch_objective(start, weights, 0).numpy()

    def slow():
        values = []
        for mine in weights.numpy():
            law, total = start, 0.0
            for k in range(STEPS):
                total += neurons.objective(law)
                slopes = network.slopes(neurons.features @ law) * mine[k]
                mean = x - step * (network.ridge * x + slopes @ neurons.derivatives)
                kernel = np.exp(-0.5 * np.minimum(((x - mean[:, None]) / sd) ** 2, 160.0))
                law = law @ (kernel / kernel.sum(1, keepdims=True))
            values.append(total / STEPS)
        return np.array(values)

    assert np.allclose(fast(), slow(), rtol=0, atol=1e-11)
    faster(slow, fast, seen)
