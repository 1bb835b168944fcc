"""Rotations against numpy's cosines, sums against exactly rounded ones."""

import math

import numpy as np
import pytest

from ratecheck.lab.spectra.fourier import dot, features, series


def basis(angles: np.ndarray, frequencies: int) -> np.ndarray:
    """sqrt(2) cos(k t), sqrt(2) sin(k t), alternating: shape (..., 2K)."""
    kt = angles[..., None] * np.arange(1, frequencies + 1)
    return math.sqrt(2) * np.stack([np.cos(kt), np.sin(kt)], -1).reshape(*angles.shape, -1)


@pytest.mark.parametrize("frequencies", [1, 4, 5, 128, 1000])
def test_features(frequencies):
    out = np.empty(2 * frequencies)
    for angle in (0.0, 0.3, math.pi, 6.2):
        features(angle, out)
        assert np.abs(out - basis(np.array(angle), frequencies)).max() < 1e-15 * 4 * frequencies


def test_features_are_orthonormal():
    points = 64
    rows = np.empty((points, 16))
    for i in range(points):
        features(2 * math.pi * i / points, rows[i])
    assert np.allclose(rows.T @ rows / points, np.eye(16), atol=1e-13)


def test_dot_is_the_exactly_rounded_sum():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 512))
    assert dot(a, b) == pytest.approx(math.fsum(a * b), rel=1e-13)


def test_series():
    rng = np.random.default_rng(1)
    angles, coefficients = rng.uniform(0, 7, (3, 5)), rng.standard_normal((3, 32))
    expected = np.einsum("rti,ri->rt", basis(angles, 16), coefficients)
    assert np.allclose(series(angles, coefficients), expected, rtol=0, atol=1e-12)
