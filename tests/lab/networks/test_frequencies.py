"""Gradient descent on waves, against autograd and the tangent kernel's own flow."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.networks import frequencies, tangent
from ratecheck.lab.networks.frequencies import ANGLES, STEPS, Descent, Waves


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def waves(scale=0.5, some=(1, 3), replicates=2):
    return Waves.draw(some, scale, replicates=replicates, rng=rng(1))


def plain(inner, outer, waves):
    t = waves.angles
    x = torch.stack([t.cos(), t.sin(), torch.ones_like(t)], 1) / math.sqrt(2)
    return (x @ inner.mT).relu() @ outer / math.sqrt(len(outer))


@pytest.mark.parametrize("train_inner", [True, False])
def test_steps_are_those_of_autograd(train_inner):
    target, width = waves(), 8
    descent = Descent(target, width, inner=train_inner, rng=rng())
    start = tangent.initial_network(width, replicates=2, rng=rng())
    for _ in range(3):
        descent.step(0.7)
    assert descent.time == pytest.approx(2.1)
    for r in range(2):
        inner, outer = (part[r].clone().requires_grad_() for part in start)
        for _ in range(3):
            off = target.labels()[r] - plain(inner, outer, target)
            gi, go = torch.autograd.grad(off.square().mean() / 2, (inner, outer))
            inner = (inner - 0.7 * train_inner * gi).detach().requires_grad_()
            outer = (outer - 0.7 * go).detach().requires_grad_()
        off = target.labels()[r] - plain(inner, outer, target)
        np.testing.assert_allclose(descent.off[r], off.detach(), atol=1e-13)


def test_shares_are_what_is_left_of_each_cosine():
    target = waves(0.2, (2, 5, 7))
    kept = torch.tensor([0.3, 1.0, -0.4], dtype=torch.float64)
    off = 0.2 * (kept[:, None] * target.basis()).sum(1)
    np.testing.assert_allclose(target.left(off), kept.expand(2, 3), atol=1e-14)
    np.testing.assert_allclose(target.left(target.labels()), 1.0)


def test_wide_networks_lose_waves_at_the_speed_of_the_discrete_kernel():
    target = Waves.draw([1, 2], 0.01, replicates=2, rng=rng(1))
    grid = target.angles
    speeds = torch.fft.rfft(tangent.tangent_kernel(grid)).real / ANGLES
    descent = Descent(target, 2**13, rng=rng())
    seen = frequencies.shares_at(descent, target, [4.0, 21.0])
    assert descent.time == pytest.approx(21)
    one = 1 - 4 * speeds[1:3]  # a step of four
    np.testing.assert_allclose(seen[:, 0], one.expand(2, 2), atol=0.02)
    many = one * (1 - 5 * speeds[1:3]) ** 3 * (1 - 2 * speeds[1:3])
    np.testing.assert_allclose(seen[:, 1], many.expand(2, 2), atol=0.03)


def test_half_times_lie_between_the_steps_around_a_half():
    target = waves(0.01, (1, 2), 3)
    found = frequencies.half_times(Descent(target, 256, rng=rng()), target, 1, 1e4)
    for r in range(3):
        descent = Descent(target, 256, rng=rng())
        while target.left(descent.off)[r, 1] > 0.5:
            before = float(target.left(descent.off)[r, 1])
            descent.step(STEPS[True])
        after = float(target.left(descent.off)[r, 1])
        crossing = descent.time - STEPS[True] * (0.5 - after) / (before - after)
        assert float(found[r]) == pytest.approx(crossing)
    early = frequencies.half_times(Descent(target, 256, rng=rng()), target, 1, 10.0)
    np.testing.assert_array_equal(early, 10.0)
