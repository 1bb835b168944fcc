"""Two-layer networks of N neurons trained by noisy gradient descent, many at a time.

Every neuron of `network.Network` is a particle of the chain

    X_i <- X_i - eta v_i + sqrt(2 eta lam) xi_i,     E v_i = grad dF/dmu(empirical law)(X_i),

v_i built from all data or from a minibatch drawn without replacement, the same for all particles.
Variants of the gradient run side by side on the same Brownian increments, so that their difference
is known much better than each of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.finite_sums.laws import batch_weights
from ratecheck.lab.mean_field.gibbs import Gibbs

AHEAD = 32  # minibatches drawn at once


@dataclass(frozen=True)
class Descent:
    """Noisy gradient descent of N neurons.

    Attributes
    ----------
    particles : int
        N.
    step : float
        eta.
    batches : sequence of int
        Size of the minibatches of each variant; n takes all data.
    burn, time : float
        Time (steps times eta) left out, then time averaged over.
    shared_noise : bool
        One Brownian increment for all particles of a network.
    keep : float
        Time for which a minibatch is kept, at least a step.
    replacement : bool
        Minibatches (of fewer than n) with replacement.
    alone : bool
        Particles that do not see one another: gradients at the outputs of mu*.
    """

    particles: int
    step: float
    batches: Sequence[int]
    burn: float
    time: float
    shared_noise: bool = False
    keep: float = 0.0
    replacement: bool = False
    alone: bool = False

    def steps(self, time: float) -> int:
        """Steps that take so much time."""
        return round(time / self.step)


def mean_divergence(
    best: Gibbs, descent: Descent, *, replicates: int, rng: torch.Generator
) -> Tensor:
    """Bregman divergence of N-particle chains from the optimum, averaged over time.

    Parameters
    ----------
    best : Gibbs
        The minimiser for a network with d parameters a neuron; its f* is the centre.
    descent : Descent
    replicates : int
    rng : torch.Generator

    Returns
    -------
    Tensor of shape (variants, replicates), float64
        Time average of B_F(empirical law, mu*).
    """
    training, (n, d), device = Training(best, rng.device), best.network.inputs.shape, rng.device
    particles, count = descent.particles, len(descent.batches)
    spread = math.sqrt(best.network.lam / best.network.ridge)
    state = normal(replicates, particles, d, rng=rng, dtype=torch.float32) * spread
    state = state.repeat(count, 1, 1)
    noise = torch.empty(replicates, 1 if descent.shared_noise else particles, d, device=device)
    total = torch.zeros(count * replicates, dtype=torch.float64, device=device)
    burn, steps = descent.steps(descent.burn), descent.steps(descent.time)
    hold = max(1, descent.steps(descent.keep))
    draw = partial(batch_weights, rng=rng, replacement=descent.replacement, dtype=torch.float32)
    for k in range(burn + steps):
        turn = (k // hold) % AHEAD
        if k % hold == 0 and turn == 0:
            weights = torch.cat([draw(n, size, AHEAD, replicates) for size in descent.batches], 1)
        noise.normal_(generator=rng)
        f = training.advance(state, weights[turn], noise, descent.step, descent.alone)
        if k >= burn:
            total += training.divergence(f)
    return (total / steps).view(count, replicates)


class Training:
    """A network and its minimiser on a device."""

    def __init__(self, best: Gibbs, device: torch.device) -> None:
        network = best.network
        self._squared = network.loss == "squared"
        self._inputs = torch.as_tensor(network.inputs, dtype=torch.float32, device=device)
        self._labels = torch.as_tensor(network.labels, dtype=torch.float32, device=device)
        self._centre = torch.as_tensor(best.f, dtype=torch.float64, device=device)
        self._r, self._lam, self._ridge = network.r, network.lam, network.ridge

    def advance(
        self, state: Tensor, weights: Tensor, noise: Tensor, step: float, alone: bool = False
    ) -> Tensor:
        """One step of every network, in place; returns the outputs before it.

        Parameters
        ----------
        state : Tensor of shape (V R, N, d)
            V variants of R networks.
        weights : Tensor of shape (V R, n)
            Of the data in the gradient; they add up to 1.
        noise : Tensor of shape (R, N or 1, d)
            Standard normal.
        step : float
        alone : bool
            Gradients at the outputs of mu* in place of the networks' own.

        Returns
        -------
        Tensor of shape (V R, n)
        """
        networks, size, d = state.shape
        flat, r = state.view(-1, d), self._r
        t = (flat @ self._inputs.mT).tanh_().view(networks, size, -1)
        # a product with a row of r/N is the mean over particles at half the time
        f = torch.bmm(t.new_full((networks, 1, size), r / size), t)[:, 0]
        seen = self._centre.float() if alone else f
        push = ((-r * step) * weights * self.slopes(seen))[:, None, :]
        t = torch.addcmul(push, t.mul_(t), push, value=-1.0)
        change = t.view(-1, t.shape[-1]) @ self._inputs
        flat.mul_(1 - step * self._ridge).add_(change)
        sd = math.sqrt(2 * step * self._lam)
        state.view(-1, *noise.shape[:1], size, d).add_(noise, alpha=sd)
        return f

    def slopes(self, f: Tensor) -> Tensor:
        """l'(f_j, y_j), shape (..., n)."""
        if self._squared:
            return f - self._labels
        return -self._labels * (-self._labels * f).sigmoid()

    def divergence(self, f: Tensor) -> Tensor:
        """B_F of outputs f from the minimiser's, shape (...,), float64."""
        gap = f.double() - self._centre
        if self._squared:
            return gap.square().mean(-1) / 2
        y, c = self._labels.double(), self._centre
        softplus = torch.nn.functional.softplus
        tangent = y * (-y * c).sigmoid() * gap
        return (softplus(-y * f.double()) - softplus(-y * c) + tangent).mean(-1)
