"""The store: one SQLite file, one row a block, committed as the block finishes.

Numbers are kept as raw little-endian float64 with a JSON header and a digest of their own: nothing
is ever unpickled. A row is found again only by the digest of all that determines its numbers, so
stale rows are never mixed in; they just stay. Names from claims are values in it, never paths.

What it survives: a kill at any moment, since a block is there whole or not at all; two runs at
once, which share the work (`engine.under_way`; where memory cannot be shared, one of them writes:
`engine.journal`); a full disk and a
read-only folder, where what is there is read and the run goes on without storing; and damage, where
the file is set aside and a new one begun. That costs time only: blocks simulate again bit for bit,
and a row whose seal does not fit is never used. No clock is asked for anything but the name of a
file that is set aside, and whether a writer on another host is silent.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck.engine.encoding import Packed, decode, encode
from ratecheck.engine.journal import TakenError, Writer, alone_in, begin
from ratecheck.engine.kept import Kept, batches, seal
from ratecheck.engine.reads import reads_of
from ratecheck.engine.under_way import UnderWay
from ratecheck.errors import StoreError

if TYPE_CHECKING:
    from ratecheck.engine.blocks import Block, Numbers

VERSION = 2  # 1 did not know what a block had read
_OLDER = ("1",)
_HEADER = b"SQLite format 3\x00"
_FORMATS = {1, 2}  # with a rollback journal, with a log
_DAMAGE = ("malformed", "corrupt", "not a database", "unsupported file format")  # in SQLite's words
_CHUNK = 2**24
_ROW = re.compile(rb"[0-9a-f]{64}[^\x00-\x1f\[]{2,300}\[\[")  # digest, claim, experiment, params
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blocks (
    digest TEXT PRIMARY KEY,
    claim TEXT NOT NULL,
    experiment TEXT NOT NULL,
    params TEXT NOT NULL,
    number INTEGER NOT NULL,
    size INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    device TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    seconds REAL NOT NULL,
    finished REAL NOT NULL,
    numbers BLOB NOT NULL,
    reads TEXT NOT NULL,
    seal TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS under_way (digest TEXT PRIMARY KEY, run INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL, seal TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS unseen ON blocks (claim, experiment) WHERE substr(reads, -4) <> ',[]]';
"""
UNSEEN = "SELECT DISTINCT claim, experiment FROM blocks WHERE substr(reads, -4) <> ',[]]'"
_TABLE = b"CREATE TABLE blocks (\n    digest TEXT PRIMARY KEY"
_COLUMNS = (
    "digest, claim, experiment, params, number, size, seed, device, fingerprint, seconds, "
    "finished, numbers, reads, seal"
)


class _OlderStoreError(Exception):
    """A store of a version whose rows say too little to be used."""


class Store:
    """Blocks on disk.

    Parameters
    ----------
    path : Path
        The file; it and its folder are made when missing.

    Attributes
    ----------
    notes : list of str
        What happened that a user should know: a damaged file set aside, rows left out.
    writable : bool
        False where the file can be read but not written.

    Raises
    ------
    StoreError
        If the file is not a store, is from another version, or cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        self.writable = True
        self._writer: Writer | None = None
        self._changed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{path}: the store cannot be made here ({error.strerror}); "
                "choose another place with --store"
            ) from None
        with alone_in(path.parent):
            if self._is_broken():
                self._set_aside("its first page is not one of a store")
            else:
                self._connect()
        self._opened = self._data_version()

    @property
    def _shown(self) -> str:
        """The file as notes name it: they are published, and an absolute path is private."""
        return self.path.name if self.path.is_absolute() else str(self.path)

    def _connect(self) -> None:
        try:
            self._connection = self._open()
        except UnicodeDecodeError:  # SQLite's own message quotes a damaged name
            self._set_aside("the name of a table is no text")
        except TakenError:
            if not self._connect_to_read():
                raise StoreError(
                    f"{self.path}: another run writes it; wait for it or choose another --store"
                ) from None
            self.notes.append(f"{self._shown}: another run writes it, so that it is only read here")
        except _OlderStoreError as error:
            self._set_aside(str(error), "is an older one")
        except sqlite3.Error as error:
            if not isinstance(error, sqlite3.OperationalError) or _is_damage(error):
                self._set_aside(str(error))
            elif not self._connect_to_read():
                raise StoreError(
                    f"{self.path}: cannot be used as a store ({error}); "
                    "choose another place with --store"
                ) from None
            else:
                self.notes.append(f"{self._shown}: can be read but not written ({error})")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(
        self, blocks: Iterable[Block], *, packed: bool = False
    ) -> Iterator[tuple[Block, Numbers]]:
        """The stored numbers of those blocks that are there and whole.

        With ``packed`` their seals are compared and no more: the numbers stay as they are stored.
        """
        wanted = {block.digest: block for block in blocks}
        for marks, batch in batches(list(wanted)):
            query = (
                "SELECT digest, seconds, numbers, reads, seal FROM blocks "
                f"WHERE digest IN ({marks})"
            )
            for digest, *row in self._read(query, batch):
                block = wanted.get(digest)
                if block is None:  # SQLite trusts its index where a digest is damaged
                    continue
                numbers = _whole(block, *row, packed=packed)
                if numbers is None:
                    self.notes.append(
                        f"{self._shown}: the numbers of {block.name} are damaged; "
                        "the block is simulated again"
                    )
                    continue
                yield block, numbers

    def put(self, block: Block, numbers: Numbers) -> None:
        """Commit one finished block.

        Raises
        ------
        StoreError
            If it cannot be written (a full disk, a folder that became read-only).
        """
        blob, reads = encode(numbers), _reads(numbers)
        digest = block.digest
        row = (
            digest, block.claim, block.experiment, json.dumps(block.params), block.index,
            block.size, block.seed, block.device, block.fingerprint, numbers.seconds,
            time.time(), blob, reads, seal(digest, blob + reads.encode()),
        )  # fmt: skip
        try:
            self._touch()
            with self._connection:
                self._connection.execute(
                    f"INSERT OR REPLACE INTO blocks ({_COLUMNS}) VALUES ({','.join('?' * 14)})",
                    row,
                )
                self._connection.execute("DELETE FROM under_way WHERE digest = ?", (digest,))
        except (sqlite3.Error, TakenError) as error:
            raise StoreError(f"{self._shown}: a block could not be stored ({error})") from None

    def _touch(self) -> None:
        if self._writer is not None:
            self._writer.touch()

    def unseen(self) -> set[tuple[str, str]]:
        """Claim and experiment of blocks that may rest on more than is known of them.

        The index holds these rows alone, so that a start does not read a large store.
        """
        return {(str(claim), str(experiment)) for claim, experiment in self._read(UNSEEN, ())}

    @property
    def derived(self) -> Kept:
        """What was derived before, beside the blocks."""
        return Kept(self._connection, self._touch)

    def shared(self) -> UnderWay | None:
        """What the runs on this store have under way; None where only one of them can write."""
        alone = self._writer is not None or not self.writable
        return None if alone else UnderWay(self._connection, self.path)

    @property
    def changed(self) -> bool:
        """Whether another run has written since the store was opened."""
        self._changed = self._changed or self._data_version() != self._opened
        return self._changed

    def _data_version(self) -> object:
        """What SQLite counts up as other connections write."""
        with contextlib.suppress(sqlite3.Error):
            return self._connection.execute("PRAGMA data_version").fetchone()[0]
        return None

    def count(self) -> int:
        """Number of blocks in the store."""
        rows = self._read("SELECT count(*) FROM blocks", ())
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        """Close the file (finished blocks are committed already)."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._release()

    # -- opening ------------------------------------------------------------------------------

    def _is_broken(self) -> bool:
        """Whether the file is a store without its header; a file of somebody else's is refused.

        An empty file is a new store, unless rows lie in a log beside it, which SQLite would delete.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        try:
            with self.path.open("rb") as file:
                head, formats = file.read(len(_HEADER)), file.read(4)[2:]
            if head == _HEADER:  # in a format that SQLite does not know a file cannot be written
                return not set(formats) <= _FORMATS and _holds_rows(self.path)
            if not head:
                return _holds_rows(log)
            if _HEADER.startswith(head) or _holds_rows(self.path) or _holds_rows(log):
                return True
            empty = not any(map(any, _chunks(self.path)))
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be read ({error.strerror}); choose another --store"
            ) from None
        if empty:  # what a file system leaves of a file when the power fails
            return True
        raise StoreError(
            f"{self.path}: is not a ratecheck store; choose another place with --store"
        )

    def _open(self) -> sqlite3.Connection:
        connection = _connected(str(self.path))
        try:
            self._writer = begin(connection, self.path)
            check = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if check != "ok":
                raise sqlite3.DatabaseError(f"malformed: {check}")
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if tables and "blocks" not in tables:
                raise StoreError(
                    f"{self.path}: is a database of something else; choose another --store"
                )
            with connection:
                connection.executescript(_SCHEMA)
                connection.execute(
                    "INSERT OR IGNORE INTO meta VALUES ('version', ?)", (str(VERSION),)
                )
            version = connection.execute("SELECT value FROM meta WHERE name='version'").fetchone()
            if version[0] in _OLDER:
                raise _OlderStoreError(f"it is of version {version[0]}, this is version {VERSION}")
            if version[0] != str(VERSION):
                raise StoreError(
                    f"{self.path}: is a store of version {version[0]}, this is version {VERSION}; "
                    "choose another --store or move the file away"
                )
            if not _tables_of_a_store() <= _tables(connection):
                raise sqlite3.DatabaseError("malformed: its tables are not those of a store")
        except BaseException:
            connection.close()
            self._release()
            raise
        if self._writer is not None:
            self.notes.append(
                f"{self._shown}: memory cannot be shared on this file system; this run writes, and "
                "others only read until it ends"
            )
        return connection

    def _release(self) -> None:
        if self._writer is not None:
            self._writer.release()
            self._writer = None

    def _connect_to_read(self) -> bool:
        """Open a store that cannot be written: a read-only folder, a full disk."""
        for mode in ("mode=ro", "mode=ro&immutable=1"):
            uri = f"{self.path.resolve().as_uri()}?{mode}"
            try:
                connection = _connected(uri, uri=True)
                connection.execute("SELECT count(*) FROM blocks").fetchone()
            except sqlite3.Error:
                continue
            self._connection, self.writable = connection, False
            return True
        return False

    def _set_aside(self, why: str, what: str = "was damaged") -> None:
        """Rename a damaged or older file, with what belongs to it, and start a new one."""
        ending = "damaged" if what == "was damaged" else "older"
        name = f"{self.path.name}.{ending}-{time.strftime('%Y%m%d-%H%M%S')}"
        aside, suffix = self.path.with_name(name), 1
        while aside.exists():
            suffix += 1
            aside = self.path.with_name(f"{name}-{suffix}")
        try:
            self.path.replace(aside)
            for ending in ("-wal", "-shm"):
                companion = self.path.with_name(self.path.name + ending)
                if companion.exists():
                    companion.replace(aside.with_name(aside.name + ending))
            self._connection = self._open()
        except (OSError, sqlite3.Error) as second:
            raise StoreError(f"{self.path}: is damaged and cannot be replaced ({second})") from None
        self.notes.append(
            f"{self._shown}: the store {what} ({why}); it was set aside as {aside.name} and "
            "its blocks are simulated anew"
        )

    def _read(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self.notes.append(
                f"{self._shown}: could not be read ({error}); blocks are simulated anew"
            )
            return []


def _reads(numbers: Numbers) -> str:
    return json.dumps([numbers.reads.files, numbers.reads.unseen], separators=(",", ":"))


def _whole(
    block: Block, seconds: object, blob: object, reads: object, sealed: object, *, packed: bool
) -> Numbers | None:
    """The numbers of a row; None where it is not what was once put there."""
    from ratecheck.engine.blocks import Numbers

    if not isinstance(blob, bytes) or not isinstance(reads, str):
        return None
    if sealed != seal(block.digest, blob + reads.encode("utf-8", "replace")):
        return None
    known = isinstance(seconds, int | float) and 0 <= seconds < math.inf
    taken = float(seconds) if known else 0.0  # type: ignore[arg-type]
    try:
        files, unseen = json.loads(reads)
        read = reads_of(tuple((path, digest) for path, digest in files), tuple(unseen))
        if packed:
            return Numbers(Packed(blob), taken, read)
        numbers = replace(decode(blob, taken), reads=read)
    except (StoreError, ValueError, TypeError):
        return None
    fits = all(block.fault(values) is None for values in numbers.values.values())
    return numbers if fits and numbers.values else None


def _connected(place: str, *, uri: bool = False) -> sqlite3.Connection:
    """A connection that reads damaged text, too: one bad byte must not hide the other rows."""
    connection = sqlite3.connect(place, uri=uri, timeout=60.0)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _tables(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    """What a database says of its tables; SQLite's own check takes it as it stands."""
    return set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


@cache
def _tables_of_a_store() -> set[tuple[str, ...]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_SCHEMA)
        return _tables(connection)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _holds_rows(path: Path) -> bool:
    """Whether rows of a store, or the making of its table, stand somewhere in a file."""
    return path.exists() and any(
        _TABLE in chunk or _ROW.search(chunk) is not None for chunk in _chunks(path)
    )


def _is_damage(error: sqlite3.Error) -> bool:
    text = str(error).lower()
    return any(words in text for words in _DAMAGE)
