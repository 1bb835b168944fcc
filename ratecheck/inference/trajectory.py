"""Trajectories: one run yields all points of the axis, so that a replicate is a vector.

The points of a run are correlated; the replicates are not. One jackknife over replicates takes the
correlation along, whatever it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import ORDERS, SMALLEST, Fit, best_fit, over_formula
from ratecheck.inference.loglog import (
    FEWEST_DF,
    SKEW_FLOOR,
    Estimate,
    guarded_ends,
    squared_quantile,
)
from ratecheck.inference.memo import Memo

FEWEST_FREE = 2  # degrees of freedom with which a curve's misfit can be judged


@dataclass(frozen=True)
class Paths(Memo):
    """Summaries of independent trajectories; arrays of shape (..., R, k) unless said otherwise.

    Attributes
    ----------
    u : array
        Trajectory over mean trajectory, minus 1.
    log_loo : array
        Log of the leave-one-out mean over the mean.
    logs : array of shape (..., k)
        Of the means.
    covariance : array of shape (..., k, k)
        The jackknife's, of the log means.
    usable : array of bool of the leading shape
    """

    u: Array
    log_loo: Array
    logs: Array
    covariance: Array
    usable: Array
    _moments: dict[bytes, tuple[Array, ...]] = field(default_factory=dict, repr=False)

    def moments(self, weights: Array) -> tuple[Array, ...]:
        """What a contrast needs of all replicates, whatever its offset and level.

        Mean and jackknife variance of the leave-one-out terms, excess kurtosis and skewness (over
        sqrt R) of a replicate's influence psi = sum w_i u_i. A few replicates show too little of
        the skewness: it is at least that of noise like exp(z), 3 sum w_i cov(psi, u_i)^2 over the
        standard deviation cubed, times 4/3 as for independent cells.
        """
        key = weights.tobytes()
        if key not in self._moments:
            size = self.u.shape[-2]
            log_loo = self.log_loo @ weights
            loo = log_loo.mean(-1)
            variance = max(size - 1, 1) / size * ((log_loo - loo[..., None]) ** 2).sum(-1)
            psi = self.u @ weights
            square = psi**2
            m2 = np.maximum(square.mean(-1), 1e-150)  # its square is no 0
            kurtosis = np.maximum(0.0, (square**2).mean(-1) / m2**2 - 3.0)
            skewness = (square * psi).mean(-1) / m2**1.5
            joint = (self.u * psi[..., None]).mean(-2)
            least = SKEW_FLOOR * (weights * joint**2).sum(-1) / m2**1.5
            skewness = np.where(
                least > 0, np.maximum(skewness, least), np.minimum(skewness, least)
            ) / np.sqrt(size)
            self._moments[key] = loo, variance, kurtosis, skewness
        return self._moments[key]


def summarise(y: Array) -> Paths:
    """Summarise non-negative trajectories of shape (..., R, k)."""
    size = y.shape[-2]
    mean = y.mean(-2)
    positive = mean > 0
    u = y / np.where(positive, mean, 1.0)[..., None, :] - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        log_loo = np.log1p(-u / max(size - 1, 1))
    finite = np.isfinite(log_loo)
    usable = np.asarray(positive.all(-1) & finite.all((-1, -2)) & (size > 1))
    log_loo = np.where(finite, log_loo, 0.0)
    deviation = log_loo - log_loo.mean(-2, keepdims=True)
    covariance = (size - 1) / size * np.swapaxes(deviation, -1, -2) @ deviation
    log_mean = np.log(np.where(positive, mean, 1.0))
    return Paths(u, log_loo, log_mean, covariance, usable)


def contrast(paths: Paths, weights: Array, offset: Array, tail: float | Array) -> Estimate:
    """Estimate sum w_i (log E y_i - offset_i) from independent vectors.

    Parameters
    ----------
    paths : Paths
    weights, offset : arrays of shape (k,)
    tail : float or array of the leading shape
        Probability left out on each side.
    """
    size = paths.u.shape[-2]
    one = max(size - 1, 1)
    loo, variance, kurtosis, skewness = paths.moments(weights)
    plain = ((paths.logs - offset) * weights).sum(-1)
    value = plain - (size - 1) * loo
    df = np.maximum(FEWEST_DF, 2.0 / (2.0 / one + kurtosis / size))
    shift = -skewness * (2 * squared_quantile(tail) + 1) / 6
    se = np.sqrt(variance)
    low, high = guarded_ends(plain, value, se, df, shift, tail)
    return Estimate(
        value,
        plain,
        np.where(paths.usable, low, -np.inf),
        np.where(paths.usable, high, np.inf),
        se,
        df,
        kurtosis,
        skewness,
        paths.usable,
    )


def two_term_fit(paths: Paths, x: Array, log_formula: Array) -> Fit:
    """The best of the curves of `Fit` through correlated log means.

    Generalised least squares with the jackknife's covariance of the log means; its misfit is
    Hotelling's T^2 in the k - 2 directions that the curve leaves free. With hardly more runs than
    points nothing can be said, and every curve "fits" (p = 1).
    """
    key = ("curve", x.tobytes(), log_formula.tobytes())
    return paths.once(key, lambda: _curve(paths, x, log_formula))


def _curve(paths: Paths, x: Array, log_formula: Array) -> Fit:
    size, k = paths.u.shape[-2:]
    y, top = over_formula(paths.logs, log_formula)
    free = size - 1 - (k - 2) + 1
    of_logs = _inverse(paths.covariance)
    of_means = _inverse(y[..., :, None] * paths.covariance * y[..., None, :])
    log_y = np.log(np.maximum(y, SMALLEST))
    fits = []
    for d in ORDERS:
        basis = np.stack([np.ones(k), np.exp(-d * (x - x[0]))], axis=1)
        a, c, p, t2 = _line(basis, y, of_means, free, size)
        positive = (a > 0) & ((a[..., None] + c[..., None] * basis[:, 1]) > 0).all(-1)
        p = np.where(positive | (free <= FEWEST_FREE), p, -1.0)
        fits.append(Fit(p, t2, np.full(a.shape, d), a, c, np.full(a.shape, False)))
        a, c, p, t2 = _line(basis, log_y, of_logs, free, size)
        fits.append(Fit(p, t2, np.full(a.shape, d), np.exp(a), c, np.full(a.shape, True)))
    return best_fit(fits, x, top)


def _inverse(covariance: Array) -> Array:
    """Inverse of a covariance with hardly a ridge, for what is exactly common to all points."""
    k = covariance.shape[-1]
    ridge = 1e-12 * np.trace(covariance, axis1=-2, axis2=-1)[..., None, None] / k + 1e-300
    return np.asarray(np.linalg.inv(covariance + ridge * np.eye(k)))


def _line(
    basis: Array, z: Array, inverse: Array, free: int, size: int
) -> tuple[Array, Array, Array, Array]:
    """Two coefficients, the goodness of fit and T^2 of a generalised least-squares line."""
    from scipy.special import fdtrc

    gain = inverse @ basis
    coefficients = np.linalg.solve(basis.T @ gain, np.swapaxes(gain, -1, -2) @ z[..., None])[..., 0]
    residual = z - coefficients @ basis.T
    t2 = np.einsum("...i,...ij,...j->...", residual, inverse, residual)
    left = len(basis) - 2
    if free > FEWEST_FREE:
        p = fdtrc(left, free, np.maximum(t2, 0.0) * free / ((size - 1) * left))
    else:
        p = np.ones_like(t2)
    return coefficients[..., 0], coefficients[..., 1], p, t2
