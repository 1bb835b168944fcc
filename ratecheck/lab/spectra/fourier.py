"""Fourier series on the circle, evaluated by rotations."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True)
def features(t: float, out: np.ndarray) -> None:
    """Write sqrt(2) cos(k t), sqrt(2) sin(k t) for k = 1, 2, ... into ``out``, alternating.

    The first m frequencies, rotated by m t, are the next m: one rotation a frequency replaces the
    cosine and the sine, in log2(K) passes whose rotations do not wait for one another. The error
    is a few times k rounding units, as that of the product k t.
    """
    count = out.shape[0] // 2
    c, s = math.cos(t), math.sin(t)
    out[0], out[1] = math.sqrt(2.0) * c, math.sqrt(2.0) * s
    m = 1
    while m < count:
        for k in range(min(m, count - m)):
            a, b = out[2 * k], out[2 * k + 1]
            out[2 * (m + k)] = a * c - b * s
            out[2 * (m + k) + 1] = a * s + b * c
        c, s = c * c - s * s, 2.0 * c * s
        m *= 2


@njit(cache=True)
def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Inner product in eight lanes.

    The lanes let the compiler use vector registers while fixing the order of additions, so that
    the result is the same on every processor (the lengths are multiples of eight).
    """
    l0 = l1 = l2 = l3 = l4 = l5 = l6 = l7 = 0.0
    for i in range(0, a.shape[0], 8):
        l0 += a[i] * b[i]
        l1 += a[i + 1] * b[i + 1]
        l2 += a[i + 2] * b[i + 2]
        l3 += a[i + 3] * b[i + 3]
        l4 += a[i + 4] * b[i + 4]
        l5 += a[i + 5] * b[i + 5]
        l6 += a[i + 6] * b[i + 6]
        l7 += a[i + 7] * b[i + 7]
    return ((l0 + l1) + (l2 + l3)) + ((l4 + l5) + (l6 + l7))


@njit(cache=True)
def series(angles: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Values of R Fourier series at R sets of angles.

    Parameters
    ----------
    angles : array of shape (R, T)
    coefficients : array of shape (R, 2K)
        Coefficients of the orthonormal functions of `features`; 2K a multiple of eight.

    Returns
    -------
    array of shape (R, T)
    """
    rows, steps = angles.shape
    out = np.empty((rows, steps))
    basis = np.empty(coefficients.shape[1])
    for r in range(rows):
        for t in range(steps):
            features(angles[r, t], basis)
            out[r, t] = dot(basis, coefficients[r])
    return out
