"""Eigenvalues of rotation-invariant kernels on the sphere S^(d-1), the circle where d = 2.

Eigenfunctions are the spherical harmonics of degree k. By the Funk-Hecke formula the eigenvalue is
the mean of K(angle) P_k(cos angle) over the sphere, P_k the Gegenbauer polynomial with P_k(1) = 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import eval_gegenbauer

Angles = NDArray[np.float64]
NODES = 600


def eigenvalue(kernel: Callable[[Angles], Angles], k: int, d: int) -> float:
    """Eigenvalue at degree k, inputs uniform on S^(d-1); Gauss-Legendre in the angle.

    A kernel that is smooth in the angle on [0, pi], kinks at 0 and pi included, loses nothing; k is
    to be below a quarter of the nodes.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    angle = math.pi / 2 * (nodes + 1)
    weights = weights * np.sin(angle) ** (d - 2)
    order = d / 2 - 1
    harmonic = (
        np.cos(k * angle)
        if d == 2
        else eval_gegenbauer(k, order, np.cos(angle)) / eval_gegenbauer(k, order, 1.0)
    )
    return float((weights * harmonic * kernel(angle)).sum() / weights.sum())


def relu_tangent(angle: Angles, d: int, inner: bool = True) -> Angles:
    """Tangent kernel of a two-layer ReLU network with a bias, inputs (x, 1)/sqrt(2), |x| = 1.

    Inner weights uniform on the unit sphere of R^(d+1), outer ones +-1. Without ``inner`` only the
    outer layer is trained (Cho and Saul, NIPS 2009: arc-cosine kernels of order one and zero).
    """
    u = np.clip((1 + np.cos(angle)) / 2, 0.0, 1.0)
    arc = u * (math.pi - np.arccos(u))
    outer: Angles = (np.sqrt(1 - u * u) + arc) / (2 * math.pi * (d + 1))
    return outer + arc / (2 * math.pi) if inner else outer
