"""Slopes of log means: the estimand, its estimate, and a guarded interval.

The estimand is theta = sum c_i (log E y_i - log f_i), with weights c_i fixed by the grid: the
average local exponent minus the formula's. It does not depend on noise, allocation or stopping, as
that of a weighted regression would. The interval is a t interval around the jackknife's estimate
with degrees of freedom that know the kurtosis, widened outwards where skewness would bite
(Cornish-Fisher).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.memo import of_abscissae

SKEW_FLOOR = 4.0
GUARD_LIMIT = 1.5
FEWEST_DF = 3.0
SHRINKAGE = 20.0
LARGEST_Z2 = 1e6  # of a tail of 0, for which the interval is the whole line


@dataclass(frozen=True)
class Estimate:
    """A linear contrast of log means; arrays of the leading shape.

    Attributes
    ----------
    value, plain : array
        Bias-corrected and plain estimate; the interval spans both.
    low, high : array
        Interval at the tail probability asked for.
    se, df : array
        Standard error and degrees of freedom.
    kurtosis : array
        Pooled excess kurtosis of a replicate.
    skewness : array
        S, the skewness of the studentised contrast in units of the noise: beyond 0.25 one end of
        the grid carries the variance.
    usable : array of bool
        False where some point has no logarithm: no interval then.
    """

    value: Array
    plain: Array
    low: Array
    high: Array
    se: Array
    df: Array
    kurtosis: Array
    skewness: Array
    usable: Array


@of_abscissae
def slope_weights(x: Array) -> Array:
    """Weights c_i = (x_i - mean x) / sum (x - mean x)^2 of a least-squares slope, shape (k,)."""
    centred = np.asarray(x, dtype=np.float64) - np.mean(x)
    return np.asarray(centred / (centred @ centred))


def cell_freedom(cells: Cells) -> tuple[Array, Array]:
    """Pooled excess kurtosis of a replicate, and the degrees of freedom of each cell's variance.

    2 / (2/(R - 1) + kurtosis/R): a variance is known the worse, the heavier the tails.

    Returns
    -------
    kurtosis : array of shape (...)
    freedom : array of shape (..., k)
    """
    spread = (cells.m2**2).sum(-1)
    floor = np.where(spread > 0, spread, 1.0)
    kurtosis = np.maximum(0.0, np.where(spread > 0, cells.m4.sum(-1) / floor, 0.0) - 3.0)
    one = np.maximum(cells.count - 1, 1)
    return kurtosis, 2.0 / (2.0 / one + kurtosis[..., None] / np.maximum(cells.count, 1))


def shrunken_cv2(cells: Cells) -> Array:
    """Squared coefficients of variation, drawn to their mean as far as they are doubtful.

    (f cv^2 + 20 pooled) / (f + 20), f the degrees of freedom of the cell's variance: a cell that
    missed its tail looks quiet, and must not be left alone for it. A cell where nothing was seen
    takes the pooled value.
    """
    _, freedom = cell_freedom(cells)
    own = cells.cv**2
    usable = cells.usable
    pooled = np.where(usable, own, 0.0).sum(-1, keepdims=True)
    pooled = pooled / np.maximum(usable.sum(-1, keepdims=True), 1)
    return np.asarray(np.where(usable, drawn_to(pooled, own, freedom), pooled))


def drawn_to(pooled: Array, own: Array, freedom: Array) -> Array:
    """Variances drawn to a pooled one as far as their degrees of freedom leave them doubtful."""
    return np.asarray((freedom * own + SHRINKAGE * pooled) / (freedom + SHRINKAGE))


def freedom_of_sum(parts: Array, freedom: Array) -> tuple[Array, Array]:
    """A sum of k estimated variances, shape (..., k), and its degrees of freedom.

    Those of Welch and Satterthwaite, and `FEWEST_DF` at least.
    """
    variance, doubt = parts.sum(-1), (parts**2 / freedom).sum(-1)
    df = np.where(doubt > 0, variance**2 / np.where(doubt > 0, doubt, 1.0), FEWEST_DF)
    return variance, np.maximum(FEWEST_DF, df)


def squared_quantile(tail: float | Array) -> Array:
    """Square of the normal quantile of a tail, finite where the tail is 0."""
    from scipy.special import ndtri

    return np.asarray(np.minimum(ndtri(np.asarray(tail)) ** 2, LARGEST_Z2))


def guarded_ends(
    plain: Array, value: Array, se: Array, df: Array, shift: Array, tail: float | Array
) -> tuple[Array, Array]:
    """Ends of a t interval around the plain and the corrected value.

    The end that skewness would let miss is moved outward by ``shift`` standard errors, at most by
    `GUARD_LIMIT`: the lower one where it is positive, the upper one where it is negative.
    """
    from scipy.special import stdtrit

    shift = np.clip(shift, -GUARD_LIMIT, GUARD_LIMIT)
    quantile = -stdtrit(df, np.asarray(tail, dtype=np.float64))
    with np.errstate(invalid="ignore"):  # a tail of 0 where nothing varies: no interval
        low = np.minimum(plain, value) - (quantile + np.maximum(shift, 0.0)) * se
        high = np.maximum(plain, value) + (quantile + np.maximum(-shift, 0.0)) * se
    return low, high


def contrast(cells: Cells, weights: Array, offset: Array, tail: float | Array) -> Estimate:
    """Estimate sum w_i (log E y_i - offset_i) with an interval of ``tail`` on each side.

    Parameters
    ----------
    cells : Cells
        Arrays of shape (..., k).
    weights, offset : arrays of shape (k,)
        Weights of the contrast, and the logs of the formula.
    tail : float or array of the leading shape
        Probability left out on each side.
    """
    key = ("contrast", weights.tobytes(), offset.tobytes())
    value, plain, se, df, kurtosis, skew, skewness, usable = cells.once(
        key, lambda: _moments(cells, weights, offset)
    )
    z2 = squared_quantile(tail)
    shift = -(skew - 2) * skewness / 2
    shift = shift + ((skew - 3) - 3 * (skew - 2)) * skewness * (z2 - 1) / 6
    low, high = guarded_ends(plain, value, se, df, shift, tail)
    return Estimate(
        value,
        plain,
        np.where(usable, low, -np.inf),
        np.where(usable, high, np.inf),
        se,
        df,
        kurtosis,
        skewness,
        usable,
    )


def _moments(cells: Cells, weights: Array, offset: Array) -> tuple[Array, ...]:
    """What a contrast needs of its cells, whatever its level."""
    count = cells.count
    log_mean, skew, kurtosis, freedom, usable = cells.once(("shape",), lambda: _shape(cells))
    plain = ((log_mean - offset) * weights).sum(-1)
    value = plain - ((count - 1) * cells.loo * weights).sum(-1)
    parts = weights**2 * cells.variance
    variance, df = freedom_of_sum(parts, freedom)
    safe, se = np.where(variance > 0, variance, 1.0), np.sqrt(variance)
    skewness = (weights**3 * cells.variance**2).sum(-1) / safe**1.5
    return value, plain, se, df, kurtosis, skew, skewness, usable


def _shape(cells: Cells) -> tuple[Array, ...]:
    """What every contrast needs of its cells: log means, skewness, kurtosis, their freedom."""
    usable = np.asarray(cells.usable.all(-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        log_mean = np.where(cells.usable, np.log(np.where(cells.mean > 0, cells.mean, 1.0)), 0.0)
    spread = (cells.m2**2).sum(-1)
    floor = np.where(spread > 0, spread, 1.0)
    skew = np.maximum(SKEW_FLOOR, np.where(spread > 0, cells.m3.sum(-1) / floor, 0.0))
    kurtosis, freedom = cell_freedom(cells)
    return log_mean, skew, kurtosis, freedom, usable
