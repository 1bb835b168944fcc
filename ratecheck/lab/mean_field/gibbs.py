"""The minimiser of a mean-field network's objective, and what N particles cost.

The minimiser mu* is its own proximal Gibbs law: its density is proportional to
exp(-(1/lam) dF/dmu(mu*)), so that it is known once the n-vector f* of its outputs is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ratecheck.lab.draws import uniform
from ratecheck.lab.mean_field.network import Array, Network


@dataclass(frozen=True, eq=False)
class Gibbs:
    """The minimiser mu* on a lattice.

    Attributes
    ----------
    network : Network
    x : array of shape (G, d)
        Points of the lattice.
    law : array of shape (G,)
        Probabilities.
    features : array of shape (G, n)
        h_j at the points.
    f : array of shape (n,)
        f*.
    """

    network: Network
    x: Array
    law: Array
    features: Array
    f: Array

    @property
    def covariance(self) -> Array:
        """Cov_mu*(h), shape (n, n)."""
        centred = self.features - self.f
        return np.asarray((centred * self.law[:, None]).T @ centred)

    def divergence(self, f: Array) -> Array:
        """B_F(mu, mu*) of outputs f of mu, (..., n): (...,)."""
        return self.network.bregman(f, self.f)


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
    return Gibbs(network, x, law_of(found.x), features, found.x)


@lru_cache(maxsize=8)
def in_box(network: Network, points: int) -> Gibbs:
    """The minimiser on so many points along each side of the network's box; the last are kept."""
    return gibbs(network, np.linspace(-network.reach, network.reach, points))


def particle_constants(best: Gibbs) -> tuple[float, float]:
    """Limits of N gap and of N E B_F at the Gibbs law of N particles.

    (lam/2) log det(I + H Sigma/lam) and (1/2) tr(H Sigma (I + H Sigma/lam)^-1) with
    H = diag(l'')/n and Sigma = Cov_mu*(h): Laplace's method in `particle_gap`.
    """
    network = best.network
    root = np.sqrt(network.curvatures(best.f) / network.size)
    spectrum = np.linalg.eigvalsh(root[:, None] * best.covariance * root)
    gap = network.lam / 2 * np.log1p(spectrum / network.lam).sum()
    return float(gap), float(0.5 * (spectrum / (1 + spectrum / network.lam)).sum())


def independent_constant(best: Gibbs) -> float:
    """Limit of N E B_F at N independent draws of mu*, tr(H Sigma)/2: exact for squares at every N.

    H and Sigma as in `particle_constants`, whose second limit is smaller: particles that see one
    another make up for each other's deviations.
    """
    network = best.network
    return float(0.5 * (network.curvatures(best.f) * best.covariance.diagonal()).mean())


def independent_divergence(
    best: Gibbs, particles: int, draws: int, *, replicates: int, rng: torch.Generator
) -> Array:
    """B_F(empirical law of N independent draws of mu*, mu*), shape (replicates, draws).

    Parameters
    ----------
    best : Gibbs
        With d = 1: mu* is sampled by inverting its distribution function, taken as linear between
        the midpoints of the lattice.
    particles, draws : int
        N, and how many samples of N particles a replicate has.
    replicates : int
    rng : torch.Generator
    """
    network, x, device = best.network, best.x[:, 0], rng.device
    h = x[1] - x[0]
    knots = torch.as_tensor(np.concatenate([x - h / 2, x[-1:] + h / 2]), device=device)
    cumulative = torch.as_tensor(np.concatenate([[0.0], np.cumsum(best.law)]), device=device)
    inputs = torch.as_tensor(network.inputs[:, 0], device=device)
    u = uniform(replicates, draws, particles, rng=rng) * cumulative[-1]
    at = torch.searchsorted(cumulative, u, right=True).clamp(1, len(x)) - 1
    width = cumulative[at + 1] - cumulative[at]
    points = knots[at] + h * ((u - cumulative[at]) / width.clamp(min=1e-300)).clamp(0, 1)
    f = torch.stack([network.r * (points * z).tanh().mean(-1) for z in inputs], -1)
    return best.divergence(f.cpu().numpy())


def particle_gap(lam: float, divergence: Array, particles: int) -> Array:
    """L^(N) of the N-particle Gibbs law less L(mu*), from `independent_divergence`: (replicates,).

    Both are free energies of N particles, so that their difference is
    -(lam/N) log E exp(-(N/lam) B_F(empirical law, mu*)) over independent draws of mu*.
    """
    from scipy.special import logsumexp

    exponent = -particles / lam * divergence
    mean = logsumexp(exponent, axis=-1) - math.log(divergence.shape[-1])
    return np.asarray(-lam / particles * mean)
