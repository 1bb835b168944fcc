"""Regression by many independent ReLU networks at once.

Every replicate has its own data and its own network; replicates never mix. A network is trained by
minibatch Adam with a cosine schedule on part of its data; the rest chooses the snapshot and, among
restarts, the network.

Forward and backward pass are written out. On a processor one network after another is trained in
its cache (`descent`); elsewhere they go over stacked matrices, all parameters in one flat tensor
that Adam updates in one call. Both beat autograd by far (see the benches).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from ratecheck.lab.networks import descent, training

SNAPSHOTS = 32
COMPILED = {"cpu"}  # devices on which steps are those of `descent`
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
    replicates, data, _ = x.shape
    count = networks.count
    share = count // replicates
    fitted = data - max(1, round(recipe.held_out * data))
    x_check = x[:, fitted:].repeat_interleave(share, 0)
    y_check = y[:, fitted:].repeat_interleave(share, 0)
    here = replace(networks, flat=networks.flat.clone())
    best = training.Best([part for layer in here.layers for part in layer])
    way = (_Compiled if x.device.type in COMPILED else _Stacked)(here, x, y, recipe.batch, decay)
    every = max(1, recipe.steps // SNAPSHOTS)
    done = 0
    for until in range(1 + (recipe.steps - 1) % every, recipe.steps + 1, every):
        shape = until - done, count, recipe.batch
        rows = torch.randint(fitted, shape, generator=rng, device=x.device)
        rates = [
            training.cosine_rate(step, recipe.steps, recipe.rate) for step in range(done, until)
        ]
        way.steps(rows, rates)
        best.offer((here(x_check) - y_check).square().mean(1))
        done = until
    return replace(networks, flat=torch.cat([p.flatten() for p in best.parameters])), best.loss


class _Compiled:
    """One network after another, each in cache: `descent`."""

    def __init__(
        self, networks: Networks, x: Tensor, y: Tensor, batch: int, decay: Tensor | None
    ) -> None:
        parts = [part.reshape(networks.count, -1) for pair in networks.layers for part in pair]
        penalty = x.new_zeros(networks.count) if decay is None else decay.to(x.dtype)
        rows, *rest = (each.contiguous().numpy() for each in (torch.cat(parts, 1), x, y, penalty))
        self._networks = networks
        self._descent = descent.Descent(rows, networks.sizes, *rest)

    def steps(self, rows: Tensor, rates: Sequence[float]) -> None:
        self._descent.steps(rows.numpy(), rates)
        start = 0
        for part in (part for pair in self._networks.layers for part in pair):
            end = start + part[0].numel()
            part.copy_(torch.from_numpy(self._descent.parameters[:, start:end]).view_as(part))
            start = end


class _Stacked:
    """All networks at once, by stacked matrices in torch."""

    def __init__(
        self, networks: Networks, x: Tensor, y: Tensor, batch: int, decay: Tensor | None
    ) -> None:
        self._flat, (replicates, data, inputs) = networks.flat, x.shape
        self._flat.grad = self._slope = torch.zeros_like(self._flat)
        self._step = _Step(networks, self._slope, batch)
        self._shrink = _shrink(networks, decay)
        self._pool = x.reshape(-1, inputs), y.reshape(-1, 1)
        share = networks.count // replicates
        offset = torch.arange(replicates, device=x.device) * data
        self._offset = offset.repeat_interleave(share)[:, None]
        self._adam = torch.optim.AdamW([self._flat], weight_decay=0.0, fused=True)

    def steps(self, rows: Tensor, rates: Sequence[float]) -> None:
        for own, rate in zip(rows, rates, strict=True):
            chosen = own.add_(self._offset).view(-1)
            self._step(*(part.index_select(0, chosen) for part in self._pool))
            if self._shrink is not None:
                self._slope.addcmul_(self._shrink, self._flat)
            self._adam.param_groups[0]["lr"] = rate
            self._adam.step()


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
