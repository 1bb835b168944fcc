"""Laws of positive noise with mean 1, and curves, for experiments whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ratecheck.inference.cells import Array

Rng = np.random.Generator
Draw = Callable[[Rng, Array], Array]


@dataclass(frozen=True)
class Noise:
    """A law of noise: ``draw(rng, point)`` yields one value of mean 1 for every entry of point.

    ``point`` holds the number of the point on the axis, so that the law may change along it.
    """

    name: str
    draw: Draw


def lognormal(*cv: float) -> Noise:
    """Log-normal with one coefficient of variation, or one a point."""
    s = np.sqrt(np.log1p(np.square(cv)))

    def draw(rng: Rng, point: Array) -> Array:
        sigma = s[point] if len(s) > 1 else s[0]
        return np.asarray(np.exp(sigma * rng.standard_normal(point.shape) - sigma**2 / 2))

    shown = f"{cv[0]:g}" if len(cv) == 1 else f"{cv[0]:.2g} to {cv[-1]:.2g}"
    return Noise(f"log-normal, CV {shown}", draw)


def gamma(*cv: float) -> Noise:
    """Gamma with one coefficient of variation, or one a point."""
    shape = 1 / np.square(np.array(cv))

    def draw(rng: Rng, point: Array) -> Array:
        a = shape[point] if len(shape) > 1 else np.full(point.shape, shape[0])
        return np.asarray(rng.standard_gamma(a) / a)

    shown = f"{cv[0]:g}" if len(cv) == 1 else f"{cv[0]:.2g} to {cv[-1]:.2g}"
    return Noise(f"gamma, CV {shown}", draw)


def contaminated(share: float, factor: float, cv: float = 0.3) -> Noise:
    """Log-normal of which a share is multiplied by a factor."""
    base = lognormal(cv)
    mean = 1 + share * (factor - 1)

    def draw(rng: Rng, point: Array) -> Array:
        big = rng.random(point.shape) < share
        return np.asarray(base.draw(rng, point) * np.where(big, factor, 1.0) / mean)

    return Noise(f"contaminated, {100 * share:g} % x{factor:g}", draw)


def lomax(index: float) -> Noise:
    """Lomax (Pareto from 0) with a tail index."""

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray(rng.pareto(index, point.shape) * (index - 1))

    return Noise(f"Lomax, tail index {index:g}", draw)


def bernoulli(first: float, last: float, k: int) -> Noise:
    """0 or 1/p, with p falling geometrically along the axis: a share of failures."""
    p = np.geomspace(first, last, k)

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray((rng.random(point.shape) < p[point]) / p[point])

    return Noise(f"Bernoulli, p {first:g} to {last:g}", draw)


def inverse_gamma(index: float) -> Noise:
    """Inverse gamma with a tail index."""

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray((index - 1) / rng.standard_gamma(index, point.shape))

    return Noise(f"inverse gamma, tail index {index:g}", draw)


def weibull(*shape: float) -> Noise:
    """Weibull with one shape, or one a point."""
    from scipy.special import gamma as factorial

    c = np.array(shape)
    mean = factorial(1 + 1 / c)

    def draw(rng: Rng, point: Array) -> Array:
        i = point if len(c) > 1 else 0
        return np.asarray(rng.standard_exponential(point.shape) ** (1 / c[i]) / mean[i])

    shown = f"{shape[0]:g}" if len(shape) == 1 else f"{shape[0]:.2g} to {shape[-1]:.2g}"
    return Noise(f"Weibull, shape {shown}", draw)


def chi_square(df: float) -> Noise:
    """Chi-square over its degrees of freedom: the squared error of df Gaussian coordinates."""

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray(rng.chisquare(df, point.shape) / df)

    return Noise(f"chi-square, {df:g} df", draw)


def two_point(p: float, factor: float) -> Noise:
    """A value that is ``factor`` times the other with probability p."""
    mean = 1 + p * (factor - 1)

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray(np.where(rng.random(point.shape) < p, factor, 1.0) / mean)

    return Noise(f"two points, {100 * p:g} % x{factor:g}", draw)


def mixture(cv: float, factor: float) -> Noise:
    """Half of the replicates on a level ``factor`` times the other: two basins of a fit."""
    base = lognormal(cv)

    def draw(rng: Rng, point: Array) -> Array:
        high = rng.random(point.shape) < 0.5
        return np.asarray(base.draw(rng, point) * np.where(high, factor, 1.0) * 2 / (1 + factor))

    return Noise(f"two basins x{factor:g}, CV {cv:g}", draw)


def beta(a: float, b: float) -> Noise:
    """Beta over its mean: a bounded loss."""

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray(rng.beta(a, b, point.shape) * (a + b) / a)

    return Noise(f"beta({a:g}, {b:g})", draw)


def inverse_gaussian(cv: float) -> Noise:
    """Inverse Gaussian (Wald) of mean 1."""

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray(rng.wald(1.0, 1 / cv**2, point.shape))

    return Noise(f"inverse Gaussian, CV {cv:g}", draw)


def shifted_exponential(least: float) -> Noise:
    """A certain part plus an exponential one: an error with a bias and a variance."""

    def draw(rng: Rng, point: Array) -> Array:
        return np.asarray(least + (1 - least) * rng.standard_exponential(point.shape))

    return Noise(f"shifted exponential, from {least:g}", draw)
