"""Series with one jump against exhaustive least squares."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.estimators import series
from ratecheck.lab.targets.broken_series import Prior


def basis(x, terms):
    k = np.arange(terms)
    return np.where(k == 0, 1.0, math.sqrt(2)) * np.cos(math.pi * np.outer(x, k))


def data(replicates=3, n=60):
    rng = torch.Generator().manual_seed(0)
    target = Prior(1.5).draw(replicates=replicates, rng=rng)
    x = torch.rand(replicates, n, 1, generator=rng, dtype=torch.float64)
    y = target(x) + 0.3 * torch.randn(replicates, n, generator=rng, dtype=torch.float64)
    return x, y


def exhaustive(x, y, terms):
    """Coefficients, height, break and residual of the best of all breaks, by least squares."""
    order = np.argsort(x)
    x, y = x[order], y[order]
    best = (np.inf,)
    for t in range(1, len(x)):
        design = np.column_stack([basis(x, terms), np.arange(len(x)) >= t])
        if np.linalg.svd(design, compute_uv=False).min() < 1e-6:
            continue
        solution, *_ = np.linalg.lstsq(design, y, rcond=None)
        residual = np.sum((design @ solution - y) ** 2)
        if residual < best[0]:
            best = (residual, solution[:-1], solution[-1], (x[t - 1] + x[t]) / 2)
    return best


@pytest.mark.parametrize("terms", [1, 2, 7])
def test_best_break(terms):
    x, y = data()
    found = series._fit_all(x[..., 0], y, 8, jump=True)
    for r in range(3):
        _, coefficients, height, place = exhaustive(x[r, :, 0].numpy(), y[r].numpy(), terms)
        row = found.coefficients[r, terms - 1]
        assert np.allclose(row[:terms], coefficients, atol=1e-8)
        assert not row[terms:].any()
        assert float(found.heights[r, terms - 1]) == pytest.approx(height)
        assert float(found.breaks[r, terms - 1]) == pytest.approx(place)


def test_the_length_is_chosen_by_cross_validation():
    x, y = data(replicates=2, n=80)
    found = series.fit(x, y)
    for r in range(2):
        losses = np.zeros(15)
        for fold in range(4):
            rest = np.arange(80) % 4 == fold
            at, labels = x[r, :, 0].numpy()[rest], y[r].numpy()[rest]
            for terms in range(1, 16):
                fitted = exhaustive(x[r, :, 0].numpy()[~rest], y[r].numpy()[~rest], terms)
                values = basis(at, terms) @ fitted[1] + fitted[2] * (at >= fitted[3])
                losses[terms - 1] += np.sum((values - labels) ** 2)
        terms = int(np.argmin(losses)) + 1
        _, beta, height, place = exhaustive(x[r, :, 0].numpy(), y[r].numpy(), terms)
        at = np.linspace(0.001, 0.999, 50)
        expected = basis(at, terms) @ beta + height * (at >= place)
        assert np.allclose(
            found(torch.from_numpy(at)[:, None].expand(2, -1, -1))[r], expected, atol=1e-7
        )


def test_without_a_jump_it_is_a_series():
    x, y = data()
    found = series._fit_all(x[..., 0], y, 6, jump=False)
    for r in range(3):
        solution, *_ = np.linalg.lstsq(basis(x[r, :, 0], 6), y[r], rcond=None)
        assert np.allclose(found.coefficients[r, 5], solution)
    assert not found.heights.any()
