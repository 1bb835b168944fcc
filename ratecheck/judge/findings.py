"""From numbers to findings: what each form of data says about each kind of check.

One short function a form of data and a kind of check. What they find is in the coordinates of the
check, as off-ness from the claim; `ratecheck.judge.judge` turns it into a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ratecheck.claim.checks import Additive, Below, Check, Decay, Faster
from ratecheck.claim.experiment import Form
from ratecheck.claim.formula import Formula
from ratecheck.inference import (
    additive,
    cells,
    censored,
    curvature,
    loglog,
    rates,
    semilog,
    sequence,
    sequential,
    signed,
    simultaneous,
    trajectory,
)
from ratecheck.inference.sequential import Level
from ratecheck.judge.verdict import ROUND_OFF, Outcome

if TYPE_CHECKING:
    from ratecheck.engine.plan import Item

Array = np.ndarray
FEWEST_REPLICATES = 8
MOST_NAMED = 4
DOMINANT_SKEW = 0.25
RARE_LOSS_KURTOSIS = 20.0
_OUTCOMES: Mapping[int, Outcome] = {1: "PASS", -1: "FAIL", 0: "INCONCLUSIVE"}


@dataclass(frozen=True)
class Sample:
    """The numbers of one series.

    Attributes
    ----------
    points : tuple of float
        The k points of the axis.
    form : str
        Form of the data.
    values : mapping of quantity to list of array
        One array of replicates a point; a single (R, k) array for trajectories.
    """

    points: tuple[float, ...]
    form: Form
    values: Mapping[str, Sequence[Array]]


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
    warnings : tuple of str
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
    warnings: tuple[str, ...] = ()


def find(item: Item, check: Check, sample: Sample, level: Level) -> Finding:
    """What the data say about a check (the item's own, or another one on the same quantities)."""
    tail = float(level.tail)
    if isinstance(check, Additive):
        return _corners(check, sample, tail)
    if check.scale == "ratio":
        return _ratio(item, check, sample, tail)
    if isinstance(check, Decay):
        return _decay(item, check, sample, tail)
    if sample.form == "exact":
        return _exact(item, check, sample)
    if sample.form == "trajectories":
        return _trajectories(item, check, sample, level)
    if sample.form == "times":
        return _times(item, check, sample, tail)
    if sample.form == "signed":
        return _signed(item, check, sample, tail)
    return _errors(item, check, sample, level)


def demand(item: Item, check: Check, sample: Sample, cost: Array) -> Array:
    """Relative numbers of replicates, one a point, with which the check is decided most cheaply.

    Slopes: c-optimal. Ratios at every point: equal arms. Signed values, times, corners and
    trajectories: the same growth everywhere.
    """
    counts = np.array([len(y) for y in sample.values[check.quantity]], dtype=np.float64)
    if sample.form != "errors" or isinstance(check, Additive):
        return np.asarray(counts / counts.max())
    summary = summary_of(check, sample)
    if check.scale == "ratio":
        need = loglog.shrunken_cv2(summary)
        return need / need.max() if need.max() > 0 else np.ones(len(counts))
    return sequential.demand(summary, loglog.slope_weights(abscissa(check, sample.points)), cost)


def scale_of(check: Check) -> float:
    """The margin in the coordinates of theta; 0 where the check has none."""
    return float(np.log1p(check.margin)) if check.scale in ("ratio", "corners") else check.margin


# -- one function a form of data ----------------------------------------------------------------


def _errors(item: Item, check: Check, sample: Sample, level: Level) -> Finding:
    """Independent positive errors: the slope of log means, with its curvature."""
    few = _too_few(sample)
    if few:
        return _no_interval(few)
    return _slope(item, check, sample, summary_of(check, sample), level)


def _trajectories(item: Item, check: Check, sample: Sample, level: Level) -> Finding:
    """One run yields all points: the jackknife over whole runs."""
    y = trajectory_of(check, sample)
    if y.shape[0] < FEWEST_REPLICATES:
        return _no_interval(f"fewer than {FEWEST_REPLICATES} replicates")
    return _slope(item, check, sample, trajectory.summarise(y), level)


def _slope(
    item: Item, check: Check, sample: Sample, data: cells.Cells | trajectory.Paths, level: Level
) -> Finding:
    if not data.usable.all():
        return _no_interval(_unseen(item, check, sample))
    x = np.log(np.array(sample.points, dtype=np.float64))
    offset = log_formula(item, check, sample.points)
    seen = rates.read(data, x, offset, check.margin, check.relation, level)
    theta, fit = seen.theta, seen.bend.fit
    settles = float("nan")
    if int(seen.reason) == curvature.EARLY:
        a, c, order = float(fit.a), float(fit.c), float(fit.order)
        settles = curvature.settles_at(a, c, order, check.margin, bool(fit.exponential))
    jagged = ("jagged: the points scatter more than their replicates allow",) * bool(seen.jagged)
    return Finding(
        outcome=_OUTCOMES[int(seen.outcome)],
        reason=curvature.REASONS[int(seen.reason)],
        theta=float(theta.value),
        low=float(theta.low),
        high=float(theta.high),
        outside=bool(seen.killed),
        se=float(theta.se),
        arm=float(rates.arm(data, x, offset, level.veto)),
        place=int(seen.place),
        reading=seen,
        settles=settles if np.isfinite(settles) else None,
        far=float(seen.bend.far.value),
        warnings=(*_signs(theta), *jagged),
    )


def _exact(item: Item, check: Check, sample: Sample) -> Finding:
    """Noise-free values: where the local exponents are heading."""
    values = exact_values(check, sample)
    x = np.log(np.array(sample.points, dtype=np.float64))
    formula = np.exp(log_formula(item, check, sample.points))
    tail = sequence.tail_exponent(x, values / formula, values)
    at = int(curvature.place(tail.low, tail.high, check.margin, check.relation))
    if tail.kept < 2:
        return _no_interval(_TOO_SHORT)
    outcome: Outcome = "INCONCLUSIVE"
    if at == curvature.WITHIN and tail.state != "too short":
        outcome, reason = "PASS", "inside the margin"
    elif tail.elsewhere(*curvature.limits(check.margin, check.relation)):
        outcome, reason = "FAIL", "outside the margin"
    else:
        reason = "too short" if tail.state == "too short" else "not settled"
    return Finding(
        outcome,
        reason,
        tail.last,  # not the slope over the grid: the interval is about where that is heading
        tail.low,
        tail.high,
        outside=at in (curvature.ABOVE, curvature.BELOW),
        far=tail.last,
        warnings=_rounded(item, sample, tail),
    )


_TOO_SHORT = "too few values are above round-off; begin the grid earlier"


def _rounded(item: Item, sample: Sample, tail: sequence.Tail) -> tuple[str, ...]:
    if tail.kept == len(sample.points):
        return ()
    where = f"from point {tail.kept + 1} ({item.axis.name} = {sample.points[tail.kept]:g}) on"
    return (f"{ROUND_OFF} {where}; those values are left out",)


def _times(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Times to a goal, censored at the budget: the slope of the log of a fixed quantile."""
    few = _too_few(sample)
    if few:
        return _no_interval(few)
    x = np.log(np.array(sample.points, dtype=np.float64))
    times = [np.asarray(v) for v in sample.values[check.quantity]]
    theta = censored.contrast(
        times, loglog.slope_weights(x), log_formula(item, check, sample.points), tail
    )
    if not theta.usable:
        return _no_interval("the goal was reached too rarely at some point")
    low, high, value = float(theta.low), float(theta.high), float(theta.value)
    return _window(
        value, low, high, check.margin, check.relation, se=float(theta.se), warnings=_signs(theta)
    )


def _signed(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Signed errors: exponents of |E error| that the means do not reject."""
    few = _too_few(sample)
    if few:
        return _no_interval(few)
    x = np.log(np.array(sample.points, dtype=np.float64))
    values = [np.asarray(v) for v in sample.values[check.quantity]]
    accepted = signed.accepted_exponents(values, x, log_formula(item, check, sample.points), tail)
    if accepted is None:
        return _no_interval("the bias is at its Monte Carlo floor")
    low, high, centre = accepted
    return _window(centre, low, high, check.margin, check.relation)


def _ratio(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Ratios at every point: `Agrees` and `Below`."""
    offset = log_formula(item, check, sample.points)
    if isinstance(check, Below):
        limits = -np.inf, float(np.log1p(check.margin))
    else:
        limits = ratio_limits(check.margin)
    if sample.form == "exact":
        logs = np.log(exact_values(check, sample)) - offset
        each = simultaneous.Ratios(logs, logs, logs, logs, logs)
    else:
        few = _too_few(sample)
        summary = summary_of(check, sample)
        if few or not summary.usable.all():
            return _no_interval(few or _unseen(item, check, sample))
        each = simultaneous.log_ratios(summary, offset, tail)
    return _at_every_point(item, sample, each, limits)


def _corners(check: Additive, sample: Sample, tail: float) -> Finding:
    """Additivity at every point, from the four corners of a two-source design."""
    few = _too_few(sample) if sample.form != "exact" else ""
    if few:
        return _no_interval(few)
    k = len(sample.points)

    def intervals(level: float) -> Array:
        rows = []
        for i in range(k):
            both, first, second = (
                np.asarray(sample.values[name][i]) for name in (check.quantity, *check.parts)
            )
            neither = np.asarray(sample.values[check.neither][i]) if check.neither else None
            rows.append(additive.log_ratio(both, first, second, neither, level))
        return np.array(rows).T

    value, low, high = intervals(tail)
    _, low_joint, high_joint = intervals(tail / k)
    each = simultaneous.Ratios(value, low, high, low_joint, high_joint)
    return _at_every_point(None, sample, each, ratio_limits(check.margin))


def ratio_limits(margin: float) -> tuple[float, float]:
    """Logs of the ratios that a margin admits."""
    return float(np.log1p(-min(margin, 1 - 1e-12))), float(np.log1p(margin))


def _at_every_point(
    item: Item | None, sample: Sample, each: simultaneous.Ratios, limits: tuple[float, float]
) -> Finding:
    """PASS if every point is inside at the level; FAIL if one is outside at the joint level."""
    inside, out = (bool(found) for found in simultaneous.decide(each, *limits))
    worst = int(np.argmax(np.maximum(each.high - limits[1], limits[0] - each.low)))
    outcome: Outcome = "PASS" if inside else "FAIL" if out else "INCONCLUSIVE"
    where = f"the worst point is {item.axis.name} = {sample.points[worst]:g}" if item else ""
    with np.errstate(invalid="ignore"):
        arms = np.maximum(each.high - each.value, each.value - each.low)
    return Finding(
        outcome,
        _REASONS[outcome],
        float(each.value[worst]),
        float(each.low[worst]),
        float(each.high[worst]),
        out,
        arm=float(np.nan_to_num(arms, nan=np.inf).max()),
        warnings=(where,) if where else (),
    )


def _decay(item: Item, check: Decay, sample: Sample, tail: float) -> Finding:
    """Exponential decay: the semi-log slope, relative to the predicted one."""
    t = np.array(sample.points, dtype=np.float64)
    rate = -predicted_slope(item, check.formula, sample.points)
    relation: curvature.Relation = "at most" if check.bound else "equal"
    if sample.form == "exact":
        values = exact_values(check, sample)
        trend = sequence.tail_exponent(t * rate, values * np.exp(rate * (t - t[0])), values)
        if trend.kept < 2:
            return _no_interval(_TOO_SHORT)
        found = _window(
            trend.last, trend.low, trend.high, check.margin, relation,
            warnings=_rounded(item, sample, trend),
        )  # fmt: skip
        if found.outcome == "FAIL" and not trend.elsewhere(
            *curvature.limits(check.margin, relation)
        ):
            return replace(found, outcome="INCONCLUSIVE", reason="not settled")
        return found
    few = _too_few(sample)
    if few:
        return _no_interval(few)
    if sample.form == "trajectories":
        paths = trajectory.summarise(trajectory_of(check, sample))
        estimate = trajectory.contrast(paths, loglog.slope_weights(t * rate), -rate * t, tail)
    else:
        estimate = semilog.rate(summary_of(check, sample), t * rate, tail)
    if not estimate.usable:
        return _no_interval(_unseen(item, check, sample))
    low, high, value = float(estimate.low), float(estimate.high), float(estimate.value)
    return _window(value, low, high, check.margin, relation, se=float(estimate.se))


_REASONS: Mapping[Outcome, str] = {
    "PASS": "inside the margin",
    "FAIL": "outside the margin",
    "INCONCLUSIVE": "too wide",
}


def _window(
    theta: float,
    low: float,
    high: float,
    margin: float,
    relation: curvature.Relation,
    *,
    se: float | None = None,
    warnings: tuple[str, ...] = (),
) -> Finding:
    """What an interval alone says."""
    at = int(curvature.place(low, high, margin, relation))
    out = at in (curvature.ABOVE, curvature.BELOW)
    outcome: Outcome = "PASS" if at == curvature.WITHIN else "FAIL" if out else "INCONCLUSIVE"
    return Finding(
        outcome,
        _REASONS[outcome],
        theta,
        low,
        high,
        out,
        se=se,
        arm=max(high - theta, theta - low),
        place=at,
        warnings=warnings,
    )


# -- what is common -------------------------------------------------------------------------------


def exact_values(check: Check, sample: Sample) -> Array:
    """Noise-free values of the quantity, or of the ratio that a comparison is about."""
    own = np.array([v[0] for v in sample.values[check.quantity]])
    if not isinstance(check, Faster | Below):
        return own
    other = np.array([v[0] for v in sample.values[check.than]])
    return np.asarray(other / own if isinstance(check, Faster) else own / other)


def zero(item: Item, check: Check, sample: Sample) -> str | None:
    """Why an exact value of 0 makes the numbers useless; None where there is none, or it is last.

    Once round-off rules, an error of 0 is as good as any other; before, it has no logarithm.
    """
    if sample.form != "exact":
        return None
    for name in check.quantities:
        values = np.array([v[0] for v in sample.values[name]])
        if values.all():
            continue
        first = int(np.argmin(values))
        where = f"'{name}' is 0 at {item.axis.name} = {sample.points[first]:g}"
        kept = sequence.before_round_off(abscissa(check, sample.points), values)
        tends = check.scale in ("log-log", "semi-log") and not isinstance(check, Faster)
        if not tends or sequence.above_round_off(values[first:]):
            return f"{where}; an exact error must be positive"
        if kept < sequence.FEWEST:
            return (
                f"{where}, which is round-off, and only {kept} values are above it; "
                "shorten the grid at its far end, or begin it earlier"
            )
    return None


def missing(check: Check, sample: Sample) -> str | None:
    """The first quantity of the check that the simulation does not return."""
    return next((name for name in check.quantities if name not in sample.values), None)


def summary_of(check: Check, sample: Sample) -> cells.Cells:
    """Cell summaries of the quantity, or of the paired ratio that the check is about."""
    if isinstance(check, Faster | Below):
        first, second = (
            (check.than, check.quantity)
            if isinstance(check, Faster)
            else (check.quantity, check.than)
        )
        pairs = zip(sample.values[first], sample.values[second], strict=True)
        return cells.stack([cells.log_ratio(a, b) for a, b in pairs])
    return cells.stack([cells.summarise(y) for y in sample.values[check.quantity]])


def trajectory_of(check: Check, sample: Sample) -> Array:
    """Replicates of the quantity, shape (R, k)."""
    return np.asarray(sample.values[check.quantity][0])


def _too_few(sample: Sample) -> str:
    smallest = min(len(y) for ys in sample.values.values() for y in ys)
    return (
        f"fewer than {FEWEST_REPLICATES} replicates at a point"
        if smallest < FEWEST_REPLICATES
        else ""
    )


def _unseen(item: Item, check: Check, sample: Sample) -> str:
    """Where a mean has no logarithm: all values are 0, or all but one."""
    for fewest, words in ((0, "all values"), (1, "all values but one")):
        for name in check.quantities:
            columns = np.concatenate(
                [np.atleast_2d(y.T) for y in map(np.asarray, sample.values[name])]
            )
            seen = [np.count_nonzero(column) for column in columns]
            dark = [f"{x:g}" for x, n in zip(sample.points, seen, strict=True) if n <= fewest]
            if dark:
                more = f" and {len(dark) - MOST_NAMED} more" if len(dark) > MOST_NAMED else ""
                where = f"{item.axis.name} = {', '.join(dark[:MOST_NAMED])}{more}"
                return f"{words} of '{name}' are 0 at {where}"
    return "nothing was seen at some point"


def _no_interval(why: str) -> Finding:
    return Finding("INCONCLUSIVE", why, None, -np.inf, np.inf, outside=False)


def _signs(theta: loglog.Estimate) -> tuple[str, ...]:
    """What a reader should know about the interval."""
    signs = []
    if abs(float(theta.skewness)) > DOMINANT_SKEW:
        signs.append("one end of the grid carries the interval's width")
    if float(theta.kurtosis) > RARE_LOSS_KURTOSIS:
        signs.append("rare large values: the interval rests on few replicates")
    return tuple(signs)


def formula_values(item: Item, text: str, points: Sequence[float]) -> Array:
    """Values of a formula at the points."""
    formula = Formula(text)
    return np.array([formula(**{**item.params, item.axis.name: x}) for x in points])


def log_formula(item: Item, check: Check, points: Sequence[float]) -> Array:
    """Logs of the check's formula at the points."""
    return np.asarray(np.log(formula_values(item, check.formula, points)))


def abscissa(check: Check, points: Sequence[float]) -> Array:
    """What slopes are taken along: log x, or x itself for a `Decay`."""
    x = np.array(points, dtype=np.float64)
    return x if check.scale == "semi-log" else np.log(x)


def predicted_slope(item: Item, text: str, points: Sequence[float]) -> float:
    """Slope of a formula over the points (1 for ratios)."""
    if item.check.scale in ("ratio", "corners"):
        return 1.0
    x = abscissa(item.check, points)
    return float(loglog.slope_weights(x) @ np.log(formula_values(item, text, points)))
