"""Stochastic dual coordinate ascent with alternating directions, on a finite sum.

    P(w) = (1/n) sum_i f((z_i, w), t_i) + Psi(B^T w),   f a loss, Psi a structure of penalties,

has the dual min sum_i f_i^*(a_i) + n Psi^*(y/n), sum_i a_i z_i + B y = 0, with the multiplier w.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from ratecheck.lab.bundled import bundled
from ratecheck.lab.draws import normal
from ratecheck.lab.finite_sums.fused import Penalty, Structure
from ratecheck.lab.finite_sums.losses import Logistic, Loss, Squared
from ratecheck.lab.finite_sums.online_admm import LEVELS, Splitting, proximal

SAFE = 1.1  # over the largest eigenvalue of a block
NOISE = 0.1  # standard deviation of responses
ONLINE = Splitting(16.0, 1.0, 16)  # steps 16/(t + 16)


@dataclass(frozen=True, eq=False)
class FiniteSum:
    """A problem.

    Attributes
    ----------
    rows : Tensor of shape (n, d)
    t : Tensor of shape (n,)
        Labels.
    penalty : Structure
    loss : Loss
    """

    rows: Tensor
    t: Tensor
    penalty: Structure
    loss: Loss

    def value(self, w: Tensor) -> Tensor:
        """P, shape (...,), at w of shape (..., d)."""
        losses = self.loss.value(w @ self.rows.T, self.t).mean(-1)
        return losses + self.penalty(self.penalty.split(w))

    @cached_property
    def lowest(self) -> float:
        """min P, by alternating directions on all data, the smooth half by Newton's method.

        From there scipy goes on, which knows of no proximal step: a wrong one is not believed.

        Raises
        ------
        ArithmeticError
            If they do not come to rest.
        """
        (n, d), b, rho = self.rows.shape, self.penalty, 0.01
        w = torch.zeros(d).to(self.rows)
        eye = torch.eye(d).to(w)
        pull = b.join(b.split(eye))  # B B^T
        u, dual = b.split(w), b.split(w)
        for _ in range(10_000):
            for _ in range(20):
                s = self.rows @ w
                slope = self.rows.T @ self.loss.slope(s, self.t) / n
                slope = slope + rho * b.join(b.split(w) - u + dual)
                curved = self.rows.T * self.loss.curvature(s, self.t) @ self.rows / n + rho * pull
                step = torch.linalg.solve(curved, slope)
                w = w - step
                if step.abs().max() < 1e-12:
                    break
            before, u = u, b.prox(b.split(w) + dual, 1 / rho)
            dual = dual + b.split(w) - u
            if max((u - before).abs().max(), (b.split(w) - u).abs().max()) < 1e-12:
                return min(float(self.value(w)), self._polished(w))
        raise ArithmeticError("alternating directions do not come to rest")

    def _polished(self, w: Tensor) -> float:
        def both(x: np.ndarray) -> tuple[float, np.ndarray]:
            at = torch.from_numpy(x).requires_grad_()
            value = self.value(at)
            (slope,) = torch.autograd.grad(value, at)
            return float(value.detach()), slope.numpy()

        return float(minimize(both, w.numpy(), jac=True, method="L-BFGS-B", tol=1e-15).fun)


def draw(n: int, d: int, penalty: Penalty, sample: int) -> FiniteSum:
    """Rows N(0, I/d), responses of four levels with noise; fewer rows are the first of more."""
    rng = torch.Generator().manual_seed(sample)
    rows, noise = normal(n, d + 1, rng=rng).split([d, 1], 1)
    rows = rows / math.sqrt(d)
    truth = torch.tensor(LEVELS).to(rows).repeat_interleave(d // 4)
    return FiniteSum(rows, rows @ truth + NOISE * noise[:, 0], penalty, Squared())


def tumours(n: int, penalty: Structure, sample: int) -> FiniteSum:
    """Logistic regression of n of the 569 tumours of ``breast_cancer`` on their 30 features.

    Features are standardised over all tumours, rows scaled to the norm 1. Which ones are taken
    follows from ``sample``; fewer are the first of more.
    """
    x, y = bundled("breast_cancer")
    x = (x - x.mean(0)) / x.std(0)
    chosen = torch.randperm(len(x), generator=torch.Generator().manual_seed(sample))[:n]
    rows = (x / x.norm(dim=1, keepdim=True))[chosen]
    return FiniteSum(rows, 2 * y.to(rows)[chosen] - 1, penalty, Logistic())


def passes(
    o: FiniteSum, goals: Sequence[float], *, batch: int, longest: int, replicates: int,
    rng: torch.Generator, rho: float = 0.3,
) -> Tensor:  # fmt: skip
    """Passes over the data until P - min P is a goal's part of the start's, shape (R, goals).

    They are inf after longest. Each step takes one of n/batch blocks at random; what happens within
    a pass is interpolated.
    """
    n, d = o.rows.shape
    device, b = rng.device, o.penalty
    z, t = o.rows.to(device).view(n // batch, batch, d), o.t.to(device).view(n // batch, batch)
    scale = SAFE * torch.linalg.matrix_norm(z, 2).square()[:, None]
    w = torch.zeros(replicates, d, dtype=z.dtype, device=device)
    a, y, r = w.new_zeros(replicates, *t.shape), b.split(w), w
    each, tau = torch.arange(replicates, device=device), rho * (b.largest + 1)
    here = FiniteSum(o.rows.to(device), o.t.to(device), b, o.loss)
    clock = _Clock(here.value(w) - o.lowest, goals)
    for _ in range(longest):
        for _ in range(n // batch):
            q = y + b.split(w / rho - r) / (b.largest + 1)
            new = q - b.prox(tau * q, tau * n) / tau
            i = torch.randint(n // batch, (replicates,), generator=rng, device=device)
            old, r, y = r, r + b.join(new - y), new
            c, block = rho * scale[i], z[i]
            along = torch.einsum("rbd,rd->rb", block, w / rho - r)
            moved = o.loss.dual_prox(a[each, i] + along / scale[i], c, t[i])
            r = r + torch.einsum("rb,rbd->rd", moved - a[each, i], block)
            a[each, i] = moved
            w = w - rho / (4 * n) * (n * r - (n - batch) * old)
        if clock.arrived(here.value(w) - o.lowest):
            break
    return clock.times


def online_passes(
    o: FiniteSum, goals: Sequence[float], s: Splitting = ONLINE, *, longest: int, replicates: int,
    rng: torch.Generator, batch: int = 1,
) -> Tensor:  # fmt: skip
    """The same for the mean point of online proximal descent on rows drawn with replacement."""
    steps = len(o.t) // batch
    times = [steps * (count + 1) for count in range(longest)]
    gaps = proximal(Drawn(o, batch), s, times, replicates=replicates, rng=rng).mean
    start = o.value(torch.zeros_like(o.rows[0])).to(gaps) - o.lowest
    clock = _Clock(start.expand(replicates), goals)
    for gap in gaps.unbind(1):
        clock.arrived(gap)
    return clock.times


class _Clock:
    """Watches gaps after whole passes; between two of them log gap is straight."""

    def __init__(self, start: Tensor, goals: Sequence[float]) -> None:
        self.goals, self.before = start[:, None] * start.new_tensor(goals), start[:, None]
        self.times, self.passes = torch.full_like(self.goals, math.inf), 0

    def arrived(self, gap: Tensor) -> bool:
        """After another pass; whether all replicates have reached all goals."""
        gap = gap[:, None]
        part = ((self.before / self.goals).log() / (self.before / gap).log()).clamp(0, 1)
        new = (gap <= self.goals) & self.times.isinf()
        self.times = torch.where(new, self.passes + part, self.times)
        self.before, self.passes = gap, self.passes + 1
        return bool(self.times.isfinite().all())


@dataclass(frozen=True, eq=False)
class Drawn:
    """The same problem as a stream of batches of its rows, drawn with replacement."""

    o: FiniteSum
    batch: int = 1

    @property
    def d(self) -> int:
        """Dimension."""
        return self.o.rows.shape[1]

    @property
    def penalty(self) -> Structure:
        """Of what a point is split into."""
        return self.o.penalty

    @property
    def lowest(self) -> float:
        """min P."""
        return self.o.lowest

    def slope(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """The gradient of a batch's mean loss at points of shape (R, d)."""
        size = len(x), self.batch
        i = torch.randint(len(self.o.t), size, generator=rng, device=x.device)
        z, t = self.o.rows.to(x.device)[i], self.o.t.to(x.device)[i]
        slopes = self.o.loss.slope((z @ x[..., None])[..., 0], t)
        return (slopes[:, None] @ z)[:, 0] / self.batch

    def value(self, x: Tensor) -> Tensor:
        """P."""
        return self.o.value(x)
