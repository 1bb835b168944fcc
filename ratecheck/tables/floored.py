"""A table on a floor that nobody knows, such as a loss curve: y = E + A n^-a."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.sequential import Level
    from ratecheck.inference.unknown_floor import Floored

FIT = "fit"
SHORTEST = 5


class AboveFitted(Form):
    """Another form of data, of whose exponent the floor is fitted along with it.

    Parameters
    ----------
    own : Form
        What the values are; its points are shown.
    errors : tuple of float, optional
        Standard errors of the means, one a point.
    """

    def __init__(self, own: Form, errors: tuple[float, ...] | None) -> None:
        self.own, self.errors = own, errors
        self.name = own.name  # type: ignore[misc]  # what is shown; only a class's own registers
        self.noisy = own.noisy  # type: ignore[misc]

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The exponent above the floor, with the interval of its profile."""
        from ratecheck.inference.finding import no_interval, window

        if len(question.points) < SHORTEST:
            return no_interval(f"a floor and an exponent need {SHORTEST} points")
        if (self._means(question, sample) <= 0).any():
            return no_interval("a mean is not positive")
        seen = self._seen(question, sample, float(level.tail))
        theta, low, high = (
            float(value) - question.predicted for value in (seen.exponent, seen.low, seen.high)
        )
        check = question.check
        note = f"the floor was fitted, too: {float(seen.floor):.4g}"
        return window(theta, low, high, check.margin, check.side, warnings=(note,))

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """Those of the values."""
        return self.own.points(question, sample, tail)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points, of what is left above the fitted floor."""
        import numpy as np

        from ratecheck.inference.finding import Local

        means = self._means(question, sample)
        if len(means) < SHORTEST or (means <= 0).any():
            return ()
        left = means - float(self._seen(question, sample, tail).floor)
        kept = int(np.argmax(left <= 0)) if (left <= 0).any() else len(left)
        slopes = np.diff(np.log(left[:kept])) / np.diff(question.abscissa[:kept])
        pairs = zip(common.middles(question), slopes, strict=False)
        return tuple(Local(float(m), float(s), None) for m, s in pairs)

    def _seen(self, question: Question, sample: Sample, tail: float) -> Floored:
        import numpy as np

        from ratecheck.inference.unknown_floor import profile

        means = self._means(question, sample)
        variance = None if self.errors is None else (np.array(self.errors) / means) ** 2
        sign = 1.0 if means[-1] > means[0] else -1.0
        return profile(
            question.abscissa, np.log(means), question.log_formula, sign, tail, variance=variance
        )

    def _means(self, question: Question, sample: Sample) -> Array:
        """Shape (k,); of means with standard errors, the means."""
        import numpy as np

        rows = sample.values[question.check.quantity]
        return np.array([float(row[0] if self.errors is not None else row.mean()) for row in rows])
