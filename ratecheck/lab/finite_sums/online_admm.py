"""Online alternating directions, for a stream of examples and the fused penalty.

An example is z ~ N(0, I) with a response about (z, x_true), x_true of four levels; of risks and
their minima, with the penalty C |B^T x|_1, all is known:

    absolute    E |(z, x - x_true)| = (2/pi)^(1/2) |x - x_true|, no noise, the minimum at x_true
    squared     E ((z, x - x_true) - noise)^2/2, strongly convex, the minimum a total variation's

Methods split x from y = B^T x, with a multiplier and a weight rho of the splitting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.finite_sums.fused import Penalty, Structure, adjoint, differences

LEVELS = (1.0, -1.0, 0.5, 0.0)
NOISE = 0.5  # standard deviation of squared responses


class Source(Protocol):
    """Examples, and how good a point is."""

    @property
    def d(self) -> int:
        """Dimension."""

    @property
    def penalty(self) -> Structure:
        """Of what a point is split into."""

    @property
    def lowest(self) -> float:
        """The least value."""

    def slope(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """A subgradient of an example's loss at points of shape (R, d)."""

    def value(self, x: Tensor) -> Tensor:
        """Of points of shape (..., d)."""


@dataclass(frozen=True)
class Stream:
    """A source of examples.

    Attributes
    ----------
    d : int
        Dimension, a multiple of 4.
    c : float
        Size of the penalty.
    sharp : bool
        Whether the loss is absolute, not squared.
    """

    d: int
    c: float
    sharp: bool

    def __post_init__(self) -> None:
        signs = differences(torch.tensor(LEVELS).repeat_interleave(self.d // 4)).sign()
        pull = self.c * float(adjoint(signs).norm())
        if pull >= math.sqrt(2 / math.pi) or 16 * self.c / self.d >= 0.5:
            raise ValueError(f"a penalty of {self.c:g} moves the minimum elsewhere")

    @property
    def penalty(self) -> Penalty:
        """Of differences."""
        return Penalty(self.c)

    @property
    def truth(self) -> Tensor:
        """Four levels, shape (d,)."""
        return torch.tensor(LEVELS, dtype=torch.float64).repeat_interleave(self.d // 4)

    @property
    def best(self) -> Tensor:
        """The minimum of the risk with its penalty, shape (d,).

        Squared, each level is pulled towards its neighbours by C over its length.
        """
        if self.sharp:
            return self.truth
        steps = differences(torch.tensor(LEVELS, dtype=torch.float64)).sign()
        pulled = torch.tensor(LEVELS, dtype=torch.float64) - adjoint(steps) * self.c * 4 / self.d
        return pulled.repeat_interleave(self.d // 4)

    @property
    def lowest(self) -> float:
        """The minimum of the risk with its penalty."""
        return float(self.value(self.best))

    def slope(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """A subgradient of an example's loss at points of shape (R, d)."""
        z = normal(*x.shape, rng=rng)
        off = (z * (x - self.truth.to(x))).sum(-1, keepdim=True)
        if self.sharp:
            return z * off.sign()
        return z * (off - NOISE * normal(len(x), 1, rng=rng))

    def value(self, x: Tensor) -> Tensor:
        """The risk with its penalty, shape (...,), less the noise's."""
        square = (x - self.truth.to(x)).square().sum(-1)
        risk = (2 / math.pi * square).sqrt() if self.sharp else square / 2
        return risk + self.penalty(differences(x))


@dataclass(frozen=True)
class Splitting:
    """How alternating directions are tuned.

    Attributes
    ----------
    first : float
        Factor of the steps.
    power : float
        Steps are first/(t + late)^power.
    late : float
    rho : float
        Weight of the splitting.
    multiplier : bool
        Whether there is one.
    """

    first: float
    power: float
    late: float = 0.0
    rho: float = 0.1
    multiplier: bool = True


@dataclass(frozen=True, eq=False)
class Seen:
    """Shape (R, times): means of F(x_t) - F* up to each time, and F - F* of the mean point."""

    regret: Tensor
    mean: Tensor


def proximal(
    o: Source, s: Splitting, times: Sequence[int], *, replicates: int, rng: torch.Generator
) -> Seen:
    """Online proximal gradient descent with alternating directions, from 0."""
    x = torch.zeros(replicates, o.d, dtype=torch.float64, device=rng.device)
    b = o.penalty
    y, dual = b.split(x), b.split(x)
    watch = _Watch(o, times)
    for t in range(1, int(times[-1]) + 1):
        watch.see(x)
        step = s.first / (t + s.late) ** s.power
        slope = o.slope(x, rng) - b.join(dual - s.rho * (b.split(x) - y))
        x = x - step / (1 + step * s.rho * b.largest) * slope
        y = b.prox(b.split(x) - dual / s.rho, 1 / s.rho)
        if s.multiplier:
            dual = dual - s.rho * (b.split(x) - y)
    return watch.seen()


def averaging(
    o: Source, s: Splitting, times: Sequence[int], *, replicates: int, rng: torch.Generator
) -> Seen:
    """Regularised dual averaging with alternating directions, from 0.

    It is weighted with first t^(1 - power).
    """
    x = torch.zeros(replicates, o.d, dtype=torch.float64, device=rng.device)
    b = o.penalty
    y, dual = b.split(x), b.split(x)
    sums, watch = [torch.zeros_like(x), torch.zeros_like(y)], _Watch(o, times)
    for t in range(1, int(times[-1]) + 1):
        watch.see(x)
        weight = s.first * t ** (1 - s.power)
        sums[0] = sums[0] + o.slope(x, rng)
        sums[1] = sums[1] + dual - s.rho * (b.split(x) - y)
        x = -weight / (1 + s.rho * weight * b.largest / t) * (sums[0] - b.join(sums[1])) / t
        y = b.prox(b.split(x) - dual / s.rho, 1 / s.rho)
        if s.multiplier:
            dual = dual - s.rho * (b.split(x) - y)
    return watch.seen()


class _Watch:
    """Sums regrets and points."""

    def __init__(self, o: Source, times: Sequence[int]) -> None:
        self._o, self._times, self._t = o, {int(time) for time in times}, 0
        self._lowest = o.lowest
        self._regret: Tensor | float = 0.0
        self._sum: Tensor | float = 0.0
        self._found: list[tuple[Tensor, Tensor]] = []

    def see(self, x: Tensor) -> None:
        self._regret = self._regret + self._o.value(x) - self._lowest
        self._sum = self._sum + x
        self._t += 1
        if self._t in self._times:
            point = self._sum / self._t
            self._found.append((self._regret / self._t, self._o.value(point) - self._lowest))

    def seen(self) -> Seen:
        return Seen(*(torch.stack(each, 1) for each in zip(*self._found, strict=True)))
