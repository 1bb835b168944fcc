"""What is common to every kind of check: quantity + prediction + relation + margin.

A kind is one class in one file. It names its coordinates, in which the prediction is a number, and
the side of it on which the theorem allows the truth to lie; the rest has defaults. A subclass with
a ``kind`` of its own is known by that name from then on (`KINDS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, ClassVar, Protocol, Self

from ratecheck.claim.coordinates import LOG_LOG, Coordinates, Relation
from ratecheck.claim.falsifier import Falsifier
from ratecheck.words import Phrase

KINDS: dict[str, type[Check]] = {}


class Grid(Protocol):
    """What a kind may ask of the question that it is part of (`ratecheck.claim.question`)."""

    @property
    def axis(self) -> str:
        """Name of the axis."""

    @property
    def points(self) -> tuple[float, ...]:
        """Its points."""

    def along(self, points: tuple[float, ...]) -> Self:
        """The same on other points."""

    def slope(self) -> float:
        """Slope of the check's formula."""


@dataclass(frozen=True)
class Check:
    """What is common to every check.

    Parameters
    ----------
    quantity : str
        Name of a number that the simulation returns.
    formula : str
        The prediction, in the names of the axis and of the case's parameters.
    margin : float
        How far the truth may lie from the prediction: of a slope in absolute terms, of a `Decay`
        and of ratios as a fraction. It comes from the distance to the nearest rival or from the
        theorem's own finite-n formula, never from a measured value.
    axis : str, optional
        The axis along which to test; without it the check runs along every axis of its experiment.
    rivals : mapping of name to formula
        Other predictions, which the data must exclude.
    when : str, optional
        A condition on the case's parameters, such as ``"r > 1/2"``; other cases are left out.
    name : str, optional
        How the check is called in reports and test ids; by default the quantity and the kind.
    fails : sequence of Falsifier
        The variants on which the check must fail.

    Attributes
    ----------
    kind : str
        Name in ids and reports; a class that sets it is registered.
    coordinates : Coordinates
        In which the prediction is a number.
    relation : {"equal", "at most", "at least"}
        What the theorem says of the measured value.
    needs_margin : bool
        Whether the margin must be above 0, and a reader may choose another one.
    """

    quantity: str
    formula: str
    _: KW_ONLY
    margin: float
    axis: str | None = None
    rivals: Mapping[str, str] = field(default_factory=dict)
    when: str | None = None
    name: str | None = None
    fails: Sequence[Falsifier] = ()

    kind: ClassVar[str] = "check"
    coordinates: ClassVar[Coordinates] = LOG_LOG
    relation: ClassVar[Relation] = "equal"
    needs_margin: ClassVar[bool] = True
    said: ClassVar[Phrase] = Phrase("behaves like")

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if "kind" in cls.__dict__:
            known = KINDS.get(cls.kind)
            if known is not None and known.__qualname__ != cls.__qualname__:
                raise TypeError(f"the kind '{cls.kind}' is {known.__qualname__}; name another")
            KINDS[cls.kind] = cls

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or self.quantity

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity,)

    @property
    def ratio(self) -> tuple[str, str] | None:
        """Numerator and denominator, where the check is about a ratio of paired quantities."""
        return None

    @property
    def side(self) -> Relation:
        """Where theta, the off-ness from the prediction, may lie."""
        return self.relation

    @property
    def reading(self) -> str:
        """The method of a form of data that finds theta."""
        return self.coordinates.reading

    @property
    def phrase(self) -> Phrase:
        """What the check claims, in words."""
        return self.said

    def saying(self, formula: str) -> Self:
        """The same check with another prediction."""
        return replace(self, formula=formula)

    def vacuous(self, question: Grid) -> bool:
        """Whether the check says nothing on its grid, so that nothing could break it there."""
        return False

    def validate(self, where: str, at: str) -> None:
        """Raise `ClaimError` for a field of the kind's own that is malformed."""

    def validate_on(self, question: Grid) -> tuple[str, str] | None:
        """What is wrong with the prediction on a grid on which it has values, and the fix."""
        return None
