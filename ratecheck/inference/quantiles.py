"""Times to a goal, some of which the budget cut off.

A run that did not get there is not a number. The log of one and the same quantile at every point
is, as long as that quantile is below the share of runs that arrived: its exponent is the one of the
times. Its standard error is that of the order statistics around it (Woodruff, J. Am. Stat. Assoc.
47, 1952), which lie about sqrt(R p (1 - p)) spacings on either side of it: a variance from so few
spacings has half as many degrees of freedom as there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratecheck.inference import curvature
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import Fit
from ratecheck.inference.loglog import SHRINKAGE, Estimate, drawn_to, freedom_of_sum
from ratecheck.inference.memo import Memo

SHARE = 0.6
WOODRUFF_Z = 1.0


@dataclass(frozen=True)
class Quantiles(Memo):
    """The log of one quantile of the times at every point; arrays of shape (..., k).

    Attributes
    ----------
    count : array of int
        Runs.
    logs : array
    variance, freedom : array
        Of each log, and the degrees of freedom with which it is known.
    usable : array of bool of the leading shape
        False where an order statistic that the variance needs is censored.
    """

    count: Array
    logs: Array
    variance: Array
    freedom: Array
    usable: Array


def summarise(times: Sequence[Array]) -> Quantiles:
    """The logs of a quantile of times: the median, or as far below as the budget asks.

    Parameters
    ----------
    times : sequence of k arrays of shape (..., R_i)
        Positive times; inf where the goal was not reached.
    """
    shares = np.stack([np.isfinite(t).mean(-1) for t in times])
    level = np.minimum(0.5, SHARE * shares.min(0))
    rows = [_at(np.sort(np.asarray(t, dtype=np.float64), axis=-1), level) for t in times]
    logs, variance, freedom, usable = (np.stack(row, -1) for row in zip(*rows, strict=True))
    count = np.broadcast_to([t.shape[-1] for t in times], logs.shape)
    return Quantiles(count, logs, variance, freedom, np.asarray(usable.all(-1)))


def _at(ordered: Array, level: Array) -> tuple[Array, Array, Array, Array]:
    """Log, variance, its degrees of freedom and usability of the quantile of sorted times."""
    size = ordered.shape[-1]
    half = WOODRUFF_Z * np.sqrt(size * level * (1 - level))
    low = np.maximum(0, np.floor(size * level - half).astype(int) - 1)
    high = np.minimum(size - 1, np.ceil(size * level + half).astype(int))
    middle = np.maximum(0, np.ceil(size * level).astype(int) - 1)
    first, quantile, last = (
        np.take_along_axis(ordered, at[..., None], -1)[..., 0] for at in (low, middle, high)
    )
    usable = (level > 0) & np.isfinite(last) & (first > 0)
    one = np.ones_like(quantile)
    logs = np.log(np.where(usable, quantile, one))
    width = np.log(np.where(usable, last, one)) - np.log(np.where(usable, first, one))
    # the order statistics actually taken lie (high - low) / 2 counts from the middle
    error = width / 2 * half / np.maximum((high - low) / 2, np.maximum(half, 1e-300))
    return logs, error**2, np.maximum(half, 1.0), usable


def contrast(data: Quantiles, weights: Array, offset: Array, tail: float | Array) -> Estimate:
    """Estimate sum w_i (log q_i - offset_i) with an interval of ``tail`` on each side.

    Parameters
    ----------
    data : Quantiles
        Arrays of shape (..., k).
    weights, offset : arrays of shape (k,)
    tail : float or array of the leading shape
        Probability left out on each side.
    """
    from scipy.special import stdtrit

    value = ((data.logs - offset) * weights).sum(-1)
    variance, df = freedom_of_sum(weights**2 * data.variance, data.freedom)
    se, none = np.sqrt(variance), np.zeros_like(value)
    with np.errstate(invalid="ignore"):  # a tail of 0 where nothing varies: no interval
        reach = -stdtrit(df, np.asarray(tail, dtype=np.float64)) * se
    low = np.where(data.usable, value - reach, -np.inf)
    high = np.where(data.usable, value + reach, np.inf)
    return Estimate(value, value, low, high, se, df, none, none, data.usable)


def two_term_fit(data: Quantiles, x: Array, log_formula: Array) -> Fit:
    """The best of the curves of `curvature.Fit` through the quantiles.

    The variances are drawn to their mean as far as they are doubtful, as those of means are.

    Parameters
    ----------
    data : Quantiles
        Arrays of shape (..., k).
    x, log_formula : arrays of shape (k,)
    """
    key = ("curve", x.tobytes(), log_formula.tobytes())
    return data.once(key, lambda: _curve(data, x, log_formula))


def _curve(data: Quantiles, x: Array, log_formula: Array) -> Fit:
    of_one = data.variance * data.count
    shrunk = drawn_to(of_one.mean(-1, keepdims=True), of_one, data.freedom)
    variance = np.maximum(shrunk / data.count, curvature.NO_NOISE)

    def misfit(residual: Array, leverage: Array) -> tuple[Array, Array]:
        return curvature.misfit_of_logs(residual, variance, leverage, data.freedom + SHRINKAGE)

    return curvature.curves_through(data.logs, variance, x, log_formula, misfit)
