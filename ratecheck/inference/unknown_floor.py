"""A power law on a floor that nobody knows: y = E + A f(x) x^theta with E >= 0.

Loss curves and scaling laws end on an irreducible value. Its exponent is fitted with E, and the
interval is the profile's: every theta is kept that some E and A >= 0 explain about as well as the
best fit does. Where a floor and a slower rate cannot be told apart the interval has no end on the
steep side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratecheck.inference.cells import Array

FEWEST = 5
# of |slope|, relative to that of the line through the logs: the profile's first grid
REACH = np.concatenate([np.linspace(0.02, 3.0, 90), np.geomspace(3.2, 40.0, 30)])
FINE, REFINEMENTS = 61, 3
ROUNDS, POLISHES = 6, 4
SMALLEST = 1e-30
LOW_CHI2 = 0.5


@dataclass(frozen=True)
class Floored:
    """A power law on a floor; arrays of the leading shape.

    Attributes
    ----------
    exponent : array
        Slope of the part above the floor.
    low, high : array
        Its interval; infinite on a side where floor and rate cannot be told apart.
    floor : array
        E of the best fit, in the units of y.
    scatter : array
        Sum of squares of logs that the best fit leaves; a chi-square where the noise is given.
    """

    exponent: Array
    low: Array
    high: Array
    floor: Array
    scatter: Array


def floor_fit(
    n: Sequence[float],
    y: Sequence[float],
    se: Sequence[float] | None = None,
    floor: float | None = None,
    *,
    growing: bool = False,
    tail: float = 0.0045,
) -> Floored:
    """The exponent of a table above a floor, known or not.

    Parameters
    ----------
    n, y : sequences of k positive numbers
        Axis, going to infinity, and values.
    se : sequence of k numbers, optional
        Standard errors of the values; without them the noise of log y is read off the residuals.
    floor : float, optional
        E where it is known; it is below all values.
    growing : bool
        The part above E grows (E is then an offset); else it dies.
    tail : float
        Probability left out on each side.
    """
    x, values = np.log(np.asarray(n, dtype=np.float64)), np.asarray(y, dtype=np.float64)
    order = np.argsort(x, kind="stable")
    x, values = x[order], values[order]
    variance = None if se is None else (np.asarray(se, dtype=np.float64)[order] / values) ** 2
    sign = 1.0 if growing else -1.0
    return profile(x, np.log(values), np.zeros(len(x)), sign, tail, variance=variance, floor=floor)


def profile(
    x: Array,
    logs: Array,
    log_formula: Array,
    sign: float,
    tail: float,
    *,
    variance: Array | None = None,
    floor: float | None = None,
) -> Floored:
    """The slope of E + A f(x) x^theta in log x, with theta's profile interval; vectorised.

    Parameters
    ----------
    x, log_formula : arrays of shape (k,)
        Logs of the axis, increasing, and of the formula f.
    logs : array of shape (..., k)
        Logs of the values.
    sign : {-1, 1}
        Of the slope above the floor.
    tail : float
        Probability left out on each side.
    variance : array of shape (k,) or (..., k), optional
        Of each log, where it is known.
    floor : float, optional
        E where it is known.

    Returns
    -------
    Floored
        Its exponents are those of f(x) x^theta: the average slope of the formula plus theta.
    """
    from ratecheck.inference.loglog import slope_weights

    weights = slope_weights(x)
    claimed = float(weights @ log_formula)
    top = logs.max(-1, keepdims=True)
    y = np.exp(logs - top)
    known = None if floor is None else floor / np.exp(top)
    noise = np.ones(logs.shape) if variance is None else np.broadcast_to(variance, logs.shape)
    # the data's own steepness sets the scale of the grid
    gaps = np.maximum(np.diff(x), 1e-300)
    steep = np.maximum((sign * np.diff(logs, axis=-1) / gaps).max(-1), 0.05)
    slope = np.abs((logs * weights).sum(-1))
    scale = np.clip(np.maximum(slope, 0.02), 0.02, steep)
    slopes = sign * scale[..., None] * REACH
    left, floors = _left(x, y, noise, log_formula, slopes - claimed, known)
    spent = 2 + (floor is None)
    found = _accepted(slopes, left, len(x) - spent, tail, variance is not None)
    unending = ~np.isfinite(found.low if sign < 0 else found.high)
    for _ in range(REFINEMENTS):
        slopes = _between(slopes, found.low, found.high, sign)
        left, floors = _left(x, y, noise, log_formula, slopes - claimed, known)
        found = _accepted(slopes, left, len(x) - spent, tail, variance is not None)
    best = np.argmin(left, axis=-1)[..., None]
    constant = np.take_along_axis(floors, best, -1)[..., 0] * np.exp(top[..., 0])
    steep_end = np.where(unending, sign * np.inf, found.low if sign < 0 else found.high)
    flat_end = found.high if sign < 0 else found.low
    flat_end = np.where(np.isfinite(flat_end), flat_end, 0.0)
    ends = (steep_end, flat_end) if sign < 0 else (flat_end, steep_end)
    return Floored(found.exponent, *ends, constant, found.scatter)


def _between(slopes: Array, low: Array, high: Array, sign: float) -> Array:
    """A finer grid over the accepted part of the first one, and one step beyond either end."""
    size = np.abs(slopes)
    near = np.where(np.isfinite(low), np.abs(low), np.nan)
    far = np.where(np.isfinite(high), np.abs(high), np.nan)
    first, last = np.fmin(near, far), np.fmax(near, far)
    single = ~np.isfinite(low) | ~np.isfinite(high)
    first = np.where(single, np.where((sign < 0), np.abs(high), np.abs(low)), first)
    first = np.where(np.isfinite(first), first, size[..., 0])
    last = np.where(single, size[..., -1], last)
    start = np.take_along_axis(size, np.maximum(_at(size, first) - 1, 0), -1)
    stop = np.take_along_axis(size, np.minimum(_at(size, last) + 1, size.shape[-1] - 1), -1)
    steps = np.linspace(0.0, 1.0, FINE)
    return np.asarray(sign * start * (stop / start) ** steps)


def _at(grid: Array, value: Array) -> Array:
    return np.asarray((grid < value[..., None]).sum(-1, keepdims=True))


def _accepted(slopes: Array, left: Array, df: int, tail: float, given: bool) -> Floored:
    """Ends of the slopes whose profile is near its minimum, along straight lines between points."""
    from scipy.special import ndtri, stdtrit

    least = left.min(-1)
    best = np.argmin(left, axis=-1)[..., None]
    own = float(stdtrit(df, tail)) ** 2 * least / df
    if given:
        z2 = float(ndtri(tail)) ** 2
        most = np.where(least / df > LOW_CHI2, np.maximum(z2, own), z2)
    else:
        most = own
    excess = left - (least + most)[..., None]
    inside = excess <= 0
    index = np.arange(slopes.shape[-1])
    # the accepted set may have holes: its hull counts
    first = np.where(inside, index, len(index)).min(-1)[..., None]
    last = np.where(inside, index, -1).max(-1)[..., None]

    def end(at: Array, beyond: Array) -> Array:
        a, b = (np.take_along_axis(excess, i, -1) for i in (at, beyond))
        s, t = (np.take_along_axis(slopes, i, -1) for i in (at, beyond))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(np.isfinite(b) & (b > a), -a / (b - a), 0.0)
        return np.asarray((s + (t - s) * np.clip(share, 0.0, 1.0))[..., 0])

    near = np.where(first[..., 0] > 0, end(first, np.maximum(first - 1, 0)), np.nan)
    far = end(last, np.minimum(last + 1, len(index) - 1))
    at_end = last[..., 0] == len(index) - 1
    sign = np.sign(slopes[..., 0])
    far = np.where(at_end, sign * np.inf, far)
    near = np.where(np.isnan(near), -sign * np.inf, near)
    exponent = np.take_along_axis(slopes, best, -1)[..., 0]
    return Floored(exponent, np.minimum(near, far), np.maximum(near, far), exponent, least)


def _left(
    x: Array, y: Array, noise: Array, log_formula: Array, theta: Array, known: Array | None
) -> tuple[Array, Array]:
    """What the best E >= 0 and A >= 0 leave at every theta, and that E: arrays (..., T).

    Squares of log residuals over the noise. Weighted least squares with the weights of the fitted
    curve, then steps of Gauss and Newton where they help.
    """
    h = np.exp(_centred(theta[..., None] * (x - x[-1]) + log_formula))
    y, noise = y[..., None, :], noise[..., None, :]
    curve = np.broadcast_to(y, h.shape)
    best = np.full(h.shape[:-1], np.inf)
    floor = np.zeros(h.shape[:-1])
    for turn in range(ROUNDS + POLISHES):
        # while polishing, the line is fitted to the linearised logs
        target = y if turn < ROUNDS else curve * (1 + np.log(y / curve))
        a, b = _line(h, target, 1 / (curve**2 * noise), known)
        fitted = np.maximum(a[..., None] + b[..., None] * h, SMALLEST)
        square = (np.log(y / fitted) ** 2 / noise).sum(-1)
        better = square < best
        best, floor = np.where(better, square, best), np.where(better, a, floor)
        use = better if turn >= ROUNDS else np.ones_like(better)
        curve = np.where(use[..., None], fitted, curve)
    return best, floor


def _centred(logs: Array) -> Array:
    return np.asarray(logs - logs.max(-1, keepdims=True))


def _line(h: Array, y: Array, weight: Array, fixed: Array | None) -> tuple[Array, Array]:
    """Weighted least squares of y on 1 and h with coefficients that are not negative."""
    s0, sy = weight.sum(-1), (weight * y).sum(-1)
    s1, s2 = (weight * h).sum(-1), (weight * h * h).sum(-1)
    sh = (weight * h * y).sum(-1)
    if fixed is not None:
        a = np.broadcast_to(fixed, s0.shape)
        return a, np.maximum((sh - a * s1) / s2, 0.0)
    determinant = s0 * s2 - s1 * s1
    safe = np.where(determinant > 1e-14 * s0 * s2, determinant, np.inf)
    a, b = (sy * s2 - sh * s1) / safe, (s0 * sh - s1 * sy) / safe
    no_floor = (a <= 0) | ~np.isfinite(safe)
    a, b = np.where(no_floor, 0.0, a), np.where(no_floor, sh / s2, b)
    flat = b < 0
    return np.where(flat, sy / s0, a), np.where(flat, 0.0, b)
