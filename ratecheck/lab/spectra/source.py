"""Regression whose target meets a source condition f = S^r h, in the kernel's eigen-coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Source:
    """A target, the kernel's spectrum and the noise; inputs are uniform on the circle.

    Attributes
    ----------
    eigenvalues, target : Tensors of shape (2K,)
        In the Fourier functions of `fourier.features`; 2K a multiple of eight.
    sigma : float
        Standard deviation of the Gaussian noise.
    """

    eigenvalues: Tensor
    target: Tensor
    sigma: float


def power_law(r: float, beta: float, sigma: float, *, frequencies: int) -> Source:
    """Eigenvalues i^(-beta), i = 1..2K, divided by their sum; a target on the class's border.

    f_i^2 ~ i^(-2 r beta - 1), of norm 1: for every smaller r the source h = S^(-r) f is
    square-summable, for r itself just not.
    """
    index = torch.arange(1, 2 * frequencies + 1, dtype=torch.float64)
    values, energy = index**-beta, index ** (-2 * r * beta - 1)
    return Source(values / values.sum(), (energy / energy.sum()).sqrt(), sigma)
