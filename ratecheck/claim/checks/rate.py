"""The quantity behaves like a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ratecheck.claim.checks.base import Check
from ratecheck.errors import ClaimError
from ratecheck.words import Phrase

FIT = "fit"


@dataclass(frozen=True)
class Rate(Check):
    """The quantity behaves like the formula: equal slopes in log-log, up to the margin.

    Parameters
    ----------
    floor : "fit", optional
        The quantity is the formula on top of a value E >= 0 that the theorem does not know, as a
        loss is: E is fitted, and the exponent is that of what is above it.
    """

    floor: str | None = None

    kind: ClassVar[str] = "rate"
    said: ClassVar[Phrase] = Phrase("behaves like")

    @property
    def reading(self) -> str:
        """Of the whole quantity, or of what is above its floor."""
        return "floored" if self.floor == FIT else super().reading

    @property
    def phrase(self) -> Phrase:
        """What the check claims, in words."""
        return Phrase("above a floor behaves like") if self.floor == FIT else self.said

    def validate(self, where: str, at: str) -> None:
        """Raise `ClaimError` unless the floor is one to be fitted."""
        if self.floor not in (None, FIT):
            raise ClaimError(
                where, f"{at}.floor", f"is {self.floor!r}",
                "write floor='fit', or declare the size of a floor at the experiment",
            )  # fmt: skip
