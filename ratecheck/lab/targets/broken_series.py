"""Smooth functions on an interval with one jump.

f(x) = height 1{x >= c} + amplitude sum_k xi_k k^(-s-1/2) sqrt(2) cos(pi k x) on [0, 1], with c
uniform on [1/4, 3/4] and independent signs xi_k: the smooth part lies on the border of the Sobolev
ball of smoothness s. With a jump no estimator that is linear in the labels does better than
n^(-1/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import signs, uniform

FREQUENCIES = 256
LOW, HIGH = 0.25, 0.75


@dataclass(frozen=True)
class Target:
    """R functions.

    Attributes
    ----------
    height : float
        Size of the jump.
    breaks : Tensor of shape (R,)
        Where it is.
    coefficients : Tensor of shape (R, FREQUENCIES)
        Of sqrt(2) cos(pi k x), k = 1, 2, ...
    """

    height: float
    breaks: Tensor
    coefficients: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n, 1)."""
        x = x[..., 0]
        smooth = series(x, torch.nn.functional.pad(self.coefficients, (1, 0)))
        return smooth + self.height * (x >= self.breaks[:, None])


@dataclass(frozen=True)
class Prior:
    """The law of the targets.

    Attributes
    ----------
    s : float
        Smoothness between the jumps.
    height : float
        Size of the jump; 0 takes it out.
    amplitude : float
        Size of the smooth part.
    """

    s: float
    height: float = 1.0
    amplitude: float = 1.0

    def variances(self, device: torch.device | str = "cpu") -> Tensor:
        """amplitude^2 k^(-2s-1): squares of the coefficients, shape (FREQUENCIES,)."""
        k = torch.arange(1, FREQUENCIES + 1, dtype=torch.float64, device=device)
        return self.amplitude**2 * k ** (-2 * self.s - 1)

    def draw(self, *, replicates: int, rng: torch.Generator) -> Target:
        """Random targets."""
        breaks = LOW + (HIGH - LOW) * uniform(replicates, rng=rng)
        xi = signs(replicates, FREQUENCIES, rng=rng)
        return Target(self.height, breaks, xi * self.variances(rng.device).sqrt())

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, 1) and (R, m, 1): (R, n, m).

        With F the distribution function of the break, that of the jump is
        height^2 [F(min(x, z)) - F(x) F(z)].
        """
        x, z = x[..., 0], z[..., 0]
        fx, fz = (((points - LOW) / (HIGH - LOW)).clamp(0.0, 1.0) for points in (x, z))
        jump = torch.minimum(fx[..., None], fz[:, None]) - fx[..., None] * fz[:, None]
        left, right = (cosines(points, FREQUENCIES + 1)[..., 1:] for points in (x, z))
        smooth: Tensor = (left * self.variances(x.device)) @ right.mT
        return smooth.add_(jump, alpha=self.height**2)

    def variance(self, x: Tensor) -> Tensor:
        """Variance of f(x) at points (R, n, 1): (R, n)."""
        return self.covariance(x, x).diagonal(dim1=-2, dim2=-1)


def series(x: Tensor, coefficients: Tensor) -> Tensor:
    """Sums of `cosines` at points (R, n) with coefficients (R, terms): (R, n).

    Points that all R share (an expanded tensor) cost as much as those of one.
    """
    if x.stride(0) == 0:
        return coefficients @ cosines(x[0], coefficients.shape[1]).mT
    return torch.einsum("rnk,rk->rn", cosines(x, coefficients.shape[1]), coefficients)


def cosines(x: Tensor, terms: int) -> Tensor:
    """1, sqrt(2) cos(pi x), sqrt(2) cos(2 pi x), ...: shape (..., terms)."""
    k = torch.arange(terms, dtype=x.dtype, device=x.device)
    basis = (math.pi * x[..., None] * k).cos_().mul_(math.sqrt(2.0))
    basis[..., 0] = 1.0
    return basis
