"""How much faster a calibration is that runs its experiments together than one by one.

One by one means through the engine, as a claim is judged.
"""

import time

import numpy as np

from ratecheck import Rate
from ratecheck.calibrate import calibrate, paths, single
from ratecheck.calibrate import noise as laws
from ratecheck.calibrate.cell import grid

NOISE = laws.lognormal(0.6)
X = grid(8)


def together(size):
    rng = np.random.default_rng(0)
    source = paths.Errors(NOISE.draw, size, 8, rng)
    return paths.run(source, size, paths.Design(X, 0.1, cap=512), [0.0])


def one_by_one(size):
    rng = np.random.default_rng(0)
    planned = single.design(
        Rate("q", "1", margin=0.1), tuple(float(n) for n in np.exp(X)), cap=512, cost="1"
    )

    def draw(rng, cell, block):
        return {"q": NOISE.draw(rng, np.full(block, cell))}

    return [single.verdict(planned, single.draws(rng, draw)) for _ in range(size)]


def test_together(benchmark):
    """Seen: some fifty times faster an experiment."""
    few, many = 20, 2000
    one_by_one(2), together(10)
    start = time.process_time()
    one_by_one(few)
    each = (time.process_time() - start) / few

    benchmark.pedantic(together, args=(many,), rounds=1)
    start = time.process_time()
    together(many)
    ratio = each / ((time.process_time() - start) / many)
    benchmark.extra_info["times_faster"] = round(ratio, 1)
    assert ratio > 10


def test_a_cell_of_ten_thousand(benchmark):
    """Seconds on one core, from a fifth of it; a minute is what a calibration can afford."""

    def cell():
        return calibrate(cells="^sequential: log-normal, CV 1$", experiments=2000).cells[0].seconds

    seconds = 5 * benchmark.pedantic(cell, rounds=1)
    benchmark.extra_info["seconds_for_10000"] = round(seconds, 1)
