"""The least favourable finite sums: each component sees a part of the space that no other sees.

f = (1/n) sum f_i has two kinds of coordinates, with curvatures at all scales from L down to mu:

- shared ones, in which every component has the curvature c,
- private ones of component i, in which f_i has the curvature l and every other component mu, so
  that f has mu + (l - mu)/n.

Components are L-smooth and mu-strongly convex, kappa = L/mu. Private coordinates are those of the
lower bound sqrt(n kappa) (Lan and Zhou, Math. Program. 171, 2018; theirs are chains); shared ones
make f as steep as its components, so that full gradients have no easier problem.
Gradients of components differ at the minimum, too, by sigma.

All is diagonal: whatever a linear method draws, E x^2 of each coordinate follows by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform


@dataclass(frozen=True)
class Blocks:
    """The objective of this module.

    Attributes
    ----------
    n : float
        Number of components.
    kappa : float
        L/mu.
    private : float
        Share of the components' own coordinates in the starting gap, between 0 and 1.
    sigma : float
        Standard deviation of a component's gradient at the minimum, all coordinates together.
    L : float
    scales : int
        K, curvatures of each kind.
    """

    n: float
    kappa: float
    private: float = 0.5
    sigma: float = 0.0
    L: float = 1.0
    scales: int = 16

    def __post_init__(self) -> None:
        if not (self.n >= 1 and self.kappa > 1 and self.L > 0 and self.scales > 1):
            raise ValueError(f"{self}: n >= 1, kappa > 1, L > 0 and two scales are needed")
        if not (0 <= self.private <= 1 and self.sigma >= 0):
            raise ValueError(f"{self}: a share of {self.private}, a deviation of {self.sigma}")

    @property
    def mu(self) -> float:
        """Strong convexity, of f and of every component."""
        return self.L / self.kappa

    def data(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance over components of what their curvature is above mu: shapes (2 K,).

        Shared coordinates first.
        """
        steps = torch.linspace(0, 1, self.scales, dtype=like.dtype, device=like.device)
        above = self.L * self.kappa**-steps - self.mu
        mean, square = above / self.n, above**2 / self.n
        return torch.cat([above, mean]), torch.cat([0 * above, square - mean**2])

    def start(self, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Energies c x^2/2 of starts, shape (R, 2 K): all scales alike on the mean, sum about 1."""
        energies = (0.5 + uniform(replicates, 2 * self.scales, rng=rng)) / self.scales
        energies[:, : self.scales] *= 1 - self.private
        energies[:, self.scales :] *= self.private
        return energies
