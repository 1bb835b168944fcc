"""From numbers to verdicts: what one check, or one falsifier, says on its data.

Each form of data and each kind of check has one short function that turns estimates into an
outcome with its numbers; what is common (points, local exponents, rivals, power, sentences) is
added around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ratecheck.checks import Additive, Below, Check, Decay, Faster
from ratecheck.claim import Form
from ratecheck.formula import Formula
from ratecheck.inference import (
    additive,
    cells,
    censored,
    curvature,
    loglog,
    misfit,
    power,
    semilog,
    sequence,
    signed,
    simultaneous,
    trajectory,
)
from ratecheck.prediction import is_vacuous
from ratecheck.verdict import Interval, Kill, Local, Outcome, Point, Rival, Verdict

if TYPE_CHECKING:
    from ratecheck.engine.plan import CheckItem, FalsifierItem, Item

Array = np.ndarray
FEWEST_REPLICATES = 8
DOMINANT_SKEW = 0.25
RARE_LOSS_KURTOSIS = 20.0


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
    """What an inference found, in the coordinates of the check: theta is off-ness from the claim.

    ``theta`` is measured minus predicted (log of measured over predicted for ratios); ``outside``
    is what kills a falsifier.
    """

    outcome: Outcome
    reason: str
    theta: float | None
    low: float
    high: float
    outside: bool
    se: float | None = None
    settles: float | None = None
    far: float | None = None
    warnings: tuple[str, ...] = ()


def tail_of(alpha: float) -> float:
    """Tail on each side of a two-sided interval that keeps both error rates under alpha.

    0.45 alpha: half of alpha a side, less what non-normality and looks were measured to cost.
    """
    return 0.45 * alpha


def judge(item: CheckItem, sample: Sample, alpha: float, tail: float | None = None) -> Verdict:
    """The verdict of a check on its data.

    Parameters
    ----------
    item : CheckItem
    sample : Sample
    alpha : float
        Promised bound on each error rate.
    tail : float, optional
        Tail probability of this look on each side; by default that of a single look.
    """
    check, missing = item.check, _missing(item.check, sample)
    predicted = _predicted(item, check.formula, sample.points)
    if missing:
        return _error(check, predicted, f"The simulation returns no quantity '{missing}'")
    tail = tail_of(alpha) if tail is None else tail
    found = _find(item, check, sample, tail)
    points = _points(item, check, sample, tail)
    rivals = tuple(_rival(item, name, text, sample, found) for name, text in check.rivals.items())
    verdict = Verdict(
        outcome=found.outcome,
        reason=found.reason,
        sentence="",
        predicted=predicted,
        measured=_measured(check, predicted, found.theta),
        interval=_interval(check, predicted, found.low, found.high),
        margin=check.margin,
        settles=found.settles,
        rivals=rivals,
        points=points,
        local=_local(check, sample, tail),
        warnings=found.warnings,
    )
    if found.se is not None and found.theta is not None:
        replicates = min((point.replicates for point in points), default=0)
        verdict = replace(
            verdict,
            gap=power.resolvable(found.se, tail),
            needed=_needed(check, found, replicates),
        )
    if verdict.outcome == "PASS" and is_vacuous(check, item.axis, item.params, sample.points):
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="vacuous")
    return replace(verdict, sentence=_sentence(item, verdict, found))


def judge_falsifier(
    item: FalsifierItem, sample: Sample, alpha: float, tail: float | None = None
) -> Kill:
    """Whether the check fails on the falsifier's numbers, as it must."""
    check = item.check
    if item.falsifier.quantity is not None:
        check = replace(check, quantity=item.falsifier.quantity)
    predicted = _predicted(item, check.formula, sample.points)
    missing = _missing(check, sample)
    if missing:
        return Kill(
            "ERROR", f"The simulation returns no quantity '{missing}'.", predicted, None, None
        )
    tail = tail_of(alpha) if tail is None else tail
    found = _find(item, check, sample, tail)
    measured = _measured(check, predicted, found.theta)
    interval = _interval(check, predicted, found.low, found.high)
    word = "killed" if found.outside else "survived"
    sentence = (
        f"{word}: {item.falsifier.name} has {_noun(check)} {_number(measured)} "
        f"{_range(interval)} where the claim says {_number(predicted)}."
    )
    return Kill(
        "KILLED" if found.outside else "SURVIVED",
        sentence[0].upper() + sentence[1:],
        predicted,
        measured,
        interval,
        _points(item, check, sample, tail),
    )


# -- one function a form of data ----------------------------------------------------------------


def _find(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    if isinstance(check, Additive):
        return _corners(check, sample, tail)
    if check.scale == "ratio":
        return _ratio(item, check, sample, tail)
    if isinstance(check, Decay):
        return _decay(item, check, sample, tail)
    if sample.form == "exact":
        return _exact(item, check, sample)
    if sample.form == "trajectories":
        return _trajectories(item, check, sample, tail)
    if sample.form == "times":
        return _times(item, check, sample, tail)
    if sample.form == "signed":
        return _signed(item, check, sample, tail)
    return _errors(item, check, sample, tail)


def _errors(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Independent positive errors: the slope of log means, with its curvature."""
    few = _too_few(sample)
    summary = _summary(check, sample)
    x = np.log(np.array(sample.points, dtype=np.float64))
    offset = _log_formula(item, check, sample.points)
    theta = loglog.contrast(summary, loglog.slope_weights(x), offset, tail)
    if few or not theta.usable:
        return _no_interval(few or "nothing was seen at some point")
    bend = curvature.bend(summary, x, offset, tail)
    warnings = _signs(theta)
    low, high = float(theta.low), float(theta.high)
    if len(x) >= misfit.FEWEST_POINTS:
        jagged, half = misfit.jagged_half_width(summary, x, offset, theta, tail)
        if jagged:
            low, high = min(low, float(theta.value - half)), max(high, float(theta.value + half))
            theta = replace(theta, low=np.asarray(low), high=np.asarray(high))
            warnings = (*warnings, "jagged: the points scatter more than their replicates allow")
    outcome, reason = curvature.decide(theta, bend, check.margin, check.relation)
    early = int(reason) == curvature.EARLY
    settles = (
        curvature.settles_at(float(bend.a), float(bend.c), float(bend.order), check.margin)
        if early
        else float("nan")
    )
    return Finding(
        outcome={1: "PASS", -1: "FAIL", 0: "INCONCLUSIVE"}[int(outcome)],  # type: ignore[arg-type]
        reason=curvature.REASONS[int(reason)],
        theta=float(theta.value),
        low=low,
        high=high,
        outside=bool(curvature.outside(theta, check.margin, check.relation)),
        se=float(theta.se),
        settles=settles if np.isfinite(settles) else None,
        far=float(bend.far.value),
        warnings=warnings,
    )


def _trajectories(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """One run yields all points: the jackknife over whole runs."""
    y = _trajectory(check, sample)
    if y.shape[0] < FEWEST_REPLICATES:
        return _no_interval(f"fewer than {FEWEST_REPLICATES} replicates")
    x = np.log(np.array(sample.points, dtype=np.float64))
    offset = _log_formula(item, check, sample.points)
    theta = trajectory.contrast(y, loglog.slope_weights(x), offset, tail)
    if not theta.usable:
        return _no_interval("nothing was seen at some point")
    far = trajectory.contrast(y, curvature.far_weights(x), offset, tail)
    bend = trajectory.contrast(y, curvature.bend_weights(x), offset, curvature.BEND_LEVEL / 2)
    return _slope(check, theta, far, bend, _signs(theta))


def _slope(
    check: Check,
    theta: loglog.Estimate,
    far: loglog.Estimate,
    bend: loglog.Estimate,
    warnings: tuple[str, ...],
) -> Finding:
    """Verdict of a slope without a fitted curve: a bent window that is off is INCONCLUSIVE."""
    margin, relation = check.margin, check.relation
    low, high = float(theta.low), float(theta.high)
    out = bool(curvature.outside(theta, margin, relation))
    far_out = bool(curvature.outside(far, margin, relation))
    bent = bool((bend.low > 0) | (bend.high < 0))
    inside = (relation == "at least" or high < margin) and (relation == "at most" or low > -margin)
    outcome: Outcome = "INCONCLUSIVE"
    if inside and not far_out:
        outcome, reason = "PASS", "inside the margin"
    elif inside:
        reason = "bends away"
    elif out and (far_out or not bent):
        outcome, reason = "FAIL", "outside the margin"
    else:
        reason = "pre-asymptotic" if out else "too wide"
    return Finding(
        outcome,
        reason,
        float(theta.value),
        low,
        high,
        out,
        se=float(theta.se),
        far=float(far.value),
        warnings=warnings,
    )


def _exact(item: Item, check: Check, sample: Sample) -> Finding:
    """Noise-free values: where the local exponents are heading."""
    values = np.array([v[0] for v in sample.values[check.quantity]])
    if isinstance(check, Faster):
        values = np.array([v[0] for v in sample.values[check.than]]) / values
    x = np.log(np.array(sample.points, dtype=np.float64))
    formula = np.exp(_log_formula(item, check, sample.points))
    tail = sequence.tail_exponent(x, values / formula, values)
    margin, relation = check.margin, check.relation
    up = relation == "at least" or tail.high < margin
    down = relation == "at most" or tail.low > -margin
    out = (relation != "at least" and tail.low > margin) or (
        relation != "at most" and tail.high < -margin
    )
    warnings = (
        (f"round-off rules from point {tail.kept + 1} on; those values are left out",)
        if tail.kept < len(values)
        else ()
    )
    outcome: Outcome = "INCONCLUSIVE"
    if up and down and tail.state != "too short":
        outcome, reason = "PASS", "inside the margin"
    elif tail.elsewhere(
        -np.inf if relation == "at most" else -margin, np.inf if relation == "at least" else margin
    ):
        outcome, reason = "FAIL", "outside the margin"
    else:
        reason = "too short" if tail.state == "too short" else "not settled"
    kept = x[: tail.kept]
    theta = float(loglog.slope_weights(kept) @ np.log(values / formula)[: tail.kept])
    return Finding(
        outcome, reason, theta, tail.low, tail.high, out, far=tail.last, warnings=warnings
    )


def _times(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Times to a goal, censored at the budget: the slope of the log of a fixed quantile."""
    few = _too_few(sample)
    if few:
        return _no_interval(few)
    x = np.log(np.array(sample.points, dtype=np.float64))
    times = [np.asarray(v) for v in sample.values[check.quantity]]
    theta = censored.contrast(
        times, loglog.slope_weights(x), _log_formula(item, check, sample.points), tail
    )
    if not theta.usable:
        return _no_interval("the goal was reached too rarely at some point")
    out = bool(curvature.outside(theta, check.margin, check.relation))
    return _window(check, theta, out)


def _signed(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Signed errors: exponents of |E error| that the means do not reject."""
    few = _too_few(sample)
    if few:
        return _no_interval(few)
    x = np.log(np.array(sample.points, dtype=np.float64))
    values = [np.asarray(v) for v in sample.values[check.quantity]]
    accepted = signed.accepted_exponents(values, x, _log_formula(item, check, sample.points), tail)
    if accepted is None:
        return _no_interval("the bias is at its Monte Carlo floor")
    low, high, centre = accepted
    margin, relation = check.margin, check.relation
    out = (relation != "at least" and low > margin) or (relation != "at most" and high < -margin)
    inside = (relation == "at least" or high < margin) and (relation == "at most" or low > -margin)
    outcome: Outcome = "PASS" if inside else "FAIL" if out else "INCONCLUSIVE"
    reason = {"PASS": "inside the margin", "FAIL": "outside the margin"}.get(outcome, "too wide")
    return Finding(outcome, reason, centre, low, high, out)


def _window(check: Check, theta: loglog.Estimate, out: bool) -> Finding:
    low, high = float(theta.low), float(theta.high)
    inside = (check.relation == "at least" or high < check.margin) and (
        check.relation == "at most" or low > -check.margin
    )
    outcome: Outcome = "PASS" if inside else "FAIL" if out else "INCONCLUSIVE"
    reason = {"PASS": "inside the margin", "FAIL": "outside the margin"}.get(outcome, "too wide")
    return Finding(
        outcome, reason, float(theta.value), low, high, out, float(theta.se), warnings=_signs(theta)
    )


def _ratio(item: Item, check: Check, sample: Sample, tail: float) -> Finding:
    """Ratios at every point: `Agrees` and `Below`."""
    offset = _log_formula(item, check, sample.points)
    if isinstance(check, Below):
        low_limit, high_limit = -np.inf, 0.0 + np.log1p(check.margin)
    else:
        low_limit, high_limit = np.log1p(-min(check.margin, 1 - 1e-12)), np.log1p(check.margin)
    if sample.form == "exact":
        values = np.array([v[0] for v in sample.values[check.quantity]])
        if isinstance(check, Below):
            values = values / np.array([v[0] for v in sample.values[check.than]])
        logs = np.log(values) - offset
        each = simultaneous.Ratios(logs, logs, logs, logs, logs)
    else:
        few = _too_few(sample)
        summary = _summary(check, sample)
        if few or not summary.usable.all():
            return _no_interval(few or "nothing was seen at some point")
        each = simultaneous.log_ratios(summary, offset, tail)
    inside = bool(np.all((each.high < high_limit) & (each.low > low_limit)))
    out = bool(np.any((each.low_joint > high_limit) | (each.high_joint < low_limit)))
    worst = int(np.argmax(np.maximum(each.high - high_limit, low_limit - each.low)))
    outcome: Outcome = "PASS" if inside else "FAIL" if out else "INCONCLUSIVE"
    reason = {"PASS": "inside the margin", "FAIL": "outside the margin"}.get(outcome, "too wide")
    where = f"the worst point is {item.axis.name} = {sample.points[worst]:g}"
    return Finding(
        outcome,
        reason,
        float(each.value[worst]),
        float(each.low[worst]),
        float(each.high[worst]),
        out,
        warnings=(where,),
    )


def _decay(item: Item, check: Decay, sample: Sample, tail: float) -> Finding:
    """Exponential decay: the semi-log slope, relative to the predicted one."""
    t = np.array(sample.points, dtype=np.float64)
    rate = -_predicted(item, check.formula, sample.points)
    if sample.form == "exact":
        values = np.array([v[0] for v in sample.values[check.quantity]])
        trend = sequence.tail_exponent(t * rate, values * np.exp(rate * (t - t[0])), values)
        low, high, theta = trend.low, trend.high, trend.last
        settled = trend.elsewhere(-np.inf if check.bound else -check.margin, check.margin)
        se = None
    else:
        few = _too_few(sample)
        if few:
            return _no_interval(few)
        if sample.form == "trajectories":
            estimate = trajectory.contrast(
                _trajectory(check, sample), loglog.slope_weights(t * rate), -rate * t, tail
            )
        else:
            estimate = semilog.rate(_summary(check, sample), t * rate, tail)
        if not estimate.usable:
            return _no_interval("nothing was seen at some point")
        low, high, theta = float(estimate.low), float(estimate.high), float(estimate.value)
        settled, se = True, float(estimate.se)
    out = low > check.margin or (not check.bound and high < -check.margin)
    inside = high < check.margin and (check.bound or low > -check.margin)
    outcome: Outcome = "PASS" if inside else "FAIL" if out and settled else "INCONCLUSIVE"
    reason = {"PASS": "inside the margin", "FAIL": "outside the margin"}.get(outcome, "too wide")
    return Finding(outcome, reason, theta, low, high, out, se)


def _corners(check: Additive, sample: Sample, tail: float) -> Finding:
    """Additivity at every point, from the four corners of a two-source design."""
    names = [check.quantity, *check.parts, *([check.neither] if check.neither else [])]
    rows = []
    for index in range(len(sample.points)):
        corner = [np.asarray(sample.values[name][index]) for name in names]
        rows.append(additive.log_ratio(corner[0], corner[1], corner[2],
                                       corner[3] if len(corner) > 3 else None, tail))  # fmt: skip
    limit_high, limit_low = np.log1p(check.margin), np.log1p(-min(check.margin, 1 - 1e-12))
    low, high = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    inside = bool(np.all((high < limit_high) & (low > limit_low)))
    out = bool(np.any((low > limit_high) | (high < limit_low)))
    worst = int(np.argmax(np.maximum(high - limit_high, limit_low - low)))
    outcome: Outcome = "PASS" if inside else "FAIL" if out else "INCONCLUSIVE"
    reason = {"PASS": "inside the margin", "FAIL": "outside the margin"}.get(outcome, "too wide")
    return Finding(
        outcome, reason, float(rows[worst][0]), float(low[worst]), float(high[worst]), out
    )


# -- what is common -------------------------------------------------------------------------------


def _missing(check: Check, sample: Sample) -> str | None:
    return next((name for name in check.quantities if name not in sample.values), None)


def _summary(check: Check, sample: Sample) -> cells.Cells:
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


def _trajectory(check: Check, sample: Sample) -> Array:
    return np.asarray(sample.values[check.quantity][0])


def _too_few(sample: Sample) -> str:
    smallest = min(len(y) for ys in sample.values.values() for y in ys)
    return (
        f"fewer than {FEWEST_REPLICATES} replicates at a point"
        if smallest < FEWEST_REPLICATES
        else ""
    )


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


def _formula_values(item: Item, text: str, points: Sequence[float]) -> Array:
    formula = Formula(text)
    return np.array([formula(**{**item.params, item.axis.name: x}) for x in points])


def _log_formula(item: Item, check: Check, points: Sequence[float]) -> Array:
    return np.asarray(np.log(_formula_values(item, check.formula, points)))


def _abscissa(check: Check, points: Sequence[float]) -> Array:
    x = np.array(points, dtype=np.float64)
    return x if check.scale == "semi-log" else np.log(x)


def _predicted(item: Item, text: str, points: Sequence[float]) -> float:
    if item.check.scale in ("ratio", "corners"):
        return 1.0
    x = _abscissa(item.check, points)
    return float(loglog.slope_weights(x) @ np.log(_formula_values(item, text, points)))


def _measured(check: Check, predicted: float, theta: float | None) -> float | None:
    if theta is None:
        return None
    if check.scale in ("ratio", "corners"):
        return float(np.exp(theta))
    if check.scale == "semi-log":
        return predicted * (1 - theta)
    return predicted + theta


def _interval(check: Check, predicted: float, low: float, high: float) -> Interval | None:
    ends = [_measured(check, predicted, end) if np.isfinite(end) else None for end in (low, high)]
    if ends == [None, None]:
        return None
    if check.scale == "semi-log" and predicted > 0:
        ends.reverse()
    return ends[0], ends[1]


def _rival(item: Item, name: str, text: str, sample: Sample, found: Finding) -> Rival:
    check = item.check
    if check.scale in ("ratio", "corners"):
        ratio = _formula_values(item, text, sample.points) / _formula_values(
            item, check.formula, sample.points
        )
        away = float(np.log(ratio[int(np.argmax(np.abs(np.log(ratio))))]))
        limit = float(np.log1p(check.margin))
        predicted = float(np.exp(away))
    else:
        predicted = _predicted(item, text, sample.points)
        own = _predicted(item, check.formula, sample.points)
        away, limit = predicted - own, check.margin
        if check.scale == "semi-log":
            away = 1 - predicted / own
    separable = abs(away) > limit
    excluded = found.theta is not None and not found.low <= away <= found.high
    return Rival(name, text, predicted, separable, separable and excluded)


def _points(item: Item, check: Check, sample: Sample, tail: float) -> tuple[Point, ...]:
    formula = _formula_values(item, check.formula, sample.points)
    if sample.form == "trajectories":
        columns = list(np.asarray(sample.values[check.quantity][0]).T)
    elif isinstance(check, Faster | Below):
        columns = []
    else:
        columns = list(sample.values[check.quantity])
    if not columns:
        summary = _summary(check, sample) if sample.form != "exact" else None
        return _ratio_points(check, sample, formula, summary, tail)
    points = []
    for x, f, y in zip(sample.points, formula, columns, strict=True):
        finite = y[np.isfinite(y)]
        mean = float(finite.mean()) if finite.size else None
        interval: Interval | None = None
        if sample.form in ("errors", "trajectories") and len(y) > 1 and mean:
            one = cells.stack([cells.summarise(y)])
            each = loglog.contrast(one, np.ones(1), np.zeros(1), tail)
            if each.usable:
                interval = float(np.exp(each.low)), float(np.exp(each.high))
        points.append(Point(float(x), mean, interval, float(f), len(y)))
    return tuple(points)


def _ratio_points(
    check: Check, sample: Sample, formula: Array, summary: cells.Cells | None, tail: float
) -> tuple[Point, ...]:
    if summary is None:
        assert isinstance(check, Faster | Below)
        own, other = sample.values[check.quantity], sample.values[check.than]
        first, second = (other, own) if isinstance(check, Faster) else (own, other)
        return tuple(
            Point(float(x), float(a[0] / b[0]), None, float(f), 1)
            for x, a, b, f in zip(sample.points, first, second, formula, strict=True)
        )
    each = simultaneous.log_ratios(summary, np.zeros(len(formula)), tail)
    return tuple(
        Point(
            float(x),
            float(summary.mean[i]),
            (float(np.exp(each.low[i])), float(np.exp(each.high[i])))
            if np.isfinite(each.low[i])
            else None,
            float(formula[i]),
            int(summary.count[i]),
        )
        for i, x in enumerate(sample.points)
    )


def _local(check: Check, sample: Sample, tail: float) -> tuple[Local, ...]:
    """Exponents between neighbouring points, with intervals where there is noise."""
    if check.scale in ("ratio", "corners") or sample.form in ("signed", "times"):
        return ()
    x = _abscissa(check, sample.points)
    weights = curvature.local_weights(x)
    middles = (x[1:] + x[:-1]) / 2
    shown = middles if check.scale == "semi-log" else np.exp(middles)
    if sample.form == "exact":
        values = np.array([v[0] for v in sample.values[check.quantity]])
        if isinstance(check, Faster):
            values = np.array([v[0] for v in sample.values[check.than]]) / values
        slopes = weights @ np.log(values)
        return tuple(Local(float(m), float(s), None) for m, s in zip(shown, slopes, strict=True))
    rows = []
    zero = np.zeros(len(x))
    for middle, weight in zip(shown, weights, strict=True):
        if sample.form == "trajectories":
            each = trajectory.contrast(_trajectory(check, sample), weight, zero, tail)
        else:
            each = loglog.contrast(_summary(check, sample), weight, zero, tail)
        if not each.usable:
            return ()
        rows.append(Local(float(middle), float(each.value), (float(each.low), float(each.high))))
    return tuple(rows)


def _needed(check: Check, found: Finding, replicates: int) -> int | None:
    if found.outcome in ("PASS", "FAIL"):
        return 0
    if found.theta is None or found.reason not in ("too wide",):
        return None
    half = (found.high - found.low) / 2
    return power.still_needed(replicates, half, abs(found.theta), check.margin)


def _error(check: Check, predicted: float | None, sentence: str) -> Verdict:
    return Verdict(
        "ERROR", "simulation failed", f"{sentence}.", predicted, None, None, check.margin
    )


# -- sentences ------------------------------------------------------------------------------------


def _noun(check: Check) -> str:
    return {"log-log": "exponent", "semi-log": "rate", "ratio": "ratio", "corners": "ratio"}[
        check.scale
    ]


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.3f}"


def _range(interval: Interval | None) -> str:
    if interval is None:
        return "(no interval)"
    low = "-inf" if interval[0] is None else f"{interval[0]:.3f}"
    high = "inf" if interval[1] is None else f"{interval[1]:.3f}"
    return f"[{low}, {high}]"


_RELATION = {"equal": "", "at most": "at most ", "at least": "at least "}
_WHY = {
    "outside the margin": "The interval lies outside the margin.",
    "converges elsewhere": "The far end of the grid settles on another exponent.",
    "plateau": "The curve runs onto a plateau.",
    "pre-asymptotic": "The window is off the claim but still bends towards it.",
    "bends away": "The window is on the claim but its far end is heading away.",
    "too wide": "The interval reaches across the margin.",
    "not settled": "The local exponents have not settled.",
    "too short": "Too few values are above round-off.",
    "vacuous": "The bound does not decrease on this grid, so that nothing could break it here.",
}


def _sentence(item: Item, verdict: Verdict, found: Finding) -> str:
    check = item.check
    if found.theta is None:
        return f"There is no interval: {found.reason}."
    text = (
        f"{_noun(check).capitalize()} {_number(verdict.measured)} {_range(verdict.interval)}, "
        f"claimed {_RELATION[check.relation]}{_number(verdict.predicted)} "
        f"with margin {check.margin:g}."
    )
    why = _WHY.get(verdict.reason)
    if why:
        text += f" {why}"
    if verdict.settles is not None:
        text += f" It would settle near {item.axis.name} = {verdict.settles:.2g}."
    elif verdict.outcome == "INCONCLUSIVE" and verdict.needed:
        text += f" About {verdict.needed} replicates a point would decide."
    excluded = [r.name for r in verdict.rivals if r.excluded]
    kept = [r.name for r in verdict.rivals if r.separable and not r.excluded]
    if excluded:
        text += f" Excluded: {', '.join(excluded)}."
    if kept:
        text += f" Not excluded: {', '.join(kept)}."
    return text
