"""Exponential decay, with or without a floor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.curvature import BEND_LEVEL, bend_weights
from ratecheck.inference.loglog import Estimate, contrast, slope_weights

ITERATIONS = 60
LOWEST = 0.9  # a negative floor leaves a tenth of the smallest mean


def rate(cells: Cells, x: Array, tail: float) -> Estimate:
    """How much slower than exp(-x) the means decay: 0 at the predicted rate, 1 for none at all.

    Where the log means bend, the fit of A exp(-c x) + F to them, so that a floor is not taken for a
    slow decay. Where they do not bend significantly, the straight line's value; but a floor may be
    there and not yet be seen. It can only make the line too flat, so that the line's upper end is
    good whether there is one or not, and the lower end is that of the fit with a floor.

    Parameters
    ----------
    cells : Cells
        Arrays of shape (k,).
    x : array of shape (k,)
        The axis in units of the predicted rate.
    tail : float
        Probability left out on each side.
    """
    straight = contrast(cells, slope_weights(x), -x, tail)
    if len(x) < 4 or not straight.usable:
        return straight
    bend = contrast(cells, bend_weights(x), -x, BEND_LEVEL / 2)
    floored = _with_floor(cells, x, tail, straight)
    if bend.low > 0 or bend.high < 0:
        return floored
    return replace(straight, low=np.minimum(straight.low, floored.low))


def _with_floor(cells: Cells, x: Array, tail: float, start: Estimate) -> Estimate:
    """Gauss-Newton on the log means, with the sandwich of the cells' own variances.

    The floor may come out negative: were it held at zero, its own uncertainty would be lost.
    """
    from scipy.special import stdtrit

    size = float(cells.mean[-1])
    y = cells.logs - np.log(size)
    weight = 1.0 / np.maximum(cells.variance, 1e-300)
    weight = weight / weight.sum()
    b = np.array([float(y[0] + x[0]), 1.0, 0.5])
    for _ in range(ITERATIONS):
        model, jacobian = _curve(b, x)
        residual = y - model
        normal = jacobian.T @ (weight[:, None] * jacobian)
        step = np.linalg.lstsq(normal, jacobian.T @ (weight * residual), rcond=None)[0]
        b = b + np.clip(step, -1.0, 1.0)
        b[2] = max(b[2], -LOWEST * float(np.exp(b[0] - b[1] * x).min()))
        if np.abs(step).max() < 1e-10:
            break
    _, jacobian = _curve(b, x)
    bread = np.linalg.pinv(jacobian.T @ (weight[:, None] * jacobian))
    gain = bread @ (jacobian.T * weight)
    se = float(np.sqrt(((gain[1] ** 2) * cells.variance).sum()))
    df = 5.0 * float(np.min(cells.count) - 1)
    value, half = 1.0 - float(b[1]), float(-stdtrit(df, tail)) * se
    as_array = np.asarray
    return Estimate(
        value=as_array(value),
        plain=as_array(value),
        low=as_array(value - half),
        high=as_array(value + half),
        se=as_array(se),
        df=as_array(df),
        kurtosis=start.kurtosis,
        skewness=start.skewness,
        usable=start.usable,
    )


def _curve(b: Array, x: Array) -> tuple[Array, Array]:
    """Log of exp(b0 - b1 x) + b2 and its derivatives."""
    decay = np.exp(b[0] - b[1] * x)
    level = decay + b[2]
    share = decay / level
    return np.log(level), np.stack([share, -share * x, 1 / level], axis=1)
