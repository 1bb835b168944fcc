"""Multivariate linear regression by a matrix of low rank, from sufficient statistics.

The model is Y_i = W X_i + eps_i with X_i ~ N(0, I_N), eps_i ~ N(0, sigma^2 I_M), i = 1..n.
Estimators use the data only through S = sum X X' and C = sum Y X', and these are drawn directly:
S = A A' with A from Bartlett's decomposition (M. S. Bartlett, Proc. R. Soc. Edinburgh 53, 1933),
and C = W S + sigma G A' with G standard normal. That is exact in law, and its cost does not depend
on n.

The risk of an estimator is ||W_hat - W||_F^2 = E ||(W_hat - W) X||^2, exact: there is no test set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.estimators.reduced_rank import Statistics, pooled


def low_rank_matrix(
    rows: int, columns: int, rank: int, *, replicates: int, rng: torch.Generator
) -> Tensor:
    """W = U V / sqrt(rank) with standard normal U, V; shape (replicates, rows, columns).

    Its entries have mean 0, variance 1 and no correlation, whatever the rank: the second moments
    that a linear estimator sees do not know the rank.
    """
    u = normal(replicates, rows, rank, rng=rng)
    v = normal(replicates, rank, columns, rng=rng)
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
    root = normal(replicates, columns, columns, rng=rng, dtype=w.dtype).tril(-1)
    degrees = (n - torch.arange(columns, device=w.device, dtype=w.dtype)).expand(replicates, -1)
    chi2 = 2 * torch._standard_gamma(degrees / 2, generator=rng)
    root.diagonal(dim1=-2, dim2=-1).copy_(chi2.sqrt())
    noise = normal(replicates, rows, columns, rng=rng, dtype=w.dtype)
    return Statistics(n, root, (w @ root + sigma * noise) @ root.mT)


@dataclass(frozen=True)
class Problem:
    """Data of a random matrix of a rank, new for each replicate (`low_rank_matrix`).

    Attributes
    ----------
    rows, columns, rank : int
        M, N and the rank of W.
    sigma : float
        Standard deviation of the noise.
    """

    rows: int
    columns: int
    rank: int
    sigma: float

    def data(self, n: int, *, held_out: int = 0, replicates: int, rng: torch.Generator) -> Data:
        """Statistics of n data of each matrix, of which so many may be held out."""
        w = low_rank_matrix(self.rows, self.columns, self.rank, replicates=replicates, rng=rng)
        fit = draw_statistics(w, n - held_out, self.sigma, rng)
        if not held_out:
            return Data(w, fit, fit, None)
        rest = draw_statistics(w, held_out, self.sigma, rng)
        return Data(w, pooled(fit, rest), fit, rest)


@dataclass(frozen=True)
class Data:
    """Data of R matrices.

    Attributes
    ----------
    w : Tensor of shape (R, M, N)
        The truth, for the judge alone.
    all, fit : Statistics
        Of all data, and of those that are not held out.
    held_out : Statistics or None
        Of the others.
    """

    w: Tensor
    all: Statistics
    fit: Statistics
    held_out: Statistics | None

    def risk(self, estimate: Tensor) -> Tensor:
        """||W_hat - W||_F^2 of each replicate, of shape (R,)."""
        return (estimate.double() - self.w).square().sum((-2, -1))

    def risks(self, **estimates: Tensor) -> dict[str, Tensor]:
        """`risk` of each of several estimates, under their names."""
        return {name: self.risk(estimate) for name, estimate in estimates.items()}
