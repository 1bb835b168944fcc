"""Alternating directions against plain loops, scipy's bounded least squares and scikit-learn."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import lsq_linear, minimize_scalar
from sklearn.linear_model import ElasticNet

from ratecheck.lab.finite_sums import fused, online_admm, sdca_admm
from ratecheck.lab.finite_sums.fused import Penalty
from ratecheck.lab.finite_sums.online_admm import Splitting, Stream


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def matrix(d):
    """B, of shape (d, d - 1)."""
    return np.diff(np.eye(d), axis=0).T


def test_differences_are_those_of_a_matrix():
    x, u = (torch.randn(size, generator=rng(), dtype=torch.float64) for size in (6, 5))
    assert np.allclose(fused.differences(x), matrix(6).T @ x.numpy())
    assert np.allclose(fused.adjoint(u), matrix(6) @ u.numpy())
    assert 3.9 < np.linalg.eigvalsh(matrix(30) @ matrix(30).T).max() <= Penalty.largest


@pytest.mark.parametrize("u", [-2.0, 0.1, 0.7])
def test_the_proximal_step_is_a_minimum(u):
    penalty, at = Penalty(0.3, 0.5), torch.tensor([u], dtype=torch.float64)

    def objective(v):
        return 1.7 * float(penalty(torch.tensor([v], dtype=torch.float64))) + (v - u) ** 2 / 2

    found = minimize_scalar(objective, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    assert float(penalty.prox(at, 1.7)) == pytest.approx(found.x, abs=1e-6)


@pytest.mark.parametrize("sharp", [True, False])
def test_the_risk_is_the_mean_loss_and_its_slope_the_mean_slope(sharp):
    o = Stream(8, 0.1, sharp)
    x = torch.linspace(-1, 1, 8, dtype=torch.float64).requires_grad_()
    (expected,) = torch.autograd.grad(o.value(x) - o.penalty(fused.differences(x)), x)
    x = x.detach()
    z = torch.randn(200_000, 8, generator=rng(), dtype=torch.float64)
    off = z @ (x - o.truth)
    risk = (off.abs() if sharp else off.square() / 2).mean() + o.penalty(fused.differences(x))
    assert float(o.value(x)) == pytest.approx(float(risk), rel=0.01)
    assert torch.allclose(o.slope(x.expand(200_000, -1), rng()).mean(0), expected, atol=0.02)


def test_the_minimum_of_the_squared_risk_is_that_of_total_variation():
    """Its dual is least squares with bounds."""
    o = Stream(16, 0.2, False)
    dual = lsq_linear(matrix(16), o.truth.numpy(), (-0.2, 0.2), tol=1e-14)
    assert np.allclose(o.best, o.truth.numpy() - matrix(16) @ dual.x, atol=1e-6)


def test_the_minimum_of_the_absolute_risk_is_the_truth():
    o = Stream(16, 0.05, True)
    near = o.best + 1e-3 * torch.randn(10_000, 16, generator=rng(), dtype=torch.float64)
    assert o.value(near).min() > o.lowest
    with pytest.raises(ValueError, match="penalty"):
        Stream(16, 1.0, True)


@pytest.mark.parametrize("method", [online_admm.proximal, online_admm.averaging])
def test_online_methods_are_their_plain_loops(method):
    o, s, big = Stream(4, 0.1, False), Splitting(0.7, 0.5, 0.0, 0.3), matrix(4)
    found = method(o, s, [1, 3, 20], replicates=2, rng=rng())
    draws, regrets, points = rng(), [], []
    x, y, dual = np.zeros((2, 4)), np.zeros((2, 3)), np.zeros((2, 3))
    slopes, xs, ys, duals = [], [], [], []
    for t in range(1, 21):
        regrets.append(o.value(torch.from_numpy(x)).numpy() - o.lowest)
        points.append(x)
        g = o.slope(torch.from_numpy(x), draws).numpy()
        if method is online_admm.proximal:
            eta = 0.7 / math.sqrt(t)
            gradient = g - (dual - 0.3 * (x @ big - y)) @ big.T
            x = x - eta / (1 + eta * 0.3 * 4) * gradient
        else:
            eta = 0.7 * math.sqrt(t)
            for each, new in ((slopes, g), (xs, x), (ys, y), (duals, dual)):
                each.append(new)
            mean_x, mean_y, mean_dual = (np.mean(each, 0) for each in (xs, ys, duals))
            inner = mean_dual - 0.3 * mean_x @ big + 0.3 * mean_y
            x = -eta / (1 + 0.3 * eta * 4 / t) * (np.mean(slopes, 0) - inner @ big.T)
        v = x @ big - dual / 0.3
        y = np.sign(v) * np.maximum(abs(v) - 0.1 / 0.3, 0)
        dual = dual - 0.3 * (x @ big - y)
    for column, upto in enumerate((1, 3, 20)):
        assert np.allclose(found.regret[:, column], np.mean(regrets[:upto], 0))
        mean = o.value(torch.from_numpy(np.mean(points[:upto], 0))).numpy() - o.lowest
        assert np.allclose(found.mean[:, column], mean)


def small():
    return sdca_admm.draw(48, 8, Penalty(0.02, 0.03), 3)


def test_the_minimum_of_a_finite_sum_is_that_of_an_elastic_net():
    """In the first coordinate, which is projected out, and the differences."""
    o = small()
    design = o.rows.numpy() @ np.tril(np.ones((8, 8)))
    first, rest = design[:, :1], design[:, 1:]
    away = np.eye(48) - first @ first.T / (first**2).sum()
    net = ElasticNet(0.05, l1_ratio=0.4, fit_intercept=False, tol=1e-14, max_iter=10**5)
    u = net.fit(away @ rest, away @ o.t.numpy()).coef_
    value = ((away @ (rest @ u - o.t.numpy())) ** 2).mean() / 2 + 0.02 * abs(u).sum()
    assert o.lowest == pytest.approx(value + 0.015 * (u**2).sum(), abs=1e-10)


@pytest.mark.parametrize("batch", [4, 48])
def test_dual_ascent_arrives_and_no_later_for_a_milder_goal(batch):
    o = small()
    draw = {"longest": 800, "replicates": 3}
    far, near = sdca_admm.passes(o, [1e-2, 1e-9], batch=batch, rng=rng(), **draw).T
    assert torch.equal(far, sdca_admm.passes(o, [1e-2], batch=batch, rng=rng(), **draw)[:, 0])
    assert near.isfinite().all()
    assert (far < near).all()


def test_rows_drawn_online_have_the_gradient_of_the_sum():
    o, w = small(), torch.linspace(-1, 1, 8, dtype=torch.float64).requires_grad_()
    (expected,) = torch.autograd.grad(o.value(w) - o.penalty(fused.differences(w)), w)
    found = sdca_admm.Drawn(o).slope(w.detach().expand(100_000, -1), rng()).mean(0)
    assert torch.allclose(found, expected, atol=0.02)
    s = Splitting(4.0, 1.0, 16)
    times = sdca_admm.online_passes(o, [0.5], s, longest=20, replicates=2, rng=rng())
    assert times.isfinite().all()
