"""Regions under a rough graph: a boundary of smoothness exactly alpha.

f(x_1, x_2) = 1{x_2 < b(x_1)} on the unit square with a Weierstrass series

    b(x) = 1/2 + w sum_j 2^(-j alpha) P_j(x),

P_j being cos(2 pi 2^j x + phase_j) less its Taylor polynomial at 1/2, of degree 0 (alpha < 1) or 1
(alpha > 1). With scales from far above the strips of a fit to far below them the series looks the
same at every width of strip: the error of its best piecewise polynomials is width^alpha times a
constant. (Scales from 1 on only, as Weierstrass has them, leave the coarse ones out, and that error
falls visibly slower on the widths that can be simulated; the Taylor polynomials keep the coarse
scales bounded, and no fit in strips sees them.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform

SCALES = range(-5, 12)
SWING = 0.5
QUADRATURE = 8192


@dataclass(frozen=True)
class Boundary:
    """R graphs, and the indicators of the regions under them.

    Attributes
    ----------
    alpha : float
        Between 0 and 2, not 1.
    phases : Tensor of shape (R, scales)
    """

    alpha: float
    phases: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """0 or 1 at points (R, n, 2)."""
        return (x[..., 1] < self.height(x[..., 0])).to(x.dtype)

    def height(self, x: Tensor) -> Tensor:
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


@dataclass(frozen=True)
class Prior:
    """The law of the boundaries of smoothness alpha."""

    alpha: float

    def draw(self, *, replicates: int, rng: torch.Generator) -> Boundary:
        """Random boundaries."""
        return Boundary(self.alpha, 2 * math.pi * uniform(replicates, len(SCALES), rng=rng))


@dataclass(frozen=True)
class Pieces:
    """R regions under graphs that are straight in each of equally wide strips.

    Attributes
    ----------
    heights, slopes : Tensors of shape (R, strips)
        Height in the middle of each strip, and slope there.
    """

    heights: Tensor
    slopes: Tensor

    def area_between(self, truth: Boundary) -> Tensor:
        """Area between this graph and the true one within the square: shape (R,)."""
        device = self.heights.device
        at = (torch.arange(QUADRATURE, dtype=torch.float64, device=device) + 0.5) / QUADRATURE
        strips = self.heights.shape[1]
        strip = (at * strips).long()
        heights = self.heights[:, strip] + self.slopes[:, strip] * (at - (strip + 0.5) / strips)
        distance = heights.clamp(0.0, 1.0) - truth.height(at.expand(len(heights), -1))
        return distance.abs().mean(1)
