"""Means with standard errors: of signed replicates, or a table of which each row is an average.

The mean may have either sign and may drown in its noise, as a weak error near its Monte Carlo floor
does. The log of an absolute mean is not to be trusted there, and none is taken: an exponent is
accepted when the means do not contradict "mean = C f(x) x^theta" for any C, by a score test per
theta. The accepted set is the interval; it may have no end.

Standard errors of replicates are believed, with their degrees of freedom. Whether given ones are
believable is told by the chi-square of the best power law over k - 2. Where it is under half of
that they are taken as they are; else the interval is the wider one of what they say and of what the
residuals say with k - 2 degrees of freedom. Measured: an interval of 99.1 % covers 99.6 to 99.9 %
where the standard errors are right, and 98.8 % or more where they are too small by any factor (five
points or more; 97.8 % with four).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ratecheck.inference import curvature
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import FIT_LEVEL, LIMIT_SEEN, ORDERS, Relation

REACH = 6.0
STEPS = 4801
FLOOR_Z = 3.0
LOW_CHI2 = 0.5
ABSURD = 5e-4  # level at which means reject a theta as a whole; the score sees one direction only
FAR = 1e6
DROWNED = 4.0  # standard errors


@dataclass(frozen=True)
class Accepted:
    """The exponents, relative to the formula's, that means do not reject; of the leading shape.

    Attributes
    ----------
    low, high : array
        Ends of the accepted set; infinite where it has none.
    centre : array
        The exponent that fits best.
    se : array
        Standard error of the centre, as large as the believable ones of the means make it.
    chi2 : array
        Misfit of the best power law, over its k - 2 degrees of freedom.
    seen : array of bool
        Some mean is three standard errors from zero; else any exponent fits.
    """

    low: Array
    high: Array
    centre: Array
    se: Array
    chi2: Array
    seen: Array


def of_replicates(values: Sequence[Array]) -> tuple[Array, Array, int]:
    """Means of signed replicates, their standard errors, and the fewest degrees of freedom."""
    means = np.array([v.mean() for v in values])
    variances = np.array([v.var(ddof=1) / len(v) for v in values])
    variances = np.maximum(variances, (1e-12 * np.abs(means)) ** 2 + 1e-300)
    return means, np.sqrt(variances), min(len(v) for v in values) - 1


def accepted(
    means: Array,
    se: Array,
    x: Array,
    log_formula: Array,
    tail: float,
    freedom: float | None = None,
) -> Accepted:
    """The exponents that means with standard errors do not reject.

    Parameters
    ----------
    means : array of shape (..., k)
        Of either sign.
    se : array of shape (k,)
        Their standard errors, positive.
    x, log_formula : arrays of shape (k,)
        Logs of the axis and of the formula.
    tail : float
        Probability left out on each side.
    freedom : float, optional
        Degrees of freedom of standard errors that are replicates'; None where they are given.
    """
    from scipy.special import chdtri

    grid = np.linspace(-REACH, REACH, STEPS)
    statistic, fitted, information = _score(means / se, se, x, log_formula, grid)
    df = max(1, len(x) - 2)
    square = ((means / se) ** 2).sum(-1)
    best = np.argmax(fitted, axis=-1)[..., None]
    chi2 = np.maximum(square - fitted.max(-1), 0.0) / df
    scale = np.sqrt(np.maximum(chi2, 1.0))
    top = np.take_along_axis(fitted, best, -1)
    absurd = top - fitted > chdtri(len(x) - 1, ABSURD) * scale[..., None] ** 2
    z = _quantile(chi2, df, tail, freedom)
    near = np.abs(np.arange(STEPS - 1) + 0.5 - best) < 1
    statistic = np.where(absurd, np.copysign(FAR, statistic), statistic)
    low, high = hull_ends(grid, statistic, z, near | ~absurd[..., 1:] & ~absurd[..., :-1])
    spread = top[..., 0] * information[best[..., 0]]
    return Accepted(
        low,
        high,
        grid[best[..., 0]],
        scale / np.sqrt(np.maximum(spread, 1e-300)),
        chi2,
        np.asarray((np.abs(means) / se).max(-1) >= FLOOR_Z),
    )


def _score(
    means: Array, se: Array, x: Array, log_formula: Array, grid: Array
) -> tuple[Array, Array, Array]:
    """Of means in units of their standard errors, at every theta of a grid.

    Returns
    -------
    statistic : array of shape (..., T)
        Standard normal at the true theta.
    fitted : array of shape (..., T)
        Square that the power law explains.
    information : array of shape (T,)
        On theta, for one unit of what is explained.
    """
    shape = grid[:, None] * (x - x.mean()) + log_formula
    shape = np.exp(shape - shape.max(1, keepdims=True)) / se
    shape /= np.sqrt((shape**2).sum(1, keepdims=True))
    centred = x - (shape**2 @ x)[:, None]
    score = shape * centred
    information = (score**2).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        direction = score / np.sqrt(information)[:, None]
    direction = np.where(np.isfinite(direction), direction, 0.0)
    return means @ direction.T, (means @ shape.T) ** 2, information


def _quantile(chi2: Array, df: int, tail: float, freedom: float | None) -> Array:
    from scipy.special import ndtri, stdtrit

    if freedom is not None:
        return np.full_like(chi2, -float(stdtrit(freedom, tail)))
    given = -float(ndtri(tail))
    own = -float(stdtrit(df, tail)) * np.sqrt(chi2)
    return np.asarray(np.where(chi2 > LOW_CHI2, np.maximum(given, own), given))


def decide(
    means: Array,
    se: Array,
    x: Array,
    log_formula: Array,
    margin: float,
    relation: Relation,
    tail: float,
    freedom: float | None = None,
    share: float = 1.0,
) -> tuple[Accepted, Array, Array]:
    """The accepted exponents, and the outcome and reason of a check; parameters as of `accepted`.

    ``share`` is how much of the error rate of a misfit this look may spend.

    PASS where they lie inside the margin and those of the far half do not lie outside; with
    replicates, of which there can be more, these must be known to lie within two margins, at 2 %.
    FAIL where they lie outside and no curve that agrees with the claim in the limit fits as well.

    Returns
    -------
    seen : Accepted
    outcome, reason : arrays of int
        As of `curvature.decide`.
    """
    seen = accepted(means, se, x, log_formula, tail, freedom)
    at = curvature.place(seen.low, seen.high, margin, relation)
    inside, out = at == curvature.WITHIN, (at == curvature.ABOVE) | (at == curvature.BELOW)
    half = np.arange(len(x)) >= len(x) - max(3, (len(x) + 1) // 2)
    far = accepted(means[..., half], se[half], x[half], log_formula[half], tail, freedom)
    there = curvature.place(far.low, far.high, margin, relation)
    away = far.seen & ((there == curvature.ABOVE) | (there == curvature.BELOW))
    unknown = np.zeros_like(away)
    if freedom is not None:  # more replicates can tell
        end = accepted(
            means[..., half], se[half], x[half], log_formula[half], curvature.FAR_LEVEL, freedom
        )
        near = curvature.place(end.low, end.high, curvature.FAR_MARGINS * margin, relation)
        unknown = ~end.seen | (near != curvature.WITHIN)
    early = consistent(seen, means, se, x, log_formula, freedom, share)
    passes = inside & ~away & ~unknown
    outcome = np.where(passes, curvature.PASS, np.where(out & ~early, curvature.FAIL, 0))
    reason = np.where(away, curvature.AWAY, np.where(unknown, curvature.FAR, curvature.INSIDE))
    reason = np.where(inside, reason, curvature.WIDE)
    reason = np.where(out, np.where(early, curvature.EARLY, curvature.OUTSIDE), reason)
    return seen, np.where(seen.seen, outcome, curvature.OPEN), reason


def consistent(
    seen: Accepted,
    means: Array,
    se: Array,
    x: Array,
    log_formula: Array,
    freedom: float | None = None,
    share: float = 1.0,
) -> Array:
    """Whether a curve f (A + C n^-d) explains the means, at 1 % (times ``share``).

    As well as standard errors of replicates allow; given ones, as well as the best power law, in
    units of them or of what that leaves where it is more. The curve has one sign, and A is seen, as
    in `curvature.two_term_fit`. Where some mean drowns in its noise the means are taken for biases,
    which expand in whole powers of the step (Talay & Tubaro, Stoch. Anal. Appl. 8, 1990): d is 1 or
    more there, else 1/2 or more.
    """
    from scipy.special import chdtri, fdtri

    y, left = means / se, max(1, len(x) - 2)
    if freedom is None:
        scale = np.maximum(seen.chi2, 1.0)
        most = seen.chi2 * left + chdtri(1, FIT_LEVEL) * scale
    else:
        scale, most = np.ones_like(seen.chi2), left * fdtri(left, freedom, 1 - FIT_LEVEL * share)
    bias = (np.abs(y) < DROWNED).any(-1)
    first = np.exp(log_formula - log_formula.max()) / se
    found = np.zeros(y.shape[:-1], dtype=bool)
    for d in ORDERS:
        q, r = np.linalg.qr(np.stack([first, first * np.exp(-d * (x - x[0]))], axis=1))
        explained = y @ q
        misfit = (y**2).sum(-1) - (explained**2).sum(-1)
        inverse = np.linalg.inv(r)
        a, error = explained @ inverse[0], np.sqrt((inverse[0] ** 2).sum() * scale)
        one_sign = ((explained @ q.T) * a[..., None] > 0).all(-1)
        fits = (misfit < most) & one_sign & (np.abs(a) > LIMIT_SEEN * error)
        found |= fits & (~bias | (d >= 1))
    return found


def hull_ends(
    grid: Array, statistic: Array, z: Array, crossed: Array | bool = False
) -> tuple[Array, Array]:
    """Ends of the hull of |statistic| < z, between the grid's points along straight lines.

    ``crossed``, of shape (..., T - 1): where a change of sign counts as having been within.
    """
    left, right = statistic[..., :-1], statistic[..., 1:]
    inside = np.abs(statistic) < z[..., None]
    touched = inside[..., :-1] | inside[..., 1:] | (crossed & (left * right < 0))
    some = touched.any(-1)
    first = np.argmax(touched, -1)
    last = touched.shape[-1] - 1 - np.argmax(touched[..., ::-1], -1)
    step = grid[1] - grid[0]

    def crossing(at: Array, outer: Array, inner: Array) -> Array:
        a = np.abs(np.take_along_axis(outer, at[..., None], -1)[..., 0])
        move = np.take_along_axis(inner - outer, at[..., None], -1)[..., 0]
        over = np.maximum(a - z, 0.0)
        return np.asarray(over / np.maximum(np.maximum(np.abs(move), over), 1e-300) * step)

    low = np.where(inside[..., 0], -np.inf, grid[first] + crossing(first, left, right))
    high = np.where(inside[..., -1], np.inf, grid[last + 1] - crossing(last, right, left))
    return np.where(some, low, -np.inf), np.where(some, high, np.inf)
