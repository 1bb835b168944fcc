"""Ridge functions: covariances by sampling, values by a loop."""

import numpy as np
import pytest
import torch

from ratecheck.lab.regression.designs import Sphere
from ratecheck.lab.targets import ridge_functions


@pytest.mark.parametrize("ridges", [1, 20])
@pytest.mark.parametrize("profile", ["sign", "abs"])
def test_covariance_is_that_of_sampled_targets(profile, ridges):
    rng = torch.Generator().manual_seed(0)
    x = Sphere(4).draw(5, replicates=1, rng=rng)
    target = ridge_functions.Prior(profile, 4, ridges).draw(replicates=40_000, rng=rng)
    values = target(x.expand(40_000, -1, -1))
    expected = ridge_functions.Prior(profile, 4).covariance(x, x)[0]
    assert torch.allclose(expected.diagonal(), torch.ones(5, dtype=torch.float64), atol=1e-7)
    assert values.mean(0).abs().max() < 0.02
    assert torch.allclose(torch.cov(values.T), expected, atol=0.03)


def test_values_by_a_loop():
    rng = torch.Generator().manual_seed(1)
    x = Sphere(3).draw(6, replicates=2, rng=rng)
    for profile, function in (("sign", np.sign), ("abs", np.abs)):
        target = ridge_functions.Prior(profile, 3, 4).draw(replicates=2, rng=rng)
        for r in range(2):
            total = sum(
                float(target.signs[r, k])
                * function(x[r].numpy() @ target.directions[r, :, k].numpy())
                for k in range(4)
            )
            assert np.allclose(target(x)[r], total / 2)
