"""Rounds of federated methods until the gradient is small, on an objective that resists them.

Worker p holds components with xi_j = +-1 in equal numbers,

    f_pj(u, w) = ramp(u) + L (1 - cos w) + (zeta/2) (s_p (u - D)^2 + s'_p w^2)
                 + xi_j (c/2) (u^2 + w^2) + xi_j sigma (u + w)/sqrt 2,

s_p, s'_p = +-1 balanced: Hessians of two workers differ by 2 zeta, gradients by as much as one
likes. The ramp falls with slope 2 eps over the length D = 1/(2 eps), so that any method that moves
by K eta |grad f| in a round needs about D/(2 eps K eta) of them. Only the sign of a component
enters, and of a batch only its mean sign: a batch is a handful of random bits.

- BVR-L-SGD (Murata and Suzuki, ICML 2021): a global gradient by SARAH with a full gradient every
  few rounds; K local SARAH steps from it; the next point is the last one of one worker.
- minibatch SGD: one step a round.
- Local SGD: K local steps without correction, then the average.

On a CPU a compiled loop takes one replicate through its rounds; on a GPU the replicates go
together. Both read the same random bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numba import njit
from torch import Tensor

Array = np.ndarray
START_W = 2.5  # where cos has negative curvature
WORD = 64
CHUNK_WORDS = 1 << 19


@dataclass(frozen=True)
class Resisting:
    """The objective of this module.

    Attributes
    ----------
    eps : float
        The gradient's norm that is to be reached; it sets the slope and the length of the ramp.
    L : float
        Curvature of 1 - cos.
    zeta : float
        Second-order heterogeneity: each worker's Hessian is off the mean by zeta.
    workers : int
        P, even.
    spread : float
        c: each component's Hessian is off its worker's by c.
    sigma : float
        Each component's gradient is off its worker's by another sigma, everywhere.
    """

    eps: float
    L: float = 1.0
    zeta: float = 0.0
    workers: int = 2
    spread: float = 0.0
    sigma: float = 0.0

    def __post_init__(self) -> None:
        if self.workers < 2 or self.workers % 2:
            raise ValueError(f"{self.workers} workers: an even number has balanced signs")

    @property
    def goal(self) -> float:
        """D, the foot of the ramp."""
        return 1 / (2 * self.eps)

    @property
    def signs(self) -> Array:
        """s_p and s'_p, shape (2, P)."""
        p = np.arange(self.workers)
        return np.stack([1.0 - 2.0 * (p % 2), 1.0 - 2.0 * (2 * p >= self.workers)])

    def gradient(self, u: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """Both partial derivatives of f, the mean over all workers and components."""
        slope = -2 * self.eps + 0.5 * self.L * (u - self.goal).clamp(0.0, 4 * self.eps / self.L)
        return slope, self.L * w.sin()


def theory_step(
    objective: Resisting, steps: int, batch: int, *, components: int = 0, sample: int = 0
) -> float:
    """The step size of BVR-L-SGD up to a constant, as a sum in place of a minimum.

    1/eta = 2 L + K zeta + 2 L sqrt(K/b) + 2 K L sqrt(n)/S: smoothness, the drift of a worker, the
    variance of its batches of b, and, where the global gradient is sampled with S = B P components
    a round out of n, the variance of that.
    """
    inverse = 2 * objective.L * (1 + math.sqrt(steps / batch)) + steps * objective.zeta
    if sample:
        inverse += 2 * steps * objective.L * math.sqrt(components) / sample
    return 1 / inverse


def random_start(objective: Resisting, *, replicates: int, rng: torch.Generator) -> Tensor:
    """Starting points u, uniform within a tenth of the ramp around 0, shape (replicates,), on CPU.

    Without it a method without noise would take the same number of rounds in every replicate.
    """
    unit = torch.rand(replicates, generator=rng, device=rng.device, dtype=torch.float64)
    return (0.1 * objective.goal * (2 * unit - 1)).cpu()


# -- BVR-L-SGD -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Schedule:
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


def bvr_rounds(
    objective: Resisting, schedule: Schedule, start: Tensor, longest: int, *, rng: torch.Generator
) -> Tensor:
    """Rounds of BVR-L-SGD until |grad f| <= eps at the shared point.

    Parameters
    ----------
    objective : Resisting
    schedule : Schedule
    start : Tensor of shape (R,)
        Where u starts; w starts at 2.5.
    longest : int
        Rounds (full gradients counted once) after which a run is given up.
    rng : torch.Generator

    Returns
    -------
    Tensor of shape (R,)
        inf where the goal was not reached.
    """
    device, replicates = rng.device, len(start)
    words = -(-schedule.steps * schedule.batch // WORD)
    shared = -(-schedule.sample // WORD)
    rounds = max(1, min(longest, CHUNK_WORDS // (replicates * (words + shared))))
    state = _start(start)
    done = 0
    while done < longest and bool(np.isinf(state[:, 6]).any()):
        rounds = min(rounds, longest - done)
        local = _words((replicates, rounds, words), rng)
        global_ = _words((replicates, rounds, shared), rng)
        pick = torch.randint(objective.workers, (replicates, rounds), generator=rng, device=device)
        if device.type == "cpu":
            _bvr(state, local.numpy(), global_.numpy(), pick.numpy(), *_numbers(objective),
                 schedule.steps, schedule.batch, schedule.step, schedule.period,
                 schedule.full_cost, schedule.sample)  # fmt: skip
        else:
            state = bvr_together(state, local, global_, pick, objective, schedule)
        done += rounds
    return torch.from_numpy(state[:, 6].copy())


def _start(start: Tensor) -> Array:
    """u, w, global estimate, previous point, rounds at the goal, rounds spent, age: (R, 9)."""
    state = np.zeros((len(start), 9))
    state[:, 0], state[:, 1] = start.numpy(), START_W
    state[:, 6] = np.inf
    return state


def _words(shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Random 64-bit words."""
    words = torch.empty(shape, dtype=torch.int64, device=rng.device)
    return words.random_(-(2**63), None, generator=rng)


def _numbers(objective: Resisting) -> tuple[Array, float, float, float, float, float]:
    o = objective
    return o.signs, o.eps, o.L, o.goal, o.zeta, o.spread


@njit(cache=True)
def _ramp(u: float, eps: float, L: float, goal: float) -> float:
    """Slope of the ramp."""
    return -2.0 * eps + 0.5 * L * min(max(u - goal, 0.0), 4.0 * eps / L)


@njit(cache=True)
def _mean_sign(words: np.ndarray, first: int, count: int) -> float:
    """Mean of ``count`` signs, the bits from ``first`` on."""
    ones = 0
    for j in range(first, first + count):
        ones += (words[j >> 6] >> (j & 63)) & 1
    return 2.0 * ones / count - 1.0


@njit(cache=True)
def _mean_sign_of_words(words: np.ndarray, count: int) -> float:
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
def _bvr(
    state: np.ndarray, local: np.ndarray, shared: np.ndarray, pick: np.ndarray,
    signs: np.ndarray, eps: float, L: float, goal: float, zeta: float, spread: float,
    steps: int, batch: int, step: float, period: int, full_cost: int, sample: int,
) -> None:  # fmt: skip
    for r in range(state.shape[0]):
        u, w, gu, gw, pu, pw, hit, spent, age = state[r]
        if hit != np.inf:
            continue
        for k in range(local.shape[1]):
            ru, rw = _ramp(u, eps, L, goal), L * math.sin(w)
            if ru * ru + rw * rw <= eps * eps:
                hit = spent
                break
            if age == 0.0:
                gu, gw = ru, rw
                spent += full_cost
            else:
                mean = spread * _mean_sign_of_words(shared[r, k], sample)
                gu += ru - _ramp(pu, eps, L, goal) + mean * (u - pu)
                gw += rw - L * math.sin(pw) + mean * (w - pw)
                spent += 1.0
            age = age + 1.0 if age + 1.0 < period else 0.0
            pu, pw = u, w
            zu, zw = zeta * signs[0, pick[r, k]], zeta * signs[1, pick[r, k]]
            vu, vw, sw = gu, gw, rw
            for i in range(steps):
                mean = spread * _mean_sign(local[r, k], i * batch, batch)
                du, dw = -step * vu, -step * vw
                u += du
                w += dw
                slope, wave = _ramp(u, eps, L, goal), L * math.sin(w)
                vu += slope - ru + (zu + mean) * du
                vw += wave - sw + (zw + mean) * dw
                ru, sw = slope, wave
        state[r, 0], state[r, 1], state[r, 2], state[r, 3] = u, w, gu, gw
        state[r, 4], state[r, 5], state[r, 6] = pu, pw, hit
        state[r, 7], state[r, 8] = spent, age


def bvr_together(
    state: Array, local: Tensor, shared: Tensor, pick: Tensor, o: Resisting, s: Schedule
) -> Array:
    """The same rounds, all replicates at once: the form for a GPU.

    Parameters
    ----------
    state : array of shape (R, 9)
    local, shared : int64 Tensors of shapes (R, rounds, words)
        Random bits of the local batches and of the global differences.
    pick : Tensor of shape (R, rounds)
        Which worker's last point is kept.

    Returns
    -------
    array of shape (R, 9)
    """
    device = local.device
    u, w, gu, gw, pu, pw, hit, spent, age = torch.as_tensor(state.T, device=device).clone()
    signs = o.zeta * torch.as_tensor(o.signs, device=device)
    for k in range(local.shape[1]):
        ru, rw = o.gradient(u, w)
        hit = torch.where(hit.isinf() & (ru.square() + rw.square() <= o.eps**2), spent, hit)
        if not bool(hit.isinf().any()):
            break
        full = age == 0
        qu, qw = o.gradient(pu, pw)
        mean = (
            o.spread * _signs(shared[:, k])[:, : s.sample].mean(1) if s.sample else u.new_zeros(())
        )
        gu = torch.where(full, ru, gu + ru - qu + mean * (u - pu))
        gw = torch.where(full, rw, gw + rw - qw + mean * (w - pw))
        spent = spent + torch.where(full, float(s.full_cost), 1.0)
        age = torch.where(age + 1 < s.period, age + 1, 0.0)
        pu, pw = u, w
        zu, zw = signs[:, pick[:, k]]
        means = _signs(local[:, k])[:, : s.steps * s.batch].unflatten(1, (s.steps, s.batch)).mean(2)
        vu, vw, active = gu, gw, hit.isinf()
        x, y = u, w
        for mean in (o.spread * means).unbind(1):
            dx, dy = -s.step * vu, -s.step * vw
            x, y = x + dx, y + dy
            slope, wave = o.gradient(x, y)
            vu = vu + slope - ru + (zu + mean) * dx
            vw = vw + wave - rw + (zw + mean) * dy
            ru, rw = slope, wave
        u, w = torch.where(active, x, u), torch.where(active, y, w)
    return torch.stack([u, w, gu, gw, pu, pw, hit, spent, age], 1).cpu().numpy()


def _signs(words: Tensor) -> Tensor:
    """The bits of each row of words as signs: shape (R, 64 words), float64."""
    shifts = torch.arange(WORD, device=words.device)
    return (2 * ((words[..., None] >> shifts) & 1) - 1).flatten(-2).double()


# -- the methods beside it -------------------------------------------------------------------------


def minibatch_rounds(
    objective: Resisting,
    step: float,
    sample: int,
    start: Tensor,
    longest: int,
    *,
    rng: torch.Generator,
) -> Tensor:
    """Rounds of minibatch SGD, one step a round, until |grad f| <= eps at its point.

    Parameters
    ----------
    step : float
    sample : int
        Components a round over all workers.
    start : Tensor of shape (R,)
    longest : int
        Rounds after which a run is given up.

    Returns
    -------
    Tensor of shape (R,)
        inf where the goal was not reached.
    """
    words, o = -(-sample // WORD), objective
    rounds = max(1, min(longest, CHUNK_WORDS // (len(start) * words)))
    state, done = _start(start), 0
    while done < longest and bool(np.isinf(state[:, 6]).any()):
        rounds = min(rounds, longest - done)
        bits = _words((len(start), rounds, words), rng).cpu().numpy()
        _minibatch(state, bits, o.eps, o.L, o.goal, o.spread, o.sigma / math.sqrt(2), sample, step)
        done += rounds
    return torch.from_numpy(state[:, 6].copy())


@njit(cache=True)
def _minibatch(
    state: np.ndarray, words: np.ndarray, eps: float, L: float, goal: float, spread: float,
    sigma: float, sample: int, step: float,
) -> None:  # fmt: skip
    for r in range(state.shape[0]):
        u, w, hit, spent = state[r, 0], state[r, 1], state[r, 6], state[r, 7]
        if hit != np.inf:
            continue
        for k in range(words.shape[1]):
            ru, rw = _ramp(u, eps, L, goal), L * math.sin(w)
            if ru * ru + rw * rw <= eps * eps:
                hit = spent
                break
            mean = _mean_sign_of_words(words[r, k], sample)
            u -= step * (ru + mean * (spread * u + sigma))
            w -= step * (rw + mean * (spread * w + sigma))
            spent += 1.0
        state[r, 0], state[r, 1], state[r, 6], state[r, 7] = u, w, hit, spent


def local_sgd_rounds(
    objective: Resisting, steps: int, step: float, start: Tensor, longest: Tensor | float
) -> Tensor:
    """Rounds of Local SGD with full local gradients until |grad f| <= eps at the average.

    K steps of each worker on its own objective, without noise and without correction; K = 1 is
    minibatch SGD with full gradients.

    Parameters
    ----------
    steps, step
        K and eta.
    start : Tensor of shape (R,)
    longest : Tensor of shape (R,) or float
        Rounds after which a run is given up.

    Returns
    -------
    Tensor of shape (R,)
        inf where that many rounds did not do, or where the average moved away from the goal.
    """
    signs, eps, L, goal, zeta, _ = _numbers(objective)
    caps = torch.as_tensor(longest, dtype=torch.float64).expand(len(start)).contiguous().numpy()
    rounds = [
        _local_sgd(signs, eps, L, goal, zeta, steps, step, float(u), int(cap))
        for u, cap in zip(start, caps, strict=True)
    ]
    return torch.tensor(rounds, dtype=torch.float64)


@njit(cache=True)
def _local_sgd(
    signs: np.ndarray, eps: float, L: float, goal: float, zeta: float, steps: int, step: float,
    u: float, longest: int,
) -> float:  # fmt: skip
    w, workers = START_W, signs.shape[1]
    # u does not see w; where its map is increasing, a point that once moves back never arrives
    monotone = step * (0.5 * L + zeta) < 1.0
    for k in range(longest + 1):
        ru, rw = _ramp(u, eps, L, goal), L * math.sin(w)
        if ru * ru + rw * rw <= eps * eps:
            return float(k)
        su, sw = 0.0, 0.0
        for p in range(workers):
            x, y = u, w
            for _ in range(steps):
                x, y = (
                    x - step * (_ramp(x, eps, L, goal) + zeta * signs[0, p] * (x - goal)),
                    y - step * (L * math.sin(y) + zeta * signs[1, p] * y),
                )
            su += x
            sw += y
        if su / workers <= u < goal and monotone:
            return np.inf
        u, w = su / workers, sw / workers
    return np.inf


def best_local_sgd_rounds(
    objective: Resisting, most_steps: int, start: Tensor, longest: float
) -> Tensor:
    """Fewest rounds of Local SGD, for each start, over K = 1, 2, 4, ..., and eta = 1/(2L), 1/(4L).

    Parameters
    ----------
    most_steps : int
        The largest K.
    start : Tensor of shape (R,)
    longest : float

    Returns
    -------
    Tensor of shape (R,)
    """
    best, steps = torch.full((len(start),), math.inf, dtype=torch.float64), 1
    while steps <= most_steps:
        for step in (0.5 / objective.L, 0.25 / objective.L):
            cap = best.clamp(max=longest)
            best = torch.minimum(best, local_sgd_rounds(objective, steps, step, start, cap))
        steps *= 2
    return best
