"""One gradient step, against autograd, Monte Carlo, quadrature and scikit-learn."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from sklearn.kernel_ridge import KernelRidge

from ratecheck.lab.networks import one_step
from ratecheck.lab.networks.one_step import Networks, Teacher


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def moment(function):
    def density(z):
        return function(z) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    return quad(density, -12, 12, limit=400)[0]


@pytest.mark.parametrize(("slope", "linear"), [(3.0, 1.0), (1.5, 0.1)])
def test_energies_are_integrals(slope, linear):
    teacher = Teacher(slope, linear)

    def value(z):
        return float(teacher.value(torch.tensor(z, dtype=torch.float64)))

    first = moment(lambda z: z * value(z))
    assert moment(lambda z: value(z) ** 2) == pytest.approx(teacher.energy)
    assert first == pytest.approx(linear * teacher.part)
    assert moment(lambda z: (value(z) - first * z) ** 2) == pytest.approx(teacher.beyond.item())
    assert Teacher(slope).energy == 1


def test_the_descent_direction_is_that_of_autograd():
    networks = Networks.draw(5, 8, replicates=2, rng=rng())
    x, y = Teacher(3.0, noise=0.2).draw(11, 5, replicates=2, rng=rng(2))
    w = networks.inner.clone().requires_grad_()
    f = (torch.erf(x @ w) * networks.outer[:, None]).sum(2) / math.sqrt(8)
    ((y - f).square().mean(1) / 2).sum().backward()
    np.testing.assert_allclose(networks.descent(x, y), -w.grad, atol=1e-14)


def test_the_best_risk_is_that_on_fresh_inputs():
    """Ridge regression by the normal equations at many ridges, on a test sample."""
    teacher = Teacher(3.0, 0.7, 0.3)
    networks = Networks.draw(6, 12, replicates=1, rng=rng())
    x, y = teacher.draw(60, 6, replicates=1, rng=rng(2))
    w = 2 * networks.inner
    at, _ = teacher.draw(150_000, 6, replicates=1, rng=rng(3))
    seen, fresh = (torch.erf(z[0] @ w[0]) / math.sqrt(12) for z in (x, at))
    truth = teacher.value(at[0, :, 0])
    risks = [
        (fresh @ torch.linalg.solve(seen.T @ seen / 60 + ridge * torch.eye(12), seen.T @ y[0] / 60)
         - truth).square().mean().item()
        for ridge in np.geomspace(1e-5, 1, 40)
    ]  # fmt: skip
    best = one_step.ridge(teacher, w, x, y).best.item()
    assert best == pytest.approx(min(risks), rel=0.01)


@pytest.mark.parametrize(("noise", "linear"), [(0.0, 1.0), (0.4, 0.5)])
def test_wide_networks_at_their_start_have_the_risk_of_gaussian_features(noise, linear):
    teacher = Teacher(3.0, linear, noise)
    networks = Networks.draw(100, 200, replicates=8, rng=rng())
    x, y = teacher.draw(600, 100, replicates=8, rng=rng(2))
    off = one_step.ridge(teacher, networks.inner, x, y).off
    assert abs(off.mean().item()) < 0.02
    assert off.abs().max() < 0.1


def test_networks_wider_than_the_sample_have_a_ridge_too():
    teacher = Teacher(3.0)
    networks = Networks.draw(40, 120, replicates=8, rng=rng())
    x, y = teacher.draw(80, 40, replicates=8, rng=rng(2))
    risks = one_step.ridge(teacher, networks.inner, x, y)
    assert abs(risks.off.mean().item()) < 0.1
    assert (risks.best < 1).all()


def test_the_limit_kernel_is_that_of_many_features():
    x, z = (torch.randn(1, 3, 7, generator=rng(k), dtype=torch.float64) for k in (1, 2))
    w = torch.randn(7, 400_000, generator=rng(3), dtype=torch.float64) / math.sqrt(7)
    many = torch.erf(x[0] @ w) @ torch.erf(z[0] @ w).T / w.shape[1]
    np.testing.assert_allclose(one_step.limit_kernel(x, z)[0], many, atol=0.005)


def test_the_kernel_risk_is_that_of_scikit_learn_on_fresh_inputs():
    teacher = Teacher(3.0)
    x, y = teacher.draw(80, 10, replicates=1, rng=rng())
    at, truth = teacher.draw(40_000, 10, replicates=1, rng=rng(2))
    cross = one_step.limit_kernel(at, x)[0].numpy()
    gram = one_step.limit_kernel(x, x)[0].numpy()
    fits = (
        KernelRidge(alpha=ridge, kernel="precomputed").fit(gram, y[0].numpy())
        for ridge in one_step.RIDGES
    )
    best = min(np.square(fit.predict(cross) - truth[0].numpy()).mean() for fit in fits)
    found = one_step.kernel_risk(teacher, x, y, tested=40_000, rng=rng(4)).item()
    assert found == pytest.approx(best, rel=0.02)
