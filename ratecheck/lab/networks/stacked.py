"""Regression by many independent ReLU networks at once.

Every replicate has its own data and its own network; replicates never mix. A network is trained by
minibatch Adam with a cosine schedule on part of its data; the rest chooses the snapshot and, among
restarts, the network.

Forward and backward pass are written out over stacked matrices, all parameters in one flat tensor
that Adam updates in one call: at these sizes that beats autograd, and a loop over replicates by
far (see the benches).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from ratecheck.lab.networks import training

SNAPSHOTS = 32
# Activations of one chunk of networks: they should stay in cache on a CPU, and fill a GPU.
ACTIVATION_BYTES = {"cpu": 2**24, "cuda": 2**32}


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained.

    Attributes
    ----------
    hidden : sequence of int
        Hidden widths.
    steps : int
        Steps of Adam.
    rate : float
        First learning rate, which falls along half a cosine (`training.cosine_rate`).
    batch : int
        Size of a minibatch, drawn with replacement.
    restarts : int
        Networks trained a replicate, of which the held-out data choose one.
    slope : float
        Length of the first layer's weights (see `initialise`).
    held_out : float
        Share of the data (the last ones) that is not trained on.
    decays : sequence of float
        Penalties on the squares of all weights, added to the mean squared error; the restarts are
        repeated with each, and the held-out data choose among all.
    """

    hidden: Sequence[int]
    steps: int
    rate: float = 2e-3
    batch: int = 256
    restarts: int = 2
    slope: float = 4.0
    held_out: float = 0.25
    decays: Sequence[float] = (0.0,)


@dataclass(frozen=True)
class Networks:
    """A stack of ReLU networks of one shape, with one output each.

    Attributes
    ----------
    flat : Tensor
        Every parameter, layer by layer: the weights (N, inputs, outputs) of all networks, then
        their biases (N, 1, outputs).
    count : int
        N.
    sizes : tuple of int
        Inputs, hidden widths, 1.
    """

    flat: Tensor
    count: int
    sizes: tuple[int, ...]

    @property
    def layers(self) -> list[tuple[Tensor, Tensor]]:
        """Weights and biases of each layer, as views."""
        return _views(self.flat, self.count, self.sizes)

    def __call__(self, x: Tensor) -> Tensor:
        """Values at shared points (m, d) or at points of each network's own (N, m, d): (N, m)."""
        if x.ndim == 2:
            x = x.expand(self.count, -1, -1)
        x = x.to(self.flat.dtype)
        per_point = 2 * max(self.sizes) * self.flat.element_size()
        budget = _budget(self.flat) // per_point
        rows = max(1, budget // x.shape[1])
        pieces = []
        for start in range(0, self.count, rows):
            layers = [(w[start : start + rows], b[start : start + rows]) for w, b in self.layers]
            parts = x[start : start + rows].split(max(1, min(budget, x.shape[1])), dim=1)
            pieces.append(torch.cat([_value(layers, part) for part in parts], 1))
        return torch.cat(pieces)

    def pick(self, index: Tensor) -> Networks:
        """The networks of the given indices."""
        flat = torch.cat([part[index].flatten() for layer in self.layers for part in layer])
        return Networks(flat, len(index), self.sizes)


def initialise(x: Tensor, hidden: Sequence[int], slope: float, rng: torch.Generator) -> Networks:
    """Random networks whose first layer has its kinks where the data are.

    A first-layer weight has a random direction and length ``slope``; its kink runs through an
    input drawn from the network's own data. (He's initialisation puts the kinks around the origin
    of the coordinates, which leaves most of the domain without any.) The other weights are He's,
    N(0, 2 / fan-in), those of the second layer divided by ``slope``; the other biases are 0.

    Parameters
    ----------
    x : Tensor of shape (N, n, d)
        Inputs of each network; their type and device are those of the parameters.
    """
    count, data, inputs = x.shape
    sizes = (inputs, *hidden, 1)
    flat = x.new_zeros(sum(count * (a + 1) * b for a, b in pairwise(sizes)))
    for index, (weights, biases) in enumerate(_views(flat, count, sizes)):
        weights.normal_(generator=rng)
        if index == 0:
            weights.mul_(slope / weights.norm(dim=1, keepdim=True))
            chosen = torch.randint(data, (count, sizes[1]), generator=rng, device=x.device)
            through = x.gather(1, chosen[..., None].expand(-1, -1, inputs))
            biases.copy_(-(through * weights.mT).sum(-1)[:, None])
        else:
            weights.mul_(math.sqrt(2 / sizes[index]) / (slope if index == 1 else 1.0))
    return Networks(flat, count, sizes)


def fit(x: Tensor, y: Tensor, recipe: Recipe, *, rng: torch.Generator) -> Networks:
    """Train one network a replicate and return the best on its held-out data.

    Parameters
    ----------
    x, y : Tensors of shape (R, n, d) and (R, n)
        Independent data in random order.
    recipe : Recipe
    rng : torch.Generator

    Returns
    -------
    Networks
        R networks in single precision.
    """
    x, y = x.float(), y.float()
    restarts = recipe.restarts * len(recipe.decays)
    per_network = 2 * recipe.batch * (x.shape[2] + sum(recipe.hidden) + 1) * 4
    rows = max(1, _budget(x) // (per_network * restarts))
    chosen = []
    for start in range(0, len(x), rows):
        mine, labels = x[start : start + rows], y[start : start + rows]
        networks = initialise(mine.repeat_interleave(restarts, 0), recipe.hidden, recipe.slope, rng)
        decay = x.new_tensor(recipe.decays).repeat(len(mine) * recipe.restarts)
        trained, loss = train(networks, mine, labels, recipe, decay, rng=rng)
        best = loss.view(-1, restarts).argmin(1)
        chosen.append(trained.pick(best + restarts * torch.arange(len(mine), device=x.device)))
    if len(chosen) == 1:
        return chosen[0]
    layers = zip(*(networks.layers for networks in chosen), strict=True)
    parts = [torch.cat([layer[k] for layer in same]) for same in layers for k in (0, 1)]
    return Networks(torch.cat([p.flatten() for p in parts]), len(x), chosen[0].sizes)


def train(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    recipe: Recipe,
    decay: Tensor | None = None,
    *,
    rng: torch.Generator,
) -> tuple[Networks, Tensor]:
    """Train a stack of networks; each network's best snapshot and its held-out loss.

    The loss is the mean square. Snapshots are taken `SNAPSHOTS` times, the last one at the end.

    Parameters
    ----------
    networks : Networks
        N = R times k networks: k neighbours share the data of one replicate.
    x, y : Tensors of shape (R, n, d) and (R, n)
        Data, in the type and on the device of the parameters.
    decay : Tensor of shape (N,), optional
        Penalty of each network on the squares of its weights (not of its biases).

    Returns
    -------
    Networks
    Tensor of shape (N,)
    """
    replicates, data, inputs = x.shape
    count = networks.count
    share = count // replicates
    fitted = data - max(1, round(recipe.held_out * data))
    x_check = x[:, fitted:].repeat_interleave(share, 0)
    y_check = y[:, fitted:].repeat_interleave(share, 0)
    pool_x, pool_y = x.reshape(-1, inputs), y.reshape(-1, 1)
    offset = (torch.arange(replicates, device=x.device) * data).repeat_interleave(share)[:, None]

    flat = networks.flat.clone()
    flat.grad = slope = torch.zeros_like(flat)
    here = replace(networks, flat=flat)
    step = _Step(here, slope, recipe.batch)
    shrink = _shrink(here, decay)
    best = training.Best([part for layer in here.layers for part in layer])
    index = torch.empty(count, recipe.batch, dtype=torch.int64, device=x.device)
    every = max(1, recipe.steps // SNAPSHOTS)

    def gradient(_: int) -> None:
        torch.randint(fitted, index.shape, generator=rng, out=index)
        rows = index.add_(offset).view(-1)
        step(pool_x.index_select(0, rows), pool_y.index_select(0, rows))
        if shrink is not None:
            slope.addcmul_(shrink, flat)

    def look(number: int) -> None:
        if (recipe.steps - 1 - number) % every == 0:
            best.offer((here(x_check) - y_check).square().mean(1))

    training.train([flat], gradient, steps=recipe.steps, rate=recipe.rate, after=look)
    return replace(networks, flat=torch.cat([p.flatten() for p in best.parameters])), best.loss


def _shrink(networks: Networks, decay: Tensor | None) -> Tensor | None:
    """What the penalties add to the gradient, for each parameter as a multiple of itself."""
    if decay is None or not bool(decay.any()):
        return None
    shrink = torch.zeros_like(networks.flat)
    for weights, _ in replace(networks, flat=shrink).layers:
        weights.copy_(2 * decay[:, None, None].expand_as(weights))
    return shrink


class _Step:
    """Gradient of the mean squared error on one minibatch a network, with all buffers kept."""

    def __init__(self, networks: Networks, gradient: Tensor, batch: int) -> None:
        self._layers = networks.layers
        self._gradients = _views(gradient, networks.count, networks.sizes)
        self._shape = (networks.count, batch)
        new = networks.flat.new_empty
        self._values = [new(networks.count, batch, width) for width in networks.sizes[1:]]
        self._slopes = [new(networks.count, batch, width) for width in networks.sizes[1:]]

    def __call__(self, x: Tensor, y: Tensor) -> None:
        below = x.view(*self._shape, -1)
        inputs = [below]
        for (weights, biases), values in zip(self._layers, self._values, strict=True):
            if below.shape[2] == 1:  # products of rank one: elementwise is faster than bmm
                torch.addcmul(biases, below, weights, out=values)
            else:
                torch.baddbmm(biases, below, weights, out=values)
            if values is not self._values[-1]:
                values.relu_()
            below = values
            inputs.append(values)
        slope = self._slopes[-1]
        torch.sub(below, y.view(*self._shape, 1), out=slope).mul_(2 / self._shape[1])
        for index in range(len(self._layers) - 1, -1, -1):
            weights, _ = self._layers[index]
            to_weights, to_biases = self._gradients[index]
            torch.bmm(inputs[index].mT, slope, out=to_weights)
            torch.sum(slope, 1, keepdim=True, out=to_biases)
            if index:
                lower = self._slopes[index - 1]
                if slope.shape[2] == 1:
                    torch.mul(slope, weights.mT, out=lower)
                else:
                    torch.bmm(slope, weights.mT, out=lower)
                torch.ops.aten.threshold_backward(lower, inputs[index], 0.0, grad_input=lower)
                slope = lower


def _value(layers: Sequence[tuple[Tensor, Tensor]], x: Tensor) -> Tensor:
    """Values at points (N, m, d) of each network's own, (N, m)."""
    for index, (weights, biases) in enumerate(layers):
        if index:
            x = x.relu_()
        x = torch.baddbmm(biases, x, weights)
    return x[..., 0]


def _views(flat: Tensor, count: int, sizes: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
    """Weights (N, a, b) and biases (N, 1, b) of each layer inside the flat tensor."""
    layers, start = [], 0
    for a, b in pairwise(sizes):
        middle, end = start + count * a * b, start + count * (a + 1) * b
        layers.append((flat[start:middle].view(count, a, b), flat[middle:end].view(count, 1, b)))
        start = end
    return layers


def _budget(tensor: Tensor) -> int:
    """Bytes of activations that one chunk may take on the tensor's device."""
    return ACTIVATION_BYTES.get(tensor.device.type, ACTIVATION_BYTES["cuda"])
