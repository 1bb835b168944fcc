"""Score networks for a density on [-1, 1], many at once, trained by denoising score matching.

s(x, t) = score of the diffused uniform law on [-1, 1] + network(features of x and t): the class
knows the support, as the theorem's does. The objective is the empirical risk with t log-uniform on
[T_low, T_high] and weight sig^2. The conditional mean of the denoising target given x and t is the
score of the diffused data, so that regressing on it, at nodes weighted by its density, minimises
the same objective without noise in the target.

Forward and backward passes are written out (a few matrix products over all replicates at once), and
Adam sees one flat tensor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from ratecheck.lab.diffusion.cells import centres
from ratecheck.lab.networks import training

LEVELS = 48
LEVELS_A_STEP = 8
FEWEST_POINTS = 65
SPACING = 1.75
REACH = 4.0
CELLS = 4096
CHECK_EVERY = 50
DECAY = 0.01


@dataclass(frozen=True)
class Design:
    """Shape of a network: width and number of hidden layers, octaves of frequencies in x."""

    width: int = 48
    layers: int = 3
    octaves: int = 4

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Fan-in and fan-out of each layer."""
        inputs = 4 + 2 * self.octaves
        widths = [inputs, *[self.width] * self.layers, 1]
        return list(pairwise(widths))


@dataclass(frozen=True)
class Network:
    """Trained networks: one flat tensor of parameters a replicate, shape (R, parameters)."""

    design: Design
    parameters: Tensor

    def score(self, x: Tensor, t: float) -> Tensor:
        """The score at points x of shape (points,) and a time: shape (R, points)."""
        x = x.to(self.parameters.device)
        at = torch.full_like(x, t)
        inputs = features(x, at, self.design.octaves).float()
        layers = unflatten(self.parameters, self.design)
        return forward(inputs, layers)[0].double() + uniform_score(x, at)


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes of the risk, level after level: flat tensors of one length.

    Attributes
    ----------
    x, t, weight : Tensors of shape (nodes,)
        Positions, times, and sig^2 times the spacing in x over the number of levels.
    level : Tensor of shape (nodes,)
    """

    x: Tensor
    t: Tensor
    weight: Tensor
    level: Tensor


def scale(t: Tensor) -> tuple[Tensor, Tensor]:
    """m and sig of the forward process."""
    return torch.exp(-t), torch.sqrt(-torch.expm1(-2 * t))


def uniform_score(x: Tensor, t: Tensor) -> Tensor:
    """Score of the uniform law on [-1, 1] diffused to time t."""
    m, sd = scale(t)
    z = x.abs()  # the score is odd; on this side only one tail can underflow
    near, far = (z - m) / sd, (z + m) / sd
    # p(x) is proportional to Phi(far) - Phi(near) = Q(near) - Q(far), each with exp(-near^2/2) out
    root = math.sqrt(2)
    scaled = torch.special.erfcx(near.clamp(min=0) / root)
    gap = torch.exp(-0.5 * (far**2 - near**2))
    tail = scaled - gap * torch.special.erfcx(far / root)
    bulk = torch.special.ndtr(far) - torch.special.ndtr(near)
    bell = math.sqrt(2 / math.pi)
    outside = bell * (gap - 1) / tail.clamp(min=1e-300)
    inside = (torch.exp(-0.5 * far**2) - torch.exp(-0.5 * near**2)) / (
        math.sqrt(2 * math.pi) * bulk.clamp(min=1e-300)
    )
    return torch.sign(x) * torch.where(near > 0, outside, inside) / sd


def features(x: Tensor, t: Tensor, octaves: int) -> Tensor:
    """x, log sig, x/m kept within +-1.5, sig, cos and sin of pi k x for k = 1, 2, 4, ...."""
    m, sd = scale(t)
    columns = [x, sd.log() / 3, (x / m).clamp(-1.5, 1.5), sd]
    for octave in range(octaves):
        angle = math.pi * 2**octave * x
        columns += [angle.cos(), angle.sin()]
    return torch.stack(columns, -1)


def nodes(t_low: float, t_high: float, device: torch.device) -> Nodes:
    """Times in a constant ratio; at each, equal steps of 1.75 sig or less up to m + 4 sig.

    Such steps integrate a Gaussian of standard deviation sig to 2e-3, wherever it is centred.
    """
    shape: dict[str, Any] = {"dtype": torch.float64, "device": device}
    columns: list[list[Tensor]] = [[], [], [], []]
    ratio = (t_high / t_low) ** (1 / LEVELS)
    for level in range(LEVELS):
        t = t_low * ratio ** (level + 0.5)
        m, sd = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
        edge = m + REACH * sd
        points = max(FEWEST_POINTS, math.ceil(2 * edge / (SPACING * sd)) + 1)
        x = torch.linspace(-edge, edge, points, **shape)
        columns[0].append(x)
        columns[1].append(torch.full_like(x, t))
        columns[2].append(torch.full_like(x, sd**2 * 2 * edge / (points - 1) / LEVELS))
        columns[3].append(torch.full((points,), level, device=device))
    return Nodes(*(torch.cat(column) for column in columns))


def empirical_score(counts: Tensor, at: Nodes) -> tuple[Tensor, Tensor]:
    """Density of the diffused data and its score at the nodes, each of shape (R, nodes).

    ``counts`` of shape (R, cells): data sit at the centres of at most 4096 cells.
    """
    grouped = counts
    if counts.shape[1] > CELLS and counts.shape[1] % CELLS == 0:
        grouped = counts.reshape(len(counts), CELLS, -1).sum(2)
    share = grouped / grouped.sum(1, keepdim=True)
    places = centres(grouped.shape[1], counts.device)
    densities, scores = [], []
    for level in range(int(at.level[-1]) + 1):
        here = at.level == level
        x, t = at.x[here], at.t[here][0]
        m, sd = scale(t)
        z = (x - m * places[:, None]) / sd
        bell = torch.exp((-0.5 * z * z).clamp(min=-80.0))
        density = share @ bell
        scores.append(-(share @ (bell * z)) / (density * sd))
        densities.append(density / (sd * math.sqrt(2 * math.pi)))
    return torch.cat(densities, 1), torch.cat(scores, 1)


def unflatten(flat: Tensor, design: Design) -> list[tuple[Tensor, Tensor]]:
    """Views of weights (R, in, out) and biases (R, 1, out) of each layer."""
    views, start = [], 0
    for a, b in design.sizes:
        weight = flat[:, start : start + a * b].view(-1, a, b)
        bias = flat[:, start + a * b : start + a * b + b].view(-1, 1, b)
        views.append((weight, bias))
        start += a * b + b
    return views


def initial_parameters(design: Design, *, replicates: int, rng: torch.Generator) -> Tensor:
    """Weights N(0, 1/fan-in), biases 0, an outer layer of 0: the network starts at 0."""
    count = sum(a * b + b for a, b in design.sizes)
    flat = torch.zeros(replicates, count, device=rng.device)
    for weight, _ in unflatten(flat, design)[:-1]:
        draws = torch.randn(weight.shape, generator=rng, device=rng.device)
        weight.copy_(draws / weight.shape[1] ** 0.5)
    return flat


Cache = list[tuple[Tensor, Tensor]]


def forward(inputs: Tensor, layers: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Cache]:
    """Output (R, nodes) at inputs (nodes, features), and what the backward pass needs.

    Hidden layers are z sigmoid(z); the cache holds each layer's output and its sigmoid.
    """
    hidden = inputs.expand(len(layers[0][0]), *inputs.shape)
    cache: Cache = []
    for weight, bias in layers[:-1]:
        z = torch.baddbmm(bias, hidden, weight)
        gate = torch.sigmoid(z)
        hidden = z.mul_(gate)
        cache.append((hidden, gate))
    weight, bias = layers[-1]
    return torch.baddbmm(bias, hidden, weight)[..., 0], cache


def backward(
    inputs: Tensor,
    layers: Sequence[tuple[Tensor, Tensor]],
    cache: Cache,
    slope: Tensor,
    gradient: Sequence[tuple[Tensor, Tensor]],
) -> None:
    """Write the gradient of each layer, given the loss's ``slope`` (R, nodes) in the output.

    The cache is used up.
    """
    delta = slope[..., None]
    for index in range(len(layers) - 1, -1, -1):
        into_weight, into_bias = gradient[index]
        below = cache[index - 1][0] if index else inputs.expand(len(delta), *inputs.shape)
        into_weight.copy_(torch.bmm(below.mT, delta))
        torch.sum(delta, 1, keepdim=True, out=into_bias)
        if index:
            delta = torch.bmm(delta, layers[index][0].mT)
            hidden, gate = cache[index - 1]
            # d z sigmoid(z) = gate + hidden (1 - gate)
            delta *= torch.addcmul(gate + hidden, hidden, gate, value=-1)


def train(
    fitted: Tensor,
    held_out: Tensor,
    t_low: float,
    t_high: float,
    design: Design,
    *,
    steps: int,
    rate: float = 3e-3,
    rng: torch.Generator,
) -> Network:
    """Train one network a replicate and keep, for each, its parameters of least held-out risk.

    AdamW with a cosine schedule; a step takes every sixth of 48 levels of t in turn, and all nodes
    at them. The held-out risk is looked at every 50 steps.

    Parameters
    ----------
    fitted, held_out : Tensors of shape (R, cells)
        Numbers of data.
    t_low, t_high : float
    design : Design
    steps, rate : int, float
        Length of training and first learning rate.
    """
    at = nodes(t_low, t_high, fitted.device)
    base = uniform_score(at.x, at.t)
    inputs = features(at.x, at.t, design.octaves).float()
    density, score = empirical_score(fitted, at)
    weight, target = (at.weight * density).float(), (score - base).float()
    density, score = empirical_score(held_out, at)
    held_weight, held_target = (at.weight * density).float(), (score - base).float()
    groups = LEVELS // LEVELS_A_STEP
    parts = []
    for group in range(groups):
        here = (at.level % groups == group).nonzero()[:, 0]
        parts.append((inputs[here], 2 * groups * weight[:, here], target[:, here].contiguous()))

    flat = initial_parameters(design, replicates=len(fitted), rng=rng)
    flat.grad = slope = torch.zeros_like(flat)
    layers, slopes = unflatten(flat, design), unflatten(slope, design)
    best = training.Best([flat])

    def gradient(step: int) -> None:
        x, w, y = parts[step % groups]
        out, cache = forward(x, layers)
        backward(x, layers, cache, out.sub_(y).mul_(w), slopes)

    def look(step: int) -> None:
        if (step + 1) % CHECK_EVERY == 0 or step == steps - 1:
            out = forward(inputs, layers)[0]
            # |s|^2 - 2 s . target: the risk less what does not depend on the network
            best.offer((held_weight * out * (out - 2 * held_target)).sum(1))

    training.train([flat], gradient, steps=steps, rate=rate, decay=DECAY, after=look)
    return Network(design, best.parameters[0])
