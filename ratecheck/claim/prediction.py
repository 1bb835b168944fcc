"""What a check's formula predicts on a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import Axis
from ratecheck.claim.falsifier import Params
from ratecheck.claim.formula import Formula
from ratecheck.errors import FormulaError

FAR = 6  # how many more windows of the same ratio the limit is looked for
FLAT = 0.02


def predicted_slope(
    check: Check, text: str, axis: Axis, params: Params, points: Sequence[float] | None = None
) -> float:
    """Slope of log f over the points, in the check's coordinates and with equal weights.

    The average exponent over the grid, sum c_i log f(x_i) with c_i the least-squares weights of
    the abscissa: log x, or x itself for a `Decay`. Formulas with logarithms, floors and several
    terms get the slope that they really have there.
    """
    formula = Formula(text)
    xs = tuple(axis.points("quick") if points is None else points)
    t = [x if check.scale == "semi-log" else math.log(x) for x in xs]
    try:
        y = [math.log(formula(**{**params, axis.name: x})) for x in xs]
    except ValueError:
        raise FormulaError(f"'{text}' is not positive on the grid of {axis.name}") from None
    centre = sum(t) / len(t)
    scatter = sum((a - centre) ** 2 for a in t)
    return sum((a - centre) * b for a, b in zip(t, y, strict=True)) / scatter


def distance(check: Check, rival: str, axis: Axis, params: Params) -> float:
    """How far a rival formula is from the check's own, in the units of the margin."""
    if check.scale in ("ratio", "corners"):
        own, other = Formula(check.formula), Formula(rival)
        ratios = [
            other(**{**params, axis.name: x}) / own(**{**params, axis.name: x})
            for x in axis.points("quick")
        ]
        return max(abs(ratio - 1) for ratio in ratios)
    own_slope = predicted_slope(check, check.formula, axis, params)
    gap = abs(predicted_slope(check, rival, axis, params) - own_slope)
    return gap / abs(own_slope) if check.scale == "semi-log" else gap


def depends(check: Check, axis: Axis, params: Params, name: str) -> bool:
    """Whether what is predicted moves with a parameter: a constant factor leaves a slope alone."""
    if check.scale in ("ratio", "corners"):
        return name in Formula(check.formula).names
    value = params.get(name)
    if not isinstance(value, int | float):
        return name in Formula(check.formula).names
    try:
        here, there = (
            predicted_slope(check, check.formula, axis, {**params, name: x})
            for x in (value, value * 1.1 + 0.01)
        )
    except FormulaError:
        return True
    return abs(here - there) > 1e-9


def is_vacuous(check: Check, axis: Axis, params: Params, points: Sequence[float]) -> bool:
    """Whether a bound says nothing on its grid.

    A bound that decreases in the limit but not yet on the grid (n^-a log^9 n at small n) cannot be
    broken there, and neither can one that increases in the limit but falls on the grid.
    """
    if check.relation == "equal" or check.scale != "log-log" or check.kind == "faster":
        return False
    here = predicted_slope(check, check.formula, axis, params, points)
    ratio = points[-1] / points[0]
    far = [x * ratio**FAR for x in points]
    try:
        limit = predicted_slope(check, check.formula, axis, params, far)
    except FormulaError:
        return False
    return abs(limit) > FLAT and (abs(here) <= FLAT or here * limit < 0)
