"""Where a mean curve reaches a goal: thresholds such as the sample size n* that an error needs.

Replicates give a curve each on one grid of n. The mean curve is made monotone by isotonic
regression (pooled averages; Barlow, Bartholomew, Bremner & Brunk, Statistical Inference under Order
Restrictions, 1972), and n* is where it passes the goal, by interpolation between the grid's points
in logs of n and of the curve: exact for powers, off by less than the grid's own ratio otherwise.
How well log n* is known is the jackknife over curves, in the shape of `inference.cells`, so that
slopes of thresholds are judged like those of means.
"""

from __future__ import annotations

import numpy as np

from ratecheck.inference.cells import Array, Cells


def isotonic(y: Array) -> Array:
    """Increasing least-squares fits to rows, shape (..., m).

    By the max-min formula, max over i <= k of min over j >= k of mean(y_i..y_j): many short rows at
    once.
    """
    m = y.shape[-1]
    sums = np.concatenate([np.zeros((*y.shape[:-1], 1)), np.cumsum(y, axis=-1)], axis=-1)
    first, last = np.arange(m)[:, None], np.arange(m)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (sums[..., None, 1:] - sums[..., :-1, None]) / (last - first + 1)
    mean = np.where(last >= first, mean, np.inf)
    least = np.minimum.accumulate(mean[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(np.where(last >= first, least, -np.inf).max(-2))


def log_threshold(log_n: Array, curves: Array, goal: float, rising: bool) -> Array:
    """Logs of the n at which curves first reach a goal, shape (...).

    Parameters
    ----------
    log_n : array of shape (m,)
        Increasing.
    curves : array of shape (..., m)
    goal : float
        Positive.
    rising : bool
        Reached from below; else from above.

    Returns
    -------
    array
        -inf where the first point has reached it already, inf where none does.
    """
    sign = 1.0 if rising else -1.0
    fitted = sign * isotonic(sign * np.asarray(curves, dtype=np.float64))
    reached = sign * fitted >= sign * goal
    at = np.argmax(reached, axis=-1)
    before = np.maximum(at - 1, 0)
    one = np.take_along_axis(fitted, before[..., None], -1)[..., 0]
    two = np.take_along_axis(fitted, at[..., None], -1)[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = (np.log(goal) - np.log(one)) / (np.log(two) - np.log(one))
        share = np.where((one > 0) & (two > 0), logs, (goal - one) / (two - one))
    share = np.where((at > 0) & reached.any(-1), share, 0.0)
    found = log_n[before] + share * (log_n[at] - log_n[before])
    found = np.where(at == 0, -np.inf, found)
    return np.asarray(np.where(reached.any(-1), found, np.inf))


def summarise(n: Array, curves: Array, goal: float, rising: bool) -> Cells:
    """The threshold at one point, with the jackknife over curves of its log.

    Parameters
    ----------
    n : array of shape (m,)
    curves : array of shape (R, m)
        One replicate a row.

    Returns
    -------
    Cells
        With arrays of shape (). Not usable where the mean curve, or what is left of it without some
        replicate, does not pass the goal within the grid; ``mean`` is 0 then if it is reached
        before the grid, and infinite if after it.
    """
    size = len(curves)
    log_n, total = np.log(n), curves.sum(0)
    whole = float(log_threshold(log_n, total / max(size, 1), goal, rising))
    others = (total - curves) / max(size - 1, 1)
    left_out = log_threshold(log_n, others, goal, rising)
    usable = size > 1 and bool(np.isfinite(whole) and np.isfinite(left_out).all())
    loo = left_out - whole if usable else np.zeros(size)
    u = -(size - 1) * (loo - loo.mean())  # what a replicate adds to log n*, in units of it
    return Cells(
        count=np.asarray(size),
        mean=np.asarray(np.exp(whole)),
        loo=np.asarray(loo.mean()),
        variance=np.asarray((size - 1) / max(size, 1) * ((loo - loo.mean()) ** 2).sum()),
        m2=np.asarray((u**2).mean()),
        m3=np.asarray((u**3).mean()),
        m4=np.asarray((u**4).mean()),
        usable=np.asarray(usable),
    )
