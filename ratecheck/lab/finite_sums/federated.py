"""Rounds of federated methods until the gradient is small, on an objective that resists them.

- BVR-L-SGD (Murata and Suzuki, ICML 2021): a global gradient by SARAH with a full gradient every
  few rounds; K local SARAH steps from it; the next point is the last one of one worker.
- minibatch SGD: one step a round.
- Local SGD: K local steps without correction, then the average.

On a CPU the compiled loops of `rounds` take one replicate through its rounds; on a GPU the
replicates go together. Both read the same random bits. What a method knows of the objective
(L, zeta) it is told, and it need not be true.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.finite_sums import rounds
from ratecheck.lab.finite_sums.resisting import Resisting
from ratecheck.lab.finite_sums.rounds import Array, Bits
from ratecheck.lab.finite_sums.rounds import Schedule as Schedule
from ratecheck.lab.search import fewest

CHUNK_WORDS = 1 << 19


def allowed(bound: float) -> int:
    """Rounds after which a run is given up that should take ``bound``: forty times as many."""
    return 100 + int(40 * bound)


def theory_step(
    L: float, zeta: float, steps: int, batch: int, *, components: int = 0, sample: int = 0
) -> float:
    """The step size of BVR-L-SGD up to a constant, as a sum in place of a minimum.

    1/eta = 2 L + K zeta + 2 L sqrt(K/b) + 2 K L sqrt(n)/S: smoothness, the drift of a worker, the
    variance of its batches of b, and, where the global gradient is sampled with S = B P components
    a round out of n, the variance of that.
    """
    inverse = 2 * L * (1 + math.sqrt(steps / batch)) + steps * zeta
    if sample:
        inverse += 2 * steps * L * math.sqrt(components) / sample
    return 1 / inverse


def theory_schedule(budget: int, batch: int, L: float, zeta: float) -> Schedule:
    """A full gradient every round, then K = B/b local steps of the theorem's size."""
    steps = max(1, round(budget / batch))
    return Schedule(steps, batch, theory_step(L, zeta, steps, batch))


def bvr_rounds(
    objective: Resisting,
    schedule: Schedule,
    start: Tensor,
    longest: int | None = None,
    *,
    rng: torch.Generator,
) -> Tensor:
    """Rounds of BVR-L-SGD until |grad f| <= eps at the shared point.

    Parameters
    ----------
    objective : Resisting
    schedule : Schedule
    start : Tensor of shape (R,)
        Where u starts.
    longest : int, optional
        Rounds (full gradients counted once) after which a run is given up; unless given, what is
        `allowed` where f falls by eps^2 K eta a round.
    rng : torch.Generator

    Returns
    -------
    Tensor of shape (R,)
        inf where the goal was not reached.
    """
    if longest is None:
        longest = allowed(1 / (schedule.steps * schedule.step * objective.eps**2))
    replicates = len(start)
    words = rounds.words_for(schedule.steps * schedule.batch)
    shared = rounds.words_for(schedule.sample)
    count = max(1, min(longest, CHUNK_WORDS // (replicates * (words + shared))))
    state = rounds.initial(start)
    done = 0
    while done < longest and bool(np.isinf(state[:, 6]).any()):
        count = min(count, longest - done)
        bits = draw_bits(objective, schedule, replicates, count, rng=rng)
        if rng.device.type == "cpu":
            rounds.bvr(state, Bits(*(part.numpy() for part in bits)), objective.world, schedule)
        else:
            state = bvr_together(state, *bits, objective, schedule)
        done += count
    return torch.from_numpy(state[:, 6].copy())


def draw_bits(
    objective: Resisting, schedule: Schedule, replicates: int, count: int, *, rng: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Random bits for the local batches and the global differences of some rounds, and picks.

    Returns
    -------
    local, shared : int64 Tensors of shape (replicates, count, words)
    pick : int64 Tensor of shape (replicates, count)
        Which worker's last point is kept.
    """
    words = rounds.words_for(schedule.steps * schedule.batch)
    local = rounds.random_words(replicates, count, words, rng=rng)
    shared = rounds.random_words(replicates, count, rounds.words_for(schedule.sample), rng=rng)
    shape, device = (replicates, count), rng.device
    pick = torch.randint(objective.workers, shape, generator=rng, device=device)
    return local, shared, pick


def bvr_together(
    state: Array, local: Tensor, shared: Tensor, pick: Tensor, o: Resisting, s: Schedule
) -> Array:
    """The rounds of `rounds.bvr`, all replicates at once: the form for a GPU.

    Parameters
    ----------
    state : array of shape (R, 9)
    local, shared, pick : Tensors
        From `draw_bits`.

    Returns
    -------
    array of shape (R, 9)
    """
    device, signs_of = local.device, rounds.signs_of
    u, w, gu, gw, pu, pw, hit, spent, age = torch.as_tensor(state.T, device=device).clone()
    signs = o.zeta * torch.as_tensor(o.signs, device=device)
    for k in range(local.shape[1]):
        ru, rw = o.gradient(u, w)
        hit = torch.where(hit.isinf() & (ru.square() + rw.square() <= o.eps**2), spent, hit)
        if not bool(hit.isinf().any()):
            break
        full = age == 0
        qu, qw = o.gradient(pu, pw)
        mean = u.new_zeros(())
        if s.sample:
            mean = o.spread * signs_of(shared[:, k])[:, : s.sample].mean(1)
        gu = torch.where(full, ru, gu + ru - qu + mean * (u - pu))
        gw = torch.where(full, rw, gw + rw - qw + mean * (w - pw))
        spent = spent + torch.where(full, float(s.full_cost), 1.0)
        age = torch.where(age + 1 < s.period, age + 1, 0.0)
        pu, pw = u, w
        zu, zw = signs[:, pick[:, k]]
        drawn = signs_of(local[:, k])[:, : s.steps * s.batch]
        means = drawn.unflatten(1, (s.steps, s.batch)).mean(2)
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
    words = rounds.words_for(sample)
    count = max(1, min(longest, CHUNK_WORDS // (len(start) * words)))
    state, done = rounds.initial(start), 0
    while done < longest and bool(np.isinf(state[:, 6]).any()):
        count = min(count, longest - done)
        bits = rounds.random_words(len(start), count, words, rng=rng).cpu().numpy()
        rounds.minibatch(state, bits, objective.world, sample, step)
        done += count
    return torch.from_numpy(state[:, 6].copy())


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
    caps = torch.as_tensor(longest, dtype=torch.float64).expand(len(start)).contiguous().numpy()
    world = objective.world
    times = [
        rounds.local_sgd(float(u), int(cap), world, steps, float(step))
        for u, cap in zip(start, caps, strict=True)
    ]
    return torch.tensor(times, dtype=torch.float64)


def best_local_sgd_rounds(
    objective: Resisting, most_steps: int, L: float, start: Tensor, longest: float
) -> Tensor:
    """Fewest rounds of Local SGD, for each start, over K = 1, 2, 4, ..., and eta = 1/(2L), 1/(4L).

    Parameters
    ----------
    objective : Resisting
    most_steps : int
        The largest K.
    L : float
        The smoothness that the method is told.
    start : Tensor of shape (R,)
    longest : float

    Returns
    -------
    Tensor of shape (R,)
    """
    counts = [2**j for j in range(most_steps.bit_length())]

    def times(setting: tuple[int, float], cap: Tensor) -> Tensor:
        return local_sgd_rounds(objective, *setting, start, cap)

    settings = [(steps, share / L) for steps in counts for share in (0.5, 0.25)]
    return fewest(times, settings, start.new_full(start.shape, longest))
