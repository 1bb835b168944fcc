"""Restricted Boltzmann machines that are small enough to be summed over all their states.

p(v, h) is proportional to exp(<theta, phi(v, h)>) with phi = (v, h, v h^T), for v and h in {0, 1}.
The log-likelihood's negative is g - h, a difference of convex functions: g the logarithm of the sum
over all states, h the mean over data of that over the hidden units.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ratecheck.lab.draws import normal, uniform


@dataclass(frozen=True)
class Machine:
    """A machine with data.

    Attributes
    ----------
    hidden : int
        Hidden units.
    features : tensor (2^(visible + hidden), p)
        phi of every state, the hidden units' varying fastest.
    data : tensor (replicates, 2^visible)
        Share of each visible state among the data.
    """

    hidden: int
    features: torch.Tensor
    data: torch.Tensor

    def law(self, theta: torch.Tensor) -> torch.Tensor:
        """The law of all states, (replicates, states), under theta (replicates, p)."""
        return torch.softmax(theta @ self.features.T, 1)

    def completed(self, theta: torch.Tensor) -> torch.Tensor:
        """The law of all states when visible units are data's and hidden ones follow them."""
        scores = (theta @ self.features.T).unflatten(1, (-1, 2**self.hidden))
        return (self.data[:, :, None] * torch.softmax(scores, 2)).flatten(1)

    def moments(self, law: torch.Tensor) -> torch.Tensor:
        """Mean of phi, (replicates, p)."""
        return law @ self.features

    def slope(self, theta: torch.Tensor) -> torch.Tensor:
        """Gradient of f = g - h, the negative log-likelihood a datum."""
        return self.moments(self.law(theta)) - self.moments(self.completed(theta))


def states(units: int, device: torch.device) -> torch.Tensor:
    """All states of so many units, (2^units, units), the last unit varying fastest."""
    places = torch.arange(units - 1, -1, -1, device=device)
    return ((torch.arange(2**units, device=device)[:, None] >> places) & 1).double()


def taught(
    visible: int, hidden: int, data: int, scale: float, replicates: int, rng: torch.Generator
) -> Machine:
    """Machines with data of teachers, whose parameters are normal of deviation ``scale``."""
    v = states(visible, rng.device).repeat_interleave(2**hidden, 0)
    h = states(hidden, rng.device).repeat(2**visible, 1)
    features = torch.cat([v, h, (v[:, :, None] * h[:, None]).flatten(1)], 1)
    teacher = scale * normal(replicates, features.shape[1], rng=rng)
    law = torch.softmax(teacher @ features.T, 1).unflatten(1, (-1, 2**hidden)).sum(2)
    drawn = sampled(law, uniform(replicates, data, rng=rng))
    shares = torch.zeros_like(law).scatter_add_(1, drawn, torch.ones_like(drawn, dtype=law.dtype))
    return Machine(hidden, features, shares / data)


def sampled(law: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """States drawn from laws (replicates, states) by uniform numbers (replicates, m)."""
    steps = law.cumsum(1)
    return torch.searchsorted(steps, at * steps[:, -1:]).clamp_max(law.shape[1] - 1)
