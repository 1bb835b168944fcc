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
from ratecheck.lab.finite_sums.laws import mean_sign_law
from ratecheck.lab.finite_sums.snapshots import Snapshots
from ratecheck.lab.langevin.double_well import EDGE, START_MEAN, START_SD, DoubleWell

BINS = 24


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
    equal bins less its bias (bins - 1)/(2 chains).

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
        Steps after which an ensemble is given up (inf).
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
    values, probabilities = mean_sign_law(well.n, snapshots.batch)
    device, target = rng.device, _binned_target(well).to(rng.device)
    cumulative = torch.tensor(np.cumsum(probabilities)[:-1], dtype=torch.float32, device=device)
    signs = torch.tensor(values, dtype=torch.float32, device=device)
    shape, sd = (replicates, chains), well.noise(step)
    x = normal(*shape, rng=rng, dtype=torch.float32) * START_SD + START_MEAN
    hit = torch.full((replicates,), math.inf, dtype=torch.float64, device=device)
    extra, moved = torch.zeros_like(x), torch.zeros_like(x)
    for k in range(longest):
        if k % snapshots.inner == 0:
            extra.zero_()
        else:
            draw = uniform(*shape, rng=rng, dtype=torch.float32)
            extra += well.c * signs[torch.bucketize(draw, cumulative, out_int32=True)] * moved
        v = well.gradient(x) + extra
        moved = normal(*shape, rng=rng, dtype=torch.float32) * sd - step * v
        x = x + moved
        kl = _histogram_divergence(x, target) - bias
        hit = torch.where((kl <= eps) & hit.isinf(), float(k + 1), hit)
        if not hit.isinf().any():
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
    counts = torch.bincount((which + offsets).flatten(), minlength=rows * BINS)
    p = counts.view(rows, BINS).double() / chains
    return torch.xlogy(p, p / target).sum(1)
