"""Second moments of linear methods whose steps see a random curvature, in one coordinate each.

A step is s -> (A + h B) s, h independent with a mean and a variance; E s s^T, as a vector of k^2
numbers, is then mapped by the matrix E (A + h B) x (A + h B).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

LOG_LATEST = 44


def square(matrix: Tensor) -> Tensor:
    """The Kronecker square of matrices of shape (..., j, k): (..., j^2, k^2)."""
    j, k = matrix.shape[-2:]
    product = matrix[..., :, None, :, None] * matrix[..., None, :, None, :]
    return product.reshape(*matrix.shape[:-2], j * j, k * k)


def expected(fixed: Tensor, per_curvature: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """What one step makes of second moments.

    Parameters
    ----------
    fixed, per_curvature : Tensors of shape (..., k, k)
        A and B.
    mean, variance : Tensors that broadcast to (...)
        Of h.

    Returns
    -------
    Tensor of shape (..., k^2, k^2)
    """
    spread = variance[..., None, None] * square(per_curvature)
    return square(fixed + mean[..., None, None] * per_curvature) + spread


def arrivals(
    maps: Tensor, start: Tensor, seen: Tensor | Callable[[Tensor], Tensor], goal: Tensor
) -> Tensor:
    """Times at which a sum over coordinates, or another function of moments, falls to a goal.

    Parameters
    ----------
    maps : Tensor of shape (E, D, q, q)
        What each time does to a coordinate's moments.
    start : Tensor of shape (R, D, q)
    seen : Tensor of shape (q,) or (D, q), or callable
        Weights of the moments in the sum, or what makes numbers of shape (E, R) of moments of
        shape (E, D, q, R).
    goal : Tensor of shape (R,)

    Returns
    -------
    Tensor of shape (E, R)
        With fractions, by which log-linear interpolation reaches the goal; inf where it does not.
        Jumps of 2^k times are taken as long as the goal is not reached: where the sum does not fall
        steadily, it is one of the times at which it passes the goal.
    """
    powers = [maps]
    for _ in range(LOG_LATEST):
        powers.append(powers[-1] @ powers[-1])
    state = start.permute(1, 2, 0).expand(len(maps), -1, -1, -1)
    times = torch.zeros(len(maps), len(goal), dtype=goal.dtype, device=goal.device)

    def total(state: Tensor) -> Tensor:
        return seen(state) if callable(seen) else (seen[..., None] * state).sum((-2, -3))

    for k, power in reversed(list(enumerate(powers))):
        later = power @ state
        away = ~(total(later) <= goal)  # also where it is NaN
        state = torch.where(away[:, None, None], later, state)
        times += away * 2.0**k
    here, then = total(state), total(maps @ state)
    times += ((here / goal).log() / (here / then).log()).clamp(0, 1)
    return torch.where(times < 2.0**LOG_LATEST, times, math.inf)
