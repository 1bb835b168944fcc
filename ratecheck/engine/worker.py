"""A worker process: receives blocks, returns arrays of numbers, and never touches the store.

The fork server imports this module and torch once, so that every worker starts with both loaded;
the driver, which never computes, does not import torch at all.

A worker may allocate its share of the machine's memory: a simulation that blows up gets a
`MemoryError` instead of having the kernel kill whatever is largest.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from ratecheck.engine.answers import send
from ratecheck.engine.blocks import UNTIMED, Block, Numbers, compute
from ratecheck.errors import RatecheckError, kind_of, one_line


@dataclass(frozen=True)
class Failure:
    """Why a block has no numbers.

    Attributes
    ----------
    message : str
        One sentence.
    trace : str
        The traceback, for `ratecheck replay`; empty where there is none.
    memory : bool
        Whether memory ran out: with fewer blocks at once it might not.
    late : bool
        Whether its time was up: on another machine it might not be.
    """

    message: str
    trace: str = ""
    memory: bool = False
    late: bool = False


class Overrun(BaseException):
    """The time of a block is up; no simulation catches this by mistake."""


def attempt(
    block: Block, timed: contextlib.AbstractContextManager[object] = UNTIMED
) -> Numbers | Failure:
    """Compute a block; whatever a simulation raises becomes a `Failure`.

    ``timed`` is entered for the time of the simulation alone. Only Ctrl-C and the end of that time
    come through.
    """
    try:
        return compute(block, timed)
    except (KeyboardInterrupt, Overrun):
        raise
    except RatecheckError as error:  # a sentence already
        return Failure(one_line(error))
    except BaseException as error:
        return _failure(block, error)


def _failure(block: Block, error: BaseException) -> Failure:
    """What a simulation raised, where in its claim file, and whether memory ran out."""
    text = one_line(error)
    memory = isinstance(error, MemoryError) or any(w in text.lower() for w in _NO_MEMORY)
    if memory:
        text = f"out of memory ({text}); lower the experiment's block or its memory"
    trace = "".join(traceback.format_exception(error))
    return Failure(f"{kind_of(error)}: {text}{_place(block, error)}", trace, memory)


def _place(block: Block, error: BaseException) -> str:
    """File and line of the innermost frame in the claim file."""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == block.path
    ]
    return f" ({Path(block.path).name}, line {lines[-1]})" if lines else ""


_NO_MEMORY = ("out of memory", "allocate memory", "not enough memory", "bad_alloc")


def serve(connection: Connection) -> None:
    """Compute what arrives, a block with its memory in bytes, until the pipe closes."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides when to stop
    _die_with_driver()
    torch.set_num_threads(1)
    while True:
        try:
            block, memory = connection.recv()
            _bound(memory if block.device == "cpu" else None)
            _answer(connection, block)
        except (EOFError, OSError):
            return


def _answer(connection: Connection, block: Block) -> None:
    """Send what a block yields; memory may also run out while its numbers are packed.

    A child that the simulation has forked and that comes back here ends without a word.
    """
    process = os.getpid()
    outcome = attempt(block)
    if os.getpid() != process:
        os._exit(0)
    try:
        send(connection, block.digest, outcome)
    except MemoryError as error:
        _bound(None)
        send(connection, block.digest, _failure(block, error))


def _die_with_driver() -> None:
    """Lead a group, with all that simulations start, that the kernel ends when the driver ends.

    A simulation in an endless loop would otherwise outlive a killed driver; one in compiled code
    would not even let a thread of this process notice. When the driver ends, the pipe that
    multiprocessing keeps for that purpose closes, and the signal that this sends ends the group.
    Elsewhere than on Linux they stay in the driver's group, whose signals reach them.
    """
    parent = multiprocessing.parent_process()
    if sys.platform == "linux" and parent is not None:
        import fcntl

        os.setpgid(0, 0)
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, -os.getpgrp())
        flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)


def _bound(memory: int | None) -> None:
    """Let this process allocate so many bytes; None sets no bound (a GPU maps far more)."""
    if sys.platform != "linux":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = hard if memory is None else memory
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard) if soft != resource.RLIM_INFINITY else hard
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
