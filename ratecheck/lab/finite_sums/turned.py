"""Quadratics over workers whose Hessians are turned at random against the mean, in expectation.

f(x) = x'Cx/2 with C = diag(c), c_i = L 4^-i. Workers come in pairs whose Hessians are C + zeta S
and C - zeta S; S has as many eigenvalues +1 as -1 and axes drawn uniformly, others in each pair: a
worker's Hessian is off the mean by zeta exactly, and does not commute with the others. Gradients
are full ones.

- BVR-L-SGD (Murata and Suzuki, ICML 2021): from the full gradient at the shared point a worker
  drawn at random takes K local SARAH steps; its last point is shared next.
- Local SGD: K steps of each worker along its own gradient, then the average; one step is minibatch
  SGD.

A round is linear in the point, so that E x x' follows from one matrix without sampling. The start
has the energy c_i x_i^2/2 = 1/d in each coordinate, f(x_0) - f* = 1, and independent signs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.finite_sums.moments import arrivals
from ratecheck.lab.finite_sums.quadratics import Quadratics

SCALES = 10  # curvatures from L down to L 4^-9
OTHERS = 4  # instances on which a method is tuned
LOCAL_STEPS = tuple(4**k for k in range(7))
COARSE = tuple(2.0**j for j in range(1, -8, -1))
FINE = tuple(2 ** (j / 12) for j in range(-12, 13))


@dataclass(frozen=True)
class Turned:
    """R instances of the objective of this module.

    Attributes
    ----------
    dial : Quadratics
        Whose zeta, L and number of workers P they have.
    signs : Tensor of shape (R, P/2, d, d)
        S of each pair of workers.
    """

    dial: Quadratics
    signs: Tensor

    def curvatures(self) -> Tensor:
        """c_i, shape (d,)."""
        powers = torch.arange(SCALES, dtype=self.signs.dtype, device=self.signs.device)
        return self.dial.L * 4.0**-powers

    def hessians(self) -> Tensor:
        """Those of all workers: shape (R, P, d, d)."""
        off = self.dial.zeta * self.signs
        return self.curvatures().diag() + torch.cat([off, -off], 1)


def turned(dial: Quadratics, replicates: int, rng: torch.Generator) -> Turned:
    """Draw so many instances."""
    axes, _ = torch.linalg.qr(normal(replicates, dial.workers // 2, SCALES, SCALES, rng=rng))
    half = torch.arange(SCALES, device=rng.device) % 2 * 2 - 1
    return Turned(dial, (axes * half) @ axes.mT)


def moment_maps(rounds: Tensor) -> Tensor:
    """What linear rounds of shape (..., d, d) make of E x_i x_j, i <= j: (..., d(d+1)/2, same)."""
    i, j = torch.triu_indices(*rounds.shape[-2:], device=rounds.device)
    rows = rounds[..., i, :], rounds[..., j, :]
    straight, crossed = rows[0][..., i] * rows[1][..., j], rows[0][..., j] * rows[1][..., i]
    return torch.where(i == j, straight, straight + crossed)


def _powers(o: Turned, eta: Tensor, K: int) -> tuple[Tensor, Tensor, Tensor]:
    """Eigenvalues and axes of the Hessians, and (1 - eta h)^K for each step size."""
    values, axes = torch.linalg.eigh(o.hessians())
    return values, axes, (1 - eta[:, None, None, None] * values) ** K


def bvr_sgd(o: Turned, eta: Tensor, K: int) -> Tensor:
    """What a round of BVR-L-SGD makes of second moments: shape (E, R, d(d+1)/2, same)."""
    values, axes, ends = _powers(o, eta, K)
    path = (axes * ((1 - ends) / values)[..., None, :]) @ axes.mT  # eta sum_{k<K} (1 - eta H)^k
    one = torch.eye(SCALES, dtype=path.dtype, device=path.device)
    return moment_maps(one - path * o.curvatures()).mean(2)


def local_sgd(o: Turned, eta: Tensor, K: int) -> Tensor:
    """What a round of Local SGD makes of second moments: shape (E, R, d(d+1)/2, same)."""
    _, axes, ends = _powers(o, eta, K)
    return moment_maps(((axes * ends[..., None, :]) @ axes.mT).mean(2))


Method = Callable[[Turned, Tensor, int], Tensor]


def rounds(method: Method, o: Turned, eps: float, eta: Tensor, K: int) -> Tensor:
    """Rounds until E |grad f|^2 <= eps^2, with fractions: shape (E, R), inf where that is never."""
    maps, c = method(o, eta, K), o.curvatures()
    i, j = torch.triu_indices(SCALES, SCALES, device=c.device)
    start, seen = (2 / (SCALES * c)).diag()[i, j], (c**2).diag()[i, j]
    goal = torch.full_like(c[:1], eps**2)
    return arrivals(maps.flatten(0, 1)[:, None], start[None, None], seen, goal).view(len(eta), -1)


@lru_cache(maxsize=256)
def best_setting(method: Method, dial: Quadratics, eps: float, device: str) -> tuple[int, float]:
    """K and eta with the fewest rounds on average over instances of a generator of its own.

    Octaves of eta with each K, then this K with finer steps.
    """
    o = turned(dial, OTHERS, torch.Generator(device).manual_seed(0))

    def costs(K: int, etas: Sequence[float]) -> Tensor:
        return rounds(method, o, eps, torch.tensor(etas).to(o.signs) / dial.L, K).mean(1)

    each = torch.stack([costs(K, COARSE) for K in LOCAL_STEPS])
    which, where = (int(k) for k in torch.unravel_index(each.argmin(), each.shape))
    etas = [COARSE[where] * factor for factor in FINE]
    K = LOCAL_STEPS[which]
    return K, etas[int(costs(K, etas).argmin())] / dial.L


def fewest_rounds(
    dial: Quadratics, eps: float, replicates: int, rng: torch.Generator
) -> dict[str, Tensor]:
    """Rounds of ``bvr`` and ``local`` on instances drawn here, each (R,), tuned on other ones."""
    o, found = turned(dial, replicates, rng), {}
    for name, method in (("bvr", bvr_sgd), ("local", local_sgd)):
        K, eta = best_setting(method, dial, eps, str(rng.device))
        found[name] = rounds(method, o, eps, torch.full_like(o.signs[0, 0, 0, :1], eta), K)[0]
    return found
