"""Selectors that are trained below small networks, from several starts.

A selector turns an input of many parts into one number: a convolution, a head of attention. Trained
from one random start it may stay with a wrong part, and the network above then fits noise. So
several start, sharing their minibatches, each with a network of one layer above, and the held-out
data choose one. What it selects is then given to a larger network (`stacked`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.networks import stacked, training

Seen = Callable[[Sequence[Tensor], Tensor], Tensor]


@dataclass(frozen=True)
class Search:
    """How selectors are trained.

    Attributes
    ----------
    starts : int
        Selectors trained a replicate.
    steps : int
        Steps of Adam; of a convolution, for each layer.
    width : int
        Neurons of the small network above.
    rate, batch, slope, held_out
        As in `stacked.Recipe`.
    """

    starts: int = 16
    steps: int = 60
    width: int = 4
    rate: float = 3e-2
    batch: int = 64
    slope: float = 4.0
    held_out: float = 0.25


def choose(
    seen: Seen, selectors: Sequence[Tensor], x: Tensor, y: Tensor, search: Search, steps: int,
    *, rng: torch.Generator,
) -> list[Tensor]:  # fmt: skip
    """Train S selectors a replicate, each below a network, and return the best.

    Parameters
    ----------
    seen : callable
        Takes selectors and inputs (R, m, ...) to what is selected, (R, S, m).
    selectors : tensors of shape (R, S, ...)
        Where they start.
    x, y : Tensors of shape (R, n, ...) and (R, n)
        Independent data in random order.
    steps : int
        Of Adam.

    Returns
    -------
    list of Tensors of shape (R, ...)
    """
    shape, n = selectors[0].shape[:2], y.shape[1]
    y = ((y - y.mean(1, keepdim=True)) / y.std(1, keepdim=True)).to(x.dtype)
    at_start = seen(selectors, x).reshape(-1, n, 1)
    above = stacked.initialise(at_start, (search.width,), search.slope, rng)
    copies = [part.clone() for part in selectors]
    first, second = above.layers
    copies += [part.clone() for part in (first[0].mT, first[1].mT, *second)]
    parameters = [part.requires_grad_() for part in copies]

    def losses(x: Tensor, y: Tensor) -> Tensor:
        first, kinks, second, last = parameters[-4:]
        values = seen(parameters[:-4], x).reshape(-1, 1, y.shape[1])
        values = torch.addcmul(kinks, values, first).relu()  # small: no products of matrices
        values = ((values * second).sum(1) + last[:, 0]).view(*shape, -1)
        return (values - y[:, None]).square().mean(2)

    fitted = n - max(1, round(search.held_out * n))
    row = torch.arange(len(y), device=y.device)[:, None]

    def gradient(step: int) -> None:
        batch = torch.randint(fitted, (len(y), search.batch), generator=rng, device=y.device)
        slopes = torch.autograd.grad(losses(x[row, batch], y[row, batch]).sum(), parameters)
        for part, slope in zip(parameters, slopes, strict=True):
            part.grad = slope

    training.train(parameters, gradient, steps=steps, rate=search.rate)
    with torch.no_grad():
        best = losses(x[:, fitted:], y[:, fitted:]).argmin(1)
        return [part.detach()[row[:, 0], best] for part in parameters[:-4]]
