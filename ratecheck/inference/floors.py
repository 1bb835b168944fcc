"""Floors of noise-free sequences: from which point on the values are no longer the quantity's own.

Errors fall until something else rules: rounding in double or single precision, a difference
quotient's cancellation, a reference solution. What follows says nothing of a rate, so it is found,
named and left out. A floor that is known may be declared, which is safer than finding it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ratecheck.inference import sequence
from ratecheck.inference.cells import Array

Declared = float | str | None
Cause = Literal["", "round-off", "turn-up", "declared"]

DIGITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
REFERENCE = "reference"
CLEAR = 16  # values so many times a floor are taken, and a floor is as many units of rounding
DEEP = 20.0
HALF = 0.5
BACK = 2.0
SMALL = 1e-9
BLUR = 3.0


@dataclass(frozen=True)
class Clean:
    """The part of a sequence that is above its floor.

    Attributes
    ----------
    kept : int
        Leading values that are above it.
    cause : {"", "round-off", "turn-up", "declared"}
        Why the others are left out.
    level : float
        Size of the floor, as far as it is known; 0 where nothing is left out.
    """

    kept: int
    cause: Cause = ""
    level: float = 0.0


def clean(x: Array, values: Array, declared: Declared = None) -> Clean:
    """The values above the floor.

    Parameters
    ----------
    x : array of shape (k,)
        Increasing abscissae.
    values : array of shape (k,)
        Not negative.
    declared : float or str, optional
        Size of the floor, or the type of number (`DIGITS`) of a computation with numbers of size
        one. Values under 16 times the floor are left out.
    """
    rounded = sequence.before_round_off(x, values)
    found = Clean(rounded, "round-off" if rounded < len(values) else "")
    level = size_of(declared, values)
    if level:
        low = values[:rounded] < CLEAR * level
        kept = int(np.argmax(low)) if low.any() else rounded
        return Clean(kept, "declared" if kept < rounded else found.cause, level)
    kept = before_turn_up(x[:rounded], values[:rounded])
    if kept < rounded:
        return Clean(kept, "turn-up", _level(x, values, kept))
    return found


def tail(
    x: Array, ratio: Array, values: Array, declared: Declared = None
) -> tuple[sequence.Tail, Clean]:
    """Where the exponents above the floor are heading (`sequence.tail_exponent`).

    Values that are one and the same at every point have the exponent 0 at every step; the interval
    is of what they are off the formula on the grid.

    What a floor may move the last exponent by widens the interval three times over: extrapolation
    multiplies it. With once as much, a slope on the margin PASSed in up to 2.9 %, with three times
    in 0.9 % (`ratecheck.calibrate.floors`). A floor that was not declared needs one point more.
    """
    above = clean(x, values, declared)
    kept = above.kept
    if same(values) and kept == len(values):
        p = sequence.local_exponents(x, np.log(ratio))
        low, high = float(p.min()), float(p.max())
        width = sequence.SETTLED_WIDTH
        return sequence.Tail(
            low - width, high + width, "settled", kept, tuple(map(float, p))
        ), above
    found = sequence.tail_exponent(x, ratio, values, kept)
    if above.cause == "turn-up" and kept <= sequence.FEWEST:
        return replace(found, low=-np.inf, high=np.inf, state="too short"), above
    if above.level and kept > 1:
        blur = BLUR * 2**0.5 * above.level / float(values[kept - 1] * (x[kept - 1] - x[kept - 2]))
        found = replace(found, low=found.low - blur, high=found.high + blur)
    return found, above


def size_of(declared: Declared, values: Array) -> float:
    """The size of a declared floor; 0 of none, and of a reference."""
    if isinstance(declared, str):
        digits = DIGITS.get(declared)
        return 0.0 if digits is None else CLEAR * 2.0**-digits * max(1.0, float(values.max()))
    return declared or 0.0


def before_turn_up(x: Array, values: Array) -> int:
    """How many leading values are before a floor from which the values turn up.

    Smooth values that have fallen to a twentieth break off: the local exponent jumps by half as
    much again as before. After that they no longer fall as they did (at half of the exponent), and
    some rise.
    """
    k = len(values)
    if k <= sequence.FEWEST:
        return k
    p = sequence.local_exponents(x, np.log(values))
    jumps = np.abs(np.diff(p))
    for i in range(sequence.FEWEST - 1, k):
        jump, before = jumps[i - 2], jumps[i - 3]
        if jump > sequence.SETTLED_DRIFT and jump > sequence.ERRATIC_GROWTH * before:
            break
    else:
        return k
    falls = bool(np.all(p[: i - 1] < 0)) and values[i - 1] * DEEP <= values[0]
    after = float(np.log(values[-1] / values[i - 1]) / (x[-1] - x[i - 1]))
    rises = bool(np.any(p[i - 1 :] > 0)) and after > HALF * p[i - 2]
    return i if falls and rises else k


def _level(x: Array, values: Array, kept: int) -> float:
    """By how much the next two values are off the power law through the last two, at the most."""
    i = kept - 1
    slope = np.log(values[i] / values[i - 1]) / (x[i] - x[i - 1])
    after = slice(kept, kept + 2)
    return float(np.abs(values[after] - values[i] * np.exp(slope * (x[after] - x[i]))).max())


def turns_up(values: Array) -> int | None:
    """The first of the values that rise to twice the least after a fall to a twentieth; else None.

    They are no evidence against a decay: a floor may do that.
    """
    least = int(np.argmin(values))
    fallen = values[least] * DEEP <= values[0]
    return least + 1 if fallen and values[-1] > BACK * values[least] else None


def same(values: Array) -> bool:
    """Whether the values are one and the same at every point."""
    return bool((values == values[0]).all())


def grows(values: Array) -> bool:
    """Whether the values are nothing but rounding, which grows: the first is 0 to 256 units of it.

    So are the errors of a scheme that is exact on its test problem.
    """
    first = sequence.MANY_UNITS * sequence.UNIT
    return bool(0 <= values[0] <= first and values[0] < values[-1] < SMALL)


def against_reference(x: Array, values: Array, formula: Array) -> tuple[Array, Array, Array] | None:
    """Differences of neighbours, in which a reference drops out: abscissae, ratios, differences.

    Errors against the finest grid are C (f(n) - f(reference)): their differences are those of the
    errors themselves. The ratios are to the differences of the formula. None where either does not
    fall.
    """
    steps, predicted = -np.diff(values), -np.diff(formula)
    if np.any(steps <= 0) or np.any(predicted <= 0):
        return None
    return (x[1:] + x[:-1]) / 2, steps / predicted, steps
