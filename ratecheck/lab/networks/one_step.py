"""One gradient step on the inner layer of erf networks, and ridge regression on the new features.

f(x) = N^(-1/2) a . erf(W'x) with x from N(0, I_d), w_i from N(0, I/d), a_i from N(0, 1/N). The step
is W + eta N^(1/2) G, G the descent direction of the mean square over 2 on one sample; then the
outer layer is fitted by ridge regression on a second sample (Ba, Erdogdu, Suzuki, Wang, Wu & Yang,
NeurIPS 2022, arXiv:2205.01445). Targets are erf too, so that the risk given W is exact:
E erf(u) erf(v) = (2/pi) asin(2 c_uv / ((1 + 2 c_uu)(1 + 2 c_vv))^(1/2)) for Gaussian u and v.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.estimators import kernel_ridge

RESOLVENTS = torch.logspace(-5, 0.5, 23, dtype=torch.float64)
RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0)
SLOPE = 2 / math.sqrt(math.pi)  # of erf at 0


def arcsine(cross: Tensor, left: Tensor, right: Tensor) -> Tensor:
    """E erf(u) erf(v) from the covariance and the variances of u and v."""
    return 2 / math.pi * torch.asin(2 * cross / ((1 + 2 * left) * (1 + 2 * right)).sqrt())


@dataclass(frozen=True)
class Teacher:
    """Nature: y = c erf(slope x_1), with E y^2 = 1 and perhaps less of its linear part, plus noise.

    Attributes
    ----------
    slope : float
    linear : float
        Share of the linear part that stays. What is beyond the linear part always stays.
    noise : float
        Standard deviation of the labels' noise.
    """

    slope: float
    linear: float = 1.0
    noise: float = 0.0

    @property
    def factor(self) -> float:
        """c."""
        square = self.slope**2
        return 1 / math.sqrt(2 / math.pi * math.asin(2 * square / (1 + 2 * square)))

    @property
    def part(self) -> float:
        """E c erf(slope x_1) x_1, before a share of it is taken."""
        return self.factor * self.slope * SLOPE / math.sqrt(1 + 2 * self.slope**2)

    @property
    def beyond(self) -> Tensor:
        """Energy of what is beyond the linear part, 1 - part^2, of shape ()."""
        square = torch.tensor(2 * self.slope**2, dtype=torch.float64)
        return 1 - square / ((1 + square) * torch.asin(square / (1 + square)))

    @property
    def energy(self) -> float:
        """E (y - noise)^2."""
        return 1 + (self.linear**2 - 1) * self.part**2

    def draw(
        self, n: int, d: int, *, replicates: int, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Inputs of shape (R, n, d) and labels of shape (R, n)."""
        x = normal(replicates, n, d, rng=rng)
        noise = normal(replicates, n, rng=rng)
        return x, self.value(x[..., 0]) + self.noise * noise

    def value(self, first: Tensor) -> Tensor:
        """Labels without noise, from the inputs' first coordinate."""
        lost = (1 - self.linear) * self.part
        return self.factor * torch.erf(self.slope * first) - lost * first


@dataclass(frozen=True, eq=False)
class Networks:
    """Inner weights of shape (R, d, N) and outer ones of shape (R, N)."""

    inner: Tensor
    outer: Tensor

    @classmethod
    def draw(cls, d: int, width: int, *, replicates: int, rng: torch.Generator) -> Networks:
        """Networks at their start."""
        w = normal(replicates, d, width, rng=rng) / math.sqrt(d)
        return cls(w, normal(replicates, width, rng=rng) / math.sqrt(width))

    def descent(self, x: Tensor, y: Tensor) -> Tensor:
        """Minus the gradient in W of the mean of (y - f)^2 / 2, shape (R, d, N)."""
        n, width = x.shape[1], self.inner.shape[2]
        before = x @ self.inner
        f = (torch.erf(before) @ self.outer[..., None]) / math.sqrt(width)
        push = (y[..., None] - f) * self.outer[:, None] * SLOPE * torch.exp(-before.square())
        return x.mT @ push / (n * math.sqrt(width))


@dataclass(frozen=True)
class Risks:
    """Of ridge regression on a network's features.

    Attributes
    ----------
    best : Tensor of shape (R,)
        The least risk over the ridges, exact given weights and sample.
    off : Tensor of shape (R,)
        Risk over the prediction of Gaussian features, less 1, at that prediction's best ridge.
    """

    best: Tensor
    off: Tensor


def ridge(teacher: Teacher, inner: Tensor, x: Tensor, y: Tensor) -> Risks:
    """Fit y by ridge regression on N^(-1/2) erf(W'x), for W of shape (R, d, N).

    Gaussian features of the same covariance C with eigenvalues L, and a target of the same linear
    part, have the risk (k^2 sum t^2 L / (L + k)^2 + s^2) / (1 - sum (L / (L + k))^2 / n) at
    the ridge k (1 - sum L / (L + k) / n), with t the best coefficients in C's basis and s^2 what
    they leave (Hastie, Montanari, Rosset & Tibshirani, Ann. Statist. 2022, Section 4).
    """
    n, root = x.shape[1], math.sqrt(inner.shape[2])
    gram, first = inner.mT @ inner, inner[:, 0]
    own = gram.diagonal(dim1=1, dim2=2)
    covariance = arcsine(gram, own[..., None], own[:, None]) / root**2
    straight = teacher.part * SLOPE * first / (1 + 2 * own).sqrt() / root
    slope = torch.full_like(own, teacher.slope)
    whole = teacher.factor * arcsine(slope * first, own, slope.square()) / root
    signal = whole - (1 - teacher.linear) * straight  # E of features times target
    values, vectors = torch.linalg.eigh(covariance)
    along = (vectors.mT @ (teacher.linear * straight)[..., None])[..., 0]
    k = RESOLVENTS.to(x)
    shrunk = values[:, None] / (values[:, None] + k[:, None])
    ridges = k * (1 - shrunk.sum(2) / n)
    rest = teacher.energy - (along.square() / values).sum(1) + teacher.noise**2
    missed = k.square() * (along.square() / values**3)[:, None].mul(shrunk.square()).sum(2)
    predicted = (missed + rest[:, None]) / (1 - shrunk.square().sum(2) / n) - teacher.noise**2
    features = torch.erf(x @ inner) / root
    seen, axes = torch.linalg.eigh(features.mT @ features / n)
    pulled = axes.mT @ (features.mT @ y[..., None]) / n
    fitted = axes @ (pulled / (seen[..., None] + ridges[:, None]))
    cost = -2 * (signal[:, None] @ fitted)[:, 0] + (fitted * (covariance @ fitted)).sum(1)
    # a network wider than its sample has no positive ridge where k is small
    usable = ridges > 0
    risk = (teacher.energy + cost).where(usable, math.inf)
    at = predicted.where(usable, math.inf).argmin(1, keepdim=True)
    off = risk.gather(1, at) / predicted.gather(1, at) - 1
    return Risks(risk.min(1).values, off[:, 0])


def limit_kernel(x: Tensor, z: Tensor) -> Tensor:
    """The mean of erf(w.x) erf(w.z), as of infinitely many features: (R, n, m)."""
    d = x.shape[2]
    left, right = x.square().sum(2) / d, z.square().sum(2) / d
    return arcsine(x @ z.mT / d, left[..., None], right[:, None])


def kernel_risk(
    teacher: Teacher, x: Tensor, y: Tensor, *, tested: int, rng: torch.Generator
) -> Tensor:
    """Least risk, over the ridges, of ridge regression with infinitely many features: (R,).

    On so many fresh inputs. That of the linear part, whose risk is known, is told from it there.
    """
    at, truth = Teacher(teacher.slope, teacher.linear).draw(
        tested, x.shape[2], replicates=len(x), rng=rng
    )
    seen = kernel_ridge.predict(limit_kernel(x, x), y, limit_kernel(at, x), RIDGES)
    beyond = (truth - teacher.linear * teacher.part * at[..., 0]).square().mean(1)
    risk = (seen - truth[:, None]).square().mean(2) - beyond[:, None] + 1 - teacher.part**2
    return risk.min(1).values
