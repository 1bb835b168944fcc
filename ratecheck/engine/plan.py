"""What a run will judge: settings, items and the series of data they need.

Planning is pure and light: it imports neither torch nor numpy, so that a catalogue is collected,
listed and filtered in a blink.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ratecheck.claim import validation
from ratecheck.claim.catalogue import Entry
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import EFFORTS, Axis, Effort, Experiment
from ratecheck.claim.falsifier import Falsifier, Params, Value
from ratecheck.claim.question import Asked, Question
from ratecheck.engine.asked import Override, asked, listed, near_rivals, selected_by
from ratecheck.errors import RequestError
from ratecheck.words import DEFAULT_STORE

__all__ = ["CheckItem", "FalsifierItem", "Override", "Plan", "Series", "Settings", "plan"]


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
    """A check on one case along one axis, with what its verdict must warn of beforehand."""

    warnings: tuple[str, ...] = ()

    @property
    def asked(self) -> Asked:
        """The question and the warnings."""
        return Asked(self.question, warnings=self.warnings)


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


@dataclass(frozen=True)
class Plan:
    """What will be judged, and what was asked for and cannot be.

    Attributes
    ----------
    items : tuple of CheckItem or FalsifierItem
    refused : tuple of str
        A sentence for each experiment that cannot answer what is asked.
    """

    items: tuple[CheckItem | FalsifierItem, ...]
    refused: tuple[str, ...] = ()


def plan(
    entries: Iterable[Entry], settings: Settings, override: Override | None = None
) -> list[CheckItem | FalsifierItem]:
    """The items of `planned`."""
    return list(planned(entries, settings, override).items)


def planned(entries: Iterable[Entry], settings: Settings, override: Override | None = None) -> Plan:
    """Every check and falsifier of the claims at the effort of the settings, in file order.

    Raises
    ------
    RequestError
        If an override names what no experiment has, or no experiment can answer it.
    """
    entries, override = list(entries), override or Override()
    found = asked(entries, override) if entries and override else listed(entries)
    items: list[CheckItem | FalsifierItem] = []
    refused = list(found.refused)
    for entry, experiment in found.experiments:
        mine = list(_items(entry, experiment, settings.effort, asked=override.changes))
        items += mine
        if override.changes and not mine:
            said = dict.fromkeys(check.when for check in experiment.checks if check.when)
            where = " or where ".join(said)
            refused.append(f"{entry.path.name}, experiment {experiment.name}, as asked: "
                           f"no check says anything there, but where {where}")  # fmt: skip
    if refused and not items:
        raise RequestError("; ".join(dict.fromkeys(refused)))
    return Plan(tuple(_selected(items, override)), tuple(refused))


def _selected(
    items: Sequence[CheckItem | FalsifierItem], override: Override
) -> Iterable[CheckItem | FalsifierItem]:
    """A check that is selected with its falsifiers, and a falsifier that is with its check."""
    if not (override.items or override.words):
        return items
    for selector in override.items:
        if not any(selected_by(selector, item.id) for item in items):
            known = dict.fromkeys(part for item in items for part in _parts(item.id))
            close = get_close_matches(selector, known, n=1, cutoff=0.3)
            hint = f"did you mean {close[0]}?" if close else "ratecheck show CLAIM names them"
            raise RequestError(f"nothing is called '{selector}'; {hint}")
    groups: list[list[CheckItem | FalsifierItem]] = []
    for item in items:  # each check stands before its falsifiers
        if isinstance(item, CheckItem):
            groups.append([])
        groups[-1].append(item)
    kept: list[CheckItem | FalsifierItem] = []
    for check, *falsifiers in groups:
        chosen = [one for one in falsifiers if override.selects(one.id)]
        if override.selects(check.id):
            kept += [check, *falsifiers]
        elif chosen:
            kept += [check, *chosen]
    if items and not kept:
        words = " and ".join(f"'{word}'" for word in override.words)
        raise RequestError(f"no check or falsifier has {words} in its name")
    return kept


def _parts(item: str) -> Iterator[str]:
    """What an id begins with, from its experiment on: ``claim/experiment/check[n][s=1]``."""
    claim, experiment, rest = item.split("/", 2)
    yield f"{claim}/{experiment}"
    yield f"{claim}/{experiment}/{rest.partition('[')[0]}"
    yield item


def _items(
    entry: Entry, experiment: Experiment, effort: Effort, *, asked: bool
) -> Iterable[CheckItem | FalsifierItem]:
    for case, check, axis, params in experiment.judged(effort):
        prefix = f"{entry.id}/{experiment.name}"
        tail = f"[{axis.name}]{_label(case)}"
        points = axis.points(effort, params)
        near = dict(near_rivals(Question(check, axis.name, points, params))) if asked else {}
        if near:
            far = {name: text for name, text in check.rivals.items() if name not in near}
            check = replace(check, rivals=far)
        common = (entry, experiment, check, case, axis)
        yield CheckItem(
            f"{prefix}/{check.label}{tail}", *common, points, params, tuple(near.values())
        )
        for falsifier in experiment.falsified(check, axis, params):
            yield FalsifierItem(
                f"{prefix}/falsifier-{check.label}-{validation.slug(falsifier.name)}{tail}",
                *common,
                axis.points(effort, params, falsifier.points),
                experiment.varied(falsifier, params),
                falsifier,
            )


def _label(case: Params) -> str:
    if not case:
        return ""
    shown = (f"{k}={v:.10g}" if isinstance(v, float) else f"{k}={v}" for k, v in case.items())
    return f"[{','.join(shown)}]"
