"""How much faster the rounds of BVR-L-SGD are than the straightforward forms.

Each is timed beside its baseline, in turn, once the two were found to agree. The median over rounds
of the ratio of processor times is ``times_faster`` in ``--benchmark-json``; it must exceed a floor
of about three quarters of what was seen on one core of a shared machine.
"""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import federated
from ratecheck.lab.finite_sums.federated import Resisting, Schedule
from tests.benches.timing import times_faster

REPLICATES, STEPS, COUNT = 16, 256, 8


def one_at_a_time(start, local, pick, o, s):
    """A loop over replicates, rounds and steps in plain Python."""
    ends = []
    for r in range(len(start)):
        u, w = float(start[r]), federated.START_W
        signs = 2 * np.unpackbits(local[r].view(np.uint8), axis=-1, bitorder="little") - 1.0
        for k in range(local.shape[1]):
            su, sw = o.signs[:, pick[r, k]]

            def gradient(u, w):
                over = min(max(u - o.goal, 0.0), 4 * o.eps / o.L)
                return -2 * o.eps + 0.5 * o.L * over, o.L * math.sin(w)

            ru, rw = gradient(u, w)
            vu, vw = ru, rw
            for i in range(s.steps):
                du, dw = -s.step * vu, -s.step * vw
                u, w = u + du, w + dw
                qu, qw = gradient(u, w)
                vu += qu - ru + (o.zeta * su + o.spread * signs[k, i]) * du
                vw += qw - rw + (o.zeta * sw + o.spread * signs[k, i]) * dw
                ru, rw = qu, qw
        ends.append((u, w))
    return np.array(ends)


@pytest.mark.parametrize(("form", "floor"), [("loop", 45.0), ("torch", 55.0)])
def test_rounds(benchmark, form, floor):
    """Seen: 60 times a loop over replicates in Python, 75 times torch batched over replicates."""
    o = Resisting(0.002, zeta=0.1, workers=8, spread=1.0)  # far from the goal: no run ends
    s = Schedule(STEPS, 1, federated.theory_step(o, STEPS, 1))
    rng = torch.Generator().manual_seed(0)
    start = federated.random_start(o, replicates=REPLICATES, rng=rng)
    local = federated._words((REPLICATES, COUNT, STEPS // 64), rng)
    shared = federated._words((REPLICATES, COUNT, 0), rng)
    pick = torch.randint(8, (REPLICATES, COUNT), generator=rng)

    def fast():
        state = federated._start(start)
        federated._bvr(
            state, local.numpy(), shared.numpy(), pick.numpy(), *federated._numbers(o), s.steps,
            s.batch, s.step, s.period, s.full_cost, s.sample,
        )  # fmt: skip
        return state[:, :2]

    def slow():
        if form == "loop":
            return one_at_a_time(start.numpy(), local.numpy(), pick.numpy(), o, s)
        return federated.bvr_together(federated._start(start), local, shared, pick, o, s)[:, :2]

    np.testing.assert_allclose(fast(), slow(), rtol=1e-9)
    ratio = times_faster(slow, fast)
    benchmark.extra_info["times_faster"] = round(ratio, 1)
    benchmark(fast)
    assert ratio > floor
