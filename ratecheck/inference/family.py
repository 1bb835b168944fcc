"""Many verdicts at once: how many false ones the error rates allow, and which survive Holm.

Every verdict has its own error rate alpha. Over a catalogue false verdicts add up; Holm's procedure
(Scand. J. Stat. 6, 1979) says which verdicts stand when the chance of even one false verdict among
them must be under alpha, whatever the dependence between them.
"""

from __future__ import annotations

from collections.abc import Sequence


def allowed(judged: int, alpha: float) -> float:
    """False verdicts on average, at most, over so many judged checks."""
    return judged * alpha


def holm(attained: Sequence[float | None], alpha: float) -> list[bool]:
    """Which verdicts stand after Holm's adjustment.

    Parameters
    ----------
    attained : sequence of float or None
        For every judged check the smallest error rate at which its verdict is the same; None for
        a check that was judged and not decided: it could have been decided wrongly, and counts.
    alpha : float

    Returns
    -------
    list of bool
        In the same order.
    """
    order = sorted(range(len(attained)), key=lambda i: _key(attained[i]))
    stands = [False] * len(attained)
    for rank, i in enumerate(order):
        value = attained[i]
        if value is None or value > alpha / (len(order) - rank):
            break
        stands[i] = True
    return stands


def _key(value: float | None) -> float:
    return float("inf") if value is None else value
