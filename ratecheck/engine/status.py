"""How far a run is, claim by claim."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ratecheck.engine.plan import Item
from ratecheck.engine.sampling import Sampling
from ratecheck.judge.verdict import Look


@dataclass(frozen=True)
class ClaimStatus:
    """Progress of one claim.

    Attributes
    ----------
    blocks_done, blocks_planned : int
        Planned so far: an item that is not decided by then asks for more.
    seconds_left : float or None
        Of what is planned so far; None before anything is known.
    watched : (Item, Look) or None
        The first item that a look has left open, with its interval then.
    warnings : tuple of str
        Which checks cannot resolve their margin with what the effort allows, as soon as the pilot
        shows it.
    """

    claim: str
    blocks_done: int
    blocks_planned: int
    replicates: int
    judged: int
    items: int
    seconds_done: float
    seconds_left: float | None
    watched: tuple[Item, Look] | None
    warnings: tuple[str, ...] = ()


def statuses(
    items: Sequence[Item], samplings: Sequence[Sampling], judged: Collection[str], workers: int
) -> list[ClaimStatus]:
    """Progress of every claim, in the order of the plan; ``judged`` are ids of items."""
    ids: dict[str, list[str]] = {}
    for item in items:
        ids.setdefault(item.entry.id, []).append(item.id)
    return [
        _status(claim, mine, [s for s in samplings if s.series.claim == claim], judged, workers)
        for claim, mine in ids.items()
    ]


def _status(
    claim: str, ids: Sequence[str], mine: Sequence[Sampling], judged: Collection[str], workers: int
) -> ClaimStatus:
    unfinished = [s for s in mine if not s.finished]
    left = [s.seconds_left for s in unfinished]
    known = [seconds for seconds in left if seconds is not None]
    return ClaimStatus(
        claim,
        blocks_done=sum(s.done for s in mine),
        blocks_planned=sum(s.planned for s in mine),
        replicates=sum(s.replicates for s in mine),
        judged=sum(i in judged for i in ids),
        items=len(ids),
        seconds_done=sum(s.seconds for s in mine),
        seconds_left=sum(known) / max(1, workers) if len(known) == len(left) else None,
        watched=next((s.watched for s in unfinished if s.watched), None),
        warnings=tuple(warning for s in mine for warning in s.warnings),
    )
