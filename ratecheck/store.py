"""The store: one SQLite file, one row a block, committed as the block finishes.

Numbers are kept as raw little-endian float64 with a JSON header and a digest of their own: nothing
is ever unpickled. A row is found again only by the digest of all that determines its numbers, so
stale rows are never mixed in; they just stay.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck.errors import StoreError

if TYPE_CHECKING:
    from ratecheck.engine.blocks import Block, Numbers

VERSION = 1
_HEADER = b"SQLite format 3\x00"
_BATCH = 500
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
    seal TEXT NOT NULL
) WITHOUT ROWID;
"""
_COLUMNS = (
    "digest, claim, experiment, params, number, size, seed, device, fingerprint, seconds, "
    "finished, numbers, seal"
)


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

    Raises
    ------
    StoreError
        If the file is not a store, is from another version, or cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        self._refuse_foreign()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):
                raise StoreError(f"{path}: cannot be used as a store ({error})") from None
            self._set_aside(error)
        except OSError as error:
            raise StoreError(
                f"{path}: the store cannot be made here ({error.strerror}); "
                "choose another place with --store"
            ) from None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, blocks: Iterable[Block]) -> Iterator[tuple[Block, Numbers]]:
        """The stored numbers of those blocks that are there and whole."""
        wanted = {block.digest: block for block in blocks}
        digests = list(wanted)
        for start in range(0, len(digests), _BATCH):
            batch = digests[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            query = f"SELECT digest, seconds, numbers, seal FROM blocks WHERE digest IN ({marks})"
            for digest, seconds, blob, sealed in self._read(query, batch):
                if sealed != seal(digest, blob):
                    self.notes.append(
                        f"{self.path}: the numbers of {wanted[digest].name} are damaged; "
                        "the block is simulated again"
                    )
                    continue
                yield wanted[digest], decode(blob, seconds)

    def put(self, block: Block, numbers: Numbers) -> None:
        """Commit one finished block.

        Raises
        ------
        StoreError
            If it cannot be written (a full disk, a folder that became read-only).
        """
        blob = encode(numbers)
        digest = block.digest
        row = (
            digest, block.claim, block.experiment, json.dumps(block.params), block.index,
            block.size, block.seed, block.device, block.fingerprint, numbers.seconds,
            time.time(), blob, seal(digest, blob),
        )  # fmt: skip
        try:
            with self._connection:
                self._connection.execute(
                    f"INSERT OR REPLACE INTO blocks ({_COLUMNS}) VALUES ({','.join('?' * 13)})",
                    row,
                )
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: a block could not be stored ({error})") from None

    def count(self) -> int:
        """Number of blocks in the store."""
        rows = self._read("SELECT count(*) FROM blocks", ())
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        """Close the file (finished blocks are committed already)."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    # -- opening ------------------------------------------------------------------------------

    def _refuse_foreign(self) -> None:
        """A file of somebody else's is never touched."""
        try:
            with self.path.open("rb") as file:
                head = file.read(len(_HEADER))
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be read ({error.strerror}); choose another --store"
            ) from None
        if head and head != _HEADER:
            raise StoreError(
                f"{self.path}: is not a ratecheck store; choose another place with --store"
            )

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60.0)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
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
        except BaseException:
            connection.close()
            raise
        if version[0] != str(VERSION):
            connection.close()
            raise StoreError(
                f"{self.path}: is a store of version {version[0]}, this is version {VERSION}; "
                "choose another --store or move the file away"
            )
        return connection

    def _set_aside(self, error: Exception) -> None:
        """Rename a damaged file, start a new one, and take over the rows that can be read."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        suffix = 1
        while aside.exists():
            suffix += 1
            aside = aside.with_name(f"{aside.name}-{suffix}")
        try:
            self.path.replace(aside)
            for ending in ("-wal", "-shm"):
                companion = self.path.with_name(self.path.name + ending)
                if companion.exists():
                    companion.replace(aside.with_name(aside.name + ending))
            self._connection = self._open()
        except (OSError, sqlite3.Error) as second:
            raise StoreError(f"{self.path}: is damaged and cannot be replaced ({second})") from None
        recovered = self._recover(aside)
        self.notes.append(
            f"{self.path}: the store was damaged ({error}); it was set aside as {aside.name} and "
            f"{recovered} blocks were recovered"
        )

    def _recover(self, aside: Path) -> int:
        recovered = 0
        with contextlib.suppress(sqlite3.Error, StoreError):
            old = sqlite3.connect(f"file:{aside}?mode=ro", uri=True)
            old.text_factory = bytes
            with contextlib.closing(old):
                for row in old.execute(f"SELECT {_COLUMNS} FROM blocks"):
                    digest, blob, sealed = row[0].decode(), row[11], row[12].decode()
                    if not isinstance(blob, bytes) or seal(digest, blob) != sealed:
                        continue
                    values = [
                        v.decode() if isinstance(v, bytes) and i != 11 else v
                        for i, v in enumerate(row)
                    ]
                    with self._connection:
                        self._connection.execute(
                            f"INSERT OR IGNORE INTO blocks ({_COLUMNS}) "
                            f"VALUES ({','.join('?' * 13)})",
                            values,
                        )
                    recovered += 1
        return recovered

    def _read(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            self.notes.append(
                f"{self.path}: could not be read ({error}); blocks are simulated anew"
            )
            return []


def encode(numbers: Numbers) -> bytes:
    """Numbers as bytes: a JSON header (names and shapes), a newline, raw float64."""
    import numpy as np

    arrays = [np.ascontiguousarray(a, dtype="<f8") for a in numbers.values.values()]
    shapes = [list(a.shape) for a in arrays]
    header = json.dumps([list(numbers.values), shapes], separators=(",", ":")).encode()
    return header + b"\n" + b"".join(a.tobytes() for a in arrays)


def decode(blob: bytes, seconds: float) -> Numbers:
    """The inverse of `encode`.

    Raises
    ------
    StoreError
        If header and data do not fit together.
    """
    import numpy as np

    from ratecheck.engine.blocks import Numbers

    header, _, data = blob.partition(b"\n")
    try:
        names, shapes = json.loads(header)
        flat = np.frombuffer(data, dtype="<f8")
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
        if ends[-1] != flat.size:
            raise ValueError("sizes differ")
        values = {
            name: flat[a:b].reshape(shape)
            for name, shape, a, b in zip(names, shapes, ends[:-1], ends[1:], strict=True)
        }
    except (ValueError, TypeError) as error:
        raise StoreError(f"a stored block cannot be read ({error})") from None
    return Numbers(values, seconds)


def seal(digest: str, blob: bytes) -> str:
    """Digest of a block's identity and numbers together."""
    return hashlib.sha256(digest.encode() + blob).hexdigest()


def _is_damage(error: sqlite3.Error) -> bool:
    text = str(error).lower()
    return "malformed" in text or "corrupt" in text or "not a database" in text
