"""Executors of others that speak as `concurrent.futures` does, such as mpi4py.futures.

    register("mpi", lambda count: Futures(MPIPoolExecutor(count), count))

Their workers compute one block at a time each: what a block sets up in its process is global.
"""

from __future__ import annotations

from concurrent import futures

from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.executors.interface import Outcome
from ratecheck.engine.worker import Failure, attempt
from ratecheck.errors import kind_of, one_line

_Future = futures.Future[Numbers | Failure]


class Futures:
    """An executor of `concurrent.futures` as one of blocks.

    Parameters
    ----------
    pool : concurrent.futures.Executor
    count : int
        Its workers.
    """

    def __init__(self, pool: futures.Executor, count: int) -> None:
        self._pool = pool
        self._count = count
        self._running: dict[_Future, Block] = {}

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now."""
        return self._count - len(self._running)

    def submit(self, block: Block) -> None:
        """Start a block."""
        self._running[self._pool.submit(attempt, block)] = block

    def wait(self) -> list[Outcome]:
        """The blocks that finished, waiting for at least one."""
        return self._take(futures.wait(self._running, return_when=futures.FIRST_COMPLETED).done)

    def ready(self) -> list[Outcome]:
        """The blocks that have finished by now."""
        return self._take({future for future in self._running if future.done()})

    def close(self) -> None:
        """Start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, done: set[_Future]) -> list[Outcome]:
        return [(self._running.pop(future), _outcome(future)) for future in done]


def _outcome(future: _Future) -> Numbers | Failure:
    error = future.exception()
    if error is None:
        return future.result()
    return Failure(f"its worker failed ({kind_of(error)}: {one_line(error)})")
