"""Ridge on a grid against scikit-learn with the kernel matrix, GCV against its definition."""

import numpy as np
import pytest
import torch
from sklearn.kernel_ridge import KernelRidge

from ratecheck.lab.estimators import kernel_ridge, smoothing
from ratecheck.lab.targets.torus import shift_spectrum


@pytest.mark.parametrize("n", [32, 33])
def test_ridge_on_grid(n):
    rng = torch.Generator().manual_seed(1)
    t = torch.arange(n, dtype=torch.float64) / n
    clean = torch.stack([(6.28 * t).sin(), (t > 0.4).double(), 0 * t])
    values = clean + 0.3 * torch.randn(3, n, generator=rng, dtype=torch.float64)
    spectra = smoothing.sobolev_spectra(n, [0.75, 1.0, 2.0])
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


def test_wiener_filter_is_the_posterior_mean_and_its_risk_the_variance():
    rng = torch.Generator().manual_seed(5)
    shape = torch.zeros(5, 6, dtype=torch.float64)
    shape[:2, :3] = 1.0
    spectrum = shift_spectrum(shape)
    shifts = torch.stack(
        [torch.roll(shape, (i, j), (0, 1)).flatten() for i in range(5) for j in range(6)]
    )
    covariance = torch.cov(shifts.T, correction=0)
    labels = torch.randn(2, 5, 6, generator=rng, dtype=torch.float64)
    gain = torch.linalg.solve(covariance + 0.2 * torch.eye(30, dtype=torch.float64), covariance)
    found = smoothing.wiener_filter(labels, spectrum, 0.2)
    assert torch.allclose(found.flatten(1), labels.flatten(1) @ gain, atol=1e-12)
    variance = kernel_ridge.posterior_variance(
        covariance[None], covariance[None], covariance.diagonal(), 0.2
    )
    assert smoothing.wiener_risk(spectrum, 0.2) == pytest.approx(float(variance.mean()))
