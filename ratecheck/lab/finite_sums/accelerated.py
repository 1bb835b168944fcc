"""Methods for a strongly convex finite sum, on `blocks`: how long until the gap is eps as large.

- Katyusha (Allen-Zhu, JMLR 18, 2018, Algorithm 1): a full gradient at a snapshot, then m steps with
  batches of gradient differences; points are coupled from a point of momentum z, the snapshot and
  the last point y; the next snapshot is a weighted mean.
- SVRG (Johnson and Zhang, NIPS 2013): as that, without coupling.
- accelerated and plain gradient descent, with full gradients.
- SGD, without snapshots.

The ridge mu |x|^2/2 is the regulariser, met by its proximal step. Expectations are exact. Each
method gets a problem, the energies c x^2/2 of R starts, shape (R, D), the goal eps for the gap
E f - f* as a share of the start's, and E steps, each at which it returns R times: shape (E, R).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ratecheck.lab.finite_sums import moments
from ratecheck.lab.finite_sums.blocks import Blocks


def grid(low: int, high: int, like: Tensor, per_octave: int = 2) -> Tensor:
    """Steps from 2^low to 2^high, so many an octave: shape (E,)."""
    steps = torch.arange(low * per_octave, high * per_octave + 1).to(like)
    return 2.0 ** (steps / per_octave)


def momenta(octaves: int, like: Tensor) -> Tensor:
    """(1 - sqrt q)/(1 + sqrt q) for q from 1/2 down to 2^(-2 octaves), two an octave."""
    root = 1 / grid(1, 2 * octaves, like) ** 0.5
    return (1 - root) / (1 + root)


def _matrices(*rows: tuple[Tensor | float, ...], like: Tensor) -> Tensor:
    """Matrices of shape (E, 1, j, k) from rows of numbers and tensors of shape (E,)."""

    def cell(value: Tensor | float) -> Tensor:
        number = torch.as_tensor(value, dtype=like.dtype, device=like.device)
        return number.expand(like.shape)

    cells = [[cell(value) for value in row] for row in rows]
    return torch.stack([torch.stack(row, -1) for row in cells], -2)[:, None]


def _arrivals(epoch: Tensor, energies: Tensor, eps: float) -> Tensor:
    """Epochs from where all points are one, until the gap of the first is eps as large."""
    size = epoch.shape[-1]
    seen = torch.eye(1, size, dtype=epoch.dtype, device=epoch.device)[0]
    start = energies[..., None].expand(-1, -1, size)
    return moments.arrivals(epoch, start, seen, eps * energies.sum(1))


def katyusha(
    o: Blocks, energies: Tensor, eps: float, alphas: Tensor, *, inner: int, batch: int = 1,
    snapshot: float = 0.5,
) -> Tensor:  # fmt: skip
    """Epochs of Katyusha: a full gradient and ``inner`` batches of gradient differences each.

    ``alphas`` are the steps of the point of momentum, whose weight tau_1 is 1/(3 alpha L), at most
    1/2; ``snapshot`` is the snapshot's weight tau_2.
    """
    mean, variance = o.data(energies)
    tau, weight = (1 / (3 * alphas * o.L)).clamp_max(0.5), 1 + alphas * o.mu
    shrink, short = 1 / weight, 1 / (3 * o.L + o.mu)
    # of z, y, the snapshot s and the mean w; x couples them, and g = h (x - s) + E h s
    x, apart = (tau, 1 - tau - snapshot, snapshot), (tau, 1 - tau - snapshot, snapshot - 1)
    long = tuple(3 * o.L * short * cell for cell in x)
    fixed = _matrices((shrink, 0, 0, 0), (*long, 0), (0, 0, 1, 0), (*long, shrink), like=alphas)

    def minus(gradient: tuple[Tensor | float, ...]) -> Tensor:
        into_z = tuple(-alphas * shrink * cell for cell in gradient)
        into_y = tuple(-short * cell for cell in gradient)
        return _matrices((*into_z, 0), (*into_y, 0), (0,) * 4, (*into_y, 0), like=alphas)

    fixed = fixed + minus((0, 0, 1)) * mean[:, None, None]
    step = moments.expected(fixed, minus(apart), mean, variance / batch)
    total = (1 - shrink**inner) / (1 - shrink)
    # an epoch leaves (s, z, y)
    into = _matrices((0, 1, 0), (0, 0, 1), (1, 0, 0), (0, 0, 0), like=alphas)
    out = _matrices((0, 0, 0, 1 / total), (1, 0, 0, 0), (0, 1, 0, 0), like=alphas)
    epoch = moments.square(out) @ torch.matrix_power(step, inner) @ moments.square(into)
    return _arrivals(epoch, energies, eps)


def svrg(
    o: Blocks, energies: Tensor, eps: float, steps: Tensor, *, inner: int, batch: int = 1
) -> Tensor:
    """Epochs of proximal SVRG, the next snapshot being the last point."""
    mean, variance = o.data(energies)
    shrink = 1 / (1 + steps * o.mu)
    fixed = _matrices((shrink, 0), (0, 1), like=steps)
    full = _matrices((0, -steps * shrink), (0, 0), like=steps) * mean[:, None, None]
    moved = _matrices((-steps * shrink, steps * shrink), (0, 0), like=steps)
    step = torch.matrix_power(moments.expected(fixed + full, moved, mean, variance / batch), inner)
    ends = _matrices((1, 0), like=steps), _matrices((1,), (1,), like=steps)
    epoch = moments.square(ends[0]) @ step @ moments.square(ends[1])
    return _arrivals(epoch, energies, eps)


def descent(o: Blocks, energies: Tensor, eps: float, momenta: Tensor) -> Tensor:
    """Steps 1/L of accelerated descent along full gradients; momentum 0 is plain descent.

    It oscillates: the energy L v^2/2 of its velocity v must be below the goal, too, with the gap.
    """
    mean, _ = o.data(energies)
    q, beta = ((mean + o.mu) / o.L).sqrt(), momenta[:, None]  # of (x, v) in units of energy
    rows = ((1 - q**2 + 0 * beta, (1 - q**2) * beta * q), (-q + 0 * beta, (1 - q**2) * beta))
    step = torch.stack([torch.stack(row, -1) for row in rows], -2)
    start = torch.tensor([1.0, 0, 0, 0]).to(energies) * energies[..., None]
    seen = torch.tensor([1.0, 0, 0, 1]).to(energies)
    return moments.arrivals(moments.square(step), start, seen, eps * energies.sum(1))


def sgd(o: Blocks, energies: Tensor, eps: float, steps: Tensor) -> Tensor:
    """Steps of proximal SGD, with the gradient of one component."""
    mean, variance = o.data(energies)
    shrink, steps = 1 / (1 + steps * o.mu)[:, None], steps[:, None]
    fall = shrink**2 * ((1 - steps * mean) ** 2 + steps**2 * variance)
    noise = (mean + o.mu) / 2 * (steps * shrink * o.sigma) ** 2 / len(mean)
    rows = torch.stack([fall, noise], -1), torch.stack([0 * fall, 0 * fall + 1], -1)
    start = torch.stack([energies, 0 * energies + 1], -1)
    seen = torch.tensor([1.0, 0.0]).to(energies)
    return moments.arrivals(torch.stack(rows, -2), start, seen, eps * energies.sum(1))
