"""The quantity decays exponentially."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ratecheck.claim.checks.base import Check, Grid
from ratecheck.claim.coordinates import SEMI_LOG, Coordinates, Relation
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Decay(Check):
    """The quantity behaves like the formula, an exponential in the axis: semi-log slopes.

    ``Decay("gap", "exp(-2*alpha*t)", margin=0.1)``; the margin is a fraction of the predicted
    rate. With ``bound=True`` only a slower decay is a failure.
    """

    _: KW_ONLY
    bound: bool = False
    kind: ClassVar[str] = "decay"
    coordinates: ClassVar[Coordinates] = SEMI_LOG
    said: ClassVar[Phrase] = Phrase("decays like")

    @property
    def side(self) -> Relation:
        """How much slower than predicted it may be, and how much faster."""
        return "at most" if self.bound else "equal"

    @property
    def phrase(self) -> Phrase:
        """What the check claims, in words."""
        return Phrase("decays at least like") if self.bound else self.said

    def validate_on(self, question: Grid) -> tuple[str, str] | None:
        """The formula must decay, or distances from it would be fractions of nothing."""
        if self.coordinates.measurable(question.slope()):
            return None
        return (
            f"'{self.formula}' does not decay in {question.axis}",
            "write an exponential, or use Flat where nothing should depend on it",
        )
