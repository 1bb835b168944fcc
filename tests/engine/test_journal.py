"""A store where processes share no memory, as on network file systems: one run writes."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
import sys

import pytest

from ratecheck.engine import store as module
from ratecheck.engine.journal import SILENT
from ratecheck.engine.store import Store
from ratecheck.errors import StoreError
from tests.engine.test_store import BLOCK, NUMBERS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SQLite has no such VFS elsewhere")


@pytest.fixture(params=["unix-none", "unix-dotfile"])
def unshared(monkeypatch, request):
    """SQLite as on a file system without shared memory; on the first, without locks either."""

    def connected(place, *, uri=False):
        name = place if uri else f"file:{place}?mode=rwc"
        return sqlite3.connect(f"{name}&vfs={request.param}", uri=True)

    monkeypatch.setattr(module, "_connected", connected)


def test_one_run_writes_and_another_reads(tmp_path, unshared):
    path = tmp_path / "s.sqlite"
    with Store(path) as first:
        assert "memory cannot be shared" in first.notes[0]
        first.put(BLOCK, NUMBERS)
        with Store(path) as second:
            assert not second.writable
            assert "another run writes it" in second.notes[0]
            assert [b for b, _ in second.get([BLOCK])] == [BLOCK]
            with pytest.raises(StoreError):
                second.put(BLOCK, NUMBERS)
    with Store(path) as third:
        assert third.writable
        assert third.count() == 1
    assert [p.name for p in tmp_path.iterdir() if "writer" in p.name] == []


def test_who_was_silent_for_too_long_writes_no_more(tmp_path, unshared):
    """It was asleep, on another host than the run that took its place."""
    path = tmp_path / "s.sqlite"
    writer = tmp_path / "s.sqlite-writer"
    with Store(path) as asleep:
        name = json.loads(writer.read_text())
        writer.write_text(json.dumps(["elsewhere", *name[1:]]))
        moment = writer.stat().st_mtime - 2 * SILENT
        os.utime(writer, (moment, moment))
        with Store(path) as other:
            assert other.writable
            with pytest.raises(StoreError, match="another run writes the store by now"):
                asleep.put(BLOCK, NUMBERS)
            asleep.derived.put({"a": "text"})
            assert asleep.derived.get(["a"]) == {}
            other.put(BLOCK, NUMBERS)
            asleep.close()
            assert writer.exists()
            other.put(BLOCK, NUMBERS)
    assert not writer.exists()


def test_a_store_with_a_log_is_taken_over(tmp_path, unshared):
    path = tmp_path / "s.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module, "_connected", lambda place, uri=False: sqlite3.connect(place, uri=uri)
        )
        with Store(path) as store:
            assert store.notes == []
            store.put(BLOCK, NUMBERS)
    assert path.read_bytes()[18:20] == b"\x02\x02"
    with Store(path) as store:
        assert store.writable
        assert [b for b, _ in store.get([BLOCK])] == [BLOCK]


@pytest.mark.parametrize(
    ("host", "silent", "writes"),
    [(None, 0.0, True), ("elsewhere", 0.0, False), ("elsewhere", 2 * SILENT, True)],
)
def test_a_dead_writer_is_noticed(tmp_path, unshared, host, silent, writes):
    """At once on this host, after a silence on another."""
    path = tmp_path / "s.sqlite"
    Store(path).close()
    file = tmp_path / "s.sqlite-writer"
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    file.write_text(json.dumps([host or platform.node(), ended.pid]))
    moment = file.stat().st_mtime - silent
    os.utime(file, (moment, moment))
    with Store(path) as store:
        assert store.writable is writes
    assert file.exists() is not writes
