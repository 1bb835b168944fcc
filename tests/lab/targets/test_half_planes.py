"""Half-planes: covariance by sampling, the exact fit by enumeration, areas on a grid."""

import itertools

import numpy as np
import pytest
import torch

from ratecheck.lab.targets import half_planes


def test_covariance_is_that_of_sampled_half_planes():
    rng = torch.Generator().manual_seed(0)
    draws = half_planes.draw(replicates=40_000, rng=rng)
    x = torch.tensor([[[0.1, 0.2], [0.5, 0.5], [0.9, 0.3], [0.6, 0.7]]], dtype=torch.float64)
    values = draws(x.expand(40_000, -1, -1))
    assert torch.allclose(values.mean(0), torch.full((4,), 0.5, dtype=torch.float64), atol=0.02)
    expected = half_planes.covariance(x, x)[0]
    assert torch.allclose(torch.cov(values.T), expected, atol=0.01)


def enumerated(x, y):
    """The least sum of squares over half-planes: every line through two data, moved either way."""
    best = min(np.sum(y**2), np.sum((y - 1) ** 2))
    for i, j in itertools.permutations(range(len(x)), 2):
        along = x[j] - x[i]
        side = along[0] * (x[:, 1] - x[i, 1]) - along[1] * (x[:, 0] - x[i, 0])
        for with_i, with_j in itertools.product([0, 1], repeat=2):
            inside = (side > 0).astype(float)
            inside[i], inside[j] = with_i, with_j
            best = min(best, np.sum((y - inside) ** 2))
    return best


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
def test_fit_is_exact(sigma):
    rng = torch.Generator().manual_seed(1)
    x = torch.rand(6, 18, 2, generator=rng, dtype=torch.float64)
    truth = half_planes.draw(replicates=6, rng=rng)
    y = truth(x) + sigma * torch.randn(6, 18, generator=rng, dtype=torch.float64)
    found = half_planes.fit(x, y)
    for r in range(6):
        # the datum on the border may be on either side
        on_border = ((x[r] @ found.normal[r]) - found.offset[r]).abs() < 1e-9
        inside = found(x)[r]
        losses = [((y[r] - torch.where(on_border, side, inside)) ** 2).sum() for side in (0.0, 1.0)]
        assert float(min(losses)) == pytest.approx(enumerated(x[r].numpy(), y[r].numpy()))


def test_all_or_nothing_can_be_best():
    x = torch.rand(2, 10, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    y = torch.tensor([-1.0, 2.0], dtype=torch.float64)[:, None].expand(2, 10)
    values = half_planes.fit(x, y)(x)
    assert torch.equal(values, torch.tensor([[0.0], [1.0]], dtype=torch.float64).expand(2, 10))


def test_area_between():
    rng = torch.Generator().manual_seed(3)
    first, second = (half_planes.draw(replicates=200, rng=rng) for _ in range(2))
    side = 400
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    grid = torch.cartesian_prod(at, at).expand(200, -1, -1)
    counted = (first(grid) != second(grid)).double().mean(1)
    assert torch.allclose(half_planes.area_between(first, second), counted, atol=2 / side)
    assert half_planes.area_between(first, first).max() < 1e-12


def test_area_between_lines_along_the_axes():
    """Half-planes whose borders are parallel to an axis, and a tilted one."""
    normals = torch.tensor([[0.0, 1], [0, -1], [1, 0], [-1, 0], [0.6, 0.8]], dtype=torch.float64)
    offsets = torch.tensor([0.3, -0.6, 0.2, -0.9, 0.5], dtype=torch.float64)
    pairs = list(itertools.product(range(5), repeat=2))
    first, second = (
        half_planes.HalfPlane(normals[list(at)], offsets[list(at)])
        for at in zip(*pairs, strict=True)
    )
    side = 1000
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    grid = torch.cartesian_prod(at, at).expand(len(pairs), -1, -1)
    counted = (first(grid) != second(grid)).double().mean(1)
    area = half_planes.area_between(first, second)
    assert torch.allclose(area, counted, atol=2 / side)
    assert area[pairs.index((0, 1))] == pytest.approx(0.7)
    assert area[pairs.index((2, 3))] == pytest.approx(0.3)
