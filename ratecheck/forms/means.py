"""Means with their standard errors: a table of averages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Point
    from ratecheck.inference.sequential import Level

MEAN, SE = 0, 1
FEWEST = 4  # points of a verdict
UNBELIEVABLE = 0.01
LOST = "no mean is three standard errors from zero; take more replicates behind each"
HIDDEN = "a mean is within four standard errors of zero: no floor is seen; leave it out"
MORE = "{needed} times as many replicates behind each mean would decide."


class Means(Form):
    """``f(n, ...)`` returns a mean, of either sign, and its standard error."""

    name: ClassVar[str] = "means"
    about: ClassVar[str] = "a mean and its standard error a point"
    random: ClassVar[bool] = False

    def shape(self, size: int, points: int) -> tuple[int, ...]:
        """A mean and its standard error."""
        return (2,)

    def refuse(self, values: Array) -> str | None:
        """Finite, with a positive standard error."""
        import numpy as np

        if not np.isfinite(values).all():
            return "is infinite; only data='times' may hold inf"
        if values[SE] <= 0:
            return f"has the standard error {values[SE]:.3g}; without one, declare data='measured'"
        return None

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Exponents of the mean that the means do not reject, with what a bend may excuse."""
        from ratecheck.inference import means
        from ratecheck.inference.finding import means_read, no_interval

        check = question.check
        mean, se = self._rows(question, sample)
        x, offset, tail = question.abscissa, question.log_formula, float(level.tail)
        if len(x) < 3:
            return no_interval("two points leave nothing to test a slope with; take more")
        margin, side = check.margin, check.side
        seen, outcome, reason = means.decide(mean, se, x, offset, margin, side, tail)
        if not seen.seen:
            return no_interval(LOST)
        found = replace(
            means_read(seen, outcome, reason, margin, side),
            warnings=_doubt(float(seen.chi2), len(x)),
            advice=MORE,
        )
        if len(x) < FEWEST:
            return replace(found, outcome="INCONCLUSIVE", reason="too few points")
        return found

    def floored(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of what is above an unknown floor, where no mean drowns in its noise."""
        import numpy as np

        from ratecheck.forms import floored
        from ratecheck.inference import means
        from ratecheck.inference.finding import no_interval

        mean, se = self._rows(question, sample)
        if (mean < means.DROWNED * se).any():
            return no_interval(HIDDEN)
        return floored.finding(question, np.log(mean), (se / mean) ** 2, level, MORE)

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """The means with their intervals, as their standard errors have them."""
        from scipy.special import ndtri

        from ratecheck.inference.finding import Point

        z = -float(ndtri(tail))
        mean, se = self._rows(question, sample)
        rows = zip(question.points, mean, se, question.values(), strict=True)
        return tuple(
            Point(float(x), float(m), (float(m - z * s), float(m + z * s)), float(f), 1)
            for x, m, s, f in rows
        )

    def _rows(self, question: Question, sample: Sample) -> tuple[Array, Array]:
        """Means and standard errors, each of shape (k,)."""
        import numpy as np

        rows = np.array([np.asarray(v) for v in sample.values[question.check.quantity]])
        return rows[:, MEAN], rows[:, SE]


def _doubt(chi2: float, k: int) -> tuple[str, ...]:
    """Where the scatter about the best power law does not go with the standard errors."""
    from scipy.special import chdtrc

    df = k - 2
    if chdtrc(df, chi2 * df) < UNBELIEVABLE:
        return (
            f"the means scatter {chi2**0.5:.2g} times as much about a power law as their standard "
            "errors say: they are too small, or the curve bends; the interval is widened by it",
        )
    return ()
