"""Draws from a discrete law in a time that does not grow with its size (Walker, 1977)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Alias:
    """Cells of equal probability, each shared by two values.

    Attributes
    ----------
    keep : Tensor of shape (K,)
        Share of a cell that is its own value's.
    own, other : Tensors of shape (K,)
        The two values of each cell.
    """

    keep: Tensor
    own: Tensor
    other: Tensor

    @classmethod
    def of(cls, values: np.ndarray, probabilities: np.ndarray, device: torch.device) -> Alias:
        """Tables of a law on K values, in single precision."""
        left, keep = probabilities * len(values), np.ones(len(values))
        other = np.arange(len(values))
        poor, rich = (np.flatnonzero(side).tolist() for side in (left < 1, left >= 1))
        while poor and rich:
            cell, giver = poor.pop(), rich[-1]
            keep[cell], other[cell] = left[cell], giver
            left[giver] -= 1 - left[cell]
            if left[giver] < 1:
                poor.append(rich.pop())
        tables = (torch.tensor(a, dtype=torch.float32) for a in (keep, values, values[other]))
        return cls(*(table.to(device) for table in tables))

    def pick(self, uniform: Tensor) -> Tensor:
        """A value for each number that is uniform on [0, 1); their shape."""
        place = uniform * len(self.keep)
        cell = place.int()
        return torch.where(place - cell < self.keep[cell], self.own[cell], self.other[cell])
