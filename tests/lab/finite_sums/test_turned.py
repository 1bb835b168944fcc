"""Second moments of federated rounds on turned quadratics, against rounds as one writes them."""

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import turned
from ratecheck.lab.finite_sums.quadratics import Quadratics

D = turned.SCALES


def instances(zeta=0.3, replicates=2, workers=4, L=1.0):
    dial = Quadratics(zeta, L, workers)
    return turned.turned(dial, replicates, torch.Generator().manual_seed(1))


def tensor(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def half(matrix):
    i, j = np.triu_indices(D)
    return matrix[i, j]


def spread():
    """Some E x x'."""
    root = np.random.default_rng(2).standard_normal((D, D))
    return root @ root.T


def test_workers_are_off_the_mean_by_zeta_and_do_not_commute():
    o = instances(L=0.5, workers=6)
    hessians, C = o.hessians().numpy(), o.curvatures().diag().numpy()
    np.testing.assert_allclose(C.diagonal()[:3], [0.5, 0.125, 0.03125])
    assert hessians.shape == (2, 6, D, D)
    np.testing.assert_allclose(hessians.mean(1), [C, C], atol=1e-14)
    off = np.linalg.eigvalsh(hessians - C)
    np.testing.assert_allclose(off, np.broadcast_to([-0.3] * 5 + [0.3] * 5, off.shape))
    for one, other in ((hessians[0, 0], C), (hessians[0, 0], hessians[0, 1])):
        assert np.linalg.norm(one @ other - other @ one, 2) > 0.01


def test_a_moment_map_is_the_product_from_both_sides():
    G = np.random.default_rng(3).standard_normal((D, D))
    ours = turned.moment_maps(torch.tensor(G)).numpy() @ half(spread())
    np.testing.assert_allclose(ours, half(G @ spread() @ G.T), rtol=1e-10, atol=1e-10)


def sarah(x, C, hessian, eta, K):
    """K local steps from the full gradient: each adds the difference of two local gradients."""
    v = C @ x
    for _ in range(K):
        new = x - eta * v
        v = v + hessian @ new - hessian @ x
        x = new
    return x


@pytest.mark.parametrize(("eta", "K"), [(0.4, 1), (0.7, 4), (0.1, 16)])
@pytest.mark.parametrize("zeta", [0.3, 0.0])
def test_rounds_of_bvr_are_the_mean_over_workers(zeta, eta, K):
    o, one = instances(zeta), np.eye(D)
    C = o.curvatures().diag().numpy()
    maps = turned.bvr_sgd(o, tensor(0.05, eta), K)[1].numpy()
    for r, hessians in enumerate(o.hessians().numpy()):
        ends = [sarah(one, C, h, eta, K) for h in hessians]
        after = np.mean([G @ spread() @ G.T for G in ends], 0)
        np.testing.assert_allclose(maps[r] @ half(spread()), half(after), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("eta", "K"), [(0.4, 1), (0.7, 4)])
def test_rounds_of_local_sgd_average_the_ends(eta, K):
    o = instances()
    maps = turned.local_sgd(o, tensor(eta), K)[0].numpy()
    for r, hessians in enumerate(o.hessians().numpy()):
        ends = []
        for h in hessians:
            x = np.eye(D)
            for _ in range(K):
                x = x - eta * (h @ x)
            ends.append(x)
        G = np.mean(ends, 0)
        np.testing.assert_allclose(maps[r] @ half(spread()), half(G @ spread() @ G.T), atol=1e-10)


@pytest.mark.parametrize("method", [turned.bvr_sgd, turned.local_sgd])
def test_rounds_are_counted_on_the_whole_covariance(method):
    """From equal energies on, to between the last round above the goal and the next one."""
    o, eps = instances(0.001), 0.02
    taken = turned.rounds(method, o, eps, tensor(1.0), 4)[0].numpy()
    c = o.curvatures().numpy()
    i, j = np.triu_indices(D)
    for r, map_ in enumerate(method(o, tensor(1.0), 4)[0].numpy()):
        state, above = half(np.diag(2 / (D * c))), []
        while not above or above[-1]:
            full = np.zeros((D, D))
            full[i, j] = full[j, i] = state
            above.append((c**2 @ full.diagonal()) > eps**2)
            state = map_ @ state
        assert len(above) > 5
        assert len(above) - 2 < taken[r] <= len(above) - 1


def test_a_step_that_is_too_large_never_arrives():
    assert turned.rounds(turned.bvr_sgd, instances(), 0.02, tensor(8.0), 16).isinf().all()


def test_the_setting_is_the_best_of_its_grid_on_other_instances():
    dial, eps = Quadratics(0.1, 0.5), 0.05
    K, eta = turned.best_setting(turned.bvr_sgd, dial, eps, "cpu")
    others = turned.turned(dial, turned.OTHERS, torch.Generator().manual_seed(0))
    etas = tensor(*(eta * f for f in (1.0, 0.5, 2.0, 2 ** (-1 / 12), 2 ** (1 / 12))))
    costs = turned.rounds(turned.bvr_sgd, others, eps, etas, K).mean(1)
    assert int(costs.argmin()) == 0
    for k in turned.LOCAL_STEPS:
        coarse = tensor(*turned.COARSE) / 0.5
        assert (turned.rounds(turned.bvr_sgd, others, eps, coarse, k).mean(1) >= costs[0]).all()


def test_both_methods_are_run_on_what_was_drawn():
    dial, eps = Quadratics(0.1), 0.05
    found = turned.fewest_rounds(dial, eps, 3, torch.Generator().manual_seed(1))
    drawn = turned.turned(dial, 3, torch.Generator().manual_seed(1))
    for name, method in (("bvr", turned.bvr_sgd), ("local", turned.local_sgd)):
        K, eta = turned.best_setting(method, dial, eps, "cpu")
        assert torch.equal(found[name], turned.rounds(method, drawn, eps, tensor(eta), K)[0])
    assert (found["bvr"] < found["local"]).all()
