"""Two-layer ReLU networks on the circle in the regime of the neural tangent kernel.

g(x) = M^(-1/2) sum_r a_r relu(b_r . x), both layers trained, x(t) = (cos t, sin t, 1)/sqrt(2), t
uniform (the third coordinate is the bias). With b_r uniform on the sphere and a_r = +-1 the tangent
kernel depends on D = t - t' through u = (1 + cos D)/2:

    K(D) = [sqrt(1 - u^2) + u (pi - arccos u)] / (6 pi) + u (pi - arccos u) / (2 pi),

the first term from the outer and the second from the inner layer (Cho and Saul, NIPS 2009,
arc-cosine kernels of order one and zero). Its eigenfunctions are the Fourier functions.

One-pass SGD decays the deviation from the initial parameters, with the step

    deviation <- (1 - eta penalty) deviation - eta (g(x) - y) grad g(x),

and returns the network at the averaged parameters.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.draws import normal, signs
from ratecheck.lab.spectra.circle import Circle, evaluation_angles
from ratecheck.lab.spectra.fourier import dot

FREQUENCIES = 64
Part = Literal["both layers", "outer layer"]


def tangent_kernel(difference: Tensor, part: Part = "both layers") -> Tensor:
    """The tangent kernel at differences of angles, elementwise."""
    u = ((1 + difference.cos()) / 2).clamp(0.0, 1.0)
    arc = u * (math.pi - u.arccos())
    outer = ((1 - u * u).clamp(min=0.0).sqrt() + arc) / (6 * math.pi)
    return outer if part == "outer layer" else outer + arc / (2 * math.pi)


def kernel_eigenvalues(frequencies: int, grid: int = 2**16) -> Tensor:
    """Eigenvalues of the tangent kernel at frequencies 1, 2, ..., by the Fourier transform."""
    angles = 2 * math.pi * torch.arange(grid, dtype=torch.float64) / grid
    spectrum: Tensor = torch.fft.rfft(tangent_kernel(angles)).real / grid
    return spectrum[1 : frequencies + 1]


def source(r: float, sigma: float, *, replicates: int, rng: torch.Generator) -> Circle:
    """Regression with targets on the border of the source class of the tangent kernel.

    Energy lambda_k^(2r) / (2k) for each function of frequency k, random signs, norm 1.
    """
    k = torch.arange(1, FREQUENCIES + 1, dtype=torch.float64)
    size = (kernel_eigenvalues(FREQUENCIES) ** (2 * r) / (2 * k)).sqrt().repeat_interleave(2)
    target = (size / size.norm()).to(rng.device) * signs(replicates, len(size), rng=rng)
    return Circle(target, sigma)


def initial_network(
    width: int, *, replicates: int, rng: torch.Generator, paired: bool = True
) -> tuple[Tensor, Tensor]:
    """Inner weights uniform on the sphere and outer weights +-1: (R, width, 3) and (R, width).

    Paired, the second half repeats the first with opposite outer weights: the network starts at 0.
    """
    half = width // 2 if paired else width
    inner = normal(replicates, half, 3, rng=rng)
    inner = inner / inner.norm(dim=-1, keepdim=True)
    if paired:
        outer = torch.ones(replicates, half, dtype=torch.float64, device=rng.device)
        return torch.cat([inner, inner], 1), torch.cat([outer, -outer], 1)
    return inner, signs(replicates, half, rng=rng).double()


def train_network(
    inner: Tensor,
    outer: Tensor,
    angles: Tensor,
    labels: Tensor,
    rate: float,
    penalty: float,
) -> tuple[Tensor, Tensor]:
    """One-pass SGD; the networks at the averaged and at the last parameters.

    Parameters
    ----------
    inner, outer : Tensors of shape (R, M, 3) and (R, M)
        Initial parameters; M a multiple of eight.
    angles, labels : Tensors of shape (R, T)
    rate, penalty : float

    Returns
    -------
    averaged, last : Tensors of shape (R, EVALUATION_ANGLES)
        Their values on the evaluation angles.
    """
    if inner.device.type == "cpu":
        columns = np.ascontiguousarray(inner.numpy().transpose(0, 2, 1))
        averaged, last = (
            torch.from_numpy(part)
            for part in _train(
                columns, outer.numpy(), angles.numpy(), labels.numpy(), rate, penalty
            )
        )
    else:
        averaged, last = _train_batched(inner, outer, angles, labels, rate, penalty)
    return _values(averaged), _values(last)


def _values(parameters: Tensor) -> Tensor:
    """Networks with parameters (R, 4, M), rows b_1, b_2, b_3, a, on the evaluation angles."""
    angles = evaluation_angles().to(parameters.device)
    if parameters.device.type == "cpu":
        return torch.from_numpy(_evaluate(parameters.numpy(), angles.numpy()))
    x = torch.stack([angles.cos(), angles.sin(), torch.ones_like(angles)]) / math.sqrt(2.0)
    hidden = (parameters[:, :3].mT @ x).relu()
    values: Tensor = torch.einsum("rm,rmt->rt", parameters[:, 3], hidden)
    return values / math.sqrt(parameters.shape[-1])


@njit(cache=True)
def _forward(
    b0: np.ndarray,
    b1: np.ndarray,
    b2: np.ndarray,
    x0: float,
    x1: float,
    x2: float,
    hidden: np.ndarray,
) -> None:
    for j in range(hidden.shape[0]):
        value = b0[j] * x0 + b1[j] * x1 + b2[j] * x2
        hidden[j] = value if value > 0.0 else 0.0


@njit(cache=True)
def _evaluate(parameters: np.ndarray, angles: np.ndarray) -> np.ndarray:
    rows, width = parameters.shape[0], parameters.shape[2]
    values, hidden = np.empty((rows, angles.shape[0])), np.empty(width)
    half = 1.0 / math.sqrt(2.0)
    for r in range(rows):
        b0, b1, b2, a = parameters[r, 0], parameters[r, 1], parameters[r, 2], parameters[r, 3]
        for t in range(angles.shape[0]):
            x0, x1 = half * math.cos(angles[t]), half * math.sin(angles[t])
            _forward(b0, b1, b2, x0, x1, half, hidden)
            values[r, t] = dot(hidden, a) / math.sqrt(width)
    return values


@njit(cache=True)
def _activate(hidden: np.ndarray, outer: np.ndarray, push: float, active: np.ndarray) -> None:
    for j in range(hidden.shape[0]):
        active[j] = push * outer[j] if hidden[j] > 0.0 else 0.0


@njit(cache=True)
def _update(
    row: np.ndarray,
    kept: np.ndarray,
    total: np.ndarray,
    gradient: np.ndarray,
    factor: float,
    shrink: float,
) -> None:
    for j in range(row.shape[0]):
        value = shrink * row[j] + kept[j] - factor * gradient[j]
        row[j] = value
        total[j] += value


@njit(cache=True)
def _train(
    inner: np.ndarray,
    outer: np.ndarray,
    angles: np.ndarray,
    labels: np.ndarray,
    rate: float,
    penalty: float,
) -> tuple[np.ndarray, np.ndarray]:
    """One replicate through all steps while its parameters stay in cache.

    The passes over neurons are functions of plain vectors: only then does the compiler know that
    they do not overlap, and uses vector registers (22 times faster than one loop over all).
    """
    rows, steps = angles.shape
    width = outer.shape[1]
    scale, shrink = 1.0 / math.sqrt(width), 1.0 - rate * penalty
    averaged, last = np.empty((rows, 4, width)), np.empty((rows, 4, width))
    hidden, active, x2 = np.empty(width), np.empty(width), 1.0 / math.sqrt(2.0)
    for r in range(rows):
        start = np.empty((4, width))
        start[:3], start[3] = inner[r], outer[r]
        here, total = start.copy(), start.copy()
        kept = (1.0 - shrink) * start
        b0, b1, b2, a = here[0], here[1], here[2], here[3]
        for t in range(steps):
            x0 = math.cos(angles[r, t]) / math.sqrt(2.0)
            x1 = math.sin(angles[r, t]) / math.sqrt(2.0)
            _forward(b0, b1, b2, x0, x1, x2, hidden)
            push = rate * scale * (scale * dot(hidden, a) - labels[r, t])
            _activate(hidden, a, push, active)
            _update(b0, kept[0], total[0], active, x0, shrink)
            _update(b1, kept[1], total[1], active, x1, shrink)
            _update(b2, kept[2], total[2], active, x2, shrink)
            _update(a, kept[3], total[3], hidden, push, shrink)
        averaged[r], last[r] = total / (steps + 1), here
    return averaged, last


def _train_batched(
    inner: Tensor, outer: Tensor, angles: Tensor, labels: Tensor, rate: float, penalty: float
) -> tuple[Tensor, Tensor]:
    """The same recursion on tensors, a step at a time for all replicates: the path of a GPU."""
    start = torch.cat([inner.mT, outer[:, None]], 1)
    here, total = start.clone(), start.clone()
    scale, shrink = 1.0 / math.sqrt(outer.shape[1]), 1.0 - rate * penalty
    x = torch.stack([angles.cos(), angles.sin(), torch.ones_like(angles)], 1) / math.sqrt(2.0)
    kept = (1.0 - shrink) * start
    for t in range(angles.shape[1]):
        point = x[:, :, t, None]
        hidden = (here[:, :3] * point).sum(1).relu()
        error = scale * (hidden * here[:, 3]).sum(-1) - labels[:, t]
        push = rate * scale * error[:, None]
        active = push * here[:, 3] * (hidden > 0)
        gradient = torch.cat([active[:, None] * point, (push * hidden)[:, None]], 1)
        here = shrink * here + kept - gradient
        total += here
    return total / (angles.shape[1] + 1), here


def train_infinite_width(
    angles: Tensor, labels: Tensor, rate: float, penalty: float, part: Part = "both layers"
) -> Tensor:
    """The limit of infinite width on the same data: averaged functional SGD with the kernel.

    f_t = sum_j alpha_j K(x_j, .) with alpha_t = -eta (f_t(x_t) - y_t), older coefficients decaying
    by 1 - eta penalty.

    Parameters
    ----------
    angles, labels : Tensors of shape (R, T)

    Returns
    -------
    Tensor of shape (R, EVALUATION_ANGLES)
        The averaged function on the evaluation angles.
    """
    grid = evaluation_angles()
    values = _functional_sgd(
        angles.cpu().numpy(),
        labels.cpu().numpy(),
        rate,
        1.0 - rate * penalty,
        part == "outer layer",
        grid.numpy(),
    )
    return torch.from_numpy(values).to(angles.device)


@njit(cache=True)
def _products(
    c: float, s: float, cosines: np.ndarray, sines: np.ndarray, outer_only: bool, out: np.ndarray
) -> None:
    """`tangent_kernel` between the angle of cosine c and sine s and several others."""
    for j in range(out.shape[0]):
        u = min(max(0.5 + 0.5 * (c * cosines[j] + s * sines[j]), 0.0), 1.0)
        arc = u * (math.pi - math.acos(u))
        value = (math.sqrt(1.0 - u * u) + arc) / (6.0 * math.pi)
        out[j] = value if outer_only else value + arc / (2.0 * math.pi)


@njit(cache=True)
def _functional_sgd(
    angles: np.ndarray,
    labels: np.ndarray,
    rate: float,
    shrink: float,
    outer_only: bool,
    grid: np.ndarray,
) -> np.ndarray:
    """Averaged functions on the grid: each product of two inputs is computed once, none is kept."""
    rows, steps = angles.shape
    values = np.empty((rows, grid.shape[0]))
    products = np.empty(max(steps, grid.shape[0]))
    for r in range(rows):
        cosines, sines = np.cos(angles[r]), np.sin(angles[r])
        alpha, total = np.zeros(steps), np.zeros(steps)
        for t in range(steps):
            row = products[:t]
            _products(cosines[t], sines[t], cosines[:t], sines[:t], outer_only, row)
            value = 0.0
            for j in range(t):
                value += alpha[j] * row[j]
                alpha[j] *= shrink
                total[j] += alpha[j]
            alpha[t] = -rate * (value - labels[r, t])
            total[t] = alpha[t]
        row = products[:steps]
        for g in range(grid.shape[0]):
            _products(math.cos(grid[g]), math.sin(grid[g]), cosines, sines, outer_only, row)
            value = 0.0
            for j in range(steps):
                value += total[j] * row[j]
            values[r, g] = value / (steps + 1)
    return values
