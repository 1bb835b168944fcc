"""Least squares with more coordinates than data, at the point where preconditioned descent ends.

y = <x, theta> + noise with x = Sigma^(1/2) z and d > n. From 0, the flow d beta/dt = -P grad L ends
at beta = A'y with A = (X P X')^(-1) X P, whatever the scale of P. Sigma has three eigenvalues, each
d/3 times; P is a power of Sigma, and the covariance of theta another one, over d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from scipy.optimize import brentq
from torch import Tensor

from ratecheck.lab.draws import normal, signs


@dataclass(frozen=True)
class Model:
    """Nature: the data's law and the measure of error.

    Attributes
    ----------
    gamma : float
        d/n > 1.
    spread : float
        Eigenvalues of Sigma are as spread : 1 : 1/spread, of mean 1.
    r : float
        theta has mean 0 and covariance Sigma^r / d.
    law : "normal" or "signs"
        Of the independent entries of z.
    """

    gamma: float
    spread: float
    r: float
    law: str = "normal"

    @property
    def atoms(self) -> Tensor:
        """The three eigenvalues of Sigma."""
        values = torch.tensor([self.spread, 1.0, 1 / self.spread], dtype=torch.float64)
        return values / values.mean()

    def draw(self, n: int, *, replicates: int, rng: torch.Generator) -> Tensor:
        """X of shape (R, n, d), with d the multiple of three nearest to gamma n."""
        shape = (replicates, n, 3 * round(self.gamma * n / 3))
        z = normal(*shape, rng=rng) if self.law == "normal" else signs(*shape, rng=rng).double()
        return z * self.spectrum(shape[2]).to(rng.device).sqrt()

    def spectrum(self, d: int) -> Tensor:
        """All eigenvalues of Sigma, shape (d,)."""
        return self.atoms.repeat_interleave(d // 3)

    def descend(self, x: Tensor, power: float) -> Tensor:
        """A of shape (R, n, d) for P = Sigma^power."""
        scaled = x * self.spectrum(x.shape[2]).to(x) ** power
        return torch.cholesky_inverse(torch.linalg.cholesky(scaled @ x.mT)) @ scaled

    def variance(self, a: Tensor) -> Tensor:
        """E |beta - E beta|^2 in the norm of Sigma over that of the noise, given X: (R,)."""
        return (a.square() * self.spectrum(a.shape[2]).to(a)).sum((1, 2))

    def profile(self, a: Tensor, x: Tensor) -> Tensor:
        """What each atom's coordinates add to the bias if theta has covariance I/d: (R, 3)."""
        d, spectrum = x.shape[2], self.spectrum(x.shape[2]).to(x)
        # |(I - A'X) e_j|^2 in the norm of Sigma, without any matrix of size d
        ends = (x * (((a * spectrum) @ a.mT) @ x)).sum(1)
        each = spectrum * (1 - 2 * (a * x).sum(1)) + ends
        return each.reshape(len(x), 3, d // 3).sum(2) / d

    def bias(self, profile: Tensor) -> Tensor:
        """E |E beta - theta|^2 in the norm of Sigma, over theta, from `profile` (..., 3)."""
        return (profile * self.atoms.to(profile) ** self.r).sum(-1)

    def limits(self, power: float) -> tuple[Tensor, float]:
        """Where `profile` and `variance` go as n and d grow, for P = Sigma^power.

        With m such that E[c m / (1 + c m)] = 1/gamma, c an eigenvalue of Sigma P, and
        q = 1 / (1 - gamma E[(c m / (1 + c m))^2]): q E[s / (1 + c m)^2], s one of Sigma, and q - 1
        (Amari et al., ICLR 2021, Theorems 1 and 4; numbers not verified).
        """
        atoms = self.atoms
        c = atoms ** (1 + power)

        def excess(log_m: float) -> float:
            return float((1 / (1 + 1 / (c * math.exp(log_m)))).mean()) - 1 / self.gamma

        used = 1 / (1 + 1 / (c * math.exp(brentq(excess, -50, 50, xtol=1e-14))))
        q = 1 / (1 - self.gamma * float(used.square().mean()))
        return q * atoms * (1 - used).square() / 3, q - 1
