"""How much faster the rounds of BVR-L-SGD are than the straightforward forms.

Each is timed beside its baseline, in turn, once the two were found to agree. The median over rounds
of the ratio of processor times is ``times_faster`` in ``--benchmark-json``; it must exceed a floor
of about three quarters of what was seen on one core of a shared machine.
"""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import federated, rounds
from ratecheck.lab.finite_sums.resisting import Resisting
from ratecheck.lab.finite_sums.rounds import Bits, Schedule
from tests.benches.timing import times_faster

REPLICATES, STEPS, COUNT = 16, 256, 8


def one_at_a_time(start, local, pick, o, s):
    """A loop over replicates, rounds and steps in plain Python."""
    ends = []
    for r in range(len(start)):
        u, w = float(start[r]), rounds.START_W
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
    s = Schedule(STEPS, 1, federated.theory_step(o.L, o.zeta, STEPS, 1))
    rng = torch.Generator().manual_seed(0)
    start = o.start(replicates=REPLICATES, rng=rng)
    bits = federated.draw_bits(o, s, REPLICATES, COUNT, rng=rng)
    local, shared, pick = (part.numpy() for part in bits)

    def fast():
        state = rounds.initial(start)
        rounds.bvr(state, Bits(local, shared, pick), o.world, s)
        return state[:, :2]

    def slow():
        if form == "loop":
            return one_at_a_time(start.numpy(), local, pick, o, s)
        return federated.bvr_together(rounds.initial(start), *bits, o, s)[:, :2]

    np.testing.assert_allclose(fast(), slow(), rtol=1e-9)
    ratio = times_faster(slow, fast)
    benchmark.extra_info["times_faster"] = round(ratio, 1)
    benchmark(fast)
    assert ratio > floor
