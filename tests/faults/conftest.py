"""A run that can be broken: claims, a store, a driver process, and what it must come to."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import preloaded
from tests.conftest import CLAIM
from tests.processes import until

ROOT = Path(__file__).parents[2]
SLOW = "    import time\n    time.sleep(0.008)\n    import torch\n"


Driver = subprocess.Popen[str] | preloaded.Started


class Broken:
    """A folder with two claims in which runs are started and broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store.sqlite"
        self.results = folder / "report" / "results.json"
        self.simulated = 0  # blocks that the last run that ended by itself did not find
        (folder / "claims").mkdir(parents=True)
        half = CLAIM.replace("    import torch\n", SLOW).replace("(16, 256)", "(16, 128)")
        (folder / "claims" / "half.py").write_text(half)
        wrong = half.replace('"1/n", margin=0.25', '"1/n**2", margin=0.25')
        (folder / "claims" / "wrong.py").write_text(wrong)

    def start(self, workers: int = 1, *extra: str, **changes: Any) -> Driver:
        """Start the driver; without workers of its own it need not load torch for itself."""
        command, env = self._driver(workers, extra), {"OMP_NUM_THREADS": "1"}
        if workers == 0 and not changes:
            return preloaded.Started(["python", *command], ROOT, env)
        return subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **env}, **changes,
        )  # fmt: skip

    def _driver(self, workers: int, extra: Sequence[str]) -> list[str]:
        place = [str(self.folder), str(workers), str(self.store)]
        return ["-m", "tests.faults.driver", *place, *extra]

    def finish(self, workers: int = 1, *extra: str) -> list[str]:
        """Let a run end by itself; returns its notes."""
        done = preloaded.run(["python", *self._driver(workers, extra)], ROOT)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
        self.simulated = told["simulated"]
        notes: list[str] = told["notes"]
        return notes

    def kept(self) -> set[str]:
        """The blocks that are in the store, which is left as it is."""
        try:
            uri = f"{self.store.as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
                return {row[0] for row in connection.execute("SELECT digest FROM blocks")}
        except sqlite3.DatabaseError:  # no table yet, or it is just being written
            return set()

    def wait_for_its_start(self, driver: Driver) -> None:
        """Wait until a run has read the claims, or ends before."""
        if isinstance(driver, preloaded.Started):
            until(lambda: driver.poll() is not None or driver.printed())
        else:
            assert driver.stdout is not None
            driver.stdout.readline()

    def wait_for_a_block(self, driver: Driver) -> None:
        """Wait until a run stores the first block of its own, or ends without one."""
        before = self.kept()
        until(lambda: driver.poll() is not None or self.kept() > before)

    def kill_on_the_way(self, *extra: str) -> int:
        """Kill a run that has stored some of its blocks; returns how many."""
        driver = self.start(0, *extra)
        until(lambda: len(self.kept()) >= 5)
        driver.kill()
        driver.communicate()
        return len(self.kept())

    def answer(self) -> dict[str, Any]:
        """The results without clocks, paths and what depends on the number of workers."""
        whole = json.loads(self.results.read_text())
        for key in ("provenance", "notes"):
            del whole[key]
        del whole["certificate"]["seals"]
        for claim in whole["claims"]:
            for row in claim["checks"] + claim["falsifiers"]:
                del row["seconds"]
        return whole


def blocks_of(answer: dict[str, Any]) -> int:
    """How many blocks the results of a run come from."""
    return sum(sum(series["blocks"]) for series in answer["certificate"]["series"])


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    return Broken(tmp_path / "run")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an undisturbed run comes to."""
    run = Broken(tmp_path_factory.mktemp("undisturbed") / "run")
    assert run.finish(workers=0) == []
    return run.answer()
