"""Particle dual averaging: networks that learn from one example at a time, in two loops.

The objective is that of `network`. After t examples i_s with slopes l'_s = l'(f_s, y_{i_s}), f_s
the output there, the next law of neurons is the Gibbs law of the weighted mean of what was seen,

    q_{t+1} ~ exp(-(1/lam) (2/((t+2)(t+1))) sum_{s<=t} s (l'_s h_{i_s} + (ridge/2) |x|^2)),

which n + 1 coefficients describe. The inner loop draws from it: `Neurons` are N particles with
Langevin steps, each loop from where the last one has ended; without them laws are exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.mean_field.gibbs import Gibbs, gibbs
from ratecheck.lab.mean_field.network import Network
from ratecheck.lab.mean_field.tasks import cloud

DEVIATIONS = 8.0  # of the regulariser's own Gibbs law, half the side of the lattice
SEEN = 16  # the objective is looked at that often until t has doubled, once every t is too dear


def plane(loss: str, *, n: int = 16, lam: float = 0.1, bias: bool = True) -> Network:
    """n Gaussian inputs in the plane with labels; neurons of three parameters, or of two."""
    network = cloud(loss, d=3, n=n, lam=lam)
    return network if bias else replace(network, inputs=network.inputs[:, :2])


def on_lattice(network: Network, points: int = 15) -> Gibbs:
    """The minimiser over laws of neurons on a lattice with so many points a side."""
    reach = DEVIATIONS * math.sqrt(network.lam / network.ridge)
    return gibbs(network, np.linspace(-reach, reach, points))


@dataclass(frozen=True)
class Averaging:
    """The outer loop.

    Attributes
    ----------
    order : float
        Example s has a weight like s^(order - 1): 2 is the theorem's.
    latest : float
        Least share of the latest example; 1 sees that one only.
    alone : bool
        Slopes at the outputs of 0: what the network has learned is not seen.
    whole : bool
        All examples in each step.
    heat : float
        1, or by what the temperature is off.
    """

    order: float = 2.0
    latest: float = 0.0
    alone: bool = False
    whole: bool = False
    heat: float = 1.0

    def share(self, t: int) -> float:
        """Of example t in the mean."""
        return max(self.order / (t + self.order), self.latest)


class Laws:
    """Gibbs laws exp(-(c . h + a (ridge/2) |x|^2)/lam) on the points of a minimiser's lattice.

    Coefficients (c, a) have shape (R, n + 1).
    """

    def __init__(self, best: Gibbs, device: torch.device) -> None:
        def on(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, dtype=torch.float64, device=device)

        network = best.network
        square = network.ridge / 2 * (best.x**2).sum(1, keepdims=True)
        self._seen = on(np.concatenate([best.features, square], 1))
        self._squared, self._labels = network.loss == "squared", on(network.labels)
        self.lam, self.n = network.lam, network.size
        at_best = best.law @ (square[:, 0] + self.lam * np.log(best.law))
        self._least = float(network.losses(best.f).mean() + at_best)

    def prior(self, replicates: int) -> Tensor:
        """Coefficients of the regulariser's own law."""
        c = self._labels.new_zeros(replicates, self.n + 1)
        c[:, -1] = 1
        return c

    def slopes(self, f: Tensor) -> Tensor:
        """l'(f_i, y_i), shape (R, n)."""
        y = self._labels
        return f - y if self._squared else -y * (-y * f).sigmoid()

    def __call__(self, c: Tensor, heat: float = 1.0) -> tuple[Tensor, Tensor]:
        """Outputs (R, n) of such laws, and L less its minimum (R,)."""
        c = c / heat
        exponent = (c / -self.lam) @ self._seen.mT
        top = exponent.amax(-1, keepdim=True)
        weights = exponent.sub_(top).exp_()  # one exponential a point: it is most of the time
        mass = weights.sum(-1, keepdim=True)
        mean, partition = weights @ self._seen / mass, top + mass.log()
        f, y = mean[:, :-1], self._labels
        fit = (f - y).square() / 2 if self._squared else torch.nn.functional.softplus(-y * f)
        entropy = -(c * mean).sum(-1) - self.lam * partition[:, 0]
        return f, fit.mean(-1) + mean[:, -1] + entropy - self._least


class Inner(Protocol):
    """An inner loop."""

    def follow(self, c: Tensor) -> Tensor:
        """Outputs (R, n) of neurons after one loop, for coefficients (R, n + 1)."""


class Neurons:
    """N neurons a network, which follow the Gibbs laws of an outer loop by Langevin steps.

    Attributes
    ----------
    x : Tensor of shape (R, N, d)
        Drawn from the regulariser's own law.
    """

    def __init__(
        self, network: Network, count: int, *, step: float, inner: int = 1, heat: float = 1.0,
        replicates: int, rng: torch.Generator,
    ) -> None:  # fmt: skip
        self._inputs = torch.as_tensor(network.inputs, device=rng.device)
        self._r, self._ridge, self._rng = network.r, network.ridge, rng
        self._step, self._inner, self._sd = step, inner, math.sqrt(2 * step * heat * network.lam)
        spread = math.sqrt(network.lam / network.ridge)
        self.x = spread * normal(replicates, count, network.inputs.shape[1], rng=rng)

    def follow(self, c: Tensor) -> Tensor:
        """Outputs (R, n) after the steps of one inner loop."""
        weights, square = c[:, None, :-1] * self._r, c[:, -1, None, None] * self._ridge
        for _ in range(self._inner):
            drift = (1 - self.features.square()) * weights @ self._inputs + square * self.x
            self.x = self.x - self._step * drift + self._sd * normal(*self.x.shape, rng=self._rng)
        return self._r * self.features.mean(1)

    @property
    def features(self) -> Tensor:
        """tanh(x . z_j), shape (R, N, n)."""
        return (self.x @ self._inputs.mT).tanh()


def gaps(
    laws: Laws, method: Averaging, counts: tuple[int, ...], *, neurons: Inner | None = None,
    replicates: int, rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """Means of L(q_t) - min L with weights t, after so many examples: (R, counts).

    With neurons the outputs are theirs, and L is that of the Gibbs law which they follow, seen at
    some t and taken for what comes until the next.
    """
    c, found = torch.zeros_like(laws.prior(replicates)), []
    total = c.new_zeros(replicates)
    for t in range(1, counts[-1] + 1):
        law = c if t > 1 else laws.prior(replicates)
        if neurons is None or t % max(1, t // SEEN) == 0:
            f, gap = laws(law, method.heat)
        if neurons is not None:
            f = neurons.follow(law)
        total = total + t * gap
        if t in counts:
            found.append(2 * total / (t * (t + 1)))
        slopes = laws.slopes(torch.zeros_like(f) if method.alone else f)
        new, share = laws.prior(replicates), method.share(t)
        if method.whole:
            new[:, :-1] = slopes / laws.n
        else:
            i = torch.randint(laws.n, (replicates, 1), generator=rng, device=c.device)
            new.scatter_(1, i, slopes.gather(1, i))
        c = (1 - share) * c + share * t / (t + 1) * new
    return torch.stack(found, 1)


def expected(best: Gibbs, examples: int) -> float:
    """What `gaps` are after so many examples in the mean: `Averaging()`, laws near the minimum.

    Stochastic approximation, linearised: the mean and covariance of the coefficients' deviations
    follow a linear recursion with H = diag(l'')/n, S the covariance of h and (ridge/2) |x|^2
    over lam, and the noise that one example has at the minimum; a deviation v costs, to second
    order, v' (S + S H S) v/2.
    """
    network, n = best.network, best.network.size
    square = network.ridge / 2 * (best.x**2).sum(1, keepdims=True)
    seen = np.concatenate([best.features, square], 1)
    centred = seen - best.law @ seen
    sigma = (centred * best.law[:, None]).T @ centred / network.lam
    slopes = network.slopes(best.f)
    h = np.diag(np.append(network.curvatures(best.f) / n, 0.0))
    one = np.diag(np.append(slopes, 0.0))[:n]  # what each example adds, but for the regulariser
    noise = one.T @ (np.eye(n) / n - 1 / n**2) @ one
    curved = sigma + sigma @ h @ sigma
    star = np.append(slopes / n, 1.0)
    off, mean = np.append(-slopes / n, 0.0), -star  # of the first law, which no mean contains
    spread, total = np.zeros_like(noise), 0.0
    for t in range(1, examples + 1):
        total += t / 2 * float(off @ curved @ off + np.trace(spread @ curved))
        share = 2 / (t + 2)
        new = share * t / (t + 1)
        keep = (1 - share) * np.eye(n + 1) - new * h @ sigma
        mean = (1 - share) * mean - share * star + new * (star - h @ sigma @ off)
        spread = keep @ spread @ keep.T + new**2 * noise
        off = mean
    return 2 * total / (examples * (examples + 1))
