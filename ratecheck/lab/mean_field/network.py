"""Two-layer networks in the mean-field limit: the objective.

A law mu of neurons x in R^d gives the outputs f_j = E_mu h_j at n inputs z_j,
h_j(x) = r tanh(x . z_j), and

    L(mu) = F(mu) + lam Ent(mu),     F(mu) = (1/n) sum_j l(f_j, y_j) + (ridge/2) E_mu |x|^2,

with Ent(mu) = E_mu log mu.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

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


@lru_cache(maxsize=64)
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


@lru_cache(maxsize=64)
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
