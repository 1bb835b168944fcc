"""Noise-free values: one exact number a point."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.floors import Clean
    from ratecheck.inference.sequence import Tail
    from ratecheck.inference.sequential import Level

TOO_SHORT = "too few values are above round-off or a declared floor; begin the grid earlier"
NOTHING = "the values are nothing but round-off, which grows: the computation is exact here"
NO_FALL = "errors against a reference must fall from point to point, as the formula does"
ROUND_OFF = "round-off rules"  # how the warnings begin that only a part of the grid was judged
FLOOR = "a floor rules"


class Exact(Form):
    """``f(n, ...)`` returns plain numbers, without noise."""

    name: ClassVar[str] = "exact"
    about: ClassVar[str] = "one exact value a point"
    below: ClassVar[str] = "an error is not; return its absolute value"
    random: ClassVar[bool] = False
    noisy: ClassVar[bool] = False
    paired: ClassVar[bool] = True
    floors: ClassVar[bool] = True

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Where the local exponents are heading."""
        import numpy as np

        from ratecheck.inference import floors
        from ratecheck.inference.finding import no_interval

        x, values = question.abscissa, self._values(question, sample)
        formula = np.exp(question.log_formula)
        if self.floor == floors.REFERENCE and not floors.same(values):
            seen = floors.against_reference(x, values, formula)
            if seen is None:
                return no_interval(NO_FALL)
            return self._found(question, seen[2], *floors.tail(*seen))
        tail, above = floors.tail(x, values / formula, values, self.floor)
        found = self._found(question, values, tail, above)
        return replace(found, step=tail.kept - 2 if tail.kept > 1 else None)

    def decay(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Where the local rates are heading, relative to the predicted one."""
        import numpy as np

        from ratecheck.inference import floors
        from ratecheck.inference.finding import no_interval

        values, t, rate = self._values(question, sample), question.abscissa, -question.predicted
        x, ratio = t * rate, values * np.exp(rate * (t - t[0]))
        if self.floor == floors.REFERENCE and not floors.same(values):
            seen = floors.against_reference(x, values, np.exp(-rate * (t - t[0])))
            if seen is None:
                return no_interval(NO_FALL)
            return self._found(question, seen[2], *floors.tail(*seen))
        return self._found(question, values, *floors.tail(x, ratio, values, self.floor))

    def _found(self, question: Question, values: Array, tail: Tail, above: Clean) -> Finding:
        """What a tail says, and what rules after it."""
        from ratecheck.inference import curvature, floors
        from ratecheck.inference.finding import Finding, Outcome, no_interval

        check = question.check
        rounding = floors.grows(values)
        if tail.kept < 2:
            return no_interval(NOTHING if rounding else TOO_SHORT)
        limits = common.limits(question)
        place = int(curvature.place(tail.low, tail.high, check.margin, check.side))
        outcome: Outcome = "INCONCLUSIVE"
        reason, note = "", ""
        reach = None
        if place == curvature.WITHIN and tail.state != "too short":
            outcome, reason = "PASS", "inside the margin"
        elif not rounding and tail.elsewhere(*limits):
            outcome, reason = "FAIL", "outside the margin"
            if floors.same(values):
                note = "It is one and the same value at every point."
        up = None if above.kept < len(values) or outcome == "PASS" else floors.turns_up(values)
        if up is not None:
            outcome, reason = "INCONCLUSIVE", "turns up"
            note = common.rising(question, values, up)
        if outcome == "INCONCLUSIVE":
            reach = (-inf, inf) if rounding or up is not None else tail.reach(*limits)
            reason = reason or ("round-off" if rounding else _unsettled(tail, above, values))
        if above.cause == "turn-up":
            note = f"From {common.at(question, values, above.kept)} on a floor rules: {SHORTEN}."
        return Finding(
            outcome,
            reason,
            tail.last,  # not the slope over the grid: the interval is about where that is heading
            tail.low,
            tail.high,
            outside=place in (curvature.ABOVE, curvature.BELOW) and not rounding,
            far=tail.last,
            reach=reach,
            note=note,
            warnings=_left_out(question, values, above),
        )

    def ratios(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The ratio at every point."""
        import numpy as np

        from ratecheck.inference.simultaneous import Ratios

        logs = np.log(self._values(question, sample)) - question.log_formula
        return common.everywhere(question, Ratios(logs, logs, logs, logs, logs))

    def corners(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Additivity, from the four corners of a two-source design."""
        return common.corners(question, sample, float(level.tail))

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """The values, or their ratios where the check is about a ratio."""
        from ratecheck.inference.finding import Point

        if question.check.ratio is None:
            return super().points(question, sample, tail)
        rows = zip(question.points, self._values(question, sample), question.values(), strict=True)
        return tuple(Point(float(x), float(value), None, float(f), 1) for x, value, f in rows)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points, up to a value of 0."""
        import numpy as np

        from ratecheck.inference import sequence
        from ratecheck.inference.finding import Local

        if not question.check.coordinates.slopes:
            return ()
        x, values = question.abscissa, self._values(question, sample)
        known = sequence.before_round_off(x, values) if (values == 0).any() else len(values)
        slopes = sequence.local_exponents(x[:known], np.log(values[:known]))
        pairs = zip(common.middles(question), slopes, strict=False)
        return tuple(Local(float(m), float(s), None) for m, s in pairs)

    def spoilt(self, question: Question, sample: Sample) -> str | None:
        """Why an exact value of 0 makes the numbers useless; None where there is none, or it is
        last.

        Once round-off rules, an error of 0 is as good as any other; before, it has no logarithm.
        """
        import numpy as np

        from ratecheck.inference import floors, sequence

        check = question.check
        for name in check.quantities:
            values = np.array([v[0] for v in sample.values[name]])
            if values.all():
                continue
            first = int(np.argmin(values))
            where = f"'{name}' is 0 at {question.axis} = {sample.points[first]:g}"
            kept = floors.clean(question.abscissa, values, self.floor).kept
            tends = check.coordinates.slopes and check.ratio is None
            hidden = values[first:].max() <= floors.CLEAR * floors.size_of(self.floor, values)
            if not tends or (sequence.above_round_off(values[first:]) and not hidden):
                return f"{where}; an exact error must be positive"
            if kept < sequence.FEWEST:
                return (
                    f"{where}, which is round-off, and only {kept} values are above it; "
                    "shorten the grid at its far end, or begin it earlier"
                )
        return None

    def _values(self, question: Question, sample: Sample) -> Array:
        """Noise-free values of the quantity, or of the ratio that a comparison is about."""
        import numpy as np

        check = question.check
        own = [np.array([v[0] for v in sample.values[n]]) for n in check.ratio or (check.quantity,)]
        return own[0] if check.ratio is None else np.asarray(own[0] / own[1])


SHORTEN = "shorten the grid, refine what errors are taken against, or declare floor="


def _unsettled(tail: Tail, above: Clean, values: Array) -> str:
    """Why a tail decides nothing."""
    if above.cause in ("turn-up", "declared"):
        return "above the floor"
    if tail.state == "too short":
        return "too short"
    if tail.state == "drifting" and values[-1] < values[0]:
        return "steepens" if tail.low == -inf else "levels off"
    return "not settled"


def _left_out(question: Question, values: Array, above: Clean) -> tuple[str, ...]:
    """That only a part of the grid was judged."""
    i = above.kept
    if not above.cause or i >= len(values):
        return ()
    if above.cause == "round-off":
        words, at = ROUND_OFF, f"{question.axis} = {question.points[i]:g}"
    else:
        words, at = FLOOR, f"{question.axis} = {question.points[i]:g}, {values[i]:.3g}"
    return (f"{words} from point {i + 1} ({at}) on; those values are left out",)
