"""Half-planes: covariance by sampling, areas on a grid."""

import itertools

import pytest
import torch

from ratecheck.lab.targets import half_planes


def test_covariance_is_that_of_sampled_half_planes():
    rng = torch.Generator().manual_seed(0)
    draws = half_planes.Prior().draw(replicates=40_000, rng=rng)
    x = torch.tensor([[[0.1, 0.2], [0.5, 0.5], [0.9, 0.3], [0.6, 0.7]]], dtype=torch.float64)
    values = draws(x.expand(40_000, -1, -1))
    assert torch.allclose(values.mean(0), torch.full((4,), 0.5, dtype=torch.float64), atol=0.02)
    expected = half_planes.Prior().covariance(x, x)[0]
    assert torch.allclose(torch.cov(values.T), expected, atol=0.01)
    assert torch.all(expected.diagonal() == half_planes.Prior().variance(x))


def test_area_between():
    rng = torch.Generator().manual_seed(3)
    first, second = (half_planes.Prior().draw(replicates=50, rng=rng) for _ in range(2))
    side = 400
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    grid = torch.cartesian_prod(at, at).expand(50, -1, -1)
    counted = (first(grid) != second(grid)).double().mean(1)
    assert torch.allclose(first.area_between(second), counted, atol=2 / side)
    assert first.area_between(first).max() < 1e-12


def test_area_between_lines_along_the_axes():
    """Half-planes whose borders are parallel to an axis, and a tilted one."""
    normals = torch.tensor([[0.0, 1], [0, -1], [1, 0], [-1, 0], [0.6, 0.8]], dtype=torch.float64)
    offsets = torch.tensor([0.3, -0.6, 0.2, -0.9, 0.5], dtype=torch.float64)
    pairs = list(itertools.product(range(5), repeat=2))
    first, second = (
        half_planes.HalfPlane(normals[list(at)], offsets[list(at)])
        for at in zip(*pairs, strict=True)
    )
    side = 400
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    grid = torch.cartesian_prod(at, at).expand(len(pairs), -1, -1)
    counted = (first(grid) != second(grid)).double().mean(1)
    area = first.area_between(second)
    assert torch.allclose(area, counted, atol=2 / side)
    assert area[pairs.index((0, 1))] == pytest.approx(0.7)
    assert area[pairs.index((2, 3))] == pytest.approx(0.3)
