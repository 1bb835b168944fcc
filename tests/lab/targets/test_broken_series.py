"""Series with one jump against their definition and sampled covariances."""

import math

import numpy as np
import torch

from ratecheck.lab.targets import broken_series


def draw(replicates):
    rng = torch.Generator().manual_seed(0)
    return broken_series.Prior(1.5, height=1.0, amplitude=1.0).draw(replicates=replicates, rng=rng)


def test_target_is_its_series_plus_a_jump():
    target = draw(3)
    x = torch.rand(3, 60, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    k = np.arange(1, broken_series.FREQUENCIES + 1)
    for r in range(3):
        at = x[r, :, 0].numpy()
        smooth = math.sqrt(2) * np.cos(math.pi * np.outer(at, k)) @ target.coefficients[r].numpy()
        step = np.where(at >= float(target.breaks[r]), target.height, 0.0)
        assert np.allclose(target(x)[r], smooth + step)
    assert np.allclose(target.coefficients.abs(), k**-2.0)


def test_covariance_is_that_of_sampled_targets():
    x = torch.tensor([0.1, 0.3, 0.42, 0.6, 0.9], dtype=torch.float64)[None, :, None]
    sampled = torch.cov(draw(40_000)(x.expand(40_000, -1, -1)).T)
    prior = broken_series.Prior(1.5)
    expected = prior.covariance(x, x)[0]
    assert torch.allclose(sampled, expected, atol=0.04)
    assert torch.allclose(prior.covariance(x, x[:, :2])[0], expected[:, :2])
    assert torch.allclose(prior.variance(x)[0], expected.diagonal())
