"""Summaries of replicates: the log of a mean, and how well it is known.

Everything is vectorised over leading dimensions: the same code serves one experiment and the
thousands of a calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratecheck.inference.memo import Memo

Array = np.ndarray


@dataclass(frozen=True)
class Cells(Memo):
    """Summaries of the replicates at the points of one axis; each array has shape (..., k).

    With R replicates y_r of mean m and u_r = y_r / m - 1, and l_r = log(1 - u_r / (R - 1)), the
    log of the leave-one-out mean over the mean:

    Attributes
    ----------
    count : array of int
        R.
    mean : array
        m.
    loo : array
        Mean of l_r (the jackknife's bias term).
    variance : array
        Jackknife variance of log m: (R - 1)/R sum (l_r - mean l)^2.
    m2, m3, m4 : array
        Means of u^2, u^3, u^4.
    usable : array of bool
        False where the logarithm or its variance does not exist: nothing but zeros was seen, one
        replicate is everything, or there is a single replicate.
    """

    count: Array
    mean: Array
    loo: Array
    variance: Array
    m2: Array
    m3: Array
    m4: Array
    usable: Array

    @property
    def logs(self) -> Array:
        """Logs of the means (-inf where nothing but zeros was seen)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.mean))

    @property
    def cv(self) -> Array:
        """Coefficient of variation of one replicate."""
        return np.asarray(np.sqrt(self.m2 * self.count / np.maximum(self.count - 1, 1)))


def summarise(y: Array, counts: Array | None = None) -> Cells:
    """Summarise replicates.

    Parameters
    ----------
    y : array of shape (..., R)
        Non-negative replicates in the last dimension.
    counts : array of shape (...), optional
        How many of the R count (the first ones); all by default.

    Returns
    -------
    Cells
        With arrays of shape (...).

    Raises
    ------
    ValueError
        If a value is negative or not a number.
    """
    y = np.asarray(y, dtype=np.float64)
    size = y.shape[-1]
    ragged = counts is not None and bool(np.any(np.asarray(counts) != size))
    n = np.broadcast_to(np.asarray(size if counts is None else counts), y.shape[:-1])
    if ragged:
        y = np.where(np.arange(size) < n[..., None], y, 0.0)
    if not (np.isfinite(y).all() and (y >= 0).all()):
        raise ValueError("replicates must be finite and not negative")
    one = np.maximum(n - 1, 1)
    mean = y.sum(-1) / np.maximum(n, 1)
    positive = mean > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(positive[..., None], y / np.where(positive, mean, 1.0)[..., None] - 1.0, 0.0)
        if ragged:
            u = np.where(np.arange(size) < n[..., None], u, 0.0)
        log_loo = np.log1p(-u / one[..., None])
    alone = ~np.isfinite(log_loo).all(-1)
    log_loo = np.where(np.isfinite(log_loo), log_loo, 0.0)
    loo = log_loo.sum(-1) / np.maximum(n, 1)
    deviation = log_loo - loo[..., None]
    if ragged:
        deviation = np.where(np.arange(size) < n[..., None], deviation, 0.0)
    variance = one / np.maximum(n, 1) * np.einsum("...r,...r->...", deviation, deviation)
    u2 = u * u
    inverse = 1.0 / np.maximum(n, 1)
    return Cells(
        count=n,
        mean=mean,
        loo=loo,
        variance=variance,
        m2=u2.sum(-1) * inverse,
        m3=np.einsum("...r,...r->...", u2, u) * inverse,
        m4=np.einsum("...r,...r->...", u2, u2) * inverse,
        usable=positive & ~alone & (n > 1),
    )


def log_ratio(numerator: Array, denominator: Array) -> Cells:
    """Summarise the log of a ratio of means of paired replicates.

    Parameters
    ----------
    numerator, denominator : arrays of shape (..., R)
        Quantities of the same replicates.

    Returns
    -------
    Cells
        Of log(mean numerator / mean denominator), with leave-one-out terms taken replicate by
        replicate; ``mean`` is the ratio of the means, the moments are those of u1 - u2.

    Raises
    ------
    ValueError
        If a value is negative or not a number.
    """
    a, b = summarise(numerator), summarise(denominator)
    usable = a.usable & b.usable
    size = np.shape(numerator)[-1]
    one = max(size - 1, 1)
    safe_a = np.where(a.mean > 0, a.mean, 1.0)[..., None]
    safe_b = np.where(b.mean > 0, b.mean, 1.0)[..., None]
    u, v = numerator / safe_a - 1.0, denominator / safe_b - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        log_loo = np.log1p(-u / one) - np.log1p(-v / one)
    log_loo = np.where(np.isfinite(log_loo), log_loo, 0.0)
    loo = log_loo.mean(-1)
    deviation = log_loo - loo[..., None]
    w = u - v
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(usable, a.mean / np.where(b.mean > 0, b.mean, 1.0), 0.0)
    return Cells(
        count=a.count,
        mean=mean,
        loo=loo,
        variance=one / size * (deviation**2).sum(-1),
        m2=(w**2).mean(-1),
        m3=(w**3).mean(-1),
        m4=(w**4).mean(-1),
        usable=usable,
    )


def stack(cells: Sequence[Cells]) -> Cells:
    """Put the summaries of k points (each of shape (...)) side by side: arrays (..., k)."""
    return Cells(
        *(
            np.stack([getattr(cell, name) for cell in cells], axis=-1)
            for name in ("count", "mean", "loo", "variance", "m2", "m3", "m4", "usable")
        )
    )
