"""The fused penalty C |B^T x|_1 + (ridge/2) |B^T x|^2, B^T x the differences of neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor


class Structure(Protocol):
    """A penalty Psi(B^T x) whose Psi alone has a proximal step.

    The parts u = B^T x of points of shape (..., d) have the shape (..., *p).
    """

    @property
    def largest(self) -> float:
        """A bound on the eigenvalues of B B^T."""

    def split(self, x: Tensor) -> Tensor:
        """B^T x."""

    def join(self, u: Tensor) -> Tensor:
        """B u, shape (..., d)."""

    def __call__(self, u: Tensor) -> Tensor:
        """Psi(u), shape (...,)."""

    def prox(self, u: Tensor, step: float) -> Tensor:
        """The proximal step: argmin of step Psi + |. - u|^2/2."""


def differences(x: Tensor) -> Tensor:
    """B^T x of points of shape (..., d), shape (..., d - 1)."""
    return x[..., 1:] - x[..., :-1]


def adjoint(u: Tensor) -> Tensor:
    """B u, shape (..., d), of u of shape (..., d - 1)."""
    return torch.nn.functional.pad(u, (1, 0)) - torch.nn.functional.pad(u, (0, 1))


@dataclass(frozen=True)
class Penalty:
    """Psi of differences u: size |u|_1 + (ridge/2) |u|^2."""

    size: float
    ridge: float = 0.0
    largest: ClassVar[float] = 4.0
    split = staticmethod(differences)
    join = staticmethod(adjoint)

    def __call__(self, u: Tensor) -> Tensor:
        """Its value, shape (...,), at u of shape (..., d - 1)."""
        return self.size * u.abs().sum(-1) + self.ridge / 2 * u.square().sum(-1)

    def prox(self, u: Tensor, step: float) -> Tensor:
        """The proximal step: argmin of step Psi + |. - u|^2/2."""
        return u.sign() * (u.abs() - step * self.size).clamp_min(0) / (1 + step * self.ridge)
