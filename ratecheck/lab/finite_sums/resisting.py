"""An objective that resists federated methods, as data spread over workers.

Worker p holds components with xi_j = +-1 in equal numbers,

    f_pj(u, w) = ramp(u) + L (1 - cos w) + (zeta/2) (s_p (u - D)^2 + s'_p w^2)
                 + xi_j (c/2) (u^2 + w^2) + xi_j sigma (u + w)/sqrt 2,

s_p, s'_p = +-1 balanced: Hessians of two workers differ by 2 zeta, gradients by as much as one
likes. The ramp falls with slope 2 eps over the length D = 1/(2 eps), so that any method that moves
by K eta |grad f| in a round needs about D/(2 eps K eta) of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import uniform
from ratecheck.lab.finite_sums.rounds import Array, World


@dataclass(frozen=True)
class Resisting:
    """The objective of this module.

    Attributes
    ----------
    eps : float
        The gradient's norm that is to be reached; it sets the slope and the length of the ramp.
    L : float
        Curvature of 1 - cos.
    zeta : float
        Second-order heterogeneity: each worker's Hessian is off the mean by zeta.
    workers : int
        P, even.
    spread : float
        c: each component's Hessian is off its worker's by c.
    sigma : float
        Each component's gradient is off its worker's by another sigma, everywhere.
    """

    eps: float
    L: float = 1.0
    zeta: float = 0.0
    workers: int = 2
    spread: float = 0.0
    sigma: float = 0.0

    def __post_init__(self) -> None:
        if self.workers < 2 or self.workers % 2:
            raise ValueError(f"{self.workers} workers: an even number has balanced signs")

    @property
    def goal(self) -> float:
        """D, the foot of the ramp."""
        return 1 / (2 * self.eps)

    @property
    def signs(self) -> Array:
        """s_p and s'_p, shape (2, P)."""
        p = np.arange(self.workers)
        return np.stack([1.0 - 2.0 * (p % 2), 1.0 - 2.0 * (2 * p >= self.workers)])

    def without_spread(self) -> Resisting:
        """The same, components being apart in their gradients alone."""
        return replace(self, spread=0.0)

    @property
    def world(self) -> World:
        """The numbers that the compiled loops read."""
        slope = self.sigma / math.sqrt(2)
        return World(
            self.signs, *map(float, (self.eps, self.L, self.goal, self.zeta, self.spread, slope))
        )

    def gradient(self, u: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """Both partial derivatives of f, the mean over all workers and components."""
        slope = -2 * self.eps + 0.5 * self.L * (u - self.goal).clamp(0.0, 4 * self.eps / self.L)
        return slope, self.L * w.sin()

    def start(self, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Starting points u, uniform within a tenth of the ramp around 0: (replicates,), on CPU.

        w starts at 2.5. Without randomness a method without noise would take the same number of
        rounds in every replicate.
        """
        return (0.1 * self.goal * (2 * uniform(replicates, rng=rng) - 1)).cpu()
