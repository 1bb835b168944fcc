"""What a claim file declares: the theorem's words, its problem and the experiments on it.

A claim is one theorem in one file. It holds the theorem's title, source and statement, nature as
its assumptions describe it, and one or more experiments: simulations decorated with their axis,
cases, checks and falsifiers::

    claim = Claim(title="...", source="... Theorem 1 ...", statement=r"...", not_shown=["..."],
                  real=["the estimator"], proxied=[])

    @claim.problem
    def density(s):
        return ...                              # nature: reached by the method only through this

    @claim.experiment(
        Axis.geometric("n", quick=(2**8, 2**13)),
        cases=[{"s": 2}],
        checks=[Rate("risk", "n**(-2*s/(2*s + 1))", margin=0.1, fails=[
            Without("a bandwidth that shrinks", "fixed"),
            Moved("s", "s - 1", "a density rougher than the bandwidth is told"),
        ])],
    )
    def simulation(problem, n, s, *, replicates, rng):
        ...
        return {"risk": ..., "fixed": ...}      # each of shape (replicates,)

Nothing here imports numpy or torch: a catalogue is listed in a blink. A missing or contradictory
field is a `ClaimError` at load time that names the file, the field and the fix.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from ratecheck.claim import expressions, fields, validation
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import Axis, Effort, Experiment, calling_file
from ratecheck.claim.falsifier import Params, Range, Value
from ratecheck.claim.ranges import concerning, declared
from ratecheck.claim.sound import is_sound
from ratecheck.errors import ClaimError

Simulation = TypeVar("Simulation", bound=Callable[..., Mapping[str, Any]])
Builder = TypeVar("Builder", bound=Callable[..., Any])

_LOCATOR = re.compile(
    r"\b(theorem|thm|corollary|cor|proposition|prop|lemma|section|sec|chapter|equation|eq|slide|"
    r"table|example|remark|page|p)s?\b\.?\s*\(?[\dIVXA-Z]",
    re.IGNORECASE,
)


class Claim:
    """One theorem; what it says is fixed once it is made.

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
        What each symbol of the statement means, and what the quantities of checks are.
    free : mapping of name to value or list of values, optional
        Constants that the theorem leaves open: the base value first, then those that are tried
        from standard effort on. An experiment takes those that its simulation or its problem names.
    real, proxied : sequences of str, optional
        The theorem's objects that are simulated, and those that are replaced, in every experiment
        that does not say otherwise.
    unmoved : mapping of parameter to reason, optional
        Why no falsifier moves a parameter of a check's formula in nature.
    ranges : mapping of parameter to condition or list of values, optional
        For which values something is said: ``{"r": "0 < r <= 1", "loss": ["squared"]}``. A
        condition may name several parameters, ``"s > d/p"``. Other values are refused with it.
    history : sequence of str, optional
        What was changed after slopes had been seen.

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
        *,
        free: Mapping[str, Value | Sequence[Value]] | None = None,
        real: Sequence[str] | None = None,
        proxied: Sequence[str] | None = None,
        unmoved: Mapping[str, str] | None = None,
        ranges: Mapping[str, Range] | None = None,
        history: Sequence[str] = (),
    ) -> None:
        self.file = calling_file()
        where = self.file.name
        for name, value in (("title", title), ("source", source), ("statement", statement)):
            if not isinstance(value, str) or not value.strip():
                raise ClaimError(where, name, "is missing", f"give the {name} as a text")
            fields.text(where, name, value, lines=name == "statement")
        if not _LOCATOR.search(source):
            raise ClaimError(
                where, "source", "does not say where the statement stands",
                "add the place, as in 'Author, Venue Year, Theorem 1 (arXiv:0000.00000)'",
            )  # fmt: skip
        if not is_sound():
            validation.latex(where, "statement", statement)
        self.title, self.source, self.statement = title, source, statement
        self.not_shown = fields.texts(where, "not_shown", not_shown, empty=False)
        worded = fields.worded(where, "symbols", {} if symbols is None else symbols)
        self.symbols: Mapping[str, str] = MappingProxyType(worded)
        constants = fields.constants(where, "free", {} if free is None else free)
        self.free: Mapping[str, tuple[Any, ...]] = MappingProxyType(constants)
        self.real, self.proxied = real, proxied
        reasons = fields.worded(where, "unmoved", {} if unmoved is None else unmoved)
        self.unmoved: Mapping[str, str] = MappingProxyType(reasons)
        conditions = declared(where, {} if ranges is None else ranges)
        self.ranges: Mapping[str, Range] = MappingProxyType(conditions)
        self.history = fields.texts(where, "history", history, empty=True)
        self._problems: dict[str, Callable[..., Any]] = {}
        self._experiments: dict[str, Experiment] = {}
        self._made = True

    def __init_subclass__(cls) -> None:
        raise ClaimError(
            calling_file().name,
            "claim",
            "is of a class derived from Claim",
            "write claim = Claim(...)",
        )

    def __setattr__(self, name: str, value: object) -> None:
        if "_made" in self.__dict__:
            raise ClaimError(
                self.file.name, name, "is set after the claim was made", "give it to Claim(...)"
            )
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise ClaimError(self.file.name, name, "is taken from the claim", "leave it there")

    @property
    def problems(self) -> Mapping[str, Callable[..., Any]]:
        """What builds nature, by the name of its function."""
        return MappingProxyType(self._problems)

    @property
    def experiments(self) -> Mapping[str, Experiment]:
        """The experiments by the name of their function."""
        return MappingProxyType(self._experiments)

    def __repr__(self) -> str:
        return f"Claim({self.title!r}, experiments={list(self.experiments)})"

    def problem(self, build: Builder) -> Builder:
        """Declare the decorated function as nature: it builds the problem from parameters.

        It may take any parameter of an experiment (case, free constant, axis), and ``replicates``
        and ``rng`` where nature itself is drawn. A simulation that takes ``problem`` gets what it
        returns; a falsifier can move nature's parameters behind the method's back.
        """
        name = getattr(build, "__name__", "problem")
        where = f"{self.file.name}, problem {name}"
        if name in self.problems or name in self.experiments:
            raise ClaimError(where, "name", "is used twice", "rename one of the functions")
        validation.validate_builder(where, build)
        self._problems[name] = build
        return build

    def experiment(
        self,
        axis: Axis | Sequence[Axis],
        *,
        checks: Sequence[Check],
        cases: Sequence[Params] = (),
        later: Sequence[Params] = (),
        free: Mapping[str, Value | Sequence[Value]] | None = None,
        problem: Callable[..., Any] | None = None,
        data: str = "errors",
        floor: float | str | None = None,
        replicates: int | Mapping[Effort, int] = 256,
        block: int = 16,
        cost: str | None = None,
        timeout: float | None = None,
        replay: bool = True,
        real: Sequence[str] | None = None,
        proxied: Sequence[str] | None = None,
        unmoved: Mapping[str, str] | None = None,
        ranges: Mapping[str, Range] | None = None,
    ) -> Callable[[Simulation], Simulation]:
        """Declare the decorated simulation as an experiment of this claim.

        Parameters
        ----------
        axis : Axis or sequence of Axis
            What moves. With several, each says under ``at`` where the others stand.
        checks : sequence
            What must hold, each with the variants on which it must not (``fails=``).
        cases : sequence of mappings
            Assignments of the theorem's parameters.
        later : sequence of mappings
            Further cases, which are dear: they are judged from standard effort on.
        free : mapping
            Free constants of this experiment alone, or with values of its own.
        problem : callable, optional
            Which of several declared problems the simulation's ``problem`` is.
        data : str
            A form of data (`ratecheck.forms`).
            ``errors``: ``f(n, ..., *, replicates, rng)`` returns positive vectors of shape
            (replicates,). ``trajectories``: the axis arrives as the tuple of all points and the
            result has shape (replicates, points). ``signed``: as errors, of either sign, and the
            check is of the absolute mean. ``exact``: ``f(n, ...)`` returns plain numbers.
            ``times``: as errors, with ``inf`` where the budget ended before the goal.
            ``measured``: ``f(n, ...)`` returns one noisy positive number, or several, such as run
            times. ``means``: it returns a mean, of either sign, and its standard error.
        floor : float or str, optional
            Of exact values, what hides them in the end: its size; the type of number of a
            computation with numbers of size one (``"float32"``); or ``"reference"``, where errors
            are taken against the finest grid. What is within it is not judged.
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
        replay : bool
            False where the simulation reads a clock, so that no run of it can be repeated: the
            store keeps what was measured, and an audit does not simulate it again.
        real, proxied : sequences of str, optional
            In place of the claim's, where this experiment differs.
        unmoved : mapping of parameter to reason, optional
            Added to the claim's.
        ranges : mapping of parameter to condition or list of values, optional
            In place of the claim's of these parameters.
        """

        def declare(simulate: Simulation) -> Simulation:
            name = getattr(simulate, "__name__", "simulation")
            where = f"{self.file.name}, experiment {name}"
            if name in self.experiments or name in self.problems:
                raise ClaimError(where, "name", "is used twice", "rename one of the functions")
            builder = self._problem_of(simulate, problem, where)
            axes = (axis,) if isinstance(axis, Axis) else fields.listed(where, "axis", axis)
            at_quick, dear = (
                tuple(
                    fields.mapping(where, f"{field}[{index}]", case)
                    for index, case in enumerate(fields.listed(where, field, given))
                )
                for field, given in (("cases", cases), ("later", later))
            )
            if dear and not at_quick:
                raise ClaimError(
                    where, "cases", "is missing beside later", "list what quick effort judges"
                )
            listed_cases = at_quick + dear
            own = fields.constants(where, "free", {} if free is None else free)
            reasons = fields.worded(where, "unmoved", {} if unmoved is None else unmoved)
            own_ranges = declared(where, {} if ranges is None else ranges)
            taken = _parameters(simulate) | (_parameters(builder) if builder else set())
            elsewhere = {one.name for one in axes if isinstance(one, Axis)}.union(*listed_cases)
            shared = {k: v for k, v in self.free.items() if k in taken and k not in elsewhere}
            constants = {**shared, **own}
            experiment = Experiment(
                name=name,
                simulate=simulate,
                problem=builder,
                axes=axes,
                cases=listed_cases,
                at_quick=len(at_quick) or None,
                free={key: values[0] for key, values in constants.items()},
                others={key: values[1:] for key, values in constants.items() if values[1:]},
                checks=fields.listed(where, "checks", checks),
                unmoved={**self.unmoved, **reasons},
                ranges=concerning(elsewhere | set(constants), {**self.ranges, **own_ranges}),
                form=validation.form(where, data, floor),
                replicates=validation.replicates(where, replicates),
                block=block,
                cost=None if cost is None else validation.formula(where, "cost", cost),
                timeout=timeout,
                replay=validation.replay(where, replay),
                real=fields.texts(where, "real", self._listed(where, "real", real), empty=False),
                proxied=fields.texts(
                    where, "proxied", self._listed(where, "proxied", proxied), empty=True
                ),
            )
            if not is_sound():
                validation.validate(experiment, where)
                expressions.require_moved(experiment, where)
            for parameter in reasons:
                if parameter not in experiment.names:
                    raise ClaimError(
                        where, "unmoved", f"'{parameter}' is no parameter here", "correct its name"
                    )
            self._experiments[name] = experiment
            return simulate

        return declare

    def _listed(self, where: str, name: str, own: Sequence[str] | None) -> Sequence[str]:
        """A fidelity list: the experiment's own, or the claim's."""
        known: Sequence[str] | None = getattr(self, name) if own is None else own
        if known is None:
            raise ClaimError(
                where, name, "is missing",
                "list at the claim or here what is simulated (real) and what is replaced (proxied; "
                "where nothing is, write proxied=[])",
            )  # fmt: skip
        return known

    def _problem_of(
        self, simulate: Callable[..., Any], named: Callable[..., Any] | None, where: str
    ) -> Callable[..., Any] | None:
        """The problem that a simulation takes, where it takes one."""
        if "problem" not in inspect.signature(simulate).parameters:
            if named is not None:
                raise ClaimError(
                    where, "problem", "is given, but the simulation does not take it",
                    f"write def {getattr(simulate, '__name__', 'simulation')}(problem, ...)",
                )  # fmt: skip
            return None
        known = list(self.problems.values())
        if named is not None and named not in known:
            raise ClaimError(where, "problem", "is not declared", "put @claim.problem above it")
        if named is None and len(known) != 1:
            what = f"is one of {', '.join(self.problems)}" if known else "is not declared"
            fix = "say problem=..." if known else "put @claim.problem above the builder"
            raise ClaimError(where, "problem", what, fix)
        return named or known[0]


def _parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters)
