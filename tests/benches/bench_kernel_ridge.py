"""How much faster kernel ridge regression is than scikit-learn in a loop over replicates.

Each is timed beside its loop, in turn on the same draws, once the two were found to agree.
"""

import numpy as np
import pytest
import torch
from sklearn.gaussian_process import GaussianProcessRegressor, kernels
from sklearn.kernel_ridge import KernelRidge

from ratecheck.lab.estimators import kernel_ridge


def problem(n, replicates):
    rng = torch.Generator().manual_seed(0)
    shape = {"generator": rng, "dtype": torch.float64}
    inputs, at = torch.rand(replicates, n, 2, **shape), torch.rand(replicates, 64, 2, **shape)
    labels = torch.randn(replicates, n, **shape)
    gram, cross = (kernel_ridge.laplace(x, inputs, 3.0) for x in (inputs, at))
    return inputs, at, labels, gram, cross


@pytest.mark.parametrize(
    ("n", "replicates", "count", "seen"),
    [(128, 64, 20, 19), (512, 8, 20, 4.2), (512, 8, 1, 1.6), (1024, 1, 7, 1.5)],
)
def test_ridges(faster, n, replicates, count, seen):
    """Predictions at several ridges from a kernel matrix."""
    _, _, labels, gram, cross = problem(n, replicates)
    ridges = list(np.geomspace(1e-3, 1.0, count)) if count > 1 else [1e-2]

    def loop():
        return np.array(
            [
                [
                    KernelRidge(alpha=ridge, kernel="precomputed").fit(k, y).predict(c)
                    for ridge in ridges
                ]
                for k, y, c in zip(gram.numpy(), labels.numpy(), cross.numpy(), strict=True)
            ]
        )

    def fast():
        return kernel_ridge.predict(gram, labels, cross, ridges)

    assert np.allclose(fast(), loop(), rtol=1e-6, atol=1e-8)
    faster(loop, fast, seen)


@pytest.mark.parametrize(("n", "replicates", "seen"), [(128, 32, 5.6), (512, 4, 2.9)])
def test_posterior_variance(faster, n, replicates, seen):
    """The risk of the best linear estimator, inputs to risk."""
    inputs, at, labels, _, _ = problem(n, replicates)

    def loop():
        kernel = kernels.Matern(3.0, nu=0.5)
        found = []
        for x, y, z in zip(inputs.numpy(), labels.numpy(), at.numpy(), strict=True):
            process = GaussianProcessRegressor(kernel, alpha=0.09, optimizer=None).fit(x, y)
            found.append(process.predict(z, return_std=True)[1] ** 2)
        return np.array(found)

    def fast():
        gram, cross = (kernel_ridge.laplace(x, inputs, 3.0) for x in (inputs, at))
        return kernel_ridge.posterior_variance(gram, cross, 1.0, 0.09)

    assert np.allclose(fast(), loop(), rtol=1e-6)
    faster(loop, fast, seen)
