"""Where blocks are computed: in this process, or in worker processes of this machine.

Both have one small interface: `submit` a block while `free` is positive, then `wait` for what is
finished. A worker that dies or overruns its time costs exactly the block it was computing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from typing import Protocol

from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.worker import Failure, attempt, serve

Outcome = tuple[Block, Numbers | Failure]

_THREADS = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA")
_ONE_THREAD: Mapping[str, str] = {f"{name}_NUM_THREADS": "1" for name in _THREADS}


class Executor(Protocol):
    """Computes blocks."""

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now."""

    def submit(self, block: Block) -> None:
        """Start a block."""

    def wait(self) -> list[Outcome]:
        """The blocks that finished, waiting for at least one when any is under way."""

    def close(self) -> None:
        """Stop everything at once."""


class Serial:
    """Computes in this process, one block at a time."""

    def __init__(self) -> None:
        self._waiting: deque[Block] = deque()

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now."""
        return 1 - len(self._waiting)

    def submit(self, block: Block) -> None:
        """Take a block; it is computed when its result is waited for."""
        self._waiting.append(block)

    def wait(self) -> list[Outcome]:
        """The result of the submitted block."""
        if not self._waiting:
            return []
        import torch

        torch.set_num_threads(1)  # sums must come out as in a worker, bit for bit
        block = self._waiting.popleft()
        return [(block, attempt(block))]

    def close(self) -> None:
        """Forget what was submitted."""
        self._waiting.clear()


@dataclass
class _Worker:
    process: ForkServerProcess
    pipe: multiprocessing.connection.Connection
    block: Block | None = None
    started: float = 0.0

    @property
    def deadline(self) -> float | None:
        if self.block is None or self.block.timeout is None:
            return None
        return self.started + self.block.timeout


class Processes:
    """Worker processes, one thread each, forked from a server that has torch loaded.

    Parameters
    ----------
    count : int
        Number of workers.
    """

    def __init__(self, count: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["numpy", "torch", "ratecheck.engine.worker"])
        self._workers = [self._start() for _ in range(count)]

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        with _environment(_ONE_THREAD):
            process = self._context.Process(target=serve, args=(theirs,), daemon=True)
            process.start()
        theirs.close()
        return _Worker(process, ours)

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now."""
        return sum(worker.block is None for worker in self._workers)

    def submit(self, block: Block) -> None:
        """Send a block to an idle worker."""
        worker = next(worker for worker in self._workers if worker.block is None)
        worker.block, worker.started = block, time.monotonic()
        try:
            worker.pipe.send(block)
        except OSError:  # it died while idle: a new one takes the block
            self._replace(worker)
            worker.block, worker.started = block, time.monotonic()
            worker.pipe.send(block)

    def wait(self) -> list[Outcome]:
        """The blocks that finished, crashed or overran their time."""
        busy = [worker for worker in self._workers if worker.block is not None]
        if not busy:
            return []
        while True:
            deadlines = [w.deadline for w in busy if w.deadline is not None]
            limit = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
            sources = [w.pipe for w in busy] + [w.process.sentinel for w in busy]
            multiprocessing.connection.wait(sources, limit)
            outcomes = [out for worker in busy if (out := self._collect(worker)) is not None]
            if outcomes:
                return outcomes

    def _collect(self, worker: _Worker) -> Outcome | None:
        block = worker.block
        if block is None:
            return None
        try:
            if worker.pipe.poll():
                result: Numbers | Failure = worker.pipe.recv()
                worker.block = None
                return block, result
        except (EOFError, OSError):
            pass
        if not worker.process.is_alive():
            code = worker.process.exitcode
            self._replace(worker)
            how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
            return block, Failure(f"the worker died while computing it ({how})")
        if worker.deadline is not None and time.monotonic() >= worker.deadline:
            self._replace(worker)
            return block, Failure(f"it took longer than its {block.timeout:g} s")
        return None

    def _replace(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        fresh = self._start()
        worker.process, worker.pipe, worker.block = fresh.process, fresh.pipe, None

    def close(self) -> None:
        """Kill the workers: what they had not finished is lost, nothing else."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()


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


def executor(workers: int) -> Executor:
    """`Serial` for no workers, `Processes` otherwise."""
    return Processes(workers) if workers else Serial()
