"""Least squares over a tensor Fourier series in inputs that the data select.

What the proof of Okumoto and Suzuki (ICLR 2022) has a convolutional network do: extract the inputs
that matter, one after the other, then approximate by the modes psi_l of `mixed_smooth` up to a
weight. All risks are exact, by Parseval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ratecheck.lab.targets.mixed_smooth import Smoothness, Target, features, key

LOOKED_AT = 3  # frequencies of an input by which it is found


@dataclass(frozen=True)
class Series:
    """The modes up to a weight, in places that are searched for or are the first ones.

    Attributes
    ----------
    smoothness : Smoothness
        What the method is told.
    highest : float
        Largest weight of a mode.
    """

    smoothness: Smoothness
    highest: float
    search: bool = True

    def risk(self, x: Tensor, y: Tensor, target: Target) -> Tensor:
        """Squared L2 error of the fit to data (R, n, D), (R, n), of shape (R,)."""
        modes = self.smoothness.modes(self.highest)[0].to(x.device)
        modes = modes[~modes[:, x.shape[2] :].any(1)]
        modes = modes[:, : max(1, int(modes.any(0).sum()))]  # the inputs that have a mode
        risks = []
        for row, (points, labels) in enumerate(zip(x, y, strict=True)):
            places = self._places(points, labels, modes)
            fitted = _least_squares(points[:, places], labels, modes).tolist()
            truth = target.expansion(row)
            risk = sum(value**2 for value in truth.values())
            for index, value in zip(modes.tolist(), fitted, strict=True):
                risk += value * (value - 2 * truth.get(key(index, places), 0.0))
            risks.append(risk)
        return x.new_tensor(risks)

    def _places(self, x: Tensor, y: Tensor, modes: Tensor) -> list[int]:
        """The places of the inputs: each has most of what the earlier ones leave unexplained."""
        inputs = modes.shape[1]
        if not self.search:
            return list(range(inputs))
        found: list[int] = []
        rest, all_waves = y - y.mean(), waves(x, LOOKED_AT)
        for i in range(inputs):
            most = min(LOOKED_AT, int(modes[:, i].abs().max()))
            energy = energies(all_waves[:most], rest)
            energy[found] = -1.0
            found.append(int(energy.argmax()))
            if i + 1 < inputs:
                known = modes[(modes[:, i + 1 :] == 0).all(1)][:, : i + 1]
                chosen = x[:, found]
                rest = y - features(chosen, known) @ _least_squares(chosen, y, known)
        return found


def waves(x: Tensor, most: int) -> Tensor:
    """exp(2 pi i k x) for frequencies k = 1, ..., ``most`` of inputs (n, D): (most, n, D)."""
    first = torch.polar(torch.ones_like(x), 2 * math.pi * x)
    return torch.stack([first**k for k in range(1, most + 1)])


def energies(waves: Tensor, y: Tensor) -> Tensor:
    """Energy of y (n,) in all given waves (frequencies, n, D) of each input, of shape (D,)."""
    found = torch.view_as_real(y.to(waves.dtype) @ waves / len(y))
    return 2 * found.square().sum((0, 2))


def _least_squares(x: Tensor, y: Tensor, modes: Tensor) -> Tensor:
    columns = features(x, modes)
    solution: Tensor = torch.linalg.solve(columns.mT @ columns, columns.mT @ y)
    return solution
