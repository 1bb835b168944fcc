"""Data as the numbers of them in each cell: drawn, and split in two.

Each draw is a cascade of binomial ones, so that the cost does not depend on the number of data.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform


def draw_counts(mass: Tensor, n: int, rng: torch.Generator) -> Tensor:
    """Numbers of n independent data in each cell: one multinomial draw a replicate.

    The data are split in two again and again by binomial draws, so that the cost does not depend
    on n.

    Parameters
    ----------
    mass : Tensor of shape (replicates, ...)
        Masses of the cells, which sum to 1 in each replicate.

    Returns
    -------
    Tensor of the shape of ``mass``, float64 whole numbers
    """
    levels = [mass.reshape(len(mass), -1)]
    while levels[-1].shape[1] > 1:
        last = levels[-1]
        if last.shape[1] % 2:
            last = levels[-1] = torch.cat([last, torch.zeros_like(last[:, :1])], 1)
        levels.append(last[:, ::2] + last[:, 1::2])
    counts = torch.full((len(mass), 1), float(n), dtype=torch.float64, device=mass.device)
    for total, parts in zip(levels[:0:-1], levels[-2::-1], strict=True):
        pairs = parts.shape[1] // 2
        total, here = total[:, :pairs], counts[:, :pairs]
        share = torch.where(total > 0, parts[:, ::2] / total, 0.0).clamp(0.0, 1.0)
        left = binomial(here, share, rng)
        counts = torch.stack([left, here - left], -1).flatten(1)
    return counts[:, : mass[0].numel()].reshape(mass.shape)


def binomial(count: Tensor, share: Tensor, rng: torch.Generator) -> Tensor:
    """Binomial draws; single data, which are most of them in a fine split, by a uniform number."""
    single = ((count == 1) & (uniform(*count.shape, rng=rng) < share)).double()
    many = (count > 1).nonzero(as_tuple=True)
    single[many] = torch.binomial(count[many], share[many], generator=rng)
    return single


def split_counts(counts: Tensor, share: float, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """The data split at random into two independent parts; the first has the share ``share``."""
    first = binomial(counts, torch.full_like(counts, share), rng)
    return first, counts - first
