"""Do two sources of error add up? The ratio of the corners of a two-source design."""

from __future__ import annotations

import numpy as np

from ratecheck.inference.cells import Array

FIELLER_BELOW = 4.0


def log_ratio(
    joint: Array, first: Array, second: Array, neither: Array | None, tail: float
) -> tuple[float, float, float]:
    """Log of (first + second - neither) / joint with its interval.

    Parameters
    ----------
    joint, first, second, neither : arrays of shape (R,)
        Paired replicates of the error with both sources, with one source each, and with none.
    tail : float
        Probability left out on each side.

    Returns
    -------
    value, low, high : float
        The jackknife's interval; where the numerator is under four standard errors, Fieller's
        (Fieller, J. R. Stat. Soc. B 16, 1954), whose ends may be infinite.
    """
    from scipy.special import stdtrit

    numerator = first + second - (0.0 if neither is None else neither)
    size = len(joint)
    a, b = float(numerator.mean()), float(joint.mean())
    if size == 1:
        value = float(np.log(a / b)) if a > 0 else -np.inf
        return value, value, value
    t = float(-stdtrit(size - 1, tail))
    error = float(numerator.std(ddof=1)) / np.sqrt(size)
    if not a > FIELLER_BELOW * error:
        return _fieller(numerator, joint, t)
    loo_a, loo_b = (size * a - numerator) / (size - 1), (size * b - joint) / (size - 1)
    loo = np.log(loo_a / loo_b)
    variance = (size - 1) / size * float(((loo - loo.mean()) ** 2).sum())
    value = float(np.log(a / b))
    value -= (size - 1) * (float(loo.mean()) - value)
    half = t * np.sqrt(variance)
    return value, value - half, value + half


def _fieller(numerator: Array, joint: Array, t: float) -> tuple[float, float, float]:
    size = len(joint)
    a, b = float(numerator.mean()), float(joint.mean())
    cov = np.cov(numerator, joint) / size
    aa, bb, ab = a * a - t * t * cov[0, 0], b * b - t * t * cov[1, 1], a * b - t * t * cov[0, 1]
    value = float(np.log(a / b)) if a > 0 else -np.inf
    discriminant = ab * ab - aa * bb
    if bb <= 0 or discriminant < 0:
        return value, -np.inf, np.inf
    low, high = (ab - np.sqrt(discriminant)) / bb, (ab + np.sqrt(discriminant)) / bb
    return (
        value,
        float(np.log(low)) if low > 0 else -np.inf,
        float(np.log(high)) if high > 0 else -np.inf,
    )
