"""Deep linear networks, many at once, trained on second moments of their data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.networks import training


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
        Length of training and first learning rate (`training.cosine_rate`).
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
    layers = [
        normal(replicates, b, a, rng=rng, dtype=cross.dtype) * (scale / a**0.5)
        for a, b in pairwise(sizes)
    ]

    def gradient(_: int) -> None:
        below = _products_below(layers)
        slope = torch.baddbmm(cross, below[-1], gram, beta=-1.0)
        for index in range(len(layers) - 1, -1, -1):
            part = slope if index == 0 else slope @ below[index - 1].mT
            layers[index].grad = part.add(layers[index], alpha=decay) if decay else part
            if index:
                slope = layers[index].mT @ slope

    training.train(layers, gradient, steps=steps, rate=rate)
    return _products_below(layers)[-1]


def _products_below(layers: Sequence[Tensor]) -> list[Tensor]:
    """P_1, P_2 P_1, ..., the whole product."""
    products = [layers[0]]
    for layer in layers[1:]:
        products.append(layer @ products[-1])
    return products
