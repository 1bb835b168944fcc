"""A double well, tilted, in a valley that turns with it: a target whose barrier is known exactly.

F(x, y) = phi(x) + sum_j (y_j - x/sqrt(d-1))^2/2 on R^d, y of length d - 1, with

    phi(x) = x^2/2 + exp(-2 x^2) + tilt x.

Minima and barriers are those of phi, and no coordinate is independent of the others. phi has two
minima, the deeper one at x < 0, where 0 < tilt < 0.73, and one alone for larger tilts, where it is
still not convex.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.langevin.grid import grid
from ratecheck.lab.search import first_passage

EDGE, POINTS = 3.0, 1201
ALONE = 1.2
REACH, SPACING = 2.8, 0.9  # of the grid of a chain, in steps of its noise


@dataclass(frozen=True)
class Tilted:
    """The objective of this module.

    Attributes
    ----------
    tilt : float
    d : int
        Dimension.
    """

    tilt: float
    d: int = 1

    @classmethod
    def with_barrier(cls, height: float, d: int = 1) -> Tilted:
        """With a barrier so high before the spurious minimum; where it is 0, with one minimum.

        Raises
        ------
        ValueError
            Unless the height is 0, or between 0.05 and 0.4.
        """
        if height == 0:
            return cls(ALONE, d)
        if not 0.05 <= height <= 0.4:
            raise ValueError(f"a barrier of {height:g}: 0, or 0.05 to 0.4, is possible")
        tilt = brentq(lambda tilt: cls(tilt).barrier - height, 0.0, 0.7, xtol=1e-14)
        return cls(float(tilt), d)

    def phi(self, x: Tensor) -> Tensor:
        """The double well, elementwise."""
        return x**2 / 2 + (-2 * x**2).exp() + self.tilt * x

    def phi_at(self, x: np.ndarray) -> np.ndarray:
        """The double well at points of numpy."""
        return np.asarray(self.phi(torch.from_numpy(x)).numpy())

    def slope(self, x: Tensor) -> Tensor:
        """phi'(x)."""
        return x - 4 * x * (-2 * x**2).exp() + self.tilt

    def curvature(self, x: Tensor) -> Tensor:
        """phi''(x)."""
        return 1 + (16 * x**2 - 4) * (-2 * x**2).exp()

    def value(self, z: Tensor) -> Tensor:
        """F at points of shape (..., d)."""
        return self.phi(z[..., 0]) + self._off(z).square().sum(-1) / 2

    def gradient(self, z: Tensor) -> Tensor:
        """Of F, shape (..., d)."""
        off = self._off(z)
        first = self.slope(z[..., :1]) - off.sum(-1, keepdim=True) * self._share
        return torch.cat([first, off], -1)

    def at(self, x: float, like: Tensor) -> Tensor:
        """The bottom of the valley at x, shape (d,)."""
        return x * torch.cat([like.new_ones(1), like.new_full((self.d - 1,), self._share)])

    @cached_property
    def stationary(self) -> tuple[float, ...]:
        """Where phi' = 0, in order: minima and saddles in turn."""
        x = torch.linspace(-EDGE, EDGE, POINTS, dtype=torch.float64)
        rises = self.slope(x) >= 0  # a point of the grid where it is 0 counts once
        where = (rises[:-1] != rises[1:]).nonzero()[:, 0]
        roots = x[where]
        for _ in range(50):
            roots = roots - self.slope(roots) / self.curvature(roots)
        return tuple(roots.tolist())

    @property
    def barrier(self) -> float:
        """From the shallow minimum up to the saddle; 0 where there is one minimum."""
        values = self.phi(torch.tensor(self.stationary, dtype=torch.float64))
        return float(values[1] - values[-1]) if len(values) > 1 else 0.0

    @property
    def lowest(self) -> float:
        """min F."""
        return float(self.phi(torch.tensor(self.stationary, dtype=torch.float64)).min())

    @property
    def _share(self) -> float:
        return 1 / math.sqrt(self.d - 1) if self.d > 1 else 0.0

    def _off(self, z: Tensor) -> Tensor:
        return z[..., 1:] - z[..., :1] * self._share


def gibbs_gap(
    o: Tilted, gamma: float, *, step: float, start: float, burn: float, time: float, chains: int,
    heat: float, noisy: int, replicates: int, rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """Mean of F - min F over chains of Langevin dynamics and over time.

    X' = X - step grad F(X) + sqrt(2 step heat/gamma) xi.

    Parameters
    ----------
    o : Tilted
    gamma : float
        Inverse temperature.
    step : float
    start : float
        Chains start at the bottom of the valley at this x.
    burn, time : float
        Time that is left out, and that is averaged over.
    chains : int
        Of each replicate.
    heat : float
        1, or by what the temperature is off.
    noisy : int
        So many coordinates have noise.

    Returns
    -------
    Tensor of shape (R,)
    """
    like = torch.zeros((), dtype=torch.float64, device=rng.device)
    x = o.at(start, like).expand(replicates, chains, -1)
    mask = (torch.arange(o.d, device=rng.device) < noisy).to(x)
    sd, total = math.sqrt(2 * step * heat / gamma) * mask, like
    first, steps = round(burn / step), round((burn + time) / step)
    for k in range(steps):
        x = x - step * o.gradient(x) + sd * normal(replicates, chains, o.d, rng=rng)
        if k >= first:
            total = total + o.value(x).mean(1)
    return total / (steps - first) - o.lowest


def steps_to(
    o: Tilted, gamma: float, eps: float, *, step: float, heat: float, spread: float = 0.1
) -> float:
    """Steps of the chain in one dimension until E F - min F <= eps; inf where it stays above.

    It starts about the other minimum, or about 0.78 where there is none. Its exact law lives on a
    grid that is finer than the noise of a step.
    """
    begin = o.stationary[-1] if len(o.stationary) > 1 else 0.78
    sd = math.sqrt(2 * step * heat / gamma)
    on = grid(REACH, SPACING * sd, 201)
    x = torch.from_numpy(on.x)
    mean = (x - step * o.slope(x)).numpy()
    matrix = np.exp(-0.5 * ((on.x - mean[:, None]) / sd) ** 2)
    matrix /= matrix.sum(1, keepdims=True)
    above = o.phi(x).numpy() - o.lowest
    return first_passage(matrix, on.gaussian(begin, spread), lambda law: float(law @ above), eps)


def gibbs_mean(o: Tilted, gamma: float) -> float:
    """E F - min F under the law proportional to exp(-gamma F), in one dimension."""
    on = grid(REACH, 0.01, 201)
    value = o.phi_at(on.x)
    return float(on.law(gamma * value) @ value) - o.lowest
