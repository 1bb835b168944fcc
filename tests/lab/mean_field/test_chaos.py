"""Neurons beside their mean-field copies, against a linear model's closed form and autograd."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.draws import normal
from ratecheck.lab.mean_field import chaos, gibbs, tasks
from ratecheck.lab.mean_field.network import Network


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def linear(d=2, lam=0.1, ridge=0.5):
    """h(x) = x_1 as far as tanh is linear; the label is 0."""
    tiny = 1e-5
    return Network(np.eye(1, d) * tiny, np.zeros(1), "squared", 1 / tiny, lam, ridge)


def test_distance_of_a_linear_model_is_in_closed_form():
    """All neurons are off by the same: what their mean lacks, driven by the mean's noise."""
    network, step, size, spread, counts = linear(), 0.2, 6, 0.8, (1, 4, 20)
    run, replicates = chaos.Run(size, step, counts, spread), 4096
    rest = torch.zeros(counts[-1] + 1, 1, dtype=torch.float64)
    seen = chaos.coupled(network, rest, run, replicates=replicates, rng=generator())
    together, alone = 1 - step * (1 + network.ridge), 1 - step * network.ridge
    heat = 2 * step * network.lam

    def variance(a, b, k):
        """Covariance of two means with these factors a step and the same noise."""
        start = spread**2 * (a * b) ** k
        return (start + heat * (1 - (a * b) ** k) / (1 - a * b)) / size

    for i, k in enumerate(counts):
        mean, free = variance(together, together, k), variance(alone, alone, k)
        distance = mean + free - 2 * variance(together, alone, k)
        error = 6 / math.sqrt(replicates)
        assert float(seen.distance[:, i].mean()) == pytest.approx(distance, rel=error)
        assert float(seen.gap[:, i].mean()) == pytest.approx(mean / 2, rel=error)
        assert float(seen.copies_gap[:, i].mean()) == pytest.approx(free / 2, rel=error)


@pytest.mark.parametrize("loss", ["squared", "logistic", "wells"])
@pytest.mark.parametrize(("group", "shared"), [(0, False), (2, False), (0, True)])
def test_steps_are_those_of_autograd_on_the_same_draws(loss, group, shared):
    convex, name = loss != "wells", "squared" if loss == "wells" else loss
    network = tasks.cloud(name, d=4, n=5, convex=convex)
    size, step, steps, replicates = 4, 0.3, 5, 3
    path = normal(steps + 1, 5, rng=generator(5))
    run = chaos.Run(size, step, (steps,), 0.7, group, shared)
    seen = chaos.coupled(network, path, run, replicates=replicates, rng=generator(1))
    inputs, labels = torch.as_tensor(network.inputs), torch.as_tensor(network.labels)

    def losses(f):
        if loss == "wells":
            return (f**2 - 1) ** 2 / 4
        return (f - labels) ** 2 / 2 if loss == "squared" else torch.log1p(torch.exp(-labels * f))

    def slopes(f):
        f = f.clone().requires_grad_()
        return torch.autograd.grad(losses(f).sum(), f)[0]

    rng, sd = generator(1), math.sqrt(2 * step * network.lam)
    x = 0.7 * normal(replicates, size, 4, rng=rng)
    copies = x.clone()
    for k in range(steps):
        noise = sd * normal(replicates, 1 if shared else size, 4, rng=rng)
        gradient = torch.empty_like(x)
        for r in range(replicates):
            for part in np.split(np.arange(size), size // (group or size)):
                y = x[r, part].clone().requires_grad_()
                f = network.r * (y @ inputs.mT).tanh().mean(0)
                total = losses(f).mean() + network.ridge / 2 * y.square().sum(1).mean()
                gradient[r, part] = len(part) * torch.autograd.grad(total, y)[0]
        y = copies.clone().requires_grad_()
        pull = (network.r * (y @ inputs.mT).tanh() * slopes(path[k])).mean(-1).sum()
        pull = pull + network.ridge / 2 * y.square().sum()
        copies = copies - step * torch.autograd.grad(pull, y)[0] + noise
        x = x - step * gradient + noise
    distance = (x - copies).square().sum(-1).mean(-1)
    off = network.r * (x @ inputs.mT).tanh().mean(1) - path[steps]
    np.testing.assert_allclose(seen.distance[:, 0], distance, rtol=1e-9)
    np.testing.assert_allclose(seen.gap[:, 0], off.square().mean(-1) / 2, rtol=1e-9)


def test_losses_of_two_wells_are_those_of_their_derivatives():
    network = tasks.cloud("squared", convex=0)
    f, h = np.linspace(-1.5, 1.5, 32), 1e-5
    np.testing.assert_allclose(
        (network.losses(f + h) - network.losses(f - h)) / (2 * h), network.slopes(f), atol=1e-8
    )
    np.testing.assert_allclose(
        (network.slopes(f + h) - network.slopes(f - h)) / (2 * h), network.curvatures(f), atol=1e-8
    )


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_stationary_gap_is_the_covariance_of_a_gaussian_law(loss):
    """exp(-N (fluctuation' Sigma^-1 fluctuation + fluctuation' H fluctuation/lam)/2), inverted."""
    best = gibbs.in_box(tasks.biased(loss, n=3), 61)
    joint, alone = chaos.stationary_gap(best)
    network, sigma = best.network, best.covariance
    curved = np.diag(network.curvatures(best.f)) / 3
    precision = np.linalg.inv(sigma) + curved / network.lam
    assert joint == pytest.approx(np.trace(np.linalg.inv(precision)) / 6)
    assert alone == pytest.approx(np.trace(sigma) / 6)
    run = chaos.Run(4, 0.1, (3,), 0.5)
    np.testing.assert_array_equal(chaos.resting(best, run, torch.device("cpu"))[3], best.f)


def test_the_reference_is_a_grid_where_there_is_one():
    run = chaos.Run(8, 0.2, (6,), 0.6)
    exact = chaos.mean_field(tasks.biased("squared"), run, 64, generator(1))
    again = chaos.mean_field(tasks.biased("squared"), run, 64, generator(2))
    np.testing.assert_array_equal(exact, again)
    drawn = [chaos.mean_field(tasks.cloud("squared"), run, 64, generator(i)) for i in (1, 2)]
    assert drawn[0].shape == (7, 32)
    assert not np.array_equal(*drawn)


def test_a_weight_and_a_bias_are_two():
    with pytest.raises(ValueError, match="two parameters, not 3"):
        tasks.biased("squared", d=3)
