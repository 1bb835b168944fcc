"""Matrices from multivariate linear data: least squares, ridge, and least squares of low rank.

Every one uses the data through their `Statistics` only.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    @property
    def moments(self) -> tuple[Tensor, Tensor]:
        """S/n and C/n in single precision, as networks are trained on them."""
        return (self.gram / self.n).float(), (self.cross / self.n).float()


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
