"""Rows from a damaged store, read from its raw pages.

SQLite reads a table from its root down, so that one bad page can hide a thousand good ones. Here
every page of the file and of its write-ahead log is looked at by itself (SQLite file format,
sections 1.6, 2.1 and 4): a leaf is found wherever it lies, also without the header or the root.
A row that was read wrongly does no harm: its seal does not fit, and it is left out by the store.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

PAGE = 4096
_INTERIOR, _LEAF = 2, 10
_LOCAL_MOST = (PAGE - 12) * 64 // 255 - 23
_LOCAL_LEAST = (PAGE - 12) * 32 // 255 - 23
_LARGEST_ROW = 2**30
_LOG_HEADER, _FRAME_HEADER = 32, 24

Field = int | float | bytes | None


class Damaged(Exception):
    """These bytes are no row."""


def rows(path: Path) -> Iterator[list[Field]]:
    """Every row of the tables without a row id in a file and its write-ahead log, newest last.

    Texts come as bytes.
    """
    pages = _Pages(path)
    for page in pages.all():
        for row in _cells(page, pages):
            try:
                yield _record(row)
            except (Damaged, IndexError, struct.error):
                continue


class _Pages:
    """The pages of a file, those of its log in front."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log: dict[int, bytes] = {}
        log = path.with_name(path.name + "-wal")
        raw = log.read_bytes() if log.exists() else b""
        step = _FRAME_HEADER + PAGE
        for start in range(_LOG_HEADER, len(raw) - step + 1, step):
            number = int.from_bytes(raw[start : start + 4], "big")
            self._log[number] = raw[start + _FRAME_HEADER : start + step]

    def all(self) -> Iterator[bytes]:
        """Every page that is there."""
        with self._path.open("rb") as file:
            while page := file.read(PAGE):
                yield page
        yield from self._log.values()

    def __getitem__(self, number: int) -> bytes:
        """Page by its number, from 1."""
        if number in self._log:
            return self._log[number]
        if not 0 < number <= 2**32:
            raise Damaged
        with self._path.open("rb") as file:
            file.seek((number - 1) * PAGE)
            return file.read(PAGE)


def _cells(page: bytes, pages: _Pages) -> Iterator[bytes]:
    """The payloads of a page of an index tree, which is how such tables are kept."""
    if len(page) < 12 or page[0] not in (_INTERIOR, _LEAF):
        return
    inner = page[0] == _INTERIOR
    first = 12 if inner else 8
    count = int.from_bytes(page[3:5], "big")
    for index in range(min(count, PAGE // 2)):
        place = first + 2 * index
        start = int.from_bytes(page[place : place + 2], "big") + (4 if inner else 0)
        try:
            yield _payload(page, start, pages)
        except (Damaged, IndexError):
            continue


def _payload(page: bytes, start: int, pages: _Pages) -> bytes:
    size, start = _varint(page, start)
    if size > _LARGEST_ROW:
        raise Damaged
    if size <= _LOCAL_MOST:
        return page[start : start + size]
    local = _LOCAL_LEAST + (size - _LOCAL_LEAST) % (PAGE - 4)
    local = local if local <= _LOCAL_MOST else _LOCAL_LEAST
    parts, left = [page[start : start + local]], size - local
    following = int.from_bytes(page[start + local : start + local + 4], "big")
    while left > 0:
        overflow = pages[following]
        if len(overflow) <= 4:
            raise Damaged
        parts.append(overflow[4 : 4 + left])
        left -= len(parts[-1])
        following = int.from_bytes(overflow[:4], "big")
    return b"".join(parts)


def _record(payload: bytes) -> list[Field]:
    header, at = _varint(payload, 0)
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    row = []
    for kind in kinds:
        value, at = _field(kind, payload, at)
        row.append(value)
    return row


def _field(kind: int, payload: bytes, at: int) -> tuple[Field, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind in (10, 11):
        raise Damaged
    size = (0, 1, 2, 3, 4, 6, 8)[kind] if kind < 7 else (kind - 12) // 2
    raw = payload[at : at + size]
    if len(raw) != size:
        raise Damaged
    return (int.from_bytes(raw, "big", signed=True) if kind < 7 else raw), at + size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A whole number of one to nine bytes, and where it ends."""
    value = 0
    for index in range(8):
        byte = raw[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | raw[at + 8], at + 9
