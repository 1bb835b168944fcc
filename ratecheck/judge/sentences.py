"""What a verdict says in one or two plain sentences with its numbers."""

from __future__ import annotations

from ratecheck import words
from ratecheck.claim.checks import Check
from ratecheck.claim.coordinates import LOG_LOG
from ratecheck.claim.question import Question
from ratecheck.inference import curvature
from ratecheck.inference.finding import Finding, Interval
from ratecheck.judge.verdict import Verdict

WHY = {
    "outside the margin": "The interval lies outside the margin.",
    "converges elsewhere": "The far end of the grid settles on another {noun}.",
    "plateau": "The curve runs onto a plateau.",
    "pre-asymptotic": "The window is off the claim but may still bend towards it: begin the grid "
    "later.",
    "bends away": "The window is on the claim but its far end{far} is heading away: take a longer "
    "grid.",
    "far end unknown": "The window is on the claim, but its far end{far} may still leave it: take "
    "more {numbers}, above all at the far half, or a longer grid.",
    "too wide": "The interval reaches across the margin.",
    "not settled": "The local exponents have not settled: take a longer grid, or a formula with "
    "the slower term.",
    "too short": "Too few values are above round-off: begin the grid earlier, or take more points "
    "there.",
    "above the floor": "Above the floor nothing has settled: begin the grid earlier, and end it "
    "farther above the floor.",
    "turns up": "A floor such as round-off does that (begin and end the grid earlier, or declare "
    "floor=), and so does a term that grows (put it into the formula).",
    "levels off": "The local exponents flatten faster and faster: a floor does that, and so does a "
    "slower term. Put either into the formula, or begin and end the grid earlier.",
    "steepens": "The local exponents steepen faster and faster: a reference that is too coarse "
    "does that (refine it, begin and end the grid earlier, or declare "
    'floor="reference"), and so does a decay faster than any power.',
    "round-off": "These are nothing but round-off, which grows: the computation is exact here, and "
    "there is no rate to see.",
    "too few points": "Fewer than four points cannot show curvature: an estimate, and no verdict; "
    "take more.",
    "neighbours move together": "Neighbouring points move together, beyond what a bend explains: "
    "the interval is widened for it; measure again, the points in another order.",
    "floor and rate cannot be told apart": "A floor and a slower rate fit alike: take a longer "
    "grid, or put a floor that is known into the formula.",
    "vacuous": "The bound does not decrease on this grid, so that nothing could break it here: "
    "begin the grid later, or state a sharper bound.",
}
_SCATTER = (
    "The points scatter more than their noise allows, as where a method rounds a size, and the "
    "interval is widened for it: take more points on the grid."
)
_MORE = "{needed} replicates a point would decide (replicates= in the file, or a larger --effort)."
_ALL = (
    "{needed} replicates a point would decide (--fixed, replicates= in the file, or a larger "
    "--effort)."
)  # where some points have fewer than others, and so fewer than the run allows


def measured(check: Check, predicted: float, found: Finding) -> float | None:
    """The exponent, rate or ratio that was found."""
    return None if found.theta is None else check.coordinates.measured(predicted, found.theta)


def ends(check: Check, predicted: float, found: Finding) -> Interval | None:
    """Its interval; an infinite end is None."""
    return check.coordinates.interval(predicted, found.low, found.high)


def of_check(
    question: Question,
    verdict: Verdict,
    found: Finding,
    more: tuple[int, int | None] | None = None,
) -> str:
    """The sentence of a verdict; ``more`` is how many replicates would decide, fewest and most."""
    check = question.check
    if found.theta is None:
        return f"There is no interval: {found.reason}."
    text = (
        f"{check.coordinates.noun.capitalize()}{_in(question)} {words.number(verdict.measured)} "
        f"{words.interval(verdict.interval)}, claimed {_claimed(check, verdict.predicted)}"
        f"{_off(question, found)}."
    )
    if found.note:
        text += f" {found.note}"
    why = WHY.get(verdict.reason)
    if why:
        text += " " + why.format(
            far=_far(check, verdict, found), numbers=_numbers(found), noun=check.coordinates.noun
        )
    if verdict.settles is not None:
        text += f" It would settle near {question.axis} = {verdict.settles:.2g}."
    elif verdict.reason == "too wide" and found.jagged:
        text += f" {_SCATTER}"
    elif verdict.outcome == "INCONCLUSIVE" and more:
        uneven = len({point.replicates for point in verdict.points}) > 1
        text += " " + (found.advice or (_ALL if uneven else _MORE)).format(needed=_amount(*more))
    excluded = [r.name for r in verdict.rivals if r.excluded]
    kept = [r.name for r in verdict.rivals if r.separable and not r.excluded]
    if excluded:
        text += f" Excluded: {', '.join(excluded)}."
    if kept:
        text += f" Not excluded: {', '.join(kept)}."
    return text


def _numbers(found: Finding) -> str:
    """What there can be more of: a form with advice of its own has no replicates."""
    return "values" if found.advice else "replicates"


def _amount(fewest: int, most: int | None) -> str:
    """How many of something would decide."""
    if most is None:
        return f"At least {fewest}"
    return f"About {most}" if most == fewest else f"Between {fewest} and {most}"


def _off(question: Question, found: Finding) -> str:
    """How far off a formula that bends exact values are, and that all is said of the last step."""
    if found.step is None or not question.bends():
        return ""
    off = words.interval(LOG_LOG.interval(0.0, found.low, found.high))
    return f", both at the last step: off by {words.number(found.theta)} {off}"


def _in(question: Question) -> str:
    return f" in {question.shown}" if question.inverse and question.check.coordinates.slopes else ""


def of_falsifier(check: Check, name: str, predicted: float, found: Finding) -> str:
    """What a falsifier's numbers say of the claim: contradiction, agreement, or neither."""
    if found.theta is None:
        return f"'{name}' is undecided: there is no interval ({found.reason})."
    return (
        f"'{name}' has {check.coordinates.noun} "
        f"{words.number(measured(check, predicted, found))} "
        f"{words.interval(ends(check, predicted, found))} where the claim says "
        f"{_claimed(check, predicted)}. It {_stance(check, found)}."
    )


def _claimed(check: Check, predicted: float | None) -> str:
    return words.claimed(check.relation, predicted, check.margin)


def _stance(check: Check, found: Finding) -> str:
    """A survivor may agree with the claim, or may be too imprecise to contradict it."""
    if found.outside:
        return "contradicts the claim"
    if agrees(check, found):
        return "agrees with the claim: the interval lies inside the margin"
    return "is undecided: the interval reaches across the margin"


def agrees(check: Check, found: Finding) -> bool:
    """Whether numbers say what is claimed, with their whole interval."""
    if found.theta is None or not check.coordinates.slopes:
        return found.outcome == "PASS"
    return _place(check, found) == curvature.WITHIN


def _place(check: Check, found: Finding) -> int:
    return int(curvature.place(found.low, found.high, check.margin, check.side))


def _far(check: Check, verdict: Verdict, found: Finding) -> str:
    """The interval of the far end's exponent, by which it is kept back."""
    if found.reading is None or verdict.predicted is None:
        return ""
    bend = found.reading.bend
    last = bend.last_low, bend.last_high
    beyond = curvature.place(*last, curvature.FAR_MARGINS * check.margin, check.side)
    if verdict.reason == "far end unknown":
        far = bend.end_low, bend.end_high
    else:
        far = last if beyond > curvature.WITHIN else (bend.far.low, bend.far.high)
    low, high = map(float, far)
    return f" {words.interval(check.coordinates.interval(verdict.predicted, low, high))}"
