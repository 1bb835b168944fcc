"""Networks of mean-field Langevin dynamics, and kernel machines, that are to learn a parity.

Inputs z are fair signs in {-1, 1}^d, labels y the product of k of them. A network is the mean of N
neurons (Suzuki, Wu, Oko & Nitanda, NeurIPS 2023),

    f(z) = (R/N) sum_j [tanh(w_j . z / d^(1/2) + a_j) + 2 tanh(b_j)] / 3,

trained by noisy gradient descent on the logistic loss with entropy lam and penalty lam rho |x|^2,

    x_j <- x_j - eta (v_j + 2 lam rho x_j) + (2 eta lam)^(1/2) xi_j,     x = (w, a, b),

v_j the derivative of the loss in x_j times N, from the penalty's own Gibbs law N(0, 1/(2 rho)).

Whatever functions of the inputs alone span the n-dimensional space that a kernel machine chooses
from, it sees in the mean over all C(d, k) parities at most n/C(d, k) of one, since these are
orthonormal. A kernel that treats all coordinates alike sees as much of each of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import normal, signs
from ratecheck.lab.estimators import kernel_ridge

OUTPUT = 15.0  # R
PENALTY = 0.5  # rho: the Gibbs law has variance 1
NODES = 80
RIDGES = (1e-4, 1e-2, 0.1, 1.0)
TESTED = 1000


@dataclass(frozen=True)
class Parity:
    """Nature: the product of the first k of d fair signs."""

    d: int
    k: int = 2

    def draw(self, n: int, *, replicates: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Inputs (R, n, d) and labels (R, n), float32."""
        z = signs(replicates, n, self.d, rng=rng).float()
        return z, z[..., : self.k].prod(-1)

    def sample_size(self, share: float) -> int:
        """So large a share of the number of parities C(d, k)."""
        return round(share * math.comb(self.d, self.k))


def unseen(f: Tensor, y: Tensor) -> Tensor:
    """1 - (E f y)^2 / E f^2, double, over the last axis: what the best multiple of f leaves of y.

    From fresh inputs, for labels of mean square 1.
    """
    f, y = f.double(), y.double()
    return 1 - (f * y).mean(-1).square() / f.square().mean(-1)


@dataclass(frozen=True, eq=False)
class Neurons:
    """Weights (R, N, d + 1), the last of which is a, and b of shape (R, N): float32."""

    weights: Tensor
    constant: Tensor

    @classmethod
    def draw(cls, d: int, count: int, *, replicates: int, rng: torch.Generator) -> Neurons:
        """From the Gibbs law of the penalty."""
        x = normal(replicates, count, d + 1, rng=rng, dtype=torch.float32)
        b = normal(replicates, count, rng=rng, dtype=torch.float32)
        spread = (2 * PENALTY) ** -0.5
        return cls(spread * x, spread * b)

    def outputs(self, z: Tensor) -> Tensor:
        """f at inputs (R, m, d): (R, m)."""
        moving = (self.weights @ _lifted(z).mT).tanh().mean(1)
        return OUTPUT / 3 * (moving + 2 * self.constant.tanh().mean(1, keepdim=True))


@dataclass(frozen=True)
class Chain:
    """Noisy gradient descent.

    Attributes
    ----------
    neurons : int
    lam : float
        Weight of entropy and penalty.
    step : float
        eta.
    """

    neurons: int
    lam: float
    step: float = 0.6


def learn(
    chain: Chain, z: Tensor, y: Tensor, counts: Sequence[int], *, rng: torch.Generator
) -> list[Neurons]:
    """Networks after increasing numbers of steps on inputs (R, n, d) and labels (R, n)."""
    (replicates, n, d), eta, scale = z.shape, chain.step, OUTPUT / 3
    start = Neurons.draw(d, chain.neurons, replicates=replicates, rng=rng)
    x, b, a = start.weights, start.constant, _lifted(z)
    # tanh(u) is 2 s - 1 with s = sigmoid(2 u), at a quarter of the time
    doubled = (2 * a).mT.contiguous()
    row = x.new_full((replicates, 1, chain.neurons), 2 * scale / chain.neurons)
    s = x.new_empty(replicates, chain.neurons, n)
    keep, sd = 1 - 2 * eta * chain.lam * PENALTY, math.sqrt(2 * eta * chain.lam)
    seen = []
    for done in range(1, counts[-1] + 1):
        torch.bmm(x, doubled, out=s).sigmoid_()
        t = b.tanh()
        f = torch.bmm(row, s)[:, 0] - scale + 2 * scale * t.mean(1, keepdim=True)
        pull = (eta * scale / n) * y * (-y * f).sigmoid()
        slopes = torch.addcmul(s, s, s, value=-1).mul_(4 * pull[:, None])
        x.mul_(keep).baddbmm_(slopes, a)
        b.mul_(keep).add_(2 * pull.sum(1, keepdim=True) * (1 - t * t))
        x.add_(normal(*x.shape, rng=rng, dtype=x.dtype), alpha=sd)
        b.add_(normal(*b.shape, rng=rng, dtype=b.dtype), alpha=sd)
        if done in counts:
            seen.append(Neurons(x.clone(), b.clone()))
    return seen


def tangent(d: int) -> Tensor:
    """The tangent kernel of infinitely many neurons at their start, over (R/3)^2: (d + 1,).

    At inputs that differ in 0, ..., d coordinates, z.z'/d = c: (1 + c) E tanh'(u) tanh'(v) +
    4 E tanh'(b)^2, where u and v have variance 2 and covariance 1 + c; by Gauss-Hermite nodes for
    what they share, and for what each has alone.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights /= weights.sum()
    cosine = 1 - 2 * np.arange(d + 1) / d
    shared, alone = (np.sqrt(1 + each)[:, None, None] for each in (cosine, -cosine))
    slopes = np.cosh(shared * nodes[:, None] + alone * nodes) ** -2
    moving = (slopes @ weights) ** 2 @ weights
    return torch.from_numpy((1 + cosine) * moving + 4 * (np.cosh(nodes) ** -4) @ weights)


def network_unseen(
    parity: Parity, n: int, chain: Chain, counts: Sequence[int], *, replicates: int,
    rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """`unseen` of networks that have learned from n data for so many steps: (R, counts)."""
    z, y = parity.draw(n, replicates=replicates, rng=rng)
    learned = learn(chain, z, y, counts, rng=rng)
    at, truth = parity.draw(TESTED, replicates=replicates, rng=rng)
    return torch.stack([unseen(network.outputs(at), truth) for network in learned], 1)


def kernel_unseen(
    parity: Parity, n: int, coordinates: int, *, replicates: int, rng: torch.Generator
) -> Tensor:
    """`unseen` of ridge regression on n data with the tangent kernel, at its best ridge: (R,).

    The kernel sees the first ``coordinates`` of d, alike. The ridge is chosen on the truth at the
    fresh inputs, in the kernel's favour.
    """
    z, y = parity.draw(n, replicates=replicates, rng=rng)
    at, truth = parity.draw(TESTED, replicates=replicates, rng=rng)
    table, x = tangent(coordinates).to(z.device), z[..., :coordinates]

    def kernel(left: Tensor) -> Tensor:
        return table[((coordinates - left[..., :coordinates] @ x.mT) / 2).round().long()]

    f = kernel_ridge.predict(kernel(z), y.double(), kernel(at), RIDGES)
    return unseen(f, truth[:, None]).min(1).values


def _lifted(z: Tensor) -> Tensor:
    """z / d^(1/2) and a 1 behind it."""
    return torch.cat([z / math.sqrt(z.shape[-1]), torch.ones_like(z[..., :1])], -1)
