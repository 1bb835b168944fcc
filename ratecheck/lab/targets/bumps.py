"""A least favourable prior on Besov balls of the circle: needles and a row of small bumps.

A bump is a cardinal B-spline, the hat max(0, 1 - |u|) where smoothness allows. With the smoothness
s, the integrability p and n data of noise sigma the prior puts

- one needle of half-width w at a uniform place, height w^(s - 1/p): the most energy that the ball
  allows at that scale (or a few independent ones, in a ball that is as many times larger). A
  linear estimator does not know the place and must let all of the circle pass; it loses most where
  the needle's energy in each of its 1/w frequencies is that of the noise,
  w^(2s - 2/p + 1) w = c sigma^2 / n.
- a row of neighbouring bumps of half-width n^(-1/(2s+1)), with random signs and at the level of the
  noise, height beta sigma n^(-s/(2s+1)): nobody beats n^(-2s/(2s+1)) on them.

Places and signs are random, so that the prior is centred and stationary, and its covariance is a
B-spline of twice the order (Donoho and Johnstone, Ann. Statist. 26 (1998), Section 5, build their
least favourable priors of such parts).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform

HAT, CUBIC = 2, 4
BLOCK = 2**14  # numbers that stay in cache


@dataclass(frozen=True)
class Prior:
    """The law of a target on the circle [0, 1).

    Attributes
    ----------
    order : int
        Of the B-splines: 2 is a hat.
    width, height : float
        Of a needle: the spacing of its knots (half the support of a hat), and its size.
    row_width, row_height : float
        The same of the bumps in the row: if 1/row_width is not whole, their number is rounded, and
        their size adjusted so that the covariance is not.
    needles : int
        Number of needles, at independent places.
    """

    order: int
    width: float
    height: float
    row_width: float
    row_height: float
    needles: int = 1

    @property
    def count(self) -> int:
        """Number of bumps in the row, which are 1/count apart."""
        return max(self.order, round(1 / self.row_width))

    @property
    def bump(self) -> float:
        """Size of a bump: the row's energy is row_height^2, times that of a hat at its place."""
        return self.row_height / math.sqrt(self.count * self.row_width)

    def draw(self, *, replicates: int, rng: torch.Generator) -> Targets:
        """Independent targets."""
        shift = uniform(replicates, rng=rng)
        place, sign = uniform(2, replicates, self.needles, rng=rng)
        signs = uniform(replicates, self.count, rng=rng)
        return Targets(
            self,
            place,
            self.height * (1 - 2 * (sign < 0.5).double()),
            shift,
            self.bump * (1 - 2 * (signs < 0.5).double()),
        )

    def at_distance(self, difference: Tensor) -> Tensor:
        """E f(x) f(x + difference), elementwise: splines of twice the order, around the circle.

        A needle: height^2 width M(d / width); the row: row_height^2 M(d / row_width), that is
        ``count`` times what one of its bumps would give.
        """
        near = difference - difference.round()
        total = torch.zeros_like(near)
        parts = [
            (self.width, self.needles * self.height**2 * self.width),
            (self.row_width, self.row_height**2),
        ]
        for width, size in parts:
            for turn in _turns(self.order * width):
                total += size * spline((near + turn) / width, 2 * self.order)
        return total

    def covariance(self, x: Tensor, z: Tensor) -> Tensor:
        """Covariance of f(x) and f(z), for points (R, n, 1) and (R, m, 1): (R, n, m).

        In single precision, for it is well conditioned beside the noise: the prior's energy in each
        direction is about that of the noise. On a CPU a block of rows in cache at a time.
        """
        matrix = torch.empty(len(x), x.shape[1], z.shape[1], device=x.device)
        rows = max(1, BLOCK // z.shape[1]) if x.device.type == "cpu" else x.shape[1]
        for mine, left, right in zip(matrix, x, z[..., 0], strict=True):
            for start in range(0, len(left), rows):
                part = left[start : start + rows]
                mine[start : start + rows] = self.at_distance(part - right)
        return matrix

    def variance(self, x: Tensor) -> float:
        """The same everywhere."""
        return float(self.at_distance(torch.zeros(1, dtype=torch.float64)))

    def spectrum(self, n: int) -> Tensor:
        """Eigenvalues of the covariance of the values on the regular grid of n points, shape (n,).

        In the order of the Fourier transform, on the CPU.
        """
        grid = torch.arange(n, dtype=torch.float64) / n
        values: Tensor = torch.fft.fft(self.at_distance(grid)).real
        return values.clamp(min=0.0)


@dataclass(frozen=True)
class Targets:
    """R functions drawn from a prior.

    Attributes
    ----------
    prior : Prior
    place : Tensor of shape (R, needles)
        Centres of the needles.
    needle : Tensor of shape (R, needles)
        Their heights with their signs.
    shift : Tensor of shape (R,)
        Where the row of bumps begins.
    row : Tensor of shape (R, count)
        Heights of the bumps with their signs.
    """

    prior: Prior
    place: Tensor
    needle: Tensor
    shift: Tensor
    row: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Values at points (m, 1) or at points (R, m, 1) of each function's own: (R, m)."""
        x, prior = x[..., 0], self.prior
        values = x.new_zeros(len(self.shift), x.shape[-1])
        for place, needle in zip(self.place.mT, self.needle.mT, strict=True):
            away = x - place[:, None]
            away = (away - away.round()) / prior.width
            values += needle[:, None] * spline(away, prior.order)
        at = (x - self.shift[:, None]) * prior.count
        below = at.floor()
        stretch = prior.row_width * prior.count  # of the bumps' knots against their distance
        reach = math.ceil(prior.order / 2 * stretch)
        for offset in range(1 - reach, 1 + reach):
            index = (below + offset).long() % prior.count
            away = (at - below - offset) / stretch
            values += self.row.gather(1, index) * spline(away, prior.order)
        return values


def least_favourable(
    n: int,
    s: float,
    p: float,
    sigma: float,
    *,
    c: float = 1.5,
    beta: float = 2.5,
    needles: int = 1,
) -> Prior:
    """The prior for n data of noise sigma.

    Raises
    ------
    ValueError
        If s < 1/p, where functions need not be bounded, or the bumps are not smooth enough.
    """
    if s < 1 / p:
        raise ValueError(f"s = {s:g} is below 1/p = {1 / p:g}: functions need not be bounded")
    order = HAT if s <= HAT - 1 + 1 / p else CUBIC
    if s > order - 1 + 1 / p:
        raise ValueError(f"cubic splines have no smoothness s = {s:g} at p = {p:g}")
    width = min((c * sigma**2 / n) ** (1 / (2 * s - 2 / p + 2)), 1 / order)
    return Prior(
        order=order,
        width=width,
        height=width ** (s - 1 / p),
        row_width=min(n ** (-1 / (2 * s + 1)), 1 / order),
        row_height=beta * sigma * n ** (-s / (2 * s + 1)),
        needles=needles,
    )


def _turns(reach: float) -> range:
    """Turns of the circle after which a difference in [-1/2, 1/2] may be within reach of 0."""
    turns = max(0, math.ceil(reach - 0.5))
    return range(-turns, turns + 1)


def spline(u: Tensor, order: int) -> Tensor:
    """The cardinal B-spline of an order, centred at 0 with knots one apart, elementwise.

    By truncated powers, sum (-1)^k C(order, k) (order/2 - |u| - k)_+^(order-1) / (order - 1)!.
    """
    left = order / 2 - u.abs()
    if order == HAT:
        return left.clamp_(min=0.0)
    total = torch.zeros_like(left)
    for k in range(math.ceil(order / 2)):
        weight = (-1) ** k * math.comb(order, k) / math.factorial(order - 1)
        above = (left - k).clamp_(min=0.0)
        power = above * above if order == HAT + 1 else above * above * above
        for _ in range(order - 4):
            power *= above
        total.add_(power, alpha=weight)
    return total
