"""Times to a goal, some of which the budget cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding
    from ratecheck.inference.sequential import Level

RARE = "the goal was reached too rarely at some point; give it a larger budget there"


class Times(Form):
    """As errors, with ``inf`` where the budget ended before the goal."""

    name: ClassVar[str] = "times"
    about: ClassVar[str] = "times to a goal, infinite where the budget ended first"

    def refuse(self, values: Array) -> str | None:
        """Positive, or infinite."""
        if (values < 0).any():
            return f"is negative ({values.min():.3g}); an error is not, or declare data='signed'"
        return None

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of the log of a fixed quantile."""
        import numpy as np

        from ratecheck.inference import censored, loglog
        from ratecheck.inference.finding import estimated, no_interval

        few = common.too_few(sample)
        if few:
            return no_interval(few)
        check = question.check
        times = [np.asarray(v) for v in sample.values[check.quantity]]
        weights = loglog.slope_weights(question.abscissa)
        theta = censored.contrast(times, weights, question.log_formula, float(level.tail))
        if not theta.usable:
            return no_interval(RARE)
        return estimated(theta, check.margin, check.side, signs=True)
