"""Mean-field networks whose neurons are elements of a Hilbert space.

Inputs and neurons are functions, given by coordinates on a basis, and no measure plays Lebesgue's
part: the objective is that of a law q of neurons against a Gaussian one,

    L(q) = (1/n) sum_i (E_q tanh <w, x_i> - y_i)^2/2 + lam KL(q || nu),     nu = N(0, K),

K with eigenvalues k^(-p). Laws that are exact are those on draws of nu.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import normal
from ratecheck.lab.langevin.functional import Committee, Langevin
from ratecheck.lab.mean_field.dual import Dual
from ratecheck.lab.mean_field.gibbs import Gibbs
from ratecheck.lab.mean_field.network import Network


@dataclass(frozen=True, eq=False)
class Functional:
    """Data, objective and its minimum.

    Attributes
    ----------
    curves : Committee
        Inputs, and the regulariser (lam/2) sum_k k^p w_k^2 of a neuron.
    best : Gibbs
        The minimum on draws of nu. Its network has no ridge: that is in the draws.
    """

    curves: Committee
    best: Gibbs

    @property
    def dual(self) -> Dual:
        """The dual problem, on the same draws."""
        return Dual(self.best.features, self.best.network.labels, self.best.network.lam)


@lru_cache(maxsize=16)
def functional(
    modes: int, *, lam: float = 0.1, n: int = 16, draws: int = 1000, p: float = 2.0,
    decay: float = 0.6, sample: int = 0,
) -> Functional:  # fmt: skip
    """Curves sum_k k^(-decay) xi_k e_k, in H for a decay above 1/2, with labels -1 and 1.

    Curves and draws on fewer modes are those on more, cut off.
    """
    rng = np.random.default_rng(sample)
    y = np.sign(np.arange(n) % 2 - 0.5)
    k = np.arange(1, modes + 1.0)
    x = rng.standard_normal((modes, n)).T * k**-decay
    x[:, 0] = y * np.abs(x[:, 0]) * np.where(np.arange(n) < n // 4, -1, 1)  # three of four agree
    w = np.random.default_rng(sample + 1).standard_normal((modes, draws)).T
    w *= k ** (-p / 2)
    network = Network(x, y, "squared", 1.0, lam, 0.0)
    features = network.features(w)
    g = Dual(features, y, lam).best
    weights = np.exp(features @ -g / (lam * n))
    law = weights / weights.sum()
    inputs = torch.as_tensor(x)
    curves = Committee(inputs, inputs.new_zeros(1, modes), p, lam, 1 / lam, 1.0)
    return Functional(curves, Gibbs(network, w, law, features, law @ features))


class Walkers:
    """Neurons that follow Gibbs laws exp(-c . h/lam) nu by Langevin steps in H.

    Attributes
    ----------
    w : Tensor of shape (R, neurons, N)
        Drawn from nu.
    """

    def __init__(
        self, curves: Committee, count: int, step: Langevin, *, inner: int = 1, replicates: int,
        rng: torch.Generator,
    ) -> None:  # fmt: skip
        self._curves, self._step, self._inner, self._rng = curves.to(rng.device), step, inner, rng
        spread = (curves.beta * curves.eigenvalues()).rsqrt().to(rng.device)
        self.w = spread * normal(replicates, count, curves.x.shape[1], rng=rng)

    def follow(self, c: Tensor) -> Tensor:
        """Outputs (R, n) after the steps of one inner loop, for coefficients (R, n + 1)."""
        o = self._curves
        for _ in range(self._inner):
            slope = (1 - o.features(self.w).square()) * c[:, None, :-1] @ o.x
            self.w = self._step(o, self.w, slope, normal(*self.w.shape, rng=self._rng))
        return o.features(self.w).mean(1)


def rescaled(modes: int, examples: int, lam: float) -> float:
    """What the weighted mean of lam KL(q_t || nu) gains with a prior that is averaged as well.

    In finite dimension the regulariser has the weight t/(t+2), as all has that was seen: a Gaussian
    law of r = (t+2)/t times the variance, at lam (N/2) (r - 1 - log r), without bound in N.
    """
    t = np.arange(1, examples + 1.0)
    excess = lam * modes / 2 * (2 / t - np.log1p(2 / t))
    return float(2 * (t * excess).sum() / (examples * (examples + 1)))
