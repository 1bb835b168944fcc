"""The quantity is O or Omega of a formula: bounds on its slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ratecheck.claim.checks.base import Check, Grid
from ratecheck.claim.coordinates import Relation
from ratecheck.errors import FormulaError
from ratecheck.words import Phrase

FAR = 6  # how many more windows of the same ratio the limit is looked for
FLAT = 0.02


@dataclass(frozen=True)
class _Bound(Check):
    def vacuous(self, question: Grid) -> bool:
        """Whether the bound says nothing on its grid.

        A bound that decreases in the limit but not yet on the grid (n^-a log^9 n at small n) cannot
        be broken there, and neither can one that increases in the limit but falls on the grid.
        """
        here = question.slope()
        ratio = question.points[-1] / question.points[0]
        far = tuple(x * ratio**FAR for x in question.points)
        try:
            limit = question.along(far).slope()
        except FormulaError:
            return False
        return abs(limit) > FLAT and (abs(here) <= FLAT or here * limit < 0)


@dataclass(frozen=True)
class AtMost(_Bound):
    """The quantity is O(formula): decaying faster than the formula is no failure."""

    kind: ClassVar[str] = "at most"
    relation: ClassVar[Relation] = "at most"
    said: ClassVar[Phrase] = Phrase("is at most of order", order="O of ")


@dataclass(frozen=True)
class AtLeast(_Bound):
    """The quantity is Omega(formula): decaying slower than the formula is no failure."""

    kind: ClassVar[str] = "at least"
    relation: ClassVar[Relation] = "at least"
    said: ClassVar[Phrase] = Phrase("is at least of order", order="Omega of ")
