"""A block of steps of Adam, one network after another: what `stacked` does on a processor.

The values of one network on one minibatch fit into the nearest cache, where only the products of
matrices cost anything; stacked passes over all networks at once are bound by memory. The draws and
the arithmetic are those of `stacked.train`, sums apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

BETAS, EPSILON = (0.9, 0.999), 1e-8

Floats = NDArray[np.floating[Any]]


class Descent:
    """Networks on their way, and the moments of their gradients.

    Parameters
    ----------
    parameters : array of shape (N, P)
        Changed in place. A row holds each layer's weights (inputs, outputs), then its biases.
    sizes : tuple of int
        Inputs, hidden widths, 1.
    x, y : arrays of shape (R, n, d) and (R, n)
        Data in the parameters' type; N / R neighbours share the data of one replicate.
    decay : array of shape (N,)
        Penalties on the squares of the weights.
    """

    def __init__(
        self, parameters: Floats, sizes: tuple[int, ...], x: Floats, y: Floats, decay: Floats
    ) -> None:
        self.parameters = parameters
        self._moments = np.zeros((2, *parameters.shape), parameters.dtype)
        self._sizes = np.array(sizes)
        self._data = x, y
        self._decay = 2 * decay
        self._done = 0

    def steps(self, rows: NDArray[np.int64], rates: Sequence[float]) -> None:
        """So many steps: minibatches of shape (steps, N, batch) and a learning rate for each."""
        dtype = self.parameters.dtype
        number = self._done + 1 + np.arange(len(rates))
        self._done += len(rates)
        first, second = (1 - beta**number for beta in BETAS)
        lengths = (np.array(rates) / first).astype(dtype)
        factors = 1 - BETAS[0], BETAS[1], 1 - BETAS[1], EPSILON, 2 / rows.shape[2]
        scales = (1 / np.sqrt(second)).astype(dtype)
        _steps(self.parameters, self._moments, self._sizes, *self._data, self._decay, rows,
               lengths, scales, np.array(factors, dtype))  # fmt: skip


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _steps(parameters, moments, sizes, x, y, decay, rows, lengths, scales, numbers):  # type: ignore[no-untyped-def]
    batch, share = rows.shape[2], len(parameters) // len(x)
    gradient, shrink = np.empty_like(parameters[0]), np.zeros_like(parameters[0])
    # one row a neuron, so that every pass is over a whole minibatch
    values = np.empty((sizes.sum(), batch), parameters.dtype)
    slopes = np.empty_like(values)
    labels = np.empty(batch, parameters.dtype)
    for k in range(len(parameters)):
        place = 0
        for layer in range(len(sizes) - 1):
            end = place + sizes[layer] * sizes[layer + 1]
            shrink[place:end] = decay[k]
            place = end + sizes[layer + 1]
        mine, known = x[k // share], y[k // share]
        for t in range(len(rows)):
            for i, row in enumerate(rows[t, k]):
                labels[i] = known[row]
                for j in range(sizes[0]):
                    values[j, i] = mine[row, j]
            _forward(parameters[k], sizes, values)
            _backward(parameters[k], sizes, values, slopes, labels, gradient, numbers[4])
            _adam(parameters[k], gradient, shrink, moments[0, k], moments[1, k], lengths[t],
                  scales[t], numbers)  # fmt: skip


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _forward(own, sizes, values):  # type: ignore[no-untyped-def]
    place, start, batch, zero = 0, 0, values.shape[1], values.dtype.type(0)
    for layer in range(len(sizes) - 1):
        a, b = sizes[layer], sizes[layer + 1]
        weights = own[place : place + a * b].reshape(a, b)
        below, above = values[start : start + a], values[start + a : start + a + b]
        if a == 1 or b == 1:  # products of rank one
            above[:] = zero
            for j in range(a):
                for m in range(b):
                    weight = weights[j, m]
                    for i in range(batch):
                        above[m, i] += weight * below[j, i]
        else:
            np.dot(weights.T, below, above)
        bottom = zero if layer < len(sizes) - 2 else -values.dtype.type(np.inf)
        for m in range(b):
            bias = own[place + a * b + m]
            for i in range(batch):
                above[m, i] = max(above[m, i] + bias, bottom)
        place += (a + 1) * b
        start += a


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _backward(own, sizes, values, slopes, labels, gradient, factor):  # type: ignore[no-untyped-def]
    batch, place, start, zero = len(labels), len(own), len(values) - 1, values.dtype.type(0)
    for i in range(batch):
        slopes[start, i] = factor * (values[start, i] - labels[i])
    for layer in range(len(sizes) - 2, -1, -1):
        a, b = sizes[layer], sizes[layer + 1]
        place -= (a + 1) * b
        weights = own[place : place + a * b].reshape(a, b)
        to_weights = gradient[place : place + a * b].reshape(a, b)
        slope = slopes[start : start + b]
        start -= a
        below, lower = values[start : start + a], slopes[start : start + a]
        for m in range(b):
            total = zero
            for i in range(batch):
                total += slope[m, i]
            gradient[place + a * b + m] = total
        if a == 1 or b == 1:
            for j in range(a):
                for m in range(b):
                    total = zero
                    for i in range(batch):
                        total += below[j, i] * slope[m, i]
                    to_weights[j, m] = total
        else:
            np.dot(below, slope.T, to_weights)
        if layer:
            if b == 1:
                for j in range(a):
                    for i in range(batch):
                        lower[j, i] = weights[j, 0] * slope[0, i]
            else:
                np.dot(weights, slope, lower)
            for j in range(a):
                for i in range(batch):
                    lower[j, i] = lower[j, i] if below[j, i] > zero else zero


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _adam(own, gradient, shrink, first, second, length, scale, numbers):  # type: ignore[no-untyped-def]
    lerp, keep, take, epsilon = numbers[0], numbers[1], numbers[2], numbers[3]
    for i in range(len(own)):
        g = gradient[i] + shrink[i] * own[i]
        first[i] += lerp * (g - first[i])
        second[i] = keep * second[i] + take * g * g
        own[i] -= length * first[i] / (np.sqrt(second[i]) * scale + epsilon)
