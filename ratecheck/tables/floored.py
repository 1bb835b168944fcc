"""Claims of what is above a floor that nobody knows, such as that of a loss curve."""

from __future__ import annotations

from dataclasses import dataclass

from ratecheck.claim.checks import AtLeast, AtMost, Check, Rate
from ratecheck.claim.checks.rate import FIT
from ratecheck.claim.coordinates import Relation

READING = Rate("", "1", margin=1.0, floor=FIT).reading


@dataclass(frozen=True)
class _AtMost(AtMost):
    @property
    def reading(self) -> str:
        """Of what is above the floor."""
        return READING


@dataclass(frozen=True)
class _AtLeast(AtLeast):
    @property
    def reading(self) -> str:
        """Of what is above the floor."""
        return READING


def check(quantity: str, formula: str, margin: float, relation: Relation) -> Check:
    """A claim of the exponent above a floor that is fitted along with it."""
    if relation == "equal":
        return Rate(quantity, formula, margin=margin, floor=FIT)
    kind = _AtMost if relation == "at most" else _AtLeast
    return kind(quantity, formula, margin=margin)
