"""A sequence in a Besov ball that realises the adaptive and the linear rate, with exact risks.

In an orthonormal wavelet basis the unit ball of B^s_{p,infinity} is

    sum_k |theta_jk|^p <= 2^(-j p (s + d/2 - d/p))     on every level j, of 2^(j d) coefficients,

and the model is y = theta + n^(-1/2) z. On each level of the sequence there are

- one spike, 2^(-j (s + d/2 - d/p)), at a random place with a random sign: the level's energy
  2^(-2 j s'), s' = s - d (1/p - 1/2), is the most that the ball allows. A linear estimator, which
  does not know the place, can do no better than n^(-2 s'/(2 s' + d)).
- 2^(j d) dense coefficients, 2^(-j (s + d/2)), with random signs: no estimator beats
  n^(-2 s/(2 s + d)).

Both lie in the ball, their sum in twice the ball (for p < 1, 2^(1/p) times). Nothing depends on n.
As places and signs are random, the best linear estimator shrinks each level by one factor. All
risks are closed forms; they are averaged over dilations of the sequence by less than one level,
which takes away their periodic wobble in log n.

Numbers of coefficients are real: 2^(j d) for the fractional levels j of a dilation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ratecheck.lab.estimators.thresholding import best_soft_risk, hard_risk, universal_threshold

Array = np.ndarray
DILATIONS = 8
# Hard thresholding costs most where coefficients are close to the threshold, a fraction of a level.
DILATIONS_OF_HARD = 32
NEGLIGIBLE = 2.0**-20
ROUND_OFF = 1e-9


@dataclass(frozen=True)
class Sequence:
    """The sequence of a ball.

    Attributes
    ----------
    s, p, d : float
        Smoothness, integrability and dimension, s > d (1/p - 1/2)_+. For s < d/p functions of the
        ball need not be bounded.
    spikes, dense : float
        Factors of the two parts.
    """

    s: float
    p: float
    d: float
    spikes: float = 1.0
    dense: float = 1.0

    def __post_init__(self) -> None:
        if not (self.p > 0 < self.d and self.s > self.d * max(1 / self.p - 0.5, 0)):
            raise ValueError(
                f"s = {self.s:g}, p = {self.p:g}, d = {self.d:g}: the sequence has a finite sum of "
                "squares for s > d (1/p - 1/2) and s > 0 only"
            )

    def level(self, j: float) -> tuple[Array, Array]:
        """Values on a level and how many coefficients have each."""
        spike, dense, places = self._sizes(j)
        return np.array([spike, dense]), np.array([1.0, places])

    def levels(self, all_of: list[float]) -> tuple[Array, Array]:
        """The same of several levels, each of shape (levels, 2)."""
        values, counts = zip(*(self.level(j) for j in all_of), strict=True)
        return np.stack(values), np.stack(counts)

    def energy(self, j: float) -> float:
        """Sum of squares on a level."""
        values, counts = self.level(j)
        return float(counts @ values**2)

    def energy_beyond(self, j: float) -> float:
        """Sum of squares on levels j, j + 1, ..., two geometric series."""
        spike, dense, places = self._sizes(j)
        first, second = self._ends
        return spike * spike / first + places * (dense * dense) / second

    def _sizes(self, j: float) -> tuple[float, float, float]:
        """The spike, a dense coefficient, and how many there are of these."""
        spike = self.spikes * 2 ** (-j * (self.s + self.d / 2 - self.d / self.p))
        dense = self.dense * 2 ** (-j * (self.s + self.d / 2))
        return spike, dense, 2 ** (j * self.d)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """1 - q for the quotients q of the two geometric series."""
        quotients = 2 ** (-2 * np.array([self.s + self.d / 2 - self.d / self.p, self.s]))
        first, second = (1 - quotients).tolist()
        return first, second


def linear_risk(sequence: Sequence, n: float) -> float:
    """Risk of the best linear estimator: sum of E v / (E + v), v = 2^(j d) / n, over levels."""

    def level(j: float) -> float:
        energy, noise = sequence.energy(j), 2 ** (j * sequence.d) / n
        return energy * noise / (energy + noise)

    return _averaged(sequence, n, lambda all_of: [level(j) for j in all_of])


def threshold_risk(sequence: Sequence, n: float) -> float:
    """Risk of soft thresholding with the best threshold for each level (`best_soft_risk`)."""

    def levels(all_of: list[float]) -> list[float]:
        values, counts = sequence.levels(all_of)
        risks: list[float] = (best_soft_risk(values * math.sqrt(n), counts) / n).tolist()
        return risks

    return _averaged(sequence, n, levels)


def universal_risk(sequence: Sequence, n: float) -> float:
    """Risk of hard thresholding at sqrt(2 log n) on the levels with 2^(j d) <= n, zero beyond.

    It knows neither s nor p; its price is a power of log n.
    """
    threshold = universal_threshold(n)

    def levels(all_of: list[float]) -> list[float]:
        values, counts = sequence.levels(all_of)
        risks = hard_risk(values * math.sqrt(n), threshold)
        return [
            sequence.energy(j)
            if 2 ** (j * sequence.d) > n * (1 + ROUND_OFF)
            else float(count @ risk) / n
            for j, count, risk in zip(all_of, counts, risks, strict=True)
        ]

    return _averaged(sequence, n, levels, DILATIONS_OF_HARD)


def projection_risk(sequence: Sequence, n: float, power: float) -> float:
    """Risk of keeping the levels with 2^(j d) <= n^power as they are, and nothing beyond."""

    def level(j: float) -> float:
        places = 2 ** (j * sequence.d)
        return places / n if places <= n**power * (1 + ROUND_OFF) else sequence.energy(j)

    return _averaged(sequence, n, lambda all_of: [level(j) for j in all_of])


def _averaged(
    sequence: Sequence,
    n: float,
    levels: Callable[[list[float]], list[float]],
    dilations: int = DILATIONS,
) -> float:
    """Mean over dilations of the sum over levels; all beyond the last one is left at zero."""
    total = 0.0
    for start in np.arange(dilations) / dilations:
        all_of = list(_levels(sequence, n, float(start)))
        for risk in levels(all_of):
            total += risk
        total += sequence.energy_beyond(all_of[-1] + 1)
    return total / dilations


def _levels(sequence: Sequence, n: float, start: float) -> Iterator[float]:
    """Levels until what is left is negligible against the parametric rate 1/n.

    There estimating nothing is as good as any other way.
    """
    j = start
    while True:
        yield j
        if sequence.energy_beyond(j + 1) < NEGLIGIBLE / n:
            return
        j += 1
