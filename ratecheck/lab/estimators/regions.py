"""Least squares over regions: half-planes, and regions under graphs that are straight in strips.

A region H has the sum of squares sum y^2 - 2 sum_H (y - 1/2): the best one has the greatest total
weight, and is found exactly. Such regions are what few neurons draw: a half-plane is a neuron, and
a sparse ReLU network of as many neurons as pieces contains the graphs (Imaizumi and Fukumizu,
AISTATS 2019, arXiv:1802.04474, Section 3.2). With n^(1/(alpha+1)) pieces the risk at a boundary of
smoothness alpha is n^(-alpha/(alpha+1)).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ratecheck.lab.targets.fragments import Pieces, steepest
from ratecheck.lab.targets.half_planes import HalfPlane


def half_plane(x: Tensor, y: Tensor) -> HalfPlane:
    """Least squares over all half-planes, exactly.

    Some best one has a datum on its border: for each datum a line is turned about it by half a
    circle, and the data that it passes enter or leave; one sort and one cumulative sum a datum,
    n^2 log n in all.

    Parameters
    ----------
    x : Tensor of shape (R, n, 2)
    y : Tensor of shape (R, n)
        Noisy values of the indicator.
    """
    found = [_best_half_plane(*one) for one in zip(x, y - 0.5, strict=True)]
    return HalfPlane(*(torch.stack(part) for part in zip(*found, strict=True)))


def _best_half_plane(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """The half-plane of greatest total weight."""
    n = len(x)
    away = x[None] - x[:, None]
    angle = torch.atan2(away[..., 1], away[..., 0])
    # left of the line in direction theta = 0 through datum i; itself always outside
    above = angle > 0
    signed = torch.where(above, -weight, weight)
    start = torch.where(above, weight, 0.0).sum(1)
    # turning to theta in (0, pi), the line passes datum j at its angle modulo pi
    turn = torch.where(above, angle, angle + math.pi)
    turn.fill_diagonal_(0.0)
    signed.fill_diagonal_(0.0)
    turn, order = turn.sort(1)
    left = signed.gather(1, order).cumsum_(1).add_(start[:, None])
    right = (weight.sum() - weight)[:, None] - left
    # the datum on the border belongs to the side it is good for
    best, at = torch.maximum(left, right).add_(weight.clamp(min=0.0)[:, None]).flatten().max(0)
    i, k = at // n, at % n
    following = turn[i, k + 1] if k + 1 < n else turn.new_tensor(math.pi)
    theta = (turn[i, k] + following) / 2
    normal = torch.stack([-theta.sin(), theta.cos()])
    offset = normal @ x[i]
    if right[i, k] > left[i, k]:
        normal, offset = -normal, -offset
    total = weight.sum()
    if total.clamp(min=0.0) >= best - 1e-9:  # nothing or the whole square is as good as any line
        offset = offset.new_tensor(-4.0 if total > 0 else 4.0)
    return normal, offset


def below_level(x: Tensor, y: Tensor) -> HalfPlane:
    """Least squares over the half-planes {x_2 < level}, data as for `half_plane`."""
    level = under_graph(x, y, 1, alpha=0.5).heights[:, 0]
    return HalfPlane(level.new_tensor([0.0, -1.0]).expand(len(level), -1), -level)


def under_graph(x: Tensor, y: Tensor, strips: int, alpha: float) -> Pieces:
    """Least squares over regions under piecewise constant or linear graphs.

    In each of equally wide strips the best level, for every slope on a grid: 0 alone where
    alpha <= 1, else steps of width^(alpha - 1), the error that the theorem allows for, halved.

    Parameters
    ----------
    x : Tensor of shape (R, n, 2)
    y : Tensor of shape (R, n)
        Noisy values of the indicator.
    strips : int
    alpha : float
        The smoothness that the slopes are made for (`fragments.steepest` bounds them).
    """
    slopes = np.zeros(1)
    if alpha > 1:
        reach = steepest(alpha)
        slopes = np.linspace(-reach, reach, 2 * math.ceil(2 * reach * strips ** (alpha - 1)) + 1)
    pieces = _pieces(x.cpu().numpy(), y.cpu().numpy() - 0.5, strips, slopes)
    return Pieces(*torch.from_numpy(pieces).to(x.device).unbind(-1))


@njit(cache=True)
def _pieces(x: np.ndarray, weight: np.ndarray, strips: int, slopes: np.ndarray) -> np.ndarray:
    """The graph with the greatest weight under it in each strip.

    From one slope to the next the data of a strip are almost in order: insertion sort.
    """
    replicates = len(weight)
    out = np.zeros((replicates, strips, 2))
    for r in range(replicates):
        strip = np.minimum((x[r, :, 0] * strips).astype(np.int64), strips - 1)
        by_strip = np.argsort(strip, kind="mergesort")
        start = np.searchsorted(strip[by_strip], np.arange(strips + 1))
        for k in range(strips):
            members = by_strip[start[k] : start[k + 1]]
            across = x[r, members, 0] - (k + 0.5) / strips
            up = x[r, members, 1].copy()
            value = weight[r, members].copy()
            order = np.argsort(up - slopes[0] * across)
            across, up, value = across[order], up[order], value[order]
            level = up - slopes[0] * across
            best = -np.inf
            for slope in slopes:
                for i in range(len(level)):
                    a, u, v = across[i], up[i], value[i]
                    here = u - slope * a
                    j = i
                    while j > 0 and level[j - 1] > here:
                        across[j], up[j], value[j] = across[j - 1], up[j - 1], value[j - 1]
                        level[j] = level[j - 1]
                        j -= 1
                    across[j], up[j], value[j], level[j] = a, u, v, here
                total = 0.0
                below = 0.0
                for i in range(len(level) + 1):
                    above = level[i] if i < len(level) else 1.0
                    if total > best:
                        best = total
                        out[r, k, 0] = (below + above) / 2 if i > 0 else 0.0
                        out[r, k, 1] = slope
                    if i < len(level):
                        total += value[i]
                        below = level[i]
    return out
