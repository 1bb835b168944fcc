"""Langevin samplers of a one-dimensional finite sum, by exact propagation of their law.

X_{k+1} = X_k - eta v_k + sqrt(2 eta/gamma) xi_k, target proportional to exp(-gamma F). The law of X
lives on a grid no coarser than the Gaussian step, on which sums of Gaussians are integrals to
machine precision; no Monte Carlo is involved.

- LD: v = F'(x).
- SGLD: v = F'(x) + kappa (c x + slope), kappa the mean sign of a batch.
- SVRG-LD: v = F'(x) + kappa c (x - snapshot). The chain is Markov in (x, snapshot): the law of x
  given each snapshot is propagated through an epoch, which makes one transition matrix per epoch.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ratecheck.lab.finite_sums.snapshots import Snapshots
from ratecheck.lab.langevin.double_well import DoubleWell
from ratecheck.lab.langevin.grid import Array, divergence
from ratecheck.lab.search import first_passage, last_above

REACH = 8.0


@njit(cache=True)
def _add_gaussian(
    row: np.ndarray, bell: np.ndarray, x0: float, h: float, mean: float, sd: float, p: float
) -> None:
    """Add p times a Gaussian, truncated at 8 sd and normalised on the grid, to a row.

    ``bell`` is scratch space as long as the row.
    """
    first = max(0, math.ceil((mean - REACH * sd - x0) / h))
    last = min(row.shape[0] - 1, math.floor((mean + REACH * sd - x0) / h))
    # exp(-z^2/2) at equispaced z by its second ratio: no exponential a point
    z, d = (x0 + first * h - mean) / sd, h / sd
    value, ratio, second = math.exp(-0.5 * z * z), math.exp(-d * (z + 0.5 * d)), math.exp(-d * d)
    total = 0.0
    for i in range(first, last + 1):
        bell[i] = value
        total += value
        value *= ratio
        ratio *= second
    if total <= 0.0:  # the step leaves the grid: keep the mass at its edge
        row[0 if mean < x0 else row.shape[0] - 1] += p
        return
    scale = p / total
    for i in range(first, last + 1):
        row[i] += scale * bell[i]


@njit(cache=True)
def _transition(
    x: np.ndarray, drift: np.ndarray, pull: np.ndarray, kappa: np.ndarray, weight: np.ndarray,
    step: float, sd: float,
) -> np.ndarray:  # fmt: skip
    """Transition matrix of x - step (drift + kappa pull) + sd xi, rows normalised."""
    size, h = x.shape[0], x[1] - x[0]
    matrix, bell = np.zeros((size, size)), np.empty(size)
    for i in range(size):
        for q in range(kappa.shape[0]):
            mean = x[i] - step * (drift[i] + kappa[q] * pull[i])
            _add_gaussian(matrix[i], bell, x[0], h, mean, sd, weight[q])
        matrix[i] /= matrix[i].sum()
    return matrix


@njit(cache=True)
def _apply(law: np.ndarray, matrix: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    out = np.zeros(law.shape[0])
    for i in range(law.shape[0]):
        p, row = law[i], matrix[i]
        if p > 1e-300:
            for j in range(first[i], last[i]):
                out[j] += p * row[j]
    return out


@njit(cache=True)
def _epoch(
    x: np.ndarray, drift: np.ndarray, c: float, kappa: np.ndarray, weight: np.ndarray,
    step: float, sd: float, inner: int,
) -> np.ndarray:  # fmt: skip
    """Laws of x after 1..inner steps given each snapshot: shape (inner, G, G).

    A snapshot goes through all its steps while its transition matrix stays in cache.
    """
    size = x.shape[0]
    laws = np.empty((inner, size, size))
    first, last = np.empty(size, np.int64), np.empty(size, np.int64)
    for s in range(size):
        matrix = _transition(x, drift, c * (x - x[s]), kappa, weight, step, sd)
        for i in range(size):
            a, b = 0, size
            while a < size and matrix[i, a] == 0.0:
                a += 1
            while b > a and matrix[i, b - 1] == 0.0:
                b -= 1
            first[i], last[i] = a, b
        law = np.zeros(size)
        law[s] = 1.0
        for k in range(inner):
            law = _apply(law, matrix, first, last)
            laws[k, s] = law
    return laws


def langevin_steps(well: DoubleWell, step: float, eps: float) -> float:
    """Steps of full-gradient Langevin dynamics until KL <= eps; inf if that never happens."""
    x = well.grid(step).x
    return _steps(well, step, eps, np.zeros_like(x), np.zeros(1), np.ones(1))


def sgld_steps(well: DoubleWell, step: float, eps: float, batch: int) -> float:
    """Steps of stochastic-gradient Langevin dynamics (no control variate) until KL <= eps."""
    return _steps(well, step, eps, well.apart(well.grid(step).x), *well.batch(batch))


def _steps(
    well: DoubleWell, step: float, eps: float, pull: Array, kappa: Array, weight: Array
) -> float:
    on = well.grid(step)
    matrix = _transition(on.x, well.gradient(on.x), pull, kappa, weight, step, well.noise(step))
    target = well.target(on)
    return first_passage(matrix, well.start(on), lambda law: divergence(law, target), eps)


def svrg_epochs(well: DoubleWell, step: float, eps: float, snapshots: Snapshots) -> float:
    """Epochs of SVRG-LD until the law of its snapshots has KL <= eps, as a fraction.

    Within an epoch KL is a saw-tooth, lowest right after a snapshot, so that its first hit jumps by
    whole epochs. Here log KL is interpolated between the ends of epochs, where the theorem's own
    bound is linear in it.

    Parameters
    ----------
    well : DoubleWell
    step : float
        eta.
    eps : float
    snapshots : Snapshots

    Returns
    -------
    float
        inf where the snapshots stay farther than eps from the target.
    """
    on = well.grid(step)
    target = well.target(on)
    epoch = epoch_laws(well, step, snapshots)[-1]
    epochs, law = last_above(epoch, well.start(on), lambda law: divergence(law, target), eps)
    if epochs is None:
        return math.inf
    if epochs < 0:
        return 0.0
    above = divergence(law, target)
    below = divergence(law @ epoch, target)
    return epochs + math.log(above / eps) / math.log(above / below)


def langevin_gradients(well: DoubleWell, step: float, eps: float) -> float:
    """Component gradients of full-gradient Langevin dynamics until KL <= eps: n a step."""
    return well.n * langevin_steps(well, step, eps)


def sgld_gradients(well: DoubleWell, step: float, eps: float, like: Snapshots) -> float:
    """Component gradients of stochastic-gradient Langevin dynamics until KL <= eps: B a step."""
    return like.batch * sgld_steps(well, step, eps, like.batch)


def svrg_gradients(
    well: DoubleWell, step: float, eps: float, snapshots: Snapshots | None = None
) -> float:
    """Component gradients of SVRG-LD until KL <= eps, each snapshot spread over its epoch.

    With B = m = sqrt(n) unless ``snapshots`` says otherwise; epochs by `svrg_epochs`.
    """
    if snapshots is None:
        snapshots = Snapshots.square_root(well.n)
    return snapshots.charge(well.n) * snapshots.inner * svrg_epochs(well, step, eps, snapshots)


def epoch_laws(well: DoubleWell, step: float, snapshots: Snapshots) -> Array:
    """Laws of x after 1..m steps of SVRG-LD given each snapshot on the grid: (m, G, G)."""
    x = well.grid(step).x
    kappa, weight = well.batch(snapshots.batch)
    return np.asarray(
        _epoch(x, well.gradient(x), well.c, kappa, weight, step, well.noise(step), snapshots.inner)
    )
