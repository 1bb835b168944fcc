"""This process, one block at a time: for a debugger, and where no process may be started.

A crash cannot be contained here, and memory is not bounded; an endless loop is.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from types import FrameType

from ratecheck.engine.blocks import Block
from ratecheck.engine.executors.interface import Outcome, late, time_limit
from ratecheck.engine.worker import Overrun, attempt


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
        """The result of the submitted block, which Ctrl-C leaves submitted."""
        if not self._waiting:
            return []
        block = self._waiting[0]
        try:
            outcome = attempt(block, _alarm(time_limit(block)))
        except Overrun:
            outcome = late(block)
        self._waiting.popleft()
        return [(block, outcome)]

    def ready(self) -> list[Outcome]:
        """None: a block is computed when it is waited for."""
        return []

    def close(self) -> None:
        """Forget what was submitted."""
        self._waiting.clear()


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `Overrun` in this process when the time is up (in its main thread only).

    An alarm that somebody else had set is put back with what is left of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise Overrun

    started = time.monotonic()
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    if 0 < left <= seconds:
        yield
        return
    handler = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            rest = max(1e-3, left - (time.monotonic() - started))
            signal.setitimer(signal.ITIMER_REAL, rest, interval)
