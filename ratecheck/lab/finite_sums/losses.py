"""Losses of linear predictions s with labels t, as primal and as dual methods see them."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

STEPS = 8  # of Newton's method: it starts on the side from which it is monotone


class Loss(Protocol):
    """A convex loss f(s, t); predictions and labels have shapes that broadcast."""

    def value(self, s: Tensor, t: Tensor) -> Tensor:
        """f."""

    def slope(self, s: Tensor, t: Tensor) -> Tensor:
        """f' in s."""

    def curvature(self, s: Tensor, t: Tensor) -> Tensor:
        """f'' in s."""

    def dual_prox(self, p: Tensor, c: Tensor, t: Tensor) -> Tensor:
        """argmin over a of f^*(a, t) + c (a - p)^2/2, f^* the convex conjugate."""


class Squared:
    """(s - t)^2/2."""

    def value(self, s: Tensor, t: Tensor) -> Tensor:
        """f."""
        return (s - t).square() / 2

    def slope(self, s: Tensor, t: Tensor) -> Tensor:
        """f' in s."""
        return s - t

    def curvature(self, s: Tensor, t: Tensor) -> Tensor:
        """f'' in s."""
        return torch.ones_like(s)

    def dual_prox(self, p: Tensor, c: Tensor, t: Tensor) -> Tensor:
        """argmin over a of f^*(a, t) + c (a - p)^2/2, where f^* = a^2/2 + a t."""
        return (c * p - t) / (1 + c)


class Logistic:
    """log(1 + exp(-s t)) for labels 1 and -1."""

    def value(self, s: Tensor, t: Tensor) -> Tensor:
        """f."""
        return torch.nn.functional.softplus(-s * t)

    def slope(self, s: Tensor, t: Tensor) -> Tensor:
        """f' in s."""
        return -t * (-s * t).sigmoid()

    def curvature(self, s: Tensor, t: Tensor) -> Tensor:
        """f'' in s."""
        wrong = (-s * t).sigmoid()
        return wrong * (1 - wrong)

    def dual_prox(self, p: Tensor, c: Tensor, t: Tensor) -> Tensor:
        """argmin over a of f^*(a, t) + c (a - p)^2/2, by Newton's method on the margin -s t.

        f^* is the negative entropy of -a t in (0, 1), the sigmoid of the margin m: m + c sigmoid(m)
        is -c p t there, and m is approached from 0.
        """
        margin, goal = torch.zeros_like(p), -c * p * t
        for _ in range(STEPS):
            share = margin.sigmoid()
            margin = margin - (margin + c * share - goal) / (1 + c * share * (1 - share))
        return -t * margin.sigmoid()
