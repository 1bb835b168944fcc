"""A head of attention that learns which token of a window to look at.

The head has a query q and an inverse temperature e^b: what it hands on is the mean of the tokens'
values with weights softmax(e^b q . key). It is trained below a small network (`selection`) and then
sharpened, so that the token of largest q . key counts alone: what a head of temperature e^-b leaves
to the other tokens, L exp(-gap e^b |q|), is no part of the theorem's selection.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.networks import selection
from ratecheck.lab.networks.selection import Search


def attend(values: Tensor, keys: Tensor, queries: Tensor) -> Tensor:
    """Means of values (R, n, L) by weights of keys (R, n, L, k), queries (R, S, k): (R, S, n)."""
    scores = queries @ keys.flatten(1, 2).mT
    weights = scores.unflatten(2, values.shape[1:]).softmax(3)
    means: Tensor = (weights * values[:, None]).sum(3)
    return means


def find(
    values: Tensor, keys: Tensor, y: Tensor, search: Search, *, rng: torch.Generator
) -> Tensor:
    """The query e^b q of the best trained head, of shape (R, k).

    Parameters
    ----------
    values, keys, y : Tensors of shape (R, n, L), (R, n, L, k) and (R, n)
        Independent data in random order; the values in [0, 1].
    """
    length = values.shape[2]
    tokens = torch.cat([2 * values - 1, keys.flatten(2)], 2).float()

    def seen(head: Sequence[Tensor], x: Tensor) -> Tensor:
        query, log_inverse = head
        parts = x[..., length:].unflatten(-1, keys.shape[2:])
        return attend(x[..., :length], parts, query * log_inverse.exp()[..., None])

    query = normal(len(y), search.starts, keys.shape[3], rng=rng, dtype=tokens.dtype)
    start = [query, torch.zeros_like(query[..., 0])]
    query, log_inverse = selection.choose(seen, start, tokens, y, search, search.steps, rng=rng)
    return query * log_inverse.exp()[:, None]


def sharpest(values: Tensor, keys: Tensor, query: Tensor) -> Tensor:
    """Value of the token with the largest q . key in each window: (R, n, 1)."""
    scores = (keys @ query[:, None, :, None].to(keys.dtype))[..., 0]
    return values.gather(2, scores.argmax(2, keepdim=True))
