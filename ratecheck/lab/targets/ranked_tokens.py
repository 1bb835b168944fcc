"""Windows of tokens, and functions of the value of the most important one.

A token is a value, uniform on [0, 1], and a key in R^k; its importance is the product of the key
with an unknown unit vector. One token of a window, anywhere, has importance in [3/2, 2], the others
in [-1, 1]; the rest of a key is standard normal. A function ranks the tokens of a window by their
importance and is smooth in the value so found: the piecewise smooth functions of Takakura and
Suzuki, ICML 2023, of one token, with an importance that is linear.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.regression.problem import Problem
from ratecheck.lab.targets import broken_series

KEY = 4


@dataclass(frozen=True)
class Windows:
    """The law of windows of ``length`` tokens, R of them with directions (R, KEY) of importance.

    A window is one vector: the values of its tokens, then their keys; its dimension is 5 length.
    """

    length: int
    direction: Tensor

    def draw(self, count: int, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Independent windows of shape (replicates, count, 5 length)."""
        shape = replicates, count, self.length
        importance = 2 * uniform(*shape, rng=rng) - 1
        best = torch.randint(self.length, (*shape[:2], 1), generator=rng, device=rng.device)
        importance.scatter_(2, best, 1.5 + 0.5 * uniform(*shape[:2], 1, rng=rng))
        keys, along = normal(*shape, KEY, rng=rng), self.direction[:, None, None]
        keys += (importance - (keys * along).sum(3))[..., None] * along
        return torch.cat([uniform(*shape, rng=rng), keys.flatten(2)], 2)


def split(x: Tensor) -> tuple[Tensor, Tensor]:
    """Values (..., length) and keys (..., length, KEY) of windows (..., 5 length)."""
    length = x.shape[-1] // (KEY + 1)
    return x[..., :length], x[..., length:].unflatten(-1, (length, KEY))


@dataclass(frozen=True)
class Ranked:
    """R functions of the value of the token of rank 1, 2, ... in importance.

    Attributes
    ----------
    inner : Target
        The function of the value.
    direction : Tensor of shape (R, KEY)
    rank : int
    """

    inner: broken_series.Target
    direction: Tensor
    rank: int = 1

    def selected(self, x: Tensor) -> Tensor:
        """The values that count, at windows (R, n, 5 length): (R, n, 1)."""
        values, keys = split(x)
        order = (keys @ self.direction[:, None, :, None])[..., 0].argsort(2, descending=True)
        return values.gather(2, order[..., self.rank - 1 : self.rank])

    def __call__(self, x: Tensor) -> Tensor:
        """Values at windows (R, n, 5 length): (R, n)."""
        return self.inner(self.selected(x))


@dataclass(frozen=True)
class Prior:
    """Functions on the border of the Sobolev ball of smoothness ``a``, with random signs."""

    a: float
    direction: Tensor
    rank: int = 1

    def draw(self, *, replicates: int, rng: torch.Generator) -> Ranked:
        """Random functions."""
        inner = broken_series.Prior(self.a, height=0.0).draw(replicates=replicates, rng=rng)
        return Ranked(inner, self.direction, self.rank)


def problem(
    a: float, sigma: float, length: int, rank: int = 1, *, replicates: int, rng: torch.Generator
) -> Problem:
    """Windows with a random direction of importance each, judged at 1024 fresh ones."""
    direction = normal(replicates, KEY, rng=rng)
    direction /= direction.norm(dim=1, keepdim=True)
    return Problem(Prior(a, direction, rank), Windows(length, direction), sigma, at=1024)
