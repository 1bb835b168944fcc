"""Scores of tensor-product spline densities on the cube, fitted as in `splines`.

The density is sum_k a_k prod_i B_{k_i}(x_i), with K^d nonnegative weights of sum 1; the exact
minimiser of the score-matching risk is again the maximum of the likelihood. It is found by the EM
iteration for mixtures with over-relaxation, a <- a D^1.8 with D_k the derivative of the
log-likelihood per datum, the axes applied one after the other. max_k D_k - 1 bounds how much
log-likelihood per datum is still missing (Lindsay 1983), which says when to stop.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.diffusion import held_out
from ratecheck.lab.diffusion.cells import apply_along
from ratecheck.lab.diffusion.splines import NotConverged, basis

RELAXATION = 1.8
SHARE = 0.1
LONGEST = 3000
CHUNK = 1 << 18


def axis_masses(size: int, order: int, cells: int) -> Tensor:
    """Masses of each spline (columns) in each cell (rows) of one axis: shape (cells, size)."""
    splines = basis(size, order, cells)
    matrix = torch.zeros(cells, size + order, dtype=torch.float64)
    rows = torch.arange(cells)
    first, mass = torch.from_numpy(splines.first), torch.from_numpy(splines.mass)
    for j in range(mass.shape[1]):
        matrix[rows, first + j] += mass[:, j]
    return matrix[:, :size].contiguous()


def expand(matrix: Tensor, weights: Tensor) -> Tensor:
    """The same matrix applied to every axis of weights of shape (R, K, ..., K)."""
    for axis in range(1, weights.dim()):
        weights = apply_along(matrix, weights, axis)
    return weights


def fit(counts: Tensor, matrix: Tensor) -> Tensor:
    """Weights of the maximum-likelihood density, to a fraction of its statistical error.

    Parameters
    ----------
    counts : Tensor of shape (R, cells, ..., cells)
    matrix : Tensor of shape (cells, K)
        From `axis_masses`.

    Returns
    -------
    Tensor of shape (R, K, ..., K)

    Raises
    ------
    NotConverged
        If 3000 steps leave more than K^d / (10 n) of log-likelihood per datum missing.
    """
    rows = max(1, CHUNK // counts[0].numel()) if counts.device.type == "cpu" else len(counts)
    return torch.cat([_fit(part, matrix) for part in counts.split(rows)])


def _fit(counts: Tensor, matrix: Tensor) -> Tensor:
    dimension, size = counts.dim() - 1, matrix.shape[1]
    everything = tuple(range(1, dimension + 1))
    share = counts / counts.sum(everything, keepdim=True)
    allowed = SHARE * size**dimension / counts.sum(everything)
    back = matrix.T.contiguous()
    shape = (len(counts), *[size] * dimension)
    a = torch.full(shape, size ** -float(dimension), dtype=counts.dtype, device=counts.device)
    for _ in range(LONGEST):
        derivative = expand(back, share / expand(matrix, a))
        if bool((derivative.amax(everything) - 1 <= allowed).all()):
            return a
        a = a * derivative**RELAXATION
        a = a / a.sum(everything, keepdim=True)
    missing = float((derivative.amax(everything) - 1 - allowed).max())
    raise NotConverged(f"{size}^{dimension} splines: {missing:.2g} more than allowed is missing")


def fitted(counts: Tensor, size: int, order: int) -> Tensor:
    """Masses of the cells under the density that `fit` finds with so many splines an axis."""
    matrix = axis_masses(size, order, counts.shape[1]).to(counts.device)
    return expand(matrix, fit(counts, matrix))


def fit_validated(
    counts: Tensor, order: int, sizes: Sequence[int], rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Number of splines an axis chosen by the risk on held-out data, then a fit to all data.

    See `held_out.fit_validated`; the search ends at the first one that is no better.
    """

    def of_size(some: Tensor, size: int) -> Tensor:
        return fitted(some, size, order)

    return held_out.fit_validated(counts, of_size, sizes, rng, patience=1)
