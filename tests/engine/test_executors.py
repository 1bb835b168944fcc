"""Executors: whatever a simulation does, it costs exactly its own block."""

import os
import random
import signal
import subprocess
import sys
from multiprocessing import forkserver
from pathlib import Path

import numpy as np
import pytest
import torch

from ratecheck.engine.blocks import Numbers, compute
from ratecheck.engine.executors import Processes, Serial, executor
from ratecheck.engine.executors.processes import _start_server
from ratecheck.engine.worker import Failure
from ratecheck.errors import RequestError
from tests import preloaded
from tests.engine.test_blocks import block_of
from tests.processes import runs, until

pytestmark = pytest.mark.timeout(1800)
BODY = "    error = sigma * (draws.mean(1) - 0.5)\n"
HOSTILE = """
    import os, time
    if n == 17:
        raise ValueError("odd\\nnumber")
    if n == 18:
        os._exit(7)
    if n == 19:
        time.sleep(3600)
    if n == 20:
        os.kill(os.getpid(), 11)
    if n == 21:
        raise MemoryError("no room")
    if n == 22:
        raise SystemExit(3)
    if n == 23:
        class Own(BaseException):
            def __str__(self):
                raise RuntimeError
        raise Own
    if n == 24:
        while True:
            pass
    if n == 25:
        raise ValueError("\x1b[31m" + 10_000 * "x")
"""
SPOILING = """
    import random
    import numpy as np
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    torch.set_default_dtype(torch.float64), torch.set_num_threads(2)
    torch.set_grad_enabled(False)
"""
IMPURE = """
    import random
    import numpy as np
    error = torch.rand(replicates).double() * np.random.rand() * random.random()
    assert torch.get_num_threads() == 1
"""


def drain(pool, blocks):
    outcomes, queue = {}, list(blocks)
    while queue or len(outcomes) < len(blocks):
        while queue and pool.free:
            pool.submit(queue.pop(0))
        arrived = pool.wait()
        assert arrived, "nothing is under way, yet outcomes are missing"
        outcomes |= {block.params[0][1]: outcome for block, outcome in arrived}
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
        for n in (16, 17, 18, 19, 20, 21, 22, 23, 32, 64)
    ]
    outcomes = drain(pool, blocks)
    for n in (16, 32, 64):
        assert isinstance(outcomes[n], Numbers)
    messages = {n: outcomes[n].message for n in (17, 18, 19, 20, 21, 22, 23)}
    line = path.read_text().splitlines().index("    if n == 17:") + 2
    assert messages[17] == f"ValueError: odd number (half.py, line {line})"
    assert messages[18] == "the worker died while computing it (exit code 7)"
    assert messages[19] == "it took longer than its 1.5 s"
    assert [n for n in messages if outcomes[n].late] == [19]
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


SLOW_ONCE = """
    import pathlib, time
    mark = pathlib.Path(__file__).with_suffix(f".{n}")
    if not mark.exists():
        mark.touch()
        time.sleep(3600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, "fork server"])
def test_a_block_whose_worker_is_killed_from_outside_is_computed_again(claim_file, how):
    path = claim_file(replace={BODY: SLOW_ONCE + BODY})
    pool = Processes(1)
    try:
        block = block_of(path)
        pool.submit(block)
        until(path.with_suffix(".16").exists)
        if how == "fork server":
            preloaded.prepare()  # for those tests that come after this one
            os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
        else:
            os.kill(pool._workers[0].process.pid, how)
        [(_, outcome)] = pool.wait()
        assert np.array_equal(outcome.values["risk"], compute(block).values["risk"])
        assert pool.at_once == 1
    finally:
        pool.close()


def test_a_block_that_is_always_killed_is_given_up(claim_file):
    path = claim_file(replace={BODY: "    import os\n    os.kill(os.getpid(), 9)\n" + BODY})
    pool = Processes(2)
    try:
        [(_, outcome)] = drain(pool, [block_of(path)]).items()
        assert outcome.message == "the worker died while computing it (signal 9)"
        assert pool.at_once == 1
    finally:
        pool.close()


def test_the_block_before_changes_nothing(claim_file):
    """Neither torch's defaults nor global random states reach from one block into the next."""
    spoiling = claim_file("spoiling", {BODY: SPOILING + BODY})
    impure = claim_file("impure", {BODY: IMPURE})
    blocks = [block_of(impure, index=index) for index in (0, 1)]
    alone = [compute(block).values["risk"] for block in blocks]
    random.seed(5)
    before = random.getstate(), torch.get_rng_state(), torch.get_num_threads()
    compute(block_of(spoiling))
    again = [compute(block).values["risk"] for block in reversed(blocks)][::-1]
    assert random.getstate() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    assert torch.get_num_threads() == before[2]
    assert np.array_equal(alone, again)
    assert not np.array_equal(*alone)
    assert torch.get_default_dtype() == torch.float32


def test_in_this_process_loops_end_and_exits_are_caught(claim_file):
    path = claim_file(replace={BODY: BODY + HOSTILE})
    numbers = (22, 23, 24, 25, 32)
    rung = []
    handler = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    left = signal.setitimer(signal.ITIMER_REAL, 50_000)
    try:
        limits = {24: 0.3}
        blocks = [block_of(path, n=n, timeout=limits.get(n, 100.0)) for n in numbers]
        outcomes = drain(Serial(), blocks)
        assert 40_000 < signal.getitimer(signal.ITIMER_REAL)[0] < 50_000
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, handler)
    assert outcomes[22].message.startswith("SystemExit: 3 (half.py, line ")
    assert outcomes[23].message.startswith("Own: no message (half.py, line ")
    assert outcomes[24].message == "it took longer than its 0.3 s"
    assert outcomes[25].message.startswith("ValueError: ?[31mxxx")
    assert len(outcomes[25].message) < 400
    assert isinstance(outcomes[32], Numbers)


def test_in_this_process_loading_a_claim_is_not_the_time_of_a_block(claim_file):
    """No alarm of a hundred seconds is set while the file is read, and one is in the block."""
    clock = "import signal\nLEFT = signal.getitimer(signal.ITIMER_REAL)[0]\n"
    look = "    left = signal.getitimer(signal.ITIMER_REAL)[0]\n    assert 0 < left <= 100\n"
    not_yet = "    assert not 0 < LEFT <= 100\n"
    path = claim_file(replace={"SHIFT = 0.3": f"{clock}SHIFT = 0.3", BODY: look + not_yet + BODY})
    [outcome] = drain(Serial(), [block_of(path, timeout=100.0)]).values()
    assert isinstance(outcome, Numbers), outcome.message


PROGRAM = """
    import os, pathlib, subprocess, time
    program = subprocess.Popen(["sleep", "3600"])
    mark = pathlib.Path(__file__).with_suffix(".part")
    mark.write_text(f"{os.getpid()} {program.pid}")
    mark.replace(mark.with_suffix(".pid"))
"""
DRIVER = """
import sys
from ratecheck.engine.executors import Processes
from tests.engine.test_blocks import block_of

if __name__ == "__main__":
    pool = Processes(1)
    pool.submit(block_of(sys.argv[1]))
    pool.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_a_killed_driver_leaves_no_endless_loop_behind(claim_file, tmp_path):
    """Compiled code that never ends lets no thread of its process notice anything."""
    loop = PROGRAM + "    import re\n    re.match('(a+)+$', 60 * 'a' + 'b')\n"
    path = claim_file(replace={BODY: loop})
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    driver = subprocess.Popen([sys.executable, script, path], env=env)
    mark = path.with_suffix(".pid")
    try:
        until(lambda: mark.exists() and mark.read_text())
    finally:
        driver.kill()
        driver.wait()
    for pid in map(int, mark.read_text().split()):
        until(lambda pid=pid: not runs(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
@pytest.mark.parametrize("then", ["", "    os._exit(7)\n", "    time.sleep(3600)\n"])
def test_what_a_simulation_starts_ends_with_its_worker(claim_file, then):
    """Else it would hold what the run prints to, and whoever reads that would wait for it."""
    path = claim_file(replace={BODY: PROGRAM + then + BODY})
    mark, pool = path.with_suffix(".pid"), Processes(1)
    try:
        pool.submit(block_of(path))
        until(mark.exists)
        if "sleep" not in then:
            [(_, outcome)] = pool.wait()
            assert isinstance(outcome, Failure) == bool(then)
    finally:
        pool.close()
    for pid in map(int, mark.read_text().split()):
        until(lambda pid=pid: not runs(pid))


def test_serial_reports_failures_too(claim_file):
    path = claim_file(replace={BODY: BODY + HOSTILE})
    outcomes = drain(Serial(), [block_of(path, n=17), block_of(path, n=32)])
    assert isinstance(outcomes[17], Failure)
    assert isinstance(outcomes[32], Numbers)


def test_closing_stops_the_workers(claim_file):
    pool = executor(None, 1)
    path = claim_file(replace={BODY: BODY + HOSTILE})
    pool.submit(block_of(path, n=19))
    below = [worker.process.pid for worker in pool._workers]
    assert all(map(runs, below))
    pool.close()
    assert not any(map(runs, below))
    assert isinstance(executor(None, 0), Serial)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError("AF_UNIX path too long"), "AF_UNIX path too long"),
        (OSError(11, "Resource temporarily unavailable"), "Resource temporarily unavailable"),
        (EOFError(), "EOFError"),
    ],
)
def test_why_no_worker_starts_is_told(monkeypatch, error, cause):
    def refuse(self):
        raise error

    monkeypatch.setattr(Processes, "_start", refuse)
    with pytest.raises(RequestError, match=rf"2 worker processes cannot be started \({cause}\)"):
        executor(None, 2)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_ctrl_c_does_not_reach_the_fork_server_while_it_starts(monkeypatch):
    """In a server of its own: the one of this process may have been started by somebody else."""
    server = forkserver.ForkServer()
    monkeypatch.setattr(forkserver, "ensure_running", server.ensure_running)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    _start_server()
    status = Path(f"/proc/{server._forkserver_pid}/status").read_text()
    os.close(server._forkserver_alive_fd)  # it ends when nobody is left to ask it
    os.waitpid(server._forkserver_pid, 0)
    blocked = int(status.partition("SigBlk:")[2].split()[0], 16)
    assert blocked >> (signal.SIGINT - 1) & 1
    assert signal.SIGINT not in before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_an_unguarded_script_does_not_run_again_in_its_workers(claim_file, tmp_path):
    """From a file and from standard input alike."""
    script = (
        "from ratecheck.claim.catalogue import load\n"
        "from ratecheck.engine.plan import Settings, plan\n"
        "from ratecheck.engine.run import Run\n"
        f"settings = Settings(workers=1, store=None)\n"
        f"with Run(plan([load({str(claim_file())!r})], settings), settings) as run:\n"
        "    print('once', [r.answer.outcome for r in run.all()])\n"
    )
    path = tmp_path / "script.py"
    path.write_text(script)
    for command, given in (([str(path)], None), (["-"], script)):
        done = subprocess.run(
            [sys.executable, *command], input=given, capture_output=True, text=True, timeout=600
        )
        assert done.stdout.splitlines() == ["once ['PASS', 'KILLED']"], done.stderr
