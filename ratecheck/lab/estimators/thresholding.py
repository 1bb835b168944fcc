"""Thresholding of coefficients in white noise: rules, data-driven thresholds and exact risks.

One coefficient is mu + z with z ~ N(0, 1). Soft thresholding shrinks it by t towards 0, hard
thresholding keeps it if it exceeds t (Donoho and Johnstone, Biometrika 81 (1994) and JASA 90
(1995)).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

Array = np.ndarray
_ROOT_TWO_PI = math.sqrt(2 * math.pi)
_ZOOMS, _CANDIDATES = 4, 33


def soft(y: Tensor, threshold: Tensor | float) -> Tensor:
    """sign(y) max(|y| - t, 0), elementwise."""
    return y.sign() * (y.abs() - threshold).clamp_(min=0.0)


def soft_risk(mu: Array | float, threshold: Array | float) -> Array:
    """E (soft(mu + z, t) - mu)^2, elementwise; t may be infinite.

    Each side that survives contributes (1 + t^2) Phi(b) - (t + mu) phi(b) with b = mu - t, and the
    middle mu^2 [Phi(t - mu) - Phi(-t - mu)].
    """
    mu, t = np.abs(np.asarray(mu, dtype=np.float64)), np.asarray(threshold, dtype=np.float64)
    finite = np.where(np.isfinite(t), t, 0.0)
    near, far = mu - finite, -mu - finite
    up = (1 + finite**2) * ndtr(near) - (mu + finite) * _density(near)
    down = (1 + finite**2) * ndtr(far) + (mu - finite) * _density(far)
    middle = mu**2 * (ndtr(-near) - ndtr(far))
    return np.where(np.isfinite(t), up + down + middle, mu**2)


def hard_risk(mu: Array | float, threshold: Array | float) -> Array:
    """E (hard(mu + z, t) - mu)^2, elementwise."""
    mu, t = np.abs(np.asarray(mu, dtype=np.float64)), np.asarray(threshold, dtype=np.float64)
    low, high = -t - mu, t - mu
    kept = ndtr(low) + ndtr(-high) + high * _density(high) - low * _density(low)
    return np.asarray(kept + mu**2 * (ndtr(high) - ndtr(low)))


def best_soft_risk(mu: Array, count: Array) -> Array:
    """Smallest total risk of soft thresholding by one threshold for all coefficients of a level.

    This is what Stein's unbiased estimate finds, up to its own noise. The minimum is searched for
    on ever finer grids from 0 to the universal threshold, or to keeping nothing.

    Parameters
    ----------
    mu : array of shape (levels, k)
        Values of the means.
    count : array of shape (levels, k)
        How many coefficients have each value.

    Returns
    -------
    array of shape (levels,)
    """
    rows = np.arange(len(mu))
    low = np.zeros(len(mu))
    high = np.array([universal_threshold(float(each.sum())) + 1.0 for each in count])
    best = np.array([each @ square for each, square in zip(count, mu**2, strict=True)])
    for _ in range(_ZOOMS):
        grid = np.arange(_CANDIDATES) * ((high - low) / (_CANDIDATES - 1))[:, None] + low[:, None]
        grid[:, -1] = high
        each_risk = soft_risk(mu[..., None], grid[:, None])
        risks = np.array([each @ risk for each, risk in zip(count, each_risk, strict=True)])
        at = risks.argmin(1)
        best = np.minimum(best, risks[rows, at])
        low = grid[rows, np.maximum(at - 1, 0)]
        high = grid[rows, np.minimum(at + 1, _CANDIDATES - 1)]
    return best


def universal_threshold(count: float) -> float:
    """sqrt(2 log count), which noise alone hardly ever exceeds."""
    return math.sqrt(2 * math.log(max(count, 1.0)))


def sure_threshold(y: Tensor) -> Tensor:
    """The threshold that minimises Stein's unbiased estimate of the risk of soft thresholding.

    SURE(t) = N - 2 #{|y_i| <= t} + sum min(|y_i|, t)^2, minimised over 0 and all |y_i| up to the
    universal threshold.

    Parameters
    ----------
    y : Tensor of shape (R, N)
        Coefficients of noise 1.

    Returns
    -------
    Tensor of shape (R, 1)
    """
    size = y.shape[1]
    ordered = torch.cat([y.new_zeros(len(y), 1), y.abs().sort(1).values], 1)
    rank = torch.arange(size + 1, dtype=y.dtype, device=y.device)
    squares = ordered.square()
    sure = size - 2 * rank + squares.cumsum(1) + (size - rank) * squares
    allowed = ordered <= universal_threshold(size)
    best = torch.where(allowed, sure, math.inf).argmin(1, keepdim=True)
    return ordered.gather(1, best)


def hybrid_threshold(y: Tensor) -> Tensor:
    """SURE's threshold, but the universal one where a level looks sparse (SureShrink).

    A level is sparse if its mean square exceeds that of the noise by no more than
    log2(N)^(3/2) / sqrt(N): SURE's own error would then exceed what there is to gain.
    """
    size = y.shape[1]
    sparse = y.square().mean(1, keepdim=True) - 1 <= math.log2(size) ** 1.5 / math.sqrt(size)
    return torch.where(sparse, universal_threshold(size), sure_threshold(y))


def _density(x: Array) -> Array:
    return np.asarray(np.exp(-(x**2) / 2) / _ROOT_TWO_PI)
