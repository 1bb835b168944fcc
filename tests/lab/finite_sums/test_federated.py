"""Rounds of federated methods, against plain loops on the same bits, autograd and closed forms."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import federated, rounds
from ratecheck.lab.finite_sums.resisting import Resisting
from ratecheck.lab.finite_sums.rounds import Bits, Schedule


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def value(o, u, w):
    """f, the mean over all workers and components, as the module's docstring has it."""
    over = (u - o.goal).clamp(0, 4 * o.eps / o.L)
    return -2 * o.eps * torch.minimum(u, o.goal + over) + o.L * over**2 / 4 + o.L * (1 - w.cos())


def component(o, p, xi, u, w):
    """A component of worker p with sign xi."""
    s, t = o.signs[:, p]
    return (
        value(o, u, w)
        + o.zeta / 2 * (s * (u - o.goal) ** 2 + t * w**2)
        + xi * o.spread / 2 * (u**2 + w**2)
        + xi * o.sigma * (u + w) / math.sqrt(2)
    )


def slopes(function, u, w):
    """Both derivatives at one point, by autograd."""
    u, w = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (u, w))
    return [float(g) for g in torch.autograd.grad(function(u, w), [u, w])]


def bits(words):
    """Signs of a row of words, the lowest bit first."""
    return [1 if (int(x) >> j) & 1 else -1 for x in words for j in range(64)]


POINTS = [(0.0, 2.5), (11.0, -1.0), (26.0, 0.3), (25.03, 0.01), (27.0, 0.0)]


@pytest.mark.parametrize(("u", "w"), POINTS)
def test_gradient_is_that_of_the_mean_of_the_components(u, w):
    o = Resisting(0.02, L=1.3, zeta=0.4, workers=4, spread=0.7, sigma=0.2)
    each = [
        slopes(lambda a, b, p=p, xi=xi: component(o, p, xi, a, b), u, w)
        for p in range(4)
        for xi in (1, -1)
    ]
    ours = o.gradient(*torch.tensor([u, w], dtype=torch.float64))
    np.testing.assert_allclose([float(g) for g in ours], np.mean(each, 0), atol=1e-12)


def test_hessians_of_the_workers_are_zeta_off_their_mean():
    o = Resisting(0.02, zeta=0.4, workers=6)
    assert o.signs.shape == (2, 6)
    assert (o.signs.sum(1) == 0).all()
    for p in range(6):
        h = [
            torch.autograd.functional.hessian(
                lambda x, f=f: f(x[0], x[1]), torch.tensor([3.0, 1.0]).double()
            )
            for f in (lambda a, b: value(o, a, b), lambda a, b, p=p: component(o, p, 0, a, b))
        ]
        assert torch.linalg.matrix_norm(h[1] - h[0], 2) == pytest.approx(0.4)


def test_an_odd_number_of_workers_is_refused():
    with pytest.raises(ValueError, match="an even number"):
        Resisting(0.1, workers=3)


def plain_bvr(o, s, start, local, shared, pick):
    """BVR-L-SGD of one replicate as one writes it down, with gradients by autograd."""
    x, age, spent, before = (start, rounds.START_W), 0, 0, None

    def gradient(p, xi, x):
        return np.array(slopes(lambda a, b: component(o, p, xi, a, b), *x))

    for k in range(local.shape[0]):
        true = np.array(slopes(lambda a, b: value(o, a, b), *x))
        if math.hypot(*true) <= o.eps:
            return spent
        if age == 0:
            v, spent = true, spent + s.full_cost
        else:
            mean = o.spread * np.mean(bits(shared[k])[: s.sample])
            moved = np.array(x) - before
            v = v + true - slopes(lambda a, b: value(o, a, b), *before) + mean * moved
            spent += 1
        age, before = (age + 1) % s.period, np.array(x)
        d, y, draws, p = v, np.array(x), bits(local[k]), int(pick[k])
        for i in range(s.steps):
            new = y - s.step * d
            batch = draws[i * s.batch : (i + 1) * s.batch]
            d = d + np.mean([gradient(p, xi, new) - gradient(p, xi, y) for xi in batch], 0)
            y = new
        x = tuple(y)
    return math.inf


SCHEDULES = {
    "full gradient every round": Schedule(steps=12, batch=1, step=0.2),
    "batches of three": Schedule(steps=7, batch=3, step=0.3),
    "sampled": Schedule(steps=9, batch=1, step=0.25, period=4, full_cost=3, sample=70),
}


def draws(o, s, count, replicates):
    return federated.draw_bits(o, s, replicates, count, rng=generator(3))


@pytest.mark.parametrize("name", SCHEDULES)
def test_bvr_is_the_plain_loop_on_the_same_bits(name):
    o, s = Resisting(0.12, L=1.1, zeta=0.3, workers=4, spread=0.8), SCHEDULES[name]
    start = o.start(replicates=3, rng=generator(1))
    local, shared, pick = draws(o, s, 40, 3)
    state = rounds.initial(start)
    rounds.bvr(state, Bits(local.numpy(), shared.numpy(), pick.numpy()), o.world, s)
    plain = [plain_bvr(o, s, float(start[r]), local[r], shared[r], pick[r]) for r in range(3)]
    assert state[:, 6].tolist() == plain
    assert min(plain) > 2
    assert max(plain) < math.inf


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_form_for_a_gpu_takes_the_same_rounds(name):
    o, s = Resisting(0.05, zeta=0.3, workers=4, spread=0.8), SCHEDULES[name]
    start = o.start(replicates=9, rng=generator(1))
    one, together = rounds.initial(start), rounds.initial(start)
    for _ in range(2):  # the state is carried from one chunk of rounds to the next
        local, shared, pick = draws(o, s, 60, 9)
        rounds.bvr(one, Bits(local.numpy(), shared.numpy(), pick.numpy()), o.world, s)
        together = federated.bvr_together(together, local, shared, pick, o, s)
    assert np.isfinite(one[:, 6]).any()
    assert (one[:, 6] == together[:, 6]).all()
    running = np.isinf(one[:, 6])
    np.testing.assert_allclose(one[running], together[running], rtol=1e-9)


def test_chunks_of_rounds_do_not_change_the_goal(monkeypatch):
    """Other chunks read other bits: the same law, and every run still arrives."""
    o = Resisting(0.05, zeta=0.2, workers=4, spread=0.5)
    s = Schedule(16, 1, federated.theory_step(o.L, o.zeta, 16, 1))
    start = torch.zeros(64, dtype=torch.float64)
    long = federated.bvr_rounds(o, s, start, 10_000, rng=generator())
    monkeypatch.setattr(federated, "CHUNK_WORDS", 64 * 5)
    short = federated.bvr_rounds(o, s, start, 10_000, rng=generator())
    assert torch.isfinite(short).all()
    assert float(short.mean()) == pytest.approx(float(long.mean()), rel=0.03)


def test_a_run_that_is_given_up_is_not_a_number():
    o = Resisting(0.02)
    start = torch.zeros(4, dtype=torch.float64)
    s = Schedule(4, 1, 0.1)
    assert federated.bvr_rounds(o, s, start, 20, rng=generator()).isinf().all()
    assert federated.minibatch_rounds(o, 0.1, 8, start, 20, rng=generator()).isinf().all()
    assert federated.local_sgd_rounds(o, 4, 0.1, start, 20).isinf().all()


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 200])
def test_mean_sign_counts_bits(count):
    words = rounds.random_words(4, rng=generator(5)).numpy()
    expected = np.mean(bits(words)[:count])
    assert rounds.mean_sign_of_words(words, count) == pytest.approx(expected, abs=1e-15)
    assert rounds.mean_sign(words, 0, count) == pytest.approx(expected, abs=1e-15)
    assert rounds.signs_of(torch.from_numpy(words))[:count].mean() == pytest.approx(expected)


def test_bits_are_fair_and_independent():
    signs = rounds.signs_of(rounds.random_words(4000, rng=generator(6))).view(4000, 64)
    error = 1 / math.sqrt(4000)
    assert float(signs.mean(0).abs().max()) < 4.5 * error
    correlation = (signs.mT @ signs / 4000).fill_diagonal_(0)
    assert float(correlation.abs().max()) < 5.5 * error


def test_rounds_without_noise_are_the_length_of_the_ramp_over_the_step():
    """Away from the ends: D / (2 eps K eta) rounds, exactly so for equal workers."""
    o = Resisting(0.01)
    start = torch.zeros(1, dtype=torch.float64)
    for steps in (1, 4, 16):
        expected = o.goal / (2 * o.eps * steps * 0.5)
        taken = float(federated.local_sgd_rounds(o, steps, 0.5, start, 10**5))
        assert expected <= taken <= 1.02 * expected + 2
        bvr = federated.bvr_rounds(o, Schedule(steps, 1, 0.5), start, 10**5, rng=generator())
        assert float(bvr) == taken  # nothing to correct


@pytest.mark.parametrize(("factor", "arrives"), [(0.97, True), (1.03, False)])
def test_local_sgd_arrives_where_the_ramp_is_stronger_than_its_drift(factor, arrives):
    """By the gradient flow of each worker: D tanh(zeta t/2) < 2 eps/zeta, t = K eta."""
    time, zeta, steps = 8.0, 0.05, 4000
    eps = math.sqrt(zeta * math.tanh(zeta * time / 2) / 4)  # where both sides are equal
    o = Resisting(eps / math.sqrt(factor), zeta=zeta, workers=4)
    start = torch.zeros(1, dtype=torch.float64)
    taken = federated.local_sgd_rounds(o, steps, time / steps, start, 10**4)
    assert bool(taken.isfinite()) == arrives


def test_local_sgd_is_the_plain_loop():
    o = Resisting(0.08, zeta=0.03, workers=4)
    start = o.start(replicates=3, rng=generator(2))
    taken = federated.local_sgd_rounds(o, 5, 0.3, start, 1000)
    for u, seen in zip(start.tolist(), taken.tolist(), strict=True):
        x, count = (u, rounds.START_W), 0
        while math.hypot(*slopes(lambda a, b: value(o, a, b), *x)) > o.eps:
            ends = []
            for p in range(4):
                y = x
                for _ in range(5):
                    g = slopes(lambda a, b, p=p: component(o, p, 0, a, b), *y)
                    y = tuple(a - 0.3 * b for a, b in zip(y, g, strict=True))
                ends.append(y)
            x, count = tuple(np.mean(ends, 0)), count + 1
        assert seen == count


def test_more_local_steps_help_where_workers_are_alike():
    o = Resisting(0.05, zeta=0.02, workers=4)
    start = o.start(replicates=5, rng=generator(2))
    best = federated.best_local_sgd_rounds(o, 64, 1.0, start, 10**5)
    every = torch.stack(
        [
            federated.local_sgd_rounds(o, 2**j, step, start, 10**5)
            for j in range(7)
            for step in (0.5, 0.25)
        ]
    )
    assert (best < every[0]).all()
    assert (best == every.min(0).values).all()


def test_minibatch_sgd_is_the_plain_loop_and_needs_no_luck_without_noise():
    o = Resisting(0.1, spread=0.01, sigma=0.3, workers=2)
    start = o.start(replicates=2, rng=generator(2))
    taken = federated.minibatch_rounds(o, 0.05, 100, start, 5000, rng=generator(9))
    chunk = min(5000, federated.CHUNK_WORDS // 4)
    words = rounds.random_words(2, chunk, 2, rng=generator(9))
    for r in range(2):
        x = (float(start[r]), rounds.START_W)
        for k in range(5000):
            if math.hypot(*slopes(lambda a, b: value(o, a, b), *x)) <= o.eps:
                break
            xi = np.mean(bits(words[r, k])[:100])
            g = slopes(lambda a, b, xi=xi: component(o, 0, xi, a, b), *x)
            x = tuple(a - 0.05 * b for a, b in zip(x, g, strict=True))
        assert taken[r] == k
    quiet = Resisting(0.1)
    assert torch.equal(
        federated.minibatch_rounds(quiet, 0.2, 8, start, 5000, rng=generator(9)),
        federated.local_sgd_rounds(quiet, 1, 0.2, start, 5000),
    )


def test_a_run_may_take_forty_times_its_bound():
    """One local step a round without noise takes D/(2 eps eta) rounds, a quarter of the bound."""
    o = Resisting(1 / 16)
    start = torch.zeros(2, dtype=torch.float64)
    assert federated.allowed(2048.0) == 100 + 40 * 2048
    arrives = federated.bvr_rounds(o, Schedule(1, 1, 1 / 8), start, rng=generator())
    assert ((arrives >= 2048 / 4) & (arrives <= 2048 / 3)).all()
    longest = federated.allowed(2048.0)
    told = federated.bvr_rounds(o, Schedule(1, 1, 1 / 8), start, longest, rng=generator())
    assert torch.equal(told, arrives)


def test_theory_schedule_spends_its_budget():
    schedule = federated.theory_schedule(64, 4, 2.0, 0.5)
    assert (schedule.steps, schedule.batch) == (16, 4)
    assert schedule.step == federated.theory_step(2.0, 0.5, 16, 4)
    assert (schedule.period, schedule.sample) == (1, 0)
    assert federated.theory_schedule(2, 4, 2.0, 0.5).steps == 1


def test_theory_step_adds_its_four_terms():
    inverse = 2 * 2.0 + 2 * 2.0 * math.sqrt(64 / 4) + 64 * 0.5
    assert federated.theory_step(2.0, 0.5, 64, 4) == pytest.approx(1 / inverse)
    sampled = inverse + 2 * 64 * 2.0 * math.sqrt(10_000) / 50
    step = federated.theory_step(2.0, 0.5, 64, 4, components=10_000, sample=50)
    assert step == pytest.approx(1 / sampled)
