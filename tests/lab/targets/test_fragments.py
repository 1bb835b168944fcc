"""Rough boundaries: their smoothness and steepness, areas on a grid."""

import numpy as np
import pytest
import torch

from ratecheck.lab.targets import fragments


def draw(alpha, replicates=64):
    return fragments.Prior(alpha).draw(replicates=replicates, rng=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("alpha", [0.6, 0.75, 1.3, 1.5, 1.8])
def test_best_pieces_of_the_boundary_improve_at_its_smoothness(alpha):
    """Mean square errors of local means or lines in strips fall like width^(2 alpha)."""
    boundary = draw(alpha)
    at = (torch.arange(8192, dtype=torch.float64) + 0.5) / 8192
    values = boundary.height(at.expand(64, -1))
    errors = []
    for strips in (4, 8, 16, 32):
        parts = values.view(64, strips, -1)
        parts = parts - parts.mean(-1, keepdim=True)
        if alpha > 1:
            t = torch.linspace(-1, 1, parts.shape[-1], dtype=torch.float64)
            t = t / t.norm()
            parts = parts - (parts @ t)[..., None] * t
        errors.append(float(parts.square().mean()))
    slope = np.polyfit(np.log([4, 8, 16, 32]), np.log(errors), 1)[0]
    assert slope == pytest.approx(-2 * alpha, abs=0.06)


def test_no_boundary_is_steeper_than_the_bound():
    boundary = draw(1.5)
    at = torch.linspace(0, 1, 20_001, dtype=torch.float64).expand(64, -1)
    slopes = boundary.height(at).diff(dim=1).abs() * 20_000
    assert 0.3 * fragments.steepest(1.5) < slopes.max() < fragments.steepest(1.5)


def test_area_between():
    """Against a count on a grid of the points on which two indicators differ."""
    boundary, rng = draw(1.5, 3), torch.Generator().manual_seed(1)
    heights, slopes = torch.rand(2, 3, 5, generator=rng, dtype=torch.float64)
    area = fragments.Pieces(heights, slopes - 0.5).area_between(boundary)
    at = (torch.arange(500, dtype=torch.float64) + 0.5) / 500
    grid = torch.cartesian_prod(at, at)
    strip = (grid[:, 0] * 5).long()
    for r in range(3):
        across = grid[:, 0] - (strip + 0.5) / 5
        fitted = grid[:, 1] < heights[r, strip] + (slopes[r, strip] - 0.5) * across
        differ = fitted != boundary(grid.expand(3, -1, -1))[r].bool()
        assert float(area[r]) == pytest.approx(float(differ.double().mean()), abs=3e-3)
