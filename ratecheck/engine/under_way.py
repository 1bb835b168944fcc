"""What the runs on one store have under way, so that no block is computed twice.

A run writes down which blocks it is about to compute, and holds a lock on a byte of a file beside
the store as long as it lives. The kernel takes the lock back however the run ends, so that what a
killed run had under way is free at once: no clock is asked, nor process numbers, which containers
that share a folder count each for itself. Where there are no such locks, every other run counts as
dead, and runs at once may compute the same block. That costs time only.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from ratecheck.engine.kept import batches

try:
    import fcntl
except ImportError:  # pragma: no cover
    fcntl = None  # type: ignore[assignment]

_BITS = 48  # of a run's number, which is the place of its byte
_HERE: set[int] = set()  # runs of this process: it would get its own lock a second time


class UnderWay:
    """The table ``under_way`` of a store, and the run that writes it.

    Parameters
    ----------
    connection : sqlite3.Connection
    store : Path
        The file of the store; the locks are on ``<store>-runs``.
    """

    def __init__(self, connection: sqlite3.Connection, store: Path) -> None:
        self._connection = connection
        self._file = store.with_name(f"{store.name}-runs")
        self._run = secrets.randbits(_BITS)
        self._dead: set[int] = set()
        self._locks: int | None = None
        with contextlib.suppress(OSError):
            self._locks = os.open(self._file, os.O_CREAT | os.O_RDWR, 0o666)
            self._lock(self._run)
        _HERE.add(self._run)

    def take(self, digests: Sequence[str]) -> set[str]:
        """Those of some blocks that this run is to compute; the others are under way elsewhere."""
        ours = set(digests)
        with contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            ours -= self.held(digests)
            self._connection.executemany(
                "INSERT OR REPLACE INTO under_way VALUES (?, ?)", [(d, self._run) for d in ours]
            )
        return ours

    def held(self, digests: Sequence[str]) -> set[str]:
        """Those of some blocks that another run, which lives, has under way."""
        return {
            digest
            for digest, run in self._rows(digests)
            if run != self._run and self._lives(run)
        }  # fmt: skip

    def drop(self, digests: Sequence[str]) -> None:
        """Give blocks up: they have failed."""
        with contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.executemany(
                "DELETE FROM under_way WHERE digest = ? AND run = ?",
                [(digest, self._run) for digest in digests],
            )

    def close(self) -> None:
        """Give up all that is under way; the last run takes the file away."""
        with contextlib.suppress(sqlite3.Error), self._connection:
            self._connection.execute("DELETE FROM under_way WHERE run = ?", (self._run,))
        _HERE.discard(self._run)
        if self._locks is not None:
            with contextlib.suppress(OSError):
                if not _HERE and fcntl is not None:
                    fcntl.lockf(self._locks, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody has a byte
                    self._file.unlink()
            os.close(self._locks)
            self._locks = None

    def _rows(self, digests: Sequence[str]) -> Iterator[tuple[str, int]]:
        for marks, batch in batches(digests):
            query = f"SELECT digest, run FROM under_way WHERE digest IN ({marks})"
            with contextlib.suppress(sqlite3.Error):
                yield from self._connection.execute(query, batch).fetchall()

    def _lives(self, run: object) -> bool:
        if not isinstance(run, int) or run in self._dead:
            return False
        if run in _HERE:
            return True
        try:
            self._lock(run)
        except (BlockingIOError, PermissionError):  # it has its byte
            return True
        except (OSError, OverflowError):
            return False
        self._unlock(run)
        self._dead.add(run)
        return False

    def _lock(self, run: int) -> None:
        if self._locks is not None and fcntl is not None:
            fcntl.lockf(self._locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, run)

    def _unlock(self, run: int) -> None:
        if self._locks is not None and fcntl is not None:
            fcntl.lockf(self._locks, fcntl.LOCK_UN, 1, run)
