"""Total-variation denoising of a patch of a photograph, a finite sum over its n pixels.

    P(w) = (1/n) sum_i f(w_i, y_i) + (1/n) sum_{i ~ j} (size |w_i - w_j| + ridge/2 |w_i - w_j|^2)

Pixel i is datum i, seen through the i-th unit vector: dual coordinates a and their residuals
r = a + B v are images, v being the differences' duals. Ways are those of `sdca_admm`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.finite_sums.fused import Penalty
from ratecheck.lab.finite_sums.losses import Loss, Squared
from ratecheck.lab.finite_sums.online_admm import Splitting, proximal
from ratecheck.lab.finite_sums.sdca_admm import SAFE, _Clock
from ratecheck.lab.images import NAMES, photograph

CERTAIN = 1e-11  # what is between a minimum and its bound by duality
LONGEST = 100_000  # steps of the dual
BLOCK = 8  # pixels that are drawn at once


@dataclass(frozen=True, kw_only=True)
class Grid(Penalty):
    """The fused penalty on the differences of a square image's neighbours, (side, side) flat.

    Differences, 2 side (side - 1) of them, are those along rows, then those along columns.
    """

    side: int
    largest = 8.0

    def split(self, x: Tensor) -> Tensor:
        """B^T x of images of shape (..., side^2)."""
        image = x.unflatten(-1, (self.side, self.side))
        return torch.cat([image.diff(dim=-1).flatten(-2), image.diff(dim=-2).flatten(-2)], -1)

    def join(self, u: Tensor) -> Tensor:
        """B u, shape (..., side^2)."""
        along, down = u.chunk(2, -1)
        along = along.unflatten(-1, (self.side, self.side - 1))
        down = down.unflatten(-1, (self.side - 1, self.side))
        image = u.new_zeros(*u.shape[:-1], self.side, self.side)
        image[..., 1:] += along
        image[..., :-1] -= along
        image[..., 1:, :] += down
        image[..., :-1, :] -= down
        return image.flatten(-2)

    def prox(self, u: Tensor, step: float) -> Tensor:
        """The proximal step: argmin of step Psi + |. - u|^2/2."""
        shrunk = torch.nn.functional.softshrink(u, step * self.size)
        return shrunk / (1 + step * self.ridge)


class Absolute:
    """|s - t|, which is not smooth: its conjugate a t on [-1, 1] is not strongly convex."""

    def value(self, s: Tensor, t: Tensor) -> Tensor:
        """f."""
        return (s - t).abs()

    def slope(self, s: Tensor, t: Tensor) -> Tensor:
        """A subgradient in s."""
        return (s - t).sign()

    def curvature(self, s: Tensor, t: Tensor) -> Tensor:
        """f'' in s, where there is one."""
        return torch.zeros_like(s)

    def dual_prox(self, p: Tensor, c: Tensor, t: Tensor) -> Tensor:
        """argmin over a of f^*(a, t) + c (a - p)^2/2."""
        return (p - t / c).clamp(-1, 1)


@dataclass(frozen=True, eq=False)
class Noisy:
    """A problem, and a stream of blocks of its pixels, drawn with replacement.

    Attributes
    ----------
    y : Tensor of shape (n,)
        Grey levels with noise, row by row.
    penalty : Grid
        Divided by n already.
    loss : Loss
        Squared or `Absolute`.
    """

    y: Tensor
    penalty: Grid
    loss: Loss

    @property
    def d(self) -> int:
        """Dimension, n."""
        return len(self.y)

    def value(self, w: Tensor) -> Tensor:
        """P, shape (...,), at images of shape (..., n)."""
        losses = self.loss.value(w, self.y.to(w)).mean(-1)
        return losses + self.penalty(self.penalty.split(w))

    def slope(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """The gradient of a block's mean loss at images of shape (R, n)."""
        i = torch.randint(self.d, (len(x), BLOCK), generator=rng, device=x.device)
        slopes = self.loss.slope(x.gather(1, i), self.y.to(x)[i]) / BLOCK
        return torch.zeros_like(x).scatter_add(1, i, slopes)

    @cached_property
    def lowest(self) -> float:
        """min P, from below: accelerated proximal descent of the dual, or a linear program.

        Raises
        ------
        ArithmeticError
            If it is not known to `CERTAIN` by the duality gap.
        ValueError
            If the loss is absolute and there is a ridge.
        """
        return self._least_squares() if isinstance(self.loss, Squared) else self._program()

    def _least_squares(self) -> float:
        """The dual: min |y - B v|^2/2 + sum (|v| - size)_+^2/(2 ridge); w = y - B v.

        Momentum starts anew where it leads upwards (O'Donoghue & Candes, 2015).
        """
        b, n, y = self.penalty, self.d, self.y
        size, ridge = n * b.size, n * b.ridge
        less = ridge * b.largest / (1 + ridge * b.largest)
        v = ahead = b.split(0 * y)
        t = 1.0
        for k in range(LONGEST):
            at = ahead + b.split(y - b.join(ahead)) / b.largest
            inside = at.clamp(-size, size)
            before, v = v, inside + less * (at - inside)
            if float(((ahead - v) * (v - before)).sum()) > 0:
                t = 1.0
            later = (1 + math.sqrt(1 + 4 * t**2)) / 2
            ahead, t = v + (t - 1) / later * (v - before), later
            if k % 100 == 99:
                over = (v.abs() - size).clamp_min(0).square().sum()
                bound = (y.square() - (y - b.join(v)).square()).sum() / 2
                bound = bound - (over / (2 * ridge) if ridge else over)
                if float(self.value(y - b.join(v)) - bound / n) < CERTAIN:
                    return float(bound / n)
        raise ArithmeticError("the dual of the image does not come to rest")

    def _program(self) -> float:
        """Parts of w - y and of differences, positive and negative, are what is paid for."""
        if self.penalty.ridge:
            raise ValueError("the minimum of absolute losses is computed without a ridge")
        n = self.d
        parts = self.penalty.split(torch.eye(n).double()).T.numpy()
        rows = np.concatenate([np.eye(n), parts])
        each = np.eye(len(rows))
        price = np.r_[np.full(n, 1 / n), np.full(len(parts), self.penalty.size)]
        found = linprog(
            np.r_[np.zeros(n), price, price],
            A_eq=np.concatenate([rows, each, -each], 1),
            b_eq=np.r_[self.y.numpy(), np.zeros(len(parts))],
            bounds=[(None, None)] * n + [(0, None)] * (2 * len(price)),
        )
        if found.fun is None:
            raise ArithmeticError(found.message)
        return float(found.fun)


def patch(n: int, image: int, noise: float, ridge: float, sharp: bool = False) -> Noisy:
    """A square of n pixels, whose corner is the middle of a photograph, with Gaussian noise.

    The size of the penalty is the noise's. Smaller squares are corners of larger ones, with their
    noise.

    Parameters
    ----------
    n : int
        A square number.
    image : int
        Which of `images.NAMES`.
    noise : float
        Standard deviation; grey levels are between 0 and 1.
    ridge : float
    sharp : bool
        Whether losses are absolute.
    """
    side, grey = math.isqrt(n), photograph(NAMES[image])
    rng = torch.Generator().manual_seed(image)
    y = grey + noise * normal(*grey.shape, rng=rng)
    top, left = (length // 2 for length in grey.shape)
    return Noisy(
        y[top : top + side, left : left + side].flatten(),
        Grid(noise / n, ridge / n, side=side),
        Absolute() if sharp else Squared(),
    )


def passes(
    o: Noisy, goals: Sequence[float], *, batch: int, longest: int, replicates: int,
    rng: torch.Generator, rho: float = 1.0,
) -> Tensor:  # fmt: skip
    """Passes over the pixels until P - min P is a goal's part of the start's, shape (R, goals).

    They are inf after longest. Each step takes one of n/batch blocks at random; what happens within
    a pass is interpolated.
    """
    n, b, blocks = o.d, o.penalty, o.d // batch
    t = o.y.to(rng.device).view(blocks, batch)
    w = torch.zeros(replicates, n, dtype=t.dtype, device=rng.device)
    a, v, r = w.view(-1, *t.shape).clone(), b.split(w), w
    each, tau = torch.arange(replicates, device=rng.device), rho * (b.largest + 1)
    c = w.new_tensor(rho * SAFE)
    clock = _Clock(o.value(w) - o.lowest, goals)
    for _ in range(longest):
        for _ in range(blocks):
            q = v + b.split(w / rho - r) / (b.largest + 1)
            new = q - b.prox(tau * q, tau * n) / tau
            i = torch.randint(blocks, (replicates,), generator=rng, device=rng.device)
            old, r, v = r, r + b.join(new - v), new
            along = (w / rho - r).view_as(a)[each, i]
            moved = o.loss.dual_prox(a[each, i] + along / SAFE, c, t[i])
            r.view_as(a)[each, i] += moved - a[each, i]
            a[each, i] = moved
            w = w - rho / (4 * n) * (n * r - (n - batch) * old)
        if clock.arrived(o.value(w) - o.lowest):
            break
    return clock.times


def online_passes(
    o: Noisy, goals: Sequence[float], *, longest: int, replicates: int, rng: torch.Generator
) -> Tensor:
    """The same for the mean point of online proximal descent on blocks drawn with replacement.

    P is mu-strongly convex, mu = 1/n, and blocks of m pixels have slopes of Lipschitz constant
    L = 1/m: steps are 1/(mu (t + L/mu)) = n/(t + n/m). The splitting's weight is mu, too.
    """
    s = Splitting(o.d, 1.0, o.d / BLOCK, rho=1 / o.d)
    times = [o.d // BLOCK * (count + 1) for count in range(longest)]
    gaps = proximal(o, s, times, replicates=replicates, rng=rng).mean
    clock = _Clock((o.value(0 * o.y) - o.lowest).to(gaps).expand(replicates), goals)
    for gap in gaps.unbind(1):
        clock.arrived(gap)
    return clock.times
