"""Minibatches: the law of their mean sign against scipy, their weights against a plain loop."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import hypergeom

from ratecheck.lab.finite_sums import laws as finite_sum
from ratecheck.lab.finite_sums.snapshots import Snapshots


@pytest.mark.parametrize(("n", "batch"), [(16, 4), (64, 8), (4096, 64), (64, 1), (16, 16), (10, 7)])
def test_mean_sign_has_the_hypergeometric_law(n, batch):
    values, probabilities = finite_sum.mean_sign_law(n, batch)
    j = np.rint((values + 1) * batch / 2)
    # log-gamma of numbers near n loses digits in proportion to n
    np.testing.assert_allclose(
        probabilities, hypergeom(n, n // 2, batch).pmf(j), rtol=1e-10, atol=1e-15
    )


@pytest.mark.parametrize(("n", "batch"), [(64, 8), (1024, 32), (64, 1), (64, 64)])
def test_variance_factor_is_the_variance_of_the_mean_sign(n, batch):
    values, probabilities = finite_sum.mean_sign_law(n, batch)
    assert probabilities @ values == pytest.approx(0.0, abs=1e-13)
    variance = probabilities @ values**2
    assert variance == pytest.approx(finite_sum.variance_factor(n, batch), rel=1e-11, abs=1e-15)


@pytest.mark.parametrize(("n", "batch"), [(1024, 32), (4096, 64), (16384, 128)])
def test_gauss_rule_keeps_seventeen_moments(n, batch):
    values, probabilities = finite_sum.mean_sign_law(n, batch)
    nodes, weights = finite_sum.gauss_rule(values, probabilities)
    assert len(nodes) == 9
    scale = np.abs(nodes).max()
    for power in range(18):
        exact = probabilities @ (values / scale) ** power
        assert weights @ (nodes / scale) ** power == pytest.approx(exact, rel=1e-9, abs=1e-13)
    missed = probabilities @ (values / scale) ** 18
    assert weights @ (nodes / scale) ** 18 != pytest.approx(missed, rel=1e-6)


def test_gauss_rule_leaves_a_short_law_alone():
    values, probabilities = finite_sum.mean_sign_law(16, 4)
    nodes, weights = finite_sum.gauss_rule(values, probabilities)
    assert (nodes == values).all()
    assert (weights == probabilities).all()


def test_gauss_rule_of_the_whole_sum_is_one_point():
    nodes, weights = finite_sum.gauss_rule(*finite_sum.mean_sign_law(16, 16))
    assert nodes == pytest.approx([0.0])
    assert weights == pytest.approx([1.0])


@pytest.mark.parametrize(("n", "batch"), [(15, 3), (16, 0), (16, 17)])
def test_impossible_batches_are_refused(n, batch):
    with pytest.raises(ValueError, match="must be even and hold a batch"):
        finite_sum.mean_sign_law(n, batch)


@pytest.mark.parametrize(("batch", "replacement"), [(1, False), (4, False), (12, False), (4, True)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_weights_have_the_variance_of_their_batches(batch, replacement, dtype):
    rng = torch.Generator().manual_seed(1)
    weights = finite_sum.batch_weights(
        16, batch, 40, 1000, rng=rng, replacement=replacement, dtype=dtype
    )
    assert weights.shape == (40, 1000, 16)
    assert weights.dtype == dtype
    weights = weights.view(-1, 16)
    assert torch.allclose(weights.sum(1), torch.ones(40_000, dtype=dtype))
    y = torch.linspace(-1, 1, 16, dtype=dtype)
    y = (y - y.mean()) / y.std(correction=0)
    factor = 1 / batch if replacement else finite_sum.variance_factor(16, batch)
    means = weights @ y
    assert float(means.mean()) == pytest.approx(0, abs=5 / math.sqrt(40_000))
    assert float(means.var()) == pytest.approx(factor, rel=0.05)
    if not replacement:
        assert ((weights > 0).sum(1) == batch).all()


def test_both_precisions_take_the_same_batches():
    one, two = (
        finite_sum.batch_weights(16, 3, 50, rng=torch.Generator().manual_seed(2), dtype=dtype)
        for dtype in (torch.float32, torch.float64)
    )
    assert torch.equal(one.double(), two)


def test_all_data_draw_nothing():
    rng = torch.Generator().manual_seed(3)
    before = rng.get_state()
    weights = finite_sum.batch_weights(16, 16, 5, rng=rng)
    assert (weights == 1 / 16).all()
    assert torch.equal(rng.get_state(), before)


@pytest.mark.parametrize("replacement", [False, True])
def test_a_stream_keeps_each_batch_for_some_steps(replacement):
    one, two = (torch.Generator().manual_seed(4) for _ in range(2))
    drawn = finite_sum.batch_weights(16, 3, 2, 4, rng=one, replacement=replacement)
    stream = finite_sum.batch_stream(16, 3, 2, 10, rng=two, hold=3, replacement=replacement)
    assert stream.shape == (2, 10, 16)
    for k in range(10):
        assert torch.equal(stream[:, k], drawn[:, k // 3])


def test_the_charge_is_that_of_counting_an_epoch():
    """One epoch of m steps, counted: the snapshot, then two gradients of each of B components."""
    snapshots = Snapshots(batch=3, inner=5)
    counted = 64 + sum(2 * 3 for _ in range(1, 5))
    assert snapshots.charge(64) * 5 == pytest.approx(counted)
    assert Snapshots(batch=3, inner=1).charge(64) == 64  # full gradients
    assert Snapshots.square_root(64).charge(64) == 3 * 8 - 2
