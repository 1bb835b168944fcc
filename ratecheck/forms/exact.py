"""Noise-free values: one exact number a point."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.sequence import Tail
    from ratecheck.inference.sequential import Level

TOO_SHORT = "too few values are above round-off; begin the grid earlier"
ROUND_OFF = "round-off rules"  # how the warning begins that only a part of the grid was judged


class Exact(Form):
    """``f(n, ...)`` returns plain numbers, without noise."""

    name: ClassVar[str] = "exact"
    about: ClassVar[str] = "one exact value a point"
    random: ClassVar[bool] = False
    paired: ClassVar[bool] = True

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Where the local exponents are heading."""
        import numpy as np

        from ratecheck.inference import curvature, sequence
        from ratecheck.inference.finding import Finding, Outcome, no_interval

        check = question.check
        values = self._values(question, sample)
        formula = np.exp(question.log_formula)
        tail = sequence.tail_exponent(question.abscissa, values / formula, values)
        at = int(curvature.place(tail.low, tail.high, check.margin, check.side))
        if tail.kept < 2:
            return no_interval(TOO_SHORT)
        reach = None
        outcome: Outcome = "INCONCLUSIVE"
        if at == curvature.WITHIN and tail.state != "too short":
            outcome, reason = "PASS", "inside the margin"
        elif tail.elsewhere(*common.limits(question)):
            outcome, reason = "FAIL", "outside the margin"
        else:
            reason = "too short" if tail.state == "too short" else "not settled"
            reach = tail.reach(*common.limits(question))
        return Finding(
            outcome,
            reason,
            tail.last,  # not the slope over the grid: the interval is about where that is heading
            tail.low,
            tail.high,
            outside=at in (curvature.ABOVE, curvature.BELOW),
            reach=reach,
            far=tail.last,
            warnings=_rounded(question, tail),
        )

    def decay(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Where the local rates are heading, relative to the predicted one."""
        import numpy as np

        from ratecheck.inference import sequence
        from ratecheck.inference.finding import no_interval, window

        check = question.check
        values, t, rate = self._values(question, sample), question.abscissa, -question.predicted
        trend = sequence.tail_exponent(t * rate, values * np.exp(rate * (t - t[0])), values)
        if trend.kept < 2:
            return no_interval(TOO_SHORT)
        found = window(
            trend.last, trend.low, trend.high, check.margin, check.side,
            warnings=_rounded(question, trend),
        )  # fmt: skip
        if found.outcome == "FAIL" and not trend.elsewhere(*common.limits(question)):
            return replace(found, outcome="INCONCLUSIVE", reason="not settled")
        return found

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

        from ratecheck.inference import sequence

        check = question.check
        for name in check.quantities:
            values = np.array([v[0] for v in sample.values[name]])
            if values.all():
                continue
            first = int(np.argmin(values))
            where = f"'{name}' is 0 at {question.axis} = {sample.points[first]:g}"
            kept = sequence.before_round_off(question.abscissa, values)
            tends = check.coordinates.slopes and check.ratio is None
            if not tends or sequence.above_round_off(values[first:]):
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


def _rounded(question: Question, tail: Tail) -> tuple[str, ...]:
    if tail.kept == len(question.points):
        return ()
    where = f"from point {tail.kept + 1} ({question.axis} = {question.points[tail.kept]:g}) on"
    return (f"{ROUND_OFF} {where}; those values are left out",)
