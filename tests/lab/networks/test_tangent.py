"""Networks against autograd, kernels against quadrature, and large widths against the limit."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from ratecheck.lab.networks import tangent as ntk
from ratecheck.lab.spectra.circle import evaluation_angles

RATE, PENALTY = 0.75, 0.1


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def inputs(angles: torch.Tensor) -> torch.Tensor:
    return torch.stack([angles.cos(), angles.sin(), torch.ones_like(angles)], -1) / math.sqrt(2)


def network(x: torch.Tensor, inner: torch.Tensor, outer: torch.Tensor) -> torch.Tensor:
    """One network at inputs of shape (..., 3)."""
    return (x @ inner.mT).relu() @ outer / math.sqrt(len(outer))


def kernel_by_quadrature(difference: float) -> tuple[float, float]:
    """Outer and inner part: averages over a direction on the sphere.

    Only its projection on the plane of the two inputs matters, of mean squared length 2/3 and
    uniform angle phi; the inputs have length 1 and enclose psi.
    """
    psi = math.acos((1 + math.cos(difference)) / 2)
    # both units are active for phi in (psi - pi/2, pi/2)
    span = (psi - math.pi / 2, math.pi / 2)
    outer = quad(lambda phi: math.cos(phi) * math.cos(phi - psi), *span, epsabs=1e-12)[0]
    active = quad(lambda phi: 1.0, *span)[0]
    return 2 / 3 * outer / (2 * math.pi), math.cos(psi) * active / (2 * math.pi)


@pytest.mark.parametrize("difference", [0.0, 1e-3, 0.5, 2.0, math.pi, 5.0])
def test_tangent_kernel(difference):
    outer, inner = kernel_by_quadrature(difference)
    d = torch.tensor(difference, dtype=torch.float64)
    assert float(ntk.tangent_kernel(d)) == pytest.approx(outer + inner, abs=1e-9)
    assert float(ntk.tangent_kernel(d, "outer layer")) == pytest.approx(outer, abs=1e-9)


def test_tangent_kernel_is_that_of_a_wide_network():
    """Products of gradients by autograd, at the rate of a mean over M neurons."""
    angles = torch.tensor([0.2, 1.0, 3.5], dtype=torch.float64)
    expected = ntk.tangent_kernel(angles[:, None] - angles)
    width = 2**16
    inner, outer = (part[0] for part in ntk.initial_network(width, replicates=1, rng=generator(0)))
    inner.requires_grad_()
    outer.requires_grad_()
    gradients = []
    for x in inputs(angles):
        parts = torch.autograd.grad(network(x, inner, outer), (inner, outer))
        gradients.append(torch.cat([part.flatten() for part in parts]))
    rows = torch.stack(gradients)
    assert float((rows @ rows.mT - expected).abs().max()) < 3 / math.sqrt(width)


def test_eigenvalues():
    values = ntk.kernel_eigenvalues(64)
    for k in (1, 2, 3, 8):

        def kernel(d: float) -> float:
            return float(ntk.tangent_kernel(torch.tensor(d, dtype=torch.float64)))

        mean = quad(kernel, 0, math.pi, weight="cos", wvar=k, limit=200)[0] / math.pi
        assert float(values[k - 1]) == pytest.approx(mean, abs=1e-8)
    k = np.arange(8, 65)
    slope = np.polyfit(np.log(k), np.log(values[7:].numpy()), 1)[0]
    assert slope == pytest.approx(-2, abs=0.02)  # beta = 2: the assumption of the theorem


def test_eigenvalues_sum_to_the_diagonal():
    """Trace: K(0) = lambda_0 + 2 (lambda_1 + lambda_2 + ...) = 2/3; the tail is 2 lambda_K K."""
    values = ntk.kernel_eigenvalues(4096)
    zero = quad(lambda d: float(ntk.tangent_kernel(torch.tensor(d))), 0, math.pi)[0] / math.pi
    trace = zero + 2 * float(values.sum()) + 2 * 4096 * float(values[-1])
    assert trace == pytest.approx(2 / 3, abs=1e-5)


@pytest.mark.parametrize("r", [0.5, 0.75])
def test_source_target(r):
    target = ntk.source(r, 1.0, replicates=50, rng=generator(1)).target
    assert target.shape == (50, 2 * ntk.FREQUENCIES)
    assert torch.allclose(target.square().sum(1), torch.ones(50, dtype=torch.float64))
    values = ntk.kernel_eigenvalues(ntk.FREQUENCIES).repeat_interleave(2)
    k = torch.arange(1, ntk.FREQUENCIES + 1).repeat_interleave(2)
    h = target[0] / values**r
    assert torch.allclose(k * (h / h[0]).square(), torch.ones_like(h))
    assert 0.45 < float((target > 0).double().mean()) < 0.55
    assert len({tuple(row.sign().tolist()) for row in target}) == 50


@pytest.mark.parametrize("paired", [True, False])
def test_initial_network(paired):
    inner, outer = ntk.initial_network(512, replicates=4, rng=generator(4), paired=paired)
    assert inner.shape == (4, 512, 3)
    assert torch.allclose(inner.norm(dim=-1), torch.ones(4, 512, dtype=torch.float64))
    assert set(outer.unique().tolist()) == {-1.0, 1.0}
    # uniform on the sphere: mean 0, covariance 1/3
    flat = inner[:, :256].reshape(-1, 3)
    assert float(flat.mean(0).abs().max()) < 4 / math.sqrt(3 * len(flat))
    assert torch.allclose(flat.T @ flat / len(flat), torch.eye(3).double() / 3, atol=0.04)
    start = torch.stack([network(inputs(evaluation_angles()), *pair) for pair in zip(
        inner, outer, strict=True)])  # fmt: skip
    if paired:
        assert float(start.abs().max()) < 1e-13
    else:
        assert float(start.square().mean()) == pytest.approx(1 / 6, rel=0.8)  # the outer kernel


def train_by_autograd(inner, outer, angles, labels):
    """One-pass SGD on the penalised loss, its gradient by autograd; values at the two outputs."""
    here = [inner.clone().requires_grad_(), outer.clone().requires_grad_()]
    total = [inner.clone(), outer.clone()]
    for x, y in zip(inputs(angles), labels, strict=True):
        distance = (here[0] - inner).square().sum() + (here[1] - outer).square().sum()
        loss = (network(x, *here) - y).square() / 2 + PENALTY / 2 * distance
        gradients = torch.autograd.grad(loss, here)
        here = [(p - RATE * g).detach().requires_grad_() for p, g in zip(
            here, gradients, strict=True)]  # fmt: skip
        total = [t + p.detach() for t, p in zip(total, here, strict=True)]
    points = inputs(evaluation_angles())
    averaged = [t / (len(labels) + 1) for t in total]
    return network(points, *averaged), network(points, *(p.detach() for p in here))


@pytest.fixture(scope="module")
def small():
    """Initial parameters and data of three networks with 16 neurons and 60 steps."""
    circle = ntk.source(0.75, 0.5, replicates=3, rng=generator(5))
    start = ntk.initial_network(16, replicates=3, rng=generator(6))
    return *start, *circle.draw(60, generator(7))


def test_training_is_sgd_by_autograd(small):
    averaged, last = ntk.train_network(*small, RATE, PENALTY)
    for i, row in enumerate(zip(*small, strict=True)):
        expected = train_by_autograd(*row)
        assert torch.allclose(averaged[i], expected[0], rtol=0, atol=1e-12)
        assert torch.allclose(last[i], expected[1], rtol=0, atol=1e-12)
    assert float((averaged - last).abs().max()) > 0.05


def test_the_batched_path_is_the_compiled_one(small):
    batched = ntk._train_batched(*small, RATE, PENALTY)
    values = ntk.train_network(*small, RATE, PENALTY)
    for parameters, expected in zip(batched, values, strict=True):
        assert torch.allclose(ntk._values(parameters), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("part", ["both layers", "outer layer"])
@pytest.mark.parametrize("steps", [1, 50, 300])
def test_infinite_width_is_the_recursion_with_the_kernel_matrix(part, steps):
    circle = ntk.source(0.5, 0.5, replicates=2, rng=generator(13))
    angles, labels = circle.draw(steps, generator(14))
    got = ntk.train_infinite_width(angles, labels, RATE, PENALTY, part)
    for i, (theta, y) in enumerate(zip(angles, labels, strict=True)):
        gram = ntk.tangent_kernel(theta[:, None] - theta, part)
        alpha = torch.zeros(steps, dtype=torch.float64)
        total = alpha.clone()
        for t in range(steps):
            error = alpha @ gram[t] - y[t]
            alpha = (1 - RATE * PENALTY) * alpha
            alpha[t] = -RATE * error
            total += alpha
        grid = ntk.tangent_kernel(theta[:, None] - evaluation_angles(), part)
        assert torch.allclose(got[i], total @ grid / (steps + 1), rtol=0, atol=1e-10)


@pytest.mark.parametrize("part", ["both layers", "outer layer"])
def test_infinite_width_is_sgd_in_feature_space(part):
    """With the kernel's own Fourier features: the recursion of the linear model."""
    circle = ntk.source(0.75, 0.5, replicates=2, rng=generator(8))
    angles, labels = circle.draw(40, generator(9))
    grid = 4096
    d = 2 * math.pi * torch.arange(grid, dtype=torch.float64) / grid
    spectrum = torch.fft.rfft(ntk.tangent_kernel(d, part)).real / grid
    k = torch.arange(len(spectrum), dtype=torch.float64)
    weight = spectrum.clamp(min=0).sqrt() * torch.where(k > 0, math.sqrt(2), 1.0)

    def features(t: torch.Tensor) -> torch.Tensor:
        return torch.cat([weight * (k * t[:, None]).cos(), weight * (k * t[:, None]).sin()], 1)

    got = ntk.train_infinite_width(angles, labels, RATE, PENALTY, part)
    for i in range(2):
        z = features(angles[i])
        theta = torch.zeros(z.shape[1], dtype=torch.float64)
        total = theta.clone()
        for row, y in zip(z, labels[i], strict=True):
            theta = (1 - RATE * PENALTY) * theta - RATE * (row @ theta - y) * row
            total += theta
        expected = features(evaluation_angles()) @ total / (len(z) + 1)
        # the truncated tail of the spectrum, about 1 / (grid / 2)
        assert float((got[i] - expected).abs().max()) < 1e-3


def test_wide_networks_tend_to_the_limit():
    """A width sixteen times larger is closer, and by at least the factor of random features."""
    circle = ntk.source(0.75, 0.5, replicates=8, rng=generator(10))
    angles, labels = circle.draw(256, generator(11))
    limit = ntk.train_infinite_width(angles, labels, RATE, PENALTY)
    distance = []
    for width in (64, 1024):
        inner, outer = ntk.initial_network(width, replicates=8, rng=generator(12))
        values, _ = ntk.train_network(inner, outer, angles, labels, RATE, PENALTY)
        distance.append(float((values - limit).square().mean()))
    assert distance[1] < distance[0] / 12
    assert distance[1] < 1e-3 * float(limit.square().mean())
