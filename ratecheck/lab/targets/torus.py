"""Shapes at random places of the torus: a ball, which jumps, and an analytic bump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

RADIUS = 0.25


@dataclass(frozen=True)
class Prior:
    """A ball and a bump at independent uniform places, less their means.

    Attributes
    ----------
    dimension : int
    jump, smooth : float
        Factors of the ball and of the bump.
    """

    dimension: int
    jump: float = 1.0
    smooth: float = 1.0

    def spectrum(self, n: int) -> Tensor:
        """Eigenvalues of the covariance of the values on the grid of round(n^(1/d))^d points."""
        side = round(n ** (1 / self.dimension))
        spectrum = shift_spectrum(self.smooth * bump(side, self.dimension))
        return spectrum.add_(shift_spectrum(self.jump * ball(side, self.dimension)))


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


def shift_spectrum(shape: Tensor) -> Tensor:
    """Eigenvalues of the covariance of a shape at a uniformly random place of the torus.

    The mean is taken off: the eigenvalue of the constants is zero.

    Parameters
    ----------
    shape : Tensor
        Values on the regular grid of a torus, of any dimension, n in all.

    Returns
    -------
    Tensor
        |FFT|^2 / n, in the shape of the grid.
    """
    spectrum: Tensor = torch.fft.fftn(shape).abs().square() / shape.numel()
    spectrum.view(-1)[0] = 0.0
    return spectrum


def _sum_over_axes(side: int, dimension: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """sum_i function(x_i) on the grid with x_i in (-1/2, 1/2)."""
    at = (torch.arange(side, dtype=torch.float64) + 0.5) / side - 0.5
    values = function(at)
    total = torch.zeros((side,) * dimension, dtype=torch.float64)
    for axis in range(dimension):
        total += values.view([-1 if i == axis else 1 for i in range(dimension)])
    return total
