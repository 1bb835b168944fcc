"""Langevin samplers of a one-dimensional finite sum, by exact propagation of their law.

X_{k+1} = X_k - eta v_k + sqrt(2 eta/gamma) xi_k, target proportional to exp(-gamma F). The law of X
lives on a grid no coarser than the Gaussian step, on which sums of Gaussians are integrals to
machine precision; no Monte Carlo is involved.

- LD: v = F'(x).
- SGLD: v = F'(x) + kappa (c x + sigma), kappa the mean sign of a batch.
- SVRG-LD: v = F'(x) + kappa c (x - snapshot). The chain is Markov in (x, snapshot): the law of x
  given each snapshot is propagated through an epoch, which makes one transition matrix per epoch.
- SARAH-LD: v adds up along an epoch and is not Markov in two numbers; real chains are run instead,
  and the divergence is that of their histogram less its bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numba import njit

from ratecheck.lab.finite_sums.laws import Array, gauss_rule, gradient, mean_sign_law, potential

EDGE = 4.2
FEWEST_POINTS = 81
MOST_POINTS = 4096  # a matrix of 128 MB
SPACING = 1.0
REACH = 8.0
START_MEAN, START_SD = 2.0, 0.35
DOUBLINGS = 40
SMALLEST_STEP = 3e-5  # of the largest


@dataclass(frozen=True)
class Grid:
    """Equispaced points with the target's and the start's probabilities on them."""

    x: Array
    target: Array
    start: Array

    @property
    def spacing(self) -> float:
        """Distance of neighbours."""
        return float(self.x[1] - self.x[0])


def grid_for(step: float, gamma: float) -> Grid:
    """A grid on [-4.2, 4.2] no coarser than the Gaussian step of size sqrt(2 step / gamma).

    Raises
    ------
    ValueError
        If the step is so small that a transition matrix would not fit in memory.
    """
    width = SPACING * math.sqrt(2 * step / gamma)
    points = max(FEWEST_POINTS, math.ceil(2 * EDGE / width) + 1)
    if points > MOST_POINTS:
        raise ValueError(f"step {step:.3g} needs {points} grid points, more than {MOST_POINTS}")
    x = np.linspace(-EDGE, EDGE, points)
    target = np.exp(-gamma * potential(x))
    start = np.exp(-0.5 * ((x - START_MEAN) / START_SD) ** 2)
    return Grid(x, target / target.sum(), start / start.sum())


def divergence(law: Array, target: Array) -> float:
    """KL(law || target) of two laws on one grid."""
    seen = law > 0
    return float((law[seen] * np.log(law[seen] / target[seen])).sum())


def start_divergence(gamma: float) -> float:
    """KL of the start N(2, 0.35^2) from the target."""
    grid = grid_for(1e-4, gamma)
    return divergence(grid.start, grid.target)


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


def steps_to(matrix: Array, grid: Grid, eps: float) -> float:
    """Steps of a chain with this transition matrix until KL <= eps; inf if that never happens.

    Powers of the matrix by repeated squaring, then bisection on the decreasing branch.
    """
    whole, _ = _last_above(matrix, grid.start, grid.target, eps)
    return math.inf if whole is None else whole + 1


def _last_above(matrix: Array, law: Array, target: Array, eps: float) -> tuple[int | None, Array]:
    """The largest number of steps with KL > eps and the law there; None if KL stays above."""
    if divergence(law, target) <= eps:
        return -1, law
    powers = [matrix]
    while divergence(law @ powers[-1], target) > eps:
        if len(powers) == DOUBLINGS or np.abs(powers[-1][0] - powers[-1][-1]).max() < 1e-13:
            return None, law
        square = powers[-1] @ powers[-1]
        powers.append(square / square.sum(1, keepdims=True))
    count = 0
    for exponent in range(len(powers) - 2, -1, -1):
        further = law @ powers[exponent]
        if divergence(further, target) > eps:
            law, count = further, count + 2**exponent
    return count, law


def langevin_steps(step: float, gamma: float, eps: float) -> float:
    """Steps of full-gradient Langevin dynamics until KL <= eps."""
    grid = grid_for(step, gamma)
    none = np.zeros_like(grid.x)
    matrix = _transition(
        grid.x, gradient(grid.x), none, np.zeros(1), np.ones(1), step, math.sqrt(2 * step / gamma)
    )
    return steps_to(matrix, grid, eps)


def sgld_steps(
    step: float, gamma: float, eps: float, *, n: int, batch: int, c: float, sigma: float
) -> float:
    """Steps of stochastic-gradient Langevin dynamics (no control variate) until KL <= eps."""
    grid = grid_for(step, gamma)
    kappa, weight = gauss_rule(*mean_sign_law(n, batch))
    matrix = _transition(
        grid.x, gradient(grid.x), c * grid.x + sigma, kappa, weight, step,
        math.sqrt(2 * step / gamma),
    )  # fmt: skip
    return steps_to(matrix, grid, eps)


def svrg_steps(
    step: float, gamma: float, eps: float, *, n: int, batch: int, inner: int, c: float
) -> float:
    """Inner steps of SVRG-LD, with a snapshot every ``inner`` steps, until KL <= eps.

    Parameters
    ----------
    step : float
        eta.
    n, batch, inner : int
        Components, minibatch B, and epoch length m.
    c : float
        Heterogeneity of the components' curvature.

    Returns
    -------
    float
        k, or inf where the chain's own law stays farther than eps from the target.
    """
    grid = grid_for(step, gamma)
    kappa, weight = gauss_rule(*mean_sign_law(n, batch))
    laws = _epoch(
        grid.x, gradient(grid.x), c, kappa, weight, step, math.sqrt(2 * step / gamma), inner
    )
    epochs, law = _last_above(laws[-1], grid.start, grid.target, eps)
    if epochs is None:
        return math.inf
    if epochs < 0:
        return 0.0
    for k in range(inner):
        if divergence(law @ laws[k], grid.target) <= eps:
            return float(epochs * inner + k + 1)
    return float((epochs + 1) * inner)  # pragma: no cover - the last step was seen to be below


def svrg_epochs(
    step: float, gamma: float, eps: float, *, n: int, batch: int, inner: int, c: float
) -> float:
    """Epochs of SVRG-LD until the law of its snapshots has KL <= eps, as a fraction.

    Within an epoch KL is a saw-tooth, lowest right after a snapshot, so that the first hit of
    `svrg_steps` jumps by whole epochs. Here log KL is interpolated between the ends of epochs,
    where the theorem's own bound is linear in it. Parameters as in `svrg_steps`; inf where the
    snapshots stay farther than eps from the target.
    """
    grid = grid_for(step, gamma)
    kappa, weight = gauss_rule(*mean_sign_law(n, batch))
    sd = math.sqrt(2 * step / gamma)
    epoch = _epoch(grid.x, gradient(grid.x), c, kappa, weight, step, sd, inner)[-1]
    epochs, law = _last_above(epoch, grid.start, grid.target, eps)
    if epochs is None:
        return math.inf
    if epochs < 0:
        return 0.0
    above = divergence(law, grid.target)
    below = divergence(law @ epoch, grid.target)
    return epochs + math.log(above / eps) / math.log(above / below)


def best_cost(
    cost: Callable[[float], float],
    first: float,
    *,
    ratio: float = 1.25,
    worse: float = 1.2,
    refinements: int = 3,
) -> float:
    """Smallest cost over step sizes first, first/ratio, ... with a refinement around the best.

    Parameters
    ----------
    cost : callable
        Cost at a step size; inf where the goal is out of reach.
    first : float
        The largest step tried.
    ratio : float
        Of the coarse grid.
    worse : float
        The search ends when the cost exceeds this multiple of the best.
    refinements : int
        Finer grids around the best so far, each with the fourth root of the ratio before.

    Returns
    -------
    float
        inf where no step down to 3e-5 ``first`` reaches the goal.
    """
    best, at, step = math.inf, first, first
    while step >= SMALLEST_STEP * first:
        here = cost(step)
        if here < best:
            best, at = here, step
        elif here > worse * best and math.isfinite(best):
            break
        step /= ratio
    if math.isinf(best):
        return best
    for _ in range(refinements):
        ratio = ratio**0.25
        near = [at * ratio**i for i in (-3, -2, -1, 1, 2, 3)]
        best, at = min([(best, at), *((cost(step), step) for step in near)])
    return best


# -- SARAH-LD by chains ----------------------------------------------------------------------------

BINS = 24
CHUNK = 1 << 15


def sarah_steps(
    step: float,
    gamma: float,
    eps: float,
    *,
    n: int,
    batch: int,
    inner: int,
    c: float,
    chains: int,
    longest: int,
    replicates: int,
    rng: torch.Generator,
) -> torch.Tensor:
    """Steps of SARAH-LD until the divergence of its chains' histogram is at most eps.

    Each replicate is an ensemble of independent chains; the divergence is that of a histogram with
    equal bins less its bias (bins - 1)/(2 chains).

    Parameters
    ----------
    chains : int
        Chains an ensemble; eps should be at least ten times the bias.
    longest : int
        Steps after which an ensemble is given up (inf).

    Returns
    -------
    Tensor of shape (replicates,)

    Raises
    ------
    ValueError
        If eps is under ten biases: noise would decide.
    """
    bias = (BINS - 1) / (2 * chains)
    if eps < 10 * bias:
        raise ValueError(f"eps = {eps:g} is not ten times the histogram's bias {bias:.2g}")
    device = rng.device
    values, probabilities = mean_sign_law(n, batch)
    cumulative = torch.tensor(np.cumsum(probabilities)[:-1], dtype=torch.float32, device=device)
    signs = torch.tensor(values, dtype=torch.float32, device=device)
    grid = grid_for(1e-4, gamma)
    edges = np.linspace(-EDGE, EDGE, BINS + 1)
    which = np.clip(np.digitize(grid.x, edges) - 1, 0, BINS - 1)
    target = torch.tensor(np.bincount(which, grid.target, BINS), device=device)
    shape = (replicates, chains)
    x = torch.randn(shape, generator=rng, device=device) * START_SD + START_MEAN
    hit = torch.full((replicates,), math.inf, dtype=torch.float64, device=device)
    sd = math.sqrt(2 * step / gamma)
    extra, moved = torch.zeros_like(x), torch.zeros_like(x)
    for k in range(longest):
        if k % inner == 0:
            extra.zero_()
        else:
            draw = torch.rand(shape, generator=rng, device=device)
            kappa = signs[torch.bucketize(draw, cumulative, out_int32=True)]
            extra += c * kappa * moved
        v = x - 4.0 * x * torch.exp(-2.0 * x * x) + extra
        moved = torch.randn(shape, generator=rng, device=device) * sd - step * v
        x = x + moved
        kl = _histogram_divergence(x, target) - bias
        hit = torch.where((kl <= eps) & hit.isinf(), float(k + 1), hit)
        if not hit.isinf().any():
            break
    return hit


def _histogram_divergence(x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """KL of each row's histogram from the target's bin probabilities."""
    rows, chains = x.shape
    which = ((x + EDGE) * (BINS / (2 * EDGE))).long().clamp_(0, BINS - 1)
    offsets = torch.arange(rows, device=x.device)[:, None] * BINS
    counts = torch.bincount((which + offsets).flatten(), minlength=rows * BINS)
    p = counts.view(rows, BINS).double() / chains
    return torch.xlogy(p, p / target).sum(1)
