"""Laws of inputs, and regression problems on them with the points at which estimates are judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.regression.problem import Prior, Problem


@dataclass(frozen=True)
class Cube:
    """Uniform on [0, 1]^d."""

    dimension: int

    def draw(self, count: int, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Independent inputs of shape (replicates, count, d)."""
        return uniform(replicates, count, self.dimension, rng=rng)


@dataclass(frozen=True)
class Sphere:
    """Uniform on the sphere of radius sqrt(d) in R^d, whose dimension is d - 1."""

    dimension: int

    def draw(self, count: int, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Independent inputs of shape (replicates, count, d)."""
        x = normal(replicates, count, self.dimension, rng=rng)
        x *= math.sqrt(self.dimension) / x.norm(dim=2, keepdim=True)
        return x


def midpoints(cells: int, dimension: int = 1) -> Tensor:
    """Midpoints of the cells of a regular grid of [0, 1]^d: shape (cells^d, d)."""
    side = (torch.arange(cells, dtype=torch.float64) + 0.5) / cells
    return torch.cartesian_prod(*[side] * dimension).view(-1, dimension)


def interval(prior: Prior, sigma: float) -> Problem:
    """Inputs uniform on [0, 1]; 4096 points see a jump."""
    return Problem(prior, Cube(1), sigma, at=midpoints(4096), linear_at=midpoints(128))


def circle(prior: Prior, sigma: float) -> Problem:
    """Inputs uniform on [0, 1), for stationary laws of targets: any regular points are as good."""
    at = midpoints(1024)
    return Problem(prior, Cube(1), sigma, at=at, linear_at=at[::4])


def cube(prior: Prior, sigma: float, dimension: int) -> Problem:
    """Inputs uniform on [0, 1]^d, judged at 1024 fresh ones."""
    return Problem(prior, Cube(dimension), sigma, at=1024)


def square(prior: Prior, sigma: float, at: Tensor | int | None = None) -> Problem:
    """Inputs uniform on the unit square, judged on 128 x 128 cells or as said."""
    return Problem(prior, Cube(2), sigma, at=midpoints(128, 2) if at is None else at)


def sphere(prior: Prior, sigma: float, dimension: int) -> Problem:
    """Inputs uniform on a `Sphere`, judged at 4096 fresh ones."""
    return Problem(prior, Sphere(dimension), sigma, at=4096)
