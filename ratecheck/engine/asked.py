"""What a reader asks for that the claim files do not list, and which experiments answer it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ratecheck.claim import validation
from ratecheck.claim.catalogue import Entry
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import Axis, Experiment
from ratecheck.claim.falsifier import Params, Value
from ratecheck.claim.question import Question
from ratecheck.errors import ClaimError, FormulaError, RequestError


@dataclass(frozen=True)
class Override:
    """What a reader asks for that the file does not list.

    Attributes
    ----------
    case : mapping or None
        One case in place of the listed ones; parameters left out keep the first case's values.
        Experiments whose cases lack one of its names are left out.
    points : mapping of axis to points
    margin : float or None
    constants : mapping
    experiments : tuple of str
        Names of the only experiments that are asked for; all where it is empty.
    items : tuple of str
        What selects checks and falsifiers by their ids, as a run prints them, from their beginning:
        ``claim``, ``claim/experiment``, ``claim/experiment/check`` or all of it; all where empty.
    words : tuple of str
        What every id that is asked for holds.
    """

    case: Params | None = None
    points: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    margin: float | None = None
    constants: Params = field(default_factory=dict)
    experiments: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Override()

    @property
    def changes(self) -> bool:
        """Whether it asks for more than a selection."""
        return replace(self, experiments=(), items=(), words=()) != Override()

    def selects(self, item: str) -> bool:
        """Whether an item of this id is selected."""
        named = not self.items or any(selected_by(one, item) for one in self.items)
        return named and all(word in item for word in self.words)

    def concerns(self, experiment: Experiment) -> bool:
        """Whether an experiment is asked for: selected, and with every parameter of the case."""
        selected = not self.experiments or experiment.name in self.experiments
        return selected and set(self.case or {}) <= _in_cases(experiment)


def selected_by(selector: str, item: str) -> bool:
    """Whether an id is the selector, or goes on after it with its next part."""
    return item == selector or item.startswith((f"{selector}/", f"{selector}["))


@dataclass(frozen=True)
class Asked:
    """The experiments that are asked for, as they are asked for.

    Attributes
    ----------
    experiments : tuple of (Entry, Experiment)
    refused : tuple of str
        A sentence for each experiment that is asked for and cannot answer.
    """

    experiments: tuple[tuple[Entry, Experiment], ...]
    refused: tuple[str, ...]


def asked(entries: Sequence[Entry], override: Override) -> Asked:
    """The experiments of the claims that answer what is asked.

    Raises
    ------
    RequestError
        If no claim has a name that is asked for, or no experiment all of the case's parameters.
    """
    declared = listed(entries).experiments
    _require_known([experiment for _, experiment in declared], override)
    found: list[tuple[Entry, Experiment]] = []
    refused: list[str] = []
    for entry, experiment in declared:
        if not override.concerns(experiment):
            continue
        try:
            found.append((entry, as_asked(entry, experiment, override)))
        except RequestError as error:
            refused.append(str(error))
    return Asked(tuple(found), tuple(refused))


def listed(entries: Iterable[Entry]) -> Asked:
    """All experiments as their files list them."""
    declared = ((entry, one) for entry in entries for one in entry.claim.experiments.values())
    return Asked(tuple(declared), ())


def near_rivals(question: Question) -> Iterator[tuple[str, str]]:
    """The rivals that no data of this question could exclude, each with the sentence on it."""
    margin = question.check.margin
    for name, text in question.check.rivals.items():
        try:
            near = question.distance(text) <= margin
            why = f"is within the margin {margin:g} of the claim here"
        except (FormulaError, ValueError, ArithmeticError):
            near, why = True, "has no value here"
        if near:
            yield name, f"the rival '{name}' is left out: {text} {why}"


def _in_cases(experiment: Experiment) -> set[str]:
    return set(experiment.cases[0]) if experiment.cases else set()


def _require_known(experiments: Sequence[Experiment], override: Override) -> None:
    """Every name is known to at least one experiment, all of the case's to one and the same."""
    known: dict[str, tuple[Iterable[str], set[str]]] = {
        "experiment": (override.experiments, {e.name for e in experiments}),
        "parameter": (override.case or {}, set().union(*map(_in_cases, experiments))),
        "constant": (override.constants, {name for e in experiments for name in e.free}),
        "axis": (override.points, {axis.name for e in experiments for axis in e.axes}),
    }
    for what, (names, there) in known.items():
        for name in sorted(set(names) - there):
            choices = ", ".join(sorted(there)) or "none here"
            raise RequestError(f"'{name}' is no {what} of these claims; there are: {choices}")
    if not any(map(override.concerns, experiments)):
        have = "; ".join(
            f"{e.name} has {', '.join(sorted(_in_cases(e)))}" for e in experiments if e.cases
        )
        raise RequestError(
            f"no experiment has the parameters {', '.join(override.case or {})} together: {have}"
        )


def as_asked(entry: Entry, experiment: Experiment, override: Override) -> Experiment:
    """The experiment as asked for; constants and axes that it lacks are another one's business.

    Raises
    ------
    RequestError
        If it cannot answer, with the reason in a sentence.
    """
    changes: dict[str, object] = {}
    if override.case:
        first = experiment.cases[0]
        case = {name: _alike(value, first[name]) for name, value in override.case.items()}
        changes["cases"] = ({**first, **case},)
        changes["others"] = {}
    constants = {
        name: _alike(value, experiment.free[name])
        for name, value in override.constants.items()
        if name in experiment.free
    }
    if constants:
        changes["free"] = {**experiment.free, **constants}
        changes["others"] = {k: v for k, v in experiment.others.items() if k not in constants}
    if override.margin is not None:
        changes["checks"] = tuple(_with_margin(one, override.margin) for one in experiment.checks)
    if any(axis.name in override.points for axis in experiment.axes):
        changes["axes"] = tuple(_with_points(axis, override) for axis in experiment.axes)
    if not changes:
        return experiment
    changed = replace(experiment, **changes)  # type: ignore[arg-type]
    # a rival that comes too near is left out where it does (`near_rivals`), and no reason to refuse
    alone = tuple(replace(check, rivals={}) for check in changed.checks)
    where = f"{entry.path.name}, experiment {experiment.name}, as asked"
    try:
        validation.validate(replace(changed, checks=alone), where)
    except ClaimError as error:
        raise RequestError(str(error)) from None
    return changed


def _alike(value: Value, listed: Value) -> Value:
    """A number of the listed value's type where it can be: r=1 asks for the r=1.0 that is listed.

    Seeds know a whole number from a real one.
    """
    if isinstance(listed, float) and isinstance(value, int):
        return float(value)
    if isinstance(listed, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _with_margin(check: Check, margin: float) -> Check:
    return replace(check, margin=margin) if check.needs_margin else check


def _with_points(axis: Axis, override: Override) -> Axis:
    points = override.points.get(axis.name)
    return axis if points is None else Axis(axis.name, points, at=axis.at, to=axis.to)
