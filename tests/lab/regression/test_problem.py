"""Data and risks of a problem against their definitions, the linear risk against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Kernel

from ratecheck.lab.regression import designs
from ratecheck.lab.regression.problem import Problem
from ratecheck.lab.targets import broken_series, bumps, fragments, half_planes, ridge_functions


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


class Covariance(Kernel):
    """The covariance of a prior, as scikit-learn wants it."""

    def __init__(self, prior):
        self.prior = prior

    def __call__(self, x, y=None, eval_gradient=False):
        points = (torch.from_numpy(part)[None] for part in (x, x if y is None else y))
        return self.prior.covariance(*points)[0].double().numpy()

    def diag(self, x):
        return np.diagonal(self(x))

    def is_stationary(self):
        return False


@pytest.mark.parametrize(
    "problem",
    [
        designs.interval(broken_series.Prior(1.5, 1.0, 0.5), 0.3),
        designs.square(half_planes.Prior(), 0.3),
        designs.sphere(ridge_functions.Prior("sign", 4), 0.3, 4),
        designs.circle(bumps.least_favourable(60, 1, 1, 0.3, needles=2), 0.3),
    ],
)
def test_linear_risk(problem):
    """Against the posterior variance of scikit-learn's Gaussian process regression."""
    data = problem.data(60, replicates=5, rng=rng())
    found = data.linear_risk()
    assert found.dtype == torch.float64
    model = GaussianProcessRegressor(Covariance(problem.prior), alpha=0.09, optimizer=None)
    for r in range(5):
        model.fit(data.x[r].numpy(), np.zeros(60))
        _, deviation = model.predict(data.linear_at[r].numpy(), return_std=True)
        assert float(found[r]) == pytest.approx((deviation**2).mean(), rel=1e-4)


def test_labels_are_the_target_and_noise():
    problem = designs.square(half_planes.Prior(), 0.3)
    data = problem.data(4000, replicates=3, rng=rng())
    noise = (data.y - data.target(data.x)).flatten()
    assert float(noise.std()) == pytest.approx(0.3, rel=0.03)
    assert float(noise.mean()) == pytest.approx(0.0, abs=4 * 0.3 / 12_000**0.5)


def test_risk_of_functions_values_and_regions():
    problem = designs.square(half_planes.Prior(), 0.3)
    data = problem.data(10, replicates=3, rng=rng())
    other = half_planes.Prior().draw(replicates=3, rng=rng(2))
    expected = (other(data.at) != data.target(data.at)).double().mean(1)
    assert torch.allclose(data.risk(lambda at: other(at)), expected)
    assert torch.allclose(data.risk(other(data.at)), expected)
    assert torch.equal(data.risk(other), other.area_between(data.target))
    both = data.risks(one=other, zero=torch.zeros_like(data.truth))
    assert torch.equal(both["one"], data.risk(other))
    assert torch.allclose(both["zero"], data.target(data.at).mean(1))
    assert torch.allclose(data.risk(other), expected, atol=0.01)  # the points are 1/128 apart


def test_points_of_judgement():
    prior, cube = broken_series.Prior(1.0), designs.Cube(1)
    fixed = torch.tensor([[0.1], [0.7]], dtype=torch.float64)
    data = Problem(prior, cube, 0.3, at=fixed, linear_at=7).data(5, replicates=2, rng=rng())
    assert torch.equal(data.at, fixed.expand(2, -1, -1))
    assert data.linear_at.shape == (2, 7, 1)
    fresh = Problem(prior, cube, 0.3, at=9, linear_at=7).data(5, replicates=2, rng=rng())
    assert torch.equal(fresh.linear_at, fresh.at[:, :7])
    # fresh inputs are drawn after the data
    assert torch.equal(fresh.y, data.y)
    assert not set(fresh.at.flatten().tolist()) & set(fresh.x.flatten().tolist())


def test_every_other_datum():
    data = designs.interval(broken_series.Prior(1.0), 0.3).data(10, replicates=2, rng=rng())
    half = data.every(2)
    assert torch.equal(half.x, data.x[:, [0, 2, 4, 6, 8]])
    assert torch.equal(half.y, data.y[:, [0, 2, 4, 6, 8]])
    assert (half.linear_risk() > data.linear_risk()).all()


def test_a_law_without_covariance_has_no_linear_risk():
    data = designs.square(fragments.Prior(1.5), 0.3).data(10, replicates=2, rng=rng())
    with pytest.raises(TypeError, match="fragments knows no covariance"):
        data.linear_risk()
