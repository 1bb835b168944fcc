"""Two-layer networks f(x) = M^(-power) sum_j a_j tanh(w_j . x), trained by gradient descent.

The power 1/2 is the scaling of the tangent kernel, 1 that of the mean field. The step is set by the
network's own tangent Gram matrix at the start, so that it knows neither power nor width: outputs
move at the same speed in every network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ratecheck.lab.draws import normal, signs

STEP = 0.5  # of the reciprocal of the largest eigenvalue


@dataclass(frozen=True, eq=False)
class Task:
    """Data, and the scaling of networks that are to fit them.

    Attributes
    ----------
    inputs : array of shape (n, d)
        On the unit sphere.
    labels : array of shape (n,)
    power : float
    """

    inputs: np.ndarray
    labels: np.ndarray
    power: float


def interaction(n: int, d: int, power: float, sample: int = 0) -> Task:
    """Inputs uniform on the sphere, labels d^(1/2) x_1 x_2 + x_3, scaled to mean square 1."""
    x = _sphere(n, d, np.random.default_rng(sample))
    y = math.sqrt(d) * x[:, 0] * x[:, 1] + x[:, 2]
    return Task(x, y / np.sqrt((y**2).mean()), power)


def coins(n: int, d: int, power: float, sample: int = 0, twice: bool = False) -> Task:
    """Inputs uniform on the sphere, labels fair signs that have nothing to do with them.

    With ``twice`` every other input is the one before it again, and has the other label.
    """
    rng = np.random.default_rng(sample)
    x, y = _sphere(n, d, rng), rng.choice([-1.0, 1.0], n)
    if twice:
        x[1::2], y[1::2] = x[::2], -y[::2]
    return Task(x, y, power)


def _sphere(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    x = rng.standard_normal((n, d))
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


class Networks:
    """R networks of M neurons that are to fit the same data.

    Attributes
    ----------
    inner, outer : Tensors of shape (R, M, d) and (R, M)
        w and a, from N(0, I) and fair signs. With ``paired`` the second half repeats the first with
        the other sign: the outputs are 0 at the start.
    """

    def __init__(
        self, task: Task, width: int, *, replicates: int, rng: torch.Generator, paired: bool = True
    ) -> None:
        drawn = width // 2 if paired else width
        w = normal(replicates, drawn, task.inputs.shape[1], rng=rng)
        a = signs(replicates, drawn, rng=rng).double()
        if paired:
            w, a = torch.cat([w, w], 1), torch.cat([a, -a], 1)
        self.inputs = torch.as_tensor(task.inputs, device=rng.device)
        self.labels = torch.as_tensor(task.labels, device=rng.device)
        self.inner, self.outer = w, a
        self._scale = float(w.shape[1] ** -task.power)

    def tanh(self) -> Tensor:
        """tanh(w_j . x_i), shape (R, M, n)."""
        return (self.inner @ self.inputs.mT).tanh_()

    def outputs(self, t: Tensor) -> Tensor:
        """f at the inputs, from `tanh`: (R, n)."""
        return self._scale * (self.outer[:, None] @ t)[:, 0]

    def gram(self) -> Tensor:
        """Tangent Gram matrix, the inner products of the outputs' gradients: (R, n, n)."""
        t, x = self.tanh(), self.inputs
        slopes = self.outer[..., None] * (1 - t * t)
        return self._scale**2 * (t.mT @ t + (slopes.mT @ slopes) * (x @ x.mT))

    def descend(self, t: Tensor, push: Tensor, step: Tensor) -> None:
        """One step of gradient descent, where the loss has the derivatives ``push`` (R, n) in f.

        ``step`` has shape (R,); networks where it is 0 stay.
        """
        pull = (self._scale * step[:, None] * push)[:, None]
        change = (self.outer[..., None] * (1 - t * t) * pull) @ self.inputs
        self.outer = self.outer - (t * pull).sum(-1)
        self.inner = self.inner - change


def step_of(gram: Tensor) -> Tensor:
    """Half the reciprocal of the largest eigenvalue, shape (R,)."""
    largest: Tensor = torch.linalg.eigvalsh(gram)[:, -1]
    return STEP / largest


@dataclass(frozen=True)
class Fitted:
    """What training changed, each of shape (R,).

    Attributes
    ----------
    movement : Tensor
        Root mean square over the neurons of |w_j - w_j(0)|.
    drift : Tensor
        Change of the Gram matrix over its start, in Frobenius norm.
    loss : Tensor
        Over that of the start.
    """

    movement: Tensor
    drift: Tensor
    loss: Tensor


def fit(networks: Networks, share: float, most: int) -> Fitted:
    """Train on the squared loss until it is a ``share`` of its start, or for so many steps."""
    start, gram = networks.inner, networks.gram()
    step, t = step_of(gram), networks.tanh()
    off = networks.outputs(t) - networks.labels
    first = loss = off.square().mean(-1)
    for _ in range(most):
        running = loss > share * first
        if not running.any():
            break
        networks.descend(t, off, step * running)
        t = networks.tanh()
        off = networks.outputs(t) - networks.labels
        loss = off.square().mean(-1)
    moved = (networks.inner - start).square().sum(-1).mean(-1).sqrt()
    change = (networks.gram() - gram).flatten(1).norm(dim=1) / gram.flatten(1).norm(dim=1)
    return Fitted(moved, change, loss / first)


def logistic_path(networks: Networks, counts: tuple[int, ...]) -> Tensor:
    """(1/n) sum_i sigmoid(-y_i f_i) after so many steps on the logistic loss: (R, counts).

    The mean size of the derivatives of the losses log(1 + exp(-y f)) in f. The step is four times
    `step_of`: the losses' second derivatives are at most 1/4.
    """
    y, seen = networks.labels, []
    step = 4 * step_of(networks.gram())
    for k in range(counts[-1] + 1):
        t = networks.tanh()
        wrong = (-y * networks.outputs(t)).sigmoid()
        if k in counts:
            seen.append(wrong.mean(-1))
        networks.descend(t, -y * wrong, step)
    return torch.stack(seen, 1)
