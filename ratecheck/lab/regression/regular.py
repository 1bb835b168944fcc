"""Regression at the points of a regular grid of the torus, of a target with a stationary law.

The best of all linear estimators is then the Wiener filter, diagonal in the Fourier basis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.estimators.smoothing import wiener_filter, wiener_risk


class Stationary(Protocol):
    """A law of targets on the torus that does not change with the origin."""

    def spectrum(self, n: int) -> Tensor:
        """Eigenvalues of the covariance of the values on the grid of n points, on the CPU."""


class Drawn(Stationary, Protocol):
    """One of functions on the circle that can be drawn."""

    def draw(self, *, replicates: int, rng: torch.Generator) -> Callable[[Tensor], Tensor]:
        """R functions, which take points (R, n, 1) to values (R, n)."""


def linear_risk(prior: Stationary, n: int, sigma: float) -> float:
    """Risk of the best linear estimator from n data of noise sigma, exactly."""
    return wiener_risk(prior.spectrum(n), sigma**2)


@dataclass(frozen=True)
class Problem:
    """One noisy value of a random target at each of the points 0, 1/n, ..., (n - 1)/n.

    Attributes
    ----------
    prior : Drawn
    sigma : float
        Standard deviation of the noise.
    """

    prior: Drawn
    sigma: float

    def data(self, n: int, *, replicates: int, rng: torch.Generator) -> Data:
        """Noisy values of R targets. The noise is drawn in single precision, for long grids."""
        grid = torch.arange(n, dtype=torch.float64, device=rng.device) / n
        target = self.prior.draw(replicates=replicates, rng=rng)
        truth = target(grid[:, None].expand(replicates, -1, -1))
        noise = normal(replicates, n, rng=rng, dtype=torch.float32).double()
        return Data(self, truth, truth + self.sigma * noise)


@dataclass(frozen=True)
class Data:
    """R rows of n noisy values.

    Attributes
    ----------
    problem : Problem
    truth, y : Tensors of shape (R, n)
        Values without noise (for the judge alone) and with it.
    """

    problem: Problem
    truth: Tensor
    y: Tensor

    def risk(self, values: Tensor) -> Tensor:
        """Mean squared error of estimated values (R, n) at the points: (R,)."""
        return (values - self.truth).square().mean(-1)

    def risks(self, **values: Tensor) -> dict[str, Tensor]:
        """`risk` of each of several estimates, under their names."""
        return {name: self.risk(estimate) for name, estimate in values.items()}

    def best_linear(self) -> Tensor:
        """The estimate (R, n) of the best of all linear estimators, which knows the prior."""
        spectrum = self.problem.prior.spectrum(self.y.shape[1]).to(self.y.device)
        return wiener_filter(self.y, spectrum, self.problem.sigma**2)
