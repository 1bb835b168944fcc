"""Times to a goal, some of which the budget cut off.

A run that did not get there is not a number. The log of one and the same quantile at every point
is, as long as that quantile is below the share of runs that arrived: its exponent is the one of the
times. Its standard error is that of the order statistics around it (Woodruff, J. Am. Stat. Assoc.
47, 1952).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ratecheck.inference.cells import Array
from ratecheck.inference.loglog import Estimate

DF = 25.0
SHARE = 0.6
WOODRUFF_Z = 1.0


def contrast(times: Sequence[Array], weights: Array, offset: Array, tail: float) -> Estimate:
    """Estimate sum w_i (log q_i - offset_i), q_i a fixed quantile of the times at point i.

    Parameters
    ----------
    times : sequence of k arrays of shape (R_i,)
        Positive times; inf where the goal was not reached.
    weights, offset : arrays of shape (k,)
    tail : float
        Probability left out on each side.

    Returns
    -------
    Estimate
        Unusable where an order statistic that the interval needs is censored.
    """
    from scipy.special import stdtrit

    reached = min(float(np.isfinite(t).mean()) for t in times)
    level = min(0.5, SHARE * reached)
    logs, errors = np.zeros(len(times)), np.zeros(len(times))
    usable = level > 0
    for i, t in enumerate(times if usable else ()):
        ordered = np.sort(np.asarray(t, dtype=np.float64))
        size = len(ordered)
        half = WOODRUFF_Z * np.sqrt(size * level * (1 - level))
        low = max(0, int(np.floor(size * level - half)) - 1)
        high = min(size - 1, int(np.ceil(size * level + half)))
        middle = max(0, int(np.ceil(size * level)) - 1)
        if not np.isfinite(ordered[high]) or not ordered[low] > 0:
            usable = False
            break
        logs[i] = np.log(ordered[middle])
        # the order statistics actually taken lie (high - low) / 2 counts from the middle
        counts = (high - low) / 2
        errors[i] = (np.log(ordered[high]) - np.log(ordered[low])) / 2 * half / max(counts, half)
    value = float((weights * (logs - offset)).sum()) if usable else 0.0
    se = float(np.sqrt((weights**2 * errors**2).sum()))
    reach = float(-stdtrit(DF, tail)) * se if usable else np.inf
    as_array = np.asarray
    return Estimate(
        value=as_array(value),
        plain=as_array(value),
        low=as_array(value - reach),
        high=as_array(value + reach),
        se=as_array(se),
        df=as_array(DF),
        kurtosis=as_array(0.0),
        skewness=as_array(0.0),
        usable=as_array(bool(usable)),
    )
