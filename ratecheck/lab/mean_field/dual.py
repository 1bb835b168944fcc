"""The dual of entropy-regularised networks, and stochastic coordinate ascent on it.

N neurons x_k, drawn from a prior, carry probabilities p_k. With features h_i(x) in [-1, 1] at n
inputs

    min over p of (1/n) sum_i (E_p h_i - y_i)^2/2 + lam KL(p || uniform)
    = max over g in R^n of D(g) = -(1/n) sum_i (g_i^2/2 + g_i y_i) - lam log mean_k w_k,

w_k = exp(-sum_i g_i h_i(x_k) / (lam n)), and p is proportional to w at the maximum: a Gibbs law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

MOST_ITERATIONS = 100


@dataclass(frozen=True, eq=False)
class Dual:
    """The problem.

    Attributes
    ----------
    features : array of shape (N, n)
        h_i(x_k), of size 1 at most.
    labels : array of shape (n,)
    lam : float
        Weight of the entropy.
    """

    features: np.ndarray
    labels: np.ndarray
    lam: float

    def value(self, g: np.ndarray) -> float:
        """D(g)."""
        n = len(g)
        exponent = -self.features @ g / (self.lam * n)
        top = exponent.max()
        partition = top + float(np.log(np.exp(exponent - top).mean()))
        return float(-(g @ g / 2 + g @ self.labels) / n - self.lam * partition)

    @cached_property
    def best(self) -> np.ndarray:
        """The maximiser, by Newton's method: g_i = E_p h_i - y_i.

        Raises
        ------
        RuntimeError
            If it is not found.
        """
        n = len(self.labels)
        g = np.zeros(n)
        for _ in range(MOST_ITERATIONS):
            exponent = -self.features @ g / (self.lam * n)
            p = np.exp(exponent - exponent.max())
            p /= p.sum()
            mean = p @ self.features
            residual = mean - self.labels - g
            if np.abs(residual).max() < 1e-13:
                return g
            centred = self.features - mean
            curved = (centred * p[:, None]).T @ centred / (self.lam * n)
            change, size = np.linalg.solve(np.eye(n) + curved, residual), 1.0
            while size > 1e-6 and self.value(g + size * change) < self.value(g) - 1e-15:
                size /= 2
            g = g + size * change
        if np.abs(residual).max() > 1e-10:
            raise RuntimeError(f"no maximiser was found: residual {np.abs(residual).max():.1g}")
        return g


@lru_cache(maxsize=64)
def neurons(
    n: int, lam: float, spread: float, *, d: int = 8, particles: int = 512, sample: int = 0
) -> Dual:
    """tanh neurons with d Gaussian parameters, on n inputs (1 - spread) 1 + spread Gaussian.

    Where ``spread`` is 0 all inputs are one, and coordinates are hardest to ascend one by one.
    Labels are Gaussian quantiles in a random order, so that their mean is 0.
    """
    from scipy.stats import norm

    rng = np.random.default_rng(sample)
    x = rng.standard_normal((particles, d))
    z = 1 - spread + spread * rng.standard_normal((n, d))
    y = rng.permutation(norm.ppf((np.arange(n) + 0.5) / n))
    return Dual(np.tanh(x @ z.T * (2 / np.sqrt(d))), y, lam)


@dataclass(frozen=True)
class Ascent:
    """A method.

    Attributes
    ----------
    lam : float
        The weight of the entropy that it is told.
    whole : bool
        Every coordinate in each step, not one at random.
    careful : bool
        The step that every coordinate at once needs, for one, too.
    frozen : bool
        Expectations under the uniform law always: neurons whose probabilities do not follow.
    step : float
        Multiplies the step of the theorem.
    """

    lam: float
    whole: bool = False
    careful: bool = False
    frozen: bool = False
    step: float = 1.0


class Run:
    """Ascents from g = 0 on one problem.

    Attributes
    ----------
    first : float
        D* - D(0).
    """

    def __init__(
        self, problem: Dual, ascent: Ascent, replicates: int, rng: torch.Generator
    ) -> None:
        def on(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, dtype=torch.float64, device=rng.device)

        self._problem, self._ascent, self._rng = problem, ascent, rng
        self._features, self._labels = on(problem.features), on(problem.labels)
        particles, n = problem.features.shape
        together = n if ascent.whole or ascent.careful else 1
        self._shrink = ascent.step / (1 + together / (ascent.lam * n))
        self._best = problem.value(problem.best)
        self.first = self._best - problem.value(np.zeros(n))
        self._g = self._labels.new_zeros(replicates, n)
        self._log = self._labels.new_zeros(replicates, particles)

    def gap(self) -> Tensor:
        """D* - D(g), shape (replicates,)."""
        n, particles = self._labels.shape[0], self._log.shape[1]
        concave = (self._g.square() / 2 + self._g * self._labels).sum(-1) / n
        partition: Tensor = self._log.logsumexp(-1) - math.log(particles)
        return self._best + concave + self._problem.lam * partition

    def advance(self) -> None:
        """One step."""
        replicates, n = self._g.shape
        weights = torch.zeros_like(self._log) if self._ascent.frozen else self._log
        p, scale = weights.softmax(-1), self._problem.lam * n
        if self._ascent.whole:
            change = (p @ self._features - self._labels - self._g) * self._shrink
            self._g = self._g + change
            self._log = self._log - change @ self._features.mT / scale
            return
        i = torch.randint(n, (replicates, 1), generator=self._rng, device=p.device)
        chosen = self._features.mT[i[:, 0]]
        mean = (p * chosen).sum(-1, keepdim=True)
        change = (mean - self._labels[i] - self._g.gather(1, i)) * self._shrink
        self._g = self._g.scatter_add(1, i, change)
        self._log = self._log - change * chosen / scale


def steps_until(run: Run, share: float, most: int, price: int = 1) -> Tensor:
    """Coordinates updated until the gap is a share of its start; infinite beyond ``most`` steps.

    Parameters
    ----------
    run : Run
    share : float
    most : int
    price : int
        Coordinates of a step.

    Returns
    -------
    Tensor of shape (replicates,)
    """
    gap = run.gap()
    arrived = torch.full_like(gap, float("inf"))
    for k in range(most + 1):
        here = (run.gap() <= share * run.first) & arrived.isinf()
        arrived = torch.where(here, float(max(k, 1) * price), arrived)
        if not arrived.isinf().any():
            break
        run.advance()
    return arrived


def gaps_at(run: Run, counts: tuple[int, ...]) -> Tensor:
    """The gap over its start after so many steps: (replicates, counts)."""
    seen = []
    for k in range(counts[-1] + 1):
        if k in counts:
            seen.append(run.gap() / run.first)
        if k < counts[-1]:
            run.advance()
    return torch.stack(seen, 1)
