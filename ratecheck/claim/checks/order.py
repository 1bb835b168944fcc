"""A quantity lies below, or above, another one or a formula at every point."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

from ratecheck.claim.checks.base import Check
from ratecheck.claim.coordinates import RATIO, Coordinates, Relation
from ratecheck.words import Phrase


@dataclass(frozen=True)
class _Order(Check):
    formula: str = "1"
    _: KW_ONLY
    than: str | None = None
    margin: float = field(default=0.0)
    coordinates: ClassVar[Coordinates] = RATIO
    needs_margin: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        than = f"-{self.than}" if self.than else ""
        return self.name or f"{self.quantity}-{self.kind}{than}"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity, self.than) if self.than else (self.quantity,)

    @property
    def ratio(self) -> tuple[str, str] | None:
        """What stays on one side of the formula, where it is a ratio of two quantities."""
        return (self.quantity, self.than) if self.than else None

    @property
    def phrase(self) -> Phrase:
        """What the check claims, in words."""
        drawn, order = "{quantity} / {other}", self.said.order
        if self.than and self.formula == "1":
            return self.said
        if self.than:
            before = f"is {self.kind} {{other}} times"
            return Phrase(before, "at every point", drawn=f"{drawn} / formula", order=order)
        drawn = "{quantity} / formula"
        return Phrase(f"is {self.kind}", "at every point", drawn=drawn, order=order)


@dataclass(frozen=True)
class Below(_Order):
    """``quantity`` is smaller than ``than``, or than a formula, at every point.

    ``Below("q", than="r")`` compares paired replicates; ``Below("gap", "4*lam")`` a quantity with
    a formula; both together say that q < formula * r. With a margin it may be that fraction larger.
    """

    kind: ClassVar[str] = "below"
    relation: ClassVar[Relation] = "at most"
    said: ClassVar[Phrase] = Phrase(
        "is below {other} at every point",
        formula=False,
        drawn="{quantity} / {other}",
        order="at most ",
    )


@dataclass(frozen=True)
class Above(_Order):
    """``quantity`` is larger than ``than``, or than a formula, at every point; see `Below`."""

    kind: ClassVar[str] = "above"
    relation: ClassVar[Relation] = "at least"
    said: ClassVar[Phrase] = Phrase(
        "is above {other} at every point",
        formula=False,
        drawn="{quantity} / {other}",
        order="at least ",
    )
