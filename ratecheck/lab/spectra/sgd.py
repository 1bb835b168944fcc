"""Averaged one-pass SGD with a kernel given by its eigenvalues, in eigen-coordinates.

Inputs are uniform on [0, 1], the eigenfunctions are sqrt(2) cos(2 pi k x), sqrt(2) sin(2 pi k x),
z_i(x) = sqrt(lambda_i) phi_i(x) are the features, and one step on a fresh (x, y) is

    theta <- (1 - eta penalty) theta - eta (z . theta - y) z,       theta_0 = 0.

The estimator is the average of theta_0, ..., theta_T; its risk ||sum sqrt(lambda_i) theta_i phi_i
- f||^2 is exact. On a CPU a compiled loop takes one replicate through all steps while its state
stays in the first-level cache; on a GPU blocks of steps are solved at once as a triangular system.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.spectra.fourier import dot, features
from ratecheck.lab.spectra.source import Source

BLOCK_STEPS = 64


def averaged_sgd(
    source: Source,
    steps: int,
    rate: float,
    penalties: list[float],
    *,
    replicates: int,
    rng: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Risks of averaged and of last iterates, for several penalties on the same data.

    Parameters
    ----------
    source : Source
        Where the data come from, and what the risk is measured against.
    steps : int
        T, also the number of data.
    rate : float
        Step size eta.
    penalties : list of P floats
        Regularisation towards 0.
    replicates : int
    rng : torch.Generator

    Returns
    -------
    averaged, last : Tensors of shape (P, replicates)
    """
    x = uniform(replicates, steps, rng=rng)
    noise = source.sigma * normal(replicates, steps, rng=rng)
    eigenvalues, target = source.eigenvalues.to(rng.device), source.target.to(rng.device)
    if rng.device.type == "cpu":
        averaged, last = _loop(
            x.numpy(), noise.numpy(), eigenvalues.sqrt().numpy(), target.numpy(), rate,
            np.array(penalties),
        )  # fmt: skip
        return torch.from_numpy(averaged), torch.from_numpy(last)
    return averaged_sgd_blocks(x, noise, eigenvalues, target, rate, penalties)


@njit(cache=True)
def _update(
    theta: np.ndarray, total: np.ndarray, z: np.ndarray, shrink: float, push: float
) -> None:
    """One step and its share of the sum, on plain vectors: only these the compiler vectorises."""
    for i in range(theta.shape[0]):
        value = shrink * theta[i] - push * z[i]
        theta[i] = value
        total[i] += value


@njit(cache=True)
def _loop(
    x: np.ndarray,
    noise: np.ndarray,
    root: np.ndarray,
    target: np.ndarray,
    rate: float,
    penalties: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    rows, steps = x.shape
    size, count = root.shape[0], penalties.shape[0]
    averaged, last = np.empty((count, rows)), np.empty((count, rows))
    z = np.empty(size)
    for r in range(rows):
        theta, total = np.zeros((count, size)), np.zeros((count, size))
        for t in range(steps):
            features(2.0 * math.pi * x[r, t], z)
            y = dot(z, target) + noise[r, t]
            for i in range(size):
                z[i] *= root[i]
            for p in range(count):
                push = rate * (dot(z, theta[p]) - y)
                _update(theta[p], total[p], z, 1.0 - rate * penalties[p], push)
        for p in range(count):
            a, b = 0.0, 0.0
            for i in range(size):
                a += (root[i] * total[p, i] / (steps + 1) - target[i]) ** 2
                b += (root[i] * theta[p, i] - target[i]) ** 2
            averaged[p, r], last[p, r] = a, b
    return averaged, last


def averaged_sgd_blocks(
    x: Tensor,
    noise: Tensor,
    eigenvalues: Tensor,
    target: Tensor,
    rate: float,
    penalties: list[float],
) -> tuple[Tensor, Tensor]:
    """The same recursion, a block of B steps at a time: exact in exact arithmetic.

    With a = 1 - eta penalty, the residuals of a block solve (I + M) e = a^i (Z theta) - y with
    M_ij = eta a^(i-1-j) z_i . z_j below the diagonal.

    Parameters
    ----------
    x, noise : Tensors of shape (R, T)
    eigenvalues, target : Tensors of shape (2K,)
    rate, penalties
        As for `averaged_sgd`.

    Returns
    -------
    averaged, last : Tensors of shape (P, R)
    """
    rows, steps = x.shape
    root = eigenvalues.sqrt()
    k = torch.arange(1, root.shape[0] // 2 + 1, device=x.device, dtype=x.dtype)
    results = []
    for penalty in penalties:
        theta = torch.zeros(rows, root.shape[0], device=x.device, dtype=x.dtype)
        total = torch.zeros_like(theta)
        for start in range(0, steps, BLOCK_STEPS):
            angle = 2 * math.pi * x[:, start : start + BLOCK_STEPS, None] * k
            phi = math.sqrt(2.0) * torch.stack([angle.cos(), angle.sin()], -1).flatten(-2)
            y = phi @ target + noise[:, start : start + BLOCK_STEPS]
            theta, total = _block(phi * root, y, theta, total, rate, penalty)
        results.append((total + theta, theta))
    averaged = torch.stack([(root * s / (steps + 1) - target).square().sum(-1) for s, _ in results])
    last = torch.stack([(root * th - target).square().sum(-1) for _, th in results])
    return averaged, last


def _block(
    z: Tensor, y: Tensor, theta: Tensor, total: Tensor, rate: float, penalty: float
) -> tuple[Tensor, Tensor]:
    size = z.shape[1]
    shrink = 1.0 - rate * penalty
    i = torch.arange(size, device=z.device, dtype=z.dtype)
    powers = shrink ** torch.arange(size + 1, device=z.device, dtype=z.dtype)
    sums = torch.cat([torch.zeros_like(powers[:1]), powers.cumsum(0)])  # 0, 1, 1 + a, ...
    lags = (i[:, None] - i - 1).clamp(min=0).long()
    system = rate * (powers[lags] * (z @ z.mT)).tril(-1)
    system.diagonal(dim1=-2, dim2=-1).fill_(1.0)
    start = powers[:size] * (z @ theta[..., None])[..., 0] - y
    residual = torch.linalg.solve_triangular(
        system, start[..., None], upper=False, unitriangular=True
    )[..., 0]
    back = (size - 1 - i).long()
    pushed = torch.einsum("rbi,rb->ri", z, powers[back] * residual)
    summed = torch.einsum("rbi,rb->ri", z, sums[back] * residual)
    total = total + sums[size] * theta - rate * summed
    return powers[size] * theta - rate * pushed, total
