"""A small network trained by workers whose labels are skewed, with real federated runs.

Four classes of data, overlapping Gaussian clouds, a tanh network with softmax loss and a ridge, and
a worker for each class. With skew s a worker's loss is that of all data with the weight 1 - s and
of its own class with s: its Hessian is off the mean by s times a constant, and the mean f does not
know s. Local steps see all data of their worker. Points are flat parameters of shape (R, D), a
replicate in each row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal

CLASSES, INPUTS, HIDDEN, EACH, RIDGE = 4, 3, 4, 8, 0.05
MOST = 400  # rounds
SIZES = (INPUTS * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES)


@dataclass(frozen=True)
class Clients:
    """Data and starts of R replicates.

    Attributes
    ----------
    skew : float
        s, from 0 (all workers alike) to 1.
    x : Tensor of shape (R, n, INPUTS)
        n data, equally many of each class, one class after the other.
    start : Tensor of shape (R, D)
        Parameters to begin with.
    """

    skew: float
    x: Tensor
    start: Tensor

    def repeated(self, times: int) -> Clients:
        """All replicates, so many times."""
        return Clients(self.skew, self.x.repeat(times, 1, 1), self.start.repeat(times, 1))

    def gradient(self, theta: Tensor, worker: Tensor | None = None) -> Tensor:
        """Gradient of f, or of f_p for one worker in each replicate: shape (R, D)."""
        x, n = self.x, self.x.shape[1]
        w, b, v, a = theta.split(SIZES, 1)
        w, v = w.view(-1, INPUTS, HIDDEN), v.view(-1, HIDDEN, CLASSES)
        label = torch.arange(n, device=x.device) // (n // CLASSES)
        weights = torch.full((1, n), 1 / n, dtype=x.dtype, device=x.device)
        if worker is not None:
            own = (label == worker[:, None]).to(x)
            weights = (1 - self.skew) * weights + self.skew * own * CLASSES / n
        hidden = torch.baddbmm(b[:, None], x, w).tanh()
        off = torch.baddbmm(a[:, None], hidden, v).softmax(-1)
        off = off - (label[:, None] == torch.arange(CLASSES, device=x.device)).to(x)
        off = off * weights[..., None]
        back = (off @ v.mT) * (1 - hidden**2)
        parts = (x.mT @ back, back.sum(1), hidden.mT @ off, off.sum(1))
        return torch.cat([part.flatten(1) for part in parts], 1) + RIDGE * theta


def clients(skew: float, *, replicates: int, rng: torch.Generator) -> Clients:
    """Draw data and starts, class means and noise of variance 1, weights of variance 1/fan-in."""
    x = normal(replicates, CLASSES, 1, INPUTS, rng=rng)
    x = (x + normal(replicates, CLASSES, EACH, INPUTS, rng=rng)).flatten(1, 2)
    w, b, v, a = SIZES
    scale = [INPUTS**-0.5] * w + [0.0] * b + [HIDDEN**-0.5] * v + [0.0] * a
    start = normal(replicates, sum(SIZES), rng=rng) * torch.tensor(scale).to(x)
    return Clients(skew, x, start)


def bvr_sgd(
    world: Clients, theta: Tensor, v: Tensor, eta: Tensor, K: int, rng: torch.Generator
) -> Tensor:
    """One round of BVR-L-SGD from the full gradient v: K local SARAH steps of a random worker."""
    worker = torch.randint(CLASSES, (len(theta),), generator=rng, device=rng.device)
    local = world.gradient(theta, worker)
    for left in reversed(range(K)):
        theta = theta - eta * v
        if left:
            after = world.gradient(theta, worker)
            v, local = v + after - local, after
    return theta


def local_sgd(
    world: Clients, theta: Tensor, v: Tensor, eta: Tensor, K: int, rng: torch.Generator
) -> Tensor:
    """One round of Local SGD: K steps of each worker, then the average; K = 1 is a step along v."""
    if K == 1:
        return theta - eta * v
    total = torch.zeros_like(theta)
    for p in range(CLASSES):
        worker, end = torch.full((len(theta),), p, device=theta.device), theta
        for _ in range(K):
            end = end - eta * world.gradient(end, worker)
        total = total + end
    return total / CLASSES


def arrivals(
    world: Clients, eps: float, longest: Tensor, move: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """The first round from which on |grad f| <= eps for as long as it took: shape (R,).

    Parameters
    ----------
    world : Clients
    eps : float
    longest : Tensor of shape (R,)
        Finite: rounds after which a run counts as one that does not arrive, inf.
    move : callable
        One round, of the point and the full gradient there.
    """
    theta, t = world.start, 0
    since = torch.zeros_like(theta[:, 0])
    while True:
        full = world.gradient(theta)
        since = torch.where(full.square().sum(1) <= eps**2, since, t + 1.0)  # NaN is above
        if bool(((since > longest) | (t >= 2 * since)).all()):
            return torch.where(since > longest, math.inf, since)
        theta, t = move(theta, full), t + 1


def fewest_rounds(
    world: Clients, eps: float, longest: Tensor | float, method: Callable[..., Tensor],
    Ks: Sequence[int], etas: Sequence[float], rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """Fewest rounds of a method, for each replicate, over numbers of local steps and step sizes.

    Parameters
    ----------
    world : Clients
    eps : float
    longest : Tensor of shape (R,) or float
    method : callable
        `bvr_sgd` or `local_sgd`.
    Ks, etas : sequences

    Returns
    -------
    Tensor of shape (R,)
        inf where no setting arrived in time.
    """
    many, best = world.repeated(len(etas)), torch.full_like(world.start[:, 0], math.inf)
    eta = torch.tensor(etas).to(best).repeat_interleave(len(best))[:, None]
    for K in Ks:

        def move(x: Tensor, v: Tensor, K: int = K) -> Tensor:
            return method(many, x, v, eta, K, rng)

        cap = best.clamp(max=torch.as_tensor(longest).to(best)).repeat(len(etas))
        times = arrivals(many, eps, cap, move)
        best = best.minimum(times.view(len(etas), -1).min(0).values)
    return best


def contrast(
    world: Clients, eps: float, steps: dict[str, int], share: float, rng: torch.Generator
) -> dict[str, Tensor]:
    """Rounds of BVR-L-SGD and of Local SGD over those of minibatch SGD, as shares of shape (R,).

    Each method has the best of three step sizes, for each replicate.

    Parameters
    ----------
    world : Clients
    eps : float
    steps : dict
        K of ``bvr`` and of ``local``.
    share : float
        Whoever has not arrived after so many times the rounds of minibatch SGD counts with these.

    Returns
    -------
    dict
        ``bvr_share`` and ``local_share``.
    """
    minibatch = fewest_rounds(world, eps, MOST, local_sgd, [1], [2, 1, 0.5], rng).clamp(max=MOST)
    longest, shares = share * minibatch, {}
    for name, method in (("bvr", bvr_sgd), ("local", local_sgd)):
        found = fewest_rounds(world, eps, longest, method, [steps[name]], [1, 0.5, 0.25], rng)
        shares[f"{name}_share"] = found.minimum(longest) / minibatch
    return shares
