"""Signed errors, whose absolute mean is the bias that a theorem is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding
    from ratecheck.inference.sequential import Level

BURIED = "the bias is at its Monte Carlo floor; take more replicates, or points where it is larger"


class Signed(Form):
    """As errors, of either sign; the check is of the absolute mean."""

    name: ClassVar[str] = "signed"
    about: ClassVar[str] = "signed errors; the check is of the absolute mean"

    def refuse(self, values: Array) -> str | None:
        """Any finite number will do."""
        import numpy as np

        return None if np.isfinite(values).all() else "is infinite; only data='times' may hold inf"

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Exponents of the absolute mean that the means do not reject, here and in the far half."""
        from ratecheck.inference import means
        from ratecheck.inference.finding import means_read, no_interval

        few = common.too_few(sample)
        if few:
            return no_interval(few)
        check, x, offset = question.check, question.abscissa, question.log_formula
        mean, se, freedom = means.of_replicates(sample.values[check.quantity])
        seen, outcome, reason = means.decide(
            mean,
            se,
            x,
            offset,
            check.margin,
            check.side,
            float(level.tail),
            freedom,
            float(level.share),
        )
        if not seen.seen:
            return no_interval(BURIED)
        return means_read(seen, outcome, reason, check.margin, check.side)

    def corners(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Additivity of biases, from the four corners of a two-source design."""
        from ratecheck.inference.finding import no_interval

        few = common.too_few(sample)
        return no_interval(few) if few else common.corners(question, sample, float(level.tail))
