"""What was derived before, kept in the store under a name: an accelerator, never evidence.

A row that is not whole, or cannot be read or written, is derived again, and nobody is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ratecheck.engine.journal import TakenError

_BATCH = 500


def seal(key: str, blob: bytes) -> str:
    """What stands beside a row: digest of its key and of what it holds together."""
    return hashlib.sha256(key.encode() + blob).hexdigest()


def batches(values: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Values in parts that one statement may hold, each with its question marks, ``?,?,?``."""
    for start in range(0, len(values), _BATCH):
        batch = values[start : start + _BATCH]
        yield ",".join("?" * len(batch)), batch


class Kept:
    """Texts by name, in the table ``kept`` of a database.

    Parameters
    ----------
    connection : sqlite3.Connection
    before : callable
        Called before anything is written; raises `TakenError` where another run is to write.
    """

    def __init__(
        self, connection: sqlite3.Connection, before: Callable[[], None] = lambda: None
    ) -> None:
        self._connection = connection
        self._before = before

    def get(self, names: Iterable[str]) -> dict[str, str]:
        """The texts under those of these names that are there and whole."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, str] = {}
        for marks, batch in batches(wanted):
            query = f"SELECT * FROM kept WHERE name IN ({marks})"
            with contextlib.suppress(sqlite3.Error):
                found |= {
                    name: text
                    for name, text, sealed in self._connection.execute(query, batch)
                    if sealed == seal(str(name), str(text).encode())
                }
        return found

    def put(self, texts: Mapping[str, str]) -> None:
        """Keep texts in place of what was kept under their names, if it can be."""
        rows = [(name, text, seal(name, text.encode())) for name, text in texts.items()]
        with contextlib.suppress(sqlite3.Error, TakenError), self._connection:
            self._before()
            self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
