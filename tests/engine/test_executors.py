"""Executors: whatever a simulation does, it costs exactly its own block."""

import os
import signal
import time

import numpy as np
import pytest

from ratecheck.engine.blocks import Numbers, compute
from ratecheck.engine.executors import Processes, Serial, executor
from ratecheck.engine.worker import Failure
from tests.engine.test_blocks import block_of

BODY = "    error = sigma * (draws.mean(1) - 0.5)\n"
HOSTILE = """
    import os, time
    if n == 17:
        raise ValueError("odd\\nnumber")
    if n == 18:
        os._exit(7)
    if n == 19:
        time.sleep(60)
    if n == 20:
        os.kill(os.getpid(), 11)
    if n == 21:
        raise MemoryError("no room")
"""


def drain(pool, blocks):
    outcomes, queue = {}, list(blocks)
    while queue or len(outcomes) < len(blocks):
        while queue and pool.free:
            pool.submit(queue.pop(0))
        outcomes |= {block.params[0][1]: outcome for block, outcome in pool.wait()}
    return outcomes


@pytest.fixture(scope="module")
def pool():
    pool = Processes(2)
    yield pool
    pool.close()


def test_serial_and_processes_give_the_same_numbers(claim_file, pool):
    path = claim_file()
    blocks = [block_of(path, n=n) for n in (16, 32, 64, 128)]
    parallel, serial = drain(pool, blocks), drain(Serial(), blocks)
    for block in blocks:
        n = block.params[0][1]
        expected = compute(block).values
        for outcomes in (parallel, serial):
            assert all(np.array_equal(outcomes[n].values[k], expected[k]) for k in expected)


def test_a_hostile_simulation_costs_its_own_block(claim_file, pool):
    path = claim_file(replace={BODY: BODY + HOSTILE})
    blocks = [
        block_of(path, n=n, timeout=1.5 if n == 19 else None)
        for n in (16, 17, 18, 19, 20, 21, 32, 64)
    ]
    outcomes = drain(pool, blocks)
    for n in (16, 32, 64):
        assert isinstance(outcomes[n], Numbers)
    messages = {n: outcomes[n].message for n in (17, 18, 19, 20, 21)}
    assert messages[17] == "ValueError: odd number"
    assert messages[18] == "the worker died while computing it (exit code 7)"
    assert messages[19] == "it took longer than its 1.5 s"
    assert messages[20] == "the worker died while computing it (signal 11)"
    assert "out of memory" in messages[21]
    assert "odd" in outcomes[17].trace
    assert not any("\n" in message for message in messages.values())


def test_a_worker_killed_while_idle_is_replaced(claim_file, pool):
    victim = pool._workers[0].process
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    outcomes = drain(pool, [block_of(claim_file(), n=n) for n in (16, 32, 64)])
    assert all(isinstance(outcome, Numbers) for outcome in outcomes.values())


def test_serial_reports_failures_too(claim_file):
    path = claim_file(replace={BODY: BODY + HOSTILE})
    outcomes = drain(Serial(), [block_of(path, n=17), block_of(path, n=32)])
    assert isinstance(outcomes[17], Failure)
    assert isinstance(outcomes[32], Numbers)


def test_closing_stops_the_workers(claim_file):
    pool = executor(1)
    path = claim_file(replace={BODY: BODY + HOSTILE})
    pool.submit(block_of(path, n=19))
    time.sleep(0.1)
    start = time.monotonic()
    pool.close()
    assert time.monotonic() - start < 10
    assert isinstance(executor(0), Serial)
