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
from typing import Any, Literal

import torch
from torch import Tensor

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


def draw(
    profile: Profile, dimension: int, ridges: int, *, replicates: int, rng: torch.Generator
) -> Target:
    """Random targets."""
    shape: dict[str, Any] = {"generator": rng, "device": rng.device}
    directions = torch.randn(replicates, dimension, ridges, dtype=torch.float64, **shape)
    directions /= directions.norm(dim=1, keepdim=True)
    signs = 2 * torch.randint(0, 2, (replicates, ridges), **shape) - 1
    return Target(profile, directions, signs.double())


def sphere(
    count: int, dimension: int, *, within: int | None = None, replicates: int, rng: torch.Generator
) -> Tensor:
    """Uniform points on the sphere of radius sqrt(d): shape (replicates, count, dimension).

    With ``within`` they lie in the subspace of the first so many coordinates.
    """
    shape: dict[str, Any] = {"generator": rng, "device": rng.device, "dtype": torch.float64}
    x = torch.randn(replicates, count, within or dimension, **shape)
    x *= math.sqrt(dimension) / x.norm(dim=2, keepdim=True)
    return torch.nn.functional.pad(x, (0, dimension - x.shape[2]))


def covariance(x: Tensor, z: Tensor, profile: Profile) -> Tensor:
    """Covariance of f(x) and f(z) over targets, for points (R, n, d), (R, m, d): (R, n, m)."""
    rho = (x @ z.mT).div_(x.shape[2]).clamp_(-1.0, 1.0)
    if profile == "sign":
        return rho.arcsin_().mul_(2 / math.pi)
    return ((1 - rho.square()).sqrt_().add_(rho * rho.arcsin())).mul_(2 / math.pi)


def frozen_layer(dimension: int, units: int, *, replicates: int, rng: torch.Generator) -> Tensor:
    """First layer of a network, not to be trained: weights of shape (replicates, d, units).

    Rows of standard normal numbers over sqrt(d), so that inputs on the sphere give units of
    variance one.
    """
    shape: dict[str, Any] = {"generator": rng, "device": rng.device, "dtype": torch.float64}
    return torch.randn(replicates, dimension, units, **shape) / math.sqrt(dimension)
