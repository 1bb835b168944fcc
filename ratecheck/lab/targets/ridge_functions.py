"""Functions of one direction on a sphere: sign(u . x) and |u . x|, and sums of many.

x is uniform on the sphere of radius sqrt(d) in R^d, whose dimension is d - 1; u is uniform on the
unit sphere. A ridge function a g(u . x) with a = +-1 has mean zero and, over u, the covariance

    sign:  K = (2/pi) arcsin(rho),      abs:  K = (2/pi) (sqrt(1 - rho^2) + rho arcsin(rho)),

rho = x . z / d. A sum of k independent ones over sqrt(k) has the same covariance: an estimator that
is linear in the labels cannot tell one direction from many. Both have variance 1 for every d.

g is a jump (smoothness 1 in the Besov scale with p = 1) or a kink (smoothness 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ratecheck.lab.draws import normal, signs

Profile = Literal["sign", "abs"]


@dataclass(frozen=True)
class Target:
    """R sums of k ridge functions over sqrt(k).

    Attributes
    ----------
    profile : {"sign", "abs"}
    directions : Tensor of shape (R, d, k)
        Unit vectors, times +-1 for the outer signs of an odd profile.
    signs : Tensor of shape (R, k)
    """

    profile: Profile
    directions: Tensor
    signs: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n, d)."""
        along = x @ self.directions
        values = along.sign() if self.profile == "sign" else along.abs()
        total: Tensor = (values @ self.signs[..., None])[..., 0]
        return total / math.sqrt(self.signs.shape[1])


@dataclass(frozen=True)
class Prior:
    """The law of the targets: ``ridges`` random directions in dimension d, over their root."""

    profile: Profile
    dimension: int
    ridges: int = 1

    def draw(self, *, replicates: int, rng: torch.Generator) -> Target:
        """Random targets."""
        directions = normal(replicates, self.dimension, self.ridges, rng=rng)
        directions /= directions.norm(dim=1, keepdim=True)
        return Target(self.profile, directions, signs(replicates, self.ridges, rng=rng).double())

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, d) and (R, m, d): (R, n, m)."""
        rho = (x @ z.mT).div_(x.shape[2]).clamp_(-1.0, 1.0)
        if self.profile == "sign":
            return rho.arcsin_().mul_(2 / math.pi)
        return ((1 - rho.square()).sqrt_().add_(rho * rho.arcsin())).mul_(2 / math.pi)

    def variance(self, x: Tensor) -> float:
        """1 everywhere on the sphere."""
        return 1.0
