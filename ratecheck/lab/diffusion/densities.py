"""Nature: random densities on [-1, 1] of known smoothness, their data, and distances from them.

A density is the masses of equal cells. The densities are bounded away from 0, constant near the
boundary, and rough inside: Fourier coefficients that fall like k^(-s - 1/2) put them on the border
of the Besov ball of smoothness s, so that N equal pieces approximate them to N^(-s) in L2 and no
better, at every N. Data enter only through the number of them in each cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ratecheck.lab.diffusion import laws
from ratecheck.lab.diffusion.cells import centres
from ratecheck.lab.diffusion.counts import draw_counts
from ratecheck.lab.draws import uniform

INNER, OUTER = 0.75, 0.95
HEIGHT = 0.8
LOWEST = 2
HIGHEST_SHARE = 0.375


@dataclass(frozen=True)
class Density:
    """Densities on [-1, 1], one a replicate.

    Attributes
    ----------
    mass : Tensor of shape (R, cells)
    """

    mass: Tensor

    def draw(self, n: int, rng: torch.Generator) -> Tensor:
        """Numbers of n independent data in each cell, of the shape of the masses."""
        return draw_counts(self.mass, n, rng)

    def total_variation(self, law: laws.Law) -> Tensor:
        """Total variation to laws (R,)."""
        inside = law.mass[:, law.margin : law.margin + self.mass.shape[1]]
        outside = law.mass.sum(1) - inside.sum(1)
        return laws.total_variation(inside, self.mass) + outside / 2

    def total_variation_of_spikes(self, counts: Tensor, t_low: float) -> Tensor:
        """Total variation to the data, each blurred far less than they are apart."""
        return laws.spikes_total_variation(counts, self.mass, t_low)


def window(x: Tensor) -> Tensor:
    """A C-infinity bump: 1 on |x| <= 0.75 and 0 on |x| >= 0.95."""
    u = ((OUTER - x.abs()) / (OUTER - INNER)).clamp(0.0, 1.0)
    rise, fall = torch.exp(-1 / u), torch.exp(-1 / (1 - u))
    return rise / (rise + fall)


def rough_density(s: float, cells: int, *, replicates: int, rng: torch.Generator) -> Density:
    """Densities of smoothness s on [-1, 1], each with its own random phases.

    1 + 0.8 g / max|g|, normalised, with g(x) = w(x) sum_k k^(-s - 1/2) cos(pi k x + phi_k), k from
    2 to three eighths of the number of cells; a cell has the mass of the average of g over it.
    """
    shape: dict[str, Any] = {"device": rng.device, "dtype": torch.float64}
    top = int(HIGHEST_SHARE * cells)
    k = torch.arange(LOWEST, top + 1, **shape)
    phase = 2 * math.pi * uniform(replicates, len(k), rng=rng)
    # the first centre lies at -1 + 1/cells; averages over cells damp frequency k by a sinc
    phase = phase + math.pi * k * (1 / cells - 1)
    size = k ** (-s - 0.5) * torch.sinc(k / cells)
    spectrum = torch.zeros(replicates, cells // 2 + 1, device=rng.device, dtype=torch.complex128)
    spectrum[:, LOWEST : top + 1] = torch.polar(size.expand_as(phase), phase)
    g = torch.fft.irfft(spectrum, n=cells, norm="forward") * window(centres(cells, rng.device))
    density = 1 + HEIGHT * g / g.abs().amax(1, keepdim=True)
    return Density(density / density.sum(1, keepdim=True))


def jump_density(cells: int, *, replicates: int, rng: torch.Generator) -> Density:
    """Densities with two jumps, in B^1_{1,infinity}: 1.8 between two random points, 1 outside.

    A cell that holds a jump has its exact share.
    """
    ends = uniform(replicates, 2, rng=rng)
    low, high = (-0.7 + 0.6 * ends[:, :1]), (0.1 + 0.6 * ends[:, 1:])
    edges = torch.linspace(-1, 1, cells + 1, device=rng.device, dtype=torch.float64)
    raised = (edges.clamp(min=low) - low).minimum(high - low)
    mass = torch.diff(edges + HEIGHT * raised, dim=1)
    return Density(mass / mass.sum(1, keepdim=True))
