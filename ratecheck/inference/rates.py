"""The whole reading of a log-log slope: its interval, its curve, and what they decide.

One function, vectorised over experiments: a verdict is the reading of one, a calibration that of
thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ratecheck.inference import curvature, loglog, misfit, quantiles, trajectory
from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.curvature import Bend, Fit, Relation
from ratecheck.inference.loglog import Estimate
from ratecheck.inference.quantiles import Quantiles
from ratecheck.inference.sequential import Level
from ratecheck.inference.trajectory import Paths

Data = Cells | Paths | Quantiles
# How each of them estimates a contrast of its logs, and the best claim-consistent curve.
READ: dict[type[Data], tuple[Callable[..., Estimate], Callable[..., Fit]]] = {
    Cells: (loglog.contrast, curvature.two_term_fit),
    Paths: (trajectory.contrast, trajectory.two_term_fit),
    Quantiles: (quantiles.contrast, quantiles.two_term_fit),
}


@dataclass(frozen=True)
class Reading:
    """What one look sees; arrays of the leading shape.

    Attributes
    ----------
    theta : Estimate
        Slope minus predicted slope, its interval at the look's level (wider where jagged).
    bend : Bend
    jagged : array of bool
        The points scatter more than their replicates allow.
    place : array of int
        Where the slope lies (`curvature.place`), now or since an earlier look.
    outcome, reason : array of int
        See `curvature.decide`.
    """

    theta: Estimate
    bend: Bend
    jagged: Array
    place: Array
    outcome: Array
    reason: Array

    @property
    def killed(self) -> Array:
        """The slope lies outside the margin: what kills a falsifier."""
        return np.asarray((self.place == curvature.ABOVE) | (self.place == curvature.BELOW))


def arm(data: Data, x: Array, log_formula: Array, tail: float) -> Array:
    """Longer arm of the slope's interval at ``tail``, without what lack of fit adds.

    Infinite where there is no interval yet.
    """
    theta = contrast_of(data)(loglog.slope_weights(x), log_formula, tail)
    return np.asarray(np.maximum(theta.high - theta.value, theta.value - theta.low))


def read(
    data: Data,
    x: Array,
    log_formula: Array,
    margin: float,
    relation: Relation,
    level: Level,
) -> Reading:
    """Read the slope of the log means along x, relative to the formula's.

    Parameters
    ----------
    data : Cells, Paths or Quantiles
        Independent cells with arrays (..., k), trajectories, or quantiles of times.
    x, log_formula : arrays of shape (k,)
        Logs of the axis and of the formula.
    margin : float
    relation : {"equal", "at most", "at least"}
    level : Level
    """
    contrast, curve = contrast_of(data), READ[type(data)][1]
    tail = np.asarray(level.tail, dtype=np.float64)
    theta = contrast(loglog.slope_weights(x), log_formula, tail)
    jagged = np.zeros(np.shape(theta.value), dtype=bool)
    if isinstance(data, Cells) and len(x) >= misfit.FEWEST_POINTS:
        logs = np.where(np.isfinite(data.logs), data.logs, 0.0) - log_formula
        jagged, half = misfit.jagged_half_width(logs, data.variance, x, theta, tail)
        theta = replace(
            theta,
            low=np.where(jagged, np.minimum(theta.low, theta.value - half), theta.low),
            high=np.where(jagged, np.maximum(theta.high, theta.value + half), theta.high),
        )
    fit = curve(data, x, log_formula)
    share = np.asarray(level.share, dtype=np.float64)
    key = ("bend", x.tobytes(), log_formula.tobytes(), float(level.veto), share.tobytes())
    bend = data.once(  # whatever the tail: the same look is asked at several
        key, lambda: curvature.bend(contrast, fit, x, log_formula, level.veto, share)
    )
    outcome, reason = curvature.decide(theta, bend, margin, relation, level.held)
    seen = np.where(
        theta.usable, curvature.place(theta.low, theta.high, margin, relation), curvature.UNKNOWN
    )
    at = np.where(np.asarray(level.held) == curvature.UNKNOWN, seen, level.held)
    return Reading(theta, bend, jagged, at, outcome, reason)


def hopeless(reading: Reading, margin: float, relation: Relation, more: float | Array) -> Array:
    """Whether ``more`` times the information would leave what is open open.

    Only asked once the slope has the information that a true claim needs. One that is not placed
    yet may be when its interval shrinks and its estimate moves by a standard error. One outside
    the margin FAILs when no claim-consistent curve fits: its misfit grows like the information,
    from what it is now. One inside PASSes when the far end is known to be near, and a far end that
    is off FAILs when its interval clears the margin. Stopping here can only turn a late PASS or
    FAIL into INCONCLUSIVE, never a true verdict into a false one.
    """
    bend, far, reason = reading.bend, reading.bend.far, reading.reason
    usable, shrink = reading.theta.usable, np.sqrt(more)
    low, high = np.where(usable, bend.end_low, 0.0), np.where(usable, bend.end_high, 0.0)
    consistent = bend.fit.lack * more < 1.0
    unknown = np.abs(low + high) / 2 + (high - low) / 2 / shrink >= curvature.FAR_MARGINS * margin
    arm = (far.high - far.low) / 2 / shrink
    straight = np.abs(bend.bend.value) < (bend.bend.high - bend.bend.low) / 2 / shrink
    near = np.abs(far.value) - margin < arm
    leaves = near | straight | consistent
    reach = curvature.places_within_reach(reading.theta, margin, relation, more)
    placeable = (reach != curvature.UNKNOWN).any(0)
    return np.asarray(
        ((reason == curvature.EARLY) & consistent)
        | ((reason == curvature.FAR) & unknown & leaves)
        | ((reason == curvature.AWAY) & (np.abs(np.abs(far.value) - margin) < arm))
        | ((reason == curvature.WIDE) & leaves & ~placeable)
    )


def unkillable(reading: Reading, margin: float, relation: Relation, more: float | Array) -> Array:
    """Whether ``more`` times the information would not bring a falsifier's slope outside."""
    reach = curvature.places_within_reach(reading.theta, margin, relation, more)
    beyond = ((reach == curvature.ABOVE) | (reach == curvature.BELOW)).any(0)
    return np.asarray((reading.place == curvature.WITHIN) | ~beyond)


def contrast_of(data: Data) -> curvature.Contrast:
    """Estimates of contrasts of the logs, from (weights, offset, tail)."""
    return partial(READ[type(data)][0], data)
