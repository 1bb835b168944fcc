"""Overlapping groups: features in a table, each in the group of its row and that of its column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Groups:
    """Psi(u) = size sum_g |u_g| + (ridge/2) |u|^2, where u is a point twice, by rows, by columns.

    Attributes
    ----------
    rows, columns : int
        Of the table; points have rows * columns coordinates, row by row.
    size, ridge : float
    """

    rows: int
    columns: int
    size: float
    ridge: float = 0.0
    largest: ClassVar[float] = 2.0

    def split(self, x: Tensor) -> Tensor:
        """The two copies, shape (..., 2, rows, columns), of points of shape (..., d)."""
        table = x.unflatten(-1, (self.rows, self.columns))
        return torch.stack([table, table], -3)

    def join(self, u: Tensor) -> Tensor:
        """Their sum, shape (..., d)."""
        return u.sum(-3).flatten(-2)

    def __call__(self, u: Tensor) -> Tensor:
        """Psi, shape (...,)."""
        along, down = self._lengths(u)
        return self.size * (along.sum((-2, -1)) + down.sum((-2, -1))) + (
            self.ridge / 2 * u.square().sum((-3, -2, -1))
        )

    def prox(self, u: Tensor, step: float) -> Tensor:
        """The proximal step: every group is shortened by step * size, or is 0."""
        shorter = step * self.size
        along, down = (1 - shorter / each.clamp_min(max(shorter, 1e-300)) for each in
                       self._lengths(u))  # fmt: skip
        parts = [u[..., 0, :, :] * along, u[..., 1, :, :] * down]
        return torch.stack(parts, -3) / (1 + step * self.ridge)

    @staticmethod
    def _lengths(u: Tensor) -> tuple[Tensor, Tensor]:
        """Of the first copy's rows, (..., rows, 1), and the second's columns, (..., 1, columns)."""
        square = u.square()
        along, down = square[..., 0, :, :].sum(-1, True), square[..., 1, :, :].sum(-2, True)
        return along.sqrt(), down.sqrt()
