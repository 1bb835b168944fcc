"""Ridge regression on a layer of random neurons that is not trained."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.estimators.kernel_ridge import Bandwidth, tune


def layer(dimension: int, units: int, *, replicates: int, rng: torch.Generator) -> Tensor:
    """Weights of shape (replicates, d, units): standard normal numbers over sqrt(d).

    Inputs on the sphere of radius sqrt(d) give units of variance one.
    """
    return normal(replicates, dimension, units, rng=rng) / math.sqrt(dimension)


def predict(
    x: Tensor,
    y: Tensor,
    at: Tensor,
    ridges: Sequence[float],
    *,
    units: int = 512,
    rng: torch.Generator,
) -> Tensor:
    """Values of ridge regression on random ReLU units, the ridge chosen on held-out data.

    Parameters
    ----------
    x, y, at : Tensors of shape (R, n, d), (R, n) and (R, m, d)
        Data in random order, and where to predict.
    ridges : sequence of positive floats
    units : int
        Neurons, drawn anew for each replicate.
    rng : torch.Generator

    Returns
    -------
    Tensor of shape (R, m)
    """
    weights = layer(x.shape[2], units, replicates=len(x), rng=rng)

    def kernel(one: Tensor, other: Tensor, _: Bandwidth) -> Tensor:
        return (one @ weights).relu() @ (other @ weights).relu().mT / units

    return tune(x, y, at, kernel, [1.0], ridges, choice="held out").predictions
