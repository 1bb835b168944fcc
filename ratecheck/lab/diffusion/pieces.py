"""A sampler on the torus that switches between score models, one for each piece of time.

The forward process is dX = sqrt(2) dB, which ends at the uniform law. At time t the density is
smooth on the scale sqrt(t), so that later pieces need fewer waves. Where the score is that of a
known law q, diffused, the reverse kernel is Bayes' rule, and the sampler's law follows exactly
from one end of a piece to the other:

    rho_start = q_start heat_{end - start}(rho_end / q_end).
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from ratecheck.lab.diffusion import trigonometric
from ratecheck.lab.diffusion.torus import heated


def switched_law(
    data: Tensor, density: Tensor, radius: float, reach: float, t_low: float, t_high: float
) -> Tensor:
    """The law at T_low of the sampler that starts from the uniform law and switches.

    Pieces double from 2 / radius^2 on. One that starts at t has the waves of |k| below
    reach / sqrt(t), fitted to the data diffused to t; as long as this is more than the radius, the
    one model of all waves is used.

    Parameters
    ----------
    data, density : Tensors of shape (R, cells, ..., cells)
        Numbers of data, and the density of the waves of |k| < radius that was fitted to them.
    radius, reach : float
    t_low, t_high : float
        Where the reversed process stops, and where it starts.
    """
    dimension = data.dim() - 1
    law = torch.ones_like(density)
    for start, end in reversed(list(pairwise(switches(radius, reach, t_low, t_high)))):
        size = reach / math.sqrt(start)
        if size < 1:  # no wave at all: the uniform law, whose score is 0
            continue
        if start == t_low:
            model = heated(density, start)
        else:
            model = trigonometric.fitted(heated(data, start), trigonometric.waves(size, dimension))
        law = model * heated(law / heated(model, end - start), end - start)
    return law


def switches(radius: float, reach: float, t_low: float, t_high: float) -> list[float]:
    """Times between which one model is used: T_low, 2^j / radius^2 with fewer waves, T_high."""
    ends, t = [t_low], 2 / radius**2
    while t < t_high:
        if t > t_low and reach / math.sqrt(t) < radius:
            ends.append(t)
        t *= 2
    return [*ends, t_high]
