"""What a cell of the calibration is: how to simulate it, and what is promised of it.

Cells named ``held out`` played no part in the choice of any constant of the inference. They are
simulated by the same functions that judge a claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ratecheck.calibrate import paths
from ratecheck.calibrate.proportions import Rate
from ratecheck.inference.cells import Array

TAIL = 0.0045
POINTS = tuple(float(2**j) for j in range(4, 12))
TIMES = tuple(float(t) for t in range(1, 9))
Rng = np.random.Generator
Result = tuple[list[Rate], dict[str, float]]


@dataclass(frozen=True)
class Cell:
    """One cell of the calibration.

    Attributes
    ----------
    name, group : str
    simulate : callable (rng, experiments) -> (rates, numbers)
    held_out : bool
        It played no part in choosing any constant.
    why : str
        Where a promise is known not to hold: the reason.
    share : float
        Experiments relative to the number asked for (slow cells get fewer).
    judges : tuple of str
        The kinds of check and forms of data whose error rates it measures.
    """

    name: str
    group: str
    simulate: Callable[[Rng, int], Result] = field(repr=False)
    held_out: bool = False
    share: float = 1.0
    why: str = ""
    judges: tuple[str, ...] = ()


FAMILIES: list[Callable[[], list[Cell]]] = []


def family(cells: Callable[[], list[Cell]]) -> Callable[[], list[Cell]]:
    """Register a function that gives the cells of a kind of check or of a form of data."""
    FAMILIES.append(cells)
    return cells


def grid(k: int = 8, ratio: float = 2.0, first: float = 1.0) -> Array:
    """Logs of k points in a constant ratio."""
    return np.asarray(np.log(first) + np.arange(k) * np.log(ratio))


def ramp(low: float, high: float, k: int = 8) -> tuple[float, ...]:
    """k values in geometric progression."""
    return tuple(float(v) for v in np.geomspace(low, high, k))


def in_batches(run: Callable[[int], paths.Ends], experiments: int) -> paths.Ends:
    """Run experiments so many at a time, and put their ends one after the other."""
    sizes = [min(paths.BATCH, experiments - i) for i in range(0, experiments, paths.BATCH)]
    parts = [run(size) for size in sizes]
    return paths.Ends(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=1)
            for name in paths.Ends.__dataclass_fields__
        )
    )
