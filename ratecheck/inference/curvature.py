"""Curvature: what a bent curve says about the theorem's exponent.

Linear contrasts of the same log means as the slope: the exponent of the far half of the grid, the
bend between the halves, and where the exponents would end if the correction died like n^(-1/2).
Together with fits of a claim-consistent curve A + C n^(-d) they decide whether a window that is off
the claim is wrong (FAIL) or merely early (INCONCLUSIVE), and whether one that is on it is heading
elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.loglog import Estimate, contrast, slope_weights

Relation = Literal["equal", "at most", "at least"]
ORDERS = (0.5, 0.75, 1.0, 1.5, 2.0)
SLOWEST = 0.5
FIT_LEVEL = 0.01
BEND_LEVEL = 0.01
BEND_TOWARDS_LEVEL = 0.05

PASS, FAIL, OPEN = 1, -1, 0
REASONS = (
    "inside the margin",
    "outside the margin",
    "converges elsewhere",
    "plateau",
    "pre-asymptotic",
    "bends away",
    "too wide",
)
INSIDE, OUTSIDE, ELSEWHERE, PLATEAU, EARLY, AWAY, WIDE = range(len(REASONS))


@dataclass(frozen=True)
class Bend:
    """Curvature of a log-log curve relative to the formula; arrays of the leading shape.

    Attributes
    ----------
    far : Estimate
        Exponent over the far half of the grid (at least three points), minus the formula's.
    bend : Estimate
        Exponent of the far half minus that of the near half, from the quadratic term.
    limit_low, limit_high : array
        Interval for the exponent's limit if the correction dies like n^(-1/2).
    bend_significant : array of bool
        At 1 %, two-sided.
    bend_sign : array of int
        Sign of the bend where it is significant at 5 %, else 0.
    raw_far_flat : array of bool
        The far-end exponent of the quantity itself may be 0.
    consistent : array of bool
        Some curve A + C n^(-d) times the formula fits.
    order, a, c : arrays
        The best such curve.
    """

    far: Estimate
    bend: Estimate
    limit_low: Array
    limit_high: Array
    bend_significant: Array
    bend_sign: Array
    raw_far_flat: Array
    consistent: Array
    order: Array
    a: Array
    c: Array


def local_weights(x: Array) -> Array:
    """Weights of the k - 1 exponents between neighbours, shape (k - 1, k)."""
    gaps = np.diff(np.asarray(x, dtype=np.float64))
    weights = np.zeros((len(gaps), len(gaps) + 1))
    rows = np.arange(len(gaps))
    weights[rows, rows], weights[rows, rows + 1] = -1 / gaps, 1 / gaps
    return weights


def far_weights(x: Array) -> Array:
    """Weights of the slope over the last half of the points (at least three), shape (k,)."""
    k = len(x)
    size = max(3, (k + 1) // 2)
    return np.concatenate([np.zeros(k - size), slope_weights(x[k - size :])])


def halves_apart(x: Array) -> float:
    """Distance between the centres of the two halves of the grid."""
    half = (len(x) + 1) // 2
    return float(np.mean(x[-half:]) - np.mean(x[:half]))


def bend_weights(x: Array) -> Array:
    """Weights of the change of exponent from the near to the far half, shape (k,)."""
    z = np.asarray(x, dtype=np.float64) - np.mean(x)
    square = z**2
    basis = np.stack([np.ones_like(z), z], axis=1)
    orthogonal = square - basis @ np.linalg.lstsq(basis, square, rcond=None)[0]
    return np.asarray(2 * halves_apart(x) * orthogonal / (orthogonal @ orthogonal))


def bend(cells: Cells, x: Array, log_formula: Array, tail: float) -> Bend:
    """Curvature of the log means along increasing abscissae x = log n.

    Parameters
    ----------
    cells : Cells
        Arrays of shape (..., k).
    x, log_formula : arrays of shape (k,)
    tail : float
        Tail probability of the far-end and limit intervals on each side.
    """
    far = contrast(cells, far_weights(x), log_formula, tail)
    weights = bend_weights(x)
    strict = contrast(cells, weights, log_formula, BEND_LEVEL / 2)
    loose = contrast(cells, weights, log_formula, BEND_TOWARDS_LEVEL / 2)
    r = np.exp(-SLOWEST * halves_apart(x))
    limit = contrast(cells, far_weights(x) + weights * r / (1 - r), log_formula, tail)
    raw = contrast(cells, far_weights(x), np.zeros_like(log_formula), tail)
    consistent, order, a, c = _two_term_fit(cells, x, log_formula)
    return Bend(
        far=far,
        bend=strict,
        limit_low=limit.low,
        limit_high=limit.high,
        bend_significant=(strict.low > 0) | (strict.high < 0),
        bend_sign=(loose.low > 0).astype(int) - (loose.high < 0).astype(int),
        raw_far_flat=(raw.low <= 0) & (raw.high >= 0),
        consistent=consistent,
        order=order,
        a=a,
        c=c,
    )


def _two_term_fit(cells: Cells, x: Array, log_formula: Array) -> tuple[Array, Array, Array, Array]:
    """The best of the curves mean / f = A + C n^(-d), and whether it fits at 1 %.

    Weighted least squares with variances (mean / f)^2 v; A and the curve must be positive.
    """
    from scipy.special import chdtrc

    logs = np.where(cells.usable, np.log(np.where(cells.mean > 0, cells.mean, 1.0)), 0.0)
    scaled = logs - log_formula
    top = scaled.max(-1, keepdims=True)
    y = np.exp(scaled - top)
    weight = 1.0 / np.maximum(y**2 * cells.variance, 1e-300)
    shape = y.shape[:-1]
    best_p, best_d = np.full(shape, -1.0), np.full(shape, np.nan)
    best_a, best_c = np.full(shape, np.nan), np.full(shape, np.nan)
    s0, sy = weight.sum(-1), (weight * y).sum(-1)
    for d in ORDERS:
        h = np.exp(-d * (x - x[0]))
        s1, s2 = (weight * h).sum(-1), (weight * h * h).sum(-1)
        sh = (weight * h * y).sum(-1)
        determinant = s0 * s2 - s1 * s1
        determinant = np.where(determinant > 0, determinant, np.inf)
        a, c = (sy * s2 - sh * s1) / determinant, (s0 * sh - s1 * sy) / determinant
        curve = a[..., None] + c[..., None] * h
        chi2 = (weight * (y - curve) ** 2).sum(-1)
        p = np.where((a > 0) & (curve > 0).all(-1), chdtrc(len(x) - 2, chi2), -1.0)
        better = p > best_p
        best_p, best_d = np.where(better, p, best_p), np.where(better, d, best_d)
        best_a, best_c = np.where(better, a, best_a), np.where(better, c, best_c)
    return best_p > FIT_LEVEL, best_d, best_a, best_c * np.exp(best_d * x[0])


def settles_at(a: float, c: float, order: float, margin: float) -> float:
    """The n at which the exponent of A + C n^(-d) is within half a margin of its limit.

    The local exponent is off by -d C n^(-d) / (A + C n^(-d)); solved for |offset| = margin / 2.
    """
    sign = -1.0 if c > 0 else 1.0
    share = margin / 2
    u = share * a / (order + sign * share)  # C n^(-d) in absolute value
    if not (u > 0 and c != 0):
        return float("nan")
    return float((abs(c) / u) ** (1 / order))


def decide(theta: Estimate, curve: Bend, margin: float, relation: Relation) -> tuple[Array, Array]:
    """Outcome and reason from the slope's interval and the curvature.

    Parameters
    ----------
    theta : Estimate
        The slope minus the predicted one.
    curve : Bend
    margin : float
    relation : {"equal", "at most", "at least"}

    Returns
    -------
    outcome : array of int
        1 PASS, -1 FAIL, 0 INCONCLUSIVE.
    reason : array of int
        Index into `REASONS`.
    """
    above, below = relation != "at least", relation != "at most"
    too_high, too_low = above & (theta.low > margin), below & (theta.high < -margin)
    outside = (too_high | too_low) & theta.usable
    inside = (
        (np.logical_not(above) | (theta.high < margin))
        & (np.logical_not(below) | (theta.low > -margin))
        & theta.usable
    )
    far_high, far_low = above & (curve.far.low > margin), below & (curve.far.high < -margin)
    far_out = far_high | far_low
    far_off = (above & (curve.far.value > margin)) | (below & (curve.far.value < -margin))
    towards = (too_high & (curve.bend_sign < 0)) | (too_low & (curve.bend_sign > 0))
    limit_out = (too_high & (curve.limit_low > margin)) | (too_low & (curve.limit_high < -margin))

    veto = far_out | (curve.bend_significant & far_off)
    passes = inside & ~veto
    fails = outside & ~curve.consistent & (~towards | limit_out)
    elsewhere = ~outside & far_out & curve.bend_significant & theta.usable
    reason = np.where(passes, INSIDE, WIDE)
    reason = np.where(inside & ~passes, AWAY, reason)
    reason = np.where(outside & ~fails, EARLY, reason)
    reason = np.where(fails, OUTSIDE, reason)
    reason = np.where(elsewhere, np.where(curve.raw_far_flat, PLATEAU, ELSEWHERE), reason)
    reason = np.where(fails & curve.raw_far_flat & curve.bend_significant, PLATEAU, reason)
    outcome = np.where(passes, PASS, np.where(fails | elsewhere, FAIL, OPEN))
    return outcome, reason


def outside(theta: Estimate, margin: float, relation: Relation) -> Array:
    """Whether the slope's interval lies beyond the margin: what kills a falsifier."""
    high = (relation != "at least") & (theta.low > margin)
    low = (relation != "at most") & (theta.high < -margin)
    return np.asarray((high | low) & theta.usable)
