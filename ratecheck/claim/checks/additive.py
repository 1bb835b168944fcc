"""Two sources of error add up."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

from ratecheck.claim import fields
from ratecheck.claim.checks.base import Check
from ratecheck.claim.coordinates import CORNERS, Coordinates
from ratecheck.errors import ClaimError
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Additive(Check):
    """Two sources of error add up: (first + second - neither) / both is 1 within the margin.

    ``quantity`` is the error with both sources on; ``parts`` the two errors with one source on,
    ``neither`` (optional) the error with none.
    """

    formula: str = field(default="1", init=False)
    _: KW_ONLY
    parts: tuple[str, str]
    neither: str | None = None
    kind: ClassVar[str] = "additive"
    coordinates: ClassVar[Coordinates] = CORNERS
    said: ClassVar[Phrase] = Phrase(
        "add up to {quantity}",
        subject="{parts}",
        formula=False,
        drawn="sum of parts / {quantity}",
    )

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-additive"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads: both, first, second and perhaps neither."""
        rest = (self.neither,) if self.neither else ()
        return (self.quantity, *self.parts, *rest)

    def validate(self, where: str, at: str) -> None:
        """Two parts, and perhaps a corner with neither."""
        parts = fields.listed(where, f"{at}.parts", self.parts)
        if len(parts) != 2:
            raise ClaimError(where, f"{at}.parts", f"has {len(parts)} entries", "name two parts")
        if self.neither is not None:
            fields.text(where, f"{at}.neither", self.neither)
