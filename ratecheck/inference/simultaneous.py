"""Statements about every point at once: a ratio that is 1, or one that stays below 1.

PASS needs every point inside at the verdict's level (an intersection-union test: no correction);
FAIL needs one point outside at the level divided by the number of points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.loglog import contrast


@dataclass(frozen=True)
class Ratios:
    """Log ratios at the points; arrays of shape (..., k).

    ``low, high`` is each point's interval for PASS, ``low_joint, high_joint`` the wider one, valid
    for all points at once, for FAIL.
    """

    value: Array
    low: Array
    high: Array
    low_joint: Array
    high_joint: Array


def log_ratios(cells: Cells, log_formula: Array, tail: float) -> Ratios:
    """The logs of mean over formula at every point, with both kinds of interval."""
    k = cells.mean.shape[-1]
    single = Cells(*(getattr(cells, name)[..., None] for name in Cells.__dataclass_fields__))
    one, offset = np.ones(1), np.asarray(log_formula, dtype=np.float64)[:, None]
    each = contrast(single, one, offset, tail)
    joint = contrast(single, one, offset, tail / k)
    return Ratios(each.value, each.low, each.high, joint.low, joint.high)


def decide(each: Ratios, low: float, high: float) -> tuple[Array, Array]:
    """Whether all points are inside the limits (PASS), and whether some point is outside (FAIL)."""
    inside = np.all((each.high < high) & (each.low > low), axis=-1)
    out = np.any((each.low_joint > high) | (each.high_joint < low), axis=-1)
    return np.asarray(inside), np.asarray(out)
