"""Memory that runs out: fewer blocks at once, a fresh process, and no other number."""

import sys

import numpy as np
import pytest

from ratecheck.engine.blocks import Numbers, compute
from ratecheck.engine.executors import Processes
from tests.engine.test_blocks import block_of
from tests.engine.test_executors import BODY, drain

pytestmark = pytest.mark.timeout(1800)

GREEDY = """
    import os, pathlib, time
    if n < 100:
        mark = pathlib.Path(__file__).with_suffix(f".{os.getpid()}")
        mark.touch()
        alone = len(list(mark.parent.glob("half.*"))) == 2  # the claim and this mark
        try:
            torch.zeros(SIZE if n > 50 or not alone else 1, dtype=torch.uint8)
            time.sleep(0.2)
        finally:
            mark.unlink()
"""


def test_out_of_memory_halves_what_runs_at_once_and_changes_no_number(claim_file, monkeypatch):
    """Blocks 17 to 20 fit only alone; 60 never fits; 100 does not care."""
    monkeypatch.setattr("ratecheck.engine.executors.processes._memory", lambda: 4 * 2**30)
    path = claim_file(replace={BODY: GREEDY.replace("SIZE", "2**43") + BODY})
    pool = Processes(2)
    try:
        outcomes = drain(pool, [block_of(path, n=n) for n in (17, 18, 60, 19, 20, 100)])
        assert pool.at_once == 1
    finally:
        pool.close()
    assert "out of memory" in outcomes.pop(60).message
    plain = claim_file("half")
    for n, outcome in outcomes.items():
        assert np.array_equal(outcome.values["risk"], compute(block_of(plain, n=n)).values["risk"])


LEFT_BEHIND = """
    import os, pathlib
    mark = pathlib.Path(__file__).with_suffix(f".{os.getpid()}")
    if mark.exists():
        raise MemoryError("an earlier block holds it all")
    mark.touch()
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_what_earlier_blocks_left_behind_costs_no_block(claim_file, workers):
    """Only the first block of each process has the memory that it needs."""
    path = claim_file(replace={BODY: LEFT_BEHIND + BODY})
    pool = Processes(workers)
    try:
        outcomes = drain(pool, [block_of(path, n=n) for n in range(16, 22)])
    finally:
        pool.close()
    assert all(isinstance(outcome, Numbers) for outcome in outcomes.values())


TOGETHER = """
    import pathlib, time
    first = pathlib.Path(__file__).with_suffix(f".{n}")
    if not first.exists():
        first.touch()
        give_up = time.monotonic() + 600
        while len(list(first.parent.glob("half.*"))) < 3:  # the claim and both marks
            assert time.monotonic() < give_up
            time.sleep(0.01)
        raise MemoryError
"""


def test_blocks_that_run_out_of_memory_together_are_all_computed_again(claim_file):
    path = claim_file(replace={BODY: TOGETHER + BODY})
    pool = Processes(2)
    try:
        outcomes = drain(pool, [block_of(path, n=n) for n in (17, 18)])
        assert pool.at_once == 1
    finally:
        pool.close()
    assert all(isinstance(outcome, Numbers) for outcome in outcomes.values())


def test_blocks_that_run_out_of_memory_together_halve_the_number_once(claim_file):
    path = claim_file(replace={BODY: TOGETHER.replace("< 3", "< 5") + BODY})
    pool = Processes(4)
    try:
        outcomes = drain(pool, [block_of(path, n=n) for n in (17, 18, 19, 20)])
        assert pool.at_once == 2
    finally:
        pool.close()
    assert all(isinstance(outcome, Numbers) for outcome in outcomes.values())


def test_a_worker_may_allocate_its_share_alone(claim_file, monkeypatch):
    """Three quarters of the memory fit when one block runs at once, and not when two do."""
    monkeypatch.setattr("ratecheck.engine.executors.processes._memory", lambda: 4 * 2**30)
    path = claim_file(replace={BODY: "    torch.empty(3 * 2**30, dtype=torch.uint8)\n" + BODY})
    pool = Processes(2)
    try:
        pool.submit(block_of(path))
        [(_, outcome)] = pool.wait()
        assert isinstance(outcome, Numbers)
        assert pool.at_once == 1
    finally:
        pool.close()


def test_memory_is_bounded_in_workers(claim_file):
    path = claim_file(replace={BODY: "    x = bytearray(10 * 2**40)\n" + BODY})
    alone = Processes(1)
    [outcome] = drain(alone, [block_of(path)]).values()
    alone.close()
    assert outcome.memory
    assert outcome.message.startswith("MemoryError: out of memory")


FULL = """
    import resource
    import numpy as np
    full = np.ones(replicates)
    status = open("/proc/self/status").read()
    held = 1024 * int(status.partition("VmData:")[2].split()[0])
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (held + 100 * 2**20, hard))
    return {"risk": full}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_memory_that_runs_out_while_numbers_are_sent_is_told(claim_file):
    path = claim_file(replace={"    import torch\n": FULL})
    alone = Processes(1)
    [outcome] = drain(alone, [block_of(path, size=2**25)]).values()
    alone.close()
    assert outcome.memory
    assert outcome.message.startswith("MemoryError: out of memory")
