"""Functions of infinitely many inputs that are ever smoother in each further one.

An orthonormal basis of L2([0, 1]^infinity) is psi_l(x) = prod_i psi_{l_i}(x_i) over finitely
supported l, with psi_0 = 1, psi_l = sqrt(2) cos(2 pi l x) and psi_{-l} = sqrt(2) sin(2 pi l x). The
class of mixed smoothness weighs psi_l by w_l = prod_i (1 + |l_i|)^{a_i}, a_i = a i^q: Okumoto and
Suzuki, ICLR 2022, whose blocks of frequencies between powers of two are equivalent up to constants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ratecheck.lab.draws import signs, uniform

FREQUENCIES = 128  # of a target, in its first input; in the others as many as weigh as much
RADIUS = 2.0


@dataclass(frozen=True)
class Smoothness:
    """a_i = a i^q for the i-th input."""

    a: float
    q: float

    def modes(self, highest: float) -> tuple[Tensor, Tensor]:
        """The modes of weight up to ``highest``, by weight: l (J, inputs) and weights (J,)."""
        return _modes(self, highest)

    def border(self) -> tuple[Tensor, Tensor]:
        """Modes of a function on the border of the class, and their energies (J,).

        Energies are RADIUS^2 / (w_j^2 j): what is beyond weight R is of order R^-2 at every R at
        once, the most that the class allows. The constant is left out.
        """
        modes, weights = self.modes(FREQUENCIES**self.a)
        energies = RADIUS**2 / (weights.square() * torch.arange(len(weights)).clamp(min=1))
        energies[0] = 0.0
        return modes, energies

    def risk(self, highest: float, n: int, sigma: float) -> float:
        """Squared error of least squares on n data over all modes up to a weight.

        The energy that is left out, and the variance: M / (n - M - 1) times what a residual has, as
        for Gaussian columns.
        """
        energies = self.border()[1]
        kept = len(self.modes(highest)[0])
        left = float(energies[kept:].sum())
        return left + kept / (n - kept - 1) * (sigma**2 + left)


@cache
def _modes(smoothness: Smoothness, highest: float) -> tuple[Tensor, Tensor]:
    inputs = 1
    while 2 ** (smoothness.a * (inputs + 1) ** smoothness.q) <= highest:
        inputs += 1
    found: list[tuple[float, tuple[int, ...]]] = [(1.0, ())]
    for i in range(1, inputs + 1):
        power = smoothness.a * i**smoothness.q
        grown = []
        for weight, index in found:
            frequency = 0
            while (total := weight * (1 + frequency) ** power) <= highest:
                grown += [(total, (*index, k)) for k in sorted({frequency, -frequency})]
                frequency += 1
        found = grown
    found.sort(key=lambda mode: (mode[0], [abs(k) for k in mode[1]], mode[1]))
    return torch.tensor([k for _, k in found]), torch.tensor([w for w, _ in found]).double()


def features(x: Tensor, modes: Tensor) -> Tensor:
    """psi_l at points (n, inputs), for modes (J, inputs): (n, J)."""
    values = x.new_ones(len(modes), len(x))  # by modes: rows of points are next to each other
    for i in range(modes.shape[1]):
        there = modes[:, i].nonzero()[:, 0]
        chosen = modes[there, i]
        most = int(modes[:, i].abs().max())
        angles = 2 * math.pi * x[:, i] * torch.arange(1, most + 1, device=x.device)[:, None]
        table = math.sqrt(2) * torch.cat([angles.cos(), angles.sin()])
        values[there] *= table[chosen.abs() - 1 + most * (chosen < 0)]
    return values.mT


@dataclass(frozen=True)
class Target:
    """R functions, each of its own inputs, on the border of one class.

    Attributes
    ----------
    modes : Tensor of shape (J, inputs)
        l of each term, in the order of the smoothness.
    coefficients : Tensor of shape (R, J)
    positions : Tensor of shape (R, inputs)
        Which of the D inputs is the i-th smooth one.
    """

    modes: Tensor
    coefficients: Tensor
    positions: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n, D): a series in the first input for each mode of the others."""
        most = int(self.modes[:, 0].abs().max())
        first = torch.arange(-most, most + 1, device=x.device)[:, None]
        others, which = self.modes[:, 1:].unique(dim=0, return_inverse=True)
        values = []
        for points, places, own in zip(x, self.positions, self.coefficients, strict=True):
            table = own.new_zeros(len(first), len(others))
            table[self.modes[:, 0] + most, which] = own
            points = points[:, places]
            inner = features(points[:, :1], first) @ table
            values.append((inner * features(points[:, 1:], others)).sum(1))
        return torch.stack(values)

    def expansion(self, row: int) -> dict[tuple[tuple[int, int], ...], float]:
        """Coefficients of one function, by the places and frequencies ((place, l), ...) of psi."""
        places = self.positions[row].tolist()
        terms = zip(self.modes.tolist(), self.coefficients[row].tolist(), strict=True)
        return {key(index, places): value for index, value in terms}


def key(index: Sequence[int], places: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """A mode as ((place, l), ...), in the order of the places, without the l that are 0."""
    return tuple(sorted((place, k) for place, k in zip(places, index, strict=True) if k))


@dataclass(frozen=True)
class Prior:
    """Functions on the border with random signs, whose inputs have random places among D.

    What asks for more than D inputs is left out.
    """

    smoothness: Smoothness
    D: int

    def draw(self, *, replicates: int, rng: torch.Generator) -> Target:
        """Random targets."""
        modes, energies = self.smoothness.border()
        there = ~modes[:, self.D :].any(1)
        modes, energies = modes[there, : self.D].to(rng.device), energies[there].to(rng.device)
        order = uniform(replicates, self.D, rng=rng).argsort(1)[:, : modes.shape[1]]
        coefficients = energies.sqrt() * signs(replicates, len(modes), rng=rng)
        return Target(modes, coefficients, order)
