"""Smooth functions on an interval with one jump: the model, its covariance, and least squares.

f(x) = height 1{x >= c} + amplitude sum_k xi_k k^(-s-1/2) sqrt(2) cos(pi k x) on [0, 1], with c
uniform on [1/4, 3/4] and independent signs xi_k: the smooth part lies on the border of the Sobolev
ball of smoothness s. Data are (x_i, f(x_i) + noise), x_i uniform.

`fit` is least squares over a series of cosines with one jump anywhere, the number of cosines
chosen by cross-validation. A ReLU network contains the class up to any accuracy: a jump is two
neurons, and the deep rate n^(-2s/(2s+1)) of Imaizumi and Fukumizu (AISTATS 2019,
arXiv:1802.04474) is the rate of the series alone. No estimator that is linear in the labels does
better than n^(-1/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

FREQUENCIES = 64
LOW, HIGH = 0.25, 0.75
LARGEST_SERIES = 64
FOLDS = 4
# The series and its jump need a few data a coefficient.
DATA_A_TERM = 4


@dataclass(frozen=True)
class Target:
    """R functions.

    Attributes
    ----------
    height : float
        Size of the jump.
    breaks : Tensor of shape (R,)
        Where it is.
    coefficients : Tensor of shape (R, FREQUENCIES)
        Of sqrt(2) cos(pi k x), k = 1, 2, ...
    """

    height: float
    breaks: Tensor
    coefficients: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n)."""
        smooth = torch.einsum(
            "rnk,rk->rn", _cosines(x, FREQUENCIES + 1)[..., 1:], self.coefficients
        )
        return smooth + self.height * (x >= self.breaks[:, None])


@dataclass(frozen=True)
class Fit:
    """R estimates: a combination of 1, sqrt(2) cos(pi x), ... plus heights 1{x >= breaks}."""

    coefficients: Tensor
    heights: Tensor
    breaks: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n)."""
        basis = _cosines(x, self.coefficients.shape[1])
        smooth = torch.einsum("rnk,rk->rn", basis, self.coefficients)
        return smooth + self.heights[:, None] * (x >= self.breaks[:, None])


def variances(s: float, amplitude: float, device: torch.device | str = "cpu") -> Tensor:
    """amplitude^2 k^(-2s-1): squares of the coefficients, shape (FREQUENCIES,)."""
    k = torch.arange(1, FREQUENCIES + 1, dtype=torch.float64, device=device)
    return amplitude**2 * k ** (-2 * s - 1)


def draw(
    s: float, height: float, amplitude: float, *, replicates: int, rng: torch.Generator
) -> Target:
    """Random targets."""
    shape: dict[str, Any] = {"generator": rng, "device": rng.device}
    breaks = LOW + (HIGH - LOW) * torch.rand(replicates, dtype=torch.float64, **shape)
    signs = 2 * torch.randint(0, 2, (replicates, FREQUENCIES), **shape) - 1
    return Target(height, breaks, signs * variances(s, amplitude, rng.device).sqrt())


def covariance(x: Tensor, z: Tensor, s: float, height: float, amplitude: float) -> Tensor:
    """Covariance of f(x) and f(z) over targets, for points (R, n) and (R, m): (R, n, m).

    With F the distribution function of the break, that of the jump is
    height^2 [F(min(x, z)) - F(x) F(z)].
    """
    fx, fz = (((points - LOW) / (HIGH - LOW)).clamp(0.0, 1.0) for points in (x, z))
    jump = torch.minimum(fx[..., None], fz[:, None]) - fx[..., None] * fz[:, None]
    left, right = (_cosines(points, FREQUENCIES + 1)[..., 1:] for points in (x, z))
    smooth: Tensor = (left * variances(s, amplitude, x.device)) @ right.mT
    return smooth.add_(jump, alpha=height**2)


def fit(x: Tensor, y: Tensor, *, jump: bool = True) -> Fit:
    """Least squares over series with one jump; the length of the series is chosen by the data.

    Every length up to a quarter of the data (64 at most) is fitted, each with the best of all
    breaks, and the lengths are compared by four-fold cross-validation.

    Parameters
    ----------
    x, y : Tensors of shape (R, n)
        Independent data in random order.
    jump : bool
        False leaves the jump out of the class.
    """
    n = x.shape[1]
    terms = max(1, min(LARGEST_SERIES, (n - n // FOLDS) // DATA_A_TERM))
    loss = x.new_zeros(len(x), terms)
    for fold in range(FOLDS):
        out = torch.arange(n, device=x.device) % FOLDS == fold
        candidates = _fit_all(x[:, ~out], y[:, ~out], terms, jump)
        at = x[:, out]
        values = _cosines(at, terms) @ candidates.coefficients.mT
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
    q, r = torch.linalg.qr(_cosines(x, terms))
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


def _cosines(x: Tensor, terms: int) -> Tensor:
    """1, sqrt(2) cos(pi x), sqrt(2) cos(2 pi x), ...: shape (..., terms)."""
    k = torch.arange(terms, dtype=x.dtype, device=x.device)
    basis = (math.pi * x[..., None] * k).cos_().mul_(math.sqrt(2.0))
    basis[..., 0] = 1.0
    return basis
