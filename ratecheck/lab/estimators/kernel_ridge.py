"""Kernel ridge regression and best linear estimators, batched over replicates.

Everything here is linear in the labels. With a kernel matrix K of the inputs, labels y and the row
k(x) of kernels between x and the inputs, the estimate is k(x)' (K + ridge I)^-1 y: ``ridge`` is
scikit-learn's ``alpha``, n times the lambda of the mean squared loss. Where K is the covariance of
a random target and ridge the variance of the noise, this is the best of all estimators that are
linear in y (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, Section 2.2),
and its risk is the posterior variance, exactly: `posterior_variance`.

Double precision throughout: kernel matrices are ill conditioned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from scipy.linalg import LinAlgError, lapack
from torch import Tensor

from ratecheck.lab.draws import in_parts

Bandwidth = float | Tensor
Kernel = Callable[[Tensor, Tensor, Bandwidth], Tensor]
Choice = Literal["held out", "leave one out", "gcv"]

# One eigendecomposition costs 7 (n = 128) to 12 (n = 2048) Cholesky decompositions; diagonals of
# the inverse, for leave-one-out, cost two more each.
_CHOLESKY_AT_MOST = 7
_CHOLESKY_AT_MOST_WITH_INVERSE = 3


def laplace(x: Tensor, z: Tensor, bandwidth: Bandwidth = 1.0) -> Tensor:
    """exp(-|x - z| / bandwidth), of shape (R, n, m).

    Parameters
    ----------
    x, z : Tensors of shape (R, n, d) and (R, m, d)
    bandwidth : float or Tensor of shape (R,)
    """
    return _distances(x, z).div_(_column(bandwidth)).neg_().exp_()


def gaussian(x: Tensor, z: Tensor, bandwidth: Bandwidth = 1.0) -> Tensor:
    """exp(-|x - z|^2 / (2 bandwidth^2)), shapes as in `laplace`."""
    scaled = _distances(x, z).div_(_column(bandwidth))
    # exp of numbers below the smallest normal one is many times slower
    return scaled.square_().mul_(-0.5).clamp_(min=-600.0).exp_()


def matern32(x: Tensor, z: Tensor, bandwidth: Bandwidth = 1.0) -> Tensor:
    """(1 + t) exp(-t) with t = sqrt(3) |x - z| / bandwidth, shapes as in `laplace`."""
    t = _distances(x, z).mul_(3**0.5).div_(_column(bandwidth))
    return (1 + t).mul_(t.neg_().exp_())


def _distances(x: Tensor, z: Tensor) -> Tensor:
    """Distances of shape (R, n, m), by differences: the matrix product is off by 1e-8 near 0."""
    return torch.cdist(x, z, compute_mode="donot_use_mm_for_euclid_dist")


def _column(bandwidth: Bandwidth) -> Bandwidth:
    return bandwidth[:, None, None] if isinstance(bandwidth, Tensor) else bandwidth


@dataclass(frozen=True)
class Tuned:
    """Predictions with the bandwidth and the ridge that each replicate chose.

    Attributes
    ----------
    predictions : Tensor of shape (R, m)
    bandwidth, ridge : Tensors of shape (R,)
    score : Tensor of shape (R, bandwidths, ridges)
        The estimated risks among which was chosen (noise included).
    """

    predictions: Tensor
    bandwidth: Tensor
    ridge: Tensor
    score: Tensor


def predict(gram: Tensor, labels: Tensor, cross: Tensor, ridges: Sequence[float]) -> Tensor:
    """Kernel ridge regression at every ridge, of shape (R, J, m).

    Parameters
    ----------
    gram : Tensor of shape (R, n, n)
        Kernels among the inputs.
    labels : Tensor of shape (R, n)
    cross : Tensor of shape (R, m, n)
        Kernels between the points of prediction and the inputs.
    ridges : sequence of J positive floats

    Raises
    ------
    ValueError
        If a ridge is not positive.
    LinAlgError
        If K + ridge I is not positive definite in double precision.
    """
    return (cross @ _coefficients(gram, labels, ridges)).mT


def tune(
    inputs: Tensor,
    labels: Tensor,
    at: Tensor,
    kernel: Kernel,
    bandwidths: Sequence[float],
    ridges: Sequence[float],
    choice: Choice = "leave one out",
) -> Tuned:
    """Kernel ridge regression with bandwidth and ridge chosen by the data, for each replicate.

    Parameters
    ----------
    inputs : Tensor of shape (R, n, d)
    labels : Tensor of shape (R, n)
    at : Tensor of shape (R, m, d)
        Where to predict.
    kernel : function of (x, z, bandwidth)
        `laplace`, `gaussian`, `matern32` or one of your own.
    bandwidths, ridges : sequences of positive floats
        All pairs are tried.
    choice : {"held out", "leave one out", "gcv"}
        By the squared error on the last quarter of the data after a fit to the others, by exact
        leave-one-out residuals, or by generalised cross-validation. The prediction is then made
        with all data.
    """
    score = torch.stack(
        [_score(inputs, labels, kernel, width, ridges, choice) for width in bandwidths], 1
    )
    best = score.flatten(1).argmin(1)
    width = inputs.new_tensor(bandwidths)[best // len(ridges)]
    ridge = inputs.new_tensor(ridges)[best % len(ridges)]
    factors = _shifted_cholesky(kernel(inputs, inputs, width), ridge)
    alpha = torch.cholesky_solve(labels[..., None], factors)
    predictions = (kernel(at, inputs, width) @ alpha)[..., 0]
    return Tuned(predictions, width, ridge, score)


def held_out(
    inputs: Tensor,
    labels: Tensor,
    at: Tensor,
    kernel: Kernel,
    bandwidths: Sequence[float],
    ridges: Sequence[float],
    *,
    rows: int = 4,
) -> Tensor:
    """Predictions (R, m) of `tune` by held-out data, for so many replicates at a time."""

    def predicted(x: Tensor, y: Tensor, at: Tensor) -> Tensor:
        return tune(x, y, at, kernel, bandwidths, ridges, "held out").predictions

    return in_parts(predicted, inputs, labels, at, rows=rows)


def posterior_variance(gram: Tensor, cross: Tensor, prior: Tensor | float, ridge: float) -> Tensor:
    """prior(x) - k(x)' (K + ridge I)^-1 k(x), of shape (R, m).

    With K the covariance of the target and ridge the variance of the noise this is the risk at x,
    given the inputs, of the best linear estimator, averaged over targets and noise.

    Parameters
    ----------
    gram : Tensor of shape (R, n, n)
    cross : Tensor of shape (R, m, n)
    prior : Tensor that broadcasts to (R, m), or float
        Variance of the target at the points.
    ridge : float
    """
    half = torch.linalg.solve_triangular(_shifted_cholesky(gram, ridge), cross.mT, upper=False)
    variance: Tensor = prior - half.square().sum(-2)
    return variance


def _score(
    inputs: Tensor,
    labels: Tensor,
    kernel: Kernel,
    bandwidth: float,
    ridges: Sequence[float],
    choice: Choice,
) -> Tensor:
    """Estimated risk at every ridge, of shape (R, J)."""
    if choice == "held out":
        n = labels.shape[1]
        fit, rest = inputs[:, : n - n // 4], inputs[:, n - n // 4 :]
        gram, cross = kernel(fit, fit, bandwidth), kernel(rest, fit, bandwidth)
        predicted = predict(gram, labels[:, : n - n // 4], cross, ridges)
        return (predicted - labels[:, None, n - n // 4 :]).square().mean(-1)
    gram = kernel(inputs, inputs, bandwidth)
    alpha, inverse = _coefficients_and_inverse_diagonals(gram, labels, ridges)
    if choice == "gcv":
        return (alpha.square().mean(1)) / inverse.mean(1).square()
    return (alpha / inverse).square().mean(1)


def _coefficients(gram: Tensor, labels: Tensor, ridges: Sequence[float]) -> Tensor:
    """(K + ridge I)^-1 y at every ridge, of shape (R, n, J)."""
    _positive(ridges)
    if len(ridges) > _CHOLESKY_AT_MOST:
        values, vectors = torch.linalg.eigh(gram)
        shifted = values[..., None] + gram.new_tensor(ridges)
        coefficients: Tensor = vectors @ ((vectors.mT @ labels[..., None]) / shifted)
        return coefficients
    factors = (_shifted_cholesky(gram, ridge) for ridge in ridges)
    return torch.cat([torch.cholesky_solve(labels[..., None], each) for each in factors], -1)


def _coefficients_and_inverse_diagonals(
    gram: Tensor, labels: Tensor, ridges: Sequence[float]
) -> tuple[Tensor, Tensor]:
    """(K + ridge I)^-1 y and the diagonal of (K + ridge I)^-1, each (R, n, J).

    Their quotient is the leave-one-out residual.
    """
    _positive(ridges)
    if len(ridges) > _CHOLESKY_AT_MOST_WITH_INVERSE:
        values, vectors = torch.linalg.eigh(gram)
        shifted = values[..., None] + gram.new_tensor(ridges)
        alpha = vectors @ ((vectors.mT @ labels[..., None]) / shifted)
        return alpha, vectors.square() @ shifted.reciprocal()
    inverses = [torch.cholesky_inverse(_shifted_cholesky(gram, ridge)) for ridge in ridges]
    alpha = torch.cat([inverse @ labels[..., None] for inverse in inverses], -1)
    return alpha, torch.stack([inverse.diagonal(dim1=-2, dim2=-1) for inverse in inverses], -1)


def _positive(ridges: Sequence[float]) -> None:
    if not all(ridge > 0 for ridge in ridges):
        raise ValueError(f"ridges must be positive, not {list(ridges)}")


def _shifted_cholesky(gram: Tensor, ridge: Bandwidth) -> Tensor:
    """Factors L of K + ridge I = L L'; only the lower triangles of the result mean anything.

    On a CPU one after the other by scipy's LAPACK, which is 1.3 to 2 times faster than a batch.
    """
    factors = gram.clone(memory_format=torch.contiguous_format)
    factors.diagonal(dim1=-2, dim2=-1).add_(ridge[:, None] if isinstance(ridge, Tensor) else ridge)
    if gram.device.type != "cpu" or gram.dtype != torch.float64:
        factor: Tensor = torch.linalg.cholesky(factors)
        return factor
    for place in factors:
        # the transpose is in Fortran's order, so that its upper factor replaces it in place
        _, info = lapack.dpotrf(place.numpy().T, lower=0, overwrite_a=1, clean=0)
        if info:
            raise LinAlgError(f"K + ridge I is not positive definite: leading minor {info}")
    return factors
