"""Shapes on a regular grid of the torus, to be shifted at random.

With `kernel_ridge.shift_spectrum` they give the covariance of a target of fixed shape at a random
place, and with `kernel_ridge.wiener_risk` the risk of the best linear estimator of it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

RADIUS = 0.25


def ball(side: int, dimension: int) -> Tensor:
    """1 on a ball of radius 1/4, else 0; shape (side,) * dimension. In dimension 1 half a circle.

    The ball's centre is the origin; a datum sits in the middle of its cell, so that in dimension 1
    exactly half of them are inside (for even sides).
    """
    square = _sum_over_axes(side, dimension, lambda x: x.square())
    return (square < RADIUS**2).double()


def bump(side: int, dimension: int, width: float = 0.1) -> Tensor:
    """exp(sum_i (cos(2 pi x_i) - 1) / (2 pi width)^2), analytic; shape (side,) * dimension."""
    scale = (2 * torch.pi * width) ** 2
    return _sum_over_axes(side, dimension, lambda x: (2 * torch.pi * x).cos() - 1).div(scale).exp()


def _sum_over_axes(side: int, dimension: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """sum_i function(x_i) on the grid with x_i in (-1/2, 1/2)."""
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side - 0.5
    values = function(at)
    total = torch.zeros((side,) * dimension, dtype=torch.float64)
    for axis in range(dimension):
        total += values.view([-1 if i == axis else 1 for i in range(dimension)])
    return total
