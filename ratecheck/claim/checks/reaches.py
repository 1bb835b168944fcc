"""The threshold at which a curve reaches a goal behaves like a formula."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from ratecheck.claim import fields
from ratecheck.claim.checks.base import Check
from ratecheck.claim.coordinates import CROSSING, Coordinates, Relation
from ratecheck.errors import ClaimError
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Reaches(Check):
    """The ``along`` at which ``quantity`` reaches ``goal`` behaves like the formula.

    ``Reaches("risk", "d**2", along="n", goal=0.1, margin=0.2)``, with ``data="curves"``, says that
    the n at which the mean risk has fallen to 0.1 grows like d^2; ``along`` is a quantity that the
    simulation returns beside the curves, their grid. With ``rising`` it is reached from below.
    """

    _: KW_ONLY
    along: str
    goal: float
    rising: bool = False
    kind: ClassVar[str] = "reaches"
    coordinates: ClassVar[Coordinates] = CROSSING

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.along}-until-{self.quantity}-is-{self.goal:g}"

    @property
    def quantities(self) -> tuple[str, ...]:
        """The curve and its grid."""
        return (self.quantity, self.along)

    @property
    def phrase(self) -> Phrase:
        """What the check claims, in words."""
        first = "rises" if self.rising else "falls"
        subject = f"the {{other}} at which {{quantity}} {first} to {self.goal:g}"
        order = {"at most": "O of ", "at least": "Omega of "}.get(self.relation, "")
        before = {"at most": "is at most of order"}.get(self.relation, "behaves like")
        return Phrase(before, subject=subject, drawn=subject, order=order)

    def validate(self, where: str, at: str) -> None:
        """A goal is a positive number, and the grid has a name."""
        fields.text(where, f"{at}.along", self.along)
        if not fields.is_number(self.goal) or not 0 < self.goal < float("inf"):
            raise ClaimError(where, f"{at}.goal", f"is {self.goal!r}", "use a positive number")


@dataclass(frozen=True)
class ReachesWithin(Reaches):
    """The threshold is O of the formula: reaching the goal earlier is no failure."""

    kind: ClassVar[str] = "reaches within"
    relation: ClassVar[Relation] = "at most"
