"""From findings to verdicts: what one check, or one falsifier, says on its data.

What the data say is found by their form (`ratecheck.forms`) in the coordinates of the check; what
is common to all verdicts (rivals, siblings, resolution, power, sentences) is added here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ratecheck.claim.checks import Check
from ratecheck.claim.form import Sample
from ratecheck.claim.question import Question
from ratecheck.errors import FormulaError
from ratecheck.inference import curvature, power
from ratecheck.inference.finding import Finding
from ratecheck.inference.sequential import Level, single
from ratecheck.judge import sentences
from ratecheck.judge.verdict import Kill, Rival, Sibling, Verdict

SMALLEST_TAIL = 1e-15


def tail_of(alpha: float) -> float:
    """Tail on each side of a two-sided interval that keeps both error rates under alpha.

    0.45 alpha: half of alpha a side, less what non-normality and looks were measured to cost.
    """
    return 0.45 * alpha


def judge(
    question: Question,
    sample: Sample,
    alpha: float,
    level: Level | None = None,
    found: Finding | None = None,
) -> Verdict:
    """The verdict of a check on its data.

    Parameters
    ----------
    question : Question
    sample : Sample
    alpha : float
        Promised bound on each error rate.
    level : Level, optional
        What this look may spend; by default all, as in a design with a single look.
    found : Finding, optional
        What was found at this level, where that is known already.
    """
    check, form = question.check, sample.form
    spoilt = _spoilt(question, sample)
    if spoilt:
        return Verdict(
            "ERROR", "simulation failed", f"{spoilt}.", question.predicted, None, None, check.margin
        )
    level = single(tail_of(alpha)) if level is None else level
    found = form.find(question, sample, level) if found is None else found
    if found.reach is not None:  # an interval outside the margin would contradict INCONCLUSIVE
        found = replace(found, low=found.reach[0], high=found.reach[1], reach=None)
    predicted = question.predicted_at(found.step)
    points = form.points(question, sample, level.veto)
    verdict = Verdict(
        outcome=found.outcome,
        reason=found.reason,
        sentence="",
        predicted=predicted,
        measured=sentences.measured(check, predicted, found),
        interval=sentences.ends(check, predicted, found),
        margin=check.margin,
        settles=None if found.settles is None else question.back(found.settles),
        rivals=tuple(
            _rival(question, *rival, sample, level, found) for rival in check.rivals.items()
        ),
        siblings=_siblings(question, sample, level, found.step) if found.theta is not None else (),
        points=points,
        local=form.local(question, sample, level.veto),
        warnings=found.warnings,
    )
    se, more = _standard_error(found, float(level.tail)), None
    if se is not None:
        replicates = round(sum(point.replicates for point in points) / max(1, len(points)))
        more = _needed(check, found, replicates, se, level.veto) if form.noisy else None
        verdict = replace(
            verdict,
            gap=power.resolvable(se, level.veto),
            needed=0 if verdict.outcome in ("PASS", "FAIL") else more and more[0],
        )
    if verdict.outcome == "PASS" and check.vacuous(question):
        verdict = replace(verdict, outcome="INCONCLUSIVE", reason="vacuous")
    if verdict.outcome in ("PASS", "FAIL") and form.noisy:
        verdict = replace(verdict, attained=_attained(question, sample, alpha, level, found))
    return replace(verdict, sentence=sentences.of_check(question, verdict, found, more))


def judge_falsifier(
    question: Question,
    name: str,
    sample: Sample,
    alpha: float,
    level: Level | None = None,
    found: Finding | None = None,
) -> Kill:
    """Whether the check fails on a falsifier's numbers, as it must.

    Parameters
    ----------
    question : Question
        The check's, with the falsifier's quantity in place of its own.
    name : str
        What the falsifier is called.
    sample, alpha, level, found
        See `judge`.
    """
    check = question.check
    spoilt = _spoilt(question, sample)
    if spoilt:
        return Kill("ERROR", f"{spoilt}.", question.predicted, None, None)
    level = single(tail_of(alpha)) if level is None else level
    found = sample.form.find(question, sample, level) if found is None else found
    predicted = question.predicted_at(found.step)
    agrees = sentences.agrees(check, found)
    return Kill(
        "KILLED" if found.outside else "SURVIVED" if agrees else "UNDECIDED",
        sentences.of_falsifier(check, name, predicted, found),
        predicted,
        sentences.measured(check, predicted, found),
        sentences.ends(check, predicted, found),
        sample.form.points(question, sample, level.veto),
    )


def forecast(question: Question, sample: Sample, cap: int, alpha: float) -> str | None:
    """After a pilot: the warning that all the replicates there may be cannot resolve the margin.

    None where they can, or where the coordinates or the form of data have no formula for it.
    """
    check, tail = question.check, tail_of(alpha)
    if sample.missing(check) or not check.coordinates.foreseen:
        return None
    se = sample.form.standard_error(question, sample, cap, tail)
    if se is None:
        return None
    gap = power.resolvable(se, tail)
    if not gap > check.margin:
        return None
    enough = max(power.SAFELY * cap, int(np.ceil(cap * (gap / check.margin) ** 2)))
    return (
        f"this effort cannot resolve the margin: its {cap} replicates a point resolve {gap:.2g}, "
        f"the margin is {check.margin:g}; about {enough} would do"
    )


# -- numbers around the finding ------------------------------------------------------------------


def _spoilt(question: Question, sample: Sample) -> str | None:
    return sample.missing(question.check) or sample.form.spoilt(question, sample)


def _rival(
    question: Question, name: str, text: str, sample: Sample, level: Level, found: Finding
) -> Rival:
    """A rival, and whether it is excluded, at the error rate of a verdict.

    A PASS excludes what it denies: a slope outside of the margin. Otherwise the same data, judged
    with the rival as the claim, must FAIL on either side.
    """
    check = question.check
    predicted = question.predicted_at(found.step, text)
    away = check.coordinates.theta(question.predicted_at(found.step), predicted)
    separable = abs(away) > check.coordinates.scale(check.margin)
    low, high = check.coordinates.limits(check.margin, check.side)
    denied = found.outcome == "PASS" and not low <= away <= high
    excluded = separable and (denied or _excluded(question, text, sample, level, found))
    return Rival(name, text, predicted, separable, excluded)


def _excluded(question: Question, text: str, sample: Sample, level: Level, found: Finding) -> bool:
    """Whether data are outside of a rival's margin, on either side and with their curvature.

    A window that bends may be off the true rate; it is no reason to exclude that.
    """
    check, coordinates = question.check, question.check.coordinates
    if found.theta is None:
        return False
    try:
        if not coordinates.measurable(question.predicted_by(text)):
            return False
        unheld = replace(level, held=curvature.UNKNOWN)
        seen = sample.form.find(question.saying(text), sample, unheld)
    except FormulaError:  # a formula that is too long, or has no value on this grid
        return False
    if seen.theta is None or not coordinates.slopes:
        return seen.outcome == "FAIL"
    if seen.reading is not None:
        read = seen.reading
        outcome, _ = curvature.decide(read.theta, read.bend, check.margin, "equal")
        return int(outcome) == curvature.FAIL
    at = int(curvature.place(seen.low, seen.high, check.margin, "equal"))
    return at in (curvature.ABOVE, curvature.BELOW)


def _siblings(
    question: Question, sample: Sample, level: Level, step: int | None
) -> tuple[Sibling, ...]:
    """The same data judged against each rival, and against the claim moved by two margins."""
    coordinates = question.check.coordinates
    rows = []
    for label, formula in question.siblings:
        try:
            predicted = question.predicted_at(step, formula)
            if not coordinates.measurable(predicted):
                continue
            unheld = replace(level, held=curvature.UNKNOWN)
            found = sample.form.find(question.saying(formula), sample, unheld)
        except FormulaError:  # a formula that is too long, or has no value on this grid
            continue
        rows.append(Sibling(label, predicted, found.outside))
    return tuple(rows)


def _attained(
    question: Question, sample: Sample, alpha: float, level: Level, found: Finding
) -> float:
    """The smallest error rate at which the same look would give the same verdict.

    With a tail q in place of the look's p, the error rate of the whole run is alpha q / p, whatever
    the other looks spend: a p-value by weighted Bonferroni over the looks. Known to a tenth.
    """
    if int(level.held) != curvature.UNKNOWN or not level.tail > SMALLEST_TAIL:
        return alpha
    low, high = np.log(SMALLEST_TAIL), np.log(float(level.tail))
    while high - low > 0.1:
        middle = (low + high) / 2
        stands = sample.form.find(question, sample, replace(level, tail=float(np.exp(middle))))
        low, high = (low, middle) if stands.outcome == found.outcome else (middle, high)
    return float(alpha * np.exp(high) / level.tail)


def _standard_error(found: Finding, tail: float) -> float | None:
    """Of theta; where a finding has none of its own, from the arm of its interval."""
    from scipy.special import ndtri

    if found.theta is None:
        return None
    if found.se is not None:
        return found.se
    return float(found.arm / -ndtri(tail)) if np.isfinite(found.arm) else None


def _needed(
    check: Check, found: Finding, replicates: int, se: float, tail: float
) -> tuple[int, int | None] | None:
    """Fewest and most replicates a point that would decide (`power.still_needed`), if any would."""
    if found.theta is None or found.reason != "too wide" or found.jagged:
        return None
    half = (found.high - found.low) / 2
    half = half if np.isfinite(half) else power.resolvable(se, tail)
    towards = {"equal": abs(found.theta), "at most": found.theta, "at least": -found.theta}
    margin = check.coordinates.scale(check.margin)
    two_sided = check.relation == "equal"
    return power.still_needed(
        replicates, half, towards[check.relation], margin, two_sided=two_sided
    )
