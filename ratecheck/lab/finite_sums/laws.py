"""A finite sum of non-convex potentials and the law of its minibatches.

F(x) = x^2/2 + exp(-2 x^2) is a double well; the n components

    f_i(x) = F(x) + s_i (c x^2/2 + sigma x),      s_i = +-1, half of each sign,

are as heterogeneous as one likes in curvature (c) and in slope (sigma). A batch of B of them, drawn
without replacement, has the mean sign 2 j/B - 1 with j hypergeometric; that is all that a
stochastic gradient sees of it.
"""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray
BUMP = 1.0
SHARPNESS = 2.0
MOST_NODES = 9


def potential(x: Array) -> Array:
    """F(x) = x^2/2 + exp(-2 x^2), elementwise."""
    return np.asarray(0.5 * x**2 + BUMP * np.exp(-SHARPNESS * x**2))


def gradient(x: Array) -> Array:
    """F'(x), elementwise."""
    return np.asarray(x - 2 * SHARPNESS * BUMP * x * np.exp(-SHARPNESS * x**2))


def variance_factor(n: int, batch: int) -> float:
    """Xi = (n - B) / (B (n - 1)), the variance of the mean sign of a batch."""
    return (n - batch) / (batch * (n - 1))


def mean_sign_law(n: int, batch: int) -> tuple[Array, Array]:
    """Values and probabilities of the mean sign of a batch without replacement.

    Parameters
    ----------
    n : int
        Number of components, even.
    batch : int
        B, at most n.

    Returns
    -------
    values, probabilities : arrays of shape (B + 1,)
        Of 2 j/B - 1 with j hypergeometric (n, n/2, B).
    """
    if n % 2 or not 0 < batch <= n:
        raise ValueError(f"n = {n} must be even and hold a batch of {batch}")
    half = n // 2
    j = np.arange(batch + 1)
    log_choose = np.array(
        [_log_choose(half, k) + _log_choose(half, batch - k) for k in range(batch + 1)]
    )
    p = np.exp(log_choose - log_choose.max())
    return 2 * j / batch - 1, p / p.sum()


def _log_choose(n: int, k: int) -> float:
    if not 0 <= k <= n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def gauss_rule(values: Array, probabilities: Array, nodes: int = MOST_NODES) -> tuple[Array, Array]:
    """A quadrature rule with few nodes and the same first 2 ``nodes`` - 1 moments.

    The Lanczos recurrence on the discrete law, with full reorthogonalisation, gives the Jacobi
    matrix; its eigenvalues are the nodes (Golub and Welsch, Math. Comp. 23, 1969).

    Returns
    -------
    nodes, weights : arrays
        Nothing is compressed where the law has no more values than that.
    """
    keep = probabilities > 0
    values, probabilities = values[keep], probabilities[keep]
    if len(values) <= nodes:
        return values, probabilities
    basis = [np.sqrt(probabilities)]
    diagonal, off = [], []
    for step in range(nodes):
        w = values * basis[-1]
        diagonal.append(float(w @ basis[-1]))
        for q in (*basis, *basis):
            w = w - (w @ q) * q
        if step < nodes - 1:
            off.append(float(np.linalg.norm(w)))
            basis.append(w / off[-1])
    jacobi = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
    points, vectors = np.linalg.eigh(jacobi)
    return points, vectors[0] ** 2
