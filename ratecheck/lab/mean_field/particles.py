"""Two-layer networks of N neurons trained by noisy gradient descent, many at a time.

Every neuron of `mean_field.Network` is a particle of the chain

    X_i <- X_i - eta v_i + sqrt(2 eta lam) xi_i,     E v_i = grad dF/dmu(empirical law)(X_i),

v_i built from all data or from a minibatch drawn without replacement, the same for all particles.
Variants of the gradient run side by side on the same Brownian increments, so that their difference
is known much better than each of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ratecheck.lab.mean_field.network import Array, Network

AHEAD = 32  # minibatches drawn at once


def mean_divergence(
    network: Network,
    centre: Array,
    particles: int,
    step: float,
    batches: Sequence[int],
    *,
    burn: int,
    steps: int,
    replicates: int,
    rng: torch.Generator,
    shared_noise: bool = False,
    hold: int = 1,
    replacement: bool = False,
) -> Tensor:
    """Bregman divergence of N-particle chains from the optimum, averaged over time.

    Parameters
    ----------
    network : Network
        With d parameters a neuron.
    centre : array of shape (n,)
        Outputs f* of the minimiser.
    particles : int
        N.
    step : float
        eta.
    batches : sequence of int
        Size of the minibatches of each variant; n takes all data.
    burn, steps : int
        Steps left out, then steps averaged over.
    replicates : int
    rng : torch.Generator
    shared_noise : bool
        One Brownian increment for all particles of a network.
    hold : int
        Steps for which a minibatch is kept.
    replacement : bool
        Minibatches (of fewer than n) with replacement.

    Returns
    -------
    Tensor of shape (variants, replicates), float64
        Time average of B_F(empirical law, mu*).
    """
    device, n = rng.device, network.size
    inputs = torch.as_tensor(network.inputs, dtype=torch.float32, device=device)
    d, count = inputs.shape[1], len(batches)
    state = torch.randn(replicates, particles, d, generator=rng, device=device)
    state = (state * math.sqrt(network.lam / network.ridge)).repeat(count, 1, 1)
    noise = torch.empty(replicates, 1 if shared_noise else particles, d, device=device)
    loss = _Loss(network, centre, device)
    total = torch.zeros(count * replicates, dtype=torch.float64, device=device)
    for k in range(burn + steps):
        turn = (k // hold) % AHEAD
        if k % hold == 0 and turn == 0:
            weights = torch.cat(
                [_weights(n, b, AHEAD, replicates, rng, replacement) for b in batches], 1
            )
        noise.normal_(generator=rng)
        f = langevin_step(
            state, inputs, weights[turn], loss, noise,
            network.r, network.ridge, step, math.sqrt(2 * step * network.lam),
        )  # fmt: skip
        if k >= burn:
            total += loss.divergence(f)
    return (total / steps).view(count, replicates)


def langevin_step(
    state: Tensor, inputs: Tensor, weights: Tensor, loss: _Loss, noise: Tensor, r: float,
    ridge: float, step: float, sd: float,
) -> Tensor:  # fmt: skip
    """One step of every network, in place; returns the outputs before it.

    Parameters
    ----------
    state : Tensor of shape (V R, N, d)
        V variants of R networks.
    inputs : Tensor of shape (n, d)
    weights : Tensor of shape (V R, n)
        Of the data in the gradient; they add up to 1.
    noise : Tensor of shape (R, N or 1, d)
        Standard normal.

    Returns
    -------
    Tensor of shape (V R, n)
    """
    networks, size, d = state.shape
    flat = state.view(-1, d)
    t = (flat @ inputs.mT).tanh_().view(networks, size, -1)
    # a product with a row of r/N is the mean over particles at half the time
    f = torch.bmm(t.new_full((networks, 1, size), r / size), t)[:, 0]
    push = ((-r * step) * weights * loss.slopes(f))[:, None, :]
    t = torch.addcmul(push, t.mul_(t), push, value=-1.0)
    change = t.view(-1, t.shape[-1]) @ inputs
    flat.mul_(1 - step * ridge).add_(change)
    state.view(-1, *noise.shape[:1], size, d).add_(noise, alpha=sd)
    return f


class _Loss:
    """Slopes and divergences of a network's loss on a device."""

    def __init__(self, network: Network, centre: Array, device: torch.device) -> None:
        self._squared = network.loss == "squared"
        self._labels = torch.as_tensor(network.labels, dtype=torch.float32, device=device)
        self._centre = torch.as_tensor(centre, dtype=torch.float64, device=device)

    def slopes(self, f: Tensor) -> Tensor:
        """l'(f_j, y_j), shape (..., n)."""
        if self._squared:
            return f - self._labels
        return -self._labels * (-self._labels * f).sigmoid()

    def divergence(self, f: Tensor) -> Tensor:
        """B_F of outputs f from the centre, shape (...,), float64."""
        gap = f.double() - self._centre
        if self._squared:
            return gap.square().mean(-1) / 2
        y, c = self._labels.double(), self._centre
        softplus = torch.nn.functional.softplus
        tangent = y * (-y * c).sigmoid() * gap
        return (softplus(-y * f.double()) - softplus(-y * c) + tangent).mean(-1)


def _weights(
    n: int, batch: int, steps: int, replicates: int, rng: torch.Generator, replacement: bool
) -> Tensor:
    """Weights of the data in the gradient of each step, shape (steps, replicates, n)."""
    shape = (steps, replicates, n)
    if batch >= n:
        return torch.full(shape, 1 / n, device=rng.device)
    if replacement:
        chosen = torch.randint(n, (*shape[:2], batch), generator=rng, device=rng.device)
    else:
        keys = torch.rand(shape, generator=rng, device=rng.device)
        chosen = keys.topk(batch, -1, sorted=False).indices
    weights = torch.zeros(shape, device=rng.device)
    return weights.scatter_add_(-1, chosen, torch.full(chosen.shape, 1 / batch).to(weights))
