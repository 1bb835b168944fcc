"""Second moments of federated methods, against all their random choices, one after the other."""

from itertools import product

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import federated
from ratecheck.lab.finite_sums.quadratics import Quadratics

C = np.array([1.0, 0.3])  # curvatures in these tests
SIGNS = (1, -1)


def tensor(x):
    return torch.as_tensor(x, dtype=torch.float64)


def local_steps(x, v, hessian, eta, draws, spread):
    """Local SARAH as one writes it down: gradients at two points, with the same component."""
    for xi in draws:
        new = x - eta * v
        v = v + (hessian + spread * xi) * new - (hessian + spread * xi) * x
        x = new
    return x


@pytest.mark.parametrize(("steps", "spread"), [(1, 0.7), (2, 0.7), (4, 0.7), (4, 0.0)])
def test_local_moments_are_means_over_all_batches(steps, spread):
    """Batches of one: a sign each."""
    h, eta = -0.4, 0.3
    ends = [local_steps(0.0, 1.0, h, eta, d, spread) for d in product(SIGNS, repeat=steps)]
    first, second = federated.local_moments(tensor(h), tensor(eta), steps, spread**2)
    assert float(first) == pytest.approx(-np.mean(ends), rel=1e-12)
    assert float(second) == pytest.approx(np.mean(np.square(ends)), rel=1e-12)


def test_other_numbers_of_steps_are_refused():
    with pytest.raises(ValueError, match="powers of two"):
        federated.local_moments(tensor(1.0), tensor(0.1), 3, 0.0)


def plain_cycle(c, zeta, spread, eta, K, sampled):
    """E x^2 after a cycle from x = 1: over each round's worker, batches, and global component."""
    states = [(1.0, 0.0, None)]  # point, the one before, estimate
    for t in range(sampled + 1):
        ends = []
        for x, before, v in states:
            for xi in SIGNS if t else (0,):
                estimate = v + (c + spread * xi) * (x - before) if t else c * x
                for worker, *draws in product(SIGNS, repeat=1 + K):
                    end = local_steps(x, estimate, c + zeta * worker, eta, draws, spread)
                    ends.append((end, x, estimate))
        states = ends
    return np.mean([x**2 for x, _, _ in states])


@pytest.mark.parametrize(("K", "sampled"), [(1, 0), (4, 0), (2, 1), (2, 2), (1, 4)])
def test_a_cycle_is_the_mean_over_all_choices(K, sampled):
    zeta, spread, eta = 0.5, 0.6, 0.7
    h = tensor(np.stack([C + zeta, C - zeta]))
    moments = federated.local_moments(h, tensor(eta), K, spread**2)
    first, second = (each.mean(0) for each in moments)
    chosen = (sampled,) if sampled else (0, 1)
    ours = federated.cycle_factors(tensor(C), first, second, spread**2, chosen)[0]
    plain = [plain_cycle(c, zeta, spread, eta, K, sampled) for c in C]
    np.testing.assert_allclose(ours, plain, rtol=1e-12)


def energies(replicates=3):
    return Quadratics(0.1).start(replicates=replicates, rng=torch.Generator().manual_seed(1))


def test_rounds_of_bvr_count_every_full_gradient():
    """Cycle by cycle, with the factors of the test above; batches of two."""
    o, start, eta, eps = Quadratics(0.3, spread=0.5), energies(), 0.4, 0.02
    c = o.curvatures(start)
    taken = federated.bvr_sgd(
        o, start, eps, 4, tensor([eta]), budget=8, full=2.5, sampled=(0, 4), seen=32.0
    )
    moments = federated.local_moments(torch.stack([c + 0.3, c - 0.3]), tensor(eta), 4, 0.5**2 / 2)
    first, second = (each.mean(0) for each in moments)
    for j, sampled in enumerate((0, 4)):
        factor = federated.cycle_factors(c, first, second, 0.25 / 32, (sampled,))[0].numpy()
        for r in range(3):
            squared = 2 * c.numpy() * start[r].numpy()
            above = [(squared * factor**t).sum() > eps**2 for t in range(500)]
            cycles = above.index(False)
            assert not any(above[cycles:])
            assert cycles > 3
            assert float(taken[j, 0, r]) == cycles * (1 + sampled + 2.5)


@pytest.mark.parametrize(("K", "eta"), [(1, 0.2), (2, 0.2), (4, 0.1)])
def test_local_sgd_is_the_plain_loop(K, eta):
    """Starts on both sides: the mean of |grad f|^2 over a common sign of all coordinates."""
    zeta, drift, eps = 0.15, 0.2, 0.06
    o = Quadratics(zeta, drift=drift, scales=4)
    start = o.start(replicates=1, rng=torch.Generator().manual_seed(1))
    c = o.curvatures(start).numpy()
    x = np.stack([s * np.sqrt(2 * start[0].numpy() / c) for s in SIGNS])
    settled = []
    for _ in range(400):
        settled.append(((c * x) ** 2).sum(1).mean())
        ends = []
        for s in SIGNS:
            y = x
            for _ in range(K):
                y = y - eta * ((c + zeta * s) * y + s * drift / 2)
            ends.append(y)
        x = np.mean(ends, 0)
    # it comes from above, and the module leaves out what the floor gains on the way
    taken = float(federated.local_sgd(o, start, eps, K, tensor([eta])))
    assert settled[int(taken)] <= eps**2 < settled[int(0.8 * taken) - 1]
    floor = settled[-1] ** 0.5
    at = [float(federated.local_sgd(o, start, f * floor, K, tensor([eta]))) for f in (0.99, 1.01)]
    assert (K == 1) or (at[0] == np.inf and np.isfinite(at[1]))


def test_uncorrected_workers_settle_away_from_the_goal():
    far, near = (Quadratics(0.0, drift=0.0), Quadratics(0.2, drift=100.0))
    settings = (energies(), 0.05, 4, tensor([0.5]))
    assert torch.isfinite(federated.local_sgd(far, *settings)).all()
    assert torch.isinf(federated.local_sgd(near, *settings)).all()


def test_noise_of_minibatch_sgd_is_that_of_its_stationary_law():
    """One coordinate: E x_t^2 by the recursion, noise of variance sigma^2/(d batch) each step."""
    o, start, eta, eps = Quadratics(0.0, sigma=0.5), energies(), 0.3, 0.08
    c = o.curvatures(start).numpy()
    taken = federated.minibatch_sgd(o, start, eps, 1, tensor([eta]), batch=16)
    for r in range(3):
        squares, rounds = 2 * start[r].numpy() / c, 0
        while (c**2 * squares).sum() > eps**2:
            squares = (1 - eta * c) ** 2 * squares + eta**2 * 0.25 / (o.scales * 16)
            rounds += 1
        assert rounds > 10
        assert abs(float(taken[0, 0, r]) - rounds) <= 2 + 0.1 * rounds
    loud = Quadratics(0.0, sigma=50.0)
    assert torch.isinf(federated.minibatch_sgd(loud, start, eps, 1, tensor([eta]), batch=16)).all()


def test_the_search_finds_what_a_scan_finds():
    """Over steps 1/24 octave apart, all K, and both periods."""
    o, eps, more = Quadratics(0.2, spread=1.0), 0.02, {"budget": 16, "full": 4.0, "seen": 64.0}
    etas = 2 ** (torch.arange(-24 * 8, 24 * 2).double() / 24)
    scan = torch.stack(
        [
            federated.bvr_sgd(o, o.hard("cpu"), eps, K, etas, sampled=(0, 4), **more)
            for K in (1, 4, 16)
        ]
    )
    found = federated.best_setting(
        federated.bvr_sgd, o, eps, (1, 4, 16), "cpu", (*more.items(), ("sampled", (0, 4)))
    )
    period, K, eta = found
    at = federated.bvr_sgd(o, o.hard("cpu"), eps, K, tensor([eta]), sampled=(0, 4), **more)
    assert float(scan.min()) <= float(at[period, 0, 0]) <= 1.05 * float(scan.min())


def test_energy_is_spread_over_all_scales():
    start = energies(2000)
    assert start.shape == (2000, 64)
    np.testing.assert_allclose(start.mean(0) * 64, 1, atol=0.03)
    assert float(start.sum(1).std()) < 0.1


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ValueError, match="2, 4, 6"):
        Quadratics(0.1, workers=3)
    with pytest.raises(ValueError, match="at least 0"):
        Quadratics(-0.1)
