"""Thousands of runs at once end as the engine ends each of them."""

import numpy as np
import pytest

from ratecheck import AtLeast, AtMost, Faster, Rate
from ratecheck.calibrate import noise as laws
from ratecheck.calibrate import paths, power_laws, single
from ratecheck.calibrate.cell import grid
from ratecheck.inference import cells, curvature, trajectory
from ratecheck.judge.judge import tail_of

KINDS = {"equal": Rate, "at most": AtMost, "at least": AtLeast}


class Given:
    """A source of known numbers y (and z) of shape (experiments, points, replicates)."""

    def __init__(self, y, z=None):
        self.y, self.z, self.k = y, z, y.shape[1]

    def data(self, experiments, counts):
        y = self.y[experiments].reshape(-1, self.y.shape[2])
        if self.z is None:
            return paths.by_count(
                lambda some, n: cells.summarise(y[some, :n]), counts.ravel(), counts.shape
            )
        z = self.z[experiments].reshape(-1, self.z.shape[2])
        return paths.by_count(
            lambda some, n: cells.log_ratio(z[some, :n], y[some, :n]), counts.ravel(), counts.shape
        )


class GivenErrors(Given, paths.Errors):
    """Independent cells."""


def assert_same(ends, row, index, verdict, cost_of):
    assert verdict.outcome == {1: "PASS", -1: "FAIL", 0: "INCONCLUSIVE"}[ends.outcome[row, index]]
    if verdict.measured is not None:
        assert verdict.reason == curvature.REASONS[ends.reason[row, index]]
    assert len(verdict.looks) == ends.looks[row, index]
    assert verdict.looks[-1].work == pytest.approx(ends.work[row, index], rel=1e-9)
    assert sum(cost_of(p.x) * p.replicates for p in verdict.points) == pytest.approx(
        ends.work[row, index], rel=1e-9
    )


def seeds(gate, thorough):
    """So many seeds in the gate, and so many in all."""
    more = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(gate, thorough)]
    return pytest.mark.parametrize("seed", [*range(gate), *more])


@seeds(3, 12)
def test_errors_end_as_in_the_engine(seed):
    rng = np.random.default_rng([7, seed])
    k, cap = int(rng.integers(4, 10)), int(rng.choice([48, 128, 512]))
    margin, power = float(rng.uniform(0.06, 0.25)), float(rng.choice([0.0, 1.0, 2.5]))
    relation = str(rng.choice(list(KINDS)))
    block = int(rng.choice([16, 32]))
    cap = -(-cap // block) * block
    x = grid(k)
    points = tuple(float(v) for v in np.exp(x))
    noise = laws.lognormal(float(rng.uniform(0.2, 1.3)))
    experiments = 6
    y = noise.draw(rng, np.zeros(experiments * k * cap, dtype=int)).reshape(experiments, k, cap)
    curve = np.log(1 + rng.choice([0.0, 3.0]) * np.exp(-0.7 * x))
    truths = [0.0, 2 * margin, -1.0 * margin, curve, -3 * margin]
    design = paths.Design(x, margin, relation, np.exp(power * x), cap, tail_of(0.01), block)
    ends = paths.run(GivenErrors(y), experiments, design, truths)
    check = KINDS[relation]("q", "1/n", margin=margin)
    planned = single.design(check, points, block=block, cap=cap, cost=f"n**{power}")
    for row, truth in enumerate(truths):
        shift = np.exp((truth if np.ndim(truth) else truth * x) - x)
        for e in range(experiments):
            verdict = single.verdict(
                planned,
                lambda cell, index, e=e, shift=shift: {
                    "q": shift[cell] * y[e, cell, index * block : (index + 1) * block]
                },
            )
            assert_same(ends, row, e, verdict, lambda n: n**power)


@seeds(1, 3)
def test_differences_end_as_in_the_engine(seed):
    rng = np.random.default_rng([8, seed])
    k, cap, margin, size = 7, 256, 0.12, 8
    x = grid(k)
    shared = rng.gamma(2.0, size=(size, k, cap))
    y, z = shared * rng.gamma(9.0, size=shared.shape), shared * rng.gamma(9.0, size=shared.shape)
    design = paths.Design(x, margin, "at least", cap=cap)
    truths = [0.0, -margin, -2.5 * margin]
    ends = paths.run(GivenErrors(y, z), size, design, truths)
    check = Faster("q", than="r", by="n**0.5", margin=margin)
    planned = single.design(check, tuple(float(v) for v in np.exp(x)), cap=cap, cost="1")
    for row, truth in enumerate(truths):
        shift = np.exp((0.5 + truth) * x)
        for e in range(size):
            verdict = single.verdict(
                planned,
                lambda cell, index, e=e, shift=shift: {
                    "q": y[e, cell, index * 16 : index * 16 + 16],
                    "r": shift[cell] * z[e, cell, index * 16 : index * 16 + 16],
                },
            )
            assert_same(ends, row, e, verdict, lambda n: 1.0)


@seeds(1, 3)
def test_trajectories_end_as_in_the_engine(seed):
    rng = np.random.default_rng([9, seed])
    k, cap, margin, size = 6, 256, 0.1, 8
    x = grid(k)
    draw = power_laws.autoregressive([0.9] * k, 0.8)
    y = draw(rng, np.array([size, cap]))

    class Runs(paths.Trajectories):
        def __init__(self):
            self.k = 1

        def data(self, experiments, counts):
            return trajectory.summarise(y[experiments, : int(counts.max())])

    truths = [0.0, 1.5 * margin, -3 * margin]
    ends = paths.run(Runs(), size, paths.Design(x, margin, cap=cap), truths)
    planned = single.design(
        Rate("q", "1/n", margin=margin), tuple(float(v) for v in np.exp(x)), cap=cap,
        form="trajectories",
    )  # fmt: skip
    for row, truth in enumerate(truths):
        shift = np.exp((truth - 1) * x)
        for e in range(size):
            verdict = single.verdict(
                planned,
                lambda cell, index, e=e, shift=shift: {
                    "q": shift * y[e, index * 16 : index * 16 + 16]
                },
            )
            assert (
                verdict.outcome == {1: "PASS", -1: "FAIL", 0: "INCONCLUSIVE"}[ends.outcome[row, e]]
            )
            assert len(verdict.looks) == ends.looks[row, e]
            assert verdict.looks[-1].replicates == ends.work[row, e]


def test_what_is_drawn_does_not_depend_on_how_it_is_asked_for():
    """The same law, counts and pairing; each replicate once."""
    draws = []

    def draw(rng, point):
        draws.append(point.size)
        return rng.random(point.shape)

    source = paths.Errors(draw, 3, 4, np.random.default_rng(0))
    first = source.data(np.arange(3), np.full((3, 4), 16))
    more = np.full((3, 4), 16)
    more[1, 2] = 48
    again = source.data(np.arange(3), more)
    assert draws == [3 * 4 * 16, 32]
    assert np.array_equal(np.delete(first.mean.ravel(), 6), np.delete(again.mean.ravel(), 6))
    assert again.count[1, 2] == 48


def test_what_is_open_goes_on_and_what_would_stay_open_ends():
    """Half a margin off is decided beyond the plan; on the margin itself nothing would be."""
    law, x, margin = laws.lognormal(1.0), grid(8), 0.1
    source = paths.Errors(law.draw, 200, 8, np.random.default_rng(11))
    ends = paths.run(source, 200, paths.Design(x, margin), [0.0, margin / 2, margin])
    passed = (ends.outcome == 1).mean(-1)
    assert passed[0] > 0.97
    assert passed[1] > 0.9  # of a design that ends with its plan: 0.39
    assert passed[2] < 0.05
    on_the_claim, half_off, on_the_margin = ends.work.mean(-1) / (8 * 8192)
    assert on_the_claim < half_off < 0.2
    assert on_the_margin < 0.5
