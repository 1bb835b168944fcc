"""Forms of data: what a simulation returns, and what can be read off it.

This is the interface; `ratecheck.forms` has one file a form. A subclass with a ``name`` of its own
is known by it from then on: ``data="..."`` looks it up in `FORMS`. Facts are plain; the methods
import inference when they compute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from ratecheck.claim.checks import Check
from ratecheck.claim.coordinates import Coordinates
from ratecheck.claim.question import Question
from ratecheck.inference.memo import Memo

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.sequential import Level

FORMS: dict[str, Form] = {}


@dataclass(frozen=True)
class Sample(Memo):
    """The numbers of one series.

    Attributes
    ----------
    points : tuple of float
        The k points of the axis.
    form : Form
    values : mapping of quantity to list of array
        One array of replicates for every call of the simulation: one a point, or a single one where
        a run yields all points.
    """

    points: tuple[float, ...]
    form: Form
    values: Mapping[str, Sequence[Array]]

    def missing(self, check: Check) -> str | None:
        """What is wrong where the simulation does not return a quantity that the check reads."""
        absent = next((name for name in check.quantities if name not in self.values), None)
        if absent is None:
            return None
        close = get_close_matches(absent, self.values, n=1)
        hint = f" (did you mean '{close[0]}'?)" if close else ""
        return (
            f"The simulation returns no quantity '{absent}'{hint}; "
            f"it returns {', '.join(self.values)}"
        )


class Form:
    """A form of data; the base has the facts of independent replicates at every point.

    What it can be asked stands in methods named by the coordinates' ``reading``: ``slope``,
    ``decay``, ``ratios``, ``corners``, each (question, sample, level) -> `Finding`. A form that
    lacks one is refused with such a check when a claim is loaded.

    Attributes
    ----------
    name : str
        What stands in ``data="..."``; a class that sets it is registered.
    about : str
        In a few words.
    random : bool
        Simulated with replicates and a generator; else called once a point.
    noisy : bool
        Its numbers have noise, so that a verdict has an error rate.
    whole : bool
        One run yields all points of the axis, which the simulation gets as a tuple.
    paired : bool
        Quantities of one call can be divided by each other, replicate by replicate.
    foresees : bool
        What replicates can resolve follows from their coefficient of variation.
    floors : bool
        A floor of its values may be declared (`above`).
    below : str
        What is said of values below 0, which have no logarithm.
    floor : float, str or None
        The declared floor.
    """

    name: ClassVar[str] = ""
    about: ClassVar[str] = ""
    random: ClassVar[bool] = True
    noisy: ClassVar[bool] = True
    whole: ClassVar[bool] = False
    paired: ClassVar[bool] = False
    foresees: ClassVar[bool] = False
    floors: ClassVar[bool] = False
    below: ClassVar[str] = "an error is not"
    floor: float | str | None = None

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if cls.__dict__.get("name"):
            known = FORMS.get(cls.name)
            if known is not None and type(known).__qualname__ != cls.__qualname__:
                raise TypeError(
                    f"the form '{cls.name}' is {type(known).__qualname__}; name another"
                )
            FORMS[cls.name] = cls()

    def above(self, floor: float | str | None) -> Form:
        """The same form for values that a floor hides in the end."""
        declared = copy(self)
        declared.floor = floor
        return declared

    # -- what a block is ------------------------------------------------------------------------

    def size(self, block: int) -> int:
        """Replicates in a block."""
        return block if self.random else 1

    def most(self, replicates: int) -> int:
        """Replicates that a point can use."""
        return replicates if self.random else 1

    def calls(self, points: Sequence[float]) -> int:
        """Simulated points of the axis."""
        return 1 if self.whole else len(points)

    def shape(self, size: int, points: int) -> tuple[int, ...]:
        """Shape of each quantity of a block, with so many points if one run yields them all.

        A length of -1 stands for any, but none.
        """
        return (size, points) if self.whole else (size,)

    def refuse(self, values: Array) -> str | None:
        """What is wrong with the values of a quantity; none is NaN."""
        import numpy as np

        if not np.isfinite(values).all():
            return "is infinite; only data='times' may hold inf"
        if (values < 0).any():
            return f"is negative ({values.min():.3g}); {self.below}"
        return None

    # -- what it can be asked -------------------------------------------------------------------

    def reads(self, coordinates: Coordinates, *, paired: bool = False) -> bool:
        """Whether it yields theta in such coordinates, of paired ratios if asked."""
        return hasattr(self, coordinates.reading) and (self.paired or not paired)

    def find(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Theta of the question, with its interval and what it means for the check.

        Raises
        ------
        ValueError
            If it is no number, as where a mean overflows.
        """
        reading = getattr(self, question.check.reading)
        found: Finding = reading(question, sample, level)
        if found.theta is not None and found.theta != found.theta:
            raise ValueError(f"their {question.check.coordinates.noun} is not a number")
        return found

    def spoilt(self, question: Question, sample: Sample) -> str | None:
        """Why the numbers cannot be judged at all; None where they can."""
        return None

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """What was seen at each point, with the formula."""
        import numpy as np

        from ratecheck.inference.finding import Point

        seen = []
        columns = self.columns(question, sample)
        intervals = self.intervals(question, sample, tail)
        rows = zip(question.points, question.values(), columns, intervals, strict=True)
        for x, f, y, ends in rows:
            finite = y[np.isfinite(y)]
            mean = float(finite.mean()) if finite.size else None
            seen.append(Point(float(x), mean, ends, float(f), len(y)))
        return tuple(seen)

    def columns(self, question: Question, sample: Sample) -> list[Array]:
        """The replicates of the check's quantity at each point."""
        return list(sample.values[question.check.quantity])

    def intervals(
        self, question: Question, sample: Sample, tail: float
    ) -> Sequence[tuple[float, float] | None]:
        """Interval of the mean at each point."""
        return [None] * len(question.points)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points."""
        return ()

    def demand(self, question: Question, sample: Sample, cost: Array) -> Array:
        """Relative numbers of replicates, one a call, that decide most cheaply: equal growth."""
        import numpy as np

        values = sample.values[question.check.quantity]
        counts = np.array([len(y) for y in values], dtype=np.float64)
        return np.asarray(counts / counts.max())

    def standard_error(
        self, question: Question, sample: Sample, replicates: int, tail: float
    ) -> float | None:
        """Of theta with so many replicates a point, from what a pilot shows."""
        return None
