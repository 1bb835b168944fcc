"""Noise that only a table itself shows: read off residuals, and off replicates where there are any.

The residuals are those of a line, or of the best of several curves with one bend. Neighbours that
are correlated beyond that widen every interval as an AR(1) of that size would.

Everything is vectorised over leading dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ratecheck.inference.cells import Array
from ratecheck.inference.loglog import Estimate

DYING = (0.5, 1.0, 2.0)  # corrections n^-d, from either end of the grid
FEWEST_SHAPES = 8  # points from which the shape of a curve is chosen, which costs one more
MISFIT_LEVEL = 0.10
TOGETHER_Z = 2.326  # one-sided 1 %
SMALLEST = 1e-28  # variance of a log value that is round-off
STRONGEST = 0.95
RHOS = np.linspace(0.0, STRONGEST, 40)
LARGE = 128  # points beyond which the end effects of dependence are left out
LAGS = 128


@dataclass(frozen=True)
class Table:
    """Log values at the k points of an axis.

    Attributes
    ----------
    logs : array of shape (..., k)
        Means of the logs of each point's values.
    count : array of shape (k,)
        Values at each point.
    within : array of shape (...)
        Sum of squares of log values around their point's mean.
    spare : int
        Its degrees of freedom, sum (count - 1).
    """

    logs: Array
    count: Array
    within: Array
    spare: int


@dataclass(frozen=True)
class Basis:
    """What is fitted to a table on one grid.

    Attributes
    ----------
    columns : array of shape (k, p)
        Orthonormal.
    kept : array of shape (k,)
        Diagonal of the residual maker.
    lagged : array
        Mean of the lag-one quotient of residuals for each of `RHOS`.
    sd : float
        Its standard deviation without dependence.
    size : array
        Mean of the squared residuals for each of `RHOS`, in units of the noise.
    """

    columns: Array
    kept: Array
    lagged: Array
    sd: float
    size: Array

    def residual(self, y: Array) -> Array:
        """What is left of values of shape (..., k)."""
        return np.asarray(y - (y @ self.columns) @ self.columns.T)


@dataclass(frozen=True)
class Noise:
    """How noisy a table is around a line or a curve; arrays of the leading shape.

    Attributes
    ----------
    scatter : array
        Sum of squared residuals.
    variance : array of shape (..., k)
        Of each point's mean log.
    df : array
        Degrees of freedom behind it.
    rho : array
        Correlation of neighbours that the residuals show, at least 0.
    together : array of bool
        It is significant at 1 %; ``rho`` is then as large as it may well be.
    basis : Basis
        Of the line, or of the parabola.
    """

    scatter: Array
    variance: Array
    df: Array
    rho: Array
    together: Array
    basis: Basis


def table_of(values: Sequence[Array]) -> Table:
    """Summarise k arrays of positive values, each of shape (r_i,)."""
    count = np.array([len(v) for v in values])
    logs = np.log(np.concatenate([np.asarray(v, dtype=np.float64) for v in values]))
    mean = np.add.reduceat(logs, np.cumsum(count) - count) / count
    within = ((logs - np.repeat(mean, count)) ** 2).sum()
    return Table(mean, count, np.asarray(within), int((count - 1).sum()))


def around_line(table: Table, x: Array, log_formula: Array) -> Noise:
    """The noise around a straight line."""
    return _noise(table, log_formula, line(x), 2)


def around_curve(table: Table, x: Array, log_formula: Array) -> Noise:
    """The noise around the best of several curves with one bend.

    A parabola, or log y = a + b x + c n^-d, a correction that dies along the axis or against it. A
    choice between shapes costs a degree of freedom; there is none with fewer than eight points.
    """
    bases = shapes(x)
    spent = 3 + (len(bases) > 1)
    noises = [_noise(table, log_formula, basis, spent) for basis in bases]
    if len(noises) == 1:
        return noises[0]
    best = np.argmin([each.scatter for each in noises], axis=0)[None]
    stacked = {
        name: np.stack([getattr(each, name) for each in noises])
        for name in ("scatter", "df", "rho", "together")
    }
    chosen = {name: np.take_along_axis(all_, best, 0)[0] for name, all_ in stacked.items()}
    variance = np.stack([each.variance for each in noises])
    variance = np.take_along_axis(variance, best[..., None], 0)[0]
    return Noise(variance=variance, basis=noises[0].basis, **chosen)


def shapes(x: Array) -> tuple[Basis, ...]:
    """Bases of the curves with one bend."""
    return _shapes(np.ascontiguousarray(x, dtype=np.float64).tobytes())


@lru_cache(maxsize=64)
def _shapes(points: bytes) -> tuple[Basis, ...]:
    x = np.frombuffer(points)
    bends = [x**2]
    if len(x) >= FEWEST_SHAPES:
        bends += [np.exp(-d * along) for along in (x - x[0], x[-1] - x) for d in DYING]
    return tuple(_basis(np.ones_like(x), x, z) for z in bends)


def line(x: Array) -> Basis:
    """The basis of a straight line."""
    return _line(np.ascontiguousarray(x, dtype=np.float64).tobytes())


@lru_cache(maxsize=64)
def _line(points: bytes) -> Basis:
    x = np.frombuffer(points)
    return _basis(np.ones_like(x), x)


def _noise(table: Table, log_formula: Array, basis: Basis, spent: int) -> Noise:
    """The noise around what a basis spans, with ``spent`` degrees of freedom.

    Replicates are pooled with the residuals unless the residuals are larger than replicates allow
    (an F test at 10 %): then points vary by more than their values do, and the residuals speak.
    """
    from scipy.special import fdtrc

    k, terms = basis.columns.shape
    residual = basis.residual(table.logs - log_formula)
    scatter, df = (residual**2).sum(-1), float(k - spent)
    variance = np.repeat((scatter / df)[..., None], k, -1)
    freedom = np.full(scatter.shape, df)
    rho, together = _dependence(residual, basis)
    if table.spare:
        per_value = scatter / (basis.kept / table.count).sum() * (k - terms) / df
        pure = np.maximum(table.within / table.spare, SMALLEST)
        pooled = (per_value * df + table.within) / (df + table.spare)
        agree = fdtrc(df, table.spare, per_value / pure) > MISFIT_LEVEL
        variance = np.where(agree[..., None], pooled[..., None] / table.count, variance)
        freedom = np.where(agree, df + table.spare, freedom)
    return Noise(scatter, np.maximum(variance, SMALLEST), freedom, rho, together, basis)


def _basis(*columns: Array) -> Basis:
    """Orthonormal columns with the same span, and what dependence does to their residuals.

    The lag-one quotient of residuals e'Le / e'e has the mean tr(LMRM)/tr(MR) under an AR(1) with
    correlation matrix R (M makes residuals). Its null variance is that of a ratio of quadratic
    forms (Durbin & Watson, Biometrika 37, 1950).
    """
    centred = [columns[0], *(c - c.mean() for c in columns[1:])]
    q = np.linalg.qr(np.stack([c / np.abs(c).max() for c in centred], axis=1))[0]
    k, terms = q.shape
    df = k - terms
    if k > LARGE:
        means = np.maximum.accumulate(RHOS * (k - 1) / k - terms / k)
        return Basis(q, 1.0 - (q**2).sum(1), means, 1 / np.sqrt(k), np.full(len(RHOS), float(df)))
    maker = np.eye(k) - q @ q.T
    lag = (np.eye(k, k=1) + np.eye(k, k=-1)) / 2
    form = maker @ lag @ maker
    power = _powers(k)
    size = np.einsum("ij,rij->r", maker, power)
    means = np.maximum.accumulate(np.einsum("ij,rij->r", form, power) / size)
    trace, square_trace = np.trace(form), (form**2).sum()
    variance = 2 * (df * square_trace - trace**2) / (df**2 * (df + 2))
    return Basis(q, np.diag(maker).copy(), means, float(np.sqrt(max(variance, 0.0))), size)


def _dependence(residual: Array, basis: Basis) -> tuple[Array, Array]:
    """Correlation of neighbouring residuals, corrected for the fit, and whether it is significant.

    A significant one is as large as it may well be.
    """
    k, terms = basis.columns.shape
    shape = residual.shape[:-1]
    if k - terms < 2:
        return np.zeros(shape), np.zeros(shape, dtype=bool)
    square = np.maximum((residual**2).sum(-1), SMALLEST)
    seen = (residual[..., 1:] * residual[..., :-1]).sum(-1) / square
    far = TOGETHER_Z * basis.sd
    together = (seen - basis.lagged[0] > far) & (far > 0)
    return np.interp(np.where(together, seen + far, seen), basis.lagged, RHOS), together


@lru_cache(maxsize=8)
def _powers(k: int) -> Array:
    """Correlation matrices of AR(1) noise for each of `RHOS`, shape (r, k, k)."""
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    return np.asarray(RHOS[:, None, None] ** apart)


def inflation(weights: Array, noise: Noise) -> Array:
    """By what dependence multiplies a contrast's variance, beside what it does to residuals."""
    k, terms = noise.basis.columns.shape
    own = float(weights @ weights)
    if k > LARGE:
        lags = range(1, LAGS)
        along = np.array([float(weights[lag:] @ weights[:-lag]) / own for lag in lags])
        factor = 1 + 2 * RHOS[:, None] ** np.array(lags) @ along
    else:
        spread = np.einsum("i,rij,j->r", weights, _powers(k), weights) / own
        factor = spread * (k - terms) / noise.basis.size
    return np.asarray(np.interp(noise.rho, RHOS, np.maximum(factor, 1.0)))


def contrast(
    table: Table, noise: Noise, weights: Array, offset: Array, tail: float | Array
) -> Estimate:
    """Estimate sum w_i (log y_i - offset_i) with a t interval of ``tail`` on each side."""
    from scipy.special import stdtrit

    value = ((table.logs - offset) * weights).sum(-1)
    se = np.sqrt((weights**2 * noise.variance).sum(-1) * inflation(weights, noise))
    half = -stdtrit(noise.df, np.asarray(tail, dtype=np.float64)) * se
    zero = np.zeros(value.shape)
    usable = np.ones(value.shape, dtype=bool)
    return Estimate(value, value, value - half, value + half, se, noise.df, zero, zero, usable)
