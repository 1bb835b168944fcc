"""Worker processes of this machine.

Whatever goes wrong costs at most the block it went wrong in:

- a simulation that crashes its worker, or overruns its time, is a `Failure` of its block;
- a worker that is killed from outside computes its block again, in a new process;
- programs that a simulation started end with its worker;
- when memory runs out, half as many blocks run at once from then on, each with twice the memory,
  and the block is computed again; a block that ran alone gets a new process once, which holds
  nothing of the blocks before it. Blocks are pure, so no number changes by any of this.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from ratecheck.engine.answers import Incoming, NotAnAnswerError
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.executors.interface import HOUR, Outcome, late, time_limit
from ratecheck.engine.worker import Failure, serve
from ratecheck.errors import RequestError

_THREADS = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA")
_ONE_THREAD: Mapping[str, str] = {f"{name}_NUM_THREADS": "1" for name in _THREADS}
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, 255})  # 255: its fork server died
_MOST_MEMORY = 0.8
_PATIENCE = (0.1, 0.5, 2.0)
_CGROUP_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")


@dataclass
class _Worker:
    process: ForkServerProcess
    pipe: multiprocessing.connection.Connection
    incoming: Incoming
    block: Block | None = None
    beside: int = 1  # how many could compute at once when it got its block
    computed: int = 0  # blocks that this process has computed
    started: float = 0.0

    @property
    def deadline(self) -> float | None:
        return None if self.block is None else self.started + time_limit(self.block)

    def kill(self) -> None:
        """End it, and where it leads a group, the programs that its simulations have started."""
        self.process.kill()
        if self.process.pid is not None:
            with contextlib.suppress(OSError):  # it leads none, or all have ended
                os.killpg(self.process.pid, signal.SIGKILL)


class Processes:
    """Worker processes, one thread each, forked from a server that has torch loaded.

    Parameters
    ----------
    count : int
        Number of workers, at least one.

    Attributes
    ----------
    at_once : int
        How many of them may compute at once: fewer than there are once memory ran out.

    Raises
    ------
    RequestError
        If the system starts no more processes.
    """

    def __init__(self, count: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["numpy", "torch", "ratecheck.engine.worker"])
        self._memory = _memory()
        self._again: deque[Block] = deque()
        self._killed: Counter[str] = Counter()
        self.at_once = count
        try:
            self._workers = [self._start() for _ in range(count)]
        except (OSError, EOFError) as error:
            cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise RequestError(
                f"{count} worker processes cannot be started ({cause}); "
                "ask for fewer, or for --workers 0 to compute in this process"
            ) from None

    def _start(self) -> _Worker:
        waits = iter(_PATIENCE)
        while True:
            ours, theirs = self._context.Pipe()
            try:
                with _environment(_ONE_THREAD), without_main():
                    _start_server()
                    process = self._context.Process(target=serve, args=(theirs,), daemon=True)
                    process.start()
                return _Worker(process, ours, Incoming(ours))
            except (OSError, EOFError):  # such as a fork server that is just being killed
                ours.close()
                wait = next(waits, None)
                if wait is None:
                    raise
                time.sleep(wait)
            finally:
                theirs.close()

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now."""
        return max(0, self.at_once - len(self._busy) - len(self._again))

    @property
    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.block is not None]

    def submit(self, block: Block) -> None:
        """Send a block to an idle worker."""
        idle = (worker for worker in self._workers if worker.block is None)
        worker = min(idle, key=lambda worker: worker.computed)
        share = None if self._memory is None else self._memory // self.at_once
        worker.beside = self.at_once
        if worker.pipe.poll():  # nobody asked it: a child of the block before speaks, or it died
            self._replace(worker)
        for _ in range(3):
            worker.block, worker.started = block, time.monotonic()
            try:
                worker.pipe.send((block, share))
                return
            except OSError:  # it died while idle: a new one takes the block
                self._replace(worker)
        worker.block = block  # `wait` will find it dead

    def wait(self) -> list[Outcome]:
        """The blocks that finished, crashed or overran their time."""
        while True:
            while self._again and len(self._busy) < self.at_once:
                self.submit(self._again.popleft())
            busy = self._busy
            if not busy:
                return []
            deadlines = [w.deadline for w in busy if w.deadline is not None]
            limit = min(deadlines, default=math.inf) - time.monotonic()
            sources = [w.pipe for w in busy] + [w.process.sentinel for w in busy]
            multiprocessing.connection.wait(sources, min(max(0.0, limit), HOUR))
            outcomes = self.ready()
            if outcomes:
                return outcomes

    def ready(self) -> list[Outcome]:
        """The blocks that have finished, crashed or overrun their time by now."""
        return [out for worker in self._busy if (out := self._collect(worker)) is not None]

    def _collect(self, worker: _Worker) -> Outcome | None:
        block, beside = worker.block, worker.beside
        if block is None:
            return None
        try:
            answer = worker.incoming.take(block.digest)
            if answer is not None:
                result: Numbers | Failure = answer[0]
                worker.block = None
                worker.computed += 1
                short = isinstance(result, Failure) and result.memory
                if short and (self._with_fewer(block, beside) or self._afresh(block, worker)):
                    self._replace(worker)  # a new process gives back what the old one held
                    return None
                return block, result
        except NotAnAnswerError:
            self._replace(worker)
            return block, Failure(
                "something else than its answer came from its worker: a simulation may not write "
                "into descriptors that it has not opened, nor leave processes that do"
            )
        except (EOFError, OSError):
            pass
        if not worker.process.is_alive():
            code = worker.process.exitcode
            self._replace(worker)
            if code in _FROM_OUTSIDE and self._once_more(block, beside):
                return None
            how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
            return block, Failure(f"the worker died while computing it ({how})")
        if worker.deadline is not None and time.monotonic() >= worker.deadline:
            self._replace(worker)
            return block, late(block)
        return None

    def _with_fewer(self, block: Block, beside: int) -> bool:
        """Take the block back, to run among half as many, unless it had all memory already.

        Blocks that fail together ran with the same share, so they halve the number only once.
        """
        if beside == 1:
            return False
        self.at_once = min(self.at_once, beside // 2)
        self._again.append(block)
        return True

    def _afresh(self, block: Block, worker: _Worker) -> bool:
        """Take the block back unless it was the first of its process.

        An earlier one may have left memory behind; no answer may depend on which came before.
        """
        if worker.computed == 1:
            return False
        self._again.append(block)
        return True

    def _once_more(self, block: Block, beside: int) -> bool:
        """Take a killed block back; killed twice, the kernel was probably short of memory."""
        self._killed[block.digest] += 1
        if self._killed[block.digest] == 1:
            self._again.append(block)
            return True
        return self._with_fewer(block, beside)

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        worker.process.join()
        worker.pipe.close()
        fresh = self._start()
        worker.process, worker.pipe, worker.incoming = fresh.process, fresh.pipe, fresh.incoming
        worker.block, worker.computed = None, 0

    def close(self) -> None:
        """Kill the workers: what they had not finished is lost, nothing else."""
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()


def _memory() -> int | None:
    """Bytes that all workers together may allocate: most of what the machine, or the job, has."""
    if sys.platform != "linux":
        return None
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in _CGROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(Path("/sys/fs/cgroup", name).read_text()))
    return int(_MOST_MEMORY * min(limits))


def _start_server() -> None:
    """Start the fork server, unless it runs, deaf to Ctrl-C from its first moment on.

    It ignores Ctrl-C by itself only once it has imported torch; until then it would print a
    traceback of its own.
    """
    resource_tracker.ensure_running()  # started by the fork server it would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for the time in which the fork server starts."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Hide where the main module comes from for the time in which a process starts.

    A worker needs nothing of it. Else multiprocessing would import it there: a script that is not
    guarded by ``if __name__ == "__main__"`` would run again in every worker, and one that came
    from standard input could not be found.
    """
    main = sys.modules["__main__"].__dict__
    hidden: dict[str, Any] = {
        name: main.pop(name) for name in ("__file__", "__spec__") if name in main
    }
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(hidden)
