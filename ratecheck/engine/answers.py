"""The answers of worker processes: each names its block, and nothing else is taken for one.

A simulation may fork, print into every file descriptor, or leave children behind. What arrives on a
worker's pipe counts only if it is one whole message that begins with the digest of the block that
was sent there; the driver never waits for the rest of anything else.
"""

from __future__ import annotations

import os
import pickle
import struct
from multiprocessing.connection import Connection
from typing import Any

_MARK = b"ratecheck block "
_SHORT, _LONG = struct.Struct("!i"), struct.Struct("!iQ")  # how multiprocessing writes lengths
_CHUNK = 2**20


class NotAnAnswerError(Exception):
    """What arrived is not the answer that is waited for."""


def send(pipe: Connection, digest: str, outcome: object) -> None:
    """Send what a block yields, in the worker that computed it."""
    pipe.send_bytes(_MARK + digest.encode() + pickle.dumps(outcome))


class Incoming:
    """What has arrived of one answer so far.

    Parameters
    ----------
    pipe : Connection
        The driver's end.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._bytes = bytearray()

    def take(self, digest: str) -> tuple[Any] | None:
        """Read what there is; the outcome (in a tuple) once it is whole, None before.

        Every piece is judged as it comes: whoever writes without end must not keep the driver here.

        Raises
        ------
        NotAnAnswerError
            If it is not the answer of this block.
        EOFError, OSError
            If the pipe has ended.
        """
        begins = _MARK + digest.encode()
        while self._pipe.poll():
            chunk = os.read(self._pipe.fileno(), _CHUNK)
            if not chunk:
                raise EOFError
            self._bytes += chunk
            if (outcome := self._whole(begins)) is not None:
                return outcome
        return None

    def _whole(self, begins: bytes) -> tuple[Any] | None:
        if len(self._bytes) < _LONG.size:
            return None
        size, header = _SHORT.unpack_from(self._bytes)[0], _SHORT.size
        if size == -1:
            size, header = _LONG.unpack_from(self._bytes)[1], _LONG.size
        seen = bytes(self._bytes[header : header + len(begins)])
        if not begins.startswith(seen) or size < len(begins) or len(self._bytes) > header + size:
            raise NotAnAnswerError
        if len(self._bytes) < header + size:
            return None
        try:
            outcome = pickle.loads(memoryview(self._bytes)[header + len(begins) :])
        except Exception:
            raise NotAnAnswerError from None
        self._bytes.clear()
        return (outcome,)
