"""Inputs whose covariance decays, and functions that look at all of their directions alike.

x_j is N(0, d mu_j) with mu_j = j^(-b) / sum_i i^(-b), j = 1..d: |x|^2 has mean d. Labels are

    y = 2 k^(-1/2) sum_i a_i tanh(w_i . x / sqrt(d)),    w_i from N(0, I_d), a_i from N(0, 1),

k = 8: the w_i know nothing of the inputs' law, so that the part of y beyond the r first directions
has a mean square of order sum_(j > r) mu_j, r^(1 - b), and of no smaller one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal

NEURONS = 8


@dataclass(frozen=True)
class Decaying:
    """Nature.

    Attributes
    ----------
    b : float
        Decay of the inputs' covariance; 0: isotropic.
    dimension : int
        d.
    noise : bool
        Whether labels are noise instead, of mean square 1 in each sample.
    """

    b: float
    dimension: int
    noise: bool = False

    def draw(self, *, replicates: int, rng: torch.Generator) -> Teachers:
        """A function for each replicate."""
        inner = normal(replicates, self.dimension, NEURONS, rng=rng)
        outer = normal(replicates, NEURONS, 1, rng=rng)
        return Teachers(self, inner / math.sqrt(self.dimension), outer * (2 / NEURONS**0.5))


@dataclass(frozen=True, eq=False)
class Teachers:
    """R functions.

    Attributes
    ----------
    law : Decaying
    inner, outer : Tensors of shape (R, d, k) and (R, k, 1)
    """

    law: Decaying
    inner: Tensor
    outer: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values (R, n) at points (R, n, d)."""
        values: Tensor = ((x @ self.inner).tanh() @ self.outer)[..., 0]
        return values

    def inputs(self, n: int, *, rng: torch.Generator) -> Tensor:
        """Independent inputs of each replicate, (R, n, d)."""
        replicates, d, _ = self.inner.shape
        decay = torch.arange(1, d + 1, device=rng.device, dtype=torch.float64) ** -self.law.b
        return normal(replicates, n, d, rng=rng) * (d * decay / decay.sum()).sqrt()

    def data(self, n: int, *, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Inputs (R, n, d) and labels (R, n)."""
        x = self.inputs(n, rng=rng)
        if not self.law.noise:
            return x, self(x)
        y = normal(len(x), n, rng=rng)
        return x, y / y.square().mean(1, keepdim=True).sqrt()
