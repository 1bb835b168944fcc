"""Boltzmann machines against sums over states, finite differences and scipy's minimiser."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from ratecheck.lab.boltzmann import difference, machine


@pytest.fixture
def taught():
    return machine.taught(3, 2, 50, 1.5, 2, torch.Generator().manual_seed(5))


def value(data, theta):
    """Negative log-likelihood a datum, by loops over all states."""

    def energy(v, h):
        phi = [*v, *h, *(a * b for a in v for b in h)]
        return math.exp(sum(t * f for t, f in zip(theta, phi, strict=True)))

    def bits(count):
        return itertools.product((0, 1), repeat=count)

    whole = sum(energy(v, h) for v in bits(3) for h in bits(2))
    seen = [sum(energy(v, h) for h in bits(2)) for v in bits(3)]
    return math.log(whole) - sum(p * math.log(s) for p, s in zip(data, seen, strict=True))


def test_slope_is_that_of_the_likelihood(taught):
    theta = torch.linspace(-1, 1, 22, dtype=torch.float64).reshape(2, 11)
    slope = taught.slope(theta)
    for data, at, found in zip(taught.data.tolist(), theta.numpy(), slope.numpy(), strict=True):
        for i, step in enumerate(np.eye(11) * 1e-5):
            central = (value(data, at + step) - value(data, at - step)) / 2e-5
            assert found[i] == pytest.approx(central, abs=1e-8)


def test_data_follow_the_teacher():
    rng = torch.Generator().manual_seed(2)
    one = machine.taught(2, 1, 200_000, 1.0, 1, rng)
    again = torch.Generator().manual_seed(2)
    teacher = torch.randn(1, 5, generator=again, dtype=torch.float64)
    law = one.law(teacher).unflatten(1, (4, 2)).sum(2)
    assert torch.allclose(one.data, law, atol=0.005)
    assert one.data.sum() == pytest.approx(1)


def test_draws_follow_their_law():
    law = torch.tensor([[0.1, 0.0, 0.6, 0.3]], dtype=torch.float64)
    uniform = torch.rand(1, 100_000, generator=torch.Generator().manual_seed(1)).double()
    drawn = machine.sampled(law, uniform)
    shares = torch.bincount(drawn[0], minlength=4) / 100_000
    assert shares[1] == 0
    assert torch.allclose(shares.double(), law[0], atol=0.006)
    assert machine.sampled(law, torch.ones(1, 1).double()).item() == 3


@pytest.mark.parametrize("gamma", [0.5, 8.0])
def test_the_inner_minimiser_is_scipy_s(taught, gamma):
    anchor = 1.5 * torch.randn(2, 11, generator=torch.Generator().manual_seed(3)).double()
    tangent = taught.moments(taught.completed(anchor))
    found = difference.proximal(taught, anchor, tangent, gamma)
    features = taught.features.numpy()
    for row in range(2):
        v, a = tangent[row].numpy(), anchor[row].numpy()

        def objective(x, v=v, a=a):
            return np.logaddexp.reduce(features @ x) - v @ x + ((x - a) ** 2).sum() / (2 * gamma)

        best = minimize(objective, a, method="BFGS", options={"gtol": 1e-9})
        assert np.allclose(found[row], best.x, atol=1e-6)
        assert objective(found[row].numpy()) <= best.fun + 1e-12


def test_many_inner_steps_arrive_where_newton_does(taught):
    rng = torch.Generator().manual_seed(4)
    few = machine.Machine(2, taught.features, taught.data[:1].expand(64, -1))
    anchor = torch.zeros(64, 11, dtype=torch.float64)
    tangent = few.moments(few.completed(anchor))
    best = difference.proximal(few, anchor, tangent, 1.0)
    errors = [
        (difference._descended(few, anchor, tangent, difference.Method(0, k), rng) - best)
        .square().sum(1).mean().item()
        for k in (16, 256)
    ]  # fmt: skip
    assert errors[1] < errors[0] / 8
    assert errors[1] < 0.05


def test_exact_iterations_never_go_up(taught):
    """A majorant is minimised: f falls at every step, and the slope dies."""
    theta, rng = torch.zeros(2, 11, dtype=torch.float64) + 0.3, torch.Generator()
    before = [value(d, t) for d, t in zip(taught.data.tolist(), theta.tolist(), strict=True)]
    mean, late = difference.stationarity(taught, theta, 64, difference.Method(0, 0, 4.0), rng)
    assert (late < mean).all()
    assert (late < 1e-3).all()
    step = difference.proximal(taught, theta, taught.moments(taught.completed(theta)), 4.0)
    after = [value(d, t) for d, t in zip(taught.data.tolist(), step.tolist(), strict=True)]
    assert all(b > a for a, b in zip(after, before, strict=True))
