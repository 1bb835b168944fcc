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

from ratecheck.lab.mean_field.network import Network, gibbs

Array = np.ndarray
SPACING = 0.8  # of the Gaussian step: sums then miss e^-30
REACH = 8.0
MOST_POINTS = 4096
FEWEST_POINTS = 65
MOST_ITERATIONS = 60


@dataclass(frozen=True, eq=False)
class Grid:
    """Points, features and their derivatives.

    Attributes
    ----------
    x : array of shape (G,)
    features, derivatives : arrays of shape (n, G)
        h_j and h_j'.
    """

    x: Array
    features: Array
    derivatives: Array

    @property
    def spacing(self) -> float:
        """Distance of neighbours."""
        return float(self.x[1] - self.x[0])


def grid_for(network: Network, step: float) -> Grid:
    """A grid fine enough for steps of size sqrt(2 step lam).

    Raises
    ------
    ValueError
        If the step is so small that more than 4096 points were needed.
    """
    width = SPACING * math.sqrt(2 * step * network.lam)
    points = max(FEWEST_POINTS, math.ceil(2 * network.reach / width) + 1)
    if points > MOST_POINTS:
        raise ValueError(f"step {step:.3g} needs {points} grid points, more than {MOST_POINTS}")
    x = np.linspace(-network.reach, network.reach, points)
    z = network.inputs[:, 0]
    t = np.tanh(np.outer(z, x))
    return Grid(x, network.r * t, network.r * z[:, None] * (1 - t**2))


def loss_of(network: Network, grid: Grid, law: Array) -> float:
    """F of a law on the grid."""
    moment = network.ridge / 2 * float(law @ grid.x**2)
    return float(network.losses(grid.features @ law).mean()) + moment


def objective_of(network: Network, grid: Grid, law: Array) -> float:
    """L of a law on the grid."""
    seen = law > 0
    entropy = float(law[seen] @ np.log(law[seen])) - math.log(grid.spacing)
    return loss_of(network, grid, law) + network.lam * entropy


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


def _drift(network: Network, grid: Grid, f: Array) -> Array:
    """Derivative of dF/dmu at outputs f, shape (G,)."""
    pull = network.slopes(f) @ grid.derivatives / network.size
    return np.asarray(network.ridge * grid.x + pull)


def advance(network: Network, grid: Grid, law: Array, step: float, heat: float = 1.0) -> Array:
    """The law after one step with full gradients; ``heat`` multiplies the injected variance."""
    mean = grid.x - step * _drift(network, grid, grid.features @ law)
    sd = math.sqrt(2 * step * network.lam * heat)
    out = np.empty_like(law)
    _push(law, mean, sd, float(grid.x[0]), grid.spacing, out)
    return out


def gaussian_law(grid: Grid, mean: float, sd: float) -> Array:
    """A Gaussian on the grid."""
    law = np.exp(-0.5 * ((grid.x - mean) / sd) ** 2)
    return np.asarray(law / law.sum())


def stationary(network: Network, grid: Grid, step: float, heat: float = 1.0) -> Array:
    """Stationary law of the chain with full gradients: f = E_{stationary law at drift f} h.

    Newton's iteration with the derivative that belongs to step 0, where the law is Gibbs'.

    Raises
    ------
    RuntimeError
        If that does not converge.
    """
    sd = math.sqrt(2 * step * network.lam * heat)
    size = len(grid.x)
    best = gibbs(network, grid.x)
    curved = best.covariance * network.curvatures(best.f) / (network.size * network.lam)
    derivative = np.eye(network.size) + curved
    f, last = best.f, math.inf
    for _ in range(MOST_ITERATIONS):
        mean = grid.x - step * _drift(network, grid, f)
        system = _matrix(mean, sd, float(grid.x[0]), grid.spacing).T - np.eye(size)
        system[0] = 1.0  # in place of one balance equation: probabilities add up
        law = np.maximum(np.linalg.solve(system, np.eye(size)[0]), 0.0)
        residual = f - grid.features @ law
        error = float(np.abs(residual).max())
        if error < 1e-13 or (error < 1e-9 and error >= 0.5 * last):  # round-off rules
            return np.asarray(law / law.sum())
        f, last = f - np.linalg.solve(derivative, residual), error
    raise RuntimeError(f"no stationary law was found at step {step:.3g}: residual {last:.1g}")


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


def objective_along(
    network: Network, grid: Grid, law: Array, step: float, counts: list[int], heat: float = 1.0
) -> list[float]:
    """L(mu_k) at increasing step counts k, with full gradients."""
    values, done = [], 0
    for count in counts:
        for _ in range(count - done):
            law = advance(network, grid, law, step, heat)
        done = count
        values.append(objective_of(network, grid, law))
    return values


# -- minibatches -----------------------------------------------------------------------------------


def batch_weights(
    n: int, batch: int, steps: int, *, replicates: int, rng: torch.Generator,
    replacement: bool = False,
) -> Tensor:  # fmt: skip
    """Weights of the data in fresh minibatches, (replicates, steps, n): 1/B on B of them, else 0.

    Parameters
    ----------
    replacement : bool
        Draw with replacement; weights are then multiples of 1/B.
    """
    shape, device = (replicates, steps, n), rng.device
    if replacement:
        chosen = torch.randint(n, (replicates, steps, batch), generator=rng, device=device)
    else:
        chosen = torch.rand(shape, generator=rng, device=device).topk(batch, -1).indices
    weights = torch.zeros(shape, dtype=torch.float64, device=device)
    return weights.scatter_add_(-1, chosen, torch.full(chosen.shape, 1 / batch).to(weights))


def minibatch_objective(
    network: Network, grid: Grid, law: Array, step: float, weights: Tensor, burn: int
) -> Tensor:
    """L(mu_k) of the chain with minibatches, averaged over the steps after the first ``burn``.

    Parameters
    ----------
    law : array of shape (G,)
        Where every replicate starts.
    weights : Tensor of shape (replicates, steps, n)
        From `batch_weights`.

    Returns
    -------
    Tensor of shape (replicates,)
    """
    values = _minibatch(
        law, grid.x, grid.features, grid.derivatives, network.labels,
        network.loss == "logistic", network.lam, network.ridge, step,
        weights.cpu().numpy(), burn,
    )  # fmt: skip
    return torch.from_numpy(values)


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
