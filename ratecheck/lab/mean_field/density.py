"""Mean-field Langevin dynamics with infinitely many particles, by its law on a grid.

x <- x - eta grad dF/dmu(mu_k)(x) + sqrt(2 eta lam) xi for a network with d = 1. Without particles
there is no randomness but that of the minibatches, which all particles share: the law of x goes
through one Gaussian step at a time on a grid that is finer than the step, on which sums are
integrals to ten digits and more. Objective and loss are then sums over the grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.finite_sums.laws import batch_stream
from ratecheck.lab.langevin.grid import Array, Grid, grid
from ratecheck.lab.mean_field.gibbs import gibbs
from ratecheck.lab.mean_field.network import Network

SPACING = 0.8  # of the Gaussian step: sums then miss e^-30
REACH = 8.0
FEWEST_POINTS = 65
MOST_ITERATIONS = 60


@dataclass(frozen=True, eq=False)
class Continuum:
    """Infinitely many neurons with d = 1, their law on a grid.

    Attributes
    ----------
    network : Network
    step : float
        eta.
    grid : Grid
        Fine enough for steps of size sqrt(2 step lam).
    features, derivatives : arrays of shape (n, G)
        h_j and h_j'.
    """

    network: Network
    step: float
    grid: Grid
    features: Array
    derivatives: Array

    def minimiser(self) -> Array:
        """The law mu*."""
        return gibbs(self.network, self.grid.x).law

    def loss(self, law: Array) -> float:
        """F of a law."""
        network = self.network
        moment = network.ridge / 2 * float(law @ self.grid.x**2)
        return float(network.losses(self.features @ law).mean()) + moment

    def objective(self, law: Array) -> float:
        """L of a law."""
        return self.loss(law) + self.network.lam * self.grid.entropy(law)

    def noise(self, heat: float = 1.0) -> float:
        """Standard deviation of what a step adds; ``heat`` multiplies its variance."""
        return math.sqrt(2 * self.step * self.network.lam * heat)

    def moved(self, f: Array) -> Array:
        """Where a step with full gradients at outputs f takes each point, noise aside: (G,)."""
        network, x = self.network, self.grid.x
        pull = network.slopes(f) @ self.derivatives / network.size
        return np.asarray(x - self.step * (network.ridge * x + pull))

    def advance(self, law: Array, heat: float = 1.0) -> Array:
        """The law after one step with full gradients."""
        x, out = self.grid.x, np.empty_like(law)
        moved = self.moved(self.features @ law)
        _push(law, moved, self.noise(heat), float(x[0]), self.grid.spacing, out)
        return out

    def objective_along(self, law: Array, counts: list[int], heat: float = 1.0) -> list[float]:
        """L(mu_k) at increasing step counts k, with full gradients."""
        values, done = [], 0
        for count in counts:
            for _ in range(count - done):
                law = self.advance(law, heat)
            done = count
            values.append(self.objective(law))
        return values

    def stationary(self, heat: float = 1.0) -> Array:
        """Stationary law of the chain with full gradients: f = E_{stationary law at drift f} h.

        Newton's iteration with the derivative that belongs to step 0, where the law is Gibbs'.

        Raises
        ------
        RuntimeError
            If that does not converge.
        """
        network, x, sd = self.network, self.grid.x, self.noise(heat)
        size = len(x)
        best = gibbs(network, x)
        curved = best.covariance * network.curvatures(best.f) / (network.size * network.lam)
        derivative = np.eye(network.size) + curved
        f, last = best.f, math.inf
        for _ in range(MOST_ITERATIONS):
            system = _matrix(self.moved(f), sd, float(x[0]), self.grid.spacing).T - np.eye(size)
            system[0] = 1.0  # in place of one balance equation: probabilities add up
            law = np.maximum(np.linalg.solve(system, np.eye(size)[0]), 0.0)
            residual = f - self.features @ law
            error = float(np.abs(residual).max())
            if error < 1e-13 or (error < 1e-9 and error >= 0.5 * last):  # round-off rules
                return np.asarray(law / law.sum())
            f, last = f - np.linalg.solve(derivative, residual), error
        raise RuntimeError(
            f"no stationary law was found at step {self.step:.3g}: residual {last:.1g}"
        )

    def minibatch_objective(self, law: Array, weights: Tensor, burn: int) -> Tensor:
        """L(mu_k) of the chain with minibatches, averaged over the steps after the first ``burn``.

        Parameters
        ----------
        law : array of shape (G,)
            Where every replicate starts.
        weights : Tensor of shape (replicates, steps, n)
            Of the data in each step's gradient, as from `finite_sums.laws.batch_weights`.
        burn : int

        Returns
        -------
        Tensor of shape (replicates,)
        """
        network = self.network
        values = _minibatch(
            law, self.grid.x, self.features, self.derivatives, network.labels,
            network.loss == "logistic", network.lam, network.ridge, self.step,
            weights.cpu().numpy(), burn,
        )  # fmt: skip
        return torch.from_numpy(values)

    def excess(
        self,
        batch: int,
        *,
        burn: float,
        time: float,
        replicates: int,
        rng: torch.Generator,
        keep: float = 0.0,
        replacement: bool = False,
    ) -> Tensor:
        """What minibatches add to L of the stationary chain with full gradients.

        Parameters
        ----------
        batch : int
            B.
        burn, time : float
            Time (steps times eta) left out, then time averaged over.
        replicates : int
        rng : torch.Generator
        keep : float
            Time for which a minibatch is kept, at least a step.
        replacement : bool
            Minibatches with replacement.

        Returns
        -------
        Tensor of shape (replicates,)
        """
        left, averaged, hold = (round(span / self.step) for span in (burn, time, keep))
        weights = batch_stream(
            self.network.size, batch, replicates, left + averaged, rng=rng, hold=max(1, hold),
            replacement=replacement,
        )  # fmt: skip
        law = self.stationary()
        return self.minibatch_objective(law, weights, left) - self.objective(law)


def continuum(network: Network, step: float) -> Continuum:
    """Infinitely many neurons of a network with d = 1, for steps of this size."""
    on = grid(network.reach, SPACING * math.sqrt(2 * step * network.lam), FEWEST_POINTS)
    z = network.inputs[:, 0]
    t = np.tanh(np.outer(z, on.x))
    return Continuum(network, step, on, network.r * t, network.r * z[:, None] * (1 - t**2))


# -- compiled --------------------------------------------------------------------------------------


@njit(cache=True)
def _push(
    law: np.ndarray, mean: np.ndarray, sd: float, x0: float, h: float, out: np.ndarray
) -> None:
    """Law of mean_i + sd xi where i has the given law; each Gaussian is normalised on the grid."""
    size = law.shape[0]
    bell = np.empty(size)
    out[:] = 0.0
    d = h / sd
    second = math.exp(-d * d)
    for i in range(size):
        p = law[i]
        if p < 1e-300:
            continue
        m = min(max(mean[i], x0), x0 + (size - 1) * h)
        first = max(0, math.ceil((m - REACH * sd - x0) / h))
        last = min(size - 1, math.floor((m + REACH * sd - x0) / h))
        # exp(-z^2/2) at equispaced z by its second ratio: no exponential a point
        z = (x0 + first * h - m) / sd
        value, ratio = math.exp(-0.5 * z * z), math.exp(-d * (z + 0.5 * d))
        total = 0.0
        for j in range(first, last + 1):
            bell[j] = value
            total += value
            value *= ratio
            ratio *= second
        scale = p / total
        for j in range(first, last + 1):
            out[j] += scale * bell[j]


@njit(cache=True)
def _matrix(mean: np.ndarray, sd: float, x0: float, h: float) -> np.ndarray:
    """Transition matrix, a row a starting point."""
    size = mean.shape[0]
    matrix, unit = np.empty((size, size)), np.zeros(size)
    for i in range(size):
        unit[i] = 1.0
        _push(unit, mean, sd, x0, h, matrix[i])
        unit[i] = 0.0
    return matrix


@njit(cache=True)
def _minibatch(
    start: np.ndarray, x: np.ndarray, features: np.ndarray, derivatives: np.ndarray,
    labels: np.ndarray, logistic: bool, lam: float, ridge: float, step: float,
    weights: np.ndarray, burn: int,
) -> np.ndarray:  # fmt: skip
    replicates, steps, n = weights.shape
    h, sd, size = x[1] - x[0], math.sqrt(2.0 * step * lam), x.shape[0]
    values = np.zeros(replicates)
    mean, out, f = np.empty(size), np.empty(size), np.empty(n)
    for r in range(replicates):
        law = start.copy()
        for k in range(steps):
            for i in range(size):
                mean[i] = x[i] - step * ridge * x[i]
            for j in range(n):
                f[j] = (features[j] * law).sum()
                w = weights[r, k, j]
                if w != 0.0:
                    slope = f[j] - labels[j]
                    if logistic:
                        slope = -labels[j] / (1.0 + math.exp(labels[j] * f[j]))
                    for i in range(size):
                        mean[i] -= step * w * slope * derivatives[j, i]
            if k >= burn:
                value = 0.0
                for j in range(n):
                    if logistic:
                        value += math.log(1.0 + math.exp(-labels[j] * f[j])) / n
                    else:
                        value += (f[j] - labels[j]) ** 2 / (2.0 * n)
                for i in range(size):
                    p = law[i]
                    if p > 0.0:
                        value += p * (0.5 * ridge * x[i] * x[i] + lam * math.log(p / h))
                values[r] += value / (steps - burn)
            _push(law, mean, sd, x[0], h, out)
            law, out = out, law
    return values
