"""From findings to verdicts: what one check, or one falsifier, says on its data.

`judge.findings` says what each form of data means for each kind of check; what is common to all
verdicts (points, local exponents, rivals, resolution, power, sentences) is added here.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ratecheck.claim.checks import Below, Check, Faster
from ratecheck.claim.prediction import is_vacuous
from ratecheck.errors import FormulaError
from ratecheck.inference import (
    cells,
    curvature,
    loglog,
    power,
    sequence,
    simultaneous,
    trajectory,
)
from ratecheck.inference.sequential import Level, single
from ratecheck.judge.findings import (
    Finding,
    Sample,
    abscissa,
    find,
    formula_values,
    missing,
    predicted_slope,
    scale_of,
    summary_of,
    trajectory_of,
    zero,
)
from ratecheck.judge.verdict import Interval, Kill, Local, Point, Rival, Sibling, Verdict

if TYPE_CHECKING:
    from ratecheck.engine.plan import CheckItem, FalsifierItem, Item

Array = np.ndarray
SMALLEST_TAIL = 1e-15
LARGEST_LOG = 700.0


def tail_of(alpha: float) -> float:
    """Tail on each side of a two-sided interval that keeps both error rates under alpha.

    0.45 alpha: half of alpha a side, less what non-normality and looks were measured to cost.
    """
    return 0.45 * alpha


def judge(item: CheckItem, sample: Sample, alpha: float, level: Level | None = None) -> Verdict:
    """The verdict of a check on its data.

    Parameters
    ----------
    item : CheckItem
    sample : Sample
    alpha : float
        Promised bound on each error rate.
    level : Level, optional
        What this look may spend; by default all, as in a design with a single look.
    """
    check, absent = item.check, missing(item.check, sample)
    predicted = predicted_slope(item, check.formula, sample.points)
    if absent:
        return _error(check, predicted, _absent(absent, sample))
    nothing = zero(item, check, sample)
    if nothing:
        return _error(check, predicted, nothing)
    level = single(tail_of(alpha)) if level is None else level
    found = find(item, check, sample, level)
    points = _points(item, check, sample, level.veto)
    rivals = tuple(_rival(item, name, text, sample, found) for name, text in check.rivals.items())
    verdict = Verdict(
        outcome=found.outcome,
        reason=found.reason,
        sentence="",
        predicted=predicted,
        measured=measured(check, predicted, found.theta),
        interval=interval(check, predicted, found.low, found.high),
        margin=check.margin,
        settles=found.settles,
        rivals=rivals,
        siblings=_siblings(item, sample, level) if found.theta is not None else (),
        points=points,
        local=_local(check, sample, level.veto),
        warnings=found.warnings,
    )
    se = _standard_error(found, float(level.tail))
    if se is not None:
        replicates = round(sum(point.replicates for point in points) / max(1, len(points)))
        verdict = replace(
            verdict,
            gap=power.resolvable(se, level.veto),
            needed=_needed(check, found, replicates),
        )
    if verdict.outcome == "PASS" and is_vacuous(check, item.axis, item.params, sample.points):
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="vacuous")
    if verdict.outcome in ("PASS", "FAIL") and sample.form != "exact":
        verdict = replace(verdict, attained=_attained(item, sample, alpha, level, found))
    return replace(verdict, sentence=_sentence(item, verdict, found))


def judge_falsifier(
    item: FalsifierItem, sample: Sample, alpha: float, level: Level | None = None
) -> Kill:
    """Whether the check fails on the falsifier's numbers, as it must."""
    check = checked(item)
    predicted = predicted_slope(item, check.formula, sample.points)
    absent = missing(check, sample)
    if absent:
        return Kill("ERROR", f"{_absent(absent, sample)}.", predicted, None, None)
    nothing = zero(item, check, sample)
    if nothing:
        return Kill("ERROR", f"{nothing}.", predicted, None, None)
    level = single(tail_of(alpha)) if level is None else level
    found = find(item, check, sample, level)
    number = measured(check, predicted, found.theta)
    ends = interval(check, predicted, found.low, found.high)
    return Kill(
        "KILLED" if found.outside else "SURVIVED",
        _kill_sentence(item, predicted, number, ends, found),
        predicted,
        number,
        ends,
        _points(item, check, sample, level.veto),
    )


def checked(item: Item) -> Check:
    """The check of an item; for a falsifier, of the quantity that it puts in place."""
    falsifier = getattr(item, "falsifier", None)
    if falsifier is None or falsifier.quantity is None:
        return item.check
    return replace(item.check, quantity=falsifier.quantity)


def forecast(item: Item, sample: Sample, cap: int, alpha: float) -> str | None:
    """After a pilot: the warning that all the replicates there may be cannot resolve the margin.

    None where they can, or where the kind of check or form of data has no formula for it.
    """
    check = item.check
    if missing(check, sample) or check.scale != "log-log":
        return None
    weights = loglog.slope_weights(abscissa(check, sample.points))
    if sample.form == "errors":
        noise = loglog.shrunken_cv2(summary_of(check, sample))
        se = float(np.sqrt((weights**2 * noise).sum() / cap))
    elif sample.form == "trajectories":
        paths = trajectory.summarise(trajectory_of(check, sample))
        seen = trajectory.contrast(paths, weights, np.zeros(len(weights)), tail_of(alpha))
        se = float(seen.se) * np.sqrt(paths.u.shape[-2] / cap)
    else:
        return None
    gap = power.resolvable(se, tail_of(alpha))
    if not gap > check.margin:
        return None
    enough = int(np.ceil(cap * (gap / check.margin) ** 2))
    return (
        f"this effort cannot resolve the margin: its {cap} replicates a point resolve {gap:.2g}, "
        f"the margin is {check.margin:g}; about {enough} would do"
    )


# -- numbers around the finding ------------------------------------------------------------------


def measured(check: Check, predicted: float, theta: float | None) -> float | None:
    """A value in the check's coordinates: the exponent, rate or ratio that theta stands for."""
    if theta is None:
        return None
    if check.scale in ("ratio", "corners"):
        return float(np.exp(theta)) if theta < LARGEST_LOG else float("inf")
    if check.scale == "semi-log":
        return predicted * (1 - theta)
    return predicted + theta


def interval(check: Check, predicted: float, low: float, high: float) -> Interval | None:
    """An interval in the check's coordinates; an infinite end is None."""
    shown = (measured(check, predicted, end) if np.isfinite(end) else None for end in (low, high))
    ends = [None if end is None or not np.isfinite(end) else end for end in shown]
    if ends == [None, None]:
        return None
    if check.scale == "semi-log" and predicted > 0:
        ends.reverse()
    return ends[0], ends[1]


def _rival(item: Item, name: str, text: str, sample: Sample, found: Finding) -> Rival:
    check = item.check
    if check.scale in ("ratio", "corners"):
        ratio = formula_values(item, text, sample.points) / formula_values(
            item, check.formula, sample.points
        )
        away = float(np.log(ratio[int(np.argmax(np.abs(np.log(ratio))))]))
        limit = float(np.log1p(check.margin))
        predicted = float(np.exp(away))
    else:
        predicted = predicted_slope(item, text, sample.points)
        own = predicted_slope(item, check.formula, sample.points)
        away, limit = predicted - own, check.margin
        if check.scale == "semi-log":
            away = 1 - predicted / own
    separable = abs(away) > limit
    excluded = found.theta is not None and not found.low <= away <= found.high
    return Rival(name, text, predicted, separable, separable and excluded)


def _siblings(item: CheckItem, sample: Sample, level: Level) -> tuple[Sibling, ...]:
    """The same data judged against each rival, and against the claim moved by two margins.

    A moved claim that the relation does not forbid (a slower bound, where "at most" is claimed) is
    left out: the data cannot contradict it.
    """
    check, name = item.check, item.axis.name
    if check.scale == "corners" or check.kind == "below":
        return ()
    text, m = check.formula, check.margin
    siblings = [(f"rival {rival}", formula) for rival, formula in check.rivals.items()]
    if check.scale == "ratio":
        siblings.append(("constant + 2 margins", f"({text})*{1 + 2 * m!r}"))
        if 2 * m < 1:
            siblings.append(("constant - 2 margins", f"({text})*{1 - 2 * m!r}"))
    elif check.scale == "semi-log":
        siblings.append(("rate + 2 margins", f"({text})**{1 + 2 * m!r}"))
        if not getattr(check, "bound", False):
            siblings.append(("rate - 2 margins", f"({text})**({1 - 2 * m!r})"))
    else:
        if check.relation != "at most":
            siblings.append(("exponent + 2 margins", f"({text})*{name}**{2 * m!r}"))
        if check.relation != "at least":
            siblings.append(("exponent - 2 margins", f"({text})*{name}**(-{2 * m!r})"))
    rows = []
    for label, formula in siblings:
        try:
            other = _with_formula(check, formula)
            predicted = predicted_slope(item, formula, sample.points)
            if check.scale == "semi-log" and abs(predicted) < 1e-12:
                continue  # distances are fractions of the rate: from no decay there are none
            killed = find(item, other, sample, replace(level, held=curvature.UNKNOWN)).outside
        except FormulaError:  # a formula that is too long, or has no value on this grid
            continue
        if check.scale == "ratio":
            factors = formula_values(item, formula, sample.points)
            factors = factors / formula_values(item, text, sample.points)
            predicted = float(factors[int(np.argmax(np.abs(np.log(factors))))])
        rows.append(Sibling(label, predicted, killed))
    return tuple(rows)


def _with_formula(check: Check, formula: str) -> Check:
    return (
        replace(check, by=formula) if isinstance(check, Faster) else replace(check, formula=formula)
    )


def _attained(item: CheckItem, sample: Sample, alpha: float, level: Level, found: Finding) -> float:
    """The smallest error rate at which the same look would give the same verdict.

    With a tail q in place of the look's p, the error rate of the whole run is alpha q / p, whatever
    the other looks spend: a p-value by weighted Bonferroni over the looks. Known to a tenth.
    """
    if int(level.held) != curvature.UNKNOWN or not level.tail > SMALLEST_TAIL:
        return alpha
    low, high = np.log(SMALLEST_TAIL), np.log(float(level.tail))
    while high - low > 0.1:
        middle = (low + high) / 2
        stands = find(item, item.check, sample, replace(level, tail=float(np.exp(middle))))
        low, high = (low, middle) if stands.outcome == found.outcome else (middle, high)
    return float(alpha * np.exp(high) / level.tail)


def _points(item: Item, check: Check, sample: Sample, tail: float) -> tuple[Point, ...]:
    formula = formula_values(item, check.formula, sample.points)
    if sample.form == "trajectories":
        columns = list(np.asarray(sample.values[check.quantity][0]).T)
    elif isinstance(check, Faster | Below):
        columns = []
    else:
        columns = list(sample.values[check.quantity])
    if not columns:
        summary = summary_of(check, sample) if sample.form != "exact" else None
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
    x = abscissa(check, sample.points)
    weights = curvature.local_weights(x)
    middles = (x[1:] + x[:-1]) / 2
    shown = middles if check.scale == "semi-log" else np.exp(middles)
    if sample.form == "exact":
        values = np.array([v[0] for v in sample.values[check.quantity]])
        if isinstance(check, Faster):
            values = np.array([v[0] for v in sample.values[check.than]]) / values
        known = sequence.before_round_off(x, values) if (values == 0).any() else len(values)
        slopes = sequence.local_exponents(x[:known], np.log(values[:known]))
        return tuple(Local(float(m), float(s), None) for m, s in zip(shown, slopes, strict=False))
    rows = []
    zero = np.zeros(len(x))
    contrast: curvature.Contrast = (
        partial(trajectory.contrast, trajectory.summarise(trajectory_of(check, sample)))
        if sample.form == "trajectories"
        else partial(loglog.contrast, summary_of(check, sample))
    )
    for middle, weight in zip(shown, weights, strict=True):
        each = contrast(weight, zero, tail)
        if not each.usable:
            return ()
        rows.append(Local(float(middle), float(each.value), (float(each.low), float(each.high))))
    return tuple(rows)


def _standard_error(found: Finding, tail: float) -> float | None:
    """Of theta; where a finding has none of its own, from the arm of its interval."""
    from scipy.special import ndtri

    if found.theta is None:
        return None
    if found.se is not None:
        return found.se
    return float(found.arm / -ndtri(tail)) if np.isfinite(found.arm) else None


def _needed(check: Check, found: Finding, replicates: int) -> int | None:
    if found.outcome in ("PASS", "FAIL"):
        return 0
    if found.theta is None or found.reason not in ("too wide",):
        return None
    half = (found.high - found.low) / 2
    towards = {"equal": abs(found.theta), "at most": found.theta, "at least": -found.theta}
    return power.still_needed(replicates, half, towards[check.relation], scale_of(check))


def _error(check: Check, predicted: float | None, sentence: str) -> Verdict:
    return Verdict(
        "ERROR", "simulation failed", f"{sentence}.", predicted, None, None, check.margin
    )


# -- sentences ------------------------------------------------------------------------------------


def _absent(name: str, sample: Sample) -> str:
    close = get_close_matches(name, sample.values, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return (
        f"The simulation returns no quantity '{name}'{hint}; it returns {', '.join(sample.values)}"
    )


def _noun(check: Check) -> str:
    return {"log-log": "exponent", "semi-log": "rate", "ratio": "ratio", "corners": "ratio"}[
        check.scale
    ]


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.3f}"


def _range(interval: Interval | None) -> str:
    if interval is None:
        return "(no interval)"
    low = "(-inf" if interval[0] is None else f"[{interval[0]:.3f}"
    high = "inf)" if interval[1] is None else f"{interval[1]:.3f}]"
    return f"{low}, {high}"


_RELATION = {"equal": "", "at most": "at most ", "at least": "at least "}
_WHY = {
    "outside the margin": "The interval lies outside the margin.",
    "converges elsewhere": "The far end of the grid settles on another exponent.",
    "plateau": "The curve runs onto a plateau.",
    "pre-asymptotic": "The window is off the claim but still bends towards it.",
    "bends away": "The window is on the claim but its far end{far} is heading away: take a longer "
    "grid.",
    "far end unknown": "The window is on the claim, but its far end{far} may still leave it: take "
    "more replicates, above all at the far half, or a longer grid.",
    "too wide": "The interval reaches across the margin.",
    "not settled": "The local exponents have not settled: take a longer grid, or a formula with "
    "the slower term.",
    "too short": "Too few values are above round-off: begin the grid earlier, or take more points "
    "there.",
    "vacuous": "The bound does not decrease on this grid, so that nothing could break it here.",
}


def _claimed(check: Check, predicted: float | None) -> str:
    return f"{_RELATION[check.relation]}{_number(predicted)} with margin {check.margin:g}"


def _kill_sentence(
    item: FalsifierItem,
    predicted: float,
    number: float | None,
    ends: Interval | None,
    found: Finding,
) -> str:
    """What the falsifier's numbers say of the claim: contradiction, agreement, or neither."""
    name, check = item.falsifier.name, item.check
    if found.theta is None:
        return f"'{name}' is undecided: there is no interval ({found.reason})."
    return (
        f"'{name}' has {_noun(check)} {_number(number)} {_range(ends)} where the claim says "
        f"{_claimed(check, predicted)}. It {_stance(check, found)}."
    )


def _stance(check: Check, found: Finding) -> str:
    """A survivor may agree with the claim, or may be too imprecise to contradict it."""
    if found.outside:
        return "contradicts the claim"
    if check.scale in ("ratio", "corners"):
        inside, beyond = found.outcome == "PASS", False
    else:
        at = int(curvature.place(found.low, found.high, check.margin, check.relation))
        inside, beyond = at == curvature.WITHIN, at != curvature.UNKNOWN
    if inside:
        return "agrees with the claim: the interval lies inside the margin"
    if beyond:
        return "is undecided: the interval left the margin when the error rate was spent already"
    return "is undecided: the interval reaches across the margin"


def _far(check: Check, verdict: Verdict, found: Finding) -> str:
    """The interval of the far end's exponent, by which it is kept back."""
    if found.reading is None or verdict.predicted is None:
        return ""
    bend = found.reading.bend
    unknown = verdict.reason == "far end unknown"
    ends = (bend.end_low, bend.end_high) if unknown else (bend.far.low, bend.far.high)
    return f" {_range(interval(check, verdict.predicted, *map(float, ends)))}"


def _sentence(item: Item, verdict: Verdict, found: Finding) -> str:
    check = item.check
    if found.theta is None:
        return f"There is no interval: {found.reason}."
    text = (
        f"{_noun(check).capitalize()} {_number(verdict.measured)} {_range(verdict.interval)}, "
        f"claimed {_claimed(check, verdict.predicted)}."
    )
    why = _WHY.get(verdict.reason)
    if why:
        text += f" {why.format(far=_far(check, verdict, found))}"
    if verdict.settles is not None:
        text += f" It would settle near {item.axis.name} = {verdict.settles:.2g}."
    elif verdict.outcome == "INCONCLUSIVE" and verdict.needed:
        text += (
            f" About {verdict.needed} replicates a point would decide (replicates= in the file, "
            "a larger --effort, or --fixed)."
        )
    excluded = [r.name for r in verdict.rivals if r.excluded]
    kept = [r.name for r in verdict.rivals if r.separable and not r.excluded]
    if excluded:
        text += f" Excluded: {', '.join(excluded)}."
    if kept:
        text += f" Not excluded: {', '.join(kept)}."
    return text
