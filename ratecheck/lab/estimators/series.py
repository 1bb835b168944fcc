"""Least squares over series of cosines with one jump anywhere, their length chosen by the data.

A ReLU network contains the class up to any accuracy: a jump is two neurons. On a smooth function
with a jump its rate is that of the series alone, the deep rate n^(-2s/(2s+1)) of Imaizumi and
Fukumizu (AISTATS 2019, arXiv:1802.04474).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.targets.broken_series import cosines, series

LARGEST_SERIES = 64
FOLDS = 4
# The series and its jump need a few data a coefficient.
DATA_A_TERM = 4


@dataclass(frozen=True)
class Fit:
    """R estimates: a combination of 1, sqrt(2) cos(pi x), ... plus heights 1{x >= breaks}."""

    coefficients: Tensor
    heights: Tensor
    breaks: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n, 1)."""
        x = x[..., 0]
        smooth = series(x, self.coefficients)
        return smooth + self.heights[:, None] * (x >= self.breaks[:, None])


def fit(x: Tensor, y: Tensor, *, jump: bool = True) -> Fit:
    """Least squares over series with one jump; the length of the series is chosen by the data.

    Every length up to a quarter of the data (64 at most) is fitted, each with the best of all
    breaks, and the lengths are compared by four-fold cross-validation.

    Parameters
    ----------
    x, y : Tensors of shape (R, n, 1) and (R, n)
        Independent data in random order.
    jump : bool
        False leaves the jump out of the class.
    """
    x = x[..., 0]
    n = x.shape[1]
    terms = max(1, min(LARGEST_SERIES, (n - n // FOLDS) // DATA_A_TERM))
    loss = x.new_zeros(len(x), terms)
    for fold in range(FOLDS):
        out = torch.arange(n, device=x.device) % FOLDS == fold
        candidates = _fit_all(x[:, ~out], y[:, ~out], terms, jump)
        at = x[:, out]
        values = cosines(at, terms) @ candidates.coefficients.mT
        values += candidates.heights[:, None] * (at[..., None] >= candidates.breaks[:, None])
        loss += (values - y[:, out, None]).square().sum(1)
    best = loss.argmin(1)
    final = _fit_all(x, y, terms, jump)
    row = torch.arange(len(x), device=x.device)
    return Fit(final.coefficients[row, best], final.heights[row, best], final.breaks[row, best])


def _fit_all(x: Tensor, y: Tensor, terms: int, jump: bool) -> Fit:
    """Least squares with 1, 2, ..., terms cosines, each with its best break: fields (R, terms, .).

    With the cosines orthonormalised on the data to columns q_1, q_2, ..., and S_t the indicator of
    the data from the t-th on, the best height at break t lowers the sum of squares of the first m
    columns by (S_t'r)^2 / |S_t - proj S_t|^2, where every term is a cumulative sum over the data
    (S_t'q_j) and over the columns (m): all breaks and all lengths cost n terms operations.
    """
    x, order = x.sort(1)
    y = y.gather(1, order)
    n = x.shape[1]
    q, r = torch.linalg.qr(cosines(x, terms))
    projected = (q.mT @ y[..., None])[..., 0]
    if jump:
        inside = _sums_from(q)
        norms = torch.arange(n, 0, -1, device=x.device)[:, None] - inside.square().cumsum(2)
        products = _sums_from(y[..., None]) - (inside * projected[:, None]).cumsum(2)
        # a step that the series itself can draw is no candidate (the first one is a constant)
        gains = torch.where(norms > 1e-3, products.square() / norms, 0.0)
        place = gains.argmax(1)
        heights = products.gather(1, place[:, None])[:, 0] / norms.gather(1, place[:, None])[:, 0]
        steps = inside.gather(1, place[..., None].expand(-1, -1, terms))
        breaks = (x.gather(1, place) + x.gather(1, (place - 1).clamp(min=0))) / 2
    else:
        heights = torch.zeros_like(projected)
        steps = torch.zeros_like(r)
        breaks = torch.ones_like(projected)
    inner = (projected[:, None] - heights[..., None] * steps).tril()
    coefficients: Tensor = torch.linalg.solve_triangular(r, inner.mT, upper=True).mT
    return Fit(coefficients, heights, breaks)


def _sums_from(values: Tensor) -> Tensor:
    """Sums over the data from each one to the last, along dimension 1."""
    return values.flip(1).cumsum(1).flip(1)
