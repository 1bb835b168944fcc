"""Averaged SGD in eigen-coordinates against the plain recursion and against exact expectations."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.spectra.sgd import averaged_sgd, averaged_sgd_blocks
from ratecheck.lab.spectra.source import Source, power_law
from tests.lab.spectra.test_fourier import basis

SIGMA, RATE, PENALTIES = 0.8, 0.25, [0.05, 0.4, 0.0]


def draws(steps: int, replicates: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The inputs and the noise that `averaged_sgd` draws from the same seed."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.rand(replicates, steps, generator=rng, dtype=torch.float64)
    return x, SIGMA * torch.randn(replicates, steps, generator=rng, dtype=torch.float64)


def plain(x, noise, eigenvalues, target, rate, penalty):
    """The recursion as it stands in the module's docstring, in numpy."""
    root = np.sqrt(eigenvalues)
    rows, steps = x.shape
    phi = basis(2 * math.pi * x, len(root) // 2)
    theta = np.zeros((rows, len(root)))
    iterates = [theta]
    for t in range(steps):
        z, y = phi[:, t] * root, phi[:, t] @ target + noise[:, t]
        error = (z * theta).sum(1) - y
        theta = (1 - rate * penalty) * theta - rate * error[:, None] * z
        iterates.append(theta)
    risk = [((root * v - target) ** 2).sum(1) for v in (np.mean(iterates, 0), theta)]
    return np.array(risk)


@pytest.fixture(scope="module")
def problem() -> Source:
    return power_law(0.75, 2.0, SIGMA, frequencies=16)


@pytest.mark.parametrize("steps", [1, 64, 200])
def test_the_compiled_loop_is_the_plain_recursion(problem, steps):
    rng = torch.Generator().manual_seed(3)
    got = averaged_sgd(problem, steps, RATE, PENALTIES, replicates=5, rng=rng)
    x, noise = (part.numpy() for part in draws(steps, 5, 3))
    arrays = problem.eigenvalues.numpy(), problem.target.numpy()
    for i, penalty in enumerate(PENALTIES):
        averaged, last = plain(x, noise, *arrays, RATE, penalty)
        assert np.allclose(got[0][i], averaged, rtol=1e-12, atol=1e-14)
        assert np.allclose(got[1][i], last, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("steps", [1, 64, 200])
def test_blocks_are_the_plain_recursion(problem, steps):
    x, noise = draws(steps, 5, 4)
    got = averaged_sgd_blocks(x, noise, problem.eigenvalues, problem.target, RATE, PENALTIES)
    arrays = problem.eigenvalues.numpy(), problem.target.numpy()
    for i, penalty in enumerate(PENALTIES):
        averaged, last = plain(x.numpy(), noise.numpy(), *arrays, RATE, penalty)
        assert np.allclose(got[0][i], averaged, rtol=1e-12, atol=1e-14)
        assert np.allclose(got[1][i], last, rtol=1e-12, atol=1e-14)


def exact_risks(eigenvalues, target, steps, penalty):
    """E risk of the averaged and of the last iterate, without simulation.

    The state (theta, sum of iterates, 1) is moved by a random matrix A(x, noise) drawn afresh at
    each step, so that its second moments obey the linear recursion V <- E[A V A^T]. The entries are
    trigonometric polynomials in x: a lattice of more than four times the top frequency integrates
    them exactly, and the noise enters by its variance alone.
    """
    root = np.sqrt(eigenvalues)
    size = len(root)
    lattice = 4 * size
    phi = basis(2 * math.pi * np.arange(lattice) / lattice, size // 2)
    moves = np.zeros((lattice, 2 * size + 1, 2 * size + 1))
    z = phi * root
    one_step = (1 - RATE * penalty) * np.eye(size) - RATE * z[:, :, None] * z[:, None]
    push = RATE * z * (phi @ target)[:, None]
    for block in (slice(0, size), slice(size, 2 * size)):
        moves[:, block, :size] = one_step
        moves[:, block, -1] = push
    moves[:, size : 2 * size, size : 2 * size] = np.eye(size)
    moves[:, -1, -1] = 1
    doubled = np.concatenate([z, z, np.zeros((lattice, 1))], 1)
    from_noise = (RATE * SIGMA) ** 2 * np.einsum("li,lj->ij", doubled, doubled) / lattice
    second = np.zeros(moves.shape[1:])
    second[-1, -1] = 1
    for _ in range(steps):
        second = (moves @ second @ moves.transpose(0, 2, 1)).mean(0) + from_noise

    def risk(block, scale):
        m, v = second[block, -1] * scale, second[block, block].diagonal() * scale**2
        return (eigenvalues * v - 2 * root * target * m + target**2).sum()

    return risk(slice(size, 2 * size), 1 / (steps + 1)), risk(slice(0, size), 1.0)


def test_mean_risks_are_the_exact_ones():
    source = power_law(0.5, 2.0, SIGMA, frequencies=4)
    steps, replicates = 100, 8000
    rng = torch.Generator().manual_seed(5)
    got = averaged_sgd(source, steps, RATE, PENALTIES, replicates=replicates, rng=rng)
    for i, penalty in enumerate(PENALTIES):
        exact = exact_risks(source.eigenvalues.numpy(), source.target.numpy(), steps, penalty)
        for risks, expected in zip(got, exact, strict=True):
            error = float(risks[i].mean()) - expected
            noise = float(risks[i].std()) / math.sqrt(replicates)
            assert abs(error) < 4 * noise
            assert noise < 0.03 * expected


def test_replicates_differ_and_repeat(problem):
    def run(seed):
        rng = torch.Generator().manual_seed(seed)
        return averaged_sgd(problem, 64, RATE, [0.1], replicates=16, rng=rng)[0]

    assert torch.equal(run(0), run(0))
    assert not torch.equal(run(0), run(1))
    assert len(set(run(0)[0].tolist())) == 16
