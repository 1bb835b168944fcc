"""Laws of what a diffusion model generates, without sampling.

Forward, dX = -X dt + sqrt(2) dB carries X_0 to X_t ~ N(m X_0, sig^2) with m = exp(-t) and sig^2 =
1 - exp(-2t). The sampler runs the reversed process from N(0, 1) at T_high with some score and stops
at T_low. Densities on [-1, 1] are masses of equal cells; a law that leaks out carries a margin of
further cells of the same width on both sides.

Two routes to the law:

- the score is that of a known law q, diffused. The reverse kernel is then Bayes' rule, and
  rho(y) = q_{T_low}(y) int k(x | y) phi(x) / q_{T_high}(x) dx, k the forward kernel over
  T_high - T_low (`sampler_law`);
- any other score: the Fokker-Planck equation of the reversed process (`fokker_planck`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.diffusion.cells import centres
from ratecheck.lab.diffusion.laws import Law

REACH = 6.0
COARSE = 256
NODES = 65
CHUNK = 1 << 18


def gaussian_weights(sd: float, width: float, margin: int) -> Tensor:
    """Mass that a uniform cell, convolved with N(0, sd^2), sends j cells away, j = 0..margin.

    The second difference of x Phi(x / sd) + sd phi(x / sd); less max(x, 0), which is exact, so that
    nothing cancels.
    """
    x = torch.arange(margin + 2, dtype=torch.float64) * width
    z = x / sd
    bell = torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    tail = sd * bell - x * 0.5 * torch.erfc(z / math.sqrt(2))
    before = torch.cat([tail[1:2], tail[:-2]])
    weights = (tail[1:] - 2 * tail[:-1] + before) / width
    weights[0] += 1
    return weights.clamp(min=0.0)


def diffused(mass: Tensor, t: float) -> Law:
    """The law of X_t when X_0 is uniform on each cell, in dimension 1: shape (R, cells) in.

    The convolution is exact; the contraction by m moves the distribution function, linear over each
    cell, so that no mass is lost.
    """
    cells = mass.shape[1]
    width, shrink = 2 / cells, math.exp(-t)
    sd = math.sqrt(-math.expm1(-2 * t)) / shrink
    margin = math.ceil(REACH * sd / width) + 1
    weights = gaussian_weights(sd, width, margin).to(mass.device)
    size = 2 ** math.ceil(math.log2(cells + 2 * margin + 1))
    kernel = torch.zeros(size, dtype=mass.dtype, device=mass.device)
    kernel[: margin + 1] = weights
    kernel[size - margin :] = weights[1:].flip(0)
    spread = torch.fft.irfft(torch.fft.rfft(mass, n=size) * torch.fft.rfft(kernel), n=size)
    whole = torch.cat([spread[:, size - margin :], spread[:, : cells + margin]], 1)
    below = torch.nn.functional.pad(whole.cumsum(1), (1, 0))
    edges = torch.arange(cells + 2 * margin + 1, dtype=torch.float64, device=mass.device)
    at = ((edges - margin - cells / 2) / shrink + margin + cells / 2).clamp(0, cells + 2 * margin)
    left = at.floor().clamp(max=cells + 2 * margin - 1)
    share = at - left
    index = left.long()
    moved = below[:, index] * (1 - share) + below[:, index + 1] * share
    moved[:, 0], moved[:, -1] = 0.0, below[:, -1]
    return Law(torch.diff(moved, dim=1), margin)


def start_factor(mass: Tensor, t_low: float, t_high: float, y: Tensor) -> Tensor:
    """int k(x | y) phi(x) / q_{T_high}(x) dx: what starting from N(0, 1) does, shape (R, len(y)).

    ``mass`` of shape (R, cells) is the law q whose score drives the sampler.
    """
    parts = math.gcd(mass.shape[1], COARSE)
    coarse = mass.reshape(len(mass), parts, -1).sum(2)
    m, sd = math.exp(-t_high), math.sqrt(-math.expm1(-2 * t_high))
    x = torch.linspace(-8, 8, 321, dtype=mass.dtype, device=mass.device)
    at = m * centres(parts, mass.device)
    # relative to phi(x), so that nothing underflows: both exponents are moderate
    tilt = torch.exp(0.5 * x**2 - 0.5 * ((x - at[:, None]) / sd) ** 2) / sd
    ratio = 1 / (coarse @ tilt)
    m, sd = math.exp(t_low - t_high), math.sqrt(-math.expm1(-2 * (t_high - t_low)))
    kernel = torch.exp(-0.5 * ((x - m * y[:, None]) / sd) ** 2)
    kernel = kernel / kernel.sum(1, keepdim=True)
    return ratio @ kernel.T


def sampler_law(mass: Tensor, t_low: float, t_high: float) -> Law:
    """The exact law at T_low of the sampler that uses the score of a known law on [-1, 1].

    Parameters
    ----------
    mass : Tensor of shape (R, cells)
        The law whose diffused score is used.
    t_low, t_high : float
        Where the reversed process stops, and where it starts from N(0, 1).
    """
    law = diffused(mass, t_low)
    cells = mass.shape[1]
    edge = 1 + law.margin * 2 / cells
    y = torch.linspace(-edge, edge, NODES, dtype=mass.dtype, device=mass.device)
    factor = start_factor(mass, t_low, t_high, y)
    fine = torch.nn.functional.interpolate(factor[:, None], law.mass.shape[1], mode="linear")[:, 0]
    whole = law.mass * fine
    return Law(whole / whole.sum(1, keepdim=True), law.margin)


def line(fine: int, edge: float = 1.25, far: float = 5.0, growth: float = 1.05) -> np.ndarray:
    """Edges of cells: ``fine`` equal ones on [-1, 1], on to +-edge, then growing up to +-far."""
    width = 2 / fine
    beyond = round((edge - 1) / width)
    right = list(1 + width * np.arange(beyond + 1))
    while right[-1] < far:
        right.append(right[-1] + (right[-1] - right[-2]) * growth)
    tail = np.array(right)
    return np.concatenate([-tail[::-1], np.linspace(-1, 1, fine + 1)[1:-1], tail])


def resolving(t_low: float, fewest: int = 1024, most: int = 8192) -> int:
    """Cells of [-1, 1] for `line`, a power of two: about 2 sig wide at T_low, within bounds."""
    sd = math.sqrt(-math.expm1(-2 * t_low))
    return int(min(most, max(fewest, 2 ** round(-math.log2(sd)))))


def times(t_low: float, t_high: float, steps: int) -> np.ndarray:
    """Times from T_high down to T_low in a constant ratio, steps + 1 of them."""
    return np.geomspace(t_high, t_low, steps + 1)


def score_law(
    score: Callable[[Tensor, float], Tensor], t_low: float, t_high: float, like: Tensor, steps: int
) -> Law:
    """The law at T_low of the sampler that uses any score, on a line of cells.

    Parameters
    ----------
    score : callable
        As for `fokker_planck`.
    t_low, t_high : float
        Where the reversed process stops, and where it starts from N(0, 1).
    like : Tensor of shape (R, cells)
        Whose shape and device the law inside [-1, 1] shall have.
    steps : int
        Steps in time, in a constant ratio.
    """
    edges = line(resolving(t_low))
    moments = times(t_low, t_high, steps)
    mass = fokker_planck(score, edges, moments, replicates=len(like))
    return on_cells(mass, edges, like.shape[1], like.device)


def fokker_planck(
    score: Callable[[Tensor, float], Tensor],
    edges: np.ndarray,
    moments: np.ndarray,
    *,
    replicates: int,
) -> np.ndarray:
    """Law of the reversed process dY = (Y + 2 s(Y, t)) dtau + sqrt(2) dB from N(0, 1).

    Implicit steps with exponentially fitted fluxes (Scharfetter and Gummel 1969): positive, and
    masses add up to 1. Nothing flows through the two ends.

    Parameters
    ----------
    score : callable
        ``score(x, t)`` for x of shape (points,) has shape (replicates, points).
    edges : array of shape (cells + 1,)
    moments : array
        Decreasing times; the score of a step is taken at its geometric middle.

    Returns
    -------
    array of shape (replicates, cells)
        Masses.
    """
    middle = (edges[1:] + edges[:-1]) / 2
    below = torch.special.ndtr(torch.from_numpy(edges)).numpy()
    mass = np.tile(np.diff(below) / (below[-1] - below[0]), (replicates, 1))
    inner = torch.from_numpy(edges[1:-1])
    for before, after in pairwise(moments):
        s = score(inner, math.sqrt(before * after)).double().cpu().numpy()
        _implicit_step(mass, edges[1:-1] + 2 * s, np.diff(middle), np.diff(edges), before - after)
    return mass


@njit(cache=True)
def _bernoulli(z: float) -> float:
    return 1.0 - 0.5 * z if abs(z) < 1e-5 else z / np.expm1(z)


@njit(cache=True)
def _implicit_step(
    mass: np.ndarray, drift: np.ndarray, gaps: np.ndarray, widths: np.ndarray, step: float
) -> None:
    """One implicit step in place: a tridiagonal solve for each row."""
    rows, size = mass.shape
    up, down, pivot = np.empty(size), np.empty(size), np.empty(size)
    for r in range(rows):
        # up[i]: rate at which mass moves from cell i to i + 1; down[i]: from i + 1 to i
        for i in range(size - 1):
            z = min(max(drift[r, i] * gaps[i], -500.0), 500.0)
            up[i] = step * _bernoulli(-z) / (gaps[i] * widths[i])
            down[i] = step * _bernoulli(z) / (gaps[i] * widths[i + 1])
        up[size - 1] = 0.0
        pivot[0] = 1.0 + up[0]
        for i in range(1, size):
            factor = up[i - 1] / pivot[i - 1]
            pivot[i] = 1.0 + up[i] + down[i - 1] * (1.0 - factor)
            mass[r, i] += factor * mass[r, i - 1]
        mass[r, size - 1] /= pivot[size - 1]
        for i in range(size - 2, -1, -1):
            mass[r, i] = (mass[r, i] + down[i] * mass[r, i + 1]) / pivot[i]


def on_cells(
    mass: np.ndarray, edges: np.ndarray, cells: int, device: torch.device | None = None
) -> Law:
    """Masses on the cells of `line` as a law on ``cells`` equal cells of [-1, 1].

    Each of the fine cells is a whole number of the equal ones; what lies beyond +-1 becomes one
    margin cell on each side.
    """
    inside = (edges[:-1] > -1 - 1e-12) & (edges[1:] < 1 + 1e-12)
    repeat = cells // int(inside.sum())
    fine = np.repeat(mass[:, inside] / repeat, repeat, axis=1)
    left = mass[:, edges[1:] < -1 + 1e-12].sum(1, keepdims=True)
    right = mass[:, edges[:-1] > 1 - 1e-12].sum(1, keepdims=True)
    return Law(torch.from_numpy(np.concatenate([left, fine, right], 1)).to(device), 1)
