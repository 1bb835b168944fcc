"""What the numbers of one series say: theta with its interval, and what was seen on the way.

Theta is off-ness from the claim in the coordinates of a check (`ratecheck.claim.coordinates`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ratecheck.inference import curvature, rates
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import Fit, Relation
from ratecheck.inference.loglog import Estimate
from ratecheck.inference.means import Accepted
from ratecheck.inference.simultaneous import Ratios, decide

Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE", "ERROR"]
Interval = tuple[float | None, float | None]
DOMINANT_SKEW = 0.25
RARE_LOSS_KURTOSIS = 20.0
ONE_END = "one end of the grid carries the interval's width"
RARE_LOSSES = "rare large values: the interval rests on few replicates"
OUTCOMES: Mapping[int, Outcome] = {1: "PASS", -1: "FAIL", 0: "INCONCLUSIVE"}
REASONS: Mapping[Outcome, str] = {
    "PASS": "inside the margin",
    "FAIL": "outside the margin",
    "INCONCLUSIVE": "too wide",
}


@dataclass(frozen=True)
class Point:
    """One point of the axis: what was seen and what the formula says there.

    Attributes
    ----------
    x : float
        Value of the axis.
    mean : float or None
        Mean over replicates (of the quantity; of the ratio for paired checks).
    interval : pair of float or None
        99 % interval of the mean; None where there is no sampling noise.
    formula : float
        Value of the formula (it is known up to a constant unless the check is of a ratio).
    replicates : int
        Replicates at this point.
    """

    x: float
    mean: float | None
    interval: Interval | None
    formula: float
    replicates: int


@dataclass(frozen=True)
class Local:
    """Exponent between two neighbouring points, at their (geometric) middle."""

    x: float
    exponent: float
    interval: Interval | None


@dataclass(frozen=True)
class Finding:
    """What an inference found: theta is off-ness from the claim.

    Attributes
    ----------
    outcome, reason
        What it means for the check.
    theta : float or None
        Measured minus predicted (log of measured over predicted for ratios).
    low, high : float
        Interval at the look's level.
    outside : bool
        The interval lies beyond the margin: what kills a falsifier.
    se : float or None
        Standard error.
    arm : float
        Longer arm of the interval, of the widest point for ratios: what more replicates shrink.
    place : int
        Where theta lies (`inference.curvature.place`).
    reading : Reading or None
        The whole reading, for slopes.
    settles, far : float or None
        Where a bent curve would settle, and its far-end exponent.
    reach : pair of float or None
        Where nothing is decided although the interval may lie outside: the limits of theta that
        are not excluded, which is what a verdict shows.
    step : int or None
        Of exact values: the step at whose local exponent theta is read, for the formula's exponent
        to be read there, too; None where it is the whole grid's.
    note : str
        What the sentence of a verdict has to tell besides the reason.
    warnings : tuple of str
    advice : str
        What would decide, where it is not replicates of a simulation; ``{needed}`` stands for how
        many.
    """

    outcome: Outcome
    reason: str
    theta: float | None
    low: float
    high: float
    outside: bool
    se: float | None = None
    arm: float = float("inf")
    place: int = curvature.UNKNOWN
    reading: rates.Reading | None = None
    settles: float | None = None
    far: float | None = None
    reach: tuple[float, float] | None = None
    step: int | None = None
    note: str = ""
    warnings: tuple[str, ...] = ()
    advice: str = ""

    @property
    def jagged(self) -> bool:
        """Whether the interval is widened for points that scatter more than their noise allows."""
        return self.reading is not None and bool(self.reading.jagged)


def no_interval(why: str) -> Finding:
    """Nothing could be measured."""
    return Finding("INCONCLUSIVE", why, None, -np.inf, np.inf, outside=False)


def window(
    theta: float,
    low: float,
    high: float,
    margin: float,
    side: Relation,
    *,
    se: float | None = None,
    warnings: tuple[str, ...] = (),
) -> Finding:
    """What an interval alone says."""
    at = int(curvature.place(low, high, margin, side))
    out = at in (curvature.ABOVE, curvature.BELOW)
    outcome: Outcome = "PASS" if at == curvature.WITHIN else "FAIL" if out else "INCONCLUSIVE"
    return Finding(
        outcome,
        REASONS[outcome],
        theta,
        low,
        high,
        out,
        se=se,
        arm=max(high - theta, theta - low),
        place=at,
        warnings=warnings,
    )


def estimated(theta: Estimate, margin: float, side: Relation, *, signs: bool = False) -> Finding:
    """What an estimate's interval says, with what a reader should know about it if asked."""
    low, high, value = float(theta.low), float(theta.high), float(theta.value)
    warnings = signs_of(theta) if signs else ()
    return window(value, low, high, margin, side, se=float(theta.se), warnings=warnings)


def slope_read(seen: rates.Reading, margin: float, arm: float) -> Finding:
    """What the whole reading of a slope says."""
    theta, early = seen.theta, int(seen.reason) == curvature.EARLY
    jagged = ("jagged: the points scatter more than their replicates allow",) * bool(seen.jagged)
    return Finding(
        outcome=OUTCOMES[int(seen.outcome)],
        reason=curvature.REASONS[int(seen.reason)],
        theta=float(theta.value),
        low=float(theta.low),
        high=float(theta.high),
        outside=bool(seen.killed),
        se=float(theta.se),
        arm=arm,
        place=int(seen.place),
        reading=seen,
        settles=settling(seen.bend.fit, margin) if early else None,
        far=float(seen.bend.far.value),
        warnings=(*signs_of(theta), *jagged),
    )


def settling(fit: Fit, margin: float) -> float | None:
    """The n at which a curve's exponent is within half a margin of its limit; None if unknown."""
    a, c, order = float(fit.a), float(fit.c), float(fit.order)
    found = curvature.settles_at(a, c, order, margin, bool(fit.exponential))
    return found if np.isfinite(found) else None


def means_read(
    seen: Accepted, outcome: Array, reason: Array, margin: float, side: Relation
) -> Finding:
    """What the exponents say that means do not reject, with what `means.decide` makes of them."""
    ends = float(seen.centre), float(seen.low), float(seen.high)
    return replace(
        window(*ends, margin, side, se=float(seen.se)),
        outcome=OUTCOMES[int(outcome)],
        reason=curvature.REASONS[int(reason)],
    )


def at_every_point(each: Ratios, limits: tuple[float, float], where: list[str]) -> Finding:
    """PASS if every point is inside at the level; FAIL if one is outside at the joint level.

    ``where`` names the points; the worst one is told.
    """
    inside, out = (bool(found) for found in decide(each, *limits))
    worst = int(np.argmax(np.maximum(each.high - limits[1], limits[0] - each.low)))
    outcome: Outcome = "PASS" if inside else "FAIL" if out else "INCONCLUSIVE"
    with np.errstate(invalid="ignore"):
        arms = np.maximum(each.high - each.value, each.value - each.low)
    return Finding(
        outcome,
        REASONS[outcome],
        float(each.value[worst]),
        float(each.low[worst]),
        float(each.high[worst]),
        out,
        arm=float(np.nan_to_num(arms, nan=np.inf).max()),
        warnings=(f"the worst point is {where[worst]}",) if where else (),
    )


def signs_of(theta: Estimate) -> tuple[str, ...]:
    """What a reader should know about the interval."""
    signs = []
    if abs(float(theta.skewness)) > DOMINANT_SKEW:
        signs.append(ONE_END)
    if float(theta.kurtosis) > RARE_LOSS_KURTOSIS:
        signs.append(RARE_LOSSES)
    return tuple(signs)
