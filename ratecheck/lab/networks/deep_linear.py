"""Training of many independent networks at once.

Replicates are stacked in one tensor and never mix: the loss is their sum and Adam works entry by
entry, so that each network is trained exactly as it would be alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

FINAL_RATE = 1e-3


def cosine_rate(step: int, steps: int, rate: float) -> float:
    """Learning rate that falls from ``rate`` to a thousandth of it along half a cosine."""
    share = 0.5 * (1 + math.cos(math.pi * step / steps))
    return rate * (FINAL_RATE + (1 - FINAL_RATE) * share)


def train_deep_linear(
    gram: Tensor,
    cross: Tensor,
    widths: Sequence[int],
    *,
    steps: int,
    rate: float = 0.02,
    decay: float = 0.0,
    scale: float = 0.3,
    rng: torch.Generator,
) -> Tensor:
    """Train deep linear networks P = P_L ... P_1 by full-batch Adam from small random weights.

    Minimises tr(P G P')/2 - tr(P C') + decay/2 sum ||P_l||^2, the squared loss in terms of the
    sufficient statistics. The gradient of layer l is (P_L...P_l+1)' (P G - C) (P_l-1...P_1)': it
    is written out, which saves the tape of autograd.

    Parameters
    ----------
    gram : Tensor of shape (R, N, N)
        Second moments of the inputs, G = X'X / n.
    cross : Tensor of shape (R, M, N)
        C = Y'X / n.
    widths : sequence of int
        Hidden widths; ``[r]`` is two layers with a bottleneck of r.
    steps, rate : int, float
        Length of training and first learning rate (`cosine_rate`).
    decay : float
        Weight decay.
    scale : float
        Initial weights are scale * N(0, 1 / fan_in).
    rng : torch.Generator

    Returns
    -------
    Tensor of shape (R, M, N)
        The trained product.
    """
    replicates, rows, columns = cross.shape
    sizes = [columns, *widths, rows]
    like: dict[str, Any] = {"device": cross.device, "dtype": cross.dtype}
    layers = [
        (torch.randn(replicates, b, a, generator=rng, **like) * (scale / a**0.5)).requires_grad_()
        for a, b in pairwise(sizes)
    ]
    adam = torch.optim.Adam(layers, lr=rate, fused=True)
    with torch.no_grad():
        for step in range(steps):
            adam.param_groups[0]["lr"] = cosine_rate(step, steps, rate)
            below = _products_below(layers)
            slope = torch.baddbmm(cross, below[-1], gram, beta=-1.0)
            for index in range(len(layers) - 1, -1, -1):
                gradient = slope if index == 0 else slope @ below[index - 1].mT
                if decay:
                    gradient = gradient.add(layers[index], alpha=decay)
                layers[index].grad = gradient
                if index:
                    slope = layers[index].mT @ slope
            adam.step()
        return _products_below(layers)[-1]


def _products_below(layers: Sequence[Tensor]) -> list[Tensor]:
    """P_1, P_2 P_1, ..., the whole product."""
    products = [layers[0]]
    for layer in layers[1:]:
        products.append(layer @ products[-1])
    return products
