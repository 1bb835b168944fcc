"""What a claim file declares: the theorem's words and the experiments that check them.

A claim is one theorem in one file. It holds the theorem's title, source and statement, and one or
more experiments: simulations decorated with their axis, cases, checks and falsifiers::

    claim = Claim(title="...", source="... Theorem 1 ...", statement=r"...", not_shown=["..."])

    @claim.experiment(
        axis=Axis.geometric("n", quick=(2**8, 2**13)),
        checks=[Rate("risk", "n**(-4/5)", margin=0.1)],
        falsifiers=[Falsifier("fixed bandwidth", quantity="fixed", kills="risk")],
        real=["the estimator"], proxied=[],
    )
    def simulation(n, *, replicates, rng):
        ...
        return {"risk": ..., "fixed": ...}      # each of shape (replicates,)

Nothing here imports numpy or torch: a catalogue is listed in a blink. A missing or contradictory
field is a `ClaimError` at load time that names the file, the field and the fix.
"""

from __future__ import annotations

import inspect
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from ratecheck import given
from ratecheck.checks import Check
from ratecheck.errors import ClaimError
from ratecheck.formula import Formula

Effort = Literal["quick", "standard", "full"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)
Form = Literal["errors", "trajectories", "signed", "exact", "times"]
FORMS: tuple[Form, ...] = get_args(Form)
Value = int | float | str
Params = Mapping[str, Value]
Simulation = TypeVar("Simulation", bound=Callable[..., Mapping[str, Any]])

_LOCATOR = re.compile(
    r"\b(theorem|thm|corollary|cor|proposition|prop|lemma|section|sec|chapter|equation|eq|slide|"
    r"table|example|remark|page|p)s?\b\.?\s*\(?[\dIVXA-Z]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Axis:
    """The variable that moves, with its points at each effort.

    Parameters
    ----------
    name : str
        Name of the simulation's parameter.
    quick, standard, full : sequence of numbers
        The points, increasing and at least four; standard defaults to quick, full to standard.
    at : mapping, optional
        Where several axes cross: the value of every other axis while this one moves.
    """

    name: str
    quick: Sequence[float]
    standard: Sequence[float] | None = None
    full: Sequence[float] | None = None
    at: Params = field(default_factory=dict)

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
    ) -> Axis:
        """Points in a constant ratio from the first to the last value of each pair (inclusive).

        Whole-number ends with a whole-number ratio give whole numbers.
        """
        spans = {"quick": quick, "standard": standard, "full": full}
        points = [
            None if span is None else _geometric(f"axis {name}, {effort}", span, ratio)
            for effort, span in spans.items()
        ]
        return cls(name, points[0] or (), points[1], points[2], at or {})

    def __post_init__(self) -> None:
        where = _calling_file().name
        if not given.is_parameter(self.name):
            raise ClaimError(
                where, "axis", f"{self.name!r} is no name of a parameter",
                "use the name of a parameter of the simulation",
            )  # fmt: skip
        for effort in EFFORTS:
            points = getattr(self, effort)
            if points is not None:
                field = f"axis {self.name}, {effort}"
                points = given.listed(where, field, points, given.MOST_POINTS)
                object.__setattr__(self, effort, tuple(_plain(x) for x in points))
        at = given.mapping(where, f"axis {self.name}.at", self.at)
        object.__setattr__(self, "at", at)

    def points(self, effort: Effort) -> tuple[float, ...]:
        """The points at an effort."""
        standard = self.quick if self.standard is None else self.standard
        full = standard if self.full is None else self.full
        return tuple({"quick": self.quick, "standard": standard, "full": full}[effort])


def _plain(x: Any) -> Any:
    """A number of any library as Python's own, so that seeds and labels do not depend on it."""
    if isinstance(x, bool):
        return x
    if isinstance(x, Integral):
        return int(x)
    return float(x) if isinstance(x, Real) else x


def _geometric(where: str, span: Any, ratio: Any) -> tuple[float, ...]:
    file = _calling_file().name
    ends = given.listed(file, where, span)
    if len(ends) != 2 or not all(given.is_number(x) and given.is_finite(x) for x in ends):
        raise ClaimError(
            file, where, "is not a pair of finite numbers", "write quick=(2**8, 2**13)"
        )
    low, high = ends
    if not given.is_number(ratio) or not 1 < ratio < math.inf:
        raise ClaimError(file, where, f"the ratio {ratio!r} is not above 1", "write ratio=2")
    if low > high:
        raise ClaimError(
            file, where, f"the ends are reversed: {low:g} is above {high:g}",
            "write the smaller end first",
        )  # fmt: skip
    if not 0 < low < high:
        return ()
    if math.log(high / low) > given.MOST_POINTS * math.log(ratio):
        raise ClaimError(
            file, where, f"has more than {given.MOST_POINTS} points", "use a larger ratio"
        )
    steps = math.floor(math.log(high / low) / math.log(ratio) + 1e-9)
    points: list[float] = [low * ratio**i for i in range(steps + 1)]
    if all(isinstance(value, int) for value in (low, high)):
        points = [round(value) for value in points]
    return tuple(points)


@dataclass(frozen=True)
class Falsifier:
    """A variant with the theorem's mechanism taken out; the check it kills must FAIL on it.

    Parameters
    ----------
    name : str
        What was taken out, in a few words.
    kills : str
        Label of the check that must fail.
    quantity : str, optional
        Another quantity of the same simulation, put in place of the check's own.
    set : mapping, optional
        Constants or parameters to change; the simulation is then run once more.
    axis, when : str, optional
        Where it applies; by default wherever the check does.
    points : sequence of numbers, optional
        Points of its own where the check's grid is too short for the variant to show.
    """

    name: str
    kills: str
    quantity: str | None = None
    set: Params = field(default_factory=dict)
    axis: str | None = None
    when: str | None = None
    points: Sequence[float] | None = None


@dataclass(frozen=True)
class Experiment:
    """One simulation of a claim with its axes, cases, checks and falsifiers.

    See `Claim.experiment` for the fields.
    """

    name: str
    simulate: Callable[..., Mapping[str, Any]]
    axes: tuple[Axis, ...]
    cases: tuple[Params, ...]
    constants: Params
    vary: Mapping[str, tuple[Value, ...]]
    checks: tuple[Check, ...]
    falsifiers: tuple[Falsifier, ...]
    form: Form
    replicates: Mapping[Effort, int]
    block: int
    cost: Formula | None
    timeout: float | None
    real: tuple[str, ...]
    proxied: tuple[str, ...]

    @property
    def about(self) -> str:
        """The simulation's docstring: in plain words, what is simulated."""
        return inspect.getdoc(self.simulate) or ""

    def axis(self, name: str) -> Axis:
        """The axis of this name."""
        return next(axis for axis in self.axes if axis.name == name)

    def cases_at(self, effort: Effort) -> tuple[Params, ...]:
        """The listed cases; from standard effort on, also with each free constant varied."""
        base = self.cases or ({},)
        if effort == "quick":
            return base
        varied = [
            {**case, name: value}
            for name, values in self.vary.items()
            for value in values
            for case in base
        ]
        return (*base, *varied)

    def params(self, axis: Axis, case: Params, changes: Params | None = None) -> dict[str, Value]:
        """Every parameter of the simulation but the axis itself."""
        return {**self.constants, **axis.at, **case, **(changes or {})}

    def axes_of(self, check: Check) -> Iterator[Axis]:
        """The axes along which a check runs."""
        return (axis for axis in self.axes if check.axis in (None, axis.name))


class Claim:
    """One theorem.

    Parameters
    ----------
    title : str
        The statement in a line.
    source : str
        Authors, venue, year and the place in the text ("Theorem 1"), with an arXiv or DOI tag.
    statement : str
        The theorem's display in LaTeX (without dollar signs).
    not_shown : sequence of str
        What a PASS does not show.
    symbols : mapping of str to str, optional
        What each symbol of the statement means.

    Raises
    ------
    ClaimError
        If a field is missing or malformed.
    """

    def __init__(
        self,
        title: str,
        source: str,
        statement: str,
        not_shown: Sequence[str],
        symbols: Mapping[str, str] | None = None,
    ) -> None:
        from ratecheck import validation

        self.file = _calling_file()
        where = self.file.name
        for name, value in (("title", title), ("source", source), ("statement", statement)):
            if not isinstance(value, str) or not value.strip():
                raise ClaimError(where, name, "is missing", f"give the {name} as a text")
            given.text(where, name, value, lines=name == "statement")
        if not _LOCATOR.search(source):
            raise ClaimError(
                where, "source", "does not say where the statement stands",
                "add the place, as in 'Author, Venue Year, Theorem 1 (arXiv:0000.00000)'",
            )  # fmt: skip
        validation.latex(where, "statement", statement)
        self.title, self.source, self.statement = title, source, statement
        self.not_shown = validation.texts(where, "not_shown", not_shown, empty=False)
        self.symbols = given.named(where, "symbols", {} if symbols is None else symbols)
        for symbol, meaning in self.symbols.items():
            given.text(where, f"symbols[{symbol!r}]", meaning)
        self.experiments: dict[str, Experiment] = {}

    def __repr__(self) -> str:
        return f"Claim({self.title!r}, experiments={list(self.experiments)})"

    def experiment(
        self,
        *,
        axis: Axis | Sequence[Axis],
        checks: Sequence[Check],
        falsifiers: Sequence[Falsifier],
        real: Sequence[str],
        proxied: Sequence[str],
        cases: Sequence[Params] = (),
        constants: Params | None = None,
        vary: Mapping[str, Sequence[Value]] | None = None,
        data: Form = "errors",
        replicates: int | Mapping[Effort, int] = 256,
        block: int = 16,
        cost: str | None = None,
        timeout: float | None = None,
    ) -> Callable[[Simulation], Simulation]:
        """Declare the decorated simulation as an experiment of this claim.

        Parameters
        ----------
        axis : Axis or sequence of Axis
            What moves. With several, each says under ``at`` where the others stand.
        checks, falsifiers : sequences
            What must hold, and the variants on which it must not.
        real, proxied : sequences of str
            The theorem's objects that are simulated, and those that are replaced.
        cases : sequence of mappings
            Assignments of the theorem's parameters.
        constants : mapping
            Free constants that the theorem leaves open: declared, shown, and settable by a reader.
        vary : mapping of constant to values
            Other values of free constants, run from standard effort on.
        data : {"errors", "trajectories", "signed", "exact", "times"}
            ``errors``: ``f(n, ..., *, replicates, rng)`` returns positive vectors of shape
            (replicates,). ``trajectories``: the axis arrives as the tuple of all points and the
            result has shape (replicates, points). ``signed``: as errors, of either sign, and the
            check is of the absolute mean. ``exact``: ``f(n, ...)`` returns plain numbers.
            ``times``: as errors, with ``inf`` where the budget ended before the goal.
        replicates : int or mapping of effort to int
            How many replicates a point may get at most (a whole number is that of quick effort;
            standard and full get 4 and 16 times as many); a sequential run stops earlier when all
            is decided.
        block : int
            Replicates in a block, a multiple of 16.
        cost : str, optional
            A formula of what one replicate costs, such as ``"n"``; used to plan, never to judge.
        timeout : float, optional
            Seconds after which one block is given up.
        """

        from ratecheck import validation

        def declare(simulate: Simulation) -> Simulation:
            name = getattr(simulate, "__name__", "simulation")
            where = f"{self.file.name}, experiment {name}"
            if name in self.experiments:
                raise ClaimError(where, "name", "is used twice", "rename one of the functions")
            experiment = Experiment(
                name=name,
                simulate=simulate,
                axes=(axis,) if isinstance(axis, Axis) else given.listed(where, "axis", axis),
                cases=tuple(
                    given.mapping(where, f"cases[{index}]", case)
                    for index, case in enumerate(given.listed(where, "cases", cases))
                ),
                constants=given.mapping(where, "constants", {} if constants is None else constants),
                vary={
                    key: given.listed(where, f"vary[{key!r}]", values)
                    for key, values in given.mapping(
                        where, "vary", {} if vary is None else vary
                    ).items()
                },
                checks=given.listed(where, "checks", checks),
                falsifiers=given.listed(where, "falsifiers", falsifiers),
                form=data,
                replicates=validation.replicates(where, replicates),
                block=block,
                cost=None if cost is None else validation.formula(where, "cost", cost),
                timeout=timeout,
                real=validation.texts(where, "real", real, empty=False),
                proxied=validation.texts(where, "proxied", proxied, empty=True),
            )
            validation.validate(experiment, where)
            self.experiments[name] = experiment
            return simulate

        return declare


def _calling_file() -> Path:
    """The file in which the claim is being declared."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename in (__file__, "<string>"):
        frame = frame.f_back
    return Path(frame.f_code.co_filename)
