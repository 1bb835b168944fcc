"""Scores of diffused trigonometric densities on the torus, fitted by score matching.

The class: densities 1 + sum of N waves, those of lowest frequency. As for splines (`splines`), the
exact minimiser of the empirical denoising-score-matching risk over their scores is the maximum of
the likelihood. It is found by scoring, g <- g + step P(p P(r/p)): p the density, r the data's, P
the projection on the waves, p the inverse of Fisher's information but for P.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from ratecheck.lab.diffusion.counts import split_counts
from ratecheck.lab.diffusion.splines import NotConverged
from ratecheck.lab.diffusion.torus import frequencies, squares, transform, values

MISSING = 1e-3
LONGEST = 200
HALVINGS = 50
FEWEST = 64
GENERIC = (1.0, math.sqrt(2), math.sqrt(3), math.sqrt(5))


def waves(radius: float, dimension: int) -> float:
    """Volume of the ball of |k| below a radius: how many waves it holds, smoothed."""
    half = dimension / 2
    return float(math.pi**half / math.gamma(half + 1) * radius**dimension)


@lru_cache(maxsize=64)
def lowest(count: float, cells: int, dimension: int) -> Tensor:
    """Whether a wave is one of the lowest, of the shape of a spectrum, in double precision.

    Ordered by |k|, then by a generic direction: about ``count`` of them (k and -k are two), so that
    their number grows smoothly and not by whole shells. The constant, k = 0, is not among them.
    """
    square = squares(cells, dimension)
    parts = zip(frequencies(cells, dimension), GENERIC, strict=False)
    along = sum((k * g for k, g in parts), torch.zeros_like(square)).abs()
    order = square + along / (along.max() + 1)
    inside = (square > 0) & (square < (cells / 2) ** 2)
    # each k with a positive last component stands for -k, too
    twice = 1.0 + (frequencies(cells, dimension)[-1] > 0).double().expand_as(square)
    ranks = order[inside].argsort()
    last = int((twice[inside][ranks].cumsum(0) <= count).sum()) - 1
    # the two waves of a pair have one order, and are both in or both out
    largest = order[inside][ranks[max(last, 0)]]
    return (inside & (order <= largest)).double()


def project(field: Tensor, mask: Tensor) -> Tensor:
    """Orthogonal projection on the waves of a mask."""
    return values(transform(field) * mask, field.shape[1])


def fit(data: Tensor, mask: Tensor) -> Tensor:
    """The density of the class of greatest likelihood.

    Parameters
    ----------
    data : Tensor of shape (R, cells, ..., cells)
        Numbers of data at each point, also smoothed ones.
    mask : Tensor of the shape of spectra (R, ...), or (1, ...) for all replicates
        From `lowest`.

    Returns
    -------
    Tensor of the shape of ``data``, with mean 1 in each replicate

    Raises
    ------
    NotConverged
        If 200 steps leave more log-likelihood per datum missing than a thousandth of N/n, which is
        the square of the statistical error.
    """
    everything = tuple(range(1, data.dim()))
    n = data.sum(everything, keepdim=True)
    density = data / data.mean(everything, keepdim=True)
    size = 2 * mask.sum(everything, keepdim=True)  # nearly: half of most pairs stand in a spectrum
    allowed = MISSING * size / n
    p, step = torch.ones_like(density), torch.ones_like(n)
    value = torch.zeros_like(n)
    for _ in range(LONGEST):
        slope = project(density / p, mask)
        direction = project(p * slope, mask)
        decrement = (slope * direction).mean(everything, keepdim=True)
        active = decrement > allowed
        if not bool(active.any()):
            return p
        step = torch.where(active, (2 * step).clamp(max=1.0), 0.0)
        for _ in range(HALVINGS):
            trial = p + step * direction
            new = torch.xlogy(density, trial.clamp(min=1e-300)).mean(everything, keepdim=True)
            worse = new < value + 0.1 * step * decrement
            worse |= trial.amin(everything, keepdim=True) <= 0
            if not bool((worse & active).any()):
                break
            step = torch.where(worse & active, step / 2, step)
        p, value = trial, torch.where(active, new, value)
    raise NotConverged(f"{float(size.max()):.0f} waves: {float(decrement.max()):.2g} is missing")


def fitted(counts: Tensor, count: float | Sequence[float]) -> Tensor:
    """The density that `fit` finds with so many waves, for all replicates or for each."""
    cells, dimension = counts.shape[1], counts.dim() - 1
    many = [count] if isinstance(count, int | float) else count
    mask = torch.stack([lowest(one, cells, dimension) for one in many])
    return fit(counts, mask.to(counts.device))


def validated(counts: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Number of waves chosen for each replicate by held-out data, then a fit to all its data.

    Half of the data fit 64, 128, 256, ... waves until these are too many for every replicate; the
    other half scores them by its log-likelihood, which is the held-out risk of denoising score
    matching up to a constant. Between such numbers the best is that of the parabola through the
    best score and its neighbours: with steps of two, W_1 would move in steps, too.

    Returns
    -------
    density : Tensor of the shape of ``counts``
    chosen : Tensor of shape (R,)

    Raises
    ------
    ValueError
        If the grid holds fewer than 256 waves: three numbers are needed.
    """
    train, held_out = split_counts(counts, 0.5, rng)
    dimension, cells = counts.dim() - 1, counts.shape[1]
    most = waves(cells / 2 - 1, dimension)
    if most < 4 * FEWEST:
        raise ValueError(f"a grid of {cells} points an axis holds fewer than {4 * FEWEST} waves")
    scores: list[Tensor] = []
    while len(scores) < 3 or not bool((scores[-1] < torch.stack(scores[:-1]).amax(0)).all()):
        size = FEWEST * 2 ** len(scores)
        if size > most:
            break
        scores.append(torch.xlogy(held_out, fitted(train, size)).flatten(1).sum(1))
    best = torch.stack(scores, 1)
    middle = best.argmax(1).clamp(1, len(scores) - 2)[:, None]
    left, top, right = (best.gather(1, middle + step)[:, 0] for step in (-1, 0, 1))
    shift = ((left - right) / (2 * (left - 2 * top + right))).clamp(-1.0, 1.0)
    chosen = FEWEST * 2 ** (middle[:, 0] + shift)
    return fitted(counts, chosen.tolist()), chosen
