"""Regression, Y = f(X) + sigma Z: what nature does, and how an estimate of f is judged.

A `Problem` is a law of targets, a law of inputs and the size of the noise. A method meets it
through its `Data`: inputs, labels, the risk of an estimate, and the risk of the best of all
estimators that are linear in the labels, exactly.

Points have shape (R, n, d): R replicates, each with a target, data and points of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from ratecheck.lab.draws import in_parts, normal
from ratecheck.lab.estimators.kernel_ridge import posterior_variance

Target = Callable[[Tensor], Tensor]


class Prior(Protocol):
    """A law of targets."""

    def draw(self, *, replicates: int, rng: torch.Generator) -> Target:
        """R functions, which take points (R, n, d) to values (R, n)."""


@runtime_checkable
class SecondOrder(Protocol):
    """A law of targets whose second moments are known."""

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, d) and (R, m, d): (R, n, m)."""

    def variance(self, x: Tensor) -> Tensor | float:
        """Variance of f(x) at points (R, n, d), as what broadcasts to (R, n)."""


class Inputs(Protocol):
    """A law of inputs."""

    def draw(self, count: int, *, replicates: int, rng: torch.Generator) -> Tensor:
        """Independent inputs of shape (replicates, count, d)."""


@runtime_checkable
class Region(Protocol):
    """An estimate of an indicator whose risk, an area, is exact."""

    def area_between(self, truth: Any) -> Tensor:
        """Area of the symmetric difference with the true region, of shape (R,)."""


@dataclass(frozen=True)
class Problem:
    """Data with noise N(0, sigma^2) of a random target, new for each replicate.

    Attributes
    ----------
    prior : Prior
        The law of the target.
    inputs : Inputs
    sigma : float
        Standard deviation of the noise.
    at : Tensor of shape (m, d), or int
        Points over which the risk of an estimate is averaged, or how many fresh inputs.
    linear_at : Tensor of shape (m, d), or int
        The same for the risk of the best linear estimator. Where both are numbers, these are the
        first of the others.
    at_once : int
        Replicates whose matrices of covariances are in memory together.
    """

    prior: Prior
    inputs: Inputs
    sigma: float
    at: Tensor | int
    linear_at: Tensor | int = 256
    at_once: int = 1

    def data(self, n: int, *, replicates: int, rng: torch.Generator) -> Data:
        """Targets, n data of each, and the points at which estimates are judged."""
        target = self.prior.draw(replicates=replicates, rng=rng)
        x = self.inputs.draw(n, replicates=replicates, rng=rng)
        y = target(x) + self.sigma * normal(replicates, n, rng=rng)
        points = self.at, self.linear_at
        count = max((each for each in points if isinstance(each, int)), default=0)
        fresh = self.inputs.draw(count, replicates=replicates, rng=rng) if count else x
        at, linear_at = (
            fresh[:, :each]
            if isinstance(each, int)
            else each.to(rng.device).expand(replicates, -1, -1)
            for each in points
        )
        return Data(self, target, x, y, at, linear_at)


@dataclass(frozen=True)
class Data:
    """n data of R targets.

    Attributes
    ----------
    problem : Problem
    target : Target
        The truth, for the judge alone.
    x, y : Tensors of shape (R, n, d) and (R, n)
        Inputs, and labels with noise, in random order.
    at, linear_at : Tensors of shape (R, m, d)
        Where estimates and the best linear one are judged.
    """

    problem: Problem
    target: Target
    x: Tensor
    y: Tensor
    at: Tensor
    linear_at: Tensor

    @cached_property
    def truth(self) -> Tensor:
        """Values of the targets at the points of judgement, (R, m)."""
        return self.target(self.at)

    def risk(self, estimate: Target | Tensor | Region) -> Tensor:
        """Mean squared error of an estimate of each replicate, (R,).

        The estimate is a function, its values at the points ``at``, or a region, whose risk is
        exact.
        """
        if isinstance(estimate, Region):
            return estimate.area_between(self.target)
        values = estimate if isinstance(estimate, Tensor) else estimate(self.at)
        return (values - self.truth).square().mean(1)

    def risks(self, **estimates: Target | Tensor | Region) -> dict[str, Tensor]:
        """`risk` of each of several estimates, under their names."""
        return {name: self.risk(estimate) for name, estimate in estimates.items()}

    def linear_risk(self) -> Tensor:
        """Risk of the best of all estimators that are linear in the labels, given the inputs: (R,).

        Exactly, and averaged over targets and noise: the posterior variance of the Gaussian process
        with the covariance of the target.

        Raises
        ------
        TypeError
            If the covariance of the targets is not known in closed form.
        """
        prior, noise = self.problem.prior, self.problem.sigma**2
        if not isinstance(prior, SecondOrder):
            raise TypeError(f"{type(prior).__module__} knows no covariance of its targets")

        def risk(x: Tensor, at: Tensor) -> Tensor:
            covariances = prior.covariance(x, x), prior.covariance(at, x)
            return posterior_variance(*covariances, prior.variance(at), noise).mean(1)

        return in_parts(risk, self.x, self.linear_at, rows=self.problem.at_once).double()

    def every(self, step: int) -> Data:
        """Every so many-th of the data, judged at the same points."""
        return replace(self, x=self.x[:, ::step], y=self.y[:, ::step])
