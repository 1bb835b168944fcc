"""Cubes [-1, 1]^d cut into equal cells: places, and matrices applied along one axis."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def centres(cells: int, device: torch.device | None = None) -> Tensor:
    """Centres of equal cells of [-1, 1]."""
    index = torch.arange(cells, dtype=torch.float64, device=device)
    return (2 * index + 1) / cells - 1


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
