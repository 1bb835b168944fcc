"""Rounds that federated methods need at their best setting, on `quadratics`, in expectation.

- BVR-L-SGD (Murata and Suzuki, ICML 2021): a full gradient every so many rounds, SARAH differences
  of B components a worker between them; from it K local SARAH steps with batches of B/K; the next
  point is the last one of one worker drawn at random.
- Local SGD: K local steps with full gradients and without correction, then the average.
- minibatch SGD: one step a round.

All are linear in the point, so that E |grad f|^2, the theorem's own measure, follows from second
moments without sampling. A method has arrived when that is at most eps^2 and stays so for ever.
Steps, numbers of local steps and periods are searched over grids that know no formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from ratecheck.lab.finite_sums.quadratics import Quadratics

COARSE = tuple(2.0**j for j in range(6, -29, -1))
FINE = tuple(2 ** (j / 24) for j in range(-24, 25))
LOG_LATEST = 44

Method = Callable[..., Tensor]


def doublings(most: float) -> list[int]:
    """1, 2, 4, ... up to ``most``."""
    return [2**j for j in range(int(most).bit_length())]


def local_moments(
    hessian: Tensor, eta: Tensor, steps: int, variance: float
) -> tuple[Tensor, Tensor]:
    """E A and E A^2, where so many local SARAH steps from the estimate v move the point by -A v.

    A = eta sum_{k<K} prod_{j<=k} (1 - eta (h + xi_j)), xi of this variance. Twice as many steps
    are A + pi A', with pi the product of all factors and (A', pi') independent and alike.

    Parameters
    ----------
    hessian, eta : Tensors that broadcast
    steps : int
        K, a power of two.

    Returns
    -------
    Two Tensors of the broadcast shape
    """
    if steps.bit_count() != 1:
        raise ValueError(f"{steps} local steps: only powers of two are reached by doubling")
    hessian, eta = torch.broadcast_tensors(hessian, eta)
    pi = 1 - eta * hessian
    pi2 = pi**2 + (eta * variance**0.5) ** 2
    a, a2, mixed = eta, eta**2, eta * pi
    for _ in range(steps.bit_length() - 1):
        a, a2, mixed, pi, pi2 = (
            a + pi * a,
            a2 + 2 * mixed * a + pi2 * a2,
            mixed * pi + pi2 * mixed,
            pi**2,
            pi2**2,
        )
    return a, a2


def cycle_factors(
    c: Tensor, first: Tensor, second: Tensor, noise: float, sampled: Sequence[int]
) -> Tensor:
    """What one full gradient and then ``sampled`` rounds without one make of E x^2.

    Parameters
    ----------
    c : Tensor of shape (d,)
        Curvatures of f.
    first, second : Tensors of shape (..., d)
        E A and E A^2, over workers and batches.
    noise : float
        Variance of the curvature that a global difference sees.
    sampled : sequence of J int
        Each 0 or a power of two.

    Returns
    -------
    Tensor of shape (J, ..., d)
    """
    # (x^2, x v, v^2) after a round that begins with (x, v), by the matrix with the rows (1, u, w),
    # (0, p, r), (0, 0, s); v is c x after a full gradient
    u, w, p = -2 * first, second, 1 - c * first
    r, s = c * second - first, 1 - 2 * c * first + (c**2 + noise) * second
    u0, w0, factors = u, w, {0: 1 + u * c + w * c**2}
    for rounds in doublings(max(sampled)):
        square, mixed, after = 1 + u * c + w * c**2, p * c + r * c**2, s * c**2
        factors[rounds] = square + u0 * mixed + w0 * after
        u, w, p, r, s = u + u * p, w + u * r + w * s, p * p, p * r + r * s, s * s
    return torch.stack([factors[rounds] for rounds in sampled])


def arrivals(
    o: Quadratics, energies: Tensor, factors: Tensor, floors: Tensor, eps: float
) -> Tensor:
    """The first times from 1 on at which E |grad f|^2 <= eps^2: shape (..., R), inf where never.

    Each coordinate's share falls from where it starts by its factor each time, to its floor: by
    jumps of 2^k times, as long as the goal is not reached.

    Parameters
    ----------
    factors, floors : Tensors of shapes (..., d)
    energies : Tensor of shape (R, d)
        Of the starts.
    """
    above = (2 * o.curvatures(energies) * energies).expand(*factors.shape[:-1], -1, -1)
    goal, powers = eps**2 - floors.sum(-1)[..., None], [factors.clamp_min(0)[..., None, :]]
    for _ in range(LOG_LATEST):
        powers.append(powers[-1].square())
    times = torch.zeros_like(above[..., 0])
    for k, power in reversed(list(enumerate(powers))):
        later = above * power
        away = ~(later.sum(-1) <= goal)  # also where it is NaN
        above = torch.where(away[..., None], later, above)
        times += away * 2.0**k
    return torch.where(times + 1 < 2.0 ** (LOG_LATEST + 1), times + 1, math.inf)


def bvr_sgd(
    o: Quadratics, energies: Tensor, eps: float, K: int, etas: Tensor, *,
    budget: float, full: float, sampled: Sequence[int] = (0,), seen: float = math.inf,
) -> Tensor:  # fmt: skip
    """Rounds of BVR-L-SGD: shape (J, E, R).

    Parameters
    ----------
    o : Quadratics
    energies : Tensor of shape (R, d)
        Of the starting points.
    eps : float
        The goal: E |grad f|^2 <= eps^2.
    K : int
        Local steps, a power of two.
    etas : Tensor of shape (E,)
        Step sizes.
    budget : float
        B, component gradients of a worker in a round; its batches have B/K of them.
    full : float
        Rounds that a full gradient costs.
    sampled : sequence of J int
        Rounds with a sampled global gradient after each full one: each 0 or a power of two.
    seen : float
        Components in such a sample, over all workers.
    """
    c, noise = o.curvatures(energies), o.spread**2
    h = torch.stack([c + o.zeta, c - o.zeta])  # a random worker's sign, by coordinate
    first, second = local_moments(h, etas[:, None, None], K, noise * K / budget)
    factors = cycle_factors(c, first.mean(1), second.mean(1), noise / seen, sampled)
    price = torch.tensor([1 + j + full for j in sampled]).to(c)[:, None, None]
    return price * arrivals(o, energies, factors, torch.zeros_like(factors), eps)


def local_sgd(o: Quadratics, energies: Tensor, eps: float, K: int, etas: Tensor) -> Tensor:
    """Rounds of Local SGD with full local gradients: shape (1, E, R); K = 1 is minibatch SGD."""
    c, sign = o.curvatures(energies), torch.tensor([[1.0], [-1.0]]).to(energies)
    h = c + o.zeta * sign
    path, _ = local_moments(h, etas[:, None, None], K, 0.0)
    pull, push = (h * path).mean(1), (sign * path).mean(1) * o.drift / len(c) ** 0.5
    return arrivals(o, energies, (1 - pull) ** 2, (c * push / pull) ** 2, eps)[None]


def minibatch_sgd(
    o: Quadratics, energies: Tensor, eps: float, K: int, etas: Tensor, *, batch: float
) -> Tensor:
    """Rounds of SGD, with so many components over all workers in the step: shape (1, E, R).

    Components are apart in their gradients alone, by sigma: its theory bounds their variance.
    """
    c, eta = o.curvatures(energies), etas[:, None]
    factors = (1 - eta * c) ** 2
    noise = (eta * o.sigma) ** 2 / (len(c) * batch)
    return arrivals(o, energies, factors, c**2 * noise / (1 - factors), eps)[None]


def fewest_rounds(
    method: Method, o: Quadratics, energies: Tensor, eps: float, Ks: Sequence[int] = (1,),
    **more: float | tuple[int, ...],
) -> Tensor:  # fmt: skip
    """Rounds of a method at its best setting, shape (R,); that is found from a hard start.

    Parameters
    ----------
    method : callable
        One of this module's, with its ``more`` arguments.
    o : Quadratics
    energies : Tensor of shape (R, d)
    eps : float
    Ks : sequence of int
        Local steps that are tried.
    """
    device = str(energies.device)
    period, K, eta = best_setting(method, o, eps, tuple(Ks), device, tuple(more.items()))
    return method(o, energies, eps, K, torch.tensor([eta]).to(energies), **more)[period, 0]


@lru_cache(maxsize=1024)
def best_setting(
    method: Method, o: Quadratics, eps: float, Ks: tuple[int, ...], device: str,
    more: tuple[tuple[str, float | tuple[int, ...]], ...],
) -> tuple[int, int, float]:  # fmt: skip
    """Which period, K and eta need the fewest rounds from a hard start.

    Octaves of eta with each K and period; then the best of these K and periods with finer steps.
    """
    start = o.hard(device)

    def costs(K: int, etas: Sequence[float]) -> Tensor:
        steps = torch.tensor(etas, dtype=start.dtype, device=device)
        return method(o, start, eps, K, steps, **dict(more))[..., 0]

    each = torch.stack([costs(K, COARSE) for K in Ks])
    which, period, where = (int(i) for i in torch.unravel_index(each.argmin(), each.shape))
    etas = [COARSE[where] * factor for factor in FINE]
    return period, Ks[which], etas[int(costs(Ks[which], etas)[period].argmin())]
