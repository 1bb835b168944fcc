"""How many directions of what its inner layers say a trained network needs.

The second moments of each inner layer's nodes over the data have leading eigenvectors V_r; in the
network of rank r the layer above reads V_r V_r' h in place of the nodes h, so that r of its nodes
would do. The least r at which it still says the same is what a bound by compression counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.networks.stacked import Networks, Recipe, fit

STEPS, RATE, DECAY = 300, 5e-3, 1e-3


def fitted(
    x: Tensor, y: Tensor, hidden: Sequence[int], *, batch: int, rng: torch.Generator
) -> Networks:
    """Networks of these hidden widths that fit all data (R, n, d), (R, n), by `stacked.fit`.

    The data are held out of themselves: of each network's snapshots that of least training error
    is taken.
    """
    recipe = Recipe(hidden, STEPS, rate=RATE, batch=batch, restarts=1, slope=2**0.5, held_out=0.5,
                    decays=(DECAY,))  # fmt: skip
    return fit(torch.cat([x, x], 1), torch.cat([y, y], 1), recipe, rng=rng)


def directions(networks: Networks, x: Tensor) -> list[Tensor]:
    """Eigenvectors of the second moments of each inner layer, the leading one first.

    Parameters
    ----------
    x : Tensor of shape (R, n, d)

    Returns
    -------
    list of Tensors of shape (R, width, width)
        In the columns.
    """
    found, read = [], x.to(networks.flat.dtype)
    for weights, biases in networks.layers[:-1]:
        read = torch.baddbmm(biases, read, weights).relu_()
        moments = (read.mT @ read / read.shape[1]).double()
        found.append(torch.linalg.eigh(moments)[1].flip(-1).to(read.dtype))
    return found


def first(networks: Networks, x: Tensor) -> Tensor:
    """What the first layer's nodes are at points (R, n, d), before the ReLU: (R, n, width)."""
    weights, biases = networks.layers[0]
    return torch.baddbmm(biases, x.to(networks.flat.dtype), weights)


def compressed(networks: Networks, read: Tensor, basis: Sequence[Tensor], rank: int) -> Tensor:
    """What the networks of a rank say, (R, n), where the first layer's nodes are as in `first`."""
    for (weights, biases), vectors in zip(networks.layers[1:], basis, strict=True):
        lead = vectors[..., :rank]
        read = torch.baddbmm(biases, read.relu() @ lead, lead.mT @ weights)
    return read[..., 0]


def ranks(networks: Networks, x: Tensor, fresh: Tensor, share: float) -> Tensor:
    """The least rank that keeps what the networks say up to a share of its variance, (R,).

    Parameters
    ----------
    x, fresh : Tensors of shape (R, n, d) and (R, k, d)
        The data whose directions are taken, and the points at which the loss is measured.
    share : float
        Mean square of the difference, over the variance of what the full networks say.
    """
    basis, full, read = directions(networks, x), networks(fresh), first(networks, fresh)
    most = max(part.shape[-1] for part in basis)
    allowed = share * full.var(1, unbiased=False)
    found = full.new_full((len(full),), float(most))
    for rank in range(1, most):
        loss = (compressed(networks, read, basis, rank) - full).square().mean(1)
        found = torch.where(loss <= allowed, found.clamp(max=rank), found)
        if bool((found <= rank).all()):
            break
    return found.double()
