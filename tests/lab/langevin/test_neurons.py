"""Networks under noisy gradient descent, against autograd, draws and a conjugate posterior."""

import pytest
import torch
from scipy import linalg

from ratecheck.lab.langevin import neurons
from ratecheck.lab.langevin.neurons import Chain, Networks, Prior, Sequence
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


@pytest.mark.parametrize("drawn", [False, True])
def test_covariance_is_that_of_drawn_teachers(drawn):
    x = Sphere(4).draw(5, replicates=1, rng=rng())
    prior = Prior(1.0, 4, 6, drawn)
    values = prior.draw(replicates=40_000, rng=rng(2))(x.expand(40_000, -1, -1))
    expected = prior.covariance(x, x)[0]
    assert torch.allclose(expected.diagonal(), prior.variance(x).expand(5))
    assert values.mean(0).abs().max() < 0.02
    assert torch.allclose(torch.cov(values.T), expected, atol=0.03)


def test_weights_fall_as_they_should():
    a = neurons.falling(1.5, 8)
    assert a.square().sum().item() == pytest.approx(1)
    assert (a[0] / a[3]).item() == pytest.approx(4**1.5)
    assert torch.allclose(Chain(0.5, 1.0).scales(8), a)


def test_the_limit_of_known_features_is_that_of_its_recursion():
    """Mean and covariance of a linear Gaussian recursion, by scipy; the data vary besides."""
    gamma, sigma, n, modes = 1.0, 0.5, 50.0, 6
    chain = Chain(gamma, n / (2 * sigma**2), step=0.3)
    t, truth = neurons.falling(gamma + 1, modes).numpy(), neurons.falling(gamma + 0.5, modes)
    ridge = 1 / (1 + chain.step / chain.beta)
    moves = ridge * (1 - 2 * chain.step * t**2)
    around = linalg.solve_discrete_lyapunov(
        torch.diag(torch.tensor(moves)).numpy(),
        ridge**2 * 2 * chain.step / chain.beta * torch.eye(modes, dtype=torch.float64).numpy(),
    )
    share = ridge * 2 * chain.step * t**2 / (1 - moves)  # of what is seen, in the mean of t w
    bias = (1 - share) * truth.numpy()
    expected = bias @ bias + (share**2).sum() * sigma**2 / n + t**2 @ around.diagonal()
    assert Sequence(gamma, sigma).risk(chain, n, modes) == pytest.approx(expected)


def test_the_first_layer_held_fast_the_chain_is_at_the_posterior():
    """Its outer weights are Gaussian then: risk of a draw, by Bayes' formula; step to zero."""
    data = neurons.problem(1.0, 3, 4, 0.5).data(20, replicates=100, rng=rng())
    inner = data.target.inner
    found = neurons.held_risk(data, Chain(1.0, 40.0, 0.1, 4800), inner, rng=rng(7))
    a = neurons.falling(2.0, 4)
    seen, at = (torch.erf(points @ inner) * a for points in (data.x, data.at))
    # exp(-beta L) times a standard normal law: precision 2 beta/n F'F + 1
    covariance = torch.linalg.inv(4 * seen.mT @ seen + torch.eye(4))
    mean = 4 * covariance @ (seen.mT @ data.y[..., None])
    bias = ((at @ mean)[..., 0] - data.truth).square().mean(1)
    expected = bias + ((at @ covariance) * at).sum(2).mean(1)
    assert torch.allclose(neurons.posterior_risk(data, inner, 2.0), expected)
    assert found.mean().item() == pytest.approx(expected.mean().item(), rel=0.05)
    assert torch.corrcoef(torch.stack([found, expected]))[0, 1] > 0.8


def test_a_draw_leaves_the_noise_at_the_data_where_the_teacher_is_of_the_ridges_law():
    data = neurons.problem(1.0, 3, 4, 0.5, drawn=True).data(24, replicates=400, rng=rng(3))
    found = neurons.draws(data, Chain(1.0, 24 / (2 * 0.5**2), 0.15, 800), 4, rng=rng(4))
    assert found.left.mean().item() == pytest.approx(0.25, rel=0.1)
    assert found.risk.mean().item() < data.truth.square().mean().item()
