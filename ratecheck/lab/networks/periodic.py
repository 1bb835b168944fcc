"""Networks on the circle: `stacked`, reading a point x of [0, 1) as (cos, sin)(2 pi x).

A neuron of the first layer is active on an arc, and arcs of all lengths are there from the start.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ratecheck.lab.networks import stacked


def fit(
    x: Tensor, y: Tensor, recipe: stacked.Recipe, *, rng: torch.Generator
) -> Callable[[Tensor], Tensor]:
    """`stacked.fit` on inputs (R, n, 1) of period 1: R functions on points (R, m, 1)."""
    network = stacked.fit(plane(x), y, recipe, rng=rng)
    return lambda at: network(plane(at))


def plane(x: Tensor) -> Tensor:
    """The points of the unit circle at so many turns, (..., 1): (..., 2)."""
    angle = 2 * math.pi * x
    return torch.cat([angle.cos(), angle.sin()], -1)
