"""Random densities on [-1, 1]^d of known smoothness, as masses of equal cells, and data from them.

The densities are bounded away from 0, constant near the boundary, and rough inside: Fourier
coefficients that fall like k^(-s - d/2) put them on the border of the Besov ball of smoothness s,
so that N equal pieces approximate them to N^(-s/d) in L2 and no better, at every N. Data enter
only through the number of them in each cell.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

INNER, OUTER = 0.75, 0.95
HEIGHT = 0.8
LOWEST = 2
HIGHEST_SHARE = 0.375


def centres(cells: int, device: torch.device | None = None) -> Tensor:
    """Centres of equal cells of [-1, 1]."""
    index = torch.arange(cells, dtype=torch.float64, device=device)
    return (2 * index + 1) / cells - 1


def window(x: Tensor) -> Tensor:
    """A C-infinity bump: 1 on |x| <= 0.75 and 0 on |x| >= 0.95."""
    u = ((OUTER - x.abs()) / (OUTER - INNER)).clamp(0.0, 1.0)
    rise, fall = torch.exp(-1 / u), torch.exp(-1 / (1 - u))
    return rise / (rise + fall)


def rough_density(s: float, cells: int, *, replicates: int, rng: torch.Generator) -> Tensor:
    """Densities of smoothness s on [-1, 1], each with its own random phases.

    1 + 0.8 g / max|g|, normalised, with g(x) = w(x) sum_k k^(-s - 1/2) cos(pi k x + phi_k), k from
    2 to three eighths of the number of cells.

    Returns
    -------
    Tensor of shape (replicates, cells)
        Masses of the cells (of the average of g over each cell).
    """
    shape: dict[str, Any] = {"device": rng.device, "dtype": torch.float64}
    top = int(HIGHEST_SHARE * cells)
    k = torch.arange(LOWEST, top + 1, **shape)
    phase = 2 * math.pi * torch.rand(replicates, len(k), generator=rng, **shape)
    # the first centre lies at -1 + 1/cells; averages over cells damp frequency k by a sinc
    phase = phase + math.pi * k * (1 / cells - 1)
    size = k ** (-s - 0.5) * torch.sinc(k / cells)
    spectrum = torch.zeros(replicates, cells // 2 + 1, device=rng.device, dtype=torch.complex128)
    spectrum[:, LOWEST : top + 1] = torch.polar(size.expand_as(phase), phase)
    g = torch.fft.irfft(spectrum, n=cells, norm="forward") * window(centres(cells, rng.device))
    density: Tensor = 1 + HEIGHT * g / g.abs().amax(1, keepdim=True)
    return density / density.sum(1, keepdim=True)


def jump_density(cells: int, *, replicates: int, rng: torch.Generator) -> Tensor:
    """Densities with two jumps, in B^1_{1,infinity}: 1.8 between two random points, 1 outside.

    Returns
    -------
    Tensor of shape (replicates, cells)
        Masses of the cells; a cell that holds a jump has its exact share.
    """
    ends = torch.rand(replicates, 2, generator=rng, device=rng.device, dtype=torch.float64)
    low, high = (-0.7 + 0.6 * ends[:, :1]), (0.1 + 0.6 * ends[:, 1:])
    edges = torch.linspace(-1, 1, cells + 1, device=rng.device, dtype=torch.float64)
    raised = (edges.clamp(min=low) - low).minimum(high - low)
    mass = torch.diff(edges + HEIGHT * raised, dim=1)
    return mass / mass.sum(1, keepdim=True)


def rough_density_cube(
    s: float, cells: int, *, replicates: int, rng: torch.Generator, dimension: int = 3
) -> Tensor:
    """Densities of smoothness s on the cube, Gaussian coefficients in cosines.

    1 + 0.8 tanh(g / rms(g)), normalised; g has independent coefficients N(0, |k|^(-2s - d)) in the
    products of cosines and is multiplied by a `window` along each axis. (Divided by its maximum as
    on the line, a Gaussian field leaves a density so flat that the uniform law is hard to beat.)

    Returns
    -------
    Tensor of shape (replicates, cells, ..., cells)
        Masses of the cells.
    """
    shape: dict[str, Any] = {"device": rng.device, "dtype": torch.float64}
    g = torch.randn(replicates, *[cells] * dimension, generator=rng, **shape)
    index = torch.arange(cells, **shape)
    squares = sum(
        along_axis(index**2, axis, dimension) for axis in range(1, dimension + 1)
    )  # fmt: skip
    assert isinstance(squares, Tensor)
    squares[(0,) * (dimension + 1)] = math.inf
    g = g * squares ** (-(2 * s + dimension) / 4)
    inverse = cosines(cells, rng.device).T.contiguous()
    for axis in range(1, dimension + 1):
        g = apply_along(inverse, g, axis)
        g = g * along_axis(window(centres(cells, rng.device)), axis, dimension)
    everything = tuple(range(1, dimension + 1))
    density = 1 + HEIGHT * torch.tanh(g / g.square().mean(everything, keepdim=True).sqrt())
    return density / density.sum(everything, keepdim=True)


def padded(mass: Tensor, margin: int) -> Tensor:
    """Masses on a cube with a margin of empty cells on every side."""
    return torch.nn.functional.pad(mass, [margin] * (2 * (mass.dim() - 1)))


def along_axis(vector: Tensor, axis: int, dimension: int) -> Tensor:
    """A vector as a tensor of shape (1, .., len, .., 1) with its entries along ``axis`` >= 1."""
    shape = [1] * (dimension + 1)
    shape[axis] = len(vector)
    return vector.reshape(shape)


def apply_along(matrix: Tensor, x: Tensor, axis: int) -> Tensor:
    """The matrix (b, a) applied to one axis (of length a) of a tensor; axis 0 are replicates."""
    size = x.shape[axis]
    inner = math.prod(x.shape[axis + 1 :])
    if inner == 1:
        return (x.reshape(-1, size) @ matrix.T).reshape(*x.shape[:axis], -1, *x.shape[axis + 1 :])
    y = torch.matmul(matrix, x.reshape(-1, size, inner))
    return y.reshape(*x.shape[:axis], matrix.shape[0], *x.shape[axis + 1 :])


def cosines(cells: int, device: torch.device | None = None) -> Tensor:
    """The orthogonal matrix of the discrete cosine transform: rows are frequencies."""
    k = torch.arange(cells, dtype=torch.float64, device=device)
    matrix = torch.cos(math.pi * k[:, None] * (k + 0.5) / cells) * math.sqrt(2 / cells)
    matrix[0] /= math.sqrt(2)
    return matrix


def draw_counts(mass: Tensor, n: int, rng: torch.Generator) -> Tensor:
    """Numbers of n independent data in each cell: one multinomial draw a replicate.

    The data are split in two again and again by binomial draws, so that the cost does not depend
    on n.

    Parameters
    ----------
    mass : Tensor of shape (replicates, ...)
        Masses of the cells, which sum to 1 in each replicate.

    Returns
    -------
    Tensor of the shape of ``mass``, float64 whole numbers
    """
    levels = [mass.reshape(len(mass), -1)]
    while levels[-1].shape[1] > 1:
        last = levels[-1]
        if last.shape[1] % 2:
            last = levels[-1] = torch.cat([last, torch.zeros_like(last[:, :1])], 1)
        levels.append(last[:, ::2] + last[:, 1::2])
    counts = torch.full((len(mass), 1), float(n), dtype=torch.float64, device=mass.device)
    for total, parts in zip(levels[:0:-1], levels[-2::-1], strict=True):
        pairs = parts.shape[1] // 2
        total, here = total[:, :pairs], counts[:, :pairs]
        share = torch.where(total > 0, parts[:, ::2] / total, 0.0).clamp(0.0, 1.0)
        left = binomial(here, share, rng)
        counts = torch.stack([left, here - left], -1).flatten(1)
    return counts[:, : mass[0].numel()].reshape(mass.shape)


def binomial(count: Tensor, share: Tensor, rng: torch.Generator) -> Tensor:
    """Binomial draws; single data, which are most of them in a fine split, by a uniform number."""
    uniform = torch.rand(count.shape, generator=rng, device=count.device, dtype=torch.float64)
    single = ((count == 1) & (uniform < share)).double()
    many = (count > 1).nonzero(as_tuple=True)
    single[many] = torch.binomial(count[many], share[many], generator=rng)
    return single


def split_counts(counts: Tensor, share: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """The data split at random into two independent parts; the first has the share ``share``."""
    first = binomial(counts, torch.full_like(counts, share), rng)
    return first, counts - first
