"""Lack of fit: a tiny replicate error must not make a jagged curve certain.

A smooth bend is curvature and is dealt with there. What is left after a line and a quadratic is
jaggedness; where it exceeds the replicates' noise at 1 %, the slope's interval is widened by it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ratecheck.inference.cells import Array
from ratecheck.inference.loglog import Estimate

LEVEL = 0.01
FEWEST_POINTS = 5
LAST_LEVEL = 0.001
APART = 2.0


def jagged_half_width(
    logs: Array, variance: Array, x: Array, theta: Estimate, tail: float | Array
) -> tuple[Array, Array]:
    """Whether the curve is jagged, and the half-width of the slope's interval if it is.

    Parameters
    ----------
    logs, variance : arrays of shape (..., k), k >= 5
        Relative to the formula, and how well they are known.
    x : array of shape (k,)
    theta : Estimate
        Of the slope.
    tail : float or array of the leading shape
        Tail probability on each side.

    Returns
    -------
    jagged : array of bool
    half_width : array
        sqrt((t_df se)^2 + t_(k-3)^2 tau^2 / Sxx), tau^2 the scatter beyond the noise.
    """
    from scipy.special import fdtrc, stdtrit

    k = len(x)
    z = np.asarray(x, dtype=np.float64) - np.mean(x)
    basis = np.stack([np.ones_like(z), z, z**2], axis=1)
    orthonormal = np.linalg.qr(basis)[0]
    residual_maker = np.eye(k) - orthonormal @ orthonormal.T
    residual = logs @ residual_maker
    scatter = (residual**2).sum(-1)
    expected = np.maximum((variance * np.diag(residual_maker)).sum(-1), 1e-300)
    df = np.where(np.isfinite(theta.df), theta.df, 1e6)
    p = fdtrc(k - 3, df, scatter / expected)
    tau2 = np.maximum(0.0, (scatter - expected) / (k - 3))
    own = (-stdtrit(df, np.asarray(tail)) * theta.se) ** 2
    extra = stdtrit(k - 3, np.asarray(tail)) ** 2 * tau2 / (z @ z)
    return np.asarray((p < LEVEL) & theta.usable), np.asarray(np.sqrt(own + extra))


def last_step(
    exponent: Callable[[Array, float], Estimate], steps: Array, far: Estimate
) -> tuple[Array, Array]:
    """Interval at 0.1 % a side for the exponent of the last step, where it stands alone.

    Of many points, a floor under the last one moves neither the far half nor the bend. Where steps
    before its neighbour are half as far off their median the curve is jagged, and the last step
    says nothing: the interval has no ends, nor where it agrees with the far half.

    Parameters
    ----------
    exponent : callable
        Estimate of a contrast from (weights, tail).
    steps : array of shape (k - 1, k)
        Weights of the exponents between neighbours.
    far : Estimate
        Exponent of the far half.
    """
    last = exponent(steps[-1], LAST_LEVEL)
    alone = np.asarray((last.low > far.high) | (last.high < far.low))
    if alone.any() and len(steps) > 2:  # a floor that begins between two points bends two steps
        others = np.stack([exponent(weights, LAST_LEVEL).value for weights in steps[:-2]])
        middle = np.median(others, 0)
        alone &= np.abs(last.value - middle) > APART * np.abs(others - middle).max(0)
    return np.where(alone, last.low, -np.inf), np.where(alone, last.high, np.inf)
