"""Regression on a regular grid against Gaussian process regression with the covariance matrix."""

import pytest
import torch

from ratecheck.lab.estimators.kernel_ridge import posterior_variance
from ratecheck.lab.regression import regular
from ratecheck.lab.targets import bumps

N, SIGMA = 64, 0.25
PRIOR = bumps.least_favourable(N, 1, 1, SIGMA)


def matrix():
    grid = torch.arange(N, dtype=torch.float64) / N
    return PRIOR.at_distance(grid[:, None] - grid)


def test_best_linear_estimate_is_the_posterior_mean():
    rng = torch.Generator().manual_seed(1)
    data = regular.Problem(PRIOR, SIGMA).data(N, replicates=3, rng=rng)
    noisy = matrix() + SIGMA**2 * torch.eye(N, dtype=torch.float64)
    expected = data.y @ torch.linalg.solve(noisy, matrix())
    assert torch.allclose(data.best_linear(), expected, atol=1e-10)


def test_linear_risk_is_the_posterior_variance_and_that_of_the_estimate():
    gram = matrix()[None]
    exact = float(posterior_variance(gram, gram, gram[0].diagonal(), SIGMA**2).mean())
    assert regular.linear_risk(PRIOR, N, SIGMA) == pytest.approx(exact)
    rng = torch.Generator().manual_seed(2)
    data = regular.Problem(PRIOR, SIGMA).data(N, replicates=2000, rng=rng)
    risk = data.risk(data.best_linear())
    assert float(risk.mean()) == pytest.approx(exact, abs=4 * float(risk.std()) / 2000**0.5)


def test_labels_are_the_truth_and_noise():
    rng = torch.Generator().manual_seed(3)
    data = regular.Problem(PRIOR, SIGMA).data(N, replicates=200, rng=rng)
    assert float((data.y - data.truth).std()) == pytest.approx(SIGMA, rel=0.03)
    target = PRIOR.draw(replicates=200, rng=torch.Generator().manual_seed(3))
    grid = torch.arange(N, dtype=torch.float64)[:, None] / N
    assert torch.equal(data.truth, target(grid.expand(200, -1, -1)))
    both = data.risks(labels=data.y, zero=torch.zeros_like(data.y))
    assert torch.allclose(both["labels"], (data.y - data.truth).pow(2).sum(1) / N)
    assert torch.allclose(both["zero"], data.truth.pow(2).sum(1) / N)
