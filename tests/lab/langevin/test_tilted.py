"""The tilted double well and its chains, against calculus, quadrature and Ornstein-Uhlenbeck."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import minimize

from ratecheck.lab.langevin import generator, tilted


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def test_derivatives_are_those_of_automatic_differentiation():
    o = tilted.Tilted(0.3, 4)
    z = torch.randn(7, 4, generator=rng(), dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(o.value(z).sum(), z)
    assert torch.allclose(o.gradient(z.detach()), gradient)
    x = z[:, 0].detach().requires_grad_()
    (curvature,) = torch.autograd.grad(o.slope(x).sum(), x)
    assert torch.allclose(o.curvature(x.detach()), curvature)


@pytest.mark.parametrize("tilt", [0.15, 1.2])
def test_the_minimum_is_found_by_a_solver_too(tilt):
    o = tilted.Tilted(tilt, 3)
    bottom = o.at(o.stationary[0], torch.zeros((), dtype=torch.float64))
    found = minimize(lambda z: float(o.value(torch.from_numpy(z))), bottom.numpy() + 0.1, tol=1e-12)
    assert found.fun == pytest.approx(o.lowest, abs=1e-9)
    assert np.allclose(found.x, bottom, atol=1e-4)


def test_a_barrier_is_as_high_as_was_asked():
    o = tilted.Tilted.with_barrier(0.25)
    saddle, shallow = o.stationary[1:]
    found = minimize(lambda x: -o.phi_at(x)[0], np.array([saddle + 0.05]), tol=1e-12)
    assert -found.fun - float(o.phi(torch.tensor(shallow))) == pytest.approx(0.25, abs=1e-7)
    assert len(tilted.Tilted.with_barrier(0).stationary) == 1
    with pytest.raises(ValueError, match="barrier"):
        tilted.Tilted.with_barrier(0.5)


def test_the_constants_of_the_bound_hold():
    """L = 4.11, and (z, grad F) >= |z|^2/4 - 1.41, as `gld_vs_optimisation` says them."""
    o = tilted.Tilted(1.2, 3)
    z = 3 * torch.randn(100_000, 3, generator=rng(), dtype=torch.float64)
    below = (z * o.gradient(z)).sum(-1) - z.square().sum(-1) / 4
    assert -1.41 <= below.min() <= -1.3
    other = z + 1e-3 * torch.randn(len(z), 3, generator=rng(2), dtype=torch.float64)
    slopes = (o.gradient(z) - o.gradient(other)).norm(dim=-1) / (z - other).norm(dim=-1)
    assert 3.8 <= slopes.max() <= 4.11


def test_chains_rest_at_the_gibbs_gap():
    """The valley's other coordinates have 1/(2 gamma) each."""
    o, gamma = tilted.Tilted(1.2, 3), 8.0
    gap = tilted.gibbs_gap(o, gamma, step=0.01, start=-1.3, burn=3, time=6, chains=64, heat=1.0,
                           noisy=3, replicates=8, rng=rng())  # fmt: skip

    def weight(x):
        return math.exp(-gamma * (o.phi_at(np.array([x]))[0] - o.lowest))

    def above(x):
        return (o.phi_at(np.array([x]))[0] - o.lowest) * weight(x)

    expected = quad(above, -4, 3)[0] / quad(weight, -4, 3)[0] + 2 / (2 * gamma)
    assert gap.mean().item() == pytest.approx(expected, rel=0.03)


def test_without_noise_a_chain_is_gradient_descent():
    o = tilted.Tilted(0.15, 2)
    still = tilted.gibbs_gap(o, 9.0, step=0.05, start=0.9, burn=30, time=1, chains=1, heat=1.0,
                             noisy=0, replicates=2, rng=rng())  # fmt: skip
    shallow = float(o.phi(torch.tensor(o.stationary[-1]))) - o.lowest
    assert torch.allclose(still, torch.full((2,), shallow).double(), atol=1e-6)


def test_steps_of_a_law_are_those_of_chains():
    o, gamma, eps, step = tilted.Tilted.with_barrier(0.15), 12.0, 0.12, 0.05
    steps = tilted.steps_to(o, gamma, eps, step=step, heat=1.0)
    noise = rng(4)
    x = o.stationary[-1] + 0.1 * torch.randn(8_000, generator=noise, dtype=torch.float64)
    gaps = []
    for _ in range(round(1.1 * steps)):
        xi = torch.randn(len(x), generator=noise, dtype=torch.float64)
        x = x - step * o.slope(x) + math.sqrt(2 * step / gamma) * xi
        gaps.append(float(o.phi(x).mean()) - o.lowest)
    assert gaps[round(steps) - 1] == pytest.approx(eps, rel=0.04)
    assert min(gaps[: round(0.8 * steps)]) > eps


def test_the_gap_of_an_ornstein_uhlenbeck_process_is_its_rate():
    gap = generator.spectral_gap(lambda x: 1.5 * x**2, 4.0, edge=4.0, points=2001)
    assert gap == pytest.approx(3.0, rel=1e-4)


def test_the_gap_of_a_double_well_is_that_of_eyring_and_kramers():
    """Both wells alike: each is left at sqrt(V''(min) |V''(0)|)/(2 pi) exp(-gamma H)."""
    gamma = 40.0
    gap = generator.spectral_gap(lambda x: (x**2 - 1) ** 2 / 4, gamma, edge=2.5, points=4001)
    assert gap == pytest.approx(2 * math.sqrt(2) / (2 * math.pi) * math.exp(-gamma / 4), rel=0.05)


def test_a_saddle_on_the_grid_is_found(monkeypatch):
    """Whether the middle of `linspace` is 0 or off by a bit depends on the processor."""
    monkeypatch.setattr(tilted, "POINTS", 25)
    assert 0.0 in torch.linspace(-tilted.EDGE, tilted.EDGE, 25, dtype=torch.float64)
    assert len(tilted.Tilted(0.0).stationary) == 3
