"""Searches over what a theorem leaves open: the best step, the first passage, the fewest rounds.

None of them knows a formula for what it looks for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

Array = np.ndarray
Setting = TypeVar("Setting")
SMALLEST_STEP = 3e-5  # of the largest
DOUBLINGS = 40
GOLDEN = (math.sqrt(5) - 1) / 2
MIXED = 1e-13


def best_cost(
    cost: Callable[[float], float],
    first: float,
    *,
    ratio: float = 1.5,
    worse: float = 1.2,
    within: float = 0.02,
) -> float:
    """Smallest cost over step sizes: first, first/ratio, ..., then a golden section in log step.

    Parameters
    ----------
    cost : callable
        Cost at a step size, with one valley; inf where the goal is out of reach.
    first : float
        The largest step of the coarse grid.
    ratio : float
        Of the coarse grid.
    worse : float
        The coarse grid ends where the cost exceeds this multiple of its best.
    within : float
        Width, in log step, of the interval in which the best step is left.

    Returns
    -------
    float
        inf where no step down to 3e-5 ``first`` reaches the goal.
    """
    best, at, step = math.inf, first, first
    while step >= SMALLEST_STEP * first:
        here = cost(step)
        if here < best:
            best, at = here, step
        elif here > worse * best and math.isfinite(best):
            break
        step /= ratio
    if math.isinf(best):
        return best
    low, high = math.log(at / ratio), math.log(at * ratio)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = cost(math.exp(left)), cost(math.exp(right))
    while True:
        best = min(best, at_left, at_right)
        if high - low <= within:
            return best
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = cost(math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = cost(math.exp(right))


def fewest(
    times: Callable[[Setting, Tensor], Tensor], settings: Iterable[Setting], longest: Tensor
) -> Tensor:
    """Smallest time to the goal over settings, for each replicate by itself.

    Parameters
    ----------
    times : callable
        Of a setting and of the times, shape (R,), after which a replicate is given up: its times,
        inf where it was given up.
    settings : iterable
    longest : Tensor of shape (R,)

    Returns
    -------
    Tensor of shape (R,)
        inf where no setting reached the goal in time. A setting runs no longer than the best so
        far took.
    """
    best = longest.new_full(longest.shape, math.inf)
    for setting in settings:
        best = best.minimum(times(setting, best.minimum(longest)))
    return best


def last_above(
    matrix: Array, law: Array, distance: Callable[[Array], float], goal: float
) -> tuple[int | None, Array]:
    """The last step at which a Markov chain's law is farther than a goal, and the law there.

    Powers of the transition matrix by repeated squaring, then bisection on the decreasing branch.

    Parameters
    ----------
    matrix : array of shape (G, G)
        Rows add up to 1.
    law : array of shape (G,)
        Of the start.
    distance : callable
        Of a law.
    goal : float

    Returns
    -------
    steps : int or None
        -1 where the start is near enough, None where the law stays away.
    law : array of shape (G,)
    """
    if distance(law) <= goal:
        return -1, law
    powers = [matrix]
    while distance(law @ powers[-1]) > goal:
        if len(powers) == DOUBLINGS or np.abs(powers[-1][0] - powers[-1][-1]).max() < MIXED:
            return None, law
        square = powers[-1] @ powers[-1]
        powers.append(square / square.sum(1, keepdims=True))
    count = 0
    for exponent in range(len(powers) - 2, -1, -1):
        further = law @ powers[exponent]
        if distance(further) > goal:
            law, count = further, count + 2**exponent
    return count, law


def first_passage(
    matrix: Array, law: Array, distance: Callable[[Array], float], goal: float
) -> float:
    """Steps until a Markov chain's law is as near as the goal; inf if that never happens.

    Parameters as in `last_above`.
    """
    steps, _ = last_above(matrix, law, distance, goal)
    return math.inf if steps is None else steps + 1
