"""The periodic orthonormal wavelet transform of Daubechies, batched over signals.

And SureShrink on it: a threshold for each level, found from the data (Donoho and Johnstone, JASA 90
(1995) 1200-1224).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.estimators.thresholding import hybrid_threshold, soft

NORMAL_QUARTILE = 0.6744897501960817


@lru_cache(maxsize=8)
def daubechies(moments: int) -> tuple[float, ...]:
    """The orthonormal low-pass filter with a number of vanishing moments, of twice as many taps.

    By spectral factorisation: |h|^2 is (1 + cos w)^N times the polynomial of least degree that
    makes it orthonormal; of its roots those inside the unit circle are kept (Daubechies, Ten
    Lectures on Wavelets, 1992, Section 6.1).
    """
    # sum_k C(N-1+k, k) y^k with y = (2 - z - 1/z)/4, times z^(N-1)
    inside = np.zeros(2 * moments - 1)
    for k in range(moments):
        term = np.poly1d([1.0])
        for _ in range(k):
            term *= np.poly1d([-0.25, 0.5, -0.25])
        padded = np.zeros(2 * moments - 1)
        padded[moments - 1 - k : moments + k] = term.coeffs
        inside += math.comb(moments - 1 + k, k) * padded
    roots = np.roots(inside)
    taps = np.poly(np.concatenate([-np.ones(moments), roots[np.abs(roots) < 1]])).real
    return tuple(float(tap) for tap in taps * math.sqrt(2) / taps.sum())


def transform(signals: Tensor, moments: int, coarsest: int) -> list[Tensor]:
    """Scaling coefficients of the coarsest level, then the details from coarse to fine.

    Parameters
    ----------
    signals : Tensor of shape (R, n)
        n is a power of two times ``coarsest``.
    moments : int
        Vanishing moments of the wavelet.
    coarsest : int
        Number of scaling coefficients that are left.

    Returns
    -------
    list of Tensors
        Of shapes (R, coarsest), (R, coarsest), (R, 2 coarsest), ..., (R, n/2).
    """
    filters = _filters(moments, signals)
    details = []
    while signals.shape[1] > coarsest:
        size = signals.shape[1]
        # periodic extension, as often around as the filter asks for
        where = torch.arange(size + filters.shape[1] - 2, device=signals.device)
        where = (where + 1 - moments) % size
        windows = signals[:, where].unfold(1, filters.shape[1], 2)
        both = windows @ filters.mT
        signals = both[..., 0]
        details.append(both[..., 1])
    return [signals, *reversed(details)]


def inverse(levels: Sequence[Tensor], moments: int) -> Tensor:
    """The signals (R, n) with the coefficients of `transform`, its transpose."""
    signals = levels[0]
    filters = _filters(moments, signals)
    for detail in levels[1:]:
        size = 2 * detail.shape[1]
        parts = torch.stack([signals, detail], -1) @ filters
        signals = parts.new_zeros(len(parts), size)
        start = torch.arange(0, size, 2, device=parts.device) + 1 - moments
        for tap in range(filters.shape[1]):
            signals[:, (start + tap) % size] += parts[..., tap]
    return signals


def _filters(moments: int, like: Tensor) -> Tensor:
    """Low-pass and high-pass filter, g_k = (-1)^k h_(2N-1-k), of shape (2, 2 N)."""
    low = like.new_tensor(daubechies(moments))
    signs = like.new_tensor([1.0, -1.0]).repeat(moments)
    return torch.stack([low, signs * low.flip(0)])


def sure_shrink(values: Tensor, moments: int, coarsest: int = 4) -> Tensor:
    """Adaptive estimate of functions from noisy values on a regular grid of the circle.

    Each level is soft thresholded at `thresholding.hybrid_threshold`; the scaling coefficients
    stay. The noise is estimated by the median of the finest level.

    Parameters
    ----------
    values : Tensor of shape (R, n)
        n a power of two.

    Returns
    -------
    Tensor of shape (R, n)
    """
    scaling, *details = transform(values, moments, coarsest)
    noise = details[-1].abs().median(1, keepdim=True).values / NORMAL_QUARTILE
    noise = noise.clamp(min=torch.finfo(values.dtype).tiny)
    scaled = [detail / noise for detail in details]
    kept = [soft(y, hybrid_threshold(y)) * noise for y in scaled]
    return inverse([scaling, *kept], moments)
