"""Regression on the circle: Fourier series as targets, angles and noisy labels as data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.spectra.fourier import series

EVALUATION_ANGLES = 256


def evaluation_angles() -> Tensor:
    """Equispaced angles, on which a mean is the trapezoid rule of the circle.

    They resolve products of two functions of frequency 64; a network's own energy beyond that falls
    like the fourth power of the frequency.
    """
    return 2 * math.pi * torch.arange(EVALUATION_ANGLES, dtype=torch.float64) / EVALUATION_ANGLES


@dataclass(frozen=True)
class Circle:
    """Targets, one a replicate, and the noise of their labels.

    Attributes
    ----------
    target : Tensor of shape (R, 2K)
        Coefficients of the Fourier functions of `fourier.features`; 2K a multiple of eight.
    sigma : float
        Standard deviation of the Gaussian noise.
    """

    target: Tensor
    sigma: float

    def draw(self, n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Angles, uniform, and noisy labels, each (R, n)."""
        rows = len(self.target)
        angles = 2 * math.pi * uniform(rows, n, rng=rng)
        return angles, self._values(angles) + self.sigma * normal(rows, n, rng=rng)

    def truth(self) -> Tensor:
        """The targets on the evaluation angles, (R, EVALUATION_ANGLES)."""
        return self._values(evaluation_angles().expand(len(self.target), -1).contiguous())

    def risk(self, values: Tensor) -> Tensor:
        """Squared distance in L2 of functions, given on the evaluation angles, (R,)."""
        return (values - self.truth()).square().mean(-1)

    def _values(self, angles: Tensor) -> Tensor:
        clean = series(angles.cpu().numpy(), self.target.cpu().numpy())
        return torch.from_numpy(clean).to(self.target.device)
