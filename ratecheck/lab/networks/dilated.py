"""Dilated convolutions that find the input which matters.

A linear convolution with kernel 3 and dilations 1, 3, 9, ... reaches 3^depth inputs with 3 depth
weights: its filter is a product, one factor a layer. When it is trained (`selection`) the strongest
tap of each layer is kept, as the networks of Okumoto and Suzuki (ICLR 2022) are sparse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.networks import selection
from ratecheck.lab.networks.selection import Search

KERNEL = 3


def layers(inputs: int) -> int:
    """Layers of which the dilated convolution reaches so many inputs."""
    return max(1, math.ceil(round(math.log(inputs, KERNEL), 9)))


def paths(inputs: int, *, dilated: bool = True) -> Tensor:
    """For each way through the taps of all layers, 1 at the input that it reads: (ways, D).

    Without dilation, as with kernels that are next to each other, few inputs are reached.
    """
    depth = layers(inputs)
    taps = torch.cartesian_prod(*[torch.arange(KERNEL)] * depth).reshape(-1, depth)
    steps = torch.tensor([KERNEL**k if dilated else 1 for k in reversed(range(depth))])
    return ((taps * steps).sum(1)[:, None] == torch.arange(inputs)).float()


def filters(taps: Tensor, ways: Tensor) -> Tensor:
    """Weights of the inputs in convolutions of taps (R, S, depth, 3): (R, S, D)."""
    product = taps[:, :, 0]
    for layer in range(1, taps.shape[2]):
        product = (product[..., None] * taps[:, :, layer, None]).flatten(2)
    return product @ ways


def find(
    x: Tensor, y: Tensor, search: Search, *, dilated: bool = True, rng: torch.Generator
) -> Tensor:
    """The input that the best trained convolution reads most, of shape (R,).

    Parameters
    ----------
    x, y : Tensors of shape (R, n, D) and (R, n)
        Independent data in random order; the inputs in [0, 1].
    """
    (replicates, _, inputs), points = x.shape, 2 * x.float() - 1
    ways = paths(inputs, dilated=dilated).to(x.device)
    depth = layers(inputs)

    def seen(taps: Sequence[Tensor], x: Tensor) -> Tensor:
        return filters(taps[0], ways) @ x.mT

    taps = normal(replicates, search.starts, depth, KERNEL, rng=rng, dtype=points.dtype)
    spread = seen([taps], points).std(2)[..., None, None]  # one standard deviation comes out
    taps /= spread ** (1 / depth)
    (best,) = selection.choose(seen, [taps], points, y, search, search.steps * depth, rng=rng)
    return filters(best[:, None], ways)[:, 0].abs().argmax(1)
