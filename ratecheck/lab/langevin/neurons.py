"""Noisy gradient descent on two-layer networks whose neurons matter less and less.

Neuron m of f(x) = sum_m v_m erf(s <u_m, x> / sqrt(d)) has an outer weight v_m of the order m^(-a)
and a standard normal u_m; x lies on the sphere of radius sqrt(d). On the border of F_gamma
a = gamma + 1/2. The ridge is the squared norm of H_(gamma+1), the one in which outer weights are
t_m w_m with t_m of the order m^(-gamma-1) and inner ones are as they are; in the coordinates w, u
the semi-implicit step is

    W' = (W - eta grad L(W) + sqrt(2 eta/beta) xi) / (1 + eta/beta),    L = mean (f(x_i) - y_i)^2.

At beta = n / (2 sigma^2) its limit is the posterior of standard normal w and u (Suzuki and Akiyama,
ICLR 2021, arXiv:2012.03224, for infinitely many neurons). Where the features are known, orthonormal
and infinitely many, it is a Gaussian law in closed form. Teachers of that prior are exchangeable
with draws of the posterior, so that at every n a draw leaves sigma^2 at the data on average, and
is as far from the teacher as from another draw.
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

THINNED = 10  # steps between two looks at a chain
STEEP = 2.0  # s


def falling(power: float, neurons: int) -> Tensor:
    """m^(-power), scaled to a sum of squares of 1."""
    a = torch.arange(1, neurons + 1, dtype=torch.float64) ** -power
    scaled: Tensor = a / a.norm()
    return scaled


@dataclass(frozen=True, eq=False)
class Networks:
    """R networks.

    Attributes
    ----------
    inner : Tensor of shape (R, d, M)
        What x is multiplied with.
    outer : Tensor of shape (R, M)
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
    power : float
        Decay of their outer weights; 0 for neurons that matter alike.
    dimension, neurons : int
    drawn : bool
        Whether outer weights are normal and not of fixed sizes and random signs.
    """

    power: float
    dimension: int
    neurons: int
    drawn: bool = False

    def draw(self, *, replicates: int, rng: torch.Generator) -> Networks:
        """Random teachers."""
        u = normal(replicates, self.dimension, self.neurons, rng=rng)
        shape = replicates, self.neurons
        v = normal(*shape, rng=rng) if self.drawn else signs(*shape, rng=rng)
        slope = STEEP / math.sqrt(self.dimension)
        return Networks(slope * u, falling(self.power, self.neurons).to(u) * v)

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, d) and (R, m, d): (R, n, m)."""
        square = x.new_tensor(STEEP**2)
        return arcsine(x @ z.mT * (square / self.dimension), square, square)

    def variance(self, x: Tensor) -> Tensor:
        """The same at every point of the sphere."""
        square = x.new_tensor(STEEP**2)
        return arcsine(square, square, square)


def problem(
    gamma: float, dimension: int, neurons: int, sigma: float, *, drawn: bool = False
) -> Problem:
    """Teachers on the border of F_gamma, or of the ridge's law; risks on fresh inputs."""
    prior = Prior(gamma + (1 if drawn else 0.5), dimension, neurons, drawn)
    return Problem(prior, Sphere(dimension), sigma, at=256, linear_at=128)


@dataclass(frozen=True)
class Chain:
    """The algorithm.

    Attributes
    ----------
    gamma : float
        Of the ridge.
    beta : float
        Inverse temperature, of the order of n; one over it is the factor of the ridge.
    step : float
        eta.
    steps : int
        The last quarter of them is looked at.
    """

    gamma: float
    beta: float
    step: float = 0.5
    steps: int = 500

    @property
    def kept(self) -> float:
        """What the ridge leaves of weights in a step."""
        return 1 / (1 + self.step / self.beta)

    @property
    def heat(self) -> float:
        """Standard deviation of a step's noise."""
        return math.sqrt(2 * self.step / self.beta)

    def scales(self, neurons: int) -> Tensor:
        """t_m: how outer weights are weighed."""
        return falling(self.gamma + 1, neurons)

    def moved(self, weights: Tensor, slope: Tensor, rng: torch.Generator) -> Tensor:
        """Weights after a step, from the gradient of L."""
        noise = normal(*weights.shape, rng=rng, dtype=weights.dtype)
        return self.kept * (weights - self.step * slope + self.heat * noise)

    def looked_at(self, k: int) -> bool:
        """Whether something is measured after this step."""
        return 4 * k >= 3 * self.steps and k % THINNED == 0


@dataclass(frozen=True)
class Sequence:
    """Nature where f is a sum of known orthonormal functions, infinitely many.

    Attributes
    ----------
    gamma : float
        The coefficients m^(-gamma-1/2) are on the border of F_gamma.
    sigma : float
        Each is seen in noise of variance sigma^2 / n.
    """

    gamma: float
    sigma: float

    def risk(self, chain: Chain, n: float, modes: int) -> float:
        """Risk of a draw of the chain's limit, which is Gaussian, exactly."""
        truth, t, kept = falling(self.gamma + 0.5, modes), chain.scales(modes), chain.kept
        pull = 1 - 2 * chain.step * t.square()  # L is the sum of (t_m w_m - y_m)^2
        share = kept * (1 - pull) / (1 - kept * pull)  # of y_m that the mean of t_m w_m is
        bias, seen = truth * (1 - share), share.square() * self.sigma**2 / n
        spread = (t * kept * chain.heat).square() / (1 - (kept * pull).square())
        return float((bias.square() + seen + spread).sum())


def gradient(x: Tensor, y: Tensor, at: Networks) -> tuple[Tensor, Tensor]:
    """Of the mean of (f - y)^2, in the inner and in the outer weights."""
    along = x @ at.inner
    features = torch.erf(along)
    off = (features @ at.outer[..., None] - y[..., None]) * (2 / x.shape[1])
    pushed = along.square_().neg_().exp_().mul_(off)
    return (x.mT @ pushed) * (SLOPE * at.outer[:, None]), (features.mT @ off)[..., 0]


@dataclass(frozen=True, eq=False)
class Draws:
    """What a chain shows, each of shape (R,).

    Attributes
    ----------
    risk : Tensor
        Mean squared distance from the teacher.
    left : Tensor
        Mean of (f(x_i) - y_i)^2, less that of the teacher, plus the variance of the noise.
    """

    risk: Tensor
    left: Tensor


def draws(data: Data, chain: Chain, neurons: int, *, rng: torch.Generator) -> Draws:
    """The chain on both layers, from weights of the ridge's law."""
    x, y, at = data.x.float(), data.y.float(), data.at.float()
    replicates, _, d = x.shape
    t, c = chain.scales(neurons).to(x), STEEP / math.sqrt(d)
    u = normal(replicates, d, neurons, rng=rng, dtype=x.dtype)
    w = normal(replicates, neurons, rng=rng, dtype=x.dtype)
    looks = []
    for k in range(chain.steps):
        inner, outer = gradient(x, y, Networks(c * u, t * w))
        u, w = chain.moved(u, c * inner, rng), chain.moved(w, t * outer, rng)
        if chain.looked_at(k):
            f = Networks(c * u, t * w)
            looks.append(torch.stack([data.risk(f(at).double()), (f(x) - y).square().mean(1)]))
    risk, left = torch.stack(looks).mean(0)
    noise = (data.y - data.target(data.x)).square().mean(1)
    return Draws(risk, left - noise + data.problem.sigma**2)


def held_risk(data: Data, chain: Chain, inner: Tensor, *, rng: torch.Generator) -> Tensor:
    """Risk of a draw of the chain on outer weights alone: inner ones (R, d, M) are held fast."""
    t = chain.scales(inner.shape[2]).to(inner)
    seen, at = (torch.erf(points @ inner) * t for points in (data.x, data.at))
    w = normal(len(inner), len(t), rng=rng)
    risks = []
    for k in range(chain.steps):
        off = (seen @ w[..., None])[..., 0] - data.y
        w = chain.moved(w, 2 / off.shape[1] * (seen.mT @ off[..., None])[..., 0], rng)
        if chain.looked_at(k):
            risks.append(data.risk((at @ w[..., None])[..., 0]))
    return torch.stack(risks).mean(0)


def posterior_risk(data: Data, inner: Tensor, power: float) -> Tensor:
    """What `held_risk` should be: that of a draw of the exact posterior, in expectation, (R,).

    Outer weights are Gaussian then, with standard deviations of the order m^(-power) in the prior.
    """
    noise, a = data.problem.sigma**2, falling(power, inner.shape[2]).to(inner)
    seen, at = (torch.erf(points @ inner) * a for points in (data.x, data.at))
    precision = seen.mT @ seen / noise + torch.eye(len(a)).to(inner)
    mean = torch.linalg.solve(precision, seen.mT @ data.y[..., None] / noise)
    around: Tensor = (at * torch.linalg.solve(precision, at.mT).mT).sum(2).mean(1)
    return data.risk((at @ mean)[..., 0]) + around
