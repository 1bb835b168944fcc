"""Curvature: what a bent curve says about the theorem's exponent.

Linear contrasts of the same log means as the slope: the exponent of the far half of the grid, the
bend between the halves, and where the exponents would end if the correction died like n^(-1/2).
Together with fits of claim-consistent curves, A + C n^(-d) and A exp(C n^(-d)), they decide whether
a window that is off the claim is wrong (FAIL) or merely early (INCONCLUSIVE), and whether one that
is on it is heading elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.loglog import Estimate, cell_freedom, shrunken_cv2, slope_weights
from ratecheck.inference.memo import of_abscissae
from ratecheck.inference.misfit import last_step

Relation = Literal["equal", "at most", "at least"]
Contrast = Callable[[Array, Array, "float | Array"], Estimate]
Misfit = Callable[[Array, Array], tuple[Array, Array]]

ORDERS = (0.5, 0.75, 1.0, 1.5, 2.0)
SLOWEST = 0.5
FIT_LEVEL = 0.01
LIMIT_SEEN = 2.326  # standard errors by which a curve's limit A must be above 0
BEND_LEVEL = 0.01
BEND_TOWARDS_LEVEL = 0.05
NO_NOISE = 1e-28  # variance of a log mean that is round-off
SMALLEST = 1e-60
REWEIGHTINGS = 3
FAR_MARGINS = 2.0
FAR_LEVEL = 0.02

PASS, FAIL, OPEN = 1, -1, 0
REASONS = (
    "inside the margin",
    "outside the margin",
    "converges elsewhere",
    "plateau",
    "pre-asymptotic",
    "bends away",
    "too wide",
    "far end unknown",
)
INSIDE, OUTSIDE, ELSEWHERE, PLATEAU, EARLY, AWAY, WIDE, FAR = range(len(REASONS))
UNKNOWN, WITHIN, ABOVE, BELOW = range(4)


@dataclass(frozen=True)
class Fit:
    """The best curve mean / f = A + C n^(-d) or A exp(C n^(-d)); arrays of the leading shape.

    Attributes
    ----------
    p : array
        Its goodness of fit, a probability; -1 where no such curve is positive.
    lack : array
        Misfit beyond what noise makes of it, as large as it may well be (a standard error more than
        seen), in units of what is significant at 1 %.
    order, a, c : array
        d, A and C.
    exponential : array of bool
        The second of the two forms.
    """

    p: Array
    lack: Array
    order: Array
    a: Array
    c: Array
    exponential: Array


@dataclass(frozen=True)
class Bend:
    """Curvature of a log-log curve relative to the formula; arrays of the leading shape.

    Attributes
    ----------
    far : Estimate
        Exponent over the far half of the grid (at least three points), minus the formula's.
    far_low, far_high : array
        The far exponent's interval at the level that this look may spend on a FAIL.
    bend : Estimate
        Exponent of the far half minus that of the near half, from the quadratic term.
    end_low, end_high : array
        Interval at 2 % a side for the exponent at the centre of the far half, slope plus half the
        bend: on a smooth curve it is known better than the far half's own slope.
    last_low, last_high : array
        Interval for the exponent of the last step, where it stands alone (`misfit.last_step`).
    limit_low, limit_high : array
        Interval for the exponent's limit if the correction dies like n^(-1/2).
    bend_significant, bend_wrong : array of bool
        At 1 %, two-sided; and at what this look may spend of it.
    bend_sign : array of int
        Sign of the bend where it is significant at 5 %, else 0.
    raw_far_flat : array of bool
        The far-end exponent of the quantity itself may be 0.
    fit : Fit
        The best curve that agrees with the claim in the limit.
    consistent : array of bool
        That curve fits, at 1 % over all looks.
    """

    far: Estimate
    far_low: Array
    far_high: Array
    bend: Estimate
    end_low: Array
    end_high: Array
    last_low: Array
    last_high: Array
    limit_low: Array
    limit_high: Array
    bend_significant: Array
    bend_wrong: Array
    bend_sign: Array
    raw_far_flat: Array
    fit: Fit
    consistent: Array


def local_weights(x: Array) -> Array:
    """Weights of the k - 1 exponents between neighbours, shape (k - 1, k)."""
    gaps = np.diff(np.asarray(x, dtype=np.float64))
    weights = np.zeros((len(gaps), len(gaps) + 1))
    rows = np.arange(len(gaps))
    weights[rows, rows], weights[rows, rows + 1] = -1 / gaps, 1 / gaps
    return weights


@of_abscissae
def far_weights(x: Array) -> Array:
    """Weights of the slope over the last half of the points (at least three), shape (k,)."""
    k = len(x)
    size = max(3, (k + 1) // 2)
    return np.concatenate([np.zeros(k - size), slope_weights(x[k - size :])])


def halves_apart(x: Array) -> float:
    """Distance between the centres of the two halves of the grid."""
    half = (len(x) + 1) // 2
    return float(np.mean(x[-half:]) - np.mean(x[:half]))


@of_abscissae
def bend_weights(x: Array) -> Array:
    """Weights of the change of exponent from the near to the far half, shape (k,)."""
    z = np.asarray(x, dtype=np.float64) - np.mean(x)
    square = z**2
    basis = np.stack([np.ones_like(z), z], axis=1)
    orthogonal = square - basis @ np.linalg.lstsq(basis, square, rcond=None)[0]
    return np.asarray(2 * halves_apart(x) * orthogonal / (orthogonal @ orthogonal))


def bend(
    contrast: Contrast,
    fit: Fit,
    x: Array,
    log_formula: Array,
    tail: float,
    share: float | Array = 1.0,
) -> Bend:
    """Curvature of the log means along increasing abscissae x = log n.

    Parameters
    ----------
    contrast : callable
        Estimate of a weighted sum of log mean minus offset, from (weights, offset, tail).
    fit : Fit
        The best claim-consistent curve through the same data.
    x, log_formula : arrays of shape (k,)
    tail : float
        Tail probability of the far-end interval on each side.
    share : float or array, optional
        How much of the error rates of the tests that can lead to a FAIL this look may spend.
    """
    share = np.asarray(share, dtype=np.float64)
    weights, far_w = bend_weights(x), far_weights(x)
    r = np.exp(-SLOWEST * halves_apart(x))
    far, spent = contrast(far_w, log_formula, tail), contrast(far_w, log_formula, tail * share)
    strict = contrast(weights, log_formula, BEND_LEVEL / 2)
    strictest = contrast(weights, log_formula, BEND_LEVEL / 2 * share)
    loose = contrast(weights, log_formula, BEND_TOWARDS_LEVEL / 2)
    limit = contrast(far_w + weights * r / (1 - r), log_formula, tail * share)
    end = contrast(slope_weights(x) + weights / 2, log_formula, FAR_LEVEL)
    last = last_step(lambda w, at: contrast(w, log_formula, at), local_weights(x), far)
    raw = contrast(far_w, np.zeros_like(log_formula), tail)
    return Bend(
        far=far,
        far_low=spent.low,
        far_high=spent.high,
        bend=strict,
        end_low=end.low,
        end_high=end.high,
        last_low=last[0],
        last_high=last[1],
        limit_low=limit.low,
        limit_high=limit.high,
        bend_significant=(strict.low > 0) | (strict.high < 0),
        bend_wrong=(strictest.low > 0) | (strictest.high < 0),
        bend_sign=(loose.low > 0).astype(int) - (loose.high < 0).astype(int),
        raw_far_flat=(raw.low <= 0) & (raw.high >= 0),
        fit=fit,
        consistent=fit.p > FIT_LEVEL * share,
    )


def two_term_fit(cells: Cells, x: Array, log_formula: Array) -> Fit:
    """The best of the curves of `Fit` through independent cells.

    Weighted least squares. For A + C n^(-d) the weights come from the fitted curve and from
    shrunken variances: a cell whose mean is low by chance also has a low variance, and would be
    believed too much. The misfit is that of the logs. A and the curve must be positive, A by
    `LIMIT_SEEN` standard errors: with an A that may be 0 the curve is another power law, and would
    excuse every claim that is off by one of the orders d. A exp(C n^(-d)), which is what a
    correction looks like whose terms alternate in sign, is a line through the logs.

    Parameters
    ----------
    cells : Cells
        Arrays of shape (..., k).
    x, log_formula : arrays of shape (k,)
    """
    key = ("curve", x.tobytes(), log_formula.tobytes())
    return cells.once(key, lambda: _curve(cells, x, log_formula))


def _curve(cells: Cells, x: Array, log_formula: Array) -> Fit:
    _, freedom = cell_freedom(cells)
    logs = np.where(cells.usable, np.log(np.where(cells.mean > 0, cells.mean, 1.0)), 0.0)
    variance = np.maximum(shrunken_cv2(cells) / np.maximum(cells.count, 1), NO_NOISE)

    def misfit(residual: Array, leverage: Array) -> tuple[Array, Array]:
        return misfit_of_logs(residual, variance, leverage, freedom)

    return curves_through(logs, variance, x, log_formula, misfit)


def curves_through(
    logs: Array, variance: Array, x: Array, log_formula: Array, misfit: Misfit
) -> Fit:
    """The best of the curves of `Fit` through log means with these variances.

    ``misfit`` turns residuals of the logs and leverages into a goodness of fit and a chi-square.
    """
    y, top = over_formula(logs, log_formula)
    log_y = np.log(np.maximum(y, SMALLEST))
    orders = np.array(ORDERS).reshape(-1, *np.ones(y.ndim, dtype=int))  # all at once
    h, curve = np.exp(-orders * (x - x[0])), np.maximum(y, SMALLEST)
    for _ in range(REWEIGHTINGS):
        a, c, se, leverage = _weighted_line(h, y, 1.0 / (curve**2 * variance))
        fitted = a[..., None] + c[..., None] * h
        positive = (a > 0) & (fitted > 0).all(-1)
        curve = np.where(positive[..., None], np.maximum(fitted, SMALLEST), curve)
    p, chi2 = misfit(log_y - np.log(curve), leverage)
    seen = positive & (a > LIMIT_SEEN * se)
    d = np.broadcast_to(orders[..., 0], a.shape)
    powers = Fit(np.where(seen, p, -1.0), chi2, d, a, c, np.full(a.shape, False))

    a, c, _, leverage = _weighted_line(h, log_y, 1.0 / variance)
    p, chi2 = misfit(log_y - a[..., None] - c[..., None] * h, leverage)
    exponentials = Fit(p, chi2, d, np.exp(a), c, np.full(a.shape, True))
    pairs = zip(_each(powers), _each(exponentials), strict=True)
    return best_fit([fit for pair in pairs for fit in pair], x, top)


def _each(fits: Fit) -> list[Fit]:
    """Fits that lie along the first axis."""
    columns = (getattr(fits, name) for name in Fit.__annotations__)
    return [Fit(*row) for row in zip(*columns, strict=True)]


def misfit_of_logs(
    residual: Array, variance: Array, leverage: Array, freedom: Array
) -> tuple[Array, Array]:
    """Goodness of fit and chi-square of the logs around a curve of two coefficients."""
    chi2 = (residual**2 / variance).sum(-1)
    doubt = ((1 - leverage) ** 2 / freedom).sum(-1)
    return johansen(chi2, residual.shape[-1] - 2, doubt), chi2


def _weighted_line(h: Array, y: Array, weight: Array) -> tuple[Array, Array, Array, Array]:
    """Intercept, slope, the intercept's standard error, and the leverages of a weighted line."""
    s0, sy = weight.sum(-1), (weight * y).sum(-1)
    s1, s2 = (weight * h).sum(-1), (weight * h * h).sum(-1)
    sh = (weight * h * y).sum(-1)
    determinant = s0 * s2 - s1 * s1
    determinant = np.where(determinant > 0, determinant, np.inf)
    spread = s2[..., None] - 2 * s1[..., None] * h + s0[..., None] * h * h
    return (
        (sy * s2 - sh * s1) / determinant,
        (s0 * sh - s1 * sy) / determinant,
        np.sqrt(s2 / determinant),
        weight * spread / determinant[..., None],
    )


def johansen(chi2: Array, df: int, doubt: Array) -> Array:
    """Tail probability of a weighted sum of squares whose weights were estimated.

    ``chi2`` over ``df`` degrees of freedom is compared with c F(df, f),
    c = df + 2 A - 6 A/(df + 2), f = df (df + 2)/(3 A), where A = ``doubt`` is
    sum (1 - leverage)^2 / freedom (Johansen, Biometrika 67, 1980): the chi-square for A = 0.
    """
    from scipy.special import chdtrc, fdtrc

    a = np.maximum(doubt, 0.0)
    scale = np.maximum(df + 2 * a - 6 * a / (df + 2), 1e-12)
    freedom = df * (df + 2) / np.maximum(3 * a, 1e-9)
    return np.asarray(
        np.where(a < 1e-6, chdtrc(df, chi2), fdtrc(df, freedom, np.maximum(chi2, 0.0) / scale))
    )


def over_formula(logs: Array, log_formula: Array) -> tuple[Array, Array]:
    """Means over the formula, the largest being 1, and the log of what they were divided by."""
    scaled = logs - log_formula
    top = scaled.max(-1, keepdims=True)
    return np.exp(scaled - top), top[..., 0]


def best_fit(fits: list[Fit], x: Array, top: Array) -> Fit:
    """The best of several fits in h = n^(-d) over its value at x[0], in the units of the data.

    Their means were divided by exp(``top``), and their ``lack`` is the chi-square.
    """
    from scipy.special import chdtri

    stacked = {name: np.stack([getattr(f, name) for f in fits]) for name in Fit.__annotations__}
    best = stacked["p"].argmax(0)[None]
    p, chi2, order, a, c, exponential = (
        np.take_along_axis(column, best, 0)[0] for column in stacked.values()
    )
    df, size = len(x) - 2, np.exp(top)
    excess = np.maximum(chi2 - df, 0.0)
    lack = (excess + np.sqrt(2 * df + 4 * excess)) / (chdtri(df, FIT_LEVEL) - df)
    c = c * np.exp(order * x[0]) * np.where(exponential, 1.0, size)
    return Fit(p, lack, order, a * size, c, exponential)


def settles_at(a: float, c: float, order: float, margin: float, exponential: bool = False) -> float:
    """The n at which the exponent of a curve of `Fit` is within half a margin of its limit.

    The local exponent is off by -d C n^(-d) / (A + C n^(-d)), or by -d C n^(-d) for
    A exp(C n^(-d)); solved for |offset| = margin / 2.
    """
    sign = -1.0 if c > 0 else 1.0
    share = margin / 2
    # C n^(-d) in absolute value
    u = share / order if exponential else share * a / (order + sign * share)
    if not (u > 0 and c != 0):
        return float("nan")
    return float((abs(c) / u) ** (1 / order))


def limits(margin: float, relation: Relation) -> tuple[float, float]:
    """Between which two values a relation lets the slope minus the predicted one lie."""
    low = -np.inf if relation == "at most" else -margin
    return low, np.inf if relation == "at least" else margin


def place(low: Array | float, high: Array | float, margin: float, relation: Relation) -> Array:
    """Where an interval lies: `WITHIN` the margin, `ABOVE` or `BELOW` it, or `UNKNOWN`."""
    up, down = relation != "at least", relation != "at most"
    within = (np.logical_not(up) | (high < margin)) & (np.logical_not(down) | (low > -margin))
    beyond = np.where(down & (high < -margin), BELOW, UNKNOWN)
    return np.where(within, WITHIN, np.where(up & (low > margin), ABOVE, beyond))


def places_within_reach(
    theta: Estimate, margin: float, relation: Relation, more: float | Array
) -> Array:
    """Where ``more`` times the information may well place a slope that is `UNKNOWN`.

    Its interval is narrower then, and its estimate may have moved by a standard error of now: up,
    down, or towards the predicted one. Shape (3, ...).
    """
    value, shrink = theta.value, np.sqrt(more)
    inwards = np.sign(value) * np.maximum(np.abs(value) - theta.se, 0.0)
    moved = np.stack(np.broadcast_arrays(value + theta.se, value - theta.se, inwards))
    low, high = moved - (value - theta.low) / shrink, moved + (theta.high - value) / shrink
    return np.where(theta.usable, place(low, high, margin, relation), UNKNOWN)


def decide(
    theta: Estimate,
    curve: Bend,
    margin: float,
    relation: Relation,
    held: int | Array = UNKNOWN,
) -> tuple[Array, Array]:
    """Outcome and reason from the slope's interval and the curvature.

    Parameters
    ----------
    theta : Estimate
        The slope minus the predicted one.
    curve : Bend
    margin : float
    relation : {"equal", "at most", "at least"}
    held : int or array of int, optional
        Where an earlier look has found the slope to lie (`place`): it is not asked again.

    Returns
    -------
    outcome : array of int
        1 PASS, -1 FAIL, 0 INCONCLUSIVE.
    reason : array of int
        Index into `REASONS`.
    """
    above, below = relation != "at least", relation != "at most"
    at = np.where(theta.usable, place(theta.low, theta.high, margin, relation), UNKNOWN)
    at = np.where(np.asarray(held) == UNKNOWN, at, held)
    inside, too_high, too_low = at == WITHIN, at == ABOVE, at == BELOW
    outside = too_high | too_low
    far_out = (above & (curve.far.low > margin)) | (below & (curve.far.high < -margin))
    far_wrong = (above & (curve.far_low > margin)) | (below & (curve.far_high < -margin))
    far_off = (above & (curve.far.value > margin)) | (below & (curve.far.value < -margin))
    towards = (too_high & (curve.bend_sign < 0)) | (too_low & (curve.bend_sign > 0))
    limit_out = (too_high & (curve.limit_low > margin)) | (too_low & (curve.limit_high < -margin))

    far_unknown = (above & (curve.end_high >= FAR_MARGINS * margin)) | (
        below & (curve.end_low <= -FAR_MARGINS * margin)
    )
    leaves = place(curve.last_low, curve.last_high, FAR_MARGINS * margin, relation)
    veto = far_out | (curve.bend_significant & far_off) | (leaves == ABOVE) | (leaves == BELOW)
    passes = inside & ~veto & ~far_unknown
    fails = outside & ~curve.consistent & (~towards | limit_out)
    elsewhere = ~outside & far_wrong & curve.bend_wrong & ~curve.consistent & theta.usable
    reason = np.where(passes, INSIDE, WIDE)
    reason = np.where(inside & ~passes, np.where(veto, AWAY, FAR), reason)
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
