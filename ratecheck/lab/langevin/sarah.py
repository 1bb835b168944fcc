"""SARAH-LD by real chains.

Its gradient estimate adds up along an epoch, v = F'(x) + c sum_k kappa_k (x_k - x_{k-1}), which is
not Markov in two numbers: no law on a grid, but ensembles of chains, and the divergence of their
histogram less its bias.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.finite_sums.alias import Alias
from ratecheck.lab.finite_sums.laws import mean_sign_law
from ratecheck.lab.finite_sums.snapshots import Snapshots
from ratecheck.lab.langevin.double_well import EDGE, START_MEAN, START_SD, DoubleWell

BINS = 16


def sarah_steps(
    well: DoubleWell,
    step: float,
    eps: float,
    snapshots: Snapshots,
    *,
    chains: int,
    longest: int,
    replicates: int,
    rng: torch.Generator,
) -> Tensor:
    """Steps of SARAH-LD until the divergence of its chains' histogram is at most eps.

    Each replicate is an ensemble of independent chains; the divergence is that of a histogram with
    equal bins less its bias (bins - 1)/(2 chains). It is looked at where a snapshot is taken, and
    its logarithm interpolated between two of these. Coordinates have one law and see the same
    batches: d times the divergence of the law that they share is that of independent ones, and less
    than the joint one by the little that they learn of each other from the batches.

    Parameters
    ----------
    well : DoubleWell
    step : float
        eta.
    eps : float
    snapshots : Snapshots
    chains : int
        Chains an ensemble; eps should be at least ten times the bias.
    longest : int
        Steps, in whole epochs, after which an ensemble is given up (inf).
    replicates : int
    rng : torch.Generator

    Returns
    -------
    Tensor of shape (replicates,)

    Raises
    ------
    ValueError
        If eps is under ten biases: noise would decide.
    """
    bias = (BINS - 1) / (2 * chains)
    if eps < 10 * bias:
        raise ValueError(f"eps = {eps:g} is not ten times the histogram's bias {bias:.2g}")
    device, target = rng.device, _binned_target(well).to(rng.device)
    values, probabilities = mean_sign_law(well.n, snapshots.batch)
    signs = Alias.of(values, probabilities, device=device)
    shape, each, sd = (replicates, well.d, chains), (replicates, 1, chains), well.noise(step)
    x = normal(*shape, rng=rng, dtype=torch.float32) * START_SD + START_MEAN
    hit = torch.full((replicates,), math.inf, dtype=torch.float64, device=device)
    before, moved = hit, torch.zeros_like(x)
    for epoch in range(math.ceil(longest / snapshots.inner)):
        extra = torch.zeros_like(x)
        for k in range(snapshots.inner):
            if k > 0:
                sign = signs.pick(uniform(*each, rng=rng, dtype=torch.float32))
                extra += moved * sign.mul_(well.c)
            moved = normal(*shape, rng=rng, dtype=torch.float32).mul_(sd)
            moved -= step * (well.gradient(x) + extra)
            x = x + moved
        now = well.d * _histogram_divergence(x.flatten(1), target) - bias
        part = ((before / eps).log() / (before / now).log()).nan_to_num(1.0).clamp(0, 1)
        here = snapshots.inner * (epoch + part)
        hit, before = torch.where((now <= eps) & hit.isinf(), here, hit), now
        if not hit.isinf().any():  # asked of the device once an epoch, not in a step
            break
    return hit


def _binned_target(well: DoubleWell) -> Tensor:
    """The target's probability of each bin."""
    grid = well.grid(1e-4)
    edges = np.linspace(-EDGE, EDGE, BINS + 1)
    which = np.clip(np.digitize(grid.x, edges) - 1, 0, BINS - 1)
    return torch.tensor(np.bincount(which, well.target(grid), BINS))


def _histogram_divergence(x: Tensor, target: Tensor) -> Tensor:
    """KL of each row's histogram from the target's bin probabilities."""
    rows, chains = x.shape
    which = ((x + EDGE) * (BINS / (2 * EDGE))).long().clamp_(0, BINS - 1)
    offsets = torch.arange(rows, device=x.device)[:, None] * BINS
    where = (which + offsets).flatten()
    counts = torch.zeros(rows * BINS, dtype=torch.float64, device=x.device)
    counts.scatter_add_(0, where, torch.ones_like(counts[:1]).expand(len(where)))
    p = counts.view(rows, BINS) / chains
    return torch.xlogy(p, p / target).sum(1)
