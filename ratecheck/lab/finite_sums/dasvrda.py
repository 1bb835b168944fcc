"""Rounds of doubly accelerated variance reduction (Murata and Suzuki, NIPS 2017), on `blocks`.

DASVRDA: a stage is m steps of accelerated dual averaging with batches of b gradient differences
from a snapshot; stages are extrapolated once more, and restarted every S stages. With b workers a
step is a round, a full gradient n/b rounds. The ridge mu |x|^2/2 is the regulariser. Expectations
are exact.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.finite_sums.blocks import Blocks

HALVINGS = 48
LOG_LONGEST = 9


def stage(o: Blocks, like: Tensor, *, inner: int, batch: int, etas: Tensor) -> Tensor:
    """What a stage makes of the second moments of its start y and its snapshot s.

    It is the same for all replicates, and computed on the processor.

    Parameters
    ----------
    o : Blocks
    like : Tensor
        Of whose type, and on whose device, the result is.
    inner, batch : int
        m and b.
    etas : Tensor of shape (E,)
        Steps.

    Returns
    -------
    Tensor of shape (E, D, 3, 3, 3)
        Moments of (x_m, z_m, s), shape (3, 3) in front, for E y^2 = 1, E y s = 1 or E s^2 = 1 and
        else 0.
    """
    mean, variance = (part.cpu().numpy() for part in o.data(like))
    return torch.from_numpy(_stage(mean, variance / batch, etas.cpu().numpy(), o.mu, inner)).to(
        like
    )


@njit(cache=True)
def _stage(
    means: np.ndarray, variances: np.ndarray, etas: np.ndarray, mu: float, inner: int
) -> np.ndarray:
    out = np.empty((etas.shape[0], means.shape[0], 3, 3, 3))
    for e in range(etas.shape[0]):
        for d in range(means.shape[0]):
            for i in range(3):
                one = np.zeros(3)
                one[i] = 1.0
                out[e, d, :, :, i] = _moments(one, means[d], variances[d], etas[e], mu, inner)
    return out


@njit(cache=True)
def _moments(
    start: np.ndarray, mean: float, variance: float, eta: float, mu: float, inner: int
) -> np.ndarray:
    """Moments of (x, z, s) after a stage: the entries are x, the mean gradient G, y = z_0 and s."""
    yy, ys, ss = start
    xx, xy, xs, xG, GG, Gy, Gs = yy, yy, ys, 0.0, 0.0, 0.0, 0.0
    before, pull = 0.5, 0.0  # theta_{k-1}, and eta theta_{k-1} theta_{k-2}
    for k in range(1, inner + 1):
        theta = (k + 1) / 2
        a, c = 1 - 1 / theta, 1 / theta
        # u = a x + p G + r y - s is the point between, less the snapshot: the batch sees h u
        r = c / (1 + pull * mu)
        p = -r * pull
        ux, uG = a * xx + p * xG + r * xy - xs, a * xG + p * GG + r * Gy - Gs
        uy, us = a * xy + p * Gy + r * yy - ys, a * xs + p * Gs + r * ys - ss
        uu = a * ux + p * uG + r * uy - us
        # G' = a G + c (h u + E h s)
        xG = a * xG + c * mean * (ux + xs)
        GG = (a * a * GG + 2 * a * c * mean * (uG + Gs) + (c * mean) ** 2 * (uu + 2 * us + ss)
              + c * c * variance * uu)  # fmt: skip
        Gy, Gs = a * Gy + c * mean * (uy + ys), a * Gs + c * mean * (us + ss)
        # x' = a x + t y + f G', as z' = (y - pull G')/(1 + pull mu)
        pull = eta * theta * before
        t = c / (1 + pull * mu)
        f = -t * pull
        xx = a * (a * xx + 2 * t * xy + 2 * f * xG) + t * (t * yy + 2 * f * Gy) + f * f * GG
        xG = a * xG + t * Gy + f * GG
        xy, xs = a * xy + t * yy + f * Gy, a * xs + t * ys + f * Gs
        before = theta
    z = 1 / (1 + pull * mu)
    xz, zs = z * (xy - pull * xG), z * (ys - pull * Gs)
    zz = z * z * (yy - 2 * pull * Gy + pull * pull * GG)
    return np.array([[xx, xz, xs], [xz, zz, zs], [xs, zs, ss]])


def restarts(maps: Tensor, gamma: float, longest: int, *, outer: bool = True) -> Tensor:
    """What S stages from one point make of E x^2, S = 1, ..., longest: shape (longest, E, D).

    ``outer`` is the second acceleration, without which a stage begins at its snapshot.
    """
    # moments of x_{s-1}, z_{s-1} and x_{s-2}
    now = torch.ones(*maps.shape[:2], 3, 3, dtype=maps.dtype, device=maps.device)
    before, factors = 1 - 1 / gamma, []
    for s in range(1, longest + 1):
        theta = (1 - 1 / gamma) * (s + 2) / 2
        ahead, towards = (before - 1) / theta, before / theta
        y = [1 + ahead - towards, towards, -ahead] if outer else [1.0, 0.0, 0.0]
        row = torch.tensor(y, dtype=maps.dtype, device=maps.device)
        with_x = now[..., 0, :] @ row
        inputs = torch.stack([now @ row @ row, with_x, now[..., 0, 0]], -1)
        now = (maps @ inputs[..., None, :, None])[..., 0]
        factors.append(now[..., 0, 0])
        before = theta
    return torch.stack(factors)


def rounds(
    o: Blocks, energies: Tensor, eps: float, *, n: int, batch: int, steps: Tensor,
    outer: bool = True,
) -> Tensor:  # fmt: skip
    """Fewest rounds until E f - f* is eps times that of the start, over steps and restarts.

    Parameters
    ----------
    o : Blocks
    energies : Tensor of shape (R, D)
        Of the start.
    eps : float
    n, batch : int
        What the method knows of n, and b; m is n/b.
    steps : Tensor of shape (E,)
        Multiples of the paper's step.
    outer : bool
        Whether there is the second acceleration.

    Returns
    -------
    Tensor of shape (R,)
    """
    inner = max(1, round(n / batch))
    gamma = (3 + math.sqrt(9 + 8 * batch / (inner + 1))) / 2
    etas = steps / ((1 + gamma * (inner + 1) / batch) * o.L)
    maps = stage(o, energies, inner=inner, batch=batch, etas=etas)
    falls = restarts(maps, gamma, 2**LOG_LONGEST, outer=outer)
    goal, log = eps * energies.sum(1), falls.clamp_min(1e-300).log()
    lengths = torch.tensor(sorted({round(2 ** (j / 2)) for j in range(2 * LOG_LONGEST + 1)}))
    stages = _stages(falls, log[lengths - 1], lengths.to(energies), energies, goal)
    return (inner + n / batch) * stages.amin((0, 1))


def _stages(falls: Tensor, log: Tensor, lengths: Tensor, energies: Tensor, goal: Tensor) -> Tensor:
    """Stages with each length between restarts and each step: shape (S, E, R), inf where never."""

    def gap(times: Tensor) -> Tensor:
        return torch.einsum("serd,rd->ser", (times[..., None] * log[:, :, None]).exp(), energies)

    # restarts until the gap is below, by bisection: every coordinate falls by its factor each time
    low = torch.zeros(*log.shape[:2], len(goal)).to(energies)
    high = low + 2.0**24
    never = ~(gap(high) <= goal)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        away = ~(gap(middle) <= goal)
        low, high = torch.where(away, middle, low), torch.where(away, high, middle)
    whole = (high.ceil() - 1).clamp_min(0)
    # and the first stage after the last but one of these at which it is
    left = energies * (whole[..., None] * log[:, :, None]).exp()
    last = torch.einsum("serd,ted->sert", left, falls)
    done = last <= goal[:, None]
    part = torch.where(done.any(-1), done.to(torch.uint8).argmax(-1) + 1, math.inf)
    return torch.where(never, math.inf, whole * lengths[:, None, None] + part)
