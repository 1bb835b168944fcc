"""Mean-field networks with vector neurons to learn on, and an objective that is not convex."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ratecheck.lab.mean_field.network import Array, Network


@dataclass(frozen=True, eq=False)
class DoubleWell(Network):
    """The loss (f^2 - 1)^2/4, which is not convex: outputs of 0 are an unstable balance."""

    def losses(self, f: Array) -> Array:
        """(f^2 - 1)^2/4."""
        return np.asarray((f**2 - 1) ** 2 / 4)

    def slopes(self, f: Array) -> Array:
        """f^3 - f."""
        return np.asarray(f**3 - f)

    def curvatures(self, f: Array) -> Array:
        """3 f^2 - 1."""
        return np.asarray(3 * f**2 - 1)


def _network(
    inputs: Array, y: Array, loss: str, r: float, lam: float, ridge: float, convex: float
) -> Network:
    if not convex:
        return DoubleWell(inputs, y, "squared", r, lam, ridge)
    return Network(inputs, np.sign(y) if loss == "logistic" else y, loss, r, lam, ridge)


@lru_cache(maxsize=64)
def biased(
    loss: str, *, d: int = 2, n: int = 8, r: float = 2.0, lam: float = 0.1, ridge: float = 0.5,
    convex: float = 1,
) -> Network:  # fmt: skip
    """Weight and bias, d = 2: labels sin(5 z/2), or their signs, at n inputs (z, 1) on [-1, 1]."""
    if d != 2:
        raise ValueError(f"a weight and a bias are two parameters, not {d}")
    z = 2 * (np.arange(n) + 0.5) / n - 1
    inputs = np.stack([z, np.ones(n)], 1)
    return _network(inputs, np.sin(2.5 * z), loss, r, lam, ridge, convex)


@lru_cache(maxsize=64)
def cloud(
    loss: str, *, d: int = 8, n: int = 32, r: float = 2.0, lam: float = 0.1, ridge: float = 0.5,
    convex: float = 1,
) -> Network:  # fmt: skip
    """n inputs of d - 1 coordinates and a bias: d parameters a neuron.

    The inputs are one standard Gaussian sample, the same for every d that has as many coordinates;
    labels sin(2 z_1 + z_2), or their signs.
    """
    z = np.random.default_rng(0).standard_normal((d - 1, n)).T
    inputs = np.concatenate([z / np.sqrt(d - 1), np.ones((n, 1))], 1)
    return _network(inputs, np.sin(2 * z[:, 0] + z[:, 1]), loss, r, lam, ridge, convex)
