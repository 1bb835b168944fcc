"""Networks of workers with skewed labels, against autograd and plain loops."""

import math

import pytest
import torch

from ratecheck.lab.finite_sums import clients
from ratecheck.lab.finite_sums.clients import CLASSES, EACH, HIDDEN, INPUTS, RIDGE


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def loss(world, theta, r, worker=None):
    """Of one replicate: the mean over all data, moved to the worker's own class by the skew."""
    parts = theta.split(clients.SIZES)
    w, v = parts[0].view(INPUTS, HIDDEN), parts[2].view(HIDDEN, CLASSES)
    label = torch.arange(CLASSES).repeat_interleave(EACH)
    scores = (world.x[r] @ w + parts[1]).tanh() @ v + parts[3]
    each = torch.nn.functional.cross_entropy(scores, label, reduction="none")
    total = each.mean()
    if worker is not None:
        total = (1 - world.skew) * total + world.skew * each[label == worker].mean()
    return total + RIDGE / 2 * theta.square().sum()


def autograd(world, theta, r, worker=None):
    point = theta.detach().requires_grad_()
    return torch.autograd.grad(loss(world, point, r, worker), point)[0]


@pytest.fixture
def world():
    return clients.clients(0.6, replicates=3, rng=generator(1))


def test_gradients_are_those_of_the_loss(world):
    ours = world.gradient(world.start)
    worker = torch.tensor([2, 0, 3])
    local = world.gradient(world.start, worker)
    for r in range(3):
        torch.testing.assert_close(ours[r], autograd(world, world.start[r], r))
        torch.testing.assert_close(local[r], autograd(world, world.start[r], r, int(worker[r])))


def test_workers_have_the_mean_gradient_together_and_differ_by_the_skew(world):
    every = [world.gradient(world.start, torch.full((3,), p)) for p in range(CLASSES)]
    torch.testing.assert_close(torch.stack(every).mean(0), world.gradient(world.start))
    alike = clients.Clients(0.0, world.x, world.start)
    one = clients.Clients(1.0, world.x, world.start)
    worker = torch.zeros(3, dtype=torch.int64)
    torch.testing.assert_close(alike.gradient(world.start, worker), world.gradient(world.start))
    off = one.gradient(world.start, worker) - world.gradient(world.start)
    torch.testing.assert_close(every[0] - world.gradient(world.start), 0.6 * off)


def test_a_round_of_bvr_is_the_plain_loop(world):
    v, eta = world.gradient(world.start), torch.full((3, 1), 0.4, dtype=torch.float64)
    ours = clients.bvr_sgd(world, world.start, v, eta, 3, generator(5))
    picked = torch.randint(CLASSES, (3,), generator=generator(5))
    for r in range(3):
        x, d, p = world.start[r], v[r], int(picked[r])
        for _ in range(3):
            new = x - 0.4 * d
            d = d + autograd(world, new, r, p) - autograd(world, x, r, p)
            x = new
        torch.testing.assert_close(ours[r], x)


def test_a_round_of_local_sgd_is_the_plain_loop(world):
    v, eta = world.gradient(world.start), torch.full((3, 1), 0.4, dtype=torch.float64)
    one = clients.local_sgd(world, world.start, v, eta, 1, generator())
    two = clients.local_sgd(world, world.start, v, eta, 2, generator())
    for r in range(3):
        ends = []
        for p in range(CLASSES):
            x = world.start[r]
            for _ in range(2):
                x = x - 0.4 * autograd(world, x, r, p)
            ends.append(x)
        torch.testing.assert_close(two[r], torch.stack(ends).mean(0))
        torch.testing.assert_close(one[r], world.start[r] - 0.4 * v[r])


def test_whoever_leaves_the_goal_has_not_arrived():
    """A scripted run through large and small gradients, made of multiples of one point."""
    world = clients.clients(0.5, replicates=1, rng=generator(2))
    far = {"gradient": 0}

    def play(script, longest):
        far["gradient"] = 0

        class Scripted(clients.Clients):
            def gradient(self, theta, worker=None):
                far["gradient"] += 1
                size = script[min(far["gradient"], len(script)) - 1]
                return torch.full((1, 1), size, dtype=torch.float64)

        scripted = Scripted(world.skew, world.x, world.start)
        longest = torch.tensor([float(longest)])
        return float(clients.arrivals(scripted, 1.0, longest, lambda x, v: x))

    assert play([9, 9, 9, 0.5], 10) == 3
    assert play([9, 9, 0.5, 9, 0.5], 10) == 4  # flew over the goal once
    assert play([9, 9, math.nan, 0.5], 10) == 3
    assert play([9, 9, 9, 0.5], 2) == math.inf


def test_the_search_takes_the_best_of_all_settings_for_each_replicate():
    world = clients.clients(0.4, replicates=4, rng=generator(3))
    etas = (1.0, 0.5)
    found = clients.fewest_rounds(world, 0.1, 300.0, clients.local_sgd, [1, 2], etas, generator())
    every = []
    for K in (1, 2):
        for eta in etas:
            step = torch.full((4, 1), eta, dtype=torch.float64)
            longest = torch.full((4,), 300.0)

            def move(x, v, K=K, step=step):
                return clients.local_sgd(world, x, v, step, K, generator())

            every.append(clients.arrivals(world, 0.1, longest, move))
    assert torch.equal(found, torch.stack(every).min(0).values)
    assert torch.isfinite(found).all()


def test_who_does_not_arrive_counts_with_the_budget(world):
    shares = clients.contrast(world, 0.05, {"bvr": 4, "local": 2}, 1.5, generator(4))
    minibatch = clients.fewest_rounds(
        world, 0.05, 400.0, clients.local_sgd, [1], [2, 1, 0.5], generator()
    )
    etas, longest = [1, 0.5, 0.25], 1.5 * minibatch
    bvr = clients.fewest_rounds(world, 0.05, longest, clients.bvr_sgd, [4], etas, generator(4))
    assert torch.equal(shares["bvr_share"], bvr.minimum(longest) / minibatch)
    assert (shares["local_share"] <= 1.5).all()
    short = clients.contrast(world, 0.05, {"bvr": 4, "local": 2}, 0.1, generator(4))
    assert torch.equal(short["bvr_share"], 0.1 * minibatch / minibatch)
