"""What a run could have resolved, and what it still needs."""

from __future__ import annotations

import numpy as np

GUARD = 1.05
POWER = 1.645
SAFELY = 2  # times what there were: no advice is for less
MOVES = 0.6  # POWER over the 1.05 * 2.61 standard errors of an interval's arm


def resolvable(se: float, tail: float) -> float:
    """The smallest gap that such a standard error resolves with power 95 %."""
    from scipy.special import ndtri

    return float((GUARD * -ndtri(tail) + POWER) * se)


def replicates_for(cv: float, margin: float, x: np.ndarray, tail: float) -> int:
    """Replicates a point for 95 % power to PASS a true claim.

    (1.05 z + 1.96)^2 cv^2 / (margin^2 Sxx), with the allowance of heavy-tailed noise
    (1 + cv^2/8) and three more.
    """
    from scipy.special import ndtri

    scatter = float(((x - x.mean()) ** 2).sum())
    base = (GUARD * -ndtri(tail) + 1.96) ** 2 * cv**2 / (margin**2 * scatter)
    return int(np.ceil(base * (1 + cv**2 / 8))) + 3


def still_needed(
    now: int, half_width: float, distance: float, margin: float, *, two_sided: bool = True
) -> tuple[int, int | None] | None:
    """Replicates a point that would decide in 95 of 100 cases, from an interval of this half-width.

    As many that the interval, and what the estimate may move by, fit between the truth and the
    margin. The truth is known to what the estimate may move by: hence fewest and most. A run has
    just shown that what there are do not decide, so the fewest are twice as many.

    Parameters
    ----------
    now : int
        Replicates a point so far.
    half_width : float
        Of the interval.
    distance : float
        Of the estimate from the prediction, towards what the relation forbids.
    margin : float
    two_sided : bool
        A distance below 0 is one above it.

    Returns
    -------
    (int, int or None) or None
        Fewest and most; no most where the truth may be within a tenth of the margin of the margin
        itself, and None where the estimate is.
    """
    near = 0.1 * margin
    if abs(margin - distance) <= near:
        return None
    moves = MOVES * half_width
    ends = (max(0.0, distance - moves) if two_sided else distance - moves, distance + moves)
    rooms = sorted(abs(margin - end) for end in ends)

    def enough(room: float) -> int:
        return max(SAFELY * now, int(np.ceil(now * (half_width + moves) ** 2 / room**2)))

    open_ended = rooms[0] <= near or ends[0] < margin < ends[1]
    return enough(rooms[1]), None if open_ended else enough(rooms[0])
