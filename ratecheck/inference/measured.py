"""Measured tables: one or a few noisy values a point, and noise that only the table itself shows.

Contrasts of log values by ordinary least squares; the noise comes from the residuals, with as many
degrees of freedom as they have (Student's t), and from replicates where points have several.
Robust standard errors were measured to buy nothing but length; what breaks the t interval is
dependence along the axis. A smooth bend is taken for curvature and out of the residuals first; what
dependence is left widens every interval as an AR(1) of that size would.

Everything is vectorised over leading dimensions: a calibration judges thousands of tables at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ratecheck.inference import curvature
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import Fit, Relation
from ratecheck.inference.loglog import Estimate, slope_weights
from ratecheck.inference.rates import Reading
from ratecheck.inference.sequential import Level

FEWEST = 4  # points of a verdict: three show no curvature
DYING = (0.5, 1.0, 2.0)  # corrections n^-d, from either end of the grid
FEWEST_SHAPES = 8  # points from which the shape of a curve is chosen, which costs one more
FEWEST_ENDS = 7  # points from which a bend must outlive the loss of either end
MISFIT_LEVEL = 0.10
CURVE_LEVEL = 0.001  # of a bend that is taken out of the noise of the slope
FAR_SHARE = 0.5  # of the tests that let a far end FAIL: the noise may be larger there
TOGETHER_Z = 2.326  # one-sided 1 %
OUTLIER_LEVEL = 0.01
SMALLEST = 1e-28  # variance of a log value that is round-off
STRONGEST = 0.95
RHOS = np.linspace(0.0, STRONGEST, 40)
LARGE = 128  # points beyond which the end effects of dependence are left out
LAGS = 256


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
    basis : array of shape (k, p)
        Orthonormal columns of the line, or of the parabola.
    """

    scatter: Array
    variance: Array
    df: Array
    rho: Array
    together: Array
    basis: Array


@dataclass(frozen=True)
class Outlier:
    """A point that lies off what the others say.

    Attributes
    ----------
    index : int
    t : float
        Its externally studentised residual.
    """

    index: int
    t: float


def table_of(values: Sequence[Array]) -> Table:
    """Summarise k arrays of positive values, each of shape (r_i,)."""
    logs = [np.log(np.asarray(v, dtype=np.float64)) for v in values]
    count = np.array([len(v) for v in logs])
    within = sum(float(((v - v.mean()) ** 2).sum()) for v in logs)
    mean = np.array([v.mean() for v in logs])
    return Table(mean, count, np.asarray(within), int((count - 1).sum()))


# -- noise ---------------------------------------------------------------------------------------


def around_line(table: Table, x: Array, log_formula: Array) -> Noise:
    """The noise around a straight line."""
    return _noise(table, log_formula, _orthonormal(np.ones_like(x), x), 2)


def around_curve(table: Table, x: Array, log_formula: Array) -> Noise:
    """The noise around the best of several curves with one bend.

    A parabola, or log y = a + b x + c n^-d, a correction that dies along the axis or against it. A
    choice between shapes costs a degree of freedom; there is none with fewer than eight points.
    """
    shapes = _shapes(x)
    spent = 3 + (len(shapes) > 1)
    noises = [_noise(table, log_formula, basis, spent) for basis in shapes]
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


def _shapes(x: Array) -> list[Array]:
    """Bases of the curves with one bend, each of shape (k, 3)."""
    bends = [x**2]
    if len(x) >= FEWEST_SHAPES:
        bends += [np.exp(-d * along) for along in (x - x[0], x[-1] - x) for d in DYING]
    return [_orthonormal(np.ones_like(x), x, z) for z in bends]


def _noise(table: Table, log_formula: Array, basis: Array, spent: int) -> Noise:
    """The noise around what a basis spans, with ``spent`` degrees of freedom.

    Replicates are pooled with the residuals unless the residuals are larger than replicates allow
    (an F test at 10 %): then points vary by more than their values do, and the residuals speak.
    """
    from scipy.special import fdtrc

    k = len(basis)
    kept = 1.0 - (basis**2).sum(1)  # diagonal of the residual maker
    residual = _residual(table.logs - log_formula, basis)
    scatter, df = (residual**2).sum(-1), float(k - spent)
    variance = np.repeat((scatter / df)[..., None], k, -1)
    freedom = np.full(scatter.shape, df)
    if table.spare:
        per_value = scatter / (kept / table.count).sum() * (k - basis.shape[1]) / df
        pure = np.maximum(table.within / table.spare, SMALLEST)
        pooled = (per_value * df + table.within) / (df + table.spare)
        agree = fdtrc(df, table.spare, per_value / pure) > MISFIT_LEVEL
        variance = np.where(agree[..., None], pooled[..., None] / table.count, variance)
        freedom = np.where(agree, df + table.spare, freedom)
    rho, together = _dependence(residual, basis)
    return Noise(scatter, np.maximum(variance, SMALLEST), freedom, rho, together, basis)


def _orthonormal(*columns: Array) -> Array:
    """Orthonormal columns with the same span, the largest value of each being 1."""
    centred = [columns[0], *(c - c.mean() for c in columns[1:])]
    return np.asarray(np.linalg.qr(np.stack([c / np.abs(c).max() for c in centred], axis=1))[0])


def _residual(y: Array, basis: Array) -> Array:
    return np.asarray(y - (y @ basis) @ basis.T)


def _dependence(residual: Array, basis: Array) -> tuple[Array, Array]:
    """Correlation of neighbouring residuals, corrected for the fit, and whether it is significant.

    The lag-one quotient of residuals e'Le / e'e has the mean tr(LMRM)/tr(MR) under an AR(1) with
    correlation matrix R (M makes residuals): solved for rho. Its null variance is that of a ratio
    of quadratic forms (Durbin & Watson, Biometrika 37, 1950).
    """
    k, terms = basis.shape
    shape = residual.shape[:-1]
    if k - terms < 2:
        return np.zeros(shape), np.zeros(shape, dtype=bool)
    square = np.maximum((residual**2).sum(-1), SMALLEST)
    seen = (residual[..., 1:] * residual[..., :-1]).sum(-1) / square
    df = k - terms
    if k > LARGE:
        means = RHOS * (k - 1) / k - terms / k
        sd = 1 / np.sqrt(k)
    else:
        maker = np.eye(k) - basis @ basis.T
        lag = (np.eye(k, k=1) + np.eye(k, k=-1)) / 2
        form = maker @ lag @ maker
        power = _powers(k)
        means = np.einsum("ij,rij->r", form, power) / np.einsum("ij,rij->r", maker, power)
        trace, square_trace = np.trace(form), (form**2).sum()
        sd = np.sqrt(2 * (df * square_trace - trace**2) / (df**2 * (df + 2)))
    means = np.maximum.accumulate(means)
    together = (seen - means[0] > TOGETHER_Z * sd) & (sd > 0)
    largest = np.where(together, seen + TOGETHER_Z * sd, seen)
    return np.interp(largest, means, RHOS), together


def _powers(k: int) -> Array:
    """Correlation matrices of AR(1) noise for each of `RHOS`, shape (r, k, k)."""
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    return np.asarray(RHOS[:, None, None] ** apart)


def _inflation(weights: Array, noise: Noise) -> Array:
    """By what dependence multiplies a contrast's variance, beside what it does to residuals."""
    basis = noise.basis
    k, terms = basis.shape
    if k > LARGE:
        own = float(weights @ weights)
        lags = range(1, min(k, LAGS))
        along = np.array([float(weights[lag:] @ weights[:-lag]) / own for lag in lags])
        powers = RHOS[:, None] ** np.array(lags)
        factor = 1 + 2 * powers @ along
    else:
        power = _powers(k)
        maker = np.eye(k) - basis @ basis.T
        spread = np.einsum("i,rij,j->r", weights, power, weights) / (weights @ weights)
        factor = spread * (k - terms) / np.einsum("ij,rij->r", maker, power)
    return np.asarray(np.interp(noise.rho, RHOS, np.maximum(factor, 1.0)))


def contrast(
    table: Table, noise: Noise, weights: Array, offset: Array, tail: float | Array
) -> Estimate:
    """Estimate sum w_i (log y_i - offset_i) with a t interval of ``tail`` on each side."""
    from scipy.special import stdtrit

    value = ((table.logs - offset) * weights).sum(-1)
    se = np.sqrt((weights**2 * noise.variance).sum(-1) * _inflation(weights, noise))
    half = -stdtrit(noise.df, np.asarray(tail, dtype=np.float64)) * se
    zero = np.zeros(value.shape)
    usable = np.ones(value.shape, dtype=bool)
    return Estimate(value, value, value - half, value + half, se, noise.df, zero, zero, usable)


# -- the whole reading ---------------------------------------------------------------------------


def read(
    table: Table, x: Array, log_formula: Array, margin: float, relation: Relation, level: Level
) -> tuple[Reading, Array]:
    """Read the slope of a table of at least four points, as `rates.read` does that of replicates.

    The noise is what the line leaves; where there plainly is a bend, what the curve leaves.

    Returns
    -------
    reading : Reading
    together : array of bool
        Neighbouring points move together, beyond what a line or a curve explains.
    """
    line, curve = around_line(table, x, log_formula), around_curve(table, x, log_formula)
    around = partial(contrast, table, curve)
    fit = two_term_fit(table, curve, x, log_formula)
    bend = curvature.bend(around, fit, x, log_formula, level.veto, FAR_SHARE * level.share)
    weights = slope_weights(x)
    tail = np.asarray(level.tail, dtype=np.float64)
    straight = contrast(table, line, weights, log_formula, tail)
    both = _at_both_ends(table, x, log_formula)
    bend = replace(bend, bend_wrong=bend.bend_wrong & both)
    smooth = bent(table, x, log_formula, CURVE_LEVEL) & both
    theta = _where(smooth, around(weights, log_formula, tail), straight)
    together = np.where(smooth, curve.together, line.together & curve.together)
    outcome, reason = curvature.decide(theta, bend, margin, relation, level.held)
    at = np.where(
        np.asarray(level.held) == curvature.UNKNOWN,
        curvature.place(theta.low, theta.high, margin, relation),
        level.held,
    )
    jagged = np.zeros(theta.value.shape, dtype=bool)
    return Reading(theta, bend, jagged, at, outcome, reason), np.asarray(together)


def slope(table: Table, x: Array, log_formula: Array, tail: float) -> Estimate:
    """The slope relative to the formula's, as a line has it; of at least three points."""
    around = around_line(table, x, log_formula)
    return contrast(table, around, slope_weights(x), log_formula, tail)


def bent(table: Table, x: Array, log_formula: Array, level: float = curvature.BEND_LEVEL) -> Array:
    """Whether a bend is significant."""
    around = around_curve(table, x, log_formula)
    found = contrast(table, around, curvature.bend_weights(x), log_formula, level / 2)
    return np.asarray((found.low > 0) | (found.high < 0))


def _at_both_ends(table: Table, x: Array, log_formula: Array) -> Array:
    """Whether a bend is still seen without the first point, and without the last one.

    One that a single end makes may be an outlier: it must not explain away the noise.
    """
    seen = np.ones(table.logs.shape[:-1], dtype=bool)
    if len(x) < FEWEST_ENDS:
        return seen
    for end, index in ((slice(1, None), 0), (slice(None, -1), len(x) - 1)):
        rest = without(table, index)
        seen &= bent(rest, x[end], log_formula[end], curvature.BEND_TOWARDS_LEVEL)
    return seen


def few(table: Table, x: Array, log_formula: Array, tail: float) -> Estimate:
    """The slope of two points or three; of two there is no interval."""
    if len(x) > 2:
        return slope(table, x, log_formula, tail)
    value = np.asarray(((table.logs - log_formula) * slope_weights(x)).sum(-1))
    zero, endless = np.zeros(value.shape), np.full(value.shape, np.inf)
    return Estimate(
        value, value, -endless, endless, endless, zero, zero, zero, np.zeros(value.shape, bool)
    )


def local(
    table: Table, x: Array, log_formula: Array, tail: float
) -> tuple[Array, list[tuple[float, float]]]:
    """Exponents between the neighbours of one table, and their intervals from four points on."""
    from scipy.special import stdtrit

    gaps = np.diff(x)
    slopes = np.diff(table.logs - log_formula) / gaps
    if len(x) < FEWEST:
        return slopes, []
    around = around_curve(table, x, log_formula)
    se = np.sqrt(around.variance[1:] + around.variance[:-1]) / np.abs(gaps)
    half = -float(stdtrit(around.df, tail)) * se
    return slopes, list(zip((slopes - half).tolist(), (slopes + half).tolist(), strict=True))


def two_term_fit(table: Table, around: Noise, x: Array, log_formula: Array) -> Fit:
    """The best claim-consistent curve (`curvature.Fit`).

    It fits where it leaves no more than the best curve does, at 1 % of F(1, df): the noise is not
    known otherwise.
    """
    from scipy.special import fdtrc

    inflated = around.variance * _inflation(curvature.bend_weights(x), around)[..., None]
    least = around.scatter / inflated.mean(-1)

    def misfit(residual: Array, leverage: Array) -> tuple[Array, Array]:
        chi2 = (residual**2 / inflated).sum(-1)
        return fdtrc(1, around.df, np.maximum(chi2 - least, 0.0)), chi2

    return curvature.curves_through(table.logs, inflated, x, log_formula, misfit)


def _where(condition: Array, yes: Estimate, no: Estimate) -> Estimate:
    return Estimate(
        *(
            np.where(condition, getattr(yes, name), getattr(no, name))
            for name in Estimate.__dataclass_fields__
        )
    )


# -- outliers ------------------------------------------------------------------------------------


def outlier(table: Table, x: Array, log_formula: Array, bent: bool) -> Outlier | None:
    """The point of one table that lies farthest off the others, where that is significant.

    By externally studentised residuals of the line, or of the best curve of a bent table, against
    Bonferroni's limit at 1 %. None where there are too few points to tell.
    """
    from scipy.special import stdtr

    logs = table.logs - log_formula
    bases = _shapes(x) if bent else [_orthonormal(np.ones_like(x), x)]
    basis = min(bases, key=lambda one: float((_residual(logs, one) ** 2).sum()))
    df = len(x) - basis.shape[1] - (len(bases) > 1) - 1
    if df < 2:
        return None
    residual = _residual(logs, basis)
    kept = np.maximum(1.0 - (basis**2).sum(1), 1e-12)
    scatter = float((residual**2).sum())
    rest = np.maximum(scatter - residual**2 / kept, SMALLEST) / df
    t = residual / np.sqrt(rest * kept)
    worst = int(np.argmax(np.abs(t)))
    p = 2 * float(stdtr(df, -abs(t[worst])))
    return Outlier(worst, float(t[worst])) if p < OUTLIER_LEVEL / len(x) else None


def without(table: Table, index: int) -> Table:
    """One table without one of its points, whose own replicates still count as noise."""
    return replace(
        table, logs=np.delete(table.logs, index, -1), count=np.delete(table.count, index)
    )
