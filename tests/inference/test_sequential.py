"""Spending error rates, and where the next replicates go."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from ratecheck.inference import cells, curvature, loglog, sequential
from ratecheck.inference.sequential import Clock

A = 0.0045


def crossing(t, bounds, nodes=60):
    """P(some |Z_j| >= b_j) of a Brownian motion at times t, by recursive integration."""
    node, weight = np.polynomial.legendre.leggauss(nodes)
    edge = bounds[0] * np.sqrt(t[0])
    at, mass = edge * node, edge * weight
    mass = mass * stats.norm.pdf(at, scale=np.sqrt(t[0]))
    for earlier, now, bound in zip(t, t[1:], bounds[1:], strict=False):
        edge = bound * np.sqrt(now)
        new = edge * node
        step = stats.norm.pdf(new[:, None] - at, scale=np.sqrt(now - earlier))
        mass, at = edge * weight * (step @ mass), new
    return 1 - mass.sum()


def test_the_integration_reproduces_the_published_boundaries():
    """Jennison & Turnbull (2000), tables 2.1 and 2.3: five looks, two-sided 5 %."""
    t = np.arange(1, 6) / 5
    pocock = optimize.brentq(lambda c: crossing(t, np.full(5, c)) - 0.05, 1.9, 3.0, xtol=1e-4)
    assert pocock == pytest.approx(2.413, abs=0.004)
    fleming = optimize.brentq(lambda c: crossing(t, c / np.sqrt(t)) - 0.05, 1.9, 3.0, xtol=1e-4)
    assert fleming == pytest.approx(2.040, abs=0.004)


def bounds(t):
    """Critical values of the plan at these looks."""
    clock, rows = Clock.start(), []
    for j, now in enumerate(t):
        clock, level = sequential.spend(clock, np.asarray(now), j == len(t) - 1, A)
        rows.append(-stats.norm.ppf(float(level.tail)))
    return np.array(rows)


@pytest.mark.parametrize("t", [[0.05, 0.1, 0.3, 0.6, 1.0], [0.3, 0.5, 1.0], [0.2, 0.4, 0.6]])
def test_the_plan_keeps_its_error_rate_against_exact_boundaries(t):
    """The union bound is at most the exact boundary's level, and close to it."""
    plan = bounds(t)
    assert crossing(np.array(t), plan) <= 2 * A * (1 + 1e-3)
    exact = [2 * A * s**2 for s in t[:-1]] + [2 * A]
    found = []
    for j, total in enumerate(exact):
        start = np.array(found)
        found.append(
            optimize.brentq(
                lambda c, j=j, start=start, total=total: (
                    crossing(np.array(t[: j + 1]), [*start, c]) - total
                ),
                1.5,
                8,
                xtol=1e-3,
            )
        )
    assert np.all(plan >= np.array(found) - 2e-3)
    assert plan[-1] < 1.05 * found[-1]  # the price of the union bound


@given(
    st.lists(st.floats(0, 1.5), min_size=1, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_no_more_than_all_is_spent(times, lasts):
    """Whatever information shows up at the looks, in whatever order."""
    clock, tails, shares = Clock.start(), 0.0, 0.0
    for t, last in zip(times, lasts, strict=False):
        clock, level = sequential.spend(clock, np.asarray(t), last, A)
        tails += float(level.tail)
        shares += float(level.share)
        if last:
            break
    assert tails <= A * (1 + 1e-9) + 1e-90
    assert shares <= 1 + 1e-9


def test_what_is_kept_for_harder_questions_is_spent_by_halves():
    """A fifth of the slope's error rate, and half of the curve's, are there when t reaches 1."""
    clock, tails, shares = Clock.start(), [], []
    for t, last in ((0.5, False), (1.0, False), (1.0, False), (1.0, False), (1.0, True)):
        clock, level = sequential.spend(clock, np.asarray(t), last, A)
        tails.append(float(level.tail) / A)
        shares.append(float(level.share))
    assert tails == pytest.approx([0.2, 0.6, 0.1, 0.05, 0.05])
    assert shares == pytest.approx([0.125, 0.375, 0.25, 0.125, 0.125])
    assert float(clock.left) == pytest.approx(0, abs=1e-12)


def test_information_is_that_of_the_normal_plan():
    goal = sequential.target_information(0.1, 0.005, "equal")
    assert goal == pytest.approx(22.4 / 0.01, rel=0.01)
    arm = -stats.norm.ppf(0.005) / np.sqrt(goal / 2)
    assert sequential.information(np.asarray(arm), 0.1, 0.005, "equal") == pytest.approx(0.5)
    assert sequential.information(np.asarray(np.inf), 0.1, 0.005, "equal") == 0.0
    assert sequential.target_information(0.1, 0.005, "at most") < goal


def summaries(cv, counts, seed=0):
    rng = np.random.default_rng(seed)
    s = np.sqrt(np.log1p(np.square(cv)))
    return cells.stack(
        [
            cells.summarise(np.exp(si * rng.standard_normal(n) - si**2 / 2))
            for si, n in zip(s, counts, strict=True)
        ]
    )


def test_replicates_go_where_noise_weight_and_price_say():
    x = np.log(2.0 ** np.arange(8))
    weights = loglog.slope_weights(x)
    even = sequential.demand(summaries([0.5] * 8, [4000] * 8), weights, np.ones(8))
    assert even[0] == pytest.approx(1, abs=0.1)
    assert even[3] == pytest.approx(0.35, abs=0.05)  # an interior point keeps the bend known
    dear = sequential.demand(summaries([0.5] * 8, [4000] * 8), weights, 4.0 ** np.arange(8))
    assert dear[-1] == pytest.approx(even[-1] / 2**7, rel=0.1)
    noisy = sequential.demand(summaries([0.2] * 7 + [0.8], [4000] * 8), weights, np.ones(8))
    assert noisy[0] / noisy[-1] == pytest.approx(0.25, rel=0.2)


def test_a_quiet_pilot_is_not_believed():
    """A cell that missed its tail looks quiet; heavy tails draw it to the others."""
    rng = np.random.default_rng(3)
    y = [np.where(rng.random(16) < 0.3, 20.0, 1.0) for _ in range(7)] + [np.ones(16)]
    y[7][0] = 1.01
    part = cells.stack([cells.summarise(v) for v in y])
    shrunk = loglog.shrunken_cv2(part)
    assert part.cv[7] < 0.01
    assert np.sqrt(shrunk[7]) > 0.4 * np.sqrt(shrunk[:7].mean())


@given(
    st.lists(st.integers(1, 20), min_size=4, max_size=10),
    st.integers(1, 4),
    st.integers(0, 1000),
)
def test_growth_is_whole_blocks_within_the_cap(blocks, size, seed):
    block = 16 * size
    now = np.array(blocks) * block
    rng = np.random.default_rng(seed)
    wanted, cost = rng.random(len(now)) + 1e-3, rng.random(len(now)) * 10 + 0.1
    cap = 20 * block
    after = sequential.grow(now, wanted, cost, block, cap)
    assert np.all(after >= now)
    assert np.all(after <= cap)
    assert np.all(after % block == 0)
    if np.any(now < cap):
        assert np.any(after > now)
        spent, budget = (after * cost).sum(), 1.5 * (now * cost).sum()
        assert spent <= budget + block * cost.sum()  # rounding to whole blocks
    many = sequential.grow(np.stack([now, now]), np.stack([wanted, wanted]), cost, block, cap)
    assert np.array_equal(many, np.stack([after, after]))


def test_a_place_is_named_once():
    assert curvature.place(-0.05, 0.05, 0.1, "equal") == curvature.WITHIN
    assert curvature.place(0.15, 0.2, 0.1, "equal") == curvature.ABOVE
    assert curvature.place(-0.2, -0.15, 0.1, "equal") == curvature.BELOW
    assert curvature.place(-0.2, -0.15, 0.1, "at most") == curvature.WITHIN
    assert curvature.place(0.05, 0.15, 0.1, "equal") == curvature.UNKNOWN
