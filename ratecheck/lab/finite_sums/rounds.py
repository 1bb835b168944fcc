"""Rounds of federated methods on the resisting objective, compiled: one replicate at a time.

The loops of `federated` and the random bits that they read. Only the sign of a component enters,
and of a batch only its mean sign: a batch is a handful of bits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numba import njit
from torch import Tensor

Array = np.ndarray
WORD = 64
START_W = 2.5  # where cos has negative curvature


class World(NamedTuple):
    """The numbers of a `resisting.Resisting`, as compiled code takes them."""

    signs: Array  # s_p and s'_p, shape (2, P)
    eps: float
    L: float
    goal: float
    zeta: float
    spread: float
    slope: float


class Schedule(NamedTuple):
    """How BVR-L-SGD spends a round.

    Attributes
    ----------
    steps, batch : int
        K local steps with batches of b components.
    step : float
        eta.
    period, full_cost : int
        A full gradient every so many rounds, and the rounds that it costs.
    sample : int
        Components, over all workers, in the global difference of the other rounds (0 where the
        period is 1).
    """

    steps: int
    batch: int
    step: float
    period: int = 1
    full_cost: int = 1
    sample: int = 0


class Bits(NamedTuple):
    """Random bits and picks of some rounds.

    Attributes
    ----------
    local, shared : int64 arrays of shape (R, rounds, words)
        For the local batches and for the global differences.
    pick : int64 array of shape (R, rounds)
        Which worker's last point is kept.
    """

    local: Array
    shared: Array
    pick: Array


def words_for(count: int) -> int:
    """64-bit words that hold so many bits."""
    return -(-count // WORD)


def random_words(*shape: int, rng: torch.Generator) -> Tensor:
    """Random 64-bit words of this shape."""
    words = torch.empty(shape, dtype=torch.int64, device=rng.device)
    return words.random_(-(2**63), None, generator=rng)


def signs_of(words: Tensor) -> Tensor:
    """The bits of each row of words as signs: shape (R, 64 words), float64."""
    shifts = torch.arange(WORD, device=words.device)
    return (2 * ((words[..., None] >> shifts) & 1) - 1).flatten(-2).double()


def initial(start: Tensor) -> Array:
    """u, w, global estimate, previous point, rounds at the goal, rounds spent, age: (R, 9)."""
    state = np.zeros((len(start), 9))
    state[:, 0], state[:, 1] = start.numpy(), START_W
    state[:, 6] = np.inf
    return state


@njit(cache=True)
def _ramp(u: float, o: World) -> float:
    """Slope of the ramp."""
    return -2.0 * o.eps + 0.5 * o.L * min(max(u - o.goal, 0.0), 4.0 * o.eps / o.L)


@njit(cache=True)
def mean_sign(words: np.ndarray, first: int, count: int) -> float:
    """Mean of ``count`` signs, the bits from ``first`` on."""
    ones = 0
    for j in range(first, first + count):
        ones += (words[j >> 6] >> (j & 63)) & 1
    return 2.0 * ones / count - 1.0


@njit(cache=True)
def mean_sign_of_words(words: np.ndarray, count: int) -> float:
    """Mean of the first ``count`` signs, a word at a time."""
    ones, whole = np.int64(0), count >> 6
    for j in range(whole):
        x = np.uint64(words[j])
        x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
        x = (x & np.uint64(0x3333333333333333)) + (
            (x >> np.uint64(2)) & np.uint64(0x3333333333333333)
        )
        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        ones += np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))
    for j in range(whole << 6, count):
        ones += (words[j >> 6] >> (j & 63)) & 1
    return 2.0 * ones / count - 1.0


@njit(cache=True)
def bvr(state: np.ndarray, bits: Bits, o: World, s: Schedule) -> None:
    """BVR-L-SGD for the rounds that there are bits for; ``state`` is that of `initial`."""
    for r in range(state.shape[0]):
        u, w, gu, gw, pu, pw, hit, spent, age = state[r]
        if hit != np.inf:
            continue
        for k in range(bits.local.shape[1]):
            ru, rw = _ramp(u, o), o.L * math.sin(w)
            if ru * ru + rw * rw <= o.eps * o.eps:
                hit = spent
                break
            if age == 0.0:
                gu, gw = ru, rw
                spent += s.full_cost
            else:
                mean = o.spread * mean_sign_of_words(bits.shared[r, k], s.sample)
                gu += ru - _ramp(pu, o) + mean * (u - pu)
                gw += rw - o.L * math.sin(pw) + mean * (w - pw)
                spent += 1.0
            age = age + 1.0 if age + 1.0 < s.period else 0.0
            pu, pw = u, w
            p = bits.pick[r, k]
            zu, zw = o.zeta * o.signs[0, p], o.zeta * o.signs[1, p]
            vu, vw, sw = gu, gw, rw
            for i in range(s.steps):
                mean = o.spread * mean_sign(bits.local[r, k], i * s.batch, s.batch)
                du, dw = -s.step * vu, -s.step * vw
                u += du
                w += dw
                slope, wave = _ramp(u, o), o.L * math.sin(w)
                vu += slope - ru + (zu + mean) * du
                vw += wave - sw + (zw + mean) * dw
                ru, sw = slope, wave
        state[r, 0], state[r, 1], state[r, 2], state[r, 3] = u, w, gu, gw
        state[r, 4], state[r, 5], state[r, 6] = pu, pw, hit
        state[r, 7], state[r, 8] = spent, age


@njit(cache=True)
def minibatch(state: np.ndarray, words: np.ndarray, o: World, sample: int, step: float) -> None:
    """Minibatch SGD for the rounds that there are words for."""
    for r in range(state.shape[0]):
        u, w, hit, spent = state[r, 0], state[r, 1], state[r, 6], state[r, 7]
        if hit != np.inf:
            continue
        for k in range(words.shape[1]):
            ru, rw = _ramp(u, o), o.L * math.sin(w)
            if ru * ru + rw * rw <= o.eps * o.eps:
                hit = spent
                break
            mean = mean_sign_of_words(words[r, k], sample)
            u -= step * (ru + mean * (o.spread * u + o.slope))
            w -= step * (rw + mean * (o.spread * w + o.slope))
            spent += 1.0
        state[r, 0], state[r, 1], state[r, 6], state[r, 7] = u, w, hit, spent


@njit(cache=True)
def local_sgd(u: float, longest: int, o: World, steps: int, step: float) -> float:
    """Rounds of Local SGD with full local gradients from u; inf where it does not arrive."""
    w, workers = START_W, o.signs.shape[1]
    # u does not see w; where its map is increasing, a point that once moves back never arrives
    monotone = step * (0.5 * o.L + o.zeta) < 1.0
    for k in range(longest + 1):
        ru, rw = _ramp(u, o), o.L * math.sin(w)
        if ru * ru + rw * rw <= o.eps * o.eps:
            return float(k)
        su, sw = 0.0, 0.0
        for p in range(workers):
            x, y = u, w
            for _ in range(steps):
                x, y = (
                    x - step * (_ramp(x, o) + o.zeta * o.signs[0, p] * (x - o.goal)),
                    y - step * (o.L * math.sin(y) + o.zeta * o.signs[1, p] * y),
                )
            su += x
            sw += y
        if su / workers <= u < o.goal and monotone:
            return np.inf
        u, w = su / workers, sw / workers
    return np.inf
