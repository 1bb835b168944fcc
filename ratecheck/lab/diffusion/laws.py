"""Laws on cells that may leak out of [-1, 1], and their distances from laws inside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Law:
    """A law on cells of [-1, 1] and of a margin around them.

    Attributes
    ----------
    mass : Tensor of shape (R, margin + cells + margin)
    margin : int
    """

    mass: Tensor
    margin: int


def total_variation(p: Tensor, q: Tensor) -> Tensor:
    """Half the sum over cells of |p - q|, laws of shape (R, ...): shape (R,)."""
    return (p - q).abs().flatten(1).sum(1) / 2


def spikes_total_variation(counts: Tensor, truth: Tensor, t_low: float) -> Tensor:
    """TV between the data blurred by a T_low far below their spacing, and the truth.

    1 - int min(p_0, rho), with the bells of different data disjoint: up to O(n sig). The density of
    the truth is taken constant over a bell.

    Parameters
    ----------
    counts, truth : Tensors of shape (R, cells)
        Numbers of data, at most a few a cell, and masses of the truth.

    Returns
    -------
    Tensor of shape (R,)
    """
    n = counts.sum(1, keepdim=True)
    sd = math.sqrt(-math.expm1(-2 * t_low))
    density = truth * (truth.shape[1] / 2)
    height = 1 / (n * sd * math.sqrt(2 * math.pi) * density)
    reach = (2 * height.clamp(min=1.0).log()).sqrt()  # in standard deviations
    overlap = 2 * density * sd * reach + torch.special.erfc(reach / math.sqrt(2)) / n
    distance: Tensor = 1 - (counts * overlap).sum(1)
    return distance


# -- any score -------------------------------------------------------------------------------------
