"""Least squares with the penalty lam |x|_1 + mu |x|^2/2, and methods that really draw its rows.

Rows have the norm 1, so that every component ((a, x) - y)^2/2 is 1-smooth: half of it in a
direction that all share, half in normal ones with variances from 1 down to 1/kappa. Responses are
such that a sparse point, drawn first, is the minimum, and gaps are exact. The start is off it, with
the same energy in every eigenvector of the Hessian.

Methods return, for each setting and each replicate, how many of their rounds it took until
F - F* <= eps of the start's: shape (E, R), inf where that was beyond the budget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal, signs, uniform


@dataclass(frozen=True, eq=False)
class ElasticNet:
    """R problems.

    Attributes
    ----------
    rows : Tensor of shape (R, n, d)
    y : Tensor of shape (R, n)
    mu, lam : float
    best, start : Tensors of shape (R, d)
        The minimum, and where methods start.
    """

    rows: Tensor
    y: Tensor
    mu: float
    lam: float
    best: Tensor
    start: Tensor

    def gradient(self, x: Tensor) -> Tensor:
        """Of the smooth part at points of shape (..., R, d)."""
        return torch.einsum("...rn,rnd->...rd", self._residual(x), self.rows) / self.y.shape[1]

    def batch_gradient(self, change: Tensor, rows: Tensor) -> Tensor:
        """How the gradient on batches, rows of shape (R, b, d), changes with a change of x."""
        along = torch.einsum("...rd,rbd->...rb", change, rows)
        return torch.einsum("...rb,rbd->...rd", along, rows) / rows.shape[1]

    def batch(self, size: int, rng: torch.Generator) -> Tensor:
        """Rows drawn with replacement, shape (R, b, d)."""
        count, n, d = self.rows.shape
        drawn = torch.randint(n, (count, size, 1), generator=rng, device=rng.device)
        return self.rows.gather(1, drawn.expand(-1, -1, d))

    def prox(self, x: Tensor, step: Tensor | float) -> Tensor:
        """The proximal step of the penalty."""
        return x.sign() * (x.abs() - step * self.lam).clamp_min(0) / (1 + step * self.mu)

    def gap(self, x: Tensor) -> Tensor:
        """F - F* at points of shape (..., R, d)."""
        return self._value(x) - self._value(self.best)

    def _residual(self, x: Tensor) -> Tensor:
        return torch.einsum("rnd,...rd->...rn", self.rows, x) - self.y

    def _value(self, x: Tensor) -> Tensor:
        penalty = self.lam * x.abs().sum(-1) + self.mu / 2 * x.square().sum(-1)
        return self._residual(x).square().mean(-1) / 2 + penalty


def draw(
    n: int, kappa: float, *, d: int = 16, lam: float = 1e-3, replicates: int, rng: torch.Generator
) -> ElasticNet:
    """Problems with n rows of d numbers and the condition (1 + mu)/mu = kappa."""
    own = normal(replicates, n, d - 1, rng=rng)
    scales = kappa ** (-torch.arange(d - 1).to(own) / (2 * (d - 2)))
    own = own * scales
    own = own / own.norm(dim=-1, keepdim=True)
    rows = torch.cat([torch.ones_like(own[..., :1]), own], -1) / math.sqrt(2)
    mu = 1 / (kappa - 1)
    best = signs(replicates, d, rng=rng) * (0.5 + uniform(replicates, d, rng=rng))
    best = best * (uniform(replicates, d, rng=rng) < 0.5)
    gram = rows.mT @ rows / n
    slack = 2 * uniform(replicates, d, rng=rng) - 1  # a subgradient where the minimum is 0
    pull = lam * torch.where(best == 0, slack, best.sign()) + mu * best
    y = torch.einsum("rnd,rd->rn", rows, best + torch.linalg.solve(gram, pull))
    values, vectors = torch.linalg.eigh(gram)
    off = (vectors / (values + mu).sqrt()[:, None]).sum(-1)
    return ElasticNet(rows, y, mu, lam, best, best + off)


class _Clock:
    """Watches gaps at whole rounds, and interpolates where they pass the goal."""

    def __init__(self, net: ElasticNet, eps: float, settings: int) -> None:
        gap = net.gap(net.start)
        self.goal, self.before = eps * gap, gap.expand(settings, -1)
        self.times = torch.full((settings, len(gap)), math.inf, dtype=gap.dtype, device=gap.device)
        self.round = 0

    def done(self, gap: Tensor) -> bool:
        """After another round; whether each replicate has arrived in one setting at least."""
        part = ((self.before / self.goal).log() / (self.before / gap).log()).clamp(0, 1)
        new = (gap <= self.goal) & self.times.isinf()
        self.times = torch.where(new, self.round + part, self.times)
        self.before, self.round = gap, self.round + 1
        return bool(self.times.isfinite().any(0).all())


def katyusha(
    net: ElasticNet, eps: float, alphas: Tensor, *, inner: int, batch: int, longest: int,
    rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """Epochs of Katyusha, a full gradient and ``inner`` batches of gradient differences each.

    The snapshot's weight is 1/(2 b), that of the point of momentum 1/(3 alpha), at most that.
    """
    second = 1 / (2 * batch)
    first = (1 / (3 * alphas)).clamp_max(second)[:, None, None]
    alpha = alphas[:, None, None]
    z = y = snapshot = net.start.expand(len(alphas), -1, -1)
    clock = _Clock(net, eps, len(alphas))
    for _ in range(longest):
        full, mean, weight = net.gradient(snapshot), torch.zeros_like(z), 0.0 * alpha
        for _ in range(inner):
            x = first * z + second * snapshot + (1 - first - second) * y
            g = full + net.batch_gradient(x - snapshot, net.batch(batch, rng))
            z, y = net.prox(z - alpha * g, alpha), net.prox(x - g / 3, 1 / 3)
            mean, weight = mean / (1 + alpha * net.mu) + y, weight / (1 + alpha * net.mu) + 1
        snapshot = mean / weight
        if clock.done(net.gap(snapshot)):
            break
    return clock.times


def fista(net: ElasticNet, eps: float, *, longest: int) -> Tensor:
    """Full gradients of accelerated proximal descent with the step 1: shape (1, R)."""
    root = math.sqrt(net.mu / (1 + net.mu))
    momentum = (1 - root) / (1 + root)
    x = y = net.start[None]
    clock = _Clock(net, eps, 1)
    for _ in range(longest):
        ahead = net.prox(y - net.gradient(y), 1.0)
        x, y = ahead, ahead + momentum * (ahead - x)
        if clock.done(net.gap(x)):
            break
    return clock.times
