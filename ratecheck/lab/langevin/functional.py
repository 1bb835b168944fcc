"""Langevin dynamics of a network whose neurons are elements of a Hilbert space.

Inputs and neurons are functions, given by their coordinates on a basis: the network

    f(x) = (1/J) sum_j tanh(<W_j, x>)

of J = 2 neurons has the loss c/(4 n) sum_i (y_i - f(x_i))^2, between 0 and c, which is not convex
and does not change when neurons change places; the regulariser is (lam/2) sum_jk k^p W_jk^2.
Inputs see the first N coordinates, and all others are those of the prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.special import zeta
from torch import Tensor

from ratecheck.lab.draws import normal

TEACHER = (1.5, 0.75)  # of its first neuron in the first mode, of its second in the second
WIDTH = 4.0  # variance of the function about the teacher
DRAWS = 2**12  # of the prior, for each replicate's limit
MODES = 2**16  # that are summed one by one, of infinitely many


@dataclass(frozen=True, eq=False)
class Committee:
    """Data and objective.

    Attributes
    ----------
    x : Tensor of shape (n, N)
        Inputs.
    teacher : Tensor of shape (J, N)
        Neurons that have made the labels.
    p, lam, beta : float
        Power and weight of the regulariser, inverse temperature.
    c : float
        Height of the loss.
    """

    x: Tensor
    teacher: Tensor
    p: float
    lam: float
    beta: float
    c: float

    def eigenvalues(self, modes: int | None = None) -> Tensor:
        """lam k^p of those that inputs see, or of so many modes."""
        last = self.x.shape[1] if modes is None else modes
        return self.lam * torch.arange(1, last + 1).to(self.x) ** self.p

    def features(self, w: Tensor) -> Tensor:
        """tanh(<W_j, x_i>) of neurons of shape (..., J, N), shape (..., J, n)."""
        return (w @ self.x.T).tanh()

    def off(self, features: Tensor) -> Tensor:
        """f(x_i) - y_i, shape (..., n)."""
        return features.mean(-2) - self.features(self.teacher).mean(-2)

    def loss(self, w: Tensor) -> Tensor:
        """L of neurons of shape (..., J, N)."""
        return self.c / 4 * self.off(self.features(w)).square().mean(-1)

    def gradient(self, w: Tensor) -> Tensor:
        """Of the loss, of the shape of the neurons."""
        h = self.features(w)
        residual = self.off(h).unsqueeze(-2) * (1 - h.square())
        return self.c / (2 * len(self.x) * len(self.teacher)) * residual @ self.x

    def to(self, device: torch.device) -> Committee:
        """The same on a device."""
        return Committee(self.x.to(device), self.teacher.to(device), self.p, self.lam, self.beta,
                         self.c)  # fmt: skip


def curves(
    n: int, modes: int, sample: int, *, p: float, c: float, lam: float = 1.0, beta: float = 1.0
) -> Committee:
    """Random curves 3 sum_k (xi_k/k) e_k.

    Curves on fewer modes are those on more, cut off.
    """
    rng = torch.Generator().manual_seed(sample)
    xi = torch.stack([normal(n, rng=rng) for _ in range(modes)], 1)
    teacher = torch.zeros(2, modes).to(xi)
    teacher[0, 0], teacher[1, 1] = TEACHER
    x = 3 * xi / torch.arange(1, modes + 1).to(xi)
    return Committee(x, teacher, p, lam, beta, c)


@dataclass(frozen=True)
class Langevin:
    """The step W' = (1 + eta A)^{-1} (W - eta grad L(W) + sqrt(2 eta heat/beta) xi).

    With ``implicit=False`` the regulariser is seen at W, and the step is at most one over its
    largest eigenvalue, half of what is stable.
    """

    step: float
    implicit: bool = True
    heat: float = 1.0

    def __call__(self, o: Committee, w: Tensor, slope: Tensor | float, xi: Tensor) -> Tensor:
        """One step, given the loss's gradient and standard normal noise."""
        a, eta = o.eigenvalues(), self.step
        if not self.implicit:
            eta = min(eta, 1 / float(a.max()))
        pushed = math.sqrt(2 * eta * self.heat / o.beta) * xi - eta * slope
        return (w + pushed) / (1 + eta * a) if self.implicit else w * (1 - eta * a) + pushed

    def alone(self, o: Committee, modes: int | None = None) -> Tensor:
        """Variances of modes at rest without a loss; of step 0 those of the prior itself."""
        a = o.eigenvalues(modes)
        return self.heat / (o.beta * a * (1 + self.step * a / 2))


def near(o: Committee, w: Tensor) -> Tensor:
    """exp(-|W - teacher|^2/8) of neurons of shape (..., J, N), what inputs do not see left out.

    The mean over both orders of the neurons, which nothing tells apart.
    """
    apart = (w - o.teacher).square().sum((-2, -1)), (w - o.teacher.flip(0)).square().sum((-2, -1))
    return ((-apart[0] / (2 * WIDTH)).exp() + (-apart[1] / (2 * WIDTH)).exp()) / 2


def mean_near(o: Committee, variances: Tensor) -> Tensor:
    """Its mean where coordinates are independent, of mean 0 and with these variances."""
    spread = WIDTH + variances
    return ((-o.teacher.square() / (2 * spread)).exp() * (WIDTH / spread).sqrt()).prod()


def unseen(o: Committee, step: float) -> float:
    """Mean of exp(-|W|^2/8) over the modes that inputs do not see, for chains with this step."""
    if step * float(o.eigenvalues(MODES)[-1]) < 100 and step:
        raise ValueError(f"the last modes still feel a step of {step:g}")
    seen = (Langevin(step).alone(o, MODES)[o.x.shape[1] :] / WIDTH).log1p().sum()
    rest = 0.0 if step else zeta(o.p, MODES + 1) / (o.beta * o.lam * WIDTH)
    return math.exp(-len(o.teacher) / 2 * (float(seen) + rest))


@dataclass(frozen=True, eq=False)
class Limit:
    """The Gibbs law of the modes that inputs see, reweighted draws of the prior.

    Attributes
    ----------
    mean : Tensor of shape (R,)
        Of exp(-|W - teacher|^2/8).
    draws : Tensor of shape (R, chains, J, N)
    """

    mean: Tensor
    draws: Tensor


def limit(o: Committee, chains: int, *, replicates: int, rng: torch.Generator) -> Limit:
    """From draws of its own for each replicate.

    Weighted with exp(-beta L) are the prior, and the prior times exp(-|W - teacher|^2/8).
    """
    prior = Langevin(0.0).alone(o)
    z = normal(replicates, DRAWS, len(o.teacher), len(prior), rng=rng)
    share, w = prior / (WIDTH + prior), z * prior.sqrt()
    weights = (-o.beta * o.loss(w)).exp()
    above = (-o.beta * o.loss(z * (WIDTH * share).sqrt() + share * o.teacher)).exp()
    mean = mean_near(o, prior) * above.mean(1) / weights.mean(1)
    chosen = torch.multinomial(weights, chains, generator=rng)
    return Limit(mean, w[torch.arange(replicates, device=w.device)[:, None], chosen])


def unseen_variance(o: Committee, step: float) -> float:
    """What |W|^2 is off its limit in the modes that inputs do not see, for chains at rest."""
    off = Langevin(step).alone(o, MODES) - Langevin(0.0).alone(o, MODES)
    rest = zeta(o.p, MODES + 1) / (o.beta * o.lam)
    return len(o.teacher) * (float(off[o.x.shape[1] :].sum()) - rest)


@dataclass(frozen=True, eq=False)
class Bias:
    """What chains at rest are off their limits, each of shape (R,).

    Attributes
    ----------
    chain, alone : Tensor
        In exp(-|W - teacher|^2/8), and with no loss.
    trace : Tensor
        In <W, W + A^{-1} grad L(W)> from the second mode on, whose mean under the Gibbs law is
        J tr(A^{-1})/beta, whatever the loss: integration by parts. The first mode, where chains
        forget slowly, would be nothing but noise.
    """

    chain: Tensor
    alone: Tensor
    trace: Tensor


def bias(
    o: Committee, dynamics: Langevin, *, burn: float, time: float, chains: int, replicates: int,
    rng: torch.Generator,
) -> Bias:  # fmt: skip
    """Of chains at rest: averages over chains and time, from draws of the limit on.

    Subtracted is a chain without loss that has the same noise, and whose mean is known.
    """
    o = o.to(rng.device)
    alone, gibbs = dynamics.alone(o), limit(o, chains, replicates=replicates, rng=rng)
    w = gibbs.draws * (alone / Langevin(0.0).alone(o)).sqrt()
    free, total = normal(*w.shape, rng=rng) * alone.sqrt(), torch.zeros_like(gibbs.mean)
    trace, a = torch.zeros_like(gibbs.mean), o.eigenvalues()
    first, steps = round(burn / dynamics.step), round((burn + time) / dynamics.step)
    for k in range(steps):
        xi, slope = normal(*w.shape, rng=rng), o.gradient(w)
        if k >= first:
            trace += (w * (w + slope / a))[..., 1:].sum((-2, -1)).mean(1)
        w, free = dynamics(o, w, slope, xi), dynamics(o, free, 0.0, xi)
        if k >= first:
            total += (near(o, w) - near(o, free)).mean(1)
    known, end = mean_near(o, alone) * unseen(o, dynamics.step), gibbs.mean * unseen(o, 0.0)
    seen = trace / (steps - first) - len(o.teacher) * float((1 / a[1:]).sum()) / o.beta
    return Bias(total / (steps - first) * unseen(o, dynamics.step) + known - end, known - end,
                seen + unseen_variance(o, dynamics.step))  # fmt: skip


def difference(
    o: Committee, dynamics: Langevin, steps: int, *, chains: int, replicates: int,
    rng: torch.Generator,
) -> Tensor:  # fmt: skip
    """Mean of tanh W_11 - tanh W_21 after so many steps, shape (R,).

    Neurons that can change places have the same law at rest, where it is 0. They start at 1 and -1
    times the first mode.
    """
    o = o.to(rng.device)
    start = torch.zeros_like(o.teacher)
    start[0, 0], start[1, 0] = 1.0, -1.0
    w = start.expand(replicates, chains, -1, -1)
    for _ in range(steps):
        w = dynamics(o, w, o.gradient(w), normal(*w.shape, rng=rng))
    return (w[:, :, 0, 0].tanh() - w[:, :, 1, 0].tanh()).mean(1)
