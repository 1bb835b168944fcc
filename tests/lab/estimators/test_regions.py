"""Least squares over regions against enumerations."""

import itertools
import math

import numpy as np
import pytest
import torch

from ratecheck.lab.estimators import regions
from ratecheck.lab.targets import fragments, half_planes


def data(prior, n, sigma, replicates=4):
    rng = torch.Generator().manual_seed(1)
    x = torch.rand(replicates, n, 2, generator=rng, dtype=torch.float64)
    truth = prior.draw(replicates=replicates, rng=rng)
    return x, truth(x) + sigma * torch.randn(replicates, n, generator=rng, dtype=torch.float64)


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
def test_the_half_plane_is_the_best(sigma):
    x, y = data(half_planes.Prior(), 18, sigma)
    found = regions.half_plane(x, y)
    for r in range(len(x)):
        # the datum on the border may be on either side
        on_border = ((x[r] @ found.normal[r]) - found.offset[r]).abs() < 1e-9
        inside = found(x)[r]
        losses = [((y[r] - torch.where(on_border, side, inside)) ** 2).sum() for side in (0.0, 1.0)]
        assert float(min(losses)) == pytest.approx(enumerated(x[r].numpy(), y[r].numpy()))


def test_all_or_nothing_can_be_best():
    x = torch.rand(2, 10, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    y = torch.tensor([-1.0, 2.0], dtype=torch.float64)[:, None].expand(2, 10)
    values = regions.half_plane(x, y)(x)
    assert torch.equal(values, torch.tensor([[0.0], [1.0]], dtype=torch.float64).expand(2, 10))


def test_the_level_is_the_best():
    x, y = data(half_planes.Prior(), 40, 0.5)
    found = regions.below_level(x, y)(x)
    for r in range(len(x)):
        levels = [0.0, *(x[r, :, 1] + 1e-9).tolist()]
        losses = [((y[r] - (x[r, :, 1] < level).double()) ** 2).sum() for level in levels]
        assert float(((y[r] - found[r]) ** 2).sum()) == pytest.approx(float(min(losses)))


@pytest.mark.parametrize("alpha", [0.75, 1.5])
def test_the_graph_is_the_best_on_its_grid(alpha):
    x, y = data(fragments.Prior(alpha), 200, 0.3)
    strips = 5
    pieces = regions.under_graph(x, y, strips, alpha)
    slopes = [0.0]
    if alpha > 1:
        reach = fragments.steepest(alpha)
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
            height, slope = float(pieces.heights[r, k]), float(pieces.slopes[r, k])
            assert weight[up < height + slope * across].sum() == pytest.approx(best)
