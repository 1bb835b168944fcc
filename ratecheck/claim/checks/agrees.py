"""The quantity equals a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ratecheck.claim.checks.base import Check
from ratecheck.claim.coordinates import RATIO, Coordinates
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Agrees(Check):
    """The ratio of quantity to formula is 1 within the margin, at every point at once."""

    kind: ClassVar[str] = "agrees"
    coordinates: ClassVar[Coordinates] = RATIO
    said: ClassVar[Phrase] = Phrase("equals", "at every point", drawn="{quantity} / formula")

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-agrees"
