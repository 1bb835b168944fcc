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
MIXED = 1e-13


def best_cost(
    cost: Callable[[float], float],
    first: float,
    *,
    ratio: float = 1.25,
    worse: float = 1.2,
    refinements: int = 3,
) -> float:
    """Smallest cost over step sizes first, first/ratio, ... with a refinement around the best.

    Parameters
    ----------
    cost : callable
        Cost at a step size; inf where the goal is out of reach.
    first : float
        The largest step tried.
    ratio : float
        Of the coarse grid.
    worse : float
        The search ends when the cost exceeds this multiple of the best.
    refinements : int
        Finer grids around the best so far, each with the fourth root of the ratio before.

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
    for _ in range(refinements):
        ratio = ratio**0.25
        near = [at * ratio**i for i in (-3, -2, -1, 1, 2, 3)]
        best, at = min([(best, at), *((cost(step), step) for step in near)])
    return best


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
