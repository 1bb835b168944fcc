"""What stands around a simulation: its axes, cases, checks and falsifiers, as plain data.

Nothing here imports numpy or torch: a catalogue is listed in a blink.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from ratecheck.claim import fields
from ratecheck.claim.checks import Check
from ratecheck.claim.falsifier import Falsifier, Params, Range, Value
from ratecheck.claim.form import Form
from ratecheck.claim.formula import Formula
from ratecheck.errors import ClaimError
from ratecheck.words import EFFORTS as EFFORTS
from ratecheck.words import Effort as Effort

NATURE = "nature."  # how a parameter that is moved in nature is called among the others


@dataclass(frozen=True)
class Axis:
    """The variable that moves, with its points at each effort.

    Parameters
    ----------
    name : str
        Name of the simulation's parameter.
    quick, standard, full : sequence of numbers
        The points in order, at least four; standard defaults to quick, full to standard.
    at : mapping, optional
        Where several axes cross: the value of every other axis while this one moves.
    to : 0 or inf, optional
        Where the theorem's limit is. It is inferred where that is plain: points that are written
        decreasing, and a step such as h, dt or eps below 1, go to 0. The points are kept in the
        order in which they approach it; towards 0, all exponents are those in 1/h.
    unit : str, optional
        A formula in the case's parameters and the constants: the points are multiples of it, so
        that a grid follows the theorem's own scale. ``Axis("t", [1, 2, 4, 8], unit="kappa")``.
    """

    name: str
    quick: Sequence[float]
    standard: Sequence[float] | None = None
    full: Sequence[float] | None = None
    at: Params = field(default_factory=dict)
    to: float | None = None
    unit: str | None = None

    @classmethod
    def geometric(
        cls,
        name: str,
        quick: tuple[float, float],
        standard: tuple[float, float] | None = None,
        full: tuple[float, float] | None = None,
        *,
        ratio: float = 2,
        at: Params | None = None,
        to: float | None = None,
        unit: str | None = None,
    ) -> Axis:
        """Points in a constant ratio from the first to the last value of each pair (inclusive).

        Whole-number ends with a whole-number ratio give whole numbers.
        """
        spans = {"quick": quick, "standard": standard, "full": full}
        points = [
            None if span is None else _geometric(f"axis {name}, {effort}", span, ratio)
            for effort, span in spans.items()
        ]
        return cls(name, points[0] or (), points[1], points[2], at or {}, to, unit)

    def __post_init__(self) -> None:
        where = calling_file().name
        if not fields.is_parameter(self.name):
            raise ClaimError(
                where, "axis", f"{self.name!r} is no name of a parameter",
                "use the name of a parameter of the simulation",
            )  # fmt: skip
        for effort in EFFORTS:
            points = getattr(self, effort)
            if points is not None:
                name = f"axis {self.name}, {effort}"
                points = fields.listed(where, name, points, fields.MOST_POINTS)
                object.__setattr__(self, effort, tuple(_plain(x) for x in points))
        at = fields.mapping(where, f"axis {self.name}.at", self.at)
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "to", self._limit(where))
        for effort in EFFORTS:
            if getattr(self, effort) is not None:
                object.__setattr__(self, effort, self.towards(getattr(self, effort)))

    def _limit(self, where: str) -> float:
        """Where the points go, as said or as it is plain."""
        field = f"axis {self.name}"
        if self.to is not None:
            if not fields.is_number(self.to) or self.to not in (0, math.inf):
                raise ClaimError(
                    where, field, f"goes to {self.to!r}", "write to=0 or to=float('inf')"
                )
            return float(self.to)
        grids = [getattr(self, effort) for effort in EFFORTS if getattr(self, effort) is not None]
        if not all(fields.is_number(x) and fields.is_finite(x) for grid in grids for x in grid):
            return math.inf  # validation will say what is wrong
        if any(_falls(grid) for grid in grids):
            return 0.0
        if self.unit is not None:
            return math.inf  # multiples of anything
        below, step = all(x < 1 for grid in grids for x in grid), self.name in _STEPS
        if (below or step) and not (below and step) and any(grids):
            raise ClaimError(where, field, "may go to 0 or grow", "write to=0 or to=float('inf')")
        return 0.0 if below and any(grids) else math.inf

    @property
    def shown(self) -> str:
        """What exponents are in: the axis, or one over it where it goes to 0."""
        return f"1/{self.name}" if self.to == 0 else self.name

    def towards(self, points: Sequence[float]) -> tuple[float, ...]:
        """Points in order, in the order in which they approach the limit."""
        points = tuple(points)
        if not all(fields.is_number(x) for x in points):
            return points  # validation will say what is wrong
        back = points[::-1]
        return back if _falls(back if self.to == 0 else points) else points

    def multiples(self, effort: Effort) -> tuple[float, ...]:
        """The points at an effort as they were written: in the axis' unit, where it has one."""
        standard = self.quick if self.standard is None else self.standard
        full = standard if self.full is None else self.full
        return tuple({"quick": self.quick, "standard": standard, "full": full}[effort])

    def points(
        self,
        effort: Effort,
        params: Params | None = None,
        own: Sequence[float] | None = None,
    ) -> tuple[float, ...]:
        """The points at an effort, or others in their place, at these parameters.

        Raises
        ------
        FormulaError
            If the unit has no value there.
        """
        multiples = self.multiples(effort) if own is None else self.towards(own)
        if self.unit is None:
            return multiples
        unit = float(Formula(self.unit)(**(params or {})))
        points = tuple(x * unit for x in multiples)
        whole = all(math.isfinite(x) and abs(x - round(x)) <= 1e-12 * abs(x) for x in points)
        return tuple(round(x) for x in points) if whole else points


_STEPS = frozenset(
    ["h", "dx", "dy", "dz", "dt", "step", "delta", "eps", "epsilon", "lr", "tol", "bandwidth"]
)  # names of what goes to 0


def _falls(points: Sequence[float]) -> bool:
    return len(points) > 1 and all(b < a for a, b in pairwise(points))


def _plain(x: Any) -> Any:
    """A number of any library as Python's own, so that seeds and labels do not depend on it."""
    if isinstance(x, bool):
        return x
    if isinstance(x, Integral):
        return int(x)
    return float(x) if isinstance(x, Real) else x


def _geometric(where: str, span: Any, ratio: Any) -> tuple[float, ...]:
    file = calling_file().name
    ends = fields.listed(file, where, span)
    if len(ends) != 2 or not all(fields.is_number(x) and fields.is_finite(x) for x in ends):
        raise ClaimError(
            file, where, "is not a pair of finite numbers", "write quick=(2**8, 2**13)"
        )
    falls = ends[0] > ends[1]
    low, high = sorted(ends)
    if not fields.is_number(ratio) or not 1 < ratio < math.inf:
        raise ClaimError(file, where, f"the ratio {ratio!r} is not above 1", "write ratio=2")
    if not 0 < low < high:
        return ()
    if math.log(high / low) > fields.MOST_POINTS * math.log(ratio):
        raise ClaimError(
            file, where, f"has more than {fields.MOST_POINTS} points", "use a larger ratio"
        )
    steps = math.floor(math.log(high / low) / math.log(ratio) + 1e-9)
    if falls:
        return tuple(high / ratio**i for i in range(steps + 1))
    points: list[float] = [low * ratio**i for i in range(steps + 1)]
    if all(isinstance(value, int) for value in (low, high)):
        points = [round(value) for value in points]
    return tuple(points)


@dataclass(frozen=True)
class Experiment:
    """One simulation of a claim with its axes, cases and checks.

    See `Claim.experiment` for the fields. ``free`` holds the free constants at their base values,
    ``others`` the further values that are tried from standard effort on; of the ``cases``, so many
    are judged ``at_quick`` effort (all where it is None).
    """

    name: str
    simulate: Callable[..., Mapping[str, Any]]
    problem: Callable[..., Any] | None
    axes: tuple[Axis, ...]
    cases: tuple[Params, ...]
    free: Params
    others: Mapping[str, tuple[Value, ...]]
    checks: tuple[Check, ...]
    unmoved: Mapping[str, str]
    ranges: Mapping[str, Range]
    form: Form
    replicates: Mapping[Effort, int]
    block: int
    cost: Formula | None
    timeout: float | None
    replay: bool
    real: tuple[str, ...]
    proxied: tuple[str, ...]
    at_quick: int | None = None

    @property
    def about(self) -> str:
        """The simulation's docstring: in plain words, what is simulated."""
        return inspect.getdoc(self.simulate) or ""

    @property
    def names(self) -> frozenset[str]:
        """The names of all its parameters: axes, cases' parameters and free constants."""
        in_cases = self.cases[0] if self.cases else {}
        return frozenset({axis.name for axis in self.axes} | set(in_cases) | set(self.free))

    def axis(self, name: str) -> Axis:
        """The axis of this name."""
        return next(axis for axis in self.axes if axis.name == name)

    def cases_at(self, effort: Effort) -> tuple[Params, ...]:
        """The listed cases; from standard effort on, also with each free constant varied."""
        base = self.cases or ({},)
        if effort == "quick":
            return base[: self.at_quick]
        varied = [
            {**case, name: value}
            for name, values in self.others.items()
            for value in values
            for case in base
        ]
        return (*base, *varied)

    def params(self, axis: Axis, case: Params) -> dict[str, Value]:
        """Every parameter of the simulation but the axis itself."""
        return {**self.free, **axis.at, **case}

    def axes_of(self, check: Check) -> Iterator[Axis]:
        """The axes along which a check runs."""
        return (axis for axis in self.axes if check.axis in (None, axis.name))

    def judged(
        self, effort: Effort, *only: Check
    ) -> Iterator[tuple[Params, Check, Axis, dict[str, Value]]]:
        """Case, check, axis and parameters of all that is judged at an effort: the one rule.

        The loader follows it as the engine does; ``only`` names some of the checks.
        """
        for case in self.cases_at(effort):
            for check in only or self.checks:
                for axis in self.axes_of(check):
                    params = self.params(axis, case)
                    if holds(check.when, params):
                        yield case, check, axis, params

    def falsified(self, check: Check, axis: Axis, params: Params) -> Iterator[Falsifier]:
        """The falsifiers of a check that apply along an axis at these parameters."""
        for falsifier in check.fails:
            if falsifier.axis in (None, axis.name) and holds(falsifier.when, params):
                yield falsifier

    def varied(self, falsifier: Falsifier, params: Params) -> dict[str, Value]:
        """The parameters of a falsifier's simulation.

        What the method is told in place of the claimed values stands under the parameters' names;
        what is so in nature and not as the method is told, under `NATURE` and their names.
        """
        nature = _parameters(self.problem) if self.problem else {}
        moved = {NATURE + name: params[name] for name in falsifier.told if name in nature}
        for name, value in falsifier.nature.items():
            claimed = params.get(name)
            if isinstance(value, str) and not isinstance(claimed, str):
                value = Formula(value)(**params)
                whole = isinstance(claimed, int) and value == round(value)
                value = round(value) if whole else value  # a rank stays a whole number
            moved[NATURE + name] = value
        return {**params, **falsifier.told, **moved}

    def run(self, params: Mapping[str, Any], draw: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call the simulation, the problem built from nature's parameters.

        Parameters
        ----------
        params : mapping
            Every parameter with its value; those that a falsifier moves in nature once more, under
            `NATURE` and their name.
        draw : mapping
            Replicates and rng, where there are any.
        """
        told = {name: value for name, value in params.items() if not name.startswith(NATURE)}
        given = {**told, **draw}
        if self.problem is None:
            return self.simulate(**given)
        moved = {name.removeprefix(NATURE): params[name] for name in params if name not in told}
        nature = _parameters(self.problem)
        problem = self.problem(**{k: v for k, v in {**given, **moved}.items() if k in nature})
        takes = _parameters(self.simulate)
        rest = any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes.values())
        wanted = {
            name: value
            for name, value in given.items()
            if name in takes or (rest and (name in draw or name not in nature))
        }
        return self.simulate(problem=problem, **wanted)


@lru_cache(maxsize=256)
def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def holds(condition: str | None, params: Params) -> bool:
    """Whether a condition holds (where there is none, it does)."""
    return condition is None or bool(Formula(condition)(**params))


def calling_file() -> Path:
    """The file in which the claim is being declared: the first frame outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_DECLARING):
        frame = frame.f_back
    return Path(frame.f_code.co_filename)


_DECLARING = (str(Path(__file__).parent), "<string>")
