"""Trajectories: one run yields all points of the axis, so that a replicate is a vector.

The points of a run are correlated; the replicates are not. One jackknife over replicates takes the
correlation along, whatever it is.
"""

from __future__ import annotations

import numpy as np

from ratecheck.inference.cells import Array
from ratecheck.inference.loglog import FEWEST_DF, GUARD_LIMIT, Estimate


def contrast(y: Array, weights: Array, offset: Array, tail: float | Array) -> Estimate:
    """Estimate sum w_i (log E y_i - offset_i) from independent vectors.

    Parameters
    ----------
    y : array of shape (..., R, k)
        Non-negative trajectories.
    weights, offset : arrays of shape (k,)
    tail : float or array of the leading shape
        Probability left out on each side.
    """
    from scipy.special import ndtri, stdtrit

    size = y.shape[-2]
    one = max(size - 1, 1)
    mean = y.mean(-2)
    positive = mean > 0
    u = y / np.where(positive, mean, 1.0)[..., None, :] - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        log_loo = np.log1p(-u / one)
    usable = np.asarray(positive.all(-1) & np.isfinite(log_loo).all((-1, -2)) & (size > 1))
    log_loo = np.where(np.isfinite(log_loo), log_loo, 0.0) @ weights
    loo = log_loo.mean(-1)
    variance = one / size * ((log_loo - loo[..., None]) ** 2).sum(-1)
    plain = ((np.log(np.where(positive, mean, 1.0)) - offset) * weights).sum(-1)
    value = plain - (size - 1) * loo

    psi = u @ weights
    m2 = np.maximum((psi**2).mean(-1), 1e-300)
    kurtosis = np.maximum(0.0, (psi**4).mean(-1) / m2**2 - 3.0)
    skewness = (psi**3).mean(-1) / m2**1.5 / np.sqrt(size)
    df = np.maximum(FEWEST_DF, 2.0 / (2.0 / one + kurtosis / size))
    z2 = ndtri(1.0 - np.asarray(tail)) ** 2
    shift = np.clip(-skewness * (2 * z2 + 1) / 6, -GUARD_LIMIT, GUARD_LIMIT)
    quantile = -stdtrit(df, np.asarray(tail, dtype=np.float64))
    se = np.sqrt(variance)
    low = np.minimum(plain, value) - (quantile + np.maximum(shift, 0.0)) * se
    high = np.maximum(plain, value) + (quantile + np.maximum(-shift, 0.0)) * se
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
