"""The stochastic algorithm for a difference of convex functions g - h, on a Boltzmann machine.

Nitanda & Suzuki, AISTATS 2017 (PMLR 54:470-478): h is replaced by its tangent at the iterate, whose
slope v is estimated from a batch, and the strongly convex rest g(x) - <v, x> + |x - theta|^2 / (2
gamma) is minimised approximately by stochastic steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ratecheck.lab.boltzmann.machine import Machine, sampled
from ratecheck.lab.draws import uniform

NEWTON = 8  # steps to the inner minimiser: its slope is below 1e-10 after six
SLACK = 0.25  # decrement below which a Newton step is taken whole


@dataclass(frozen=True)
class Method:
    """What one outer iteration spends, and what may be wrong with it.

    Attributes
    ----------
    batch : int
        Draws for the slope of h; 0 for its exact value.
    inner : int
        Stochastic steps of the inner problem; 0 for its minimiser.
    gamma : float
        Proximal step.
    heat : float
        Temperature at which the model is sampled for the slope of g; 1 is right.
    alike : bool
        All draws of a batch are one.
    settling : bool
        Inner steps shrink and are averaged (Lacoste-Julien, Schmidt & Bach, arXiv:1212.2002,
        Section 3.2); else they are constant, and the last one counts.
    """

    batch: int
    inner: int
    gamma: float = 1.0
    heat: float = 1.0
    alike: bool = False
    settling: bool = True


def stationarity(
    machine: Machine, start: torch.Tensor, iterations: int, method: Method, rng: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean of |grad f|^2 over all iterates, and over those of the second half; (replicates,)."""
    theta, sizes = start, []
    for _ in range(iterations):
        sizes.append(machine.slope(theta).square().sum(1))
        tangent = _tangent(machine, theta, method, rng)
        theta = (
            _descended(machine, theta, tangent, method, rng)
            if method.inner
            else proximal(machine, theta, tangent, method.gamma, method.heat)
        )
    path = torch.stack(sizes)
    return path.mean(0), path[iterations // 2 :].mean(0)


def _tangent(
    machine: Machine, theta: torch.Tensor, method: Method, rng: torch.Generator
) -> torch.Tensor:
    """The slope of h, exact or from a batch."""
    law = machine.completed(theta)
    if not method.batch:
        return machine.moments(law)
    shape = (len(theta), 1 if method.alike else method.batch)
    return machine.features[sampled(law, uniform(*shape, rng=rng))].mean(1)


def _descended(
    machine: Machine,
    anchor: torch.Tensor,
    tangent: torch.Tensor,
    method: Method,
    rng: torch.Generator,
) -> torch.Tensor:
    """Where stochastic steps on g - <tangent, .> + |. - anchor|^2 / (2 gamma) lead."""
    x, mean = anchor, torch.zeros_like(anchor)
    for k, u in enumerate(uniform(method.inner, len(anchor), 1, rng=rng), start=1):
        drawn = machine.features[sampled(machine.law(x / method.heat), u)[:, 0]]
        step = method.gamma * (2 / (k + 1) if method.settling else 0.25)
        x = x - step * (drawn - tangent + (x - anchor) / method.gamma)
        mean = mean + k * x
    return mean * (2 / (method.inner * (method.inner + 1))) if method.settling else x


def proximal(
    machine: Machine, anchor: torch.Tensor, tangent: torch.Tensor, gamma: float, heat: float = 1
) -> torch.Tensor:
    """The inner problem's minimiser, (replicates, p), by damped Newton steps."""
    x = anchor
    eye = torch.eye(x.shape[1], device=x.device, dtype=x.dtype) / gamma
    for _ in range(NEWTON):
        law = machine.law(x / heat)
        mean = machine.moments(law)
        slope = mean - tangent + (x - anchor) / gamma
        second = machine.features.T @ (law[:, :, None] * machine.features)
        hessian = (second - mean[:, :, None] * mean[:, None]) / heat + eye
        step = torch.linalg.solve(hessian, slope)
        decrement = (slope * step).sum(1, keepdim=True).sqrt()
        x = x - step * torch.where(decrement < SLACK, 1.0, 1 / (1 + decrement))
    return x
