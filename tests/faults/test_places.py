"""Places that fail: a full disk, a read-only folder, a damaged file, a clock that leaps."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ratecheck.report.results import read_json
from tests.faults.conftest import blocks_of


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A small file system of its own; skips where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("file systems cannot be mounted here")
        return place

    yield mount
    subprocess.run(["umount", str(place)], capture_output=True)


def test_a_disk_that_fills_up_costs_only_what_is_kept(broken, undisturbed, mounted):
    disk = mounted("size=120k")
    broken.store = disk / "store.sqlite"
    [note] = broken.finish(workers=1)
    assert "not stored" in note
    assert broken.answer() == undisturbed
    subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
    assert broken.finish(workers=0) == []  # what was stored before is whole
    assert broken.answer() == undisturbed


def test_a_disk_that_is_full_from_the_start_is_refused_before_anything_runs(broken, mounted):
    disk = mounted("size=16k")
    (disk / "ballast").write_bytes(bytes(16384 - 4096))
    broken.store = disk / "store.sqlite"
    driver = broken.start(0)
    out, err = driver.communicate(timeout=600)
    assert driver.returncode == 1
    assert "--store" in err
    assert "Traceback" not in err
    assert "started" in out


def limit_files(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_files_that_may_not_grow_keep_the_old_report(broken, undisturbed):
    broken.finish(workers=0)
    page = broken.results.with_name("index.html")
    before = broken.results.read_bytes(), page.read_bytes()
    for path in broken.folder.glob("store.sqlite*"):
        path.unlink()
    driver = broken.start(0, preexec_fn=limit_files(20_000))
    _, err = driver.communicate(timeout=600)
    assert driver.returncode == 1
    assert "cannot be written" in err or "cannot be used" in err
    assert "Traceback" not in err
    assert (broken.results.read_bytes(), page.read_bytes()) == before
    assert sorted(path.name for path in page.parent.iterdir()) == ["index.html", "results.json"]
    broken.finish(workers=0)
    assert broken.answer() == undisturbed


def test_a_folder_that_became_read_only_is_read(broken, undisturbed, mounted):
    disk = mounted("size=50m")
    broken.store = disk / "store.sqlite"
    kept = broken.kill_on_the_way()
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    notes = broken.finish(workers=0)
    assert any("read but not written" in note for note in notes)
    assert any("not stored" in note for note in notes)
    assert broken.answer() == undisturbed
    assert broken.simulated == blocks_of(undisturbed) - kept


def test_a_read_only_folder_without_a_store_is_refused(broken, mounted):
    disk = mounted("size=1m")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    broken.store = disk / "store.sqlite"
    _, err = broken.start(0).communicate(timeout=600)
    assert "cannot be used as a store" in err
    assert "--store" in err
    assert "Traceback" not in err


def test_a_store_that_is_damaged_between_two_runs_costs_time_only(broken, undisturbed):
    broken.kill_on_the_way()
    raw = bytearray(broken.store.read_bytes())
    raw[:100] = bytes(100)
    raw[-4096:] = b"\xaa" * 4096
    broken.store.write_bytes(raw)
    [note] = broken.finish(workers=0)
    assert "set aside as store.sqlite.damaged-" in note
    assert broken.answer() == undisturbed
    assert broken.simulated == blocks_of(undisturbed)


def test_a_killed_run_without_shared_memory_is_gone_on_with(broken, undisturbed):
    """What it had committed is there, and the file that names it as the writer holds nobody up."""
    broken.kill_on_the_way("unix-none")
    assert broken.store.with_name("store.sqlite-writer").exists()
    [note] = broken.finish(0, "unix-none")
    assert "memory cannot be shared" in note
    assert broken.answer() == undisturbed
    assert broken.simulated <= blocks_of(undisturbed) - 5
    assert not broken.store.with_name("store.sqlite-writer").exists()


def test_a_clock_that_leaps_changes_nothing(broken, undisturbed):
    kept = broken.kill_on_the_way()
    assert broken.finish(1, "jump") == []
    assert broken.answer() == undisturbed
    assert broken.simulated == blocks_of(undisturbed) - kept
    read_json(broken.results)
