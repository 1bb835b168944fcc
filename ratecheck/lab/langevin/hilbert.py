"""Gradient Langevin dynamics on a Hilbert space, with its laws in closed form but for one mode.

Coordinates w_1, w_2, ... on an orthonormal basis; the objective

    c cos(omega w_1 + phase) + (lam/2) sum_k k^p w_k^2

is not convex and its Gibbs law is that of the first mode times Gaussians. The semi-implicit step

    W' = (1 + eta A)^{-1} (W - eta grad L(W) + sqrt(2 eta/beta) xi),    A = diag(lam k^p),

is stable on every mode. Expectations are those of exp(-|W|^2/2), a smooth bounded function of the
whole of W.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import zeta

from ratecheck.lab.langevin.generator import spectral_gap
from ratecheck.lab.langevin.grid import Array, Grid, grid

EDGE, SPACING, FEWEST = 6.0, 0.9, 201  # EDGE in deviations of the first mode's prior
SMOOTHEST = 2**18  # modes that are summed one by one where there are infinitely many


@dataclass(frozen=True)
class Landscape:
    """The objective at an inverse temperature.

    Attributes
    ----------
    p : float
        Power of the regulariser's eigenvalues; mu_k = k^(-p) are those of the kernel.
    lam, beta : float
        Weight of the regulariser, inverse temperature.
    c, omega, phase : float
        Height, frequency and phase of the cosine.
    """

    p: float
    lam: float = 1.0
    beta: float = 1.0
    c: float = 1.0
    omega: float = 2.5
    phase: float = 0.5

    def loss(self, x: Array) -> Array:
        """L at values of the first coordinate."""
        return np.asarray(self.c * np.cos(self.omega * x + self.phase))

    def slope(self, x: Array) -> Array:
        """L' at values of the first coordinate."""
        return np.asarray(-self.c * self.omega * np.sin(self.omega * x + self.phase))

    @classmethod
    def with_gap(cls, gap: float, p: float) -> Landscape:
        """With a cosine so high that the first mode has this spectral gap, below 1.

        Raises
        ------
        ValueError
            Unless the gap is between 0.05 and 0.95.
        """
        if not 0.05 <= gap <= 0.95:
            raise ValueError(f"a spectral gap of {gap:g}: 0.05 to 0.95 is possible")
        c = brentq(lambda c: cls(p, c=c).gap - gap, 0.0, 6.0, xtol=1e-10)
        return cls(p, c=float(c))

    @property
    def gap(self) -> float:
        """Spectral gap of the first mode's diffusion."""
        return spectral_gap(
            lambda x: self.lam / 2 * x**2 + self.loss(x), self.beta, edge=EDGE, points=2001
        )

    def eigenvalues(self, modes: int | None) -> Array:
        """lam k^p of the modes from the second on."""
        return np.asarray(
            self.lam * np.arange(2, (SMOOTHEST if modes is None else modes) + 1.0) ** self.p
        )

    def first(self, on: Grid) -> Array:
        """The Gibbs law of the first mode."""
        return on.law(self.beta * (self.lam / 2 * on.x**2 + self.loss(on.x)))


@dataclass(frozen=True)
class Chain:
    """The step.

    Attributes
    ----------
    step : float
    heat : float
        1, or by what the temperature is off.
    """

    step: float
    heat: float = 1.0

    def variances(self, o: Landscape, modes: int | None, steps: float) -> Array:
        """Of the modes from the second on, after so many steps from 0, or after inf."""
        drift = self.step * o.eigenvalues(modes)
        rest = self.heat / (o.beta * o.eigenvalues(modes) * (1 + drift / 2))
        return np.asarray(rest * (1 - (1 + drift) ** (-2 * steps)))

    def transitions(self, o: Landscape) -> tuple[Grid, Array]:
        """Of the first mode: a grid, and the transition matrix on it, rows add up to 1."""
        shrunk = 1 / (1 + self.step * o.lam)
        sd = shrunk * math.sqrt(2 * self.step * self.heat / o.beta)
        on = grid(EDGE / math.sqrt(o.beta * o.lam), SPACING * sd, FEWEST)
        mean = shrunk * (on.x - self.step * o.slope(on.x))
        matrix = np.exp(-0.5 * ((on.x - mean[:, None]) / sd) ** 2)
        return on, np.asarray(matrix / matrix.sum(1, keepdims=True))


@dataclass(frozen=True)
class Bias:
    """|E f - limit| at rest, of f = exp(-|W|^2/2) and of the loss itself."""

    smooth: float
    loss: float


def bias(o: Landscape, chain: Chain, modes: int | None = None) -> Bias:
    """How far the chain's own law is from the Gibbs law, on so many modes or on infinitely many."""
    on, matrix = chain.transitions(o)
    rest, gibbs = _rest(matrix), o.first(on)
    soft = np.exp(-(on.x**2) / 2)
    change = math.exp(_logarithm(o, chain, modes, math.inf))
    limit = math.exp(_limit(o, modes))
    return Bias(
        float(abs(rest @ soft * change - gibbs @ soft) * limit),
        float(abs((rest - gibbs) @ o.loss(on.x))),
    )


def left(o: Landscape, chain: Chain, times: Sequence[float], start: float) -> list[float]:
    """|E exp(-|W|^2/2)| less its value at rest, at times, on infinitely many modes.

    The first coordinate starts at a point, all others at 0.
    """
    on, matrix = chain.transitions(o)
    soft, law = np.exp(-(on.x**2) / 2), on.gaussian(start, on.spacing)
    rest = float(_rest(matrix) @ soft) * math.exp(_logarithm(o, chain, None, math.inf))
    found, done = [], 0
    for time in times:
        steps = round(time / chain.step)
        law = law @ np.linalg.matrix_power(matrix, steps - done)
        done = steps
        seen = float(law @ soft) * math.exp(_logarithm(o, chain, None, steps))
        found.append(abs(seen - rest) * math.exp(_limit(o, None)))
    return found


def _rest(matrix: Array) -> Array:
    """The law that a transition matrix leaves as it is."""
    system = matrix.T - np.eye(len(matrix))
    system[-1] = 1
    return np.linalg.solve(system, np.eye(len(matrix))[-1])


def _limit(o: Landscape, modes: int | None) -> float:
    """log E exp(-|W|^2/2) under the prior of the modes from the second on."""
    value = -0.5 * np.log1p(1 / (o.beta * o.eigenvalues(modes))).sum()
    return float(value - (0 if modes else zeta(o.p, SMOOTHEST + 1) / (2 * o.beta * o.lam)))


def _logarithm(o: Landscape, chain: Chain, modes: int | None, steps: float) -> float:
    """The same for the chain, less the limit: a sum of small terms, not a difference of large."""
    prior = 1 / (o.beta * o.eigenvalues(modes))
    off = (prior - chain.variances(o, modes, steps)) / (1 + prior)
    value = -0.5 * np.log1p(-off).sum()
    return float(value + (0 if modes else zeta(o.p, SMOOTHEST + 1) / (2 * o.beta * o.lam)))
