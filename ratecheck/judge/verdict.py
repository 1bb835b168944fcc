"""The answer to one check: PASS, FAIL, INCONCLUSIVE or ERROR, with all that supports it.

These are plain data. How they come about is in `ratecheck.judge.judge`; how they are shown, in the
report and the faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # else a catalogue would not be collected without numpy
    from ratecheck.inference.finding import Interval, Local, Outcome, Point

__all__ = ["Kill", "Look", "Rival", "Sibling", "Verdict"]


@dataclass(frozen=True)
class Rival:
    """Another prediction, and whether the data exclude it.

    ``separable`` is False where its slope is within the margin of the claim's on this axis: then
    nothing is claimed about it here.
    """

    name: str
    formula: str
    predicted: float
    separable: bool
    excluded: bool


@dataclass(frozen=True)
class Sibling:
    """The same data judged against another prediction: whether they contradict it.

    Siblings come for free, and show the resolution of the check: each rival, and the claim itself
    moved by two margins.
    """

    name: str
    predicted: float
    killed: bool


@dataclass(frozen=True)
class Look:
    """One look of the sequential run.

    Attributes
    ----------
    replicates : int
        Over all points.
    work : float
        Replicates times their declared cost (1 where none is declared).
    measured, interval
        As of the verdict, at the level of this look.
    """

    replicates: int
    work: float
    measured: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Verdict:
    """The answer to one check on one case along one axis.

    Attributes
    ----------
    outcome : {"PASS", "FAIL", "INCONCLUSIVE", "ERROR"}
    reason : str
        A few words: "inside the margin", "outside the margin", "pre-asymptotic", "too wide",
        "vacuous", "not settled", "simulation failed", "out of time", ...
    sentence : str
        The verdict in one or two plain sentences with its numbers.
    predicted, measured : float or None
        Slopes (or ratios) in the check's coordinates; measured is None where nothing could be
        measured.
    interval : pair or None
        Of the measured value, at the level of the verdict; an open side is None.
    margin : float
    gap : float or None
        Smallest distance from the prediction that this run could have resolved.
    needed : int or None
        Replicates a point that would be needed at least, twice what there are or more; 0 when
        decided, None when no number of replicates would settle it.
    settles : float or None
        Value of the axis at which a bent curve would settle, where it bends towards the claim.
    siblings : tuple of Sibling
        The same data judged against rivals and against the claim moved by two margins.
    attained : float or None
        Smallest error rate at which the same data would give the same verdict: what Holm's
        adjustment over a catalogue orders. None where nothing is random or nothing is decided.
    looks : tuple of Look
        The looks of the sequential run, the last one being the verdict's.
    warnings : tuple of str
        What a reader should know about the interval.
    replay : str or None
        For an ERROR, the command that replays the failing block.
    """

    outcome: Outcome
    reason: str
    sentence: str
    predicted: float | None
    measured: float | None
    interval: Interval | None
    margin: float
    gap: float | None = None
    needed: int | None = None
    settles: float | None = None
    rivals: tuple[Rival, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    points: tuple[Point, ...] = ()
    local: tuple[Local, ...] = ()
    looks: tuple[Look, ...] = ()
    attained: float | None = None
    warnings: tuple[str, ...] = ()
    replay: str | None = None


@dataclass(frozen=True)
class Kill:
    """Whether a falsifier was killed: whether the check fails on it, as it must.

    Attributes
    ----------
    outcome : {"KILLED", "SURVIVED", "UNDECIDED", "ERROR"}
        It survived if its numbers agree with the claim; if they are too few to tell, it is
        undecided.
    """

    outcome: Literal["KILLED", "SURVIVED", "UNDECIDED", "ERROR"]
    sentence: str
    predicted: float | None
    measured: float | None
    interval: Interval | None
    points: tuple[Point, ...] = ()
    replay: str | None = None
