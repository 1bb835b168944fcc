"""Quadratics over workers whose Hessians differ by a dial, with all scales of curvature.

In coordinate i component j of worker p has the gradient

    (c_i + zeta s_pi + spread xi_j) x_i + drift s_pi/sqrt d + sigma xi'_j/sqrt d,

c_i = L 2^(-i/2), signs s_pi = +-1 in equal numbers over the workers, and xi_j, xi'_j with mean 0
and variance 1 over the components: Hessians are zeta off their mean over workers, and gradients
differ by as much as one likes. The first coordinates are as steep as L; whatever zeta is, some
worker is unstable where c_i < zeta. Energy is spread over all scales, so that |grad f|^2 falls like
1/t along the gradient flow, as slowly as f(x_0) - f* = 1 allows up to a constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform


@dataclass(frozen=True)
class Quadratics:
    """The objective of this module.

    Attributes
    ----------
    zeta : float
        Second-order heterogeneity.
    L : float
        The largest curvature of f.
    workers : int
        P, even.
    spread : float
        By how much a component's Hessian is off its worker's.
    sigma, drift : float
        By how much gradients differ everywhere: a component's from its worker's, a worker's from
        the mean.
    scales : int
        d, so many curvatures: down to 2^-31.5 L.
    """

    zeta: float
    L: float = 1.0
    workers: int = 4
    spread: float = 0.0
    sigma: float = 0.0
    drift: float = 0.0
    scales: int = 64

    def __post_init__(self) -> None:
        if self.workers < 2 or self.workers % 2:
            raise ValueError(f"P = {self.workers}: signs are balanced over 2, 4, 6, ... workers")
        if self.L <= 0 or min(self.zeta, self.spread, self.sigma, self.drift) < 0:
            raise ValueError(f"{self}: L must be above 0, what differs at least 0")

    def curvatures(self, like: Tensor) -> Tensor:
        """c_i, shape (d,), with the type and on the device of a tensor."""
        halves = torch.arange(self.scales, dtype=like.dtype, device=like.device)
        return self.L * 2 ** (-halves / 2)

    def start(self, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Energies c_i x_i^2/2 of starting points, shape (R, d): about 1/d each, sum about 1."""
        return (0.5 + uniform(replicates, self.scales, rng=rng)) / self.scales

    def hard(self, device: str) -> Tensor:
        """A start from which methods are tuned, with 1.3 times the mean energies: shape (1, d)."""
        d = self.scales
        return torch.full((1, d), 1.3 / d, dtype=torch.float64, device=device)
