"""The quantity does not depend on the axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ratecheck.claim.checks.base import Check
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Flat(Check):
    """The quantity does not depend on the axis: slope 0."""

    formula: str = "1"
    kind: ClassVar[str] = "flat"
    said: ClassVar[Phrase] = Phrase("does not depend on {axis}", formula=False)

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-flat"
