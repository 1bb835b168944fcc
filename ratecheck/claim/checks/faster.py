"""One quantity beats another by a factor that grows."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from typing import ClassVar, Self

from ratecheck.claim.checks.base import Check
from ratecheck.claim.coordinates import Relation
from ratecheck.words import Phrase


@dataclass(frozen=True)
class Faster(Check):
    """``quantity`` beats ``than`` by at least the factor ``by``: a paired difference of exponents.

    ``Faster("svrg", than="full_gradient", by="sqrt(n)", margin=0.08)`` says that
    full_gradient/svrg grows at least like sqrt(n).
    """

    formula: str = field(default="1", init=False)
    _: KW_ONLY
    than: str
    by: str
    kind: ClassVar[str] = "faster"
    relation: ClassVar[Relation] = "at least"
    said: ClassVar[Phrase] = Phrase(
        "beats {other} by at least the factor", drawn="{other} / {quantity}", order="by "
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "formula", self.by)

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-faster-than-{self.than}"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity, self.than)

    @property
    def ratio(self) -> tuple[str, str]:
        """What grows: the other quantity over this one."""
        return (self.than, self.quantity)

    def saying(self, formula: str) -> Self:
        """The same check with another factor."""
        return replace(self, by=formula)
