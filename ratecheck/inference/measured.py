"""Measured tables: one or a few noisy values a point, and noise that only the table itself shows.

Contrasts of log values by ordinary least squares; the noise comes from the residuals, with as many
degrees of freedom as they have (Student's t), and from replicates where points have several
(`ratecheck.inference.residuals`). Robust standard errors were measured to buy nothing but length;
what breaks the t interval is dependence along the axis. A smooth bend is taken for curvature, out
of the residuals; what dependence is left widens every interval.

Everything is vectorised over leading dimensions: a calibration judges thousands of tables at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ratecheck.inference import curvature
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import Fit, Relation
from ratecheck.inference.loglog import Estimate, slope_weights
from ratecheck.inference.rates import Reading
from ratecheck.inference.residuals import (
    SMALLEST,
    Noise,
    Table,
    around_curve,
    around_line,
    contrast,
    inflation,
    line,
    shapes,
)
from ratecheck.inference.sequential import Level

FEWEST = 4  # points of a verdict: three show no curvature
FEWEST_ENDS = 7  # points from which a bend must outlive the loss of either end
CURVE_LEVEL = 0.001  # of a bend that is taken out of the noise of the slope
FAR_SHARE = 0.5  # of the tests that let a far end FAIL: the noise may be larger there
OUTLIER_LEVEL = 0.01


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
    straight, curve = around_line(table, x, log_formula), around_curve(table, x, log_formula)
    around = partial(contrast, table, curve)
    fit = two_term_fit(table, curve, x, log_formula)
    bend = curvature.bend(around, fit, x, log_formula, level.veto, FAR_SHARE * level.share)
    weights = slope_weights(x)
    tail = np.asarray(level.tail, dtype=np.float64)
    of_line = contrast(table, straight, weights, log_formula, tail)
    both = _at_both_ends(table, x, log_formula)
    bend = replace(bend, bend_wrong=bend.bend_wrong & both)
    smooth = bent(table, x, log_formula, CURVE_LEVEL) & both
    theta = _where(smooth, around(weights, log_formula, tail), of_line)
    together = np.where(smooth, curve.together, straight.together & curve.together)
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

    inflated = around.variance * inflation(curvature.bend_weights(x), around)[..., None]
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
    bases = shapes(x) if bent else (line(x),)
    basis = min(bases, key=lambda one: float((one.residual(logs) ** 2).sum()))
    df = len(x) - basis.columns.shape[1] - (len(bases) > 1) - 1
    if df < 2:
        return None
    residual = basis.residual(logs)
    kept = np.maximum(basis.kept, 1e-12)
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
