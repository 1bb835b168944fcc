"""What runs on one store have under way: nothing twice, and nothing lost with a dead run."""

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from ratecheck.engine.store import Store

OTHER = """
import sys, time
from pathlib import Path
from ratecheck.engine.store import Store
with Store(Path(sys.argv[1])) as store:
    shared = store.shared()
    print(sorted(shared.take(["a", "b"])), flush=True)
    sys.stdin.readline()
    shared.close()
"""


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        yield store


@pytest.fixture
def other(store):
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(store.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "['a', 'b']\n"
    yield process
    process.kill()
    process.communicate()


def test_what_another_run_has_under_way_is_not_taken(store, other):
    shared = store.shared()
    assert shared.take(["a", "c"]) == {"c"}
    assert shared.held(["a", "b", "c"]) == {"a", "b"}
    other.communicate("\n")
    assert shared.held(["a", "b", "c"]) == set()
    assert shared.take(["a"]) == {"a"}
    shared.close()
    assert not list(store.path.parent.glob("*-runs"))


@pytest.mark.skipif(os.name != "posix", reason="there are locks that end with their process")
def test_what_a_killed_run_had_under_way_is_free_at_once(store, other):
    shared = store.shared()
    other.send_signal(signal.SIGKILL)
    other.communicate()
    assert shared.take(["a", "b"]) == {"a", "b"}
    shared.close()


def test_two_runs_of_one_process_share_too(store):
    first, second = store.shared(), store.shared()
    assert first.take(["a"]) == {"a"}
    assert second.take(["a", "b"]) == {"b"}
    first.drop(["a"])
    assert second.take(["a"]) == {"a"}
    second.close()
    assert first.take(["a", "b"]) == {"a", "b"}
    first.close()


@pytest.mark.parametrize("run", ["'x'", "-1", str(2**62), "x'00'"])
def test_a_damaged_row_counts_as_a_dead_run(store, run):
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"INSERT INTO under_way VALUES ('a', {run})")
    connection.close()
    shared = store.shared()
    assert shared.take(["a"]) == {"a"}
    shared.close()


def test_where_the_table_cannot_be_written_every_block_is_ours(store):
    with sqlite3.connect(store.path) as connection:
        connection.execute("DROP TABLE under_way")
    connection.close()
    shared = store.shared()
    assert shared.take(["a"]) == {"a"}
    assert shared.held(["a"]) == set()
    shared.close()
