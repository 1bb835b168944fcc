"""Python code that may take so much of the processor's time and no more."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_AGAIN = 0.5  # seconds: code that catches everything is told once more


class EndlessError(BaseException):
    """The time is up; code that catches its own errors does not catch this by mistake."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """End what runs after so many seconds of the processor: a busy machine is no loop.

    Where the system has no such clock, or in another thread than the first, nothing is ended.

    Raises
    ------
    EndlessError
        From within, when the time is up.
    """
    known = hasattr(signal, "setitimer") and hasattr(signal, "SIGVTALRM")
    if not known or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise EndlessError

    handler = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, handler)
