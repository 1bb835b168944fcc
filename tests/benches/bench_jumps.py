"""How much faster exact least squares over jumps is than the loops that one writes down first.

Each is timed beside its loop, in turn on the same draws, once the two were found to agree.
"""

import math

import numpy as np
import torch

from ratecheck.lab.estimators import regions, series
from ratecheck.lab.targets import broken_series, fragments, half_planes


def labels(inside, rng):
    return inside + 0.3 * torch.randn(inside.shape, generator=rng, dtype=torch.float64)


def test_series_with_a_jump(faster):
    """All breaks and lengths of a series, beside a loop of least squares."""
    rng = torch.Generator().manual_seed(0)
    target = broken_series.Prior(1.5, 1.0, 0.5).draw(replicates=4, rng=rng)
    x = torch.rand(4, 128, generator=rng, dtype=torch.float64)
    y = labels(target(x[..., None]), rng)
    terms = 12

    def loop():
        best = np.full((4, terms), np.inf)
        for r in range(4):
            order = np.argsort(x[r].numpy())
            cosines = broken_series.cosines(x[r], terms).numpy()[order]
            sorted_labels = y[r].numpy()[order]
            for m in range(1, terms + 1):
                for t in range(1, 128):
                    design = np.column_stack([cosines[:, :m], np.arange(128) >= t])
                    fitted, *_ = np.linalg.lstsq(design, sorted_labels, rcond=None)
                    loss = np.sum((design @ fitted - sorted_labels) ** 2)
                    best[r, m - 1] = min(best[r, m - 1], loss)
        return best

    def fast():
        return series._fit_all(x, y, terms, jump=True)

    found = fast()
    values = broken_series.cosines(x, terms) @ found.coefficients.mT
    values += found.heights[:, None] * (x[..., None] >= found.breaks[:, None])
    assert np.allclose((values - y[..., None]).square().sum(1), loop(), rtol=1e-6)
    faster(loop, fast, 270)


def test_half_planes(faster):
    """Turning a line about every datum, beside a loop over pairs of data."""
    rng = torch.Generator().manual_seed(1)
    target = half_planes.Prior().draw(replicates=2, rng=rng)
    x = torch.rand(2, 100, 2, generator=rng, dtype=torch.float64)
    y = labels(target(x), rng)

    def loop():
        best = np.zeros(2)
        for r in range(2):
            points, weight = x[r].numpy(), y[r].numpy() - 0.5
            for i in range(100):
                for j in range(100):
                    along = points[j] - points[i]
                    away = points - points[i]
                    inside = along[0] * away[:, 1] - along[1] * away[:, 0] > 0
                    ends = max(0.0, weight[i], weight[j], weight[i] + weight[j])
                    best[r] = max(best[r], weight[inside].sum() + (ends if i != j else 0.0))
        return best

    def fast():
        return regions.half_plane(x, y)

    found = fast()
    side = (x @ found.normal[..., None])[..., 0] - found.offset[:, None]
    weight = y - 0.5
    gain = (weight * (side > 1e-9)).sum(1) + (weight * (side.abs() <= 1e-9)).clamp(min=0.0).sum(1)
    assert np.allclose(gain, loop())
    faster(loop, fast, 68)


def test_boundary_fragments(faster):
    """Strips, slopes and levels, beside a loop of sorts in numpy."""
    rng = torch.Generator().manual_seed(2)
    alpha, strips = 1.5, 12
    target = fragments.Prior(alpha).draw(replicates=4, rng=rng)
    x = torch.rand(4, 2048, 2, generator=rng, dtype=torch.float64)
    y = labels(target(x), rng)
    reach = fragments.steepest(alpha)
    slopes = np.linspace(-reach, reach, 2 * math.ceil(2 * reach * strips**0.5) + 1)

    def loop():
        best = np.zeros((4, strips))
        for r in range(4):
            points, weight = x[r].numpy(), y[r].numpy() - 0.5
            strip = (points[:, 0] * strips).astype(int)
            for k in range(strips):
                here = strip == k
                across = points[here, 0] - (k + 0.5) / strips
                for slope in slopes:
                    order = np.argsort(points[here, 1] - slope * across)
                    best[r, k] = max(best[r, k], weight[here][order].cumsum().max())
        return best

    def fast():
        return regions.under_graph(x, y, strips, alpha)

    pieces = fast()
    strip = (x[..., 0] * strips).long()
    middle = x[..., 0] - (strip + 0.5) / strips
    border = pieces.heights.gather(1, strip) + pieces.slopes.gather(1, strip) * middle
    gain = torch.zeros(4, strips, dtype=torch.float64)
    gain.scatter_add_(1, strip, (y - 0.5) * (x[..., 1] < border))
    assert np.allclose(gain, loop())
    faster(loop, fast, 9)
