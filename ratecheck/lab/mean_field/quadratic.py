"""Mean-field Langevin dynamics of a quadratic objective, where everything is Gaussian.

F(mu) = (1/2n) sum_j (E x_1 - y_j)^2 + (ridge/2) E|x|^2 for x in R^2: particles interact through the
mean of their first coordinate only. The N-particle chain with Gaussian batch noise of the
variance of a batch without replacement is Gaussian; its stationary law has variance V in the mean
of the first coordinate and w in each of the 2N - 1 other modes, and the objective
L^(N)(law) = E F(empirical law) + (lam/N) Ent(law) is in closed form for finite N, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Quadratic:
    """The problem: what of the labels matters is their variance.

    Attributes
    ----------
    lam, ridge : float
        Weights of the entropy and of half the second moment.
    spread : float
        Population variance of the labels.
    """

    lam: float = 0.1
    ridge: float = 0.25
    spread: float = 1.0


@dataclass(frozen=True)
class Chain:
    """A chain.

    Attributes
    ----------
    step : float
        eta; 0 stands for the limit, the Gibbs law of N particles.
    particles : float
        N, may be infinite.
    factor : float
        Xi = (n - B)/(B (n - 1)), 0 for full gradients.
    heat : float
        Multiplies the injected variance.
    """

    step: float
    particles: float = math.inf
    factor: float = 0.0
    heat: float = 1.0


def mean_variance(q: Quadratic, c: Chain) -> float:
    """V, the stationary variance of the mean of the first coordinate."""
    a = 1 + q.ridge
    brownian, batch = q.lam * c.heat / c.particles, c.step * q.spread * c.factor / 2
    return (brownian + batch) / (a * (1 - c.step * a / 2))


def mode_variance(q: Quadratic, c: Chain) -> float:
    """w, the stationary variance of every other mode."""
    return q.lam * c.heat / (q.ridge * (1 - c.step * q.ridge / 2))


def objective_gap(q: Quadratic, c: Chain) -> float:
    """L^(N) of the stationary law less L(mu*).

    Each mode of variance v pays (curvature v - lam log v)/2 per N, up to a constant; V pays with
    curvature 1 + ridge, the other 2N - 1 modes with the ridge.
    """
    v, w = mean_variance(q, c), mode_variance(q, c)
    best = q.lam / q.ridge
    other = (q.ridge * (w - best) - q.lam * math.log(w / best)) / 2
    if math.isinf(c.particles):
        return (1 + q.ridge) * v / 2 + 2 * other
    n = c.particles
    # the mean mode has variance n v in an orthonormal basis; at mu* it has ``best``
    mean_mode = ((1 + q.ridge) * n * v - q.ridge * best - q.lam * math.log(n * v / best)) / 2
    return (mean_mode + (2 * n - 1) * other) / n
