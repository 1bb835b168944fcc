"""Which frequencies a two-layer ReLU network on the circle learns first.

The network of `tangent`, g = M^(-1/2) sum_j a_j relu(b_j . x), x = (cos t, sin t, 1)/sqrt(2), is
trained by gradient descent on the mean squared error at equispaced angles. What is watched is the
error's share of each cosine. Time is steps x step, that of the gradient flow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.draws import uniform
from ratecheck.lab.networks.tangent import initial_network

ANGLES = 64
# Below 2 over the largest eigenvalue of the tangent kernel: 0.306, and 0.106 of the outer layer's.
STEPS = {True: 5.0, False: 15.0}


@dataclass(frozen=True, eq=False)
class Waves:
    """Targets sum_k scale cos(k t - phase_k), every frequency as large as the others.

    Attributes
    ----------
    frequencies : sequence of int
        Below ANGLES/2.
    scale : float
        Small targets keep networks near their tangent model.
    phases : Tensor of shape (R, frequencies)
    """

    frequencies: Sequence[int]
    scale: float
    phases: Tensor

    @classmethod
    def draw(
        cls, frequencies: Sequence[int], scale: float, *, replicates: int, rng: torch.Generator
    ) -> Waves:
        """Phases uniform on the circle."""
        phases = 2 * math.pi * uniform(replicates, len(frequencies), rng=rng)
        return cls(frequencies, scale, phases)

    @property
    def angles(self) -> Tensor:
        """Where the labels are, shape (ANGLES,)."""
        grid = torch.arange(ANGLES, dtype=torch.float64, device=self.phases.device)
        return 2 * math.pi * grid / ANGLES

    def basis(self) -> Tensor:
        """The cosines at the angles, (R, frequencies, ANGLES)."""
        k = torch.tensor(self.frequencies, dtype=torch.float64, device=self.phases.device)
        return (k[:, None] * self.angles - self.phases[..., None]).cos()

    def labels(self) -> Tensor:
        """Values at the angles, (R, ANGLES)."""
        return self.scale * self.basis().sum(1)

    def left(self, off: Tensor) -> Tensor:
        """Shares of the cosines that are left in errors label - network: (R, frequencies)."""
        return (self.basis() @ off[..., None])[..., 0] * (2 / (ANGLES * self.scale))


class Descent:
    """Networks of one width that are trained together.

    Attributes
    ----------
    off : Tensor of shape (R, ANGLES)
        Label minus network.
    time : float
    """

    def __init__(
        self, waves: Waves, width: int, *, inner: bool = True, rng: torch.Generator
    ) -> None:
        self._inner, self._outer = initial_network(width, replicates=len(waves.phases), rng=rng)
        t = waves.angles
        self._x = torch.stack([t.cos(), t.sin(), torch.ones_like(t)], 1) / math.sqrt(2)
        self._labels, self._train_inner = waves.labels(), inner
        self._scale, self.time, self.longest = width**-0.5, 0.0, STEPS[inner]
        self._see()

    def _see(self) -> None:
        hidden = (self._inner @ self._x.mT).relu_()
        self.off = self._labels - self._scale * (self._outer[:, None] @ hidden)[:, 0]
        self._active = hidden.sign_()  # 1 where a neuron is active, else 0

    def step(self, length: float) -> None:
        """One step on half of the mean squared error."""
        pull = self.off[..., None] * (length * self._scale / ANGLES) * self._x
        toward = self._active @ pull  # (R, M, 3); relu(b.x) is b.x where it is active
        change = (self._inner * toward).sum(-1)
        if self._train_inner:
            self._inner = self._inner + self._outer[..., None] * toward
        self._outer = self._outer + change
        self.time += length
        self._see()


def shares_at(descent: Descent, waves: Waves, times: Sequence[float]) -> Tensor:
    """What is left of every cosine at increasing times, (R, times, frequencies).

    The last step before each time is as short as it takes to end there.
    """
    seen = []
    for time in times:
        while descent.time < time:
            descent.step(min(descent.longest, time - descent.time))
        seen.append(waves.left(descent.off))
    return torch.stack(seen, 1)


def half_times(descent: Descent, waves: Waves, which: int, most: float) -> Tensor:
    """When half of the cosine of index ``which`` is left, (R,); ``most`` where that takes longer.

    By linear interpolation between the steps at which it is first below a half.
    """
    before = waves.left(descent.off)[:, which]
    found = torch.full_like(before, most)
    open_ = torch.ones_like(found, dtype=torch.bool)
    while descent.time < most and open_.any():
        start = descent.time
        descent.step(descent.longest)
        now = waves.left(descent.off)[:, which]
        crossed = open_ & (now <= 0.5)
        found = torch.where(
            crossed, start + (before - 0.5) / (before - now) * descent.longest, found
        )
        open_, before = open_ & ~crossed, now
    return found
