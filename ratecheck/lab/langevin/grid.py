"""Laws of a real number on equispaced points.

Where the points are finer than the narrowest Gaussian of a density, sums over them are integrals to
machine precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
MOST_POINTS = 4096  # a matrix of 128 MB


@dataclass(frozen=True, eq=False)
class Grid:
    """Points, shape (G,); a law on them is an array of shape (G,) that adds up to 1."""

    x: Array

    @property
    def spacing(self) -> float:
        """Distance of neighbours."""
        return float(self.x[1] - self.x[0])

    def law(self, energy: Array) -> Array:
        """The law proportional to exp(-energy)."""
        weight = np.exp(-energy)
        return np.asarray(weight / weight.sum())

    def gaussian(self, mean: float, sd: float) -> Array:
        """A Gaussian law."""
        return self.law(0.5 * ((self.x - mean) / sd) ** 2)

    def entropy(self, law: Array) -> float:
        """Integral of the density times its logarithm."""
        seen = law > 0
        return float(law[seen] @ np.log(law[seen])) - math.log(self.spacing)


def divergence(law: Array, target: Array) -> float:
    """KL(law || target) of two laws on one grid."""
    seen = law > 0
    return float((law[seen] * np.log(law[seen] / target[seen])).sum())


def grid(edge: float, width: float, fewest: int) -> Grid:
    """At least so many points on [-edge, edge], no farther apart than a width.

    Raises
    ------
    ValueError
        If more than 4096 points were needed: a transition matrix would not fit in memory.
    """
    points = max(fewest, math.ceil(2 * edge / width) + 1)
    if points > MOST_POINTS:
        raise ValueError(
            f"a width of {width:.3g} on [-{edge:.3g}, {edge:.3g}] needs {points} grid points, "
            f"more than {MOST_POINTS}"
        )
    return Grid(np.linspace(-edge, edge, points))
