"""Mean-field Langevin dynamics of neurons with two parameters: the law on a plane, and functionals.

A step x <- x - eta grad dF/dmu(mu_k)(x) + sqrt(2 eta lam) xi moves each point of a plane grid and
adds a Gaussian there, a product of two: the law after it is a product of two matrices, and so are
its derivatives. Sums over a grid as fine as this are integrals to five digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ratecheck.lab.langevin.grid import divergence, grid
from ratecheck.lab.mean_field.gibbs import gibbs
from ratecheck.lab.mean_field.network import Array, Network

SPACING = 1.2  # of the Gaussian step: sums then miss e^-13
NEGLIGIBLE = 1e-16
FEWEST_POINTS = 33
START, SPREAD, EDGE = (1.0, 0.5), 0.6, 6.4  # where a descent starts, and what holds it


@dataclass(frozen=True, eq=False)
class Law:
    """Probabilities on the grid, shape (G^2,), and their derivatives, shape (G^2, 2)."""

    mass: Array
    slope: Array


@dataclass(frozen=True, eq=False)
class Plane:
    """Infinitely many neurons with d = 2, their law on a grid.

    Attributes
    ----------
    network : Network
        With d = 2.
    step : float
        eta.
    axis : array of shape (G,)
        The grid is axis^2, fine enough for steps of size sqrt(2 step lam).
    """

    network: Network
    step: float
    axis: Array

    @cached_property
    def points(self) -> Array:
        """The grid, shape (G^2, 2)."""
        return np.stack([g.ravel() for g in np.meshgrid(self.axis, self.axis, indexing="ij")], 1)

    @cached_property
    def tanh(self) -> Array:
        """tanh(x . z_j) on the grid, shape (G^2, n)."""
        return np.asarray(np.tanh(self.points @ self.network.inputs.T))

    @cached_property
    def minimiser(self) -> Array:
        """The law mu*, shape (G^2,)."""
        return gibbs(self.network, self.axis).law

    def gaussian(self, mean: tuple[float, float], spread: float) -> Law:
        """N(mean, spread^2 I)."""
        off = (self.points - np.asarray(mean)) / spread
        mass = np.exp(-0.5 * (off**2).sum(1))
        mass /= mass.sum()
        return Law(mass, -off / spread * mass[:, None])

    def outputs(self, mass: Array) -> Array:
        """f of a law, shape (n,)."""
        return np.asarray(self.network.r * mass @ self.tanh)

    def gradient(self, f: Array) -> Array:
        """grad dF/dmu on the grid where the outputs are f, shape (G^2, 2)."""
        network = self.network
        push = network.slopes(f) * network.r / network.size
        return np.asarray(
            network.ridge * self.points + ((1 - self.tanh**2) * push) @ network.inputs
        )

    def pushed(self, mass: Array) -> Array:
        """The law after one step, shape (G^2,)."""
        left, right, _ = self._kernels(mass, 1.0)
        return np.asarray(left.T @ right).ravel()

    def advance(self, law: Law, heat: float = 1.0) -> Law:
        """The same, with its derivatives; ``heat`` multiplies the variance of what is added."""
        left, right, off = self._kernels(law.mass, heat)
        scale = -1 / self.noise(heat)
        slopes = [((off[0] * left).T @ right).ravel(), (left.T @ (off[1] * right)).ravel()]
        return Law((left.T @ right).ravel(), scale * np.stack(slopes, 1))

    def _kernels(self, mass: Array, heat: float) -> tuple[Array, Array, list[Array]]:
        """Gaussians along both coordinates, the first weighted, and what they are functions of."""
        seen = mass > NEGLIGIBLE
        moved = self.points[seen] - self.step * self.gradient(self.outputs(mass))[seen]
        off = [(self.axis - m[:, None]) / self.noise(heat) for m in moved.T]
        left, right = (np.exp(-0.5 * o * o) for o in off)
        left *= mass[seen, None] / left.sum(1, keepdims=True)
        right /= right.sum(1, keepdims=True)
        return left, right, off

    def noise(self, heat: float = 1.0) -> float:
        """Standard deviation of what a step adds to each coordinate."""
        return math.sqrt(2 * self.step * self.network.lam * heat)

    def loss(self, mass: Array) -> float:
        """F of a law."""
        moment = self.network.ridge / 2 * float(mass @ (self.points**2).sum(1))
        return float(self.network.losses(self.outputs(mass)).mean()) + moment

    def objective(self, mass: Array) -> float:
        """L = F + lam Ent of a law."""
        seen, spacing = mass > 0, float(self.axis[1] - self.axis[0])
        entropy = float(mass[seen] @ np.log(mass[seen])) - 2 * math.log(spacing)
        return self.loss(mass) + self.network.lam * entropy

    def proximal(self, mass: Array) -> Array:
        """The proximal Gibbs law p_mu of a law, proportional to exp(-dF/dmu / lam): (G^2,)."""
        network = self.network
        push = network.slopes(self.outputs(mass)) * network.r / network.size
        energy = (network.ridge / 2 * (self.points**2).sum(1) + self.tanh @ push) / network.lam
        weight = np.exp(energy.min() - energy)
        return np.asarray(weight / weight.sum())

    def fisher(self, law: Law, f: Array, entropy: bool = True) -> float:
        """lam^2 I(mu || p) with p proportional to exp(-dF/dmu / lam) at outputs f.

        The integral of |lam grad log mu + grad dF/dmu|^2 over mu; without ``entropy`` that of the
        gradient alone.
        """
        seen = law.mass > NEGLIGIBLE
        velocity = self.gradient(f)[seen]
        if entropy:
            velocity = velocity + self.network.lam * law.slope[seen] / law.mass[seen, None]
        return float(law.mass[seen] @ (velocity**2).sum(1))

    def curvature(self, f: Array) -> float:
        """Least eigenvalue, over the grid, of the Hessian of dF/dmu at outputs f."""
        network = self.network
        push, z = network.slopes(f) * network.r / network.size, network.inputs
        weights = -2 * self.tanh * (1 - self.tanh**2) * push
        a, b, c = (weights @ (z[:, i] * z[:, j]) for i, j in ((0, 0), (0, 1), (1, 1)))
        least = (a + c) / 2 - np.sqrt(((a - c) / 2) ** 2 + b**2)
        return network.ridge + min(float(least.min()), 0.0)


@dataclass(frozen=True)
class Gap:
    """How far a law is from the minimiser.

    Attributes
    ----------
    gap, first : float
        L(mu_k) - L(mu*), and that of the start.
    lower, upper : float
        lam KL(mu_k || mu*) and lam KL(mu_k || p_mu_k).
    curvature : float
        Least curvature of dF/dmu over all laws so far: lam times their log-Sobolev constants at
        least (Bakry and Emery).
    """

    gap: float
    first: float
    lower: float
    upper: float
    curvature: float


class Descent:
    """The way from N(START, SPREAD^2 I) with steps of one size, as far as it was asked for."""

    def __init__(self, on: Plane, heat: float) -> None:
        self._on, self._heat, self._best = on, heat, on.minimiser
        self._law, self._gaps = on.gaussian(START, SPREAD), list[Gap]()

    def at(self, count: int) -> Gap:
        """What is seen after so many steps."""
        while len(self._gaps) <= count:
            if self._gaps:
                self._law = self._on.advance(self._law, self._heat)
            self._gaps.append(self._gap())
        return self._gaps[count]

    def _gap(self) -> Gap:
        on, mass, lam = self._on, self._law.mass, self._on.network.lam
        gap = on.objective(mass) - on.objective(self._best)
        curvature = on.curvature(on.outputs(mass))
        first = self._gaps[0].first if self._gaps else gap
        least = min(curvature, self._gaps[-1].curvature) if self._gaps else curvature
        lower, upper = (lam * divergence(mass, p) for p in (self._best, on.proximal(mass)))
        return Gap(gap, first, lower, upper, least)


@dataclass(frozen=True)
class Dissipated:
    """Sums of eta lam^2 I(mu_k || p) over steps, as fractions of the fall of L.

    Attributes
    ----------
    own, frozen : float
        With p of mu_k, and with p of the start.
    gradient : float
        With the gradient's share of the velocity alone.
    """

    own: float
    frozen: float
    gradient: float


def dissipated(network: Network, step: float, count: int, heat: float = 1.0) -> Dissipated:
    """What a network dissipates in so many steps from N(START, SPREAD^2 I)."""
    on = plane(network, step, EDGE)
    law = on.gaussian(START, SPREAD)
    first, start, sums = on.objective(law.mass), on.outputs(law.mass), np.zeros(3)
    for _ in range(count):
        f = on.outputs(law.mass)
        sums += on.fisher(law, f), on.fisher(law, start), on.fisher(law, f, entropy=False)
        law = on.advance(law, heat)
    return Dissipated(*(step * sums / (first - on.objective(law.mass))).tolist())


def plane(network: Network, step: float, edge: float = 0.0) -> Plane:
    """A grid for a network with d = 2 at this step, at least to ``edge`` on either side."""
    width = SPACING * math.sqrt(2 * step * network.lam)
    return Plane(network, step, grid(max(network.reach, edge), width, FEWEST_POINTS).x)


@lru_cache(maxsize=16)
def outputs(network: Network, step: float, count: int, spread: float) -> Array:
    """f before each step from N(0, spread^2 I) and after the last, (count + 1, n); kept."""
    on = plane(network, step, 9 * spread)
    mass, path = on.gaussian((0.0, 0.0), spread).mass, []
    for _ in range(count):
        path.append(on.outputs(mass))
        mass = on.pushed(mass)
    return np.array([*path, on.outputs(mass)])


@lru_cache(maxsize=8)
def descent(network: Network, step: float, heat: float = 1.0) -> Descent:
    """The way of a network's law; the last ones are kept."""
    return Descent(plane(network, step, EDGE), heat)
