"""Ridge on a grid against scikit-learn with the kernel matrix, GCV against its definition."""

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge

from ratecheck.lab.estimators import smoothing


@pytest.mark.parametrize("n", [32, 33])
def test_ridge_on_grid(n):
    rng = torch.Generator().manual_seed(1)
    t = torch.arange(n, dtype=torch.float64) / n
    clean = torch.stack([(6.28 * t).sin(), (t > 0.4).double(), 0 * t])
    values = clean + 0.3 * torch.randn(3, n, generator=rng, dtype=torch.float64)
    spectra = torch.stack([smoothing.sobolev_spectrum(n, m) for m in (0.75, 1.0, 2.0)])
    ridges = [1e-4, 1e-2, 1e-1]
    found = smoothing.ridge_on_grid(values, spectra, ridges)
    columns = np.arange(n)
    chosen = set()
    for y, estimate in zip(values.numpy(), found.numpy(), strict=True):
        best = (np.inf, None, None)
        for m, spectrum in enumerate(spectra):
            row = np.fft.irfft(spectrum.numpy() * n, n=n)
            kernel = row[(columns[:, None] - columns) % n]
            for j, ridge in enumerate(ridges):
                oracle = KernelRidge(alpha=n * ridge, kernel="precomputed").fit(kernel, y)
                fit = oracle.predict(kernel)
                hat = kernel @ np.linalg.inv(kernel + n * ridge * np.eye(n))
                gcv = n * ((y - fit) ** 2).sum() / (n - np.trace(hat)) ** 2
                if gcv < best[0]:
                    best = (gcv, fit, (m, j))
        chosen.add(best[2])
        assert np.allclose(estimate, best[1], atol=1e-9)
    assert len(chosen) > 1


def test_project():
    rng = torch.Generator().manual_seed(2)
    values = torch.randn(2, 33, generator=rng, dtype=torch.float64)
    t = 2 * np.pi * np.arange(33) / 33
    basis = np.stack([np.ones(33), *(f(k * t) for k in (1, 2, 3) for f in (np.cos, np.sin))], 1)
    expected = basis @ np.linalg.lstsq(basis, values.numpy().T, rcond=None)[0]
    assert np.allclose(smoothing.project(values, 4).numpy().T, expected, atol=1e-12)
