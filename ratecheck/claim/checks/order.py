"""One quantity lies below another at every point."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

from ratecheck.claim.checks.base import Check
from ratecheck.claim.coordinates import RATIO, Coordinates, Relation
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Below(Check):
    """``quantity`` is smaller than ``than`` at every point, in paired replicates."""

    formula: str = field(default="1", init=False)
    _: KW_ONLY
    than: str
    margin: float = field(default=0.0)
    kind: ClassVar[str] = "below"
    coordinates: ClassVar[Coordinates] = RATIO
    relation: ClassVar[Relation] = "at most"
    needs_margin: ClassVar[bool] = False
    said: ClassVar[Phrase] = Phrase(
        "is below {other} at every point",
        formula=False,
        drawn="{quantity} / {other}",
        order="at most ",
    )

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-below-{self.than}"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity, self.than)

    @property
    def ratio(self) -> tuple[str, str]:
        """What stays below 1: this quantity over the other one."""
        return (self.quantity, self.than)
