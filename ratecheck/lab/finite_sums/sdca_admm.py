"""Stochastic dual coordinate ascent with alternating directions, on a finite sum of squares.

    P(w) = (1/n) sum_i ((z_i, w) - t_i)^2/2 + Psi(B^T w),   Psi the fused penalty,

has the dual min sum_i f_i^*(a_i) + n Psi^*(y/n), sum_i a_i z_i + B y = 0, with the multiplier w.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.finite_sums.fused import LARGEST, Penalty, adjoint, differences
from ratecheck.lab.finite_sums.online_admm import LEVELS, Splitting, proximal

SAFE = 1.1  # over the largest eigenvalue of a block
NOISE = 0.1  # standard deviation of responses


@dataclass(frozen=True, eq=False)
class FusedLeastSquares:
    """A problem.

    Attributes
    ----------
    rows : Tensor of shape (n, d)
    t : Tensor of shape (n,)
    penalty : Penalty
        Of the differences.
    """

    rows: Tensor
    t: Tensor
    penalty: Penalty

    def value(self, w: Tensor) -> Tensor:
        """P, shape (...,), at w of shape (..., d)."""
        return (w @ self.rows.T - self.t).square().mean(-1) / 2 + self.penalty(differences(w))

    @cached_property
    def lowest(self) -> float:
        """min P, by accelerated proximal descent on the first coordinate and the differences.

        There the penalty is a sum over coordinates; momentum is dropped where it goes uphill.
        """
        d = self.rows.shape[1]
        design = self.rows @ torch.ones(d, d).tril().to(self.rows)  # w = sums of (w_1, differences)
        step = len(design) / float(torch.linalg.matrix_norm(design, 2)) ** 2
        x = y = torch.zeros(d).to(design)
        momentum = 1.0
        for _ in range(20_000):
            slope = design.T @ (design @ y - self.t) / len(design)
            new = y - step * slope
            new = torch.cat([new[:1], self.penalty.prox(new[1:], step)])
            if (y - new) @ (new - x) > 0:
                momentum = 1.0
            after = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
            y, moved = new + (momentum - 1) / after * (new - x), float((new - x).abs().max())
            x, momentum = new, after
            if moved < 1e-15:
                break
        return float(self.value(x.cumsum(0)))


def draw(n: int, d: int, penalty: Penalty, sample: int) -> FusedLeastSquares:
    """Rows N(0, I/d), responses of four levels with noise; fewer rows are the first of more."""
    rng = torch.Generator().manual_seed(sample)
    rows, noise = normal(n, d + 1, rng=rng).split([d, 1], 1)
    rows = rows / math.sqrt(d)
    truth = torch.tensor(LEVELS).to(rows).repeat_interleave(d // 4)
    return FusedLeastSquares(rows, rows @ truth + NOISE * noise[:, 0], penalty)


def passes(
    o: FusedLeastSquares, eps: float, *, batch: int, longest: int, replicates: int,
    rng: torch.Generator, rho: float = 0.3,
) -> Tensor:  # fmt: skip
    """Passes over the data until P - min P is eps of the start's, shape (R,); inf after longest.

    Each step takes one of n/batch blocks at random; what happens within a pass is interpolated.
    """
    n, d = o.rows.shape
    device = rng.device
    z, t = o.rows.to(device).view(n // batch, batch, d), o.t.to(device).view(n // batch, batch)
    scale = SAFE * torch.linalg.matrix_norm(z, 2).square()[:, None]
    w = torch.zeros(replicates, d, dtype=z.dtype, device=device)
    a, y, r = w.new_zeros(replicates, *t.shape), differences(w), w
    each, tau = torch.arange(replicates, device=device), rho * (LARGEST + 1)
    here = FusedLeastSquares(o.rows.to(device), o.t.to(device), o.penalty)
    before = start = here.value(w) - o.lowest
    found = torch.full_like(start, math.inf)
    for count in range(longest):
        for _ in range(n // batch):
            q = y + differences(w / rho - r) / (LARGEST + 1)
            new = q - o.penalty.prox(tau * q, tau * n) / tau
            i = torch.randint(n // batch, (replicates,), generator=rng, device=device)
            old, r, y = r, r + adjoint(new - y), new
            c, block = rho * scale[i], z[i]
            along = torch.einsum("rbd,rd->rb", block, w / rho - r)
            moved = (c * (a[each, i] + along / scale[i]) - t[i]) / (1 + c)
            r = r + torch.einsum("rb,rbd->rd", moved - a[each, i], block)
            a[each, i] = moved
            w = w - rho / (4 * n) * (n * r - (n - batch) * old)
        gap = here.value(w) - o.lowest
        found, before = _arrived(found, before, gap, eps * start, count), gap
        if bool(found.isfinite().all()):
            break
    return found


def online_passes(
    o: FusedLeastSquares, eps: float, s: Splitting, *, longest: int, replicates: int,
    rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """The same for the mean point of online proximal descent on rows drawn with replacement."""
    n = len(o.t)
    times = [n * (count + 1) for count in range(longest)]
    gaps = proximal(Drawn(o), s, times, replicates=replicates, rng=rng).mean
    start = o.value(torch.zeros_like(o.rows[0])).to(gaps) - o.lowest
    found, before = gaps.new_full((replicates,), math.inf), start.expand(replicates)
    for count, gap in enumerate(gaps.unbind(1)):
        found, before = _arrived(found, before, gap, eps * start, count), gap
    return found


def _arrived(found: Tensor, before: Tensor, gap: Tensor, goal: Tensor, count: int) -> Tensor:
    """With the passes of those that arrive in this one, between whose ends log gap is straight."""
    part = ((before / goal).log() / (before / gap).log()).clamp(0, 1)
    return torch.where((gap <= goal) & found.isinf(), count + part, found)


@dataclass(frozen=True, eq=False)
class Drawn:
    """The same problem as a stream of its rows, drawn with replacement."""

    o: FusedLeastSquares

    @property
    def d(self) -> int:
        """Dimension."""
        return self.o.rows.shape[1]

    @property
    def penalty(self) -> Penalty:
        """Of differences."""
        return self.o.penalty

    @property
    def lowest(self) -> float:
        """min P."""
        return self.o.lowest

    def slope(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """The gradient of a row's square at points of shape (R, d)."""
        i = torch.randint(len(self.o.t), (len(x),), generator=rng, device=x.device)
        z, t = self.o.rows.to(x.device)[i], self.o.t.to(x.device)[i]
        return z * ((z * x).sum(-1) - t)[:, None]

    def value(self, x: Tensor) -> Tensor:
        """P."""
        return self.o.value(x)
