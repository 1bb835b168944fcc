"""The quantity behaves like a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ratecheck.claim.checks.base import Check
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Rate(Check):
    """The quantity behaves like the formula: equal slopes in log-log, up to the margin."""

    kind: ClassVar[str] = "rate"
    said: ClassVar[Phrase] = Phrase("behaves like")
