"""Networks under noisy gradient descent, against autograd, draws and a conjugate posterior."""

import math

import pytest
import torch

from ratecheck.lab.langevin import neurons
from ratecheck.lab.langevin.neurons import Descent, Networks, Prior
from ratecheck.lab.regression.designs import Sphere


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def draw(*shape, seed):
    return torch.randn(*shape, generator=rng(seed), dtype=torch.float64)


def test_the_gradient_is_that_of_autograd():
    x, y = draw(2, 7, 3, seed=1), draw(2, 7, seed=2)
    inner, outer = (draw(*shape, seed=3).requires_grad_() for shape in ((2, 3, 4), (2, 4)))
    loss = (Networks(inner, outer)(x) - y).square().mean(1).sum()
    expected = torch.autograd.grad(loss, (inner, outer))
    found = neurons.gradient(x, y, Networks(inner.detach(), outer.detach()))
    assert all(torch.allclose(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("gamma", [-0.5, 1.0])
def test_covariance_is_that_of_drawn_teachers(gamma):
    x = Sphere(4).draw(5, replicates=1, rng=rng())
    prior = Prior(gamma, 4, neurons=6, slope=2.0)
    values = prior.draw(replicates=40_000, rng=rng(2))(x.expand(40_000, -1, -1))
    expected = prior.covariance(x, x)[0]
    assert torch.allclose(expected.diagonal(), prior.variance(x).expand(5))
    assert values.mean(0).abs().max() < 0.02
    assert torch.allclose(torch.cov(values.T), expected, atol=0.03)


def test_weights_fall_as_they_should():
    a = neurons.weights(1.0, 8)
    assert a.square().sum().item() == pytest.approx(1)
    assert (a[0] / a[3]).item() == pytest.approx(4**1.5)


def test_the_first_layer_held_fast_the_chain_is_at_the_posterior():
    """Its outer weights are Gaussian then: risk of a draw, by Bayes' formula; step to zero."""
    problem = neurons.problem(1.0, 3, 0.5)
    data = problem.data(20, replicates=100, rng=rng())
    descent = Descent(1.0, 40.0, 3, steps=1200, step=0.2, frozen=True)
    found = neurons.gibbs_risk(data, descent, rng=rng(7))
    a, u = neurons.weights(1.0, 3), torch.randn(100, 3, 3, generator=rng(7)).double()
    inner = descent.slope / math.sqrt(3) * u
    seen, at = (torch.erf(points @ inner) * a for points in (data.x, data.at))
    # exp(-beta L) times a standard normal law: precision 2 beta/n F'F + 1
    covariance = torch.linalg.inv(4 * seen.mT @ seen + torch.eye(3))
    mean = 4 * covariance @ (seen.mT @ data.y[..., None])
    bias = ((at @ mean)[..., 0] - data.truth).square().mean(1)
    expected = bias + ((at @ covariance) * at).sum(2).mean(1)
    assert found.mean().item() == pytest.approx(expected.mean().item(), rel=0.04)
    assert torch.corrcoef(torch.stack([found, expected]))[0, 1] > 0.95
