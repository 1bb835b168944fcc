"""Rough boundaries: their smoothness, the exact fit in strips by enumeration, areas on a grid."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.targets import fragments as boundary_fragments


def draws(alpha, n=200, replicates=3, seed=0):
    rng = torch.Generator().manual_seed(seed)
    boundary = boundary_fragments.draw(alpha, replicates=replicates, rng=rng)
    x = torch.rand(replicates, n, 2, generator=rng, dtype=torch.float64)
    inside = (x[..., 1] < boundary(x[..., 0])).double()
    y = inside + 0.3 * torch.randn(replicates, n, generator=rng, dtype=torch.float64)
    return boundary, x, y


@pytest.mark.parametrize("alpha", [0.6, 0.75, 1.3, 1.5, 1.8])
def test_best_pieces_of_the_boundary_improve_at_its_smoothness(alpha):
    """Mean square errors of local means or lines in strips fall like width^(2 alpha)."""
    boundary, _, _ = draws(alpha, n=1, replicates=64)
    at = (torch.arange(8192, dtype=torch.float64) + 0.5) / 8192
    values = boundary(at.expand(64, -1))
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
    boundary, _, _ = draws(1.5, n=1, replicates=64)
    at = torch.linspace(0, 1, 20_001, dtype=torch.float64).expand(64, -1)
    slopes = boundary(at).diff(dim=1).abs() * 20_000
    assert 0.3 * boundary_fragments.steepest(1.5) < slopes.max() < boundary_fragments.steepest(1.5)


@pytest.mark.parametrize("alpha", [0.75, 1.5])
def test_fit_is_the_best_on_its_grid(alpha):
    _, x, y = draws(alpha)
    strips = 5
    pieces = boundary_fragments.fit(x, y, strips, alpha)
    slopes = [0.0]
    if alpha > 1:
        reach = boundary_fragments.steepest(alpha)
        slopes = np.linspace(-reach, reach, 2 * math.ceil(2 * reach * strips**0.5) + 1)
    for r in range(3):
        for k in range(strips):
            here = (x[r, :, 0] * strips).long() == k
            across = (x[r, here, 0] - (k + 0.5) / strips).numpy()
            up, weight = x[r, here, 1].numpy(), y[r, here].numpy() - 0.5
            best = 0.0
            for slope in slopes:
                level = up - slope * across
                best = max(best, *(weight[level <= t + 1e-12].sum() for t in level))
            height, slope = (float(number) for number in pieces[r, k])
            assert weight[up < height + slope * across].sum() == pytest.approx(best)


def test_area_between():
    boundary, x, y = draws(1.5)
    pieces = boundary_fragments.fit(x, y, 5, 1.5)
    side = 500
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    for r in range(3):
        strip = (at * 5).long()
        fitted = pieces[r, strip, 0] + pieces[r, strip, 1] * (at - (strip + 0.5) / 5)
        true = boundary(at.expand(3, -1))[r]
        differ = (at[:, None] < fitted) != (at[:, None] < true)
        found = float(boundary_fragments.area_between(pieces, boundary)[r])
        assert found == pytest.approx(float(differ.double().mean()), abs=2e-3)
