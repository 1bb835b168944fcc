"""Nature on the torus [0, 2 pi)^d: random densities on the border of a class, and their data.

A density is its values on a regular grid of cells^d points, with mean 1 there. W_1 is between
densities with respect to the uniform law, distances in the units of the torus.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.diffusion.laws import total_variation
from ratecheck.lab.draws import normal

LOWEST = 2
RMS = 0.18
FLOOR = 0.02


def frequencies(cells: int, dimension: int, device: torch.device | None = None) -> list[Tensor]:
    """Each component of k, to be broadcast over the spectrum of `transform`: d tensors."""
    whole = torch.fft.fftfreq(cells, 1 / cells, dtype=torch.float64, device=device).round()
    half = torch.arange(cells // 2 + 1, dtype=torch.float64, device=device)
    parts = [whole] * (dimension - 1) + [half]
    shapes = ([1] * axis + [-1] + [1] * (dimension - 1 - axis) for axis in range(dimension))
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def squares(cells: int, dimension: int, device: torch.device | None = None) -> Tensor:
    """|k|^2, of the shape of the spectrum: (cells, ..., cells, cells // 2 + 1)."""
    total = torch.zeros([1] * dimension, dtype=torch.float64, device=device)
    for k in frequencies(cells, dimension, device):
        total = total + k**2
    return total


def transform(field: Tensor) -> Tensor:
    """Fourier coefficients of real fields (R, cells, ..., cells); the first is the mean."""
    spectrum: Tensor = torch.fft.rfftn(field, dim=tuple(range(1, field.dim())), norm="forward")
    return spectrum


def values(spectrum: Tensor, cells: int) -> Tensor:
    """The fields of Fourier coefficients."""
    dimension = spectrum.dim() - 1
    field: Tensor = torch.fft.irfftn(
        spectrum, s=[cells] * dimension, dim=tuple(range(1, dimension + 1)), norm="forward"
    )
    return field


def heated(field: Tensor, t: float) -> Tensor:
    """The law at time t of dX = sqrt(2) dB that starts from a law (R, cells, ..., cells)."""
    decay = torch.exp(-t * squares(field.shape[1], field.dim() - 1, field.device))
    return values(transform(field) * decay, field.shape[1])


def amplitude(s: float, dimension: int) -> float:
    """The A of a spectrum A |k|^(-s - d/2) on |k| >= 2 whose field has root mean square 0.18."""
    sphere = 2 * math.pi ** (dimension / 2) / math.gamma(dimension / 2)
    return RMS * math.sqrt(2 * s * LOWEST ** (2 * s) / sphere)


@dataclass(frozen=True)
class Density:
    """Densities on the torus, one a replicate.

    Attributes
    ----------
    field : Tensor of shape (R, cells, ..., cells)
    """

    field: Tensor

    def draw(self, n: float, rng: torch.Generator) -> Tensor:
        """Numbers of data at each point of the grid: a Poisson number of them, n in the mean."""
        return torch.poisson(self.field * (n / self.field[0].numel()), generator=rng)

    def tv(self, law: Tensor) -> Tensor:
        """Total variation to laws of the shape of the field: shape (R,)."""
        return total_variation(law, self.field) / self.field[0].numel()

    def w1(self, law: Tensor) -> Tensor:
        """An upper bound of W_1: the mean of |grad u|, -Laplace u = law - density (Beckmann 1952).

        The flow grad u carries the one law to the other, though not along the shortest ways.
        """
        return flow(law - self.field).flatten(1).mean(1)

    def at_low_frequency(self, law: Tensor) -> Tensor:
        """A law as far from the density in mean square, but with all of its error at |k| = 1."""
        size = (law - self.field).square().flatten(1).mean(1).sqrt()
        cells = self.field.shape[1]
        angle = torch.arange(cells, dtype=law.dtype, device=law.device) * (2 * math.pi / cells)
        wave = math.sqrt(2) * angle.cos().reshape(cells, *[1] * (law.dim() - 2))
        return self.field + size.reshape(-1, *[1] * (law.dim() - 1)) * wave


def flow(excess: Tensor) -> Tensor:
    """|grad u| at each point, u the potential of an excess (R, cells, ..., cells) of mean 0."""
    dimension, cells = excess.dim() - 1, excess.shape[1]
    square = squares(cells, dimension, excess.device)
    potential = transform(excess) / torch.where(square > 0, square, torch.inf)
    total = torch.zeros_like(excess)
    for k in frequencies(cells, dimension, excess.device):
        total += values(1j * k * potential, cells).square()
    return total.sqrt()


@dataclass(frozen=True)
class Border:
    """Densities 1 + g, g with independent coefficients N(0, A^2 |k|^(-2 s - d)) on |k| >= 2.

    Every dyadic block of frequencies lies on the border of the Besov ball B^s_{2,infinity}. What
    is seen of a density is its band of |k| < cells/2, clipped at 0.02 (hardly ever).

    Attributes
    ----------
    s : float
        Smoothness, above 0.
    dimension : int
    """

    s: float
    dimension: int

    def on_grid(self, cells: int, *, replicates: int, rng: torch.Generator) -> Density:
        """The densities as they are seen on a grid, freshly drawn."""
        noise = normal(replicates, *[cells] * self.dimension, rng=rng)
        square = squares(cells, self.dimension, rng.device)
        power = -(self.s + self.dimension / 2) / 2
        band = (square >= LOWEST**2) & (square < (cells / 2) ** 2)
        size = torch.where(band, square.clamp(min=1) ** power, 0.0)
        size = size * amplitude(self.s, self.dimension) * cells ** (self.dimension / 2)
        field = (1 + values(transform(noise) * size, cells)).clamp(min=FLOOR)
        everything = tuple(range(1, self.dimension + 1))
        return Density(field / field.mean(everything, keepdim=True))
