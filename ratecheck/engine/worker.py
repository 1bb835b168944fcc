"""A worker process: receives blocks, returns arrays of numbers, and never touches the store.

The fork server imports this module and torch once, so that every worker starts with both loaded;
the driver, which never computes, does not import torch at all.
"""

from __future__ import annotations

import os
import signal
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection

from ratecheck.engine.blocks import Block, BlockError, Numbers, compute


@dataclass(frozen=True)
class Failure:
    """Why a block has no numbers.

    Attributes
    ----------
    message : str
        One sentence.
    trace : str
        The traceback, for `ratecheck replay`; empty where there is none.
    """

    message: str
    trace: str = ""


def attempt(block: Block) -> Numbers | Failure:
    """Compute a block; an exception becomes a `Failure`."""
    try:
        return compute(block)
    except BlockError as error:
        return Failure(str(error))
    except Exception as error:
        text = " ".join(str(error).split()) or "no message"
        if isinstance(error, MemoryError) or "out of memory" in text.lower():
            text = f"out of memory ({text}); lower the experiment's block or its memory"
        return Failure(f"{type(error).__name__}: {text}", traceback.format_exc())


def serve(connection: Connection) -> None:
    """Compute what arrives until the pipe closes."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides when to stop
    torch.set_num_threads(1)
    parent = os.getppid()
    while True:
        try:
            if not connection.poll(5.0):
                if os.getppid() != parent:  # the driver was killed: nobody will ask again
                    return
                continue
            block = connection.recv()
            connection.send(attempt(block))
        except (EOFError, OSError):
            return
