"""The score class of the proof: scores of B-spline densities carried along the diffusion.

s_a(x, t) = d/dx log q_{a,t}(x), with q_{a,t} the density sum_k a_k B_k diffused to time t, a >= 0,
sum a = 1 (Oko, Akiyama & Suzuki, ICML 2023, Section 4: diffused B-splines approximate p_t and its
score). Over this class the empirical risk of denoising score matching is minimised exactly, without
stochastic gradients: along the Ornstein-Uhlenbeck flow (1/2) int E|s_a - grad log p_t|^2 dt
telescopes into KL(p_{T_low} || q_{T_low}) - KL(p_{T_high} || q_{T_high}) (de Bruijn's identity),
and the last term is of order exp(-2 T_high). What remains is the maximum-likelihood density.

The likelihood is maximised by Newton's method with a banded Hessian: on a CPU one compiled loop
over the replicates, elsewhere all replicates at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.diffusion import held_out

BARRIER = 0.01
TOLERANCE = 1e-9
LONGEST = 200
PATIENCE = 3


class NotConverged(RuntimeError):
    """Newton's method stopped short of the maximum of the likelihood."""


@dataclass(frozen=True)
class Basis:
    """Clamped B-splines of one order on [-1, 1], each with integral 1, as masses of cells.

    Attributes
    ----------
    size, order : int
        Number K of splines; order 2 are hats, order 4 cubics.
    first : array of shape (cells,)
        The first spline that meets a cell.
    mass : array of shape (cells, order + 1)
        Masses in the cell of the splines ``first``, ``first + 1``, ...
    """

    size: int
    order: int
    first: np.ndarray
    mass: np.ndarray

    def density(self, weights: Tensor) -> Tensor:
        """Masses of the cells under sum_k a_k B_k, from weights of shape (R, K)."""
        padded = torch.nn.functional.pad(weights, (0, 1))
        first = torch.from_numpy(self.first).to(weights.device)
        mass = torch.from_numpy(self.mass).to(weights.device)
        total = padded[:, first] * mass[:, 0]
        for j in range(1, mass.shape[1]):
            total += padded[:, first + j] * mass[:, j]
        return total


def order_for(s: float) -> int:
    """Hats up to smoothness 3/2, cubics above: N splines of order m reach N^(-s) for s < m."""
    return 2 if s < 1.5 else 4


@lru_cache(maxsize=32)
def basis(size: int, order: int, cells: int) -> Basis:
    """The basis of ``size`` splines on equidistant knots.

    Raises
    ------
    ValueError
        If there are fewer splines than the order asks for, or knots closer than cells.
    """
    from scipy.interpolate import BSpline

    if size < order:
        raise ValueError(f"{size} splines of order {order}: at least {order} are needed")
    if size - order + 1 > cells:
        raise ValueError(f"{size} splines have knots closer than the {cells} cells")
    # The integral of a spline is a tail of the partition of unity by splines of order + 1.
    knots = np.linspace(-1, 1, size - order + 2)
    clamped = np.concatenate([[-1.0] * order, knots, [1.0] * order])
    edges = np.linspace(-1, 1, cells + 1)
    design = BSpline.design_matrix(edges, clamped, order)
    unity = design.data.reshape(cells + 1, order + 1)
    start = design.indices.reshape(cells + 1, order + 1)[:, 0].astype(np.int64)
    below = unity[:, ::-1].cumsum(1)[:, ::-1][:, 1:]  # integral up to the edge of start, start+1..
    mass = np.empty((cells, order + 1))
    moved = start[1:] - start[:-1]
    for j in range(order + 1):
        right = np.ones(cells)
        behind = j - moved
        inside = behind >= 0
        column = np.minimum(np.maximum(behind, 0), order - 1)
        right[inside] = below[1:][inside, column[inside]] * (behind[inside] < order)
        mass[:, j] = right - (below[:-1, j] if j < order else 0.0)
    return Basis(size, order, start[:-1], np.maximum(mass, 0.0))


def fit(counts: Tensor, splines: Basis) -> Tensor:
    """Weights of the maximum-likelihood spline density: the minimiser of the empirical DSM risk.

    Minimises -(1/n) sum_g c_g log (B a)_g + sum_k a_k - (0.01/n) sum_k log a_k, where the
    multiplier of sum a = 1 is exactly 1, and normalises; the barrier moves the maximum by less
    than a hundredth of one datum a spline.

    Parameters
    ----------
    counts : Tensor of shape (R, cells)
        Numbers of data; every replicate has at least one.
    splines : Basis

    Returns
    -------
    Tensor of shape (R, K)

    Raises
    ------
    NotConverged
        If Newton's decrement does not fall below 1e-9.
    """
    if counts.device.type == "cpu":
        weights, worst = _fit_rows(counts.numpy(), splines.first, splines.mass, splines.size)
        found = torch.from_numpy(weights)
    else:
        found, worst = _fit_batched(counts, splines)
    if not worst <= TOLERANCE:
        raise NotConverged(f"{splines.size} splines: Newton's decrement is {worst:.2g}")
    return found / found.sum(1, keepdim=True)


def fitted(counts: Tensor, size: int, order: int) -> Tensor:
    """Masses of the cells under the density that `fit` finds with so many splines."""
    splines = basis(size, order, counts.shape[1])
    return splines.density(fit(counts, splines))


@njit(cache=True)
def _objective(
    counts: np.ndarray, first: np.ndarray, mass: np.ndarray, a: np.ndarray, mu: float
) -> float:
    value = 0.0
    for g in range(first.shape[0]):
        v = 0.0
        for j in range(mass.shape[1]):
            v += mass[g, j] * a[first[g] + j]
        value -= counts[g] * np.log(v)
    for k in range(a.shape[0] - 1):
        value += a[k] - mu * np.log(a[k])
    return value


@njit(cache=True)
def _solve_banded(band: np.ndarray, x: np.ndarray) -> None:
    """x <- H^(-1) x for H = L L' with H[k, k + j] = band[k, j]; the band becomes L'."""
    size, width = band.shape
    for k in range(size):
        root = np.sqrt(band[k, 0])
        for j in range(width):
            band[k, j] /= root
        for i in range(1, min(width, size - k)):
            for j in range(width - i):
                band[k + i, j] -= band[k, i] * band[k, i + j]
    for k in range(size):
        x[k] /= band[k, 0]
        for i in range(1, min(width, size - k)):
            x[k + i] -= band[k, i] * x[k]
    for k in range(size - 1, -1, -1):
        for i in range(1, min(width, size - k)):
            x[k] -= band[k, i] * x[k + i]
        x[k] /= band[k, 0]


@njit(cache=True)
def _newton(
    counts: np.ndarray, first: np.ndarray, mass: np.ndarray, a: np.ndarray, mu: float
) -> float:
    """Newton's method in place; ``a`` has one entry more than there are splines, always 0."""
    size, width = a.shape[0] - 1, mass.shape[1]
    direction, trial = np.empty(size), np.zeros(size + 1)
    band = np.empty((size, width))
    value = _objective(counts, first, mass, a, mu)
    decrement = np.inf
    for _ in range(LONGEST):
        for k in range(size):
            direction[k] = mu / a[k] - 1.0
            band[k, 0] = mu / a[k] ** 2
            for j in range(1, width):
                band[k, j] = 0.0
        for g in range(first.shape[0]):
            f = first[g]
            v = 0.0
            for j in range(width):
                v += mass[g, j] * a[f + j]
            share = counts[g] / v
            for i in range(min(width, size - f)):
                p = share * mass[g, i]
                direction[f + i] += p
                q = p / v
                for j in range(i, width):
                    band[f + i, j - i] += q * mass[g, j]
        decrement = 0.0
        for k in range(size):
            trial[k] = direction[k]
        _solve_banded(band, direction)
        largest = 1.0
        for k in range(size):
            decrement += trial[k] * direction[k]
            if direction[k] < 0.0:
                largest = min(largest, -0.95 * a[k] / direction[k])
        if decrement <= TOLERANCE:
            return decrement
        step = largest
        while True:
            for k in range(size):
                trial[k] = a[k] + step * direction[k]
            new = _objective(counts, first, mass, trial, mu)
            if new <= value - 0.1 * step * decrement + 1e-14 * abs(value) or step < 1e-10:
                break
            step *= 0.5
        a[:] = trial
        value = new
    return decrement


@njit(cache=True)
def _fit_rows(
    counts: np.ndarray, first: np.ndarray, mass: np.ndarray, size: int
) -> tuple[np.ndarray, float]:
    """All replicates one after the other, over the cells that hold data; the worst decrement."""
    rows = counts.shape[0]
    weights = np.empty((rows, size))
    worst = 0.0
    for r in range(rows):
        filled = np.nonzero(counts[r])[0]
        n = counts[r].sum()
        a = np.full(size + 1, 1.0 / size)
        a[size] = 0.0
        reached = _newton(counts[r][filled] / n, first[filled], mass[filled], a, BARRIER / n)
        worst = max(worst, reached)
        weights[r] = a[:size]
    return weights, worst


def _fit_batched(counts: Tensor, splines: Basis) -> tuple[Tensor, float]:
    """The same Newton's method for all replicates at once, with dense Hessians.

    Sums over the cells of one knot interval are products with a 0-1 matrix: deterministic on a GPU.
    """
    device, size = counts.device, splines.size
    first = torch.from_numpy(splines.first).to(device)
    mass = torch.from_numpy(splines.mass).to(device)
    width, starts = mass.shape[1], int(splines.first.max()) + 1
    interval = torch.nn.functional.one_hot(first, starts).double()
    n = counts.sum(1, keepdim=True)
    share, mu = counts / n, BARRIER / n

    def objective(a: Tensor) -> Tensor:
        barrier: Tensor = (a - mu * a.log()).sum(1)
        return barrier - (share * splines.density(a).log()).sum(1)

    a = torch.full((len(counts), size), 1.0 / size, dtype=torch.float64, device=device)
    value = objective(a)
    for _ in range(LONGEST):
        v = splines.density(a)
        gradient = torch.zeros(len(a), size + width, dtype=torch.float64, device=device)
        hessian = torch.zeros(len(a), *[size + width] * 2, dtype=torch.float64, device=device)
        at = torch.arange(starts, device=device)
        for i in range(width):
            p = share / v * mass[:, i]
            gradient[:, i : i + starts] += p @ interval
            for j in range(width):
                hessian[:, at + i, at + j] += (p / v * mass[:, j]) @ interval
        slope = gradient[:, :size] + mu / a - 1
        square = hessian[:, :size, :size] + torch.diag_embed(mu / a**2)
        direction = torch.cholesky_solve(slope[..., None], torch.linalg.cholesky(square))[..., 0]
        decrement = (slope * direction).sum(1)
        if bool((decrement <= TOLERANCE).all()):
            break
        room = torch.where(direction < 0, -0.95 * a / direction, 1.0).amin(1).clamp(max=1.0)
        step = torch.where(decrement > TOLERANCE, room, 0.0)
        for _ in range(40):
            trial = a + step[:, None] * direction
            new = objective(trial)
            worse = new > value - 0.1 * step * decrement + 1e-14 * value.abs()
            if not bool(worse.any()):
                break
            step = torch.where(worse, step / 2, step)
        a, value = trial, new
    return a, float(decrement.max())


def sizes_to_try(n: float, order: int, cells: int, ratio: float = 2**0.5) -> list[int]:
    """A geometric grid of numbers of splines, up to one for every four data."""
    sizes, size = [], float(order + 1)
    while size <= min(n / 4, cells / 8):
        sizes.append(round(size))
        size *= ratio
    return sorted(set(sizes))


def fit_validated(
    counts: Tensor, order: int, sizes: Sequence[int], rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Number of splines chosen by the DSM risk on held-out data, then a fit to all data.

    See `held_out.fit_validated`; the search ends when three in a row were no better.
    """

    def of_size(some: Tensor, size: int) -> Tensor:
        return fitted(some, size, order)

    return held_out.fit_validated(counts, of_size, sizes, rng, patience=PATIENCE)
