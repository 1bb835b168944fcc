"""Looking at the data while they come: what a look may spend, and where to sample next.

A verdict may be sought at several looks. The error rate a of each side is spent by union bound.
Until the slope's own interval shows the information that a true claim needs, t = 1, four fifths of
it go by the square of t: look j gets 0.8 a (t_j^2 - t_(j-1)^2). What is undecided then goes on,
each look with half of what is left, and the last with all. That costs a few percent of work against
exact group-sequential boundaries (Lan & DeMets, Biometrika 70, 1983), keeps something for what
turns out harder than planned, and holds for any dependence between looks and any allocation.

The tests of curvature that can turn a slope into a FAIL have error rates of their own. They are
spent by `share`: half of it along with t, the rest on later looks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.curvature import UNKNOWN, Relation
from ratecheck.inference.loglog import shrunken_cv2

PILOT = 16
GROWTH = 1.5
LOOKS = 12
INTERIOR = 0.35
POWER_TWO_SIDED = 1.96
POWER_ONE_SIDED = 1.645
PRIMARY_TAIL = 0.8
PRIMARY_SHARE = 0.5
LEAST_TAIL = 1e-100  # where nothing may be spent: no quantile is infinite


@dataclass(frozen=True)
class Level:
    """The levels of one look; floats, or arrays of the leading shape.

    Attributes
    ----------
    tail : float or array
        Tail of the slope's interval on each side.
    veto : float
        Tail of the far-end interval that can keep a PASS back (keeping back costs no error rate).
    share : float or array
        Part of the error rates of the curvature tests.
    held : int or array of int
        Where an earlier look found the slope (`curvature.place`).
    """

    tail: float | Array
    veto: float
    share: float | Array = 1.0
    held: int | Array = UNKNOWN


def single(tail: float) -> Level:
    """The level of a design with one look."""
    return Level(tail, tail)


@dataclass(frozen=True)
class Clock:
    """How much of the error rates has been spent; floats or arrays of the leading shape.

    Attributes
    ----------
    t : array
        Information, from 0 to 1, at the look that spent last.
    share : array
        Part of the curvature tests' error rates that is left.
    left : array
        Part of the slope's error rate that is left.
    """

    t: Array
    share: Array
    left: Array

    @classmethod
    def start(cls, shape: tuple[int, ...] = ()) -> Clock:
        """Nothing spent."""
        return cls(np.zeros(shape), np.ones(shape), np.ones(shape))


def target_information(margin: float, tail: float, relation: Relation) -> float:
    """Information (1/variance) of the slope that PASSes a true claim with probability 95 %.

    ((z(tail (1 - 1/1.5^2)) + 1.96) / margin)^2; 1.645 for one-sided checks: the plan of one whose
    last look but one had two thirds of it, with nothing kept for looks beyond.
    """
    from scipy.special import ndtri

    power = POWER_TWO_SIDED if relation == "equal" else POWER_ONE_SIDED
    return float(((-ndtri(tail * (1 - GROWTH**-2)) + power) / margin) ** 2)


def information(arm: Array, margin: float, tail: float, relation: Relation) -> Array:
    """Share of the target information that an interval's longer arm at ``tail`` shows."""
    from scipy.special import ndtri

    goal = target_information(margin, tail, relation)
    with np.errstate(divide="ignore"):
        seen = (-ndtri(tail) / np.asarray(arm)) ** 2
    return np.asarray(np.minimum(1.0, seen / goal))


def spend(clock: Clock, t: Array, last: bool | Array, tail: float) -> tuple[Clock, Level]:
    """What this look may spend, and the clock after it.

    Parameters
    ----------
    clock : Clock
    t : float or array
        Information seen now; what was seen before counts if it was more.
    last : bool or array of bool
        Nothing can be sampled after this look: all that is left is spent.
    tail : float
        Error rate on each side over all looks.
    """
    t, last = np.maximum(clock.t, np.minimum(t, 1.0)), np.asarray(last)
    over, gained = clock.t >= 1, t**2 - clock.t**2

    def part(left: Array, primary: float) -> Array:
        return np.asarray(np.where(last, left, np.where(over, left / 2, primary * gained)))

    now, share = part(clock.left, PRIMARY_TAIL), part(clock.share, PRIMARY_SHARE)
    return (
        Clock(t, clock.share - share, clock.left - now),
        Level(np.maximum(tail * now, LEAST_TAIL), tail, share),
    )


def demand(cells: Cells, weights: Array, cost: Array) -> Array:
    """Relative numbers of replicates that shrink a contrast's variance most per unit of cost.

    w_i s_i / sqrt(cost_i), with weights at least 0.35 of the largest so that the bend is known,
    too. Shape (..., k), the largest being 1.
    """
    size = np.abs(weights)
    w = np.maximum(size, INTERIOR * size.max())
    g = w * np.sqrt(shrunken_cv2(cells)) / np.sqrt(cost)
    top = g.max(-1, keepdims=True)
    return np.asarray(np.where(top > 0, g / np.where(top > 0, top, 1.0), 1.0))


def grow(now: Array, demanded: Array, cost: Array, block: int, cap: Array | int) -> Array:
    """Replicates at the next look: about 1.5 times the cost, in the proportions demanded.

    In whole blocks, never fewer than now and never more than the cap.

    Parameters
    ----------
    now : array of int, shape (..., k)
        Replicates at the points, multiples of the block.
    demanded : array of shape (..., k)
        Relative numbers.
    cost : array of shape (k,)
        Of one replicate.
    block : int
    cap : int or array of shape (k,)
        Most replicates at a point, a multiple of the block.

    Returns
    -------
    array of int, shape (..., k)
        At least one block more somewhere, unless every point is at its cap.
    """
    now, cap = np.asarray(now), np.broadcast_to(np.asarray(cap), np.shape(now))
    budget = GROWTH * (now * cost).sum(-1, keepdims=True)
    g = np.maximum(demanded, 1e-12)
    low = np.full_like(budget, 0.0, dtype=np.float64)
    high = (cap / g).max(-1, keepdims=True)
    for _ in range(50):  # the scale at which clipped proportions meet the budget
        middle = (low + high) / 2
        dear = (np.clip(middle * g, now, cap) * cost).sum(-1, keepdims=True) > budget
        low, high = np.where(dear, low, middle), np.where(dear, middle, high)
    wanted = np.clip(low * g, now, cap)
    blocks = np.floor(wanted / block + 0.5).astype(np.int64) * block
    blocks = np.clip(blocks, now, cap)
    stuck = (blocks == now).all(-1)
    if stuck.any():
        need = np.where(now < cap, g / now, -1.0)
        best = need.argmax(-1)[..., None]
        more = np.take_along_axis(now, best, -1) + block
        one_more = now.copy()
        np.put_along_axis(one_more, best, np.minimum(more, np.take_along_axis(cap, best, -1)), -1)
        blocks = np.where(stuck[..., None], one_more, blocks)
    return np.asarray(blocks)
