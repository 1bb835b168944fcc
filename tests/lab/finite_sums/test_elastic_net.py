"""The lasso with a ridge, against scikit-learn and a plain loop on the same draws."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import ElasticNet

from ratecheck.lab.finite_sums import elastic_net

N, KAPPA = 40, 50.0


def problem(seed=2, lam=0.02):
    rng = torch.Generator().manual_seed(seed)
    return elastic_net.draw(N, KAPPA, d=5, lam=lam, replicates=2, rng=rng), rng


def test_the_minimum_is_that_of_scikit_learn():
    net, _ = problem()
    for rows, y, best in zip(net.rows, net.y, net.best, strict=True):
        penalty = net.lam + net.mu
        fit = ElasticNet(alpha=penalty, l1_ratio=net.lam / penalty, fit_intercept=False, tol=1e-12,
                         max_iter=100_000)  # fmt: skip
        assert np.allclose(fit.fit(rows.numpy(), y.numpy()).coef_, best, atol=1e-6)
    assert (net.best == 0).any()


def test_rows_are_smooth_and_the_start_is_off_everywhere():
    net, _ = problem()
    assert torch.allclose(net.rows.norm(dim=-1), torch.ones(2, N, dtype=torch.float64))
    hessian = net.rows.mT @ net.rows / N + net.mu * torch.eye(5)
    values, vectors = torch.linalg.eigh(hessian)
    along = torch.einsum("rdk,rd->rk", vectors, net.start - net.best)
    assert torch.allclose(values * along**2, torch.ones_like(along))


def test_gradients_are_those_of_automatic_differentiation():
    net, rng = problem()
    x = torch.randn(3, 2, 5, dtype=torch.float64, requires_grad=True)
    residual = torch.einsum("rnd,erd->ern", net.rows, x) - net.y
    (gradient,) = torch.autograd.grad(residual.square().mean(-1).sum() / 2, x)
    assert torch.allclose(net.gradient(x.detach()), gradient)
    rows = net.batch(N, rng)
    by_hand = torch.einsum("rbd,rbf,erd->erf", rows, rows, x.detach()) / N
    assert torch.allclose(net.batch_gradient(x.detach(), rows), by_hand)


def soft(x, step, net):
    return np.sign(x) * np.maximum(np.abs(x) - step * net.lam, 0) / (1 + step * net.mu)


def test_katyusha_is_the_algorithm_on_the_same_rows():
    net, rng = problem()
    state = rng.get_state()
    eps, alpha, inner, batch = 0.1, 2.0, 4, 3
    times = elastic_net.katyusha(net, eps, torch.tensor([alpha]).double(), inner=inner, batch=batch,
                                 longest=50, rng=rng)  # fmt: skip
    again = torch.Generator()
    again.set_state(state)
    z = y = s = net.start.numpy()
    t2 = 1 / (2 * batch)
    t1 = min(1 / (3 * alpha), t2)
    gaps = [net.gap(net.start).numpy()]
    for _ in range(int(times.max()) + 2):
        full, points = net.gradient(torch.from_numpy(s)).numpy(), []
        for _ in range(inner):
            x = t1 * z + t2 * s + (1 - t1 - t2) * y
            rows = net.batch(batch, again).numpy()
            g = full + np.einsum("rbd,rbe,re->rd", rows, rows, x - s) / batch
            z, y = soft(z - alpha * g, alpha, net), soft(x - g / 3, 1 / 3, net)
            points.append(y)
        weights = (1 + alpha * net.mu) ** np.arange(inner)
        s = np.einsum("k,krd->rd", weights, np.array(points)) / weights.sum()
        gaps.append(net.gap(torch.from_numpy(s)).numpy())
    below = np.array(gaps) <= eps * gaps[0]
    assert np.array_equal(np.ceil(times[0].numpy()), below.argmax(0))


def test_fista_ends_at_the_minimum_and_a_budget_ends():
    net, _ = problem()
    assert elastic_net.fista(net, 1e-10, longest=2000).isfinite().all()
    assert elastic_net.fista(net, 1e-10, longest=3).isinf().all()


@pytest.mark.parametrize("lam", [0.0, 0.1])
def test_gaps_are_positive_away_from_the_minimum(lam):
    net, rng = problem(lam=lam)
    off = net.best + 0.1 * torch.randn(7, 2, 5, generator=rng, dtype=torch.float64)
    assert (net.gap(off) > 0).all()
    assert torch.equal(net.gap(net.best), torch.zeros(2).double())
