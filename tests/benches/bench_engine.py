"""What a block costs beside its simulation, and what a second worker brings.

The overhead of a run is everything that is not simulation: planning, seeds, pipes, the store,
judging. It is measured as processor time of the driver against the seconds that the workers spent
in the simulation, at blocks of the length that the claims of the catalogue have.
"""

import pickle
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine.blocks import Numbers
from ratecheck.engine.executors import executor, on, outcomes, register
from ratecheck.engine.executors.dask import LOCAL
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from tests.benches.timing import times_faster
from tests.conftest import CLAIM

# A simulation that does nothing but spend processor time: the overhead is easily seen beside it.
BUSY = CLAIM.replace(
    "    import torch\n",
    "    import time, torch\n"
    "    end = time.process_time() + {seconds}\n"
    "    while time.process_time() < end: pass\n",
)


def run(path, workers, store):
    """Wall seconds, driver's processor seconds, simulated seconds and blocks of a run."""
    settings = Settings(workers=workers, store=store, fixed=True)
    start, processor = time.perf_counter(), time.process_time()
    with Run(plan([load(path)], settings), settings) as simulated:
        results = simulated.all()
        blocks = simulated.status()[0].blocks_done
    wall, driver = time.perf_counter() - start, time.process_time() - processor
    return wall, driver, results[0].seconds, blocks


def write(tmp_path, seconds):
    path = tmp_path / "busy.py"
    path.write_text(BUSY.replace("{seconds}", str(seconds)))
    return path


def test_overhead_per_block(benchmark, tmp_path):
    """Seen: 1 to 2 ms a block, under 2 % of blocks of 0.1 s."""
    path = write(tmp_path, 0.1)
    run(path, 1, None)  # loads what the driver needs
    numbers = iter(range(100))

    def once():
        return run(path, 1, tmp_path / f"{next(numbers)}.sqlite")

    _, driver, simulated, blocks = benchmark.pedantic(once, rounds=3)
    benchmark.extra_info["ms_a_block"] = round(1e3 * driver / blocks, 2)
    benchmark.extra_info["percent_of_simulation"] = round(100 * driver / simulated, 2)
    assert driver / simulated < 0.05


@pytest.mark.skipif("len(__import__('os').sched_getaffinity(0)) < 2", reason="needs two cores")
def test_second_worker(benchmark, tmp_path):
    """Seen: 1.8 to 1.9 times faster on two idle cores."""
    path = write(tmp_path, 0.1)
    one = run(path, 1, None)[0]
    two = benchmark.pedantic(lambda: run(path, 2, None)[0], rounds=1)
    benchmark.extra_info["times_faster"] = round(one / two, 2)


@pytest.mark.skipif("len(__import__('os').sched_getaffinity(0)) < 2", reason="needs two cores")
def test_a_cluster_beside_processes(benchmark, tmp_path):
    """Seen: blocks of 10 ms take .99 to 1.02 of the time, 1.10 to 1.46 when sent one by one.

    100,000 of them on two workers took 614 s, a fifth of them on processes 122 s: 1.01.
    """
    pytest.importorskip("distributed")
    path = tmp_path / "waits.py"
    path.write_text(
        CLAIM.replace("    import torch\n", "    import time, torch\n    time.sleep(0.01)\n")
    )
    with Run(plan([load(path)], Settings(store=None)), Settings(store=None)) as planned:
        [block, *_] = planned.samplings[0].at(0)
    blocks = [replace(block, index=index) for index in range(1000)]
    pools = [executor(on(None, LOCAL), 2), executor(on("processes", None), 2)]
    for pool in pools:
        assert len(list(outcomes(pool, blocks[:20]))) == 20

    def seconds(pool):
        start = time.perf_counter()
        assert len(list(outcomes(pool, blocks))) == len(blocks)
        return time.perf_counter() - start

    ratios = benchmark.pedantic(
        lambda: [seconds(pools[0]) / seconds(pools[1]) for _ in range(3)], rounds=1
    )
    for pool in pools:
        pool.close()
    benchmark.extra_info["of_the_time_of_processes"] = round(statistics.median(ratios), 2)
    assert statistics.median(ratios) < 1.2


class Instant:
    """Simulations that cost nothing; their numbers come as from a worker."""

    free = 8

    def __init__(self, count):
        self.sent = []

    def submit(self, block):
        self.sent.append(block)

    def wait(self):
        blocks, self.sent = self.sent, []
        return [(block, pickle.loads(pickle.dumps(self.numbers(block)))) for block in blocks]

    ready = wait

    def numbers(self, block):
        drawn = np.random.default_rng(block.entropy).random(block.size)
        return Numbers({"risk": drawn / dict(block.params)["n"], "biased": drawn}, 0.01)

    def close(self):
        pass


def test_a_large_plan(benchmark, tmp_path):
    """Seen: .20 to .22 ms and 1.4 KB a block from 50,000 blocks to 300,000, stored and judged."""
    register("instant", Instant)
    path = tmp_path / "large.py"
    text = CLAIM.replace("replicates=256", "replicates=256, block=16")

    def seconds_a_block(cases, name):
        several = [{"sigma": 1 + i / 8} for i in range(cases)]
        path.write_text(text.replace('free={"sigma": 1.0}', f"cases={several}"))
        settings = Settings(store=tmp_path / name, executor="instant", fixed=True)
        start, before = time.process_time(), resident()
        with Run(plan([load(path)], settings), settings) as large:
            large.all()
            blocks = sum(sampling.done for sampling in large.samplings)
            kept = (resident() - before) / blocks
        return (time.process_time() - start) / blocks, kept

    seconds_a_block(2, "0.sqlite")  # loads what judging needs
    few, _ = seconds_a_block(20, "1.sqlite")
    many, kept = benchmark.pedantic(lambda: seconds_a_block(300, "2.sqlite"), rounds=1)
    benchmark.extra_info["ms_a_block"] = round(1e3 * many, 2)
    benchmark.extra_info["KB_a_block"] = round(kept / 1e3, 1)
    benchmark.extra_info["of_a_block_in_a_small_plan"] = round(many / few, 2)
    assert many < 1.5 * few
    assert kept < 2e3


def resident():
    """Bytes of memory that this process has now; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0


def test_a_warm_run_beside_judging_afresh(benchmark, tmp_path):
    """Seen over the catalogue: 0.9 s in place of 14 to read and judge, 0.2 of 2 for fingerprints.

    One claim with a case for each of 24 values of sigma; both derive the same from the same store.
    """
    path = tmp_path / "many.py"
    cases = [{"sigma": 1 + i / 8} for i in range(24)]
    path.write_text(CLAIM.replace('free={"sigma": 1.0}', f"cases={cases}"))
    settings = Settings(workers=1, store=tmp_path / "s.sqlite")

    def again(**how):
        with Run(plan([load(path)], settings), settings, **how) as warm:
            return warm.all()

    looks = sum(len(one.answer.looks) for one in again() if hasattr(one.answer, "looks"))
    start = time.process_time()
    again(afresh=True)
    benchmark.extra_info["ms_a_look"] = round(1e3 * (time.process_time() - start) / looks, 2)
    ratio = times_faster(lambda: again(afresh=True), again)
    benchmark.extra_info["times_faster"] = round(ratio, 1)
    benchmark.pedantic(again, rounds=1)
    assert ratio > 3
