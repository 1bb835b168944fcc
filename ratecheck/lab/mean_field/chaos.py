"""N interacting neurons beside N independent ones that obey the mean-field law.

The chain of `particles` in double precision, and copies of its neurons from the same start that
are driven by the same Brownian increments, but by the gradient at the outputs of infinitely many
neurons: the copies are independent, each with the law mu_k. How far a neuron is from its copy
bounds the distance of the joint law of N neurons from N-fold mu_k in W_2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.mean_field import plane
from ratecheck.lab.mean_field.gibbs import Gibbs
from ratecheck.lab.mean_field.network import Network
from ratecheck.lab.mean_field.tasks import DoubleWell


class Neurons:
    """The arithmetic of a network on a device, float64: neurons are (..., N, d)."""

    def __init__(self, network: Network, device: torch.device) -> None:
        def on(values: object) -> Tensor:
            return torch.as_tensor(values, dtype=torch.float64, device=device)

        self.network, self.inputs, self.labels = network, on(network.inputs), on(network.labels)
        self._well = isinstance(network, DoubleWell)

    def outputs(self, t: Tensor) -> Tensor:
        """f from t = tanh(x . z_j) of shape (..., N, n): (..., n)."""
        return self.network.r * t.mean(-2)

    def slopes(self, f: Tensor) -> Tensor:
        """l'(f_j, y_j)."""
        if self._well:
            return f**3 - f
        if self.network.loss == "squared":
            return f - self.labels
        return -self.labels * (-self.labels * f).sigmoid()

    def tanh(self, x: Tensor) -> Tensor:
        """tanh(x . z_j): (..., N, n)."""
        return (x @ self.inputs.mT).tanh_()

    def gradient(self, x: Tensor, t: Tensor, slopes: Tensor) -> Tensor:
        """grad dF/dmu at the neurons x, where the loss has these slopes, (..., n): (..., N, d)."""
        weights = slopes[..., None, :] * (self.network.r / self.network.size)
        return self.network.ridge * x + ((1 - t * t) * weights) @ self.inputs


@dataclass(frozen=True)
class Run:
    """How a network is trained.

    Attributes
    ----------
    particles : int
        N.
    step : float
        eta.
    counts : tuple of int
        Numbers of steps after which the network is looked at, increasing.
    spread : float
        Standard deviation of each coordinate at the start.
    group : int
        Neurons that interact with one another: N if it is 0.
    shared_noise : bool
        One Brownian increment for all neurons of a network.
    """

    particles: int
    step: float
    counts: tuple[int, ...]
    spread: float = 1.0
    group: int = 0
    shared_noise: bool = False


@dataclass(frozen=True)
class Seen:
    """What was seen of a run, each of shape (replicates, counts).

    Attributes
    ----------
    distance : Tensor
        Mean over the neurons of |X_i - copy|^2.
    gap, copies_gap : Tensor
        (1/2n) sum_j (f_j - f_j(mu_k))^2 for the outputs of the neurons and of their copies.
    """

    distance: Tensor
    gap: Tensor
    copies_gap: Tensor


def coupled(
    network: Network, outputs: Tensor, run: Run, *, replicates: int, rng: torch.Generator
) -> Seen:
    """Train N neurons beside their independent copies.

    Parameters
    ----------
    network : Network
    outputs : Tensor of shape (steps + 1, n)
        f of infinitely many neurons before each step, from the same start at the same step size.
    run : Run
    replicates : int
    rng : torch.Generator
    """
    neurons, size, d = Neurons(network, rng.device), run.particles, network.inputs.shape[1]
    group, sd = run.group or size, math.sqrt(2 * run.step * network.lam)
    x = run.spread * normal(replicates, size, d, rng=rng)
    copies, seen = x.clone(), []
    for k in range(run.counts[-1] + 1):
        t, free = neurons.tanh(x), neurons.tanh(copies)
        if k in run.counts:
            off = (neurons.outputs(values) - outputs[k] for values in (t, free))
            distance = (x - copies).square().sum(-1).mean(-1)
            seen.append((distance, *(gap.square().mean(-1) / 2 for gap in off)))
        inside = t.view(replicates, -1, group, t.shape[-1])
        slopes = neurons.slopes(neurons.outputs(inside))
        gradient = neurons.gradient(x.view(replicates, -1, group, d), inside, slopes).view_as(x)
        noise = sd * normal(replicates, 1 if run.shared_noise else size, d, rng=rng)
        x = x - run.step * gradient + noise
        pull = neurons.gradient(copies, free, neurons.slopes(outputs[k]))
        copies = copies - run.step * pull + noise
    return Seen(*(torch.stack(values, 1) for values in zip(*seen, strict=True)))


def many(network: Network, particles: int, run: Run, *, rng: torch.Generator) -> Tensor:
    """Outputs of one network of many neurons before each step and after the last, (steps + 1, n).

    In place of infinitely many where there is no grid: off by one over their number in mean square.
    """
    neurons, d = Neurons(network, rng.device), network.inputs.shape[1]
    sd, path = math.sqrt(2 * run.step * network.lam), []
    x = run.spread * normal(particles, d, rng=rng)
    for _ in range(run.counts[-1] + 1):
        t = neurons.tanh(x)
        path.append(neurons.outputs(t))
        gradient = neurons.gradient(x, t, neurons.slopes(path[-1]))
        x = x - run.step * gradient + sd * normal(particles, d, rng=rng)
    return torch.stack(path)


def mean_field(network: Network, run: Run, width: int, rng: torch.Generator) -> Tensor:
    """Outputs of infinitely many neurons before each step and after the last, (steps + 1, n).

    Of their law on a grid where d = 2, else of one network of so many neurons.
    """
    if network.inputs.shape[1] == 2:
        path = plane.outputs(network, run.step, run.counts[-1], run.spread)
        return torch.as_tensor(path, device=rng.device)
    return many(network, width, run, rng=rng)


def resting(best: Gibbs, run: Run, device: torch.device) -> Tensor:
    """The minimiser's outputs at every step, (steps + 1, n): the limit of infinite time."""
    f = torch.as_tensor(best.f, dtype=torch.float64, device=device)
    return f.expand(run.counts[-1] + 1, -1)


def stationary_gap(best: Gibbs) -> tuple[float, float]:
    """Limits of N E gap at small steps in the stationary regime, and of N independent neurons.

    Fluctuations of the outputs of the Gibbs law of N neurons have the covariance
    Sigma (I + H Sigma/lam)^-1 / N with H = diag(l'')/n and Sigma = Cov_mu*(h) (Laplace's method);
    those of independent ones Sigma/N.
    """
    network, sigma = best.network, best.covariance
    curved = np.diag(network.curvatures(best.f) / network.size)
    joint = np.linalg.solve(np.eye(network.size) + sigma @ curved / network.lam, sigma)
    return float(np.trace(joint) / (2 * network.size)), float(np.trace(sigma) / (2 * network.size))
