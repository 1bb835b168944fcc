"""Noisy gradient descent on two-layer networks whose neurons matter less and less.

Neuron m of f(x) = sum_m a_m v_m erf(s <u_m, x> / sqrt(d)) has the weight a_m = c m^(-gamma - 1/2),
with sum_m a_m^2 = 1; x lies on the sphere of radius sqrt(d). The teacher has v_m = +-1 and standard
normal u_m, and so have students, but for v_m, at their start. In coordinates a_m (v_m, u_m), the
ridge |v|^2 + |u|^2 is the norm of a Hilbert space with the spectrum a_m^2; in those used here the
semi-implicit step is

    W' = (W - eta grad L(W) + sqrt(2 eta/beta) xi) / (1 + eta/beta),    L = mean (f(x_i) - y_i)^2,

and at beta = n / (2 sigma^2) its limit is the posterior of a standard normal prior (Suzuki and
Akiyama, ICLR 2021, arXiv:2012.03224, for infinitely many neurons).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal, signs
from ratecheck.lab.networks.one_step import SLOPE, arcsine
from ratecheck.lab.regression.designs import Sphere
from ratecheck.lab.regression.problem import Data, Problem

THINNED = 10  # steps between two looks at the risk


def weights(gamma: float, neurons: int) -> Tensor:
    """a_1, a_2, ..., of sum of squares 1."""
    a = torch.arange(1, neurons + 1, dtype=torch.float64) ** (-gamma - 0.5)
    scaled: Tensor = a / a.norm()
    return scaled


@dataclass(frozen=True, eq=False)
class Networks:
    """R networks.

    Attributes
    ----------
    inner : Tensor of shape (R, d, M)
        What x is multiplied with, the slope of erf included.
    outer : Tensor of shape (R, M)
        a_m v_m.
    """

    inner: Tensor
    outer: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (R, n, d)."""
        return (torch.erf(x @ self.inner) @ self.outer[..., None])[..., 0]


@dataclass(frozen=True)
class Prior:
    """The law of teachers.

    Attributes
    ----------
    gamma : float
        Decay of their neurons; -1/2 for neurons that matter alike.
    dimension : int
    neurons : int
    slope : float
        s.
    """

    gamma: float
    dimension: int
    neurons: int = 48
    slope: float = 3.0

    def draw(self, *, replicates: int, rng: torch.Generator) -> Networks:
        """Random teachers."""
        u = normal(replicates, self.dimension, self.neurons, rng=rng)
        v = signs(replicates, self.neurons, rng=rng)
        a = weights(self.gamma, self.neurons).to(u)
        return Networks(u * self.slope / math.sqrt(self.dimension), a * v)

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, d) and (R, m, d): (R, n, m)."""
        square = x.new_tensor(self.slope**2)
        return arcsine(x @ z.mT * (square / self.dimension), square, square)

    def variance(self, x: Tensor) -> Tensor:
        """The same at every point of the sphere."""
        square = x.new_tensor(self.slope**2)
        return arcsine(square, square, square)


def problem(gamma: float, dimension: int, sigma: float) -> Problem:
    """Teachers of this decay with noise; risks are means over fresh inputs."""
    return Problem(Prior(gamma, dimension), Sphere(dimension), sigma, at=512, linear_at=128)


@dataclass(frozen=True)
class Descent:
    """The algorithm.

    Attributes
    ----------
    gamma : float
        Decay of the students' neurons.
    beta : float
        Inverse temperature, of the order of n; one over it is the ridge.
    neurons, steps : int
    step : float
        eta.
    slope : float
    frozen : bool
        Whether inner weights stay where they began.
    """

    gamma: float
    beta: float
    neurons: int = 12
    steps: int = 600
    step: float = 0.5
    slope: float = 3.0
    frozen: bool = False


def gradient(x: Tensor, y: Tensor, at: Networks) -> tuple[Tensor, Tensor]:
    """Of the mean of (f - y)^2, in the inner and in the outer weights."""
    along = x @ at.inner
    features = torch.erf(along)
    off = (features @ at.outer[..., None] - y[..., None]) * (2 / x.shape[1])
    pushed = along.square_().neg_().exp_().mul_(off)
    return (x.mT @ pushed) * (SLOPE * at.outer[:, None]), (features.mT @ off)[..., 0]


def gibbs_risk(data: Data, descent: Descent, *, rng: torch.Generator) -> Tensor:
    """Risk of one draw of the chain, shape (R,): its mean over the last quarter of the steps."""
    x, y = data.x.float(), data.y.float()
    replicates, _, d = x.shape
    a, c = weights(descent.gamma, descent.neurons).to(x), descent.slope / math.sqrt(d)
    u = normal(replicates, d, descent.neurons, rng=rng, dtype=x.dtype)
    v = normal(replicates, descent.neurons, rng=rng, dtype=x.dtype)
    eta, kept = descent.step, 1 / (1 + descent.step / descent.beta)
    heat, risks = math.sqrt(2 * eta / descent.beta), []
    for k in range(descent.steps):
        inner, outer = gradient(x, y, Networks(c * u, a * v))
        noise = normal(replicates, d + 1, descent.neurons, rng=rng, dtype=x.dtype) * heat
        v = kept * (v - eta * a * outer + noise[:, 0])
        if not descent.frozen:
            u = kept * (u - eta * c * inner + noise[:, 1:])
        if 4 * k >= 3 * descent.steps and k % THINNED == 0:
            risks.append(data.risk(Networks(c * u.double(), a.double() * v.double())))
    return torch.stack(risks).mean(0)
