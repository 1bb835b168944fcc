"""Times to a goal, some of which the budget cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local
    from ratecheck.inference.quantiles import Quantiles
    from ratecheck.inference.sequential import Level

RARE = "the goal was reached too rarely at some point; give it a larger budget there"


class Times(Form):
    """As errors, with ``inf`` where the budget ended before the goal."""

    name: ClassVar[str] = "times"
    about: ClassVar[str] = "times to a goal, infinite where the budget ended first"
    below: ClassVar[str] = "a time is not"

    def refuse(self, values: Array) -> str | None:
        """Positive, or infinite."""
        if (values < 0).any():
            return f"is negative ({values.min():.3g}); {self.below}"
        return None

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of the log of a fixed quantile, with its curvature."""
        from ratecheck.inference.finding import no_interval

        few = common.too_few(sample)
        if few:
            return no_interval(few)
        data = self._quantiles(question, sample)
        return common.slope(question, data, level) if data.usable else no_interval(RARE)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points, with intervals."""
        return common.local_slopes(question, lambda: self._quantiles(question, sample), tail)

    def _quantiles(self, question: Question, sample: Sample) -> Quantiles:
        from ratecheck.inference import quantiles

        quantity = question.check.quantity
        return sample.once(
            ("quantiles", quantity), lambda: quantiles.summarise(sample.values[quantity])
        )
