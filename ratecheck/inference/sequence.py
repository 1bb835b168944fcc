"""Noise-free sequences: one exact value a point, such as a solver's error at each step size.

There is no sampling interval here; what is unknown is where the local exponents are heading. The
interval is read off their drift: a settled sequence is known to a thousandth, a drifting one is
extrapolated as if its correction died geometrically (in several ways, of which the hull is taken),
one that does not slow down is open on the side it moves to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ratecheck.inference.cells import Array

State = Literal["settled", "drifting", "irregular", "converging", "too short"]

SETTLED_DRIFT = 5e-4
SETTLED_WIDTH = 15e-4
NO_SLOWER = 0.97
RELATIVE_WIDENING = 0.10
SLOW_ORDER = 0.6
ROUND_OFF = 3e-13
HALVING_ROUND_OFF = 1e-9
UNIT = 2.0**-53
FEW_UNITS, MANY_UNITS = 8, 256
ERRATIC_GROWTH = 1.5
DOUBLING = float(np.log(2))
EVEN = 1e-9
FLATTEST, STEEPEST = 1e-3, 50.0
FEWEST = 4
FEWEST_TO_FAIL = 5
ENOUGH_TO_FAIL = 6
RECENT = 4
TURNING = 3.0
SLOWING = 0.75
FAR, SURELY_FAR = 0.9, 0.2


@dataclass(frozen=True)
class Tail:
    """Where a sequence's local exponents are heading.

    Attributes
    ----------
    low, high : float
        Interval for the limit of the local exponents; infinite on an open side.
    state : {"settled", "drifting", "irregular", "converging", "too short"}
    kept : int
        Values before the tail that round-off rules.
    exponents : tuple of float
        The local exponents of these values.
    """

    low: float
    high: float
    state: State
    kept: int
    exponents: tuple[float, ...] = ()

    @property
    def last(self) -> float:
        """The last local exponent."""
        return self.exponents[-1] if self.exponents else float("nan")

    @property
    def moved(self) -> float:
        """Range of the local exponents over the whole grid."""
        return float(np.ptp(self.exponents)) if self.exponents else 0.0

    def elsewhere(self, low: float, high: float) -> bool:
        """Whether every limit that is still plausible lies outside of (low, high).

        The ends are what a claim admits of exponents that are 0 where it is right; they may be
        infinite. The sequence has settled outside, or its interval is farther away than `_doubt`.
        """
        nearest, farthest = self.reach(low, high)
        return nearest > high or farthest < low

    def reach(self, low: float, high: float) -> tuple[float, float]:
        """The interval, with what the exponents may still move towards (low, high) added."""
        if self.low > high:
            return self.low - self._doubt(-1, high), self.high
        if self.high < low:
            return self.low, self.high + self._doubt(1, -low)
        return self.low, self.high

    def _doubt(self, direction: int, margin: float) -> float:
        """How far the limit may lie beyond the interval, in the direction of a claim.

        As far as the exponents have moved over the whole grid of six points or more; or, of five or
        more, as far as in their last three steps (three times as far, unless these lead away from
        the claim and each is three quarters of the one before at most) and a fifth, if the interval
        is almost a margin beyond the margin, too. Measured on drawn sequences with slow,
        alternating, logarithmic and exponential corrections (`ratecheck.calibrate.sequences`):
        under 1 % of true claims are off by that.
        """
        if self.state == "settled":
            return 0.0
        doubts = [np.inf]
        if self.kept >= ENOUGH_TO_FAIL:
            doubts.append(self.moved)
        if self.kept >= FEWEST_TO_FAIL:
            recent = np.array(self.exponents[-RECENT:])
            steps = np.diff(recent)
            slowing = bool(np.all(np.abs(steps[1:]) <= SLOWING * np.abs(steps[:-1])))
            leaving = bool(np.all(steps * direction <= 0))
            moved = float(np.ptp(recent)) * (1.0 if slowing and leaving else TURNING)
            doubts.append(max(moved, FAR * margin, SURELY_FAR))
        return float(min(doubts))


def local_exponents(x: Array, log_values: Array) -> Array:
    """Slopes between neighbours, shape (k - 1,); x are the abscissae (logs, for a power law)."""
    return np.asarray(np.diff(log_values) / np.diff(x))


def before_round_off(x: Array, values: Array) -> int:
    """How many leading values are above round-off.

    A tail is cut once a value is under 3e-13 of the largest, or under 1e-9 of it while the local
    exponent falls to half of the one before. What is left may still be the small difference of two
    numbers of size one, which are known to a unit of 2^-53 at best: then the tail is cut at a
    multiple of it up to the eighth, 0 among them, and where the local exponent jumps by 1.5 times
    as much as before while 256 units would explain that. Exponents that converge or drift move by
    less and less, or as much, so that a smooth sequence is left whole; one of another unit, all of
    whose values are so small, is held to the first two rules.
    """
    coarse = (values <= FEW_UNITS * UNIT) & (values / UNIT == np.round(values / UNIT))
    kept = int(np.argmax(coarse)) if coarse.any() else len(values)
    x, values = x[:kept], values[:kept]
    if kept < 2:
        return kept
    relative = values / values.max()
    exponents = local_exponents(x, np.log(values))
    erratic = _erratic(x, values, exponents)
    for i in range(1, kept):
        if relative[i] < ROUND_OFF or erratic[i]:
            return i
        if i >= 2 and relative[i] < HALVING_ROUND_OFF:
            previous, here = exponents[i - 2], exponents[i - 1]
            if previous != 0 and here / previous < 0.5:
                return i
    return kept


def above_round_off(values: Array) -> bool:
    """Whether some value is larger than what rounding numbers of size one may leave."""
    return bool(values.max(initial=0.0) > MANY_UNITS * UNIT)


def _erratic(x: Array, values: Array, exponents: Array) -> Array:
    """Where the local exponent jumps as it never does by itself, and round-off would explain it."""
    found = np.zeros(len(values), dtype=bool)
    rounding = MANY_UNITS * UNIT * max(1.0, float(values.max()))
    if len(values) < FEWEST or values[0] * SETTLED_DRIFT < rounding:
        return found
    jumps = np.abs(np.diff(exponents))
    jump, before = jumps[1:], jumps[:-1]
    size = jump * np.diff(x)[2:] * values[3:]
    found[3:] = (jump > SETTLED_DRIFT) & (jump > ERRATIC_GROWTH * before) & (size < rounding)
    return found


def tail_exponent(
    x: Array, ratio: Array, values: Array | None = None, kept: int | None = None
) -> Tail:
    """Interval for the limiting exponent of a noise-free sequence.

    Parameters
    ----------
    x : array of shape (k,)
        Increasing abscissae: log n for a power law.
    ratio : array of shape (k,)
        Positive values, already divided by the formula.
    values : array of shape (k,), optional
        The values themselves, to find round-off; the ratio by default.
    kept : int, optional
        Leading values that are above a floor (`inference.floors`); by default above round-off.

    Returns
    -------
    Tail
        In units of the local exponent of the ratio: 0 where the formula is right.
    """
    given = ratio if values is None else values
    kept = before_round_off(x, given) if kept is None else kept
    x, logs = x[:kept], np.log(ratio[:kept])
    p = local_exponents(x, logs)
    low, high, state = (
        _heading(x, p, given[:kept]) if kept >= FEWEST else (-np.inf, np.inf, "too short")
    )
    return Tail(low, high, state, kept, tuple(map(float, p)))


def _heading(x: Array, p: Array, given: Array) -> tuple[float, float, State]:
    """Interval for the limit of local exponents between points x, and how they go there."""
    drift = np.diff(p)
    last = float(p[-1])
    if _settled(x, drift):
        return last - SETTLED_WIDTH, last + SETTLED_WIDTH, "settled"
    if np.any(np.sign(drift) != np.sign(drift[0])):
        return *_irregular(p), "irregular"
    ratios = _ratios(x, p, drift)
    if ratios[-1] >= NO_SLOWER:
        blur = _blur(x, given)
        if len(x) > FEWEST and abs(drift[-1]) < blur:
            low, high, state = _heading(x[:-1], p[:-1], given[:-1])
            if state in ("settled", "converging"):
                return min(low, last - blur), max(high, last + blur), "converging"
        step = abs(float(drift[-1]))
        low, high = (last - step, np.inf) if drift[-1] > 0 else (-np.inf, last + step)
        return low, high, "drifting"
    ends = _limits(x, p, drift, ratios)
    slack = RELATIVE_WIDENING * (max(ends) - min(ends)) + SETTLED_DRIFT
    return min(ends) - slack, max(ends) + slack, "converging"


def _blur(x: Array, values: Array) -> float:
    """By how much a few units of rounding numbers of size one may move the last exponent.

    A drift that is smaller is no sign that the exponents do not slow down.
    """
    unit = FEW_UNITS * UNIT * max(1.0, float(values.max()))
    return float(np.sqrt(2) * unit / values[-1] / (x[-1] - x[-2]))


def _irregular(p: Array) -> tuple[float, float]:
    """Hull of a t interval over the exponents and the median +- range of the last four."""
    from scipy.special import stdtrit

    half = float(-stdtrit(len(p) - 1, 0.005) * p.std(ddof=1) / np.sqrt(len(p)))
    recent = p[-RECENT:]
    reach = float(np.ptp(recent))
    centre = float(np.median(recent))
    return (
        min(float(p.mean() - half), centre - reach),
        max(float(p.mean() + half), centre + reach),
    )


def _settled(x: Array, drift: Array) -> bool:
    """Whether the exponents stand still over the last three doublings or steps, whichever is more.

    Between close points they move little, however far they have to go: what counts is what they
    would move in a doubling.
    """
    if np.all(drift == 0):
        return True
    middles = (x[1:] + x[:-1]) / 2
    moved = np.abs(drift) * np.maximum(1.0, DOUBLING / np.diff(middles))
    recent = middles[1:] > middles[-1] - 2.5 * DOUBLING
    recent[-3:] = True
    return len(drift) >= 3 and bool(np.all(moved[recent] < SETTLED_DRIFT))


def _ratios(x: Array, p: Array, drift: Array) -> Array:
    """By what the drift shrinks from one step of mean length to the next, shape (k - 3,).

    On an even grid the quotient of neighbouring drifts. On another one that of the correction
    exp(-q x) that explains three neighbouring exponents, which are its means over their steps; 1
    where none does.
    """
    if _is_even(x):
        return np.asarray(drift[1:] / drift[:-1])
    step = float(np.mean(np.diff(x)))
    return np.array(
        [np.exp(-_order(x[i : i + 4], drift[i], drift[i + 1]) * step) for i in range(len(p) - 2)]
    )


def _is_even(x: Array) -> bool:
    steps = np.diff(x)
    return bool(np.ptp(steps) <= EVEN * steps.mean())


def _means(x: Array, q: float) -> Array:
    """Means of q exp(-q x) over the steps of a grid, which begins at 0."""
    return np.asarray(-np.diff(np.exp(-q * (x - x[0]))) / np.diff(x))


def _order(x: Array, first: float, second: float) -> float:
    """The q > 0 whose correction has two drifts in this quotient; 0 where there is none."""
    from scipy.optimize import brentq

    def excess(q: float) -> float:
        a, b, c = _means(x, q)
        return float((c - b) / (b - a) - second / first)

    low, high = FLATTEST, STEEPEST
    if not excess(low) > 0:  # slower than any power: nothing dies
        return 0.0
    return float(brentq(excess, low, high)) if excess(high) < 0 else high


def _limits(x: Array, p: Array, drift: Array, ratios: Array) -> list[float]:
    """Limits of the exponents under several guesses of how the correction dies."""
    last, d, r = float(p[-1]), float(drift[-1]), float(ratios[-1])
    if len(ratios) == 1:
        slower = min(0.95, 1.5 * r + 0.1)
    else:
        slower = min(0.95, max(1.15 * r, r + 2 * abs(r - float(ratios[-2]))))
    step = float(np.mean(np.diff(x)))
    ends = [last, *(last + d * _still_to_go(x[-3:], guess, step) for guess in (r, slower))]
    if -np.log(r) / step < SLOW_ORDER:  # slower than n^-0.6: it may be a power of log n
        speed = step if _is_even(x) else float(x[-1] - x[-3]) / 2
        ends.append(last + d * float(x[-2]) / speed)
    return ends


def _still_to_go(x: Array, ratio: float, step: float) -> float:
    """How many last drifts the exponents are still to move, if they shrink by a ratio a step."""
    if _is_even(x) or not ratio > 0:
        return ratio / (1 - ratio)
    before, here = _means(x, -np.log(ratio) / step)
    return float(here / (before - here))
