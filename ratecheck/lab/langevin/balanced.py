"""Langevin samplers on a finite sum of quadratics in d dimensions: their exact first two moments.

F = (1/n) sum f_i on R^d, with

    f_i(x) = sum_j (a_j + c s_ij) x_j^2/2 + sigma l_ij x_j,

where a_j runs through 1, 2, 4 in turn and the signs s_j, l_j are columns of a Hadamard matrix: each
has as many 1 as -1, and any two are orthogonal. Components are not convex where c > a. The
target, proportional to exp(-F), is N(0, diag 1/a). Coordinates that see one minibatch, drawn
without replacement, are then uncorrelated, and the moments of each follow a recursion of its own.
Chains start at independent coordinates with mean 1/sqrt a and variance 2/a.

Samplers give, for E steps, what one epoch makes of E z z^T, z the state of a coordinate and 1: a
tensor of shape (E, D, k^2, k^2), D = 3 curvatures; and what an epoch costs in gradients of
components.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ratecheck.lab.finite_sums import moments
from ratecheck.lab.finite_sums.laws import variance_factor
from ratecheck.lab.finite_sums.snapshots import Snapshots

Criterion = Callable[["Balanced", Tensor, Tensor], Tensor]
Sampler = Callable[["Balanced", "Steps", Snapshots], tuple[Tensor, float]]
FRICTION = 2.0
OCTAVES, FINER = 44, 8
STATIONARY = 60  # doublings of the time after which a chain is at rest


@dataclass(frozen=True)
class Balanced:
    """The finite sum.

    Attributes
    ----------
    n, d : int
        Components and dimension; minibatches need 2 d < n.
    c, sigma : float
        By how much components differ in curvature and in slope.
    curvatures : tuple of float
        a.
    offset : float
        Of the start's mean, in units of 1/sqrt a.
    """

    n: int
    d: int
    c: float = 4.0
    sigma: float = 0.0
    curvatures: tuple[float, ...] = (1.0, 2.0, 4.0)
    offset: float = 1.0

    @property
    def a(self) -> Tensor:
        """Curvatures, shape (D,)."""
        return torch.tensor(self.curvatures, dtype=torch.float64)

    @property
    def shares(self) -> Tensor:
        """How many coordinates have each of them, shape (D,)."""
        kinds = len(self.curvatures)
        shares = [len(range(kind, self.d, kinds)) for kind in range(kinds)]
        return torch.tensor(shares, dtype=torch.float64)

    def alike(self) -> Balanced:
        """The same with all curvatures 1 and a centred start: where TV distances are known."""
        return replace(self, curvatures=(1.0,), offset=0.0)

    def chance(self, batch: int) -> float:
        """Variance of the mean sign of a minibatch.

        Raises
        ------
        ValueError
            If there are no 2 d such columns of signs.
        """
        if self.n <= 2 * self.d:
            raise ValueError(f"{self}: 2 d must be below n")
        return variance_factor(self.n, batch)


@dataclass(frozen=True)
class Steps:
    """Steps, and what may be wrong with them.

    Attributes
    ----------
    sizes : Tensor of shape (E,)
    exact : bool
        A step is the Ornstein-Uhlenbeck process's own, not Euler's.
    excess : float
        The noise's variance is 1 + excess size^(1/3) as large as it should be.
    """

    sizes: Tensor
    exact: bool = False
    excess: float = 0.0

    @property
    def heat(self) -> Tensor:
        """The factor of the noise's variance, shape (E, 1)."""
        return 1 + self.excess * self.sizes[:, None] ** (1 / 3)

    def overdamped(self, a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What x keeps of itself, the factor of -gradient, the noise's variance: shape (E, D)."""
        size = self.sizes[:, None]
        keep = (-size * a).exp() if self.exact else 1 - size * a
        noise = (1 - keep**2) / a if self.exact else 2 * size + 0 * a
        return keep, (1 - keep) / a, noise * self.heat


def kl(o: Balanced, mean: Tensor, variance: Tensor) -> Tensor:
    """KL divergence from the target of a Gaussian with such moments, shape (E, D): shape (E,)."""
    off = variance * o.a - 1
    return ((off - off.log1p() + o.a * mean**2) / 2) @ o.shares


def w2(o: Balanced, mean: Tensor, variance: Tensor) -> Tensor:
    """Wasserstein distance from the target, at least: it is that of a Gaussian."""
    return ((mean**2 + (variance**0.5 - o.a**-0.5) ** 2) @ o.shares) ** 0.5


def weak(o: Balanced, mean: Tensor, variance: Tensor) -> Tensor:
    """|E F(x) - E_nu F|."""
    return (((variance + mean**2) * o.a - 1) / 2 @ o.shares).abs()


def tv(o: Balanced, mean: Tensor, variance: Tensor) -> Tensor:
    """Total variation distance of centred Gaussians, where one curvature is all.

    Their densities are equal on a sphere.
    """
    half, off = torch.tensor(o.d / 2, dtype=torch.float64), (variance * o.a - 1)[:, 0]
    inside = half * off.log1p() / off
    far: Tensor = torch.special.gammainc(half, inside * (1 + off))
    near: Tensor = torch.special.gammainc(half, inside)
    return (far - near).abs()


def langevin(o: Balanced, steps: Steps, plan: Snapshots) -> tuple[Tensor, float]:
    """Full gradients, whatever the plan."""
    keep, _, noise = steps.overdamped(o.a)
    return _added(moments.square(_matrix((keep, 0), (0, 1))), [(0, 0, noise)]), o.n


def stochastic(o: Balanced, steps: Steps, plan: Snapshots) -> tuple[Tensor, float]:
    """Gradients of a minibatch, no snapshots."""
    keep, pull, noise = steps.overdamped(o.a)
    chance = o.chance(plan.batch)
    apart = _random(_matrix((keep, 0), (0, 1)), _matrix((-pull * o.c, 0), (0, 0)), chance)
    return _added(apart, [(0, 0, noise + chance * (pull * o.sigma) ** 2)]), plan.batch


def svrg(o: Balanced, steps: Steps, plan: Snapshots) -> tuple[Tensor, float]:
    """Gradient differences to a snapshot: (x, x at the snapshot)."""
    keep, pull, noise = steps.overdamped(o.a)
    fixed, apart = _matrix((keep, 0, 0), (0, 1, 0), (0, 0, 1)), pull * o.c
    seen = _matrix((-apart, apart, 0), (0, 0, 0), (0, 0, 0))
    one = _added(_random(fixed, seen, o.chance(plan.batch)), [(0, 0, noise)])
    renew = moments.square(_matrix((1 + 0 * keep, 0, 0), (1, 0, 0), (0, 0, 1)))
    return torch.matrix_power(one, plan.inner) @ renew, plan.charge(o.n) * plan.inner


def underdamped(o: Balanced, steps: Steps, plan: Snapshots) -> tuple[Tensor, float]:
    """Hamiltonian steps with friction 2 and recursive gradients: (x, velocity, error, move).

    Exact but for the gradient, which is held over a step (Cheng et al., COLT 2018), and which is
    estimated by adding up differences (SARAH) since the last full one.
    """
    h, a = steps.sizes[:, None], o.a
    rho = (-FRICTION * h).exp() + 0 * a
    push = (1 - rho) / FRICTION
    pull = (h - push) / FRICTION
    move = (-pull * a, push, -pull, 0, 0)
    fixed = _matrix((1 - pull * a, *move[1:]), (-push * a, rho, -push, 0, 0), (0, 0, 1, 0, 0),
                    move, (0, 0, 0, 0, 1))  # fmt: skip
    far = steps.heat * (2 * FRICTION * h - 3 + 4 * rho - rho**2) / FRICTION**2
    both, fast = steps.heat * (1 - rho) ** 2 / FRICTION, steps.heat * (1 - rho**2)
    noise = [(0, 0, far), (0, 3, far), (3, 3, far), (0, 1, both), (1, 3, both), (1, 1, fast)]
    moved = _added(moments.square(fixed), noise)
    eye = _matrix((1 + 0 * rho, 0, 0, 0, 0), *(_unit(at) for at in range(1, 5)))
    none = (0.0,) * 5
    learnt = _matrix(none, none, (0, 0, 0, o.c + 0 * rho, 0), none, none)
    update = _random(eye, learnt, o.chance(plan.batch))
    renew = eye.clone()
    renew[..., 2, 2] = 0
    power = torch.matrix_power(update @ moved, plan.inner)
    return power @ moments.square(renew), plan.charge(o.n) * plan.inner


def gradients(
    o: Balanced, sampler: Sampler, criterion: Criterion, eps: float, *,
    plan: Snapshots | None = None, exact: bool = False, excess: float = 0.0,
) -> float:  # fmt: skip
    """Fewest gradients until a criterion is at most eps, over steps from 1 down to 2^-44.

    Powers of 2 at first, then, three times, what is about the best of them. Between the ends of
    epochs the criterion's logarithm is interpolated. inf where no step gets there. Batches and
    epochs are of sqrt(n) without a plan.
    """

    def seen(state: Tensor) -> Tensor:
        return _criterion(o, criterion, state[..., 0])[:, None]

    def cost(sizes: Tensor) -> Tensor:
        maps, price = sampler(o, Steps(sizes, exact, excess), plan or Snapshots.square_root(o.n))
        return price * moments.arrivals(maps, _start(o, maps)[None], seen, goal)[:, 0]

    goal = torch.tensor([eps], dtype=torch.float64)
    octaves = -torch.arange(OCTAVES + 1, dtype=torch.float64)
    around = torch.arange(-FINER, FINER + 1, dtype=torch.float64)
    costs = cost(2.0**octaves)
    for refined in (1, 2, 3):
        octaves = octaves[costs.argmin()] + around / FINER**refined
        costs = cost(2.0**octaves)
    return float(costs.amin())


def stationary(
    o: Balanced, sampler: Sampler, criterion: Criterion, size: float, *,
    plan: Snapshots | None = None, exact: bool = False, excess: float = 0.0,
) -> float:  # fmt: skip
    """Where a criterion ends, at a step."""
    sizes = torch.tensor([size], dtype=torch.float64)
    maps, _ = sampler(o, Steps(sizes, exact, excess), plan or Snapshots.square_root(o.n))
    for _ in range(STATIONARY):
        maps = maps @ maps
    return float(_criterion(o, criterion, (maps @ _start(o, maps)[..., None])[..., 0])[0])


def _criterion(o: Balanced, criterion: Criterion, state: Tensor) -> Tensor:
    mean = state[..., math.isqrt(state.shape[-1]) - 1]
    return criterion(o, mean, state[..., 0] - mean**2)


def _start(o: Balanced, maps: Tensor) -> Tensor:
    """E z z^T where all but x and 1 is at rest: shape (D, k^2)."""
    k = math.isqrt(maps.shape[-1])
    start = torch.zeros(len(o.a), k, k, dtype=torch.float64)
    start[:, 0, 0], start[:, -1, -1] = (2 + o.offset**2) / o.a, 1
    start[:, 0, -1] = start[:, -1, 0] = o.offset / o.a**0.5
    return start.flatten(1)


def _unit(at: int) -> tuple[float, ...]:
    return tuple(float(at == other) for other in range(5))


def _matrix(*rows: tuple[Tensor | float, ...]) -> Tensor:
    """Matrices of shape (E, D, k, k) from rows of numbers and tensors of shape (E, D)."""
    like = next(cell for row in rows for cell in row if isinstance(cell, Tensor))
    cells = [[torch.as_tensor(cell).to(like).expand(like.shape) for cell in row] for row in rows]
    return torch.stack([torch.stack(row, -1) for row in cells], -2)


def _random(fixed: Tensor, per_sign: Tensor, variance: float) -> Tensor:
    """What a step makes of moments that sees a batch's mean sign."""
    zero = fixed.new_zeros(())
    return moments.expected(fixed, per_sign, zero, zero + variance)


def _added(maps: Tensor, noise: list[tuple[int, int, Tensor]]) -> Tensor:
    """The same with independent noise: its variances and covariances."""
    k = math.isqrt(maps.shape[-1])
    for i, j, value in noise:
        maps[..., i * k + j, -1] += value
        if i != j:
            maps[..., j * k + i, -1] += value
    return maps
