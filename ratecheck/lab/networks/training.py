"""The one training loop: Adam along half a cosine, and the snapshot that does best held out.

Replicates are stacked in a few tensors and never mix: the loss is their sum and Adam works entry by
entry, so that each network is trained exactly as it would be alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

FINAL_RATE = 1e-3


def cosine_rate(step: int, steps: int, rate: float) -> float:
    """Learning rate that falls from ``rate`` to a thousandth of it along half a cosine."""
    share = 0.5 * (1 + math.cos(math.pi * step / steps))
    return rate * (FINAL_RATE + (1 - FINAL_RATE) * share)


class Best:
    """Of each network, the parameters of least loss among those that were offered.

    Attributes
    ----------
    parameters : list of Tensors
        Copies of the parameters that were given, in the same order.
    loss : Tensor of shape (N,)
        Infinite where none was offered yet.
    """

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        """``parameters`` change in place while training; their first axis is the network."""
        self._here = parameters
        self.parameters = [part.clone() for part in parameters]
        self.loss = parameters[0].new_full((len(parameters[0]),), math.inf)

    def offer(self, loss: Tensor) -> None:
        """Keep the present parameters of the networks whose loss is lower than ever."""
        better = loss < self.loss
        self.loss = torch.where(better, loss, self.loss)
        for part, kept in zip(self._here, self.parameters, strict=True):
            torch.where(better.view(-1, *[1] * (part.ndim - 1)), part, kept, out=kept)


def train(
    parameters: Sequence[Tensor],
    gradient: Callable[[int], None],
    *,
    steps: int,
    rate: float,
    decay: float = 0.0,
    after: Callable[[int], None] | None = None,
) -> None:
    """Train in place by Adam, with the gradients that the caller writes out.

    Parameters
    ----------
    parameters : sequence of Tensors
    gradient : callable
        ``gradient(step)`` leaves in ``.grad`` of each parameter its gradient, for step 0, 1, ....
    steps, rate : int, float
        Length of training and first learning rate (`cosine_rate`).
    decay : float
        Decoupled weight decay (Loshchilov and Hutter, ICLR 2019).
    after : callable, optional
        ``after(step)`` is called when the step is done: the place for snapshots (`Best`).
    """
    adam = torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=True)
    for step in range(steps):
        gradient(step)
        adam.param_groups[0]["lr"] = cosine_rate(step, steps, rate)
        adam.step()
        if after is not None:
            after(step)
