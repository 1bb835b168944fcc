"""Coordinates: in what sense a prediction is a number, and how far from it something is.

Off-ness from the claim is theta in all of them: the difference of two slopes (log-log), the part of
the predicted rate that is missing (semi-log), the log of a ratio (ratio, corners). Nothing here
imports numpy before something is computed with arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Interval

Relation = Literal["equal", "at most", "at least"]
LARGEST_LOG = 700.0
NO_RATE = 1e-12
Design = tuple[Sequence[float], float]


class Coordinates:
    """What is common to all coordinates; the base are those of slopes against log x.

    Attributes
    ----------
    name : str
        Name in results documents.
    noun : str
        What the measured value is called.
    reading : str
        The method of a form of data (`ratecheck.claim.form.Form`) that finds theta.
    slopes : bool
        Whether the measured value is a slope, so that there are local ones.
    foreseen : bool
        Whether a pilot shows what all replicates can resolve.
    relative : bool
        Whether a margin is a fraction of the predicted value.
    """

    name: ClassVar[str] = "log-log"
    noun: ClassVar[str] = "exponent"
    reading: ClassVar[str] = "slope"
    slopes: ClassVar[bool] = True
    foreseen: ClassVar[bool] = True
    relative: ClassVar[bool] = False

    def coordinate(self, x: float) -> float:
        """One point's place."""
        return math.log(x)

    def abscissa(self, points: Sequence[float]) -> Array:
        """What slopes are taken along."""
        import numpy as np

        return np.asarray(np.log(np.array(points, dtype=np.float64)))

    def place(self, abscissa: Array) -> Array:
        """Values of the axis at places of the abscissa."""
        import numpy as np

        return np.asarray(np.exp(abscissa))

    def predicted(
        self, points: Sequence[float], values: Sequence[float], own: Sequence[float]
    ) -> float:
        """What a formula with these values says, where the check's own formula has others.

        A slope is the average exponent over the grid, sum c_i log f(x_i) with c_i the
        least-squares weights of the abscissa: formulas with logarithms, floors and several terms
        get the slope that they really have there.
        """
        import numpy as np

        from ratecheck.inference.loglog import slope_weights

        return float(slope_weights(self.abscissa(points)) @ np.log(np.array(values)))

    def slope(self, points: Sequence[float], values: Sequence[float]) -> float:
        """The slope of `predicted` but for rounding, without numpy: for the loader of claims.

        Raises
        ------
        ValueError
            If a value is not positive.
        """
        t, y = [self.coordinate(x) for x in points], [math.log(value) for value in values]
        centre = sum(t) / len(t)
        scatter = sum((a - centre) ** 2 for a in t)
        return sum((a - centre) * b for a, b in zip(t, y, strict=True)) / scatter

    def theta(self, predicted: float, other: float) -> float:
        """Off-ness of another value from the prediction."""
        return other - predicted

    def measured(self, predicted: float, theta: float) -> float:
        """The exponent, rate or ratio that theta stands for."""
        return predicted + theta

    def interval(self, predicted: float, low: float, high: float) -> Interval | None:
        """The interval of a measured value; an infinite end is None."""
        shown = (self.measured(predicted, t) if math.isfinite(t) else None for t in (low, high))
        ends = [None if end is None or not math.isfinite(end) else end for end in shown]
        return None if ends == [None, None] else (ends[0], ends[1])

    def scale(self, margin: float) -> float:
        """The margin in the units of theta; 0 where there is none."""
        return margin

    def limits(self, margin: float, side: Relation) -> tuple[float, float]:
        """The values of theta that a margin admits."""
        return (
            -math.inf if side == "at most" else -margin,
            math.inf if side == "at least" else margin,
        )

    def distance(
        self, points: Sequence[float], values: Sequence[float], own: Sequence[float]
    ) -> float:
        """How far another formula is from the check's own, in the units of the margin."""
        return abs(self.slope(points, values) - self.slope(points, own))

    def measurable(self, predicted: float) -> bool:
        """Whether distances from such a prediction mean something."""
        return True

    def moved(
        self, text: str, axis: str, margin: float, relation: Relation, side: Relation
    ) -> list[tuple[str, str]]:
        """Names and formulas of a claim moved by two margins.

        One that the relation does not forbid is left out: no data can contradict it.
        """
        claims = []
        if relation != "at most":
            claims.append(("exponent + 2 margins", f"({text})*{axis}**{2 * margin!r}"))
        if relation != "at least":
            claims.append(("exponent - 2 margins", f"({text})*{axis}**(-{2 * margin!r})"))
        return claims

    def design(
        self, points: Sequence[float], values: Sequence[float], margin: float
    ) -> Design | None:
        """Abscissae whose scatter says how well theta is known, and the margin of theta there."""
        return [self.coordinate(x) for x in points], margin


class Crossing(Coordinates):
    """Slopes against log x of where a curve reaches a goal."""

    reading = "crossing"


class SemiLog(Coordinates):
    """Slopes of the log against x itself, relative to the predicted one."""

    name = "semi-log"
    noun = "rate"
    relative = True
    reading = "decay"
    foreseen = False

    def coordinate(self, x: float) -> float:
        """One point's place."""
        return x

    def abscissa(self, points: Sequence[float]) -> Array:
        """The axis itself."""
        import numpy as np

        return np.array(points, dtype=np.float64)

    def place(self, abscissa: Array) -> Array:
        """The axis itself."""
        return abscissa

    def theta(self, predicted: float, other: float) -> float:
        """The part of the predicted rate that is missing."""
        return 1 - other / predicted

    def measured(self, predicted: float, theta: float) -> float:
        """The rate that theta stands for."""
        return predicted * (1 - theta)

    def interval(self, predicted: float, low: float, high: float) -> Interval | None:
        """The interval of a rate."""
        ends = super().interval(predicted, low, high)
        return ends[::-1] if ends is not None and predicted > 0 else ends

    def distance(
        self, points: Sequence[float], values: Sequence[float], own: Sequence[float]
    ) -> float:
        """As a fraction of the predicted rate."""
        return super().distance(points, values, own) / abs(self.slope(points, own))

    def measurable(self, predicted: float) -> bool:
        """Distances are fractions of the rate: from no decay there are none."""
        return abs(predicted) >= NO_RATE

    def moved(
        self, text: str, axis: str, margin: float, relation: Relation, side: Relation
    ) -> list[tuple[str, str]]:
        """Names and formulas of a rate moved by two margins."""
        claims = [("rate + 2 margins", f"({text})**{1 + 2 * margin!r}")]
        if side == "equal":
            claims.append(("rate - 2 margins", f"({text})**({1 - 2 * margin!r})"))
        return claims

    def design(
        self, points: Sequence[float], values: Sequence[float], margin: float
    ) -> Design | None:
        """The axis in units of the predicted rate."""
        rate = abs(self.predicted(points, values, values))
        return [x * rate for x in points], margin


class Ratio(Coordinates):
    """The log of a ratio to the formula, at every point at once."""

    name = "ratio"
    noun = "ratio"
    reading = "ratios"
    slopes = False
    foreseen = False

    def predicted(
        self, points: Sequence[float], values: Sequence[float], own: Sequence[float]
    ) -> float:
        """The ratio of two formulas where it is farthest from 1; 1 for the check's own."""
        import numpy as np

        factors = np.array(values) / np.array(own)
        return float(factors[int(np.argmax(np.abs(np.log(factors))))])

    def theta(self, predicted: float, other: float) -> float:
        """The log of the ratio."""
        import numpy as np

        return float(np.log(other / predicted))

    def measured(self, predicted: float, theta: float) -> float:
        """The ratio that theta stands for."""
        import numpy as np

        return float(np.exp(theta)) if theta < LARGEST_LOG else math.inf

    def scale(self, margin: float) -> float:
        """Log of the largest ratio."""
        import numpy as np

        return float(np.log1p(margin))

    def limits(self, margin: float, side: Relation) -> tuple[float, float]:
        """Logs of the ratios that a margin admits."""
        import numpy as np

        return (
            -math.inf if side == "at most" else float(np.log1p(-min(margin, 1 - 1e-12))),
            math.inf if side == "at least" else float(np.log1p(margin)),
        )

    def distance(
        self, points: Sequence[float], values: Sequence[float], own: Sequence[float]
    ) -> float:
        """The largest factor between the two, less 1."""
        return max(max(a / b, b / a) for a, b in zip(values, own, strict=True)) - 1

    def moved(
        self, text: str, axis: str, margin: float, relation: Relation, side: Relation
    ) -> list[tuple[str, str]]:
        """Names and formulas of a constant moved by two margins; none for one-sided ratios."""
        claims = []
        if relation == "equal":
            claims.append(("constant + 2 margins", f"({text})*{1 + 2 * margin!r}"))
        if relation == "equal" and 2 * margin < 1:
            claims.append(("constant - 2 margins", f"({text})*{1 - 2 * margin!r}"))
        return claims

    def design(
        self, points: Sequence[float], values: Sequence[float], margin: float
    ) -> Design | None:
        """One point: a scatter of 1."""
        return [-(2**0.5), 0.0], self.scale(margin)


class Corners(Ratio):
    """The log of a ratio of sums, from the corners of a two-source design."""

    name = "corners"
    reading = "corners"

    def moved(
        self, text: str, axis: str, margin: float, relation: Relation, side: Relation
    ) -> list[tuple[str, str]]:
        """None: the formula is always 1."""
        return []

    def design(
        self, points: Sequence[float], values: Sequence[float], margin: float
    ) -> Design | None:
        """None: it depends on four noises."""
        return None


LOG_LOG, CROSSING, SEMI_LOG = Coordinates(), Crossing(), SemiLog()
RATIO, CORNERS = Ratio(), Corners()
