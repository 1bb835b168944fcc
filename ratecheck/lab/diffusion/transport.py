"""Two certificates that bracket the Wasserstein distance W_1 between laws on a cube of cells.

Both come from one Poisson equation, -Laplace u = p - q with Neumann boundary (discrete cosine
transform). Both hold exactly for laws with a constant density on each cell:

- upper: the flow grad u, linear between the faces of a cell, carries p to q (its divergence is
  p - q everywhere), so that W_1 <= int |grad u| (Beckmann 1952);
- lower: u, interpolated between the centres of cells and divided by its largest slope, is
  1-Lipschitz, so that W_1 >= int u d(p - q) / max |grad u| (Kantorovich and Rubinstein).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.diffusion.cells import along_axis, apply_along, cosines

CHUNK = 1 << 18
SMOOTHINGS = (0.0, 1.0, 2.0)


def spectrum(excess: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine coefficients of the potential u, and the eigenvalues of -Laplace (in cells).

    The flows u_i - u_j through the faces of cells balance ``excess``, masses of p - q of shape
    (R, N, ..., N) and of sum 0 in each replicate.
    """
    dimension, cells = excess.dim() - 1, excess.shape[1]
    matrix = cosines(cells, excess.device)
    frequency = torch.arange(cells, dtype=excess.dtype, device=excess.device)
    values = 2 - 2 * torch.cos(torch.pi * frequency / cells)
    total = torch.zeros([1] * (dimension + 1), dtype=excess.dtype, device=excess.device)
    u = excess
    for axis in range(1, dimension + 1):
        u = apply_along(matrix, u, axis)
        total = total + along_axis(values, axis, dimension)
    total[(0,) * (dimension + 1)] = torch.inf
    return u / total, total


def synthesis(coefficients: Tensor) -> Tensor:
    """Values in the cells from cosine coefficients."""
    back = cosines(coefficients.shape[1], coefficients.device).T.contiguous()
    for axis in range(1, coefficients.dim()):
        coefficients = apply_along(back, coefficients, axis)
    return coefficients


def wasserstein_upper(p: Tensor, q: Tensor, width: float) -> Tensor:
    """Upper bound of W_1 (Euclidean) between masses of cells.

    Parameters
    ----------
    p, q : Tensors of shape (R, N, ..., N)
        Masses of equal total in each replicate.
    width : float
        Side of a cell.

    Returns
    -------
    Tensor of shape (R,)
    """
    return torch.cat([_cost(part, width) for part in _chunks(p - q)])


def wasserstein_lower(p: Tensor, q: Tensor, width: float) -> Tensor:
    """Lower bound of W_1 (Euclidean) between masses of cells.

    The best of several, from u and from u smoothed over one and two cells, which lowers its largest
    slope more than what it gains. Parameters as for `wasserstein_upper`.
    """
    return torch.cat([_best_gain(part, width) for part in _chunks(p - q)])


def _chunks(excess: Tensor) -> Sequence[Tensor]:
    rows = max(1, CHUNK // excess[0].numel()) if excess.device.type == "cpu" else len(excess)
    parts: Sequence[Tensor] = excess.split(rows)
    return parts


def _cost(excess: Tensor, width: float) -> Tensor:
    u = synthesis(spectrum(excess)[0])
    squares = torch.zeros_like(u)
    for axis in range(1, u.dim()):
        squares += _mean_square(torch.diff(u, dim=axis), axis)
    return width * squares.sqrt().flatten(1).sum(1)


def _best_gain(excess: Tensor, width: float) -> Tensor:
    coefficients, eigenvalues = spectrum(excess)
    finite = torch.where(eigenvalues.isinf(), 0.0, eigenvalues)
    gains = [
        _gain(excess, synthesis(coefficients * torch.exp(-0.5 * cells**2 * finite)), width)
        for cells in SMOOTHINGS
    ]
    return torch.stack(gains).amax(0)


def _gain(excess: Tensor, u: Tensor, width: float) -> Tensor:
    """int f d(p - q) / Lip(f), f the interpolation of u between the centres of cells."""
    test, steepest = u, torch.zeros([1] * u.dim(), dtype=u.dtype, device=u.device)
    for axis in range(1, u.dim()):
        largest = torch.diff(u, dim=axis).abs()
        for other in range(1, u.dim()):
            if other != axis:
                size = largest.shape[other] - 1
                first, second = largest.narrow(other, 0, size), largest.narrow(other, 1, size)
                largest = torch.maximum(first, second)
        steepest = steepest + largest.square()
        test = _cell_average(test, axis)
    slope = steepest.flatten(1).amax(1).sqrt() / width
    gain = (excess * test).flatten(1).sum(1)
    return torch.where(slope > 0, gain / slope.clamp(min=1e-300), 0.0)


def _mean_square(step: Tensor, axis: int) -> Tensor:
    """Mean over each cell of the square of a flow that is linear between its two faces."""
    shape = list(step.shape)
    shape[axis] = 1
    wall = torch.zeros(shape, dtype=step.dtype, device=step.device)
    left, right = torch.cat([wall, step], axis), torch.cat([step, wall], axis)
    return (left * left + left * right + right * right) / 3


def _cell_average(u: Tensor, axis: int) -> Tensor:
    """Averages over cells of the interpolation between centres, constant beyond the last ones."""
    cells = u.shape[axis]
    first, last = u.narrow(axis, 0, 1), u.narrow(axis, cells - 1, 1)
    padded = torch.cat([first, u, last], axis)
    left, right = padded.narrow(axis, 0, cells), padded.narrow(axis, 2, cells)
    return 0.75 * u + 0.125 * (left + right)
