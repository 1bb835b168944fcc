"""What a run will judge: settings, items and the series of data they need.

Planning is pure and light: it imports neither torch nor numpy, so that a catalogue is collected,
listed and filtered in a blink.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ratecheck.claim import validation
from ratecheck.claim.catalogue import Entry
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import EFFORTS, Axis, Effort, Experiment
from ratecheck.claim.falsifier import Falsifier, Params, Value
from ratecheck.claim.question import Asked, Question
from ratecheck.errors import ClaimError, RequestError

DEFAULT_STORE = Path(".ratecheck") / "store.sqlite"


def store_path(text: str) -> Path | None:
    """The store that ``--store`` names; ``none`` keeps nothing."""
    return None if text == "none" else Path(text)


@dataclass(frozen=True)
class Settings:
    """How a run is carried out.

    Attributes
    ----------
    effort : {"quick", "standard", "full"}
    seed : int
        Base seed: another seed is another, independent run.
    device : str
        "cpu", "cuda" or "cuda:1".
    workers : int or None
        Worker processes; 0 computes in this process; None takes one a core (one on a GPU).
    executor : str or None
        Where blocks are computed, by its name in `engine.executors`; None takes worker processes,
        or this process where there are no workers.
    store : Path or None
        File of the results; None keeps them in memory only.
    timeout : float or None
        Seconds after which a block is given up, where its experiment names none; None: an hour,
        which ends an endless loop and no block on a busy machine.
    alpha : float
        Promised bound on each error rate of each verdict.
    fixed : bool
        Sample every point fully instead of sequentially.
    """

    effort: Effort = "quick"
    seed: int = 0
    device: str = "cpu"
    workers: int | None = None
    executor: str | None = None
    store: Path | None = DEFAULT_STORE
    timeout: float | None = None
    alpha: float = 0.01
    fixed: bool = False

    def __post_init__(self) -> None:
        if self.effort not in EFFORTS:
            raise RequestError(f"unknown effort '{self.effort}'; choose {', '.join(EFFORTS)}")
        if not 0 <= self.seed < 2**63:
            raise RequestError(f"the seed {self.seed} is not a whole number from 0 to 2^63 - 1")
        if self.workers is not None and self.workers < 0:
            raise RequestError(f"{self.workers} workers: give 0 (in this process) or more")
        if self.timeout is not None and not 0 < self.timeout <= validation.LONGEST_BLOCK:
            raise RequestError(
                f"a block cannot take {self.timeout:g} s; give --block-timeout more than 0 and "
                f"at most {validation.LONGEST_BLOCK} seconds, or leave it out"
            )


@dataclass(frozen=True)
class Override:
    """What a reader asks for that the file does not list.

    Attributes
    ----------
    case : mapping or None
        One case in place of the listed ones; parameters left out keep the first case's values.
    points : mapping of axis to points
    margin : float or None
    constants : mapping
    """

    case: Params | None = None
    points: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    margin: float | None = None
    constants: Params = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Override()


@dataclass(frozen=True)
class Series:
    """Data of one experiment along one axis with all else fixed: what a slope is fitted to."""

    claim: str
    experiment: str
    axis: str
    points: tuple[float, ...]
    params: tuple[tuple[str, Value], ...]

    def identity(self) -> dict[str, Any]:
        """What tells the series apart, as it stands in a certificate."""
        return {
            "claim": self.claim,
            "experiment": self.experiment,
            "axis": self.axis,
            "points": list(self.points),
            "params": dict(self.params),
        }


@dataclass(frozen=True, eq=False)
class Item:
    """One thing to be judged: a check, or a falsifier of one, on one case along one axis.

    Attributes
    ----------
    id : str
        ``claim/experiment/label[axis][case]``.
    check : Check
        The check; for a falsifier the check that it must kill.
    case : mapping
        The case's parameters (with varied constants).
    params : mapping
        Every parameter of the simulation but the axis.
    """

    id: str
    entry: Entry
    experiment: Experiment
    check: Check
    case: Params
    axis: Axis
    points: tuple[float, ...]
    params: Params

    @property
    def series(self) -> Series:
        """The data that the item needs."""
        return Series(
            self.entry.id,
            self.experiment.name,
            self.axis.name,
            self.points,
            tuple(sorted(self.params.items())),
        )

    @property
    def question(self) -> Question:
        """What is asked of the data."""
        return Question(self.check, self.axis.name, self.points, self.params)

    @property
    def asked(self) -> Asked:
        """The question, and of a falsifier its name."""
        return Asked(self.question)


@dataclass(frozen=True, eq=False)
class CheckItem(Item):
    """A check on one case along one axis."""


@dataclass(frozen=True, eq=False)
class FalsifierItem(Item):
    """A falsifier of a check on one case along one axis."""

    falsifier: Falsifier

    @property
    def question(self) -> Question:
        """What is asked of the data: the falsifier's quantity in place of the check's own."""
        own = self.falsifier.quantity
        check = self.check if own is None else replace(self.check, quantity=own)
        return replace(super().question, check=check)

    @property
    def asked(self) -> Asked:
        """The question and the falsifier's name."""
        return Asked(self.question, self.falsifier.name)


def plan(
    entries: Iterable[Entry], settings: Settings, override: Override | None = None
) -> list[CheckItem | FalsifierItem]:
    """Every check and falsifier of the claims at the effort of the settings, in file order.

    Raises
    ------
    RequestError
        If an override names what no experiment has, or does not pass validation.
    """
    items: list[CheckItem | FalsifierItem] = []
    override = override or Override()
    entries = list(entries)
    if override:
        _require_known(entries, override)
    for entry in entries:
        for experiment in entry.claim.experiments.values():
            changed = _overridden(entry, experiment, override) if override else experiment
            items += _items(entry, changed, settings.effort)
    return items


def _items(
    entry: Entry, experiment: Experiment, effort: Effort
) -> Iterable[CheckItem | FalsifierItem]:
    for case, check, axis, params in experiment.judged(effort):
        prefix = f"{entry.id}/{experiment.name}"
        tail = f"[{axis.name}]{_label(case)}"
        points = axis.points(effort)
        common = (entry, experiment, check, case, axis)
        yield CheckItem(f"{prefix}/{check.label}{tail}", *common, points, params)
        for falsifier in experiment.falsified(check, axis, params):
            yield FalsifierItem(
                f"{prefix}/falsifier-{check.label}-{validation.slug(falsifier.name)}{tail}",
                *common,
                axis.towards(falsifier.points or points),
                experiment.varied(falsifier, params),
                falsifier,
            )


def _label(case: Params) -> str:
    if not case:
        return ""
    shown = (f"{k}={v:.10g}" if isinstance(v, float) else f"{k}={v}" for k, v in case.items())
    return f"[{','.join(shown)}]"


def _require_known(entries: Sequence[Entry], override: Override) -> None:
    """Every overridden name must be known to at least one experiment."""
    experiments = [e for entry in entries for e in entry.claim.experiments.values()]
    asked = {
        "parameter": (set(override.case or {}), [set(c) for e in experiments for c in e.cases]),
        "constant": (set(override.constants), [set(e.free) for e in experiments]),
        "axis": (set(override.points), [{a.name for a in e.axes} for e in experiments]),
    }
    for what, (names, sets) in asked.items():
        known = set().union(*sets)
        for name in sorted(names - known):
            choices = ", ".join(sorted(known)) or "none here"
            raise RequestError(f"'{name}' is no {what} of these claims; there are: {choices}")


def _overridden(entry: Entry, experiment: Experiment, override: Override) -> Experiment:
    """The experiment as asked for; names that it lacks are another experiment's business."""
    changes: dict[str, object] = {}
    known_case = set(experiment.cases[0]) if experiment.cases else set()
    asked = {k: v for k, v in (override.case or {}).items() if k in known_case}
    if asked:
        changes["cases"] = ({**experiment.cases[0], **asked},)
        changes["others"] = {}
    constants = {k: v for k, v in override.constants.items() if k in experiment.free}
    if constants:
        changes["free"] = {**experiment.free, **constants}
        changes["others"] = {k: v for k, v in experiment.others.items() if k not in constants}
    if override.margin is not None:
        changes["checks"] = tuple(
            replace(check, margin=override.margin) if check.needs_margin else check
            for check in experiment.checks
        )
    if any(axis.name in override.points for axis in experiment.axes):
        changes["axes"] = tuple(
            Axis(axis.name, override.points[axis.name], at=axis.at, to=axis.to)
            if axis.name in override.points
            else axis
            for axis in experiment.axes
        )
    if not changes:
        return experiment
    changed = replace(experiment, **changes)  # type: ignore[arg-type]
    try:
        validation.validate(changed, f"{entry.path.name}, experiment {experiment.name}, as asked")
    except ClaimError as error:
        raise RequestError(str(error)) from None
    return changed
