"""Half-planes in the unit square: a jump along a random line.

f(x) = 1{v(x - x0) > c} with v a unit vector of uniform direction, x0 the centre of the square and c
uniform on [-A, A], A = sqrt(1/2) half the diagonal. Over such targets f has mean 1/2 and

    cov(f(x), f(z)) = 1/4 - |x - z| / (2 pi A),

because a line separates x and z with a probability proportional to their distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform

HALF_DIAGONAL = math.sqrt(0.5)
CENTRE = 0.5


@dataclass(frozen=True)
class HalfPlane:
    """R half-planes {x : normal . x > offset}.

    Attributes
    ----------
    normal : Tensor of shape (R, 2)
        Unit vectors.
    offset : Tensor of shape (R,)
    """

    normal: Tensor
    offset: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """0 or 1 at points (R, n, 2)."""
        inside = (x @ self.normal[..., None])[..., 0] > self.offset[:, None]
        return inside.to(x.dtype)

    def area_between(self, truth: HalfPlane) -> Tensor:
        """Area of the symmetric difference within the unit square, exactly: shape (R,).

        The length of a horizontal chord is linear in its height between the heights at which a line
        meets the other one or a side of the square, so that the midpoint rule between those is
        exact.
        """
        normals = torch.stack([self.normal, truth.normal], 1)
        offsets = torch.stack([self.offset, truth.offset], 1)
        tiny = 1e-300
        sides = [
            (offsets - normals[..., 0] * side) / (normals[..., 1] + tiny) for side in (0.0, 1.0)
        ]
        a, b = normals[:, 0], normals[:, 1]
        crossing = (a[:, 0] * offsets[:, 1] - b[:, 0] * offsets[:, 0]) / (
            a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] + tiny
        )
        heights = torch.cat([*sides, crossing[:, None]], 1).nan_to_num(0.0).clamp(0.0, 1.0)
        ends = torch.zeros_like(heights[:, :1])
        heights = torch.cat([ends, heights, ends + 1], 1).sort(1).values
        middle = (heights[:, 1:] + heights[:, :-1]) / 2
        chord = _chord_between(normals, offsets, middle)
        return (chord * heights.diff(dim=1)).sum(1)


@dataclass(frozen=True)
class Prior:
    """The law of the half-planes."""

    def draw(self, *, replicates: int, rng: torch.Generator) -> HalfPlane:
        """Random half-planes."""
        angle = 2 * math.pi * uniform(replicates, rng=rng)
        normal = torch.stack([angle.cos(), angle.sin()], -1)
        shift = HALF_DIAGONAL * (2 * uniform(replicates, rng=rng) - 1)
        return HalfPlane(normal, CENTRE * normal.sum(-1) + shift)

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, 2) and (R, m, 2): (R, n, m)."""
        distances = torch.cdist(x, z, compute_mode="donot_use_mm_for_euclid_dist")
        return distances.mul_(-1 / (2 * math.pi * HALF_DIAGONAL)).add_(0.25)

    def variance(self, x: Tensor) -> float:
        """1/4 everywhere."""
        return 0.25


def _chord_between(normals: Tensor, offsets: Tensor, height: Tensor) -> Tensor:
    """Length of the symmetric difference on horizontal lines, of shape (R, heights)."""
    beyond = offsets[..., None] - normals[..., 1:] * height[:, None]  # x_1 normal_1 > beyond
    first = normals[..., :1]
    right = first >= 0  # 0, a horizontal line, is the limit of small positive numbers
    cut = (beyond / torch.where(first == 0, 1e-300, first)).clamp(0.0, 1.0)
    low = torch.where(right, cut, 0.0)
    high = torch.where(right, 1.0, cut)
    lengths = (high - low).clamp(min=0.0)
    common = torch.minimum(high[:, 0], high[:, 1]) - torch.maximum(low[:, 0], low[:, 1])
    return lengths.sum(1) - 2 * common.clamp(min=0.0)
