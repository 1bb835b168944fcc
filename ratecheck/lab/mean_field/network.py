"""Two-layer networks in the mean-field limit: objective, Gibbs law, and what N particles cost.

A law mu of neurons x in R^d gives the outputs f_j = E_mu h_j at n inputs z_j,
h_j(x) = r tanh(x . z_j), and

    L(mu) = F(mu) + lam Ent(mu),     F(mu) = (1/n) sum_j l(f_j, y_j) + (ridge/2) E_mu |x|^2,

with Ent(mu) = E_mu log mu. The minimiser mu* is its own proximal Gibbs law: its density is
proportional to exp(-(1/lam) dF/dmu(mu*)), so that it is known once the n-vector f* is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
LOSSES = ("squared", "logistic")


@dataclass(frozen=True, eq=False)
class Network:
    """Data and penalties of a mean-field network.

    Attributes
    ----------
    inputs : array of shape (n, d)
    labels : array of shape (n,)
        Of either sign for the logistic loss.
    loss : {"squared", "logistic"}
        (f - y)^2/2 or log(1 + exp(-y f)).
    r : float
        Largest output of a neuron.
    lam, ridge : float
        Weights of the entropy and of half the second moment.
    """

    inputs: Array
    labels: Array
    loss: str = "squared"
    r: float = 2.0
    lam: float = 0.1
    ridge: float = 0.25

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"unknown loss '{self.loss}'; choose one of {', '.join(LOSSES)}")

    @property
    def size(self) -> int:
        """n."""
        return len(self.labels)

    def losses(self, f: Array) -> Array:
        """l(f_j, y_j) of outputs of shape (..., n)."""
        if self.loss == "squared":
            return np.asarray((f - self.labels) ** 2 / 2)
        return np.asarray(np.logaddexp(0.0, -self.labels * f))

    def slopes(self, f: Array) -> Array:
        """l'(f_j, y_j)."""
        if self.loss == "squared":
            return np.asarray(f - self.labels)
        return np.asarray(-self.labels / (1 + np.exp(self.labels * f)))

    def curvatures(self, f: Array) -> Array:
        """l''(f_j, y_j)."""
        if self.loss == "squared":
            return np.ones_like(f)
        s = 1 / (1 + np.exp(self.labels * f))
        return np.asarray(self.labels**2 * s * (1 - s))

    def bregman(self, f: Array, centre: Array) -> Array:
        """B_F(mu, nu) of outputs f of mu, (..., n), and ``centre`` of nu, (n,): (...,).

        Not negative, and free of the second moment, in which F is linear.
        """
        gap = self.losses(f) - self.losses(centre) - self.slopes(centre) * (f - centre)
        return np.asarray(gap.mean(-1))

    def features(self, x: Array) -> Array:
        """h_j at points of shape (..., d): (..., n)."""
        return np.asarray(self.r * np.tanh(x @ self.inputs.T))

    @property
    def reach(self) -> float:
        """Half-width of a box outside of which a Gibbs law has no more than e^-32 of its top.

        Where |l'| <= 1 on average, the network's potential varies by 2 r at most.
        """
        return math.sqrt((64 * self.lam + 4 * self.r) / self.ridge)


def line(
    loss: str, *, n: int = 16, r: float = 2.0, lam: float = 0.1, ridge: float = 0.25
) -> Network:
    """A network on n inputs in [-1, 1], their mean square just under 1/3, with d = 1.

    Labels sin(5 z/2), or its signs for the logistic loss, the outer quarter turned round.
    """
    z = 2 * (np.arange(n) + 0.5) / n - 1
    y = np.sin(2.5 * z)
    if loss == "logistic":
        y = np.sign(z) * np.where(np.abs(z) > 0.75, -1.0, 1.0)
    return Network(z[:, None], y, loss, r, lam, ridge)


def square(
    loss: str = "squared",
    *,
    side: int = 4,
    r: float = 2.0,
    lam: float = 0.1,
    ridge: float = 0.25,
) -> Network:
    """A network on a square lattice of side^2 inputs in [-1, 1]^2, with a bias: d = 3.

    Labels sin(2 a + b) at (a, b), or their signs.
    """
    a = 2 * (np.arange(side) + 0.5) / side - 1
    u, v = (g.ravel() for g in np.meshgrid(a, a))
    y = np.sin(2 * u + v)
    return Network(
        np.stack([u, v, np.ones_like(u)], 1),
        np.sign(y) if loss == "logistic" else y,
        loss, r, lam, ridge,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Gibbs:
    """The minimiser mu* on a lattice.

    Attributes
    ----------
    x : array of shape (G, d)
        Points of the lattice.
    law : array of shape (G,)
        Probabilities.
    features : array of shape (G, n)
        h_j at the points.
    f : array of shape (n,)
        f*.
    """

    x: Array
    law: Array
    features: Array
    f: Array

    @property
    def covariance(self) -> Array:
        """Cov_mu*(h), shape (n, n)."""
        centred = self.features - self.f
        return np.asarray((centred * self.law[:, None]).T @ centred)


def gibbs(network: Network, axis: Array) -> Gibbs:
    """The minimiser mu* on the lattice axis^d.

    f* solves f = E_{Gibbs(f)} h, the gradient of a strictly convex function of l'(f).

    Raises
    ------
    RuntimeError
        If the root is not found.
    """
    from scipy.optimize import root

    dimension = network.inputs.shape[1]
    x = np.stack([g.ravel() for g in np.meshgrid(*[axis] * dimension, indexing="ij")], 1)
    features = network.features(x)
    base = network.ridge / 2 * (x**2).sum(1)

    def law_of(f: Array) -> Array:
        energy = (base + features @ network.slopes(f) / network.size) / network.lam
        weight = np.exp(energy.min() - energy)
        return np.asarray(weight / weight.sum())

    def residual(f: Array) -> tuple[Array, Array]:
        law = law_of(f)
        mean = law @ features
        centred = features - mean
        covariance = (centred * law[:, None]).T @ centred
        change = covariance * network.curvatures(f) / (network.size * network.lam)
        return f - mean, np.eye(network.size) + change

    found = root(residual, np.zeros(network.size), jac=True, tol=1e-13)
    if np.abs(residual(found.x)[0]).max() > 1e-9:
        raise RuntimeError(f"no Gibbs law was found: {found.message}")
    return Gibbs(x, law_of(found.x), features, found.x)


def particle_constants(network: Network, best: Gibbs) -> tuple[float, float]:
    """Limits of N gap and of N E B_F at the Gibbs law of N particles.

    (lam/2) log det(I + H Sigma/lam) and (1/2) tr(H Sigma (I + H Sigma/lam)^-1) with
    H = diag(l'')/n and Sigma = Cov_mu*(h): Laplace's method in `particle_gap`.
    """
    root = np.sqrt(network.curvatures(best.f) / network.size)
    spectrum = np.linalg.eigvalsh(root[:, None] * best.covariance * root)
    gap = network.lam / 2 * np.log1p(spectrum / network.lam).sum()
    return float(gap), float(0.5 * (spectrum / (1 + spectrum / network.lam)).sum())


def independent_divergence(
    network: Network,
    best: Gibbs,
    particles: int,
    draws: int,
    *,
    replicates: int,
    rng: Any,
) -> Array:
    """B_F(empirical law of N independent draws of mu*, mu*), shape (replicates, draws).

    Parameters
    ----------
    network, best
        With d = 1: mu* is sampled by inverting its distribution function, taken as linear between
        the midpoints of the lattice.
    particles, draws : int
        N, and how many samples of N particles a replicate has.
    rng : torch.Generator
    """
    import torch

    device = rng.device
    x = best.x[:, 0]
    h = x[1] - x[0]
    knots = torch.as_tensor(np.concatenate([x - h / 2, x[-1:] + h / 2]), device=device)
    cumulative = torch.as_tensor(np.concatenate([[0.0], np.cumsum(best.law)]), device=device)
    inputs = torch.as_tensor(network.inputs[:, 0], device=device)
    shape = (replicates, draws, particles)
    u = torch.rand(shape, generator=rng, device=device, dtype=torch.float64) * cumulative[-1]
    at = torch.searchsorted(cumulative, u, right=True).clamp(1, len(x)) - 1
    width = cumulative[at + 1] - cumulative[at]
    points = knots[at] + h * ((u - cumulative[at]) / width.clamp(min=1e-300)).clamp(0, 1)
    f = torch.stack([network.r * (points * z).tanh().mean(-1) for z in inputs], -1)
    return network.bregman(f.cpu().numpy(), best.f)


def particle_gap(network: Network, divergence: Array, particles: int) -> Array:
    """L^(N) of the N-particle Gibbs law less L(mu*), from `independent_divergence`: (replicates,).

    Both are free energies of N particles, so that their difference is
    -(lam/N) log E exp(-(N/lam) B_F(empirical law, mu*)) over independent draws of mu*.
    """
    from scipy.special import logsumexp

    exponent = -particles / network.lam * divergence
    mean = logsumexp(exponent, axis=-1) - math.log(divergence.shape[-1])
    return np.asarray(-network.lam / particles * mean)
