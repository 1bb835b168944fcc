"""A question: what is asked of numbers, apart from where they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ratecheck.claim.checks import Check
from ratecheck.claim.coordinates import Design
from ratecheck.claim.falsifier import Params, Value
from ratecheck.claim.formula import Formula
from ratecheck.errors import FormulaError

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array

STRAIGHT = 1e-9


@lru_cache(maxsize=4096)
def _values(
    text: str, axis: str, points: tuple[float, ...], params: tuple[tuple[str, Value], ...]
) -> tuple[float, ...]:
    formula = Formula(text)
    return tuple(formula(**{**dict(params), axis: x}) for x in points)


@dataclass(frozen=True)
class Question:
    """A check along one axis, with all that its formula needs.

    Attributes
    ----------
    check : Check
        Of a falsifier, with the falsifier's quantity in place of its own.
    axis : str
    points : tuple of float
        The k points of the axis, in the order in which they approach the limit.
    params : mapping
        What formulas are evaluated with, besides the axis.
    """

    check: Check
    axis: str
    points: tuple[float, ...]
    params: Params

    def along(self, points: tuple[float, ...]) -> Question:
        """The same on other points."""
        return replace(self, points=points)

    def saying(self, text: str) -> Question:
        """The same with another prediction."""
        return replace(self, check=self.check.saying(text))

    def values(self, text: str | None = None) -> list[float]:
        """Values of a formula (the check's own by default) at the points."""
        shown = self.check.formula if text is None else text
        return list(_values(shown, self.axis, self.points, tuple(self.params.items())))

    @property
    def inverse(self) -> bool:
        """Whether the axis goes to 0, so that all is judged in one over it."""
        return self.points[-1] < self.points[0]

    @property
    def places(self) -> tuple[float, ...]:
        """The points, or one over them where they go to 0: increasing."""
        return tuple(1 / x for x in self.points) if self.inverse else self.points

    @property
    def shown(self) -> str:
        """What exponents are in."""
        return f"1/{self.axis}" if self.inverse else self.axis

    def back(self, place: float) -> float:
        """The value of the axis at a place."""
        return 1 / place if self.inverse else place

    @property
    def log_formula(self) -> Array:
        """Logs of the formula, shape (k,)."""
        import numpy as np

        return np.asarray(np.log(np.array(self.values())))

    @property
    def abscissa(self) -> Array:
        """The points in the check's coordinates, shape (k,)."""
        return self.check.coordinates.abscissa(self.places)

    @property
    def predicted(self) -> float:
        """What the check predicts: a slope, or the ratio 1."""
        return self.predicted_by(self.check.formula)

    def predicted_by(self, text: str) -> float:
        """What another formula predicts, in the same coordinates."""
        own, values = self.values(), self.values(text)
        return self.check.coordinates.predicted(self.places, values, own)

    def bends(self, text: str | None = None) -> bool:
        """Whether a formula's local exponents differ along the grid."""
        import numpy as np

        return bool(np.ptp(self._local(text)) > STRAIGHT)

    def predicted_at(self, step: int | None, text: str | None = None) -> float:
        """What a formula predicts where theta is read: over the whole grid, or at one step.

        A formula that does not bend predicts the same everywhere.
        """
        straight = self.check.coordinates.reading != "slope"
        if step is None or straight or not self.bends(text):
            return self.predicted_by(self.check.formula if text is None else text)
        return float(self._local(text)[step])

    def _local(self, text: str | None) -> Array:
        """A formula's local exponents, shape (k - 1,)."""
        import numpy as np

        return np.asarray(np.diff(np.log(np.array(self.values(text)))) / np.diff(self.abscissa))

    def slope(self, text: str | None = None) -> float:
        """Slope of a formula, as `predicted` has it but for rounding, without numpy.

        Raises
        ------
        FormulaError
            If the formula is not positive on the grid.
        """
        try:
            return self.check.coordinates.slope(self.places, self.values(text))
        except ValueError:
            shown = self.check.formula if text is None else text
            raise FormulaError(f"'{shown}' is not positive on the grid of {self.axis}") from None

    def distance(self, text: str) -> float:
        """How far another formula is from the check's own, in the units of the margin."""
        return self.check.coordinates.distance(self.places, self.values(text), self.values())

    @property
    def siblings(self) -> list[tuple[str, str]]:
        """Names and formulas to judge the same data against: rivals, and the claim moved.

        None where a claim cannot be moved.
        """
        check = self.check
        axis = f"({self.shown})" if self.inverse else self.axis
        moved = check.coordinates.moved(
            check.formula, axis, check.margin, check.relation, check.side
        )
        rivals = [(f"rival {name}", text) for name, text in check.rivals.items()]
        return [*rivals, *moved] if moved else []

    @property
    def design(self) -> Design | None:
        """Abscissae whose scatter says how well theta is known, and the margin of theta there."""
        return self.check.coordinates.design(self.places, self.values(), self.check.margin)

    def depends(self, name: str) -> bool:
        """Whether what is predicted moves with a parameter: a factor leaves a slope alone."""
        named = name in Formula(self.check.formula).names
        value = self.params.get(name)
        if not self.check.coordinates.slopes or not isinstance(value, int | float):
            return named
        moved = replace(self, params={**self.params, name: value * 1.1 + 0.01})
        try:
            return abs(self.slope() - moved.slope()) > 1e-9
        except FormulaError:
            return True


@dataclass(frozen=True)
class Asked:
    """A question to a series of data; of a falsifier, with its name.

    ``warnings`` are known before anything is simulated, and stand in the verdict.
    """

    question: Question
    falsifier: str | None = None
    warnings: tuple[str, ...] = ()
