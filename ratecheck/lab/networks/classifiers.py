"""ReLU networks that classify small square images, dense or convolutional, many at once.

A layer looks at patches: its table names, for each of its positions, the positions below that it
sees. A dense layer has one position; a channel of a convolution is a node at many positions. Every
network has its own split of the images, and networks never mix. They are trained with the cross
entropy by `training`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ratecheck.lab import bundled
from ratecheck.lab.draws import normal
from ratecheck.lab.networks import training

GREY = 16.0  # the largest grey level of the digits


@dataclass(frozen=True, eq=False)
class Images:
    """Splits of one set of images, a different one for each network.

    Attributes
    ----------
    x : Tensor of shape (R, n, P)
        Grey levels between 0 and 1, of P pixels.
    y : Tensor of shape (R, n)
        Classes.
    held_out : tuple of Tensors
        The same of the images that are not trained on.
    """

    x: Tensor
    y: Tensor
    held_out: tuple[Tensor, Tensor]

    @classmethod
    def digits(cls, n: int, *, replicates: int, rng: torch.Generator) -> Images:
        """So many of the 1797 bundled digits to train on, the others held out."""
        x, y = bundled.bundled("digits", rng.device)
        order = torch.rand(replicates, len(x), generator=rng, device=rng.device).argsort(1)
        x = x.float() / GREY
        held_out = x[order[:, n:]], y[order[:, n:]]
        return cls(x[order[:, :n]], y[order[:, :n]], held_out)


@dataclass(frozen=True, eq=False)
class Layer:
    """What a layer sees and how many nodes it has.

    Attributes
    ----------
    table : Tensor of shape (positions, taps)
        Positions of the layer below; their number stands for what is outside of the image.
    inputs, outputs : int
        Nodes below, and of this layer.
    """

    table: Tensor
    inputs: int
    outputs: int

    def patches(self, x: Tensor) -> Tensor:
        """What is seen of values (R, B, positions below, inputs): (R, B positions, taps inputs)."""
        replicates, batch, below, inputs = x.shape
        positions, taps = self.table.shape
        if positions > 1:
            x = F.pad(x, (0, 0, 0, 1)).index_select(2, self.table.view(-1).to(x.device))
        elif taps != below:
            raise ValueError(f"a layer of {taps} taps sees {below} positions; they must be as many")
        return x.reshape(replicates, batch * positions, taps * inputs)


def dense(pixels: int, widths: Sequence[int], classes: int = 10) -> list[Layer]:
    """Fully connected layers of these hidden widths."""
    taps = [pixels] + [1] * len(widths)
    nodes = [1, *widths, classes]
    tables = [torch.arange(count)[None] for count in taps]
    return [Layer(*one) for one in zip(tables, nodes[:-1], nodes[1:], strict=True)]


def convolutional(
    side: int, channels: Sequence[int], classes: int = 10, *, size: int = 3, stride: int = 2
) -> list[Layer]:
    """Convolutions with these numbers of channels, padded, and a dense layer on what is left."""
    layers, below = [], 1
    for count in channels:
        table, side = _windows(side, size, stride)
        layers.append(Layer(table, below, count))
        below = count
    return [*layers, Layer(torch.arange(side * side)[None], below, classes)]


def _windows(side: int, size: int, stride: int) -> tuple[Tensor, int]:
    """The table of square windows on a square image, and the side of what they give."""
    starts = torch.arange(0, side, stride) - size // 2
    along = starts[:, None] + torch.arange(size)
    inside = (along >= 0) & (along < side)
    place = along[:, None, :, None] * side + along[None, :, None, :]
    seen = inside[:, None, :, None] & inside[None, :, None, :]
    table = torch.where(seen, place, side * side)
    return table.reshape(len(starts) ** 2, size**2), len(starts)


@dataclass(frozen=True, eq=False)
class Classifiers:
    """R networks of one shape.

    Attributes
    ----------
    layers : sequence of Layer
    weights : sequence of Tensors of shape (R, taps inputs, outputs)
    biases : sequence of Tensors of shape (R, 1, outputs)
    """

    layers: Sequence[Layer]
    weights: Sequence[Tensor]
    biases: Sequence[Tensor]

    def values(self, x: Tensor) -> list[Tensor]:
        """Of every layer at images (R, B, P): (R, B, positions, nodes), the last one linear."""
        values = [x[..., None]]
        for layer, weights, biases in zip(self.layers, self.weights, self.biases, strict=True):
            below = values[-1] if len(values) == 1 else values[-1].relu()
            here = torch.baddbmm(biases, layer.patches(below), weights)
            values.append(here.view(*x.shape[:2], len(layer.table), layer.outputs))
        return values[1:]

    def __call__(self, x: Tensor) -> Tensor:
        """What the networks say of each class, (R, B, classes)."""
        return self.values(x)[-1][:, :, 0]

    def accuracy(self, images: Images) -> Tensor:
        """Share of the held-out images that are classified rightly, (R,)."""
        x, y = images.held_out
        return (self(x).argmax(-1) == y).double().mean(1)

    def reading(self, layer: int, maps: Tensor) -> Classifiers:
        """The networks whose layer above a hidden one reads other values in place of its nodes'.

        Parameters
        ----------
        layer : int
            The hidden layer, counted from 0.
        maps : Tensor of shape (R, nodes, nodes)
            Node f is replaced by sum_j maps[j, f] phi_j; nodes whose row is 0 can be taken out.
        """
        above = self.layers[layer + 1]
        old = self.weights[layer + 1]
        taps = old.view(len(old), -1, above.inputs, above.outputs)
        new = maps.to(old.dtype)[:, None] @ taps
        weights = list(self.weights)
        weights[layer + 1] = new.reshape(old.shape)
        return replace(self, weights=weights)


def train(
    images: Images,
    layers: Sequence[Layer],
    *,
    steps: int,
    batch: int = 100,
    rate: float = 3e-3,
    decay: float = 1e-4,
    rng: torch.Generator,
) -> Classifiers:
    """Networks from He's initialisation, trained on minibatches that are drawn with replacement.

    Parameters
    ----------
    images : Images
    layers : sequence of Layer
    steps, batch : int
    rate, decay : float
        First learning rate and decoupled weight decay of `training.train`.
    """
    replicates, n, _ = images.x.shape
    weights, biases = [], []
    for layer in layers:
        fan = layer.table.shape[1] * layer.inputs
        draw = normal(replicates, fan, layer.outputs, rng=rng, dtype=images.x.dtype)
        weights.append(draw * math.sqrt(2 / fan))
        biases.append(draw.new_zeros(replicates, 1, layer.outputs))
    networks, parameters = Classifiers(layers, weights, biases), [*weights, *biases]
    row = torch.arange(replicates, device=rng.device)[:, None]

    def gradient(_: int) -> None:
        chosen = torch.randint(n, (replicates, batch), generator=rng, device=rng.device)
        says = networks(images.x[row, chosen])
        loss = F.cross_entropy(says.flatten(0, 1), images.y[row, chosen].flatten(), reduction="sum")
        slopes = torch.autograd.grad(loss / batch, parameters)
        for part, slope in zip(parameters, slopes, strict=True):
            part.grad = slope

    for part in parameters:
        part.requires_grad_()
    training.train(parameters, gradient, steps=steps, rate=rate, decay=decay)
    for part in parameters:
        part.requires_grad_(False)
    return networks
