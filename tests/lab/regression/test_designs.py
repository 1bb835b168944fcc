"""Laws of inputs by their moments, grids point by point."""

import math

import torch

from ratecheck.lab.regression import designs


def test_points_lie_on_the_sphere():
    rng = torch.Generator().manual_seed(2)
    x = designs.Sphere(5).draw(1000, replicates=1, rng=rng)
    assert torch.allclose(x.norm(dim=2), torch.full((1, 1000), math.sqrt(5), dtype=torch.float64))
    second = torch.cov(x[0].T)
    assert torch.allclose(second, torch.eye(5, dtype=torch.float64), atol=0.15)


def test_points_are_uniform_on_the_cube():
    x = designs.Cube(2).draw(20_000, replicates=1, rng=torch.Generator().manual_seed(3))[0]
    assert x.min() >= 0
    assert x.max() < 1
    assert torch.allclose(x.mean(0), torch.full((2,), 0.5, dtype=torch.float64), atol=0.01)
    assert torch.allclose(torch.cov(x.T), torch.eye(2, dtype=torch.float64) / 12, atol=0.003)


def test_midpoints():
    assert designs.midpoints(4).tolist() == [[0.125], [0.375], [0.625], [0.875]]
    pairs = [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]
    assert designs.midpoints(2, 2).tolist() == pairs
