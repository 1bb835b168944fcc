"""Minibatches without replacement: their weights, and the law of what they see.

Where half of n components have the sign 1 and half have -1, a batch of B of them has the mean sign
2 j/B - 1 with j hypergeometric.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

Array = np.ndarray
MOST_NODES = 9


def variance_factor(n: int, batch: int) -> float:
    """Xi = (n - B) / (B (n - 1)), the variance of the mean sign of a batch."""
    return (n - batch) / (batch * (n - 1))


def batch_weights(
    n: int,
    batch: int,
    *shape: int,
    rng: torch.Generator,
    replacement: bool = False,
    dtype: torch.dtype | None = None,
) -> torch.Tensor:
    """Weights of n data in the mean over fresh minibatches: 1/B on B of them, else 0.

    Parameters
    ----------
    n, batch : int
        B = n (or more) draws nothing and takes 1/n everywhere.
    shape : int
        How many minibatches are drawn.
    rng : torch.Generator
    replacement : bool
        Draw with replacement; weights are then multiples of 1/B.
    dtype : torch.dtype, optional
        Double precision unless given; 1/B is rounded to single precision for every dtype.

    Returns
    -------
    Tensor of shape (*shape, n)
    """
    import torch

    device, dtype = rng.device, torch.float64 if dtype is None else dtype
    if batch >= n:
        return torch.full((*shape, n), 1 / n, device=device, dtype=dtype)
    if replacement:
        chosen = torch.randint(n, (*shape, batch), generator=rng, device=device)
    else:
        keys = torch.rand(*shape, n, generator=rng, device=device, dtype=torch.float32)
        chosen = keys.topk(batch, -1, sorted=False).indices
    share = torch.full(chosen.shape, 1 / batch, device=device, dtype=torch.float32).to(dtype)
    weights = torch.zeros(*shape, n, device=device, dtype=dtype)
    return weights.scatter_add_(-1, chosen, share)


def batch_stream(
    n: int, batch: int, replicates: int, steps: int, *, rng: torch.Generator,
    hold: int = 1, replacement: bool = False,
) -> torch.Tensor:  # fmt: skip
    """`batch_weights` of every step, shape (replicates, steps, n); a batch stays ``hold`` steps."""
    drawn = batch_weights(n, batch, replicates, -(-steps // hold), rng=rng, replacement=replacement)
    return drawn.repeat_interleave(hold, 1)[:, :steps]


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
