"""Regions under a rough graph: a boundary of smoothness exactly alpha, and least squares in strips.

f(x_1, x_2) = 1{x_2 < b(x_1)} on the unit square with a Weierstrass series

    b(x) = 1/2 + w sum_j 2^(-j alpha) P_j(x),

P_j being cos(2 pi 2^j x + phase_j) less its Taylor polynomial at 1/2, of degree 0 (alpha < 1) or 1
(alpha > 1). With scales from far above the strips of a fit to far below them the series looks the
same at every width of strip: the error of its best piecewise polynomials is width^alpha times a
constant. (Scales from 1 on only, as Weierstrass has them, leave the coarse ones out, and that error
falls visibly slower on the widths that can be simulated; the Taylor polynomials keep the coarse
scales bounded, and no fit in strips sees them.)

`fit` is exact least squares over piecewise constant (alpha <= 1) or
piecewise linear boundaries, a class that a sparse ReLU network of as many neurons as pieces
contains (Imaizumi and Fukumizu, AISTATS 2019, arXiv:1802.04474, Section 3.2); with n^(1/(alpha+1))
pieces its risk is n^(-alpha/(alpha+1)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numba import njit
from torch import Tensor

SCALES = range(-5, 12)
SWING = 0.5
QUADRATURE = 8192


@dataclass(frozen=True)
class Boundary:
    """R graphs.

    Attributes
    ----------
    alpha : float
        Between 0 and 2, not 1.
    phases : Tensor of shape (R, scales)
    """

    alpha: float
    phases: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Heights at abscissae (R, n)."""
        height = torch.full_like(x, 0.5)
        for j, weight, phase in zip(
            SCALES, _weights(self.alpha), self.phases[..., None].unbind(1), strict=True
        ):
            frequency = 2 * math.pi * 2.0**j
            centre = frequency / 2 + phase
            part = (frequency * x + phase).cos() - centre.cos()
            if self.alpha > 1:
                part += frequency * (x - 0.5) * centre.sin()
            height += weight * part
        return height


def _weights(alpha: float) -> list[float]:
    """Weights of the scales, such that no boundary is further than SWING from 1/2."""
    if not (0 < alpha < 2 and alpha != 1):
        raise ValueError(f"alpha = {alpha} is not between 0 and 2, or is 1")
    sizes = [2.0 ** (-j * alpha) for j in SCALES]
    halves = [math.pi * 2.0**j for j in SCALES]  # phase from the middle to a side
    if alpha < 1:
        bounds = [min(2.0, a) for a in halves]
    else:
        bounds = [min(2.0 + a, a * a / 2) for a in halves]
    reach = math.fsum(size * bound for size, bound in zip(sizes, bounds, strict=True))
    return [SWING * size / reach for size in sizes]


def steepest(alpha: float) -> float:
    """A bound on the slope of every boundary, for alpha > 1."""
    return math.fsum(
        weight * 2 * math.pi * 2.0**j * min(2.0, math.pi * 2.0**j)
        for j, weight in zip(SCALES, _weights(alpha), strict=True)
    )


def draw(alpha: float, *, replicates: int, rng: torch.Generator) -> Boundary:
    """Random boundaries."""
    shape: dict[str, Any] = {"generator": rng, "device": rng.device, "dtype": torch.float64}
    return Boundary(alpha, 2 * math.pi * torch.rand(replicates, len(SCALES), **shape))


def fit(x: Tensor, y: Tensor, strips: int, alpha: float) -> Tensor:
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

    Returns
    -------
    Tensor of shape (R, strips, 2)
        Height in the middle of each strip and slope.
    """
    slopes = np.zeros(1)
    if alpha > 1:
        reach = steepest(alpha)
        slopes = np.linspace(-reach, reach, 2 * math.ceil(2 * reach * strips ** (alpha - 1)) + 1)
    pieces = _fit(x.cpu().numpy(), y.cpu().numpy() - 0.5, strips, slopes)
    return torch.from_numpy(pieces).to(x.device)


def area_between(pieces: Tensor, truth: Boundary) -> Tensor:
    """Area between the fitted and the true graph within the square: shape (R,)."""
    at = (torch.arange(QUADRATURE, dtype=torch.float64, device=pieces.device) + 0.5) / QUADRATURE
    strips = pieces.shape[1]
    strip = (at * strips).long()
    heights = pieces[:, strip, 0] + pieces[:, strip, 1] * (at - (strip + 0.5) / strips)
    distance = heights.clamp(0.0, 1.0) - truth(at.expand(len(pieces), -1))
    return distance.abs().mean(1)


@njit(cache=True)
def _fit(x: np.ndarray, weight: np.ndarray, strips: int, slopes: np.ndarray) -> np.ndarray:
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
