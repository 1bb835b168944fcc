"""Ridge functions: covariances by sampling, points on their sphere."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.targets import ridge_functions


@pytest.mark.parametrize("ridges", [1, 20])
@pytest.mark.parametrize("profile", ["sign", "abs"])
def test_covariance_is_that_of_sampled_targets(profile, ridges):
    rng = torch.Generator().manual_seed(0)
    x = ridge_functions.sphere(5, 4, replicates=1, rng=rng)
    target = ridge_functions.draw(profile, 4, ridges, replicates=40_000, rng=rng)
    values = target(x.expand(40_000, -1, -1))
    expected = ridge_functions.covariance(x, x, profile)[0]
    assert torch.allclose(expected.diagonal(), torch.ones(5, dtype=torch.float64), atol=1e-7)
    assert values.mean(0).abs().max() < 0.02
    assert torch.allclose(torch.cov(values.T), expected, atol=0.03)


def test_values_by_a_loop():
    rng = torch.Generator().manual_seed(1)
    x = ridge_functions.sphere(6, 3, replicates=2, rng=rng)
    for profile, function in (("sign", np.sign), ("abs", np.abs)):
        target = ridge_functions.draw(profile, 3, 4, replicates=2, rng=rng)
        for r in range(2):
            total = sum(
                float(target.signs[r, k])
                * function(x[r].numpy() @ target.directions[r, :, k].numpy())
                for k in range(4)
            )
            assert np.allclose(target(x)[r], total / 2)


def test_points_lie_on_the_sphere_and_in_the_subspace():
    rng = torch.Generator().manual_seed(2)
    x = ridge_functions.sphere(1000, 5, within=3, replicates=1, rng=rng)
    assert torch.allclose(x.norm(dim=2), torch.full((1, 1000), math.sqrt(5), dtype=torch.float64))
    assert not x[..., 3:].any()
    second = torch.cov(x[0, :, :3].T)
    assert torch.allclose(second, 5 / 3 * torch.eye(3, dtype=torch.float64), atol=0.15)
