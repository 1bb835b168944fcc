"""Multivariate linear regression from sufficient statistics, batched over replicates.

The model is Y_i = W X_i + eps_i with X_i ~ N(0, I_N), eps_i ~ N(0, sigma^2 I_M), i = 1..n. Every
estimator here uses the data only through S = sum X X' and C = sum Y X', and these are drawn
directly: S = A A' with A from Bartlett's decomposition (M. S. Bartlett, Proc. R. Soc. Edinburgh 53,
1933), and C = W S + sigma G A' with G standard normal. That is exact in law, and its cost does not
depend on n.

The risk of an estimator is ||W_hat - W||_F^2 = E ||(W_hat - W) X||^2, exact: there is no test set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics of R replicates.

    Attributes
    ----------
    n : int
        Number of data behind them.
    root : Tensor of shape (R, N, N)
        Lower triangular A with S = A A'.
    cross : Tensor of shape (R, M, N)
        C = sum Y X'.
    """

    n: int
    root: Tensor
    cross: Tensor

    @property
    def gram(self) -> Tensor:
        """S, of shape (R, N, N)."""
        return self.root @ self.root.mT


def low_rank_matrix(
    rows: int, columns: int, rank: int, *, replicates: int, rng: torch.Generator
) -> Tensor:
    """W = U V / sqrt(rank) with standard normal U, V; shape (replicates, rows, columns).

    Its entries have mean 0, variance 1 and no correlation, whatever the rank: the second moments
    that a linear estimator sees do not know the rank.
    """
    shape: dict[str, Any] = {"generator": rng, "device": rng.device, "dtype": torch.float64}
    u = torch.randn(replicates, rows, rank, **shape)
    v = torch.randn(replicates, rank, columns, **shape)
    product: Tensor = u @ v
    return product / math.sqrt(rank)


def draw_statistics(w: Tensor, n: int, sigma: float, rng: torch.Generator) -> Statistics:
    """Statistics of n data each from the models W, of shape (R, M, N).

    Raises
    ------
    ValueError
        If n is smaller than N: S is then singular.
    """
    replicates, rows, columns = w.shape
    if n < columns:
        raise ValueError(f"n = {n} data do not determine {columns} columns")
    shape: dict[str, Any] = {"generator": rng, "device": w.device, "dtype": w.dtype}
    root = torch.randn(replicates, columns, columns, **shape).tril(-1)
    degrees = (n - torch.arange(columns, device=w.device, dtype=w.dtype)).expand(replicates, -1)
    chi2 = 2 * torch._standard_gamma(degrees / 2, generator=rng)
    root.diagonal(dim1=-2, dim2=-1).copy_(chi2.sqrt())
    noise = torch.randn(replicates, rows, columns, **shape)
    return Statistics(n, root, (w @ root + sigma * noise) @ root.mT)


def pooled(first: Statistics, second: Statistics) -> Statistics:
    """Statistics of both samples together."""
    root = torch.linalg.cholesky(first.gram + second.gram)
    return Statistics(first.n + second.n, root, first.cross + second.cross)


def least_squares(data: Statistics) -> Tensor:
    """Ordinary least squares C S^-1, of shape (R, M, N)."""
    return ridge(data, 0.0)


def ridge(data: Statistics, penalty: float) -> Tensor:
    """Minimiser of sum |Y - W X|^2 + penalty ||W||_F^2, of shape (R, M, N).

    With entries of variance tau^2 and no correlation, penalty = sigma^2 / tau^2 is the best of all
    estimators that are linear in Y.
    """
    if penalty == 0.0:
        root = data.root
    else:
        eye = torch.eye(data.root.shape[-1], dtype=data.root.dtype, device=data.root.device)
        root = torch.linalg.cholesky(data.gram + penalty * eye)
    return torch.cholesky_solve(data.cross.mT, root).mT


def reduced_rank(data: Statistics, rank: int) -> Tensor:
    """Least squares over matrices of at most this rank, of shape (R, M, N).

    Truncates the singular values of W_ols A: Eckart and Young in the metric of the design
    (A. J. Izenman, J. Multivariate Anal. 5, 1975).
    """
    return _truncations(data, [rank])[:, 0]


def validated_rank(data: Statistics, held_out: Statistics) -> Tensor:
    """Reduced-rank least squares on all data with the rank that predicts held-out data best.

    Parameters
    ----------
    data, held_out : Statistics
        Ranks are fitted to the first and compared on the second.

    Returns
    -------
    Tensor of shape (R, M, N)
    """
    ranks = list(range(1, min(data.cross.shape[-2:]) + 1))
    candidates = _truncations(data, ranks)
    quadratic = torch.einsum("rkmn,rnp,rkmp->rk", candidates, held_out.gram, candidates)
    linear = torch.einsum("rkmn,rmn->rk", candidates, held_out.cross)
    best = (quadratic - 2 * linear).argmin(1)
    refitted = _truncations(pooled(data, held_out), ranks)
    return refitted[torch.arange(len(best), device=best.device), best]


def _truncations(data: Statistics, ranks: list[int]) -> Tensor:
    """Reduced-rank least squares for several ranks: shape (R, len(ranks), M, N)."""
    fitted = torch.linalg.solve_triangular(data.root, data.cross.mT, upper=False).mT  # W_ols A
    u, s, vh = torch.linalg.svd(fitted, full_matrices=False)
    order = torch.arange(s.shape[-1], device=s.device)
    keep = torch.stack([(order < rank).to(s.dtype) for rank in ranks])
    truncated = torch.einsum("rms,rs,ks,rsn->rkmn", u, s, keep, vh)
    roots = data.root[:, None]
    solved: Tensor = torch.linalg.solve_triangular(roots, truncated, upper=False, left=False)
    return solved


def risk(estimate: Tensor, w: Tensor) -> Tensor:
    """||W_hat - W||_F^2 of each replicate, shape (R,)."""
    error: Tensor = estimate - w
    return error.square().sum((-2, -1))
