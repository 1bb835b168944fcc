"""The journal of a store: a log that runs share, or one writer where memory cannot be shared.

Network file systems give SQLite no memory that processes share, which its write-ahead log needs.
That is found out by trying. A rollback journal works there, but locks may not, so that one run
writes and the others read: the writer is named by a file beside the store. It outlives a killed
run; whoever comes next takes its place when the process is gone, or, on another host, when it has
not been touched for `SILENT` seconds by the clock of the file system. A run that was only asleep
for so long finds another's name in the file before it writes again, and stores no more.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

SILENT = 3600.0
_UNSHARED = ("SQLITE_IOERR_SHM", "SQLITE_PROTOCOL")
_LOG = b"\x02\x02"  # in the header of a store whose last journal was a log


class TakenError(Exception):
    """Another run writes, and this one may only read."""


class Writer:
    """The one writer of a store, by a file beside it.

    Raises
    ------
    TakenError
        If another run is the writer.
    """

    def __init__(self, store: Path) -> None:
        self._file = store.with_name(f"{store.name}-writer")
        self._me = json.dumps([platform.node(), os.getpid(), secrets.token_hex(8)])
        if not self._made():
            if self._lives():
                raise TakenError
            with contextlib.suppress(OSError):
                self._file.unlink()
            if not self._made():
                raise TakenError

    def touch(self) -> None:
        """Say that the run goes on.

        Raises
        ------
        TakenError
            If another run has taken its place.
        """
        if not self._mine():
            raise TakenError("another run writes the store by now")
        with contextlib.suppress(OSError):
            os.utime(self._file)

    def release(self) -> None:
        """Let another run write."""
        if self._mine():
            with contextlib.suppress(OSError):
                self._file.unlink()

    def _mine(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            return self._file.read_text(encoding="utf-8") == self._me
        return False

    def _made(self) -> bool:
        """Whether the file could be made; a file system makes a name once."""
        try:
            descriptor = os.open(self._file, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self._me)
        return True

    def _lives(self) -> bool:
        """Whether the writer of the file may still be there."""
        try:
            host, process, *_ = json.loads(self._file.read_text(encoding="utf-8"))
            if host == platform.node():
                os.kill(int(process), 0)
                return True
        except ProcessLookupError:
            return False
        except FileNotFoundError:
            return False
        except (OSError, ValueError, TypeError):  # another's, or not yet written
            pass
        probe = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            probe.touch()
            silent = probe.stat().st_mtime - self._file.stat().st_mtime
            return silent < SILENT
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                probe.unlink()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time open (and perhaps mend) a store of a folder, where locks exist."""
    try:
        import fcntl

        descriptor = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def begin(connection: sqlite3.Connection, store: Path) -> Writer | None:
    """Open the journal; a `Writer` where this run is the only one that may write, else None.

    Raises
    ------
    TakenError
        If another run is the writer.
    sqlite3.Error
        If the store cannot be used, whatever its journal.
    """
    try:
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    except sqlite3.OperationalError as error:
        if not _unshared(error, store):
            raise
        mode = ""
    if mode == "wal":
        connection.execute("PRAGMA synchronous=NORMAL")
        return None
    writer = Writer(store)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # reads a log without shared memory
        connection.execute("PRAGMA journal_mode=TRUNCATE").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA locking_mode=NORMAL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        writer.release()
        raise
    return writer


def _unshared(error: sqlite3.OperationalError, store: Path) -> bool:
    """Whether SQLite misses shared memory."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(_UNSHARED):
        return True
    with contextlib.suppress(OSError), store.open("rb") as file:
        logged = file.read(20)[18:] == _LOG
        return name == "SQLITE_CANTOPEN" and logged and os.access(store.parent, os.W_OK)
    return False
