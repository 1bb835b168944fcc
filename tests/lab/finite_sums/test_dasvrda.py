"""Stages, restarts and rounds of DASVRDA, against the algorithm as it is written."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import dasvrda
from ratecheck.lab.finite_sums.blocks import Blocks
from tests.lab.finite_sums import plain

O = Blocks(n=2, kappa=9.0, scales=2, L=1.3)
F = plain.Written(O)


def tensor(x):
    return torch.as_tensor(x, dtype=torch.float64)


@pytest.mark.parametrize(("inner", "batch"), [(1, 1), (4, 1), (3, 2)])
def test_a_stage_is_the_mean_over_all_draws(inner, batch):
    y0, s, eta = np.linspace(1, 2, 6), np.linspace(0.5, -1, 6), 0.6

    def moments(drawn):
        x, z = plain.dasvrda_stage(F, y0, s, inner, batch, eta, drawn)
        state = np.array([x, z, s])
        return state[:, None] * state[None, :]

    expected = plain.average(moments, 2, inner * batch)[..., :4]
    maps = dasvrda.stage(O, tensor(0), inner=inner, batch=batch, etas=tensor([0.1, eta]))[1]
    y0, s = y0[:4], s[:4]
    found = np.einsum("dabi,id->abd", maps.numpy(), [y0**2, y0 * s, s**2])
    assert np.allclose(found, expected, rtol=1e-10)


def deterministic(f, x0, inner, batch, eta, gamma, stages, outer=True):
    """Points after each stage; the full gradient stands for every batch."""
    before, x, z, last = 1 - 1 / gamma, x0, x0, x0
    points = []
    for s in range(1, stages + 1):
        theta = (1 - 1 / gamma) * (s + 2) / 2
        y = x + (before - 1) / theta * (x - last) + before / theta * (z - x) if outer else x
        last = x
        x, z = plain.dasvrda_stage(f, y, x, inner, batch, eta, [0] * (inner * batch))
        before = theta
        points.append(x)
    return points


@pytest.mark.parametrize("outer", [True, False])
def test_restarts_are_those_of_the_algorithm(outer):
    """All components are alike in the shared coordinates, which nothing random reaches."""
    maps = dasvrda.stage(O, tensor(0), inner=3, batch=2, etas=tensor([0.5]))
    falls = dasvrda.restarts(maps, 3.2, 9, outer=outer)[:, 0, :2]
    points = deterministic(F, np.ones(6), 3, 2, 0.5, 3.2, 9, outer)
    assert np.allclose(falls, np.array(points)[:, :2] ** 2, rtol=1e-8, atol=1e-14)


def test_rounds_are_counted_as_a_loop_counts_them():
    o, n, batch, eps = Blocks(n=8, kappa=400.0, private=0.0, scales=3), 8, 2, 1e-5
    energies = o.start(replicates=2, rng=torch.Generator().manual_seed(3))
    inner, steps = n // batch, tensor([1.0, 4.0])
    gamma = (3 + math.sqrt(9 + 8 * batch / (inner + 1))) / 2
    f, fewest = plain.Written(o), []
    lengths = {round(2 ** (j / 2)) for j in range(2 * dasvrda.LOG_LONGEST + 1)}
    for start in energies.numpy():
        x0, counts = f.start(start), []
        for length in sorted(lengths):
            for step in steps.tolist():
                eta = step / ((1 + gamma * (inner + 1) / batch) * o.L)
                x, count, arrived = x0, 0, False
                while not arrived and count < 100:
                    points = deterministic(f, x, inner, batch, eta, gamma, length)
                    gaps = np.array([f.gap(point) for point in points]) / start.sum()
                    arrived = bool(gaps[-1] <= eps)
                    count += int((gaps <= eps).argmax()) + 1 if arrived else length
                    x = points[-1]
                counts.append(count if arrived else math.inf)
        fewest.append(min(counts) * (inner + n / batch))
    found = dasvrda.rounds(o, energies, eps, n=n, batch=batch, steps=steps)
    assert np.allclose(found, fewest)
