"""Linear estimators on a regular grid of the torus: diagonal in the Fourier basis.

With a stationary kernel the kernel matrix of n equispaced inputs is circulant, so that a fit costs
one Fourier transform and every ridge and kernel can be tried. With Sobolev kernels, of eigenvalues
1/(1 + k^2)^m, these are periodic smoothing splines (Wahba, Spline Models for Observational Data,
1990, Section 2.1). Where the eigenvalues are those of the covariance of a random target and the
ridge is the variance of the noise, the Wiener filter, it is the best of all linear estimators.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def sobolev_spectra(n: int, orders: Sequence[float]) -> Tensor:
    """Eigenvalues (1 + k^2)^(-m) of kernel matrices over n, of shape (orders, n//2 + 1).

    k = 0, 1, ..., n//2. A kernel is the one whose matrix on the grid has them: frequencies beyond
    n/2 are left out.
    """
    k = torch.arange(n // 2 + 1, dtype=torch.float64)
    return torch.stack([(1 + k * k) ** -order for order in orders])


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


def wiener_filter(labels: Tensor, spectrum: Tensor, variance: float) -> Tensor:
    """The best linear estimate of a centred stationary target from its noisy values on a grid.

    Parameters
    ----------
    labels : Tensor of shape (R, *grid)
    spectrum : Tensor of shape grid
        Eigenvalues of the covariance.
    variance : float
        Of the noise.
    """
    axes = tuple(range(1, labels.ndim))
    gain = spectrum / (spectrum + variance)
    estimate: Tensor = torch.fft.ifftn(gain * torch.fft.fftn(labels, dim=axes), dim=axes).real
    return estimate


def wiener_risk(spectrum: Tensor, variance: float) -> float:
    """Mean squared error a grid point of `wiener_filter`: mean of S variance / (S + variance)."""
    return float((spectrum * variance / (spectrum + variance)).mean())
