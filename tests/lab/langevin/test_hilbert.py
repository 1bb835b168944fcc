"""Laws of Langevin dynamics on a Hilbert space, against matrices, quadrature and drawn chains."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import solve_discrete_lyapunov

from ratecheck.lab.langevin import hilbert
from ratecheck.lab.langevin.hilbert import Chain, Landscape


def test_variances_are_those_of_a_lyapunov_equation():
    o, chain = Landscape(2.0, lam=0.7, beta=3.0), Chain(0.1, heat=1.5)
    shrink = np.diag(1 / (1 + chain.step * o.eigenvalues(6)))
    noise = 2 * chain.step * 1.5 / 3.0 * shrink @ shrink
    rest = np.diag(solve_discrete_lyapunov(shrink, noise))
    assert np.allclose(chain.variances(o, 6, math.inf), rest)
    three = noise + shrink @ (noise + shrink @ noise @ shrink) @ shrink
    assert np.allclose(chain.variances(o, 6, 3), np.diag(three))


def test_the_slope_is_the_derivative_of_the_loss():
    o, x, h = Landscape(2.0, c=1.3), np.linspace(-2, 2, 9), 1e-6
    assert np.allclose(o.slope(x), (o.loss(x + h) - o.loss(x - h)) / (2 * h), atol=1e-8)


def test_the_limit_is_an_integral_and_a_product():
    """sinh(a)/a = prod (1 + a^2/(pi k)^2), at a = pi, without its first factor."""
    o = Landscape(2.0)
    assert math.exp(hilbert._limit(o, None)) == pytest.approx(
        math.sqrt(2 * math.pi / math.sinh(math.pi)), rel=1e-9
    )

    def weight(x):
        return math.exp(-(x**2) / 2 - math.cos(2.5 * x + 0.5))

    mean = quad(lambda x: math.cos(2.5 * x + 0.5) * weight(x), -9, 9)[0] / quad(weight, -9, 9)[0]
    on, _ = Chain(0.01).transitions(o)
    assert o.first(on) @ o.loss(on.x) == pytest.approx(mean, abs=1e-8)


def test_the_bias_is_that_of_drawn_chains():
    """On four modes, without the tricks: 8000 chains and their averages over time."""
    o, step, rng = Landscape(2.0), 0.2, np.random.default_rng(1)
    a = np.append(o.lam, o.eigenvalues(4))
    w, means = np.zeros((8000, 4)), []
    for k in range(120):
        push = math.sqrt(2 * step) * rng.standard_normal(w.shape)
        push[:, 0] -= step * o.slope(w[:, 0])
        w = (w + push) / (1 + step * a)
        if k >= 40:
            means.append([np.exp(-(w**2).sum(1) / 2).mean(), o.loss(w[:, 0]).mean()])
    on, _ = Chain(0.01).transitions(o)
    soft = o.first(on) @ np.exp(-(on.x**2) / 2) * math.exp(hilbert._limit(o, 4))
    expected = abs(np.mean(means, 0) - [soft, o.first(on) @ o.loss(on.x)])
    found = hilbert.bias(o, Chain(step), 4)
    assert found.smooth == pytest.approx(expected[0], abs=0.003)
    assert found.loss == pytest.approx(expected[1], abs=0.008)


def test_without_a_loss_what_is_left_of_the_start_is_a_product():
    """Gaussian coordinates from a point and from 0, each in closed form."""
    o, chain = Landscape(2.0, c=0.0), Chain(0.1)
    (found,) = hilbert.left(o, chain, [1.0], -2.0)
    a = np.arange(1, 200_001) ** 2.0
    rest = 1 / (a * (1 + 0.05 * a))
    after = rest * (1 - (1 + 0.1 * a) ** -20)
    start = math.exp(-((2 * 1.1**-10) ** 2) / (2 * (1 + after[0])))
    expected = start * np.prod((1 + after) ** -0.5) - np.prod((1 + rest) ** -0.5)
    assert found == pytest.approx(abs(expected), rel=0.01)  # it starts in a narrow Gaussian


def test_a_gap_is_as_large_as_was_asked():
    assert Landscape.with_gap(0.4, 2.0).gap == pytest.approx(0.4, rel=1e-6)
    assert Landscape(2.0, c=0.0).gap == pytest.approx(1.0, rel=1e-5)
    with pytest.raises(ValueError, match="spectral gap"):
        Landscape.with_gap(1.5, 2.0)
