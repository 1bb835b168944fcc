"""Parities, against autograd, scikit-learn and sums over the whole cube."""

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge

from ratecheck.lab.mean_field import parity


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def cube(d):
    return torch.tensor(list(itertools.product((-1.0, 1.0), repeat=d)), dtype=torch.float64)


def plain_outputs(w, a, b, z):
    """(R/N) sum_j [tanh(w_j . z / d^(1/2) + a_j) + 2 tanh(b_j)] / 3 of one network."""
    inner = z @ w.T / math.sqrt(z.shape[1]) + a
    return parity.OUTPUT * ((inner.tanh() + 2 * b.tanh()) / 3).mean(1)


def test_labels_are_products_of_the_first_coordinates_which_are_fair():
    z, y = parity.Parity(5, 3).draw(400, replicates=10, rng=generator())
    assert torch.equal(y, z[..., 0] * z[..., 1] * z[..., 2])
    assert torch.equal(z.abs(), torch.ones(10, 400, 5))
    assert z.mean((0, 1)).abs().max() < 4 / math.sqrt(4000)
    assert parity.Parity(10, 3).sample_size(0.5) == 60


def test_what_is_unseen_is_the_sine_squared_between_function_and_label():
    z = cube(4)
    y, other = z[:, 0] * z[:, 1], z[:, 2]
    f = torch.stack([3 * y + 4 * other, -2 * y, other])
    np.testing.assert_allclose(parity.unseen(f, y), [16 / 25, 0, 1], atol=1e-15)


def test_steps_are_those_of_autograd_on_the_same_draws():
    """The gradient of loss and penalty, times N, one network at a time in double."""
    replicates, d, n, size, lam, eta = 2, 4, 9, 6, 0.3, 0.5
    z, y = parity.Parity(d).draw(n, replicates=replicates, rng=generator(1))
    chain = parity.Chain(size, lam=lam, step=eta)
    seen = parity.learn(chain, z, y, [2, 5], rng=generator(2))
    rng = generator(2)
    start = parity.Neurons.draw(d, size, replicates=replicates, rng=rng)
    x, b = start.weights.double(), start.constant.double()
    for done in range(1, 6):
        noise = [torch.randn(part.shape, generator=rng) for part in (x, b)]
        for r in range(replicates):
            here = [part[r].clone().requires_grad_() for part in (x, b)]
            w, a = here[0][:, :-1], here[0][:, -1]
            f = plain_outputs(w, a, here[1], z[r].double())
            loss = torch.log1p(torch.exp(-y[r].double() * f)).mean()
            square = sum(part.square().sum() for part in here) / size
            total = size * (loss + lam * parity.PENALTY * square)
            for part, old, one, slope in zip(
                (x, b), here, noise, torch.autograd.grad(total, here), strict=True
            ):
                moved = old.detach() - eta * slope
                part[r] = moved + math.sqrt(2 * eta * lam) * one[r].double()
        if done in (2, 5):
            at = seen[(2, 5).index(done)]
            np.testing.assert_allclose(at.weights, x, atol=2e-5)
            np.testing.assert_allclose(at.constant, b, atol=2e-5)
    f = torch.stack([plain_outputs(x[r, :, :-1], x[r, :, -1], b[r], z[r].double()) for r in (0, 1)])
    np.testing.assert_allclose(seen[-1].outputs(z), f, atol=1e-4)


def test_the_start_is_the_gibbs_law_of_the_penalty():
    start = parity.Neurons.draw(7, 4000, replicates=2, rng=generator())
    variance = 1 / (2 * parity.PENALTY)
    for part in (start.weights, start.constant):
        assert part.double().square().mean() == pytest.approx(variance, rel=0.06)


def test_the_tangent_kernel_is_that_of_many_neurons():
    """N times the inner product of the outputs' gradients; each is off by about N^(-1/2)."""
    d, size = 5, 100_000
    w, a, b = torch.randn(size, d + 2, generator=generator(3), dtype=torch.float64).split(
        [d, 1, 1], 1
    )
    parts = [part.requires_grad_() for part in (w.clone(), a[:, 0].clone(), b[:, 0].clone())]
    z = torch.ones(d + 1, d, dtype=torch.float64)
    for flipped in range(d + 1):
        z[flipped, :flipped] = -1
    outputs = plain_outputs(*parts, z)
    gradients = [torch.autograd.grad(one, parts, retain_graph=True) for one in outputs]
    flat = torch.stack([torch.cat([part.flatten() for part in each]) for each in gradients])
    gram = size / (parity.OUTPUT / 3) ** 2 * flat @ flat[0]
    np.testing.assert_allclose(parity.tangent(d), gram, atol=0.03)


def test_kernels_leave_what_ridge_regression_of_scikit_learn_leaves():
    nature, n, seen = parity.Parity(6), 20, 4
    found = parity.kernel_unseen(nature, n, seen, replicates=2, rng=generator(4))
    rng = generator(4)
    (z, y), (at, truth) = (nature.draw(m, replicates=2, rng=rng) for m in (n, parity.TESTED))
    table = parity.tangent(seen).numpy()
    for r in range(2):
        left, right = z[r, :, :seen].numpy(), at[r, :, :seen].numpy()
        gram, cross = (table[(some[:, None] != left).sum(2)] for some in (left, right))
        risks = []
        for ridge in parity.RIDGES:
            f = KernelRidge(alpha=ridge, kernel="precomputed").fit(gram, y[r]).predict(cross)
            risks.append(1 - (f * truth[r].numpy()).mean() ** 2 / (f**2).mean())
        assert float(found[r]) == pytest.approx(min(risks), abs=1e-6)


def test_kernels_see_of_all_parities_no_more_than_their_number_of_data():
    """Projections on the whole cube: the sum over all pairs is at most n, for any inputs."""
    d, n = 7, 12
    z = cube(d)
    x = z[torch.randperm(len(z), generator=generator(5))[:n]]
    basis = torch.linalg.qr(parity.tangent(d)[((d - z @ x.T) / 2).round().long()]).Q
    pairs = torch.stack([z[:, i] * z[:, j] for i, j in itertools.combinations(range(d), 2)], 1)
    seen = (basis.T @ pairs).square().sum(0) / len(z)
    assert 0 < float(seen.sum()) <= n
    assert float((1 - seen).mean()) >= 1 - n / math.comb(d, 2)


def test_networks_that_have_learned_a_parity_leave_little_of_it():
    left = parity.network_unseen(
        parity.Parity(8), 120, parity.Chain(32, lam=0.0125), [1, 160], replicates=4,
        rng=generator(6),
    )  # fmt: skip
    assert left.shape == (4, 2)
    assert float(left[:, 0].mean()) > 0.9
    assert float(left[:, 1].mean()) < 0.2
