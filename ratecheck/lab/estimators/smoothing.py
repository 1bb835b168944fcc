"""Linear estimators on a regular grid of the circle: diagonal in the Fourier basis.

With a stationary kernel the kernel matrix of n equispaced inputs is circulant, so that a fit costs
one Fourier transform and every ridge and kernel can be tried. With Sobolev kernels, of eigenvalues
1/(1 + k^2)^m, these are periodic smoothing splines (Wahba, Spline Models for Observational Data,
1990, Section 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def sobolev_spectrum(n: int, order: float) -> Tensor:
    """Eigenvalues (1 + k^2)^(-order) of the kernel matrix over n, k = 0, 1, ..., n//2: (n//2 + 1,).

    The kernel is the one whose matrix on the grid has them: frequencies beyond n/2 are left out.
    """
    k = torch.arange(n // 2 + 1, dtype=torch.float64)
    return (1 + k * k) ** -order


def ridge_on_grid(values: Tensor, spectra: Tensor, ridges: Sequence[float]) -> Tensor:
    """Kernel ridge regression with kernel and ridge chosen by generalised cross-validation.

    GCV = n |y - A y|^2 / tr(1 - A)^2 with A = S (S + ridge)^-1, S the eigenvalues over n.

    Parameters
    ----------
    values : Tensor of shape (R, n)
        Noisy values on the regular grid.
    spectra : Tensor of shape (K, n//2 + 1)
        Eigenvalues of K kernel matrices divided by n, at non-negative frequencies.
    ridges : sequence of J positive floats

    Returns
    -------
    Tensor of shape (R, n)
        The estimate of each replicate with its own choice.
    """
    n = values.shape[1]
    fourier = torch.fft.rfft(values)
    power = fourier.abs().square()
    double = torch.full_like(power[0], 2.0)  # negative frequencies
    double[0] = 1.0
    if n % 2 == 0:
        double[-1] = 1.0
    shrinks = [ridge / (spectra + ridge) for ridge in ridges]
    shrink = torch.stack(shrinks, 1).flatten(0, 1).to(values.device)
    residual = power @ (double * shrink.square()).mT
    score = residual / (shrink @ double).square()
    chosen = shrink[score.argmin(1)]
    estimate: Tensor = torch.fft.irfft(fourier * (1 - chosen), n=n)
    return estimate


def project(values: Tensor, frequencies: int) -> Tensor:
    """The least-squares fit of trigonometric polynomials: frequencies below a cut-off, (R, n)."""
    fourier = torch.fft.rfft(values)
    fourier[:, frequencies:] = 0.0
    estimate: Tensor = torch.fft.irfft(fourier, n=values.shape[1])
    return estimate
