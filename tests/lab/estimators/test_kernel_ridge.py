"""Kernel ridge regression against scikit-learn, direct solves and closed forms."""

import numpy as np
import pytest
import torch
from scipy.linalg import LinAlgError
from sklearn.gaussian_process import GaussianProcessRegressor, kernels
from sklearn.kernel_ridge import KernelRidge

from ratecheck.lab.estimators import kernel_ridge

REPLICATES, DATA, POINTS = 3, 70, 11
FEW, MANY = [1e-3, 0.1, 3.0], list(np.geomspace(1e-4, 10, 12))


@pytest.fixture
def problem():
    rng = torch.Generator().manual_seed(3)
    shape = {"generator": rng, "dtype": torch.float64}
    inputs = torch.rand(REPLICATES, DATA, 2, **shape)
    at = torch.rand(REPLICATES, POINTS, 2, **shape)
    labels = (6 * inputs).sin().sum(-1) + 0.3 * torch.randn(REPLICATES, DATA, **shape)
    return inputs, labels, at


@pytest.mark.parametrize(
    ("kernel", "oracle"),
    [
        (kernel_ridge.laplace, kernels.Matern(0.4, nu=0.5)),
        (kernel_ridge.matern32, kernels.Matern(0.4, nu=1.5)),
        (kernel_ridge.gaussian, kernels.RBF(0.4)),
    ],
)
def test_kernels(problem, kernel, oracle):
    inputs, _, at = problem
    found = kernel(at, inputs, 0.4)
    widths = torch.tensor([0.1, 0.4, 2.0], dtype=torch.float64)
    each = kernel(at, inputs, widths)
    for r in range(REPLICATES):
        assert np.allclose(found[r], oracle(at[r], inputs[r]), rtol=1e-12)
        assert torch.allclose(each[r], kernel(at, inputs, float(widths[r]))[r], rtol=1e-12)


@pytest.mark.parametrize("ridges", [FEW, MANY])
def test_predictions(problem, ridges):
    inputs, labels, at = problem
    gram, cross = (kernel_ridge.laplace(x, inputs, 0.5) for x in (inputs, at))
    found = kernel_ridge.predict(gram, labels, cross, ridges)
    assert found.shape == (REPLICATES, len(ridges), POINTS)
    for r in range(REPLICATES):
        for j, ridge in enumerate(ridges):
            oracle = KernelRidge(alpha=ridge, kernel="precomputed").fit(gram[r], labels[r])
            assert np.allclose(found[r, j], oracle.predict(cross[r]), rtol=1e-8, atol=1e-9)


def test_prediction_refuses_a_ridge_of_zero(problem):
    inputs, labels, at = problem
    gram, cross = (kernel_ridge.laplace(x, inputs, 0.5) for x in (inputs, at))
    with pytest.raises(ValueError, match="positive"):
        kernel_ridge.predict(gram, labels, cross, [0.0])


def test_a_matrix_that_is_not_positive_is_an_error():
    gram = -torch.eye(3, dtype=torch.float64)[None]
    with pytest.raises(LinAlgError, match="positive"):
        kernel_ridge.predict(gram, torch.ones(1, 3, dtype=torch.float64), gram, [0.5])


def score(choice, x, y, width, ridge):
    """Risk estimate of one replicate from its definition, refitting for every datum left out."""
    kernel = kernels.Matern(width, nu=0.5)

    def fitted(train, rest):
        model = KernelRidge(alpha=ridge, kernel="precomputed").fit(kernel(x[train]), y[train])
        return model.predict(kernel(x[rest], x[train]))

    n = len(y)
    everything = np.arange(n)
    if choice == "held out":
        train, rest = everything[: n - n // 4], everything[n - n // 4 :]
        return np.mean((fitted(train, rest) - y[rest]) ** 2)
    if choice == "gcv":
        k = kernel(x)
        hat = k @ np.linalg.inv(k + ridge * np.eye(n))
        return np.mean((y - hat @ y) ** 2) / (1 - np.trace(hat) / n) ** 2
    left_out = [y[i] - fitted(np.delete(everything, i), [i])[0] for i in everything]
    return np.mean(np.square(left_out))


@pytest.mark.parametrize(
    ("choice", "ridges"),
    [
        ("held out", FEW),
        ("held out", MANY[::2]),
        ("gcv", MANY[::2]),
        pytest.param("leave one out", FEW, marks=pytest.mark.slow),
        pytest.param("leave one out", MANY[::2], marks=pytest.mark.slow),
        pytest.param("gcv", FEW, marks=pytest.mark.slow),
    ],
)
def test_tuning(problem, choice, ridges):
    inputs, labels, at = (part.clone() for part in problem)
    widths = [0.05, 0.5]
    tuned = kernel_ridge.tune(
        inputs, labels, at, kernel_ridge.laplace, widths, ridges, choice=choice
    )
    for r in range(REPLICATES):
        x, y = inputs[r].numpy(), labels[r].numpy()
        scores = np.array([[score(choice, x, y, w, a) for a in ridges] for w in widths])
        assert np.allclose(tuned.score[r], scores, rtol=1e-7)
        i, j = np.unravel_index(scores.argmin(), scores.shape)
        assert (float(tuned.bandwidth[r]), float(tuned.ridge[r])) == (widths[i], ridges[j])
        kernel = kernels.Matern(widths[i], nu=0.5)
        oracle = KernelRidge(alpha=ridges[j], kernel="precomputed").fit(kernel(x), y)
        assert np.allclose(tuned.predictions[r], oracle.predict(kernel(at[r], x)), atol=1e-9)


def test_posterior_variance(problem):
    inputs, labels, at = problem
    gram, cross = (kernel_ridge.laplace(x, inputs, 0.5) for x in (inputs, at))
    found = kernel_ridge.posterior_variance(gram, cross, 1.0, 0.09)
    for r in range(REPLICATES):
        oracle = GaussianProcessRegressor(
            kernels.Matern(0.5, nu=0.5), alpha=0.09, optimizer=None
        ).fit(inputs[r], labels[r])
        _, sd = oracle.predict(at[r], return_std=True)
        assert np.allclose(found[r], sd**2, rtol=1e-9)


def test_posterior_variance_is_the_least_linear_risk(problem):
    """The risk of any weights w, k(x, x) - 2 w'k + w'(K + ridge I)w, is at least that."""
    inputs, _, at = problem
    gram, cross = (kernel_ridge.laplace(x, inputs, 0.5) for x in (inputs, at))
    least = kernel_ridge.posterior_variance(gram, cross, 1.0, 0.09)
    noisy = gram + 0.09 * torch.eye(DATA, dtype=torch.float64)
    best = torch.linalg.solve(noisy, cross.mT).mT

    def risk(weights):
        square = torch.einsum("rmi,rij,rmj->rm", weights, noisy, weights)
        return 1.0 - 2 * (weights * cross).sum(-1) + square

    assert torch.allclose(risk(best), least, rtol=1e-9)
    other = best + 0.01 * torch.randn(best.shape, generator=torch.Generator().manual_seed(1))
    assert (risk(other) > least).all()


def test_held_out_predictions_in_parts(problem):
    inputs, labels, at = problem
    choices = kernel_ridge.laplace, [0.05, 0.5], FEW
    whole = kernel_ridge.tune(inputs, labels, at, *choices, choice="held out").predictions
    parts = kernel_ridge.held_out(inputs, labels, at, *choices, rows=2)
    assert torch.allclose(parts, whole, rtol=1e-12)
