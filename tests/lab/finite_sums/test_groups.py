"""Overlapping groups and losses against numpy, scipy, autograd, a dual bound and scikit-learn."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression

from ratecheck.lab.finite_sums import sdca_admm
from ratecheck.lab.finite_sums.groups import Groups
from ratecheck.lab.finite_sums.losses import Logistic, Squared


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def draw(*shape, seed=1):
    return torch.randn(*shape, generator=rng(seed), dtype=torch.float64)


def test_every_feature_is_in_its_row_and_in_its_column():
    x = draw(6)
    table = x.numpy().reshape(2, 3)
    lengths = np.linalg.norm(table, axis=1).sum() + np.linalg.norm(table, axis=0).sum()
    penalty = Groups(2, 3, 0.3, 0.5)
    expected = 0.3 * lengths + 0.5 * (table**2).sum()
    assert float(penalty(penalty.split(x))) == pytest.approx(expected)


def test_parts_are_joined_by_the_transposed_map():
    penalty, x, u = Groups(2, 3, 1.0), draw(4, 6), draw(4, 2, 2, 3, seed=2)
    assert torch.allclose((penalty.split(x) * u).sum((1, 2, 3)), (x * penalty.join(u)).sum(1))
    pull = penalty.join(penalty.split(torch.eye(6)))
    assert torch.linalg.eigvalsh(pull).max() == penalty.largest


def test_the_proximal_step_is_a_minimum():
    penalty, at = Groups(2, 3, 0.5, 0.5), draw(2, 2, 3)
    assert bool((penalty.prox(at, 1.7) == 0).any())

    def objective(v):
        u = torch.from_numpy(v).view(2, 2, 3)
        return float(1.7 * penalty(u) + (u - at).square().sum() / 2)

    found = minimize(objective, at.flatten().numpy(), method="Powell",
                     options={"xtol": 1e-10, "ftol": 1e-14, "maxiter": 10**4})  # fmt: skip
    assert objective(penalty.prox(at, 1.7).flatten().numpy()) <= found.fun + 1e-9
    assert np.allclose(found.x, penalty.prox(at, 1.7).flatten(), atol=1e-3)
    assert torch.equal(Groups(2, 3, 0.0).prox(0 * at, 1.0), 0 * at)


@pytest.mark.parametrize("loss", [Squared(), Logistic()])
def test_slope_and_curvature_are_derivatives(loss):
    s, t = draw(9).requires_grad_(), draw(9, seed=2).sign()
    (slope,) = torch.autograd.grad(loss.value(s, t).sum(), s, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), s)
    assert torch.allclose(loss.slope(s, t), slope)
    assert torch.allclose(loss.curvature(s, t), curvature)


@pytest.mark.parametrize("loss", [Squared(), Logistic()])
@pytest.mark.parametrize("t", [-1.0, 1.0])
@pytest.mark.parametrize("c", [0.1, 3.0, 100.0])
@pytest.mark.parametrize("p", [-1.3, -0.2, 0.4, 1.1])
def test_the_dual_proximal_step_is_that_of_moreaus_identity(loss, t, c, p):
    """prox of f^*/c at p is p - s/c, where s minimises f + (s - c p)^2/(2 c)."""
    label = torch.tensor(t, dtype=torch.float64)

    def objective(s):
        return float(loss.value(torch.tensor(s).double(), label)) + (s - c * p) ** 2 / (2 * c)

    s = minimize_scalar(objective, bracket=(c * p - 1, c * p + 1), tol=1e-14).x
    found = loss.dual_prox(torch.tensor(p).double(), torch.tensor(c).double(), label)
    assert float(found) == pytest.approx(p - s / c, abs=1e-6)


def test_the_minimum_without_groups_is_that_of_scikit_learn():
    o = sdca_admm.tumours(100, Groups(3, 10, 0.0, 0.01), 0)
    assert torch.allclose(o.rows.norm(dim=1), torch.ones(100, dtype=torch.float64))
    fit = LogisticRegression(C=1 / (100 * 0.02), fit_intercept=False, tol=1e-10, max_iter=10**4)
    w = torch.from_numpy(fit.fit(o.rows.numpy(), o.t.numpy()).coef_[0])
    assert o.lowest == pytest.approx(float(o.value(w)), abs=1e-9)
    assert o.lowest <= float(o.value(w)) + 1e-12


def test_the_minimum_with_groups_is_a_bound_by_duality():
    """P >= -(1/n) sum f^*(a_i) - Psi^*(u), for any a and parts u with B u = -Z a/n.

    Here a are slopes at a point that scipy finds, u = Psi' there, and what is missing is the gap.
    """
    o = sdca_admm.tumours(60, Groups(3, 10, 0.01, 0.02), 1)
    b = o.penalty

    def both(x):
        w = torch.from_numpy(x).requires_grad_()
        value = o.value(w)
        return float(value.detach()), torch.autograd.grad(value, w)[0].numpy()

    found = minimize(both, 0.1 * np.ones(30), jac=True, method="L-BFGS-B",
                     options={"ftol": 1e-16, "gtol": 1e-10, "maxiter": 10**4})  # fmt: skip
    assert o.lowest == pytest.approx(found.fun, abs=1e-9)
    w = torch.from_numpy(found.x)
    a = o.loss.slope(o.rows @ w, o.t)
    wrong = -a * o.t
    entropy = wrong * wrong.log() + (1 - wrong) * (1 - wrong).log()
    u = b.split(w)
    pull = b.ridge * u + (u - b.prox(u, 1e-7) * (1 + 1e-7 * b.ridge)) / 1e-7
    rest = -(o.rows.T @ a / 60) - b.join(pull)
    pull = pull + b.split(rest) / 2
    along, down = b._lengths(pull)
    conjugate = (along - b.size).clamp_min(0).square().sum() + (
        (down - b.size).clamp_min(0).square().sum()
    )
    below = float(-entropy.mean() - conjugate / (2 * b.ridge))
    assert below <= o.lowest + 1e-12
    assert o.lowest == pytest.approx(below, abs=1e-6)


def test_fewer_tumours_are_the_first_of_more():
    few, many = (sdca_admm.tumours(n, Groups(3, 10, 0.1), 5) for n in (40, 60))
    assert torch.equal(few.rows, many.rows[:40])
    assert torch.equal(few.t, many.t[:40])
    assert set(many.t.tolist()) == {-1.0, 1.0}


def test_dual_ascent_on_tumours_arrives_and_online_blocks_are_slower():
    o = sdca_admm.tumours(64, Groups(3, 10, 0.01, 0.01), 0)
    few = {"batch": 8, "replicates": 2}
    dual = sdca_admm.passes(o, [1e-2, 1e-8], longest=200, rng=rng(), **few)
    online = sdca_admm.online_passes(o, [1e-2], longest=200, rng=rng(), **few)
    assert dual.isfinite().all()
    assert (dual[:, 0] < dual[:, 1]).all()
    assert (online[:, 0] > dual[:, 0]).all()


def test_a_batch_drawn_online_has_the_gradient_of_the_sum():
    o = sdca_admm.tumours(40, Groups(3, 10, 0.01), 0)
    w = torch.linspace(-1, 1, 30, dtype=torch.float64)
    one = sdca_admm.Drawn(o, 4).slope(w.expand(20_000, -1), rng()).mean(0)
    expected = o.rows.T @ o.loss.slope(o.rows @ w, o.t) / 40
    assert torch.allclose(one, expected, atol=0.005)
