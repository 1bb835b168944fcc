"""Size of a class chosen by the risk on held-out data.

For scores of known densities the held-out risk of denoising score matching is, up to a constant,
the held-out log-likelihood (see `splines`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ratecheck.lab.diffusion.counts import split_counts


def fit_validated(
    counts: Tensor,
    fitted: Callable[[Tensor, int], Tensor],
    sizes: Sequence[int],
    rng: torch.Generator,
    *,
    patience: int,
) -> tuple[Tensor, Tensor]:
    """Size chosen for each replicate by held-out data, then a fit of that size to all its data.

    Half of the data fit each size, in increasing order until so many (``patience``) in a row were
    no better; the other half scores it.

    Parameters
    ----------
    counts : Tensor of shape (R, cells, ...)
        Numbers of data.
    fitted : callable
        ``fitted(counts, size)`` are the masses of the density that is fitted to some replicates.
    sizes : sequence of int
        Candidates, increasing.

    Returns
    -------
    density : Tensor of the shape of ``counts``
        Masses of the cells.
    chosen : Tensor of shape (R,)
    """
    train, held_out = split_counts(counts, 0.5, rng)
    rows, everything = len(counts), tuple(range(1, counts.dim()))
    best = torch.full((rows,), -torch.inf, dtype=torch.float64, device=counts.device)
    chosen = torch.full((rows,), sizes[0], dtype=torch.int64, device=counts.device)
    since = torch.zeros_like(chosen)
    for size in sizes:
        active = (since < patience).nonzero()[:, 0]
        if not len(active):
            break
        density = fitted(train[active], size)
        score = torch.xlogy(held_out[active], density).sum(everything)
        better = score > best[active]
        best[active] = torch.where(better, score, best[active])
        chosen[active] = torch.where(better, size, chosen[active])
        since[active] = torch.where(better, 0, since[active] + 1)
    density = torch.empty_like(counts)
    for size in chosen.unique().tolist():
        mine = (chosen == size).nonzero()[:, 0]
        density[mine] = fitted(counts[mine], size)
    return density, chosen
