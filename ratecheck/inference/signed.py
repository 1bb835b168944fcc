"""Signed biases near their Monte Carlo floor, as in the weak order of a scheme.

The log of an absolute mean is not to be trusted where the mean is not far from zero. Instead an
exponent is accepted when the means do not contradict "bias = C f(x) x^theta" for any C: a score
test per theta. The accepted set is the interval; it may have no end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ratecheck.inference.cells import Array

REACH = 6.0
STEPS = 4801
FLOOR_Z = 3.0


def accepted_exponents(
    values: Sequence[Array], x: Array, log_formula: Array, tail: float
) -> tuple[float, float, float] | None:
    """The exponents theta, relative to the formula, that signed replicates do not reject.

    Parameters
    ----------
    values : sequence of k arrays of shape (R_i,)
        Signed errors.
    x, log_formula : arrays of shape (k,)
        Logs of the axis and of the formula.
    tail : float
        Probability left out on each side.

    Returns
    -------
    (low, high, centre), or None where the means are nowhere three standard errors from zero, so
    that any exponent fits. An end is infinite where the accepted set has none.
    """
    from scipy.special import stdtrit

    means = np.array([v.mean() for v in values])
    variances = np.array([v.var(ddof=1) / len(v) for v in values])
    variances = np.maximum(variances, (1e-12 * np.abs(means)) ** 2 + 1e-300)
    if np.max(np.abs(means) / np.sqrt(variances)) < FLOOR_Z:
        return None
    # the statistic's variance is estimated: at least as well as in the smallest sample
    z = float(-stdtrit(max(1, min(len(v) for v in values) - 1), tail))
    grid = np.linspace(-REACH, REACH, STEPS)
    scale = log_formula - log_formula.max()
    shape = np.exp(grid[:, None] * (x - x.mean()) + scale)  # g_i(theta) = f_i x_i^theta
    weight = shape**2 / variances
    centre = (weight * x).sum(1) / weight.sum(1)
    score = shape * (x - centre[:, None]) / variances
    statistic = score @ means / np.sqrt((score**2 * variances).sum(1))
    accepted = np.abs(statistic) < z
    if not accepted.any():
        return float(grid[-1]), float(grid[-1]), float(grid[np.argmin(np.abs(statistic))])
    inside = np.flatnonzero(accepted)
    best = float(grid[inside[np.argmin(np.abs(statistic[inside]))]])
    low, high = hull_ends(grid, statistic, np.asarray(z))
    return float(low), float(high), best


def hull_ends(
    grid: Array, statistic: Array, z: Array, crossed: Array | bool = False
) -> tuple[Array, Array]:
    """Ends of the hull of |statistic| < z, between the grid's points along straight lines.

    ``crossed``, of shape (..., T - 1): where a change of sign counts as having been within.
    """
    left, right = statistic[..., :-1], statistic[..., 1:]
    inside = np.abs(statistic) < z[..., None]
    touched = inside[..., :-1] | inside[..., 1:] | (crossed & (left * right < 0))
    some = touched.any(-1)
    first = np.argmax(touched, -1)
    last = touched.shape[-1] - 1 - np.argmax(touched[..., ::-1], -1)
    step = grid[1] - grid[0]

    def crossing(at: Array, outer: Array, inner: Array) -> Array:
        a = np.abs(np.take_along_axis(outer, at[..., None], -1)[..., 0])
        move = np.take_along_axis(inner - outer, at[..., None], -1)[..., 0]
        return np.asarray(np.clip((a - z) / np.maximum(np.abs(move), 1e-300), 0.0, 1.0) * step)

    low = np.where(inside[..., 0], -np.inf, grid[first] + crossing(first, left, right))
    high = np.where(inside[..., -1], np.inf, grid[last + 1] - crossing(last, right, left))
    return np.where(some, low, -np.inf), np.where(some, high, np.inf)
