"""Measured numbers: one or a few noisy values a point, such as run times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common
from ratecheck.forms.errors import Errors

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.residuals import Table
    from ratecheck.inference.sequential import Level

MORE = "{needed} values a point would decide, or as many times more points."
TOGETHER = "neighbours move together"


class Measured(Errors):
    """``f(n, ...)`` returns a positive number, or several; eight or more everywhere are errors."""

    name: ClassVar[str] = "measured"
    about: ClassVar[str] = "one or a few noisy values a point"
    random: ClassVar[bool] = False
    paired: ClassVar[bool] = False
    foresees: ClassVar[bool] = False

    def shape(self, size: int, points: int) -> tuple[int, ...]:
        """Any number of values."""
        return (-1,)

    def refuse(self, values: Array) -> str | None:
        """Positive: a measured 0 has no logarithm."""
        import numpy as np

        if not np.isfinite(values).all():
            return "is infinite; only data='times' may hold inf"
        if (values <= 0).any():
            return f"is {values.min():.3g}; measured values must be positive"
        return None

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of the logs, its noise from residuals and from what replicates there are."""
        from ratecheck.inference import measured
        from ratecheck.inference.finding import Finding, no_interval, slope_read

        if not common.too_few(sample) and len(question.points) >= measured.FEWEST:
            return super().slope(question, sample, level)
        table, x, offset = self._table(question, sample), question.abscissa, question.log_formula
        check, tail = question.check, float(level.tail)
        if len(x) < 2:
            return no_interval("one point has no slope; take more")
        if len(x) < measured.FEWEST:
            theta = measured.few(table, x, offset, tail)
            return Finding(
                "INCONCLUSIVE", "too few points", float(theta.value), float(theta.low),
                float(theta.high), outside=False,
            )  # fmt: skip
        seen, together = measured.read(table, x, offset, check.margin, check.relation, level)
        arm = float(seen.theta.high - seen.theta.value)
        found = replace(slope_read(seen, check.margin, arm), advice=MORE)
        bent = bool(seen.bend.bend_significant)
        warnings = [*found.warnings, *self._outliers(question, table, bent, tail)]
        if together:
            warnings.append(
                "neighbouring points move together; the interval is widened as far as that may go"
            )
            if found.outcome == "INCONCLUSIVE":
                found = replace(found, reason=TOGETHER, settles=None)
        return replace(_turned(question, table, found), warnings=tuple(warnings))

    def floored(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of what is above an unknown floor, by what the residuals show."""
        from ratecheck.forms import floored

        if not common.too_few(sample):
            return super().floored(question, sample, level)
        return floored.finding(question, self._table(question, sample).logs, None, level, MORE)

    def decay(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The semi-log slope, relative to the predicted one; none where the logs bend."""
        from ratecheck.inference import measured
        from ratecheck.inference.finding import estimated, no_interval

        if not common.too_few(sample):
            return super().decay(question, sample, level)
        u = question.abscissa * -question.predicted
        if len(u) < measured.FEWEST:
            return no_interval("fewer than four points show no rate; take more")
        check, table = question.check, self._table(question, sample)
        theta = measured.slope(table, u, -u, float(level.tail))
        found = replace(estimated(theta, check.margin, check.side), advice=MORE)
        if found.outcome == "INCONCLUSIVE" or not measured.bent(table, u, -u):
            return found
        reason = "bends away" if found.outcome == "PASS" else "pre-asymptotic"
        return replace(found, outcome="INCONCLUSIVE", reason=reason)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points, with intervals where there is noise to see."""
        from ratecheck.inference import measured
        from ratecheck.inference.finding import Local

        if not common.too_few(sample):
            return super().local(question, sample, tail)
        if not question.check.coordinates.slopes or len(question.points) < 2:
            return ()
        x, zero = question.abscissa, 0 * question.abscissa
        slopes, ends = measured.local(self._table(question, sample), x, zero, tail)
        seen: list[tuple[float, float] | None] = [*ends] or [None] * len(slopes)
        rows = zip(common.middles(question), slopes, seen, strict=True)
        return tuple(Local(float(m), float(s), interval) for m, s, interval in rows)

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """The geometric means of the values, which is what the slope is taken of."""
        import numpy as np

        from ratecheck.inference.finding import Point

        if not common.too_few(sample):
            return super().points(question, sample, tail)
        mean = np.exp(self._table(question, sample).logs)
        columns = self.columns(question, sample)
        rows = zip(question.points, mean, question.values(), columns, strict=True)
        return tuple(Point(float(x), float(m), None, float(f), len(y)) for x, m, f, y in rows)

    def _outliers(
        self, question: Question, table: Table, bent: bool, tail: float
    ) -> tuple[str, ...]:
        """The point that lies off the others, with the answer without it."""
        from ratecheck import words
        from ratecheck.inference import measured

        x, offset = question.abscissa, question.log_formula
        found = measured.outlier(table, x, offset, bent)
        if found is None:
            return ()
        others = [i for i in range(len(x)) if i != found.index]
        rest = measured.without(table, found.index)
        theta = measured.slope(rest, x[others], offset[others], tail)
        measured_, low, high = (
            question.predicted + float(v) for v in (theta.value, theta.low, theta.high)
        )
        return (
            f"{question.axis} = {question.points[found.index]:g} lies off the others "
            f"(t = {found.t:.1f}); it is kept, and without it the exponent is "
            f"{words.number(measured_)} {words.interval((low, high))}",
        )

    def _table(self, question: Question, sample: Sample) -> Table:
        from ratecheck.inference import residuals

        return residuals.table_of(self.columns(question, sample))


def _turned(question: Question, table: Table, found: Finding) -> Finding:
    """What was found, but no FAIL for values that fall and rise again, as round-off makes them."""
    import numpy as np

    from ratecheck.inference import floors

    values = np.exp(table.logs)
    asked = found.outcome == "FAIL" or found.reason == TOGETHER
    up = floors.turns_up(values) if asked else None
    if up is None:
        return found
    return replace(
        found,
        outcome="INCONCLUSIVE",
        reason="turns up",
        note=common.rising(question, values, up),
        reach=(-np.inf, np.inf),
    )
