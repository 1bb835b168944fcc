"""What weight decay leaves of a noisy linear network of full width, and its exact risk.

On whitened inputs the observed map is M = A + sigma Z / sqrt(n), Z of entries N(0, 1). The global
optimum of |P_2 P_1 - M|^2 / 2 + decay (|P_1|^2 + |P_2|^2) / 2 has the singular vectors of M, and
its singular values lowered by the decay (Srebro, Rennie & Jaakkola, NeurIPS 2004, Lemma 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal


@dataclass(frozen=True, eq=False)
class Observed:
    """R noisy copies of the map diag(truth).

    Attributes
    ----------
    truth : Tensor of shape (m,)
    values, overlaps : Tensors of shape (R, m)
        Singular values S_k of M, decreasing, and u_k' A v_k of their singular vectors.
    """

    truth: Tensor
    values: Tensor
    overlaps: Tensor

    def risk(self, kept: Tensor) -> Tensor:
        """|sum_k kept_k u_k v_k' - A|^2 of shape (R,), for singular values (R, m)."""
        own = self.truth.square().sum()
        risk: Tensor = own + (kept.square() - 2 * kept * self.overlaps).sum(1)
        return risk

    def decayed(self, decay: float) -> Tensor:
        """Singular values of the network of full width with this weight decay, (R, m)."""
        return (self.values - decay).clamp(min=0.0)

    def truncated(self, rank: int) -> Tensor:
        """Singular values of the network with a bottleneck, (R, m)."""
        place = torch.arange(self.values.shape[1], device=self.values.device)
        return self.values * (place < rank)


def edge(m: int, n: int, sigma: float) -> float:
    """The largest singular value of the noise alone, 2 sigma sqrt(m / n), as m grows."""
    return 2 * sigma * math.sqrt(m / n)


def observe(
    m: int, decay: float, n: int, sigma: float, *, replicates: int, rng: torch.Generator
) -> Observed:
    """Draw M for singular values j^-decay, j = 1..m; n data enter by their noise alone."""
    truth = torch.arange(1, m + 1, device=rng.device, dtype=torch.float64) ** -decay
    noise = normal(replicates, m, m, rng=rng) * (sigma / math.sqrt(n))
    left, values, right = torch.linalg.svd(torch.diag(truth) + noise)
    overlaps = torch.einsum("rik,i,rki->rk", left, truth, right)
    return Observed(truth, values, overlaps)
