"""A finite sum of non-convex potentials in one dimension, and the law that a sampler aims at.

F(x) = x^2/2 + exp(-2 x^2) is a double well; the n components

    f_i(x) = F(x) + s_i (c x^2/2 + slope x),      s_i = +-1, half of each sign,

are as heterogeneous as one likes in curvature and in slope. The target is proportional to
exp(-gamma F), and chains start at N(2, 0.35^2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from torch import Tensor

from ratecheck.lab.finite_sums.laws import gauss_rule, mean_sign_law
from ratecheck.lab.langevin.grid import Array, Grid, divergence, grid

Reals = TypeVar("Reals", np.ndarray, Tensor)
BUMP = 1.0
SHARPNESS = 2.0
EDGE = 4.2
FEWEST_POINTS = 81
SPACING = 1.0  # of the Gaussian step
START_MEAN, START_SD = 2.0, 0.35


def _exp(x: Reals) -> Reals:
    return x.exp() if isinstance(x, Tensor) else np.asarray(np.exp(x))


@dataclass(frozen=True)
class DoubleWell:
    """The finite sum.

    Attributes
    ----------
    n : int
        Number of components, even.
    c : float
        Heterogeneity in curvature: all that a control variate leaves of a minibatch's noise.
    gamma : float
        Inverse temperature.
    slope : float
        Heterogeneity in slope, which cancels in differences of gradients.
    d : int
        Coordinates, each with these components and its own noise: F is the sum over them. What is
        below is of one coordinate; the target is a product.
    """

    n: int
    c: float
    gamma: float = 2.0
    slope: float = 0.0
    d: int = 1

    def potential(self, x: Reals) -> Reals:
        """F(x), elementwise."""
        value: Reals = 0.5 * x**2 + BUMP * _exp(-SHARPNESS * x**2)
        return value

    def gradient(self, x: Reals) -> Reals:
        """F'(x), elementwise: the mean over all components."""
        slope: Reals = x - 2 * SHARPNESS * BUMP * x * _exp(-SHARPNESS * x**2)
        return slope

    def apart(self, x: Reals) -> Reals:
        """f_i'(x) - F'(x) of a component with s_i = 1."""
        return self.c * x + self.slope

    def batch(self, size: int) -> tuple[Array, Array]:
        """Nodes and weights for the mean sign of a minibatch, all that a gradient sees of it."""
        return gauss_rule(*mean_sign_law(self.n, size))

    def noise(self, step: float) -> float:
        """Standard deviation sqrt(2 step/gamma) of what a chain adds in a step."""
        return math.sqrt(2 * step / self.gamma)

    def grid(self, step: float) -> Grid:
        """A grid on [-4.2, 4.2] no coarser than the Gaussian step."""
        return grid(EDGE, SPACING * self.noise(step), FEWEST_POINTS)

    def start(self, on: Grid) -> Array:
        """The law of the start, N(2, 0.35^2)."""
        return on.gaussian(START_MEAN, START_SD)

    def target(self, on: Grid) -> Array:
        """The law proportional to exp(-gamma F)."""
        return on.law(self.gamma * self.potential(on.x))

    def start_divergence(self) -> float:
        """KL of the start from the target."""
        fine = self.grid(1e-4)
        return divergence(self.start(fine), self.target(fine))
