"""A run that can be broken: claims, a store, a driver process, and what it must come to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CLAIM

ROOT = Path(__file__).parents[2]
SLOW = "    import time\n    time.sleep(0.02)\n    import torch\n"


class Broken:
    """A folder with two claims in which runs are started and broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store.sqlite"
        self.results = folder / "report" / "results.json"
        (folder / "claims").mkdir(parents=True)
        half = CLAIM.replace("    import torch\n", SLOW).replace("(16, 256)", "(16, 128)")
        (folder / "claims" / "half.py").write_text(half)
        wrong = half.replace('"1/n", margin=0.25', '"1/n**2", margin=0.25')
        (folder / "claims" / "wrong.py").write_text(wrong)

    def start(self, workers: int = 1, *extra: str, **changes: Any) -> subprocess.Popen[str]:
        """Start the driver."""
        place = [str(self.folder), str(workers), str(self.store)]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver", *place, *extra],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=ROOT, **changes,
        )  # fmt: skip

    def finish(self, workers: int = 1, *extra: str, **changes: Any) -> list[str]:
        """Let a run end by itself; returns its notes."""
        driver = self.start(workers, *extra, **changes)
        out, err = driver.communicate(timeout=300)
        assert driver.returncode == 0, err
        notes: list[str] = json.loads(out.splitlines()[-1])["notes"]
        return notes

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


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    return Broken(tmp_path / "run")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an undisturbed run comes to."""
    run = Broken(tmp_path_factory.mktemp("undisturbed") / "run")
    assert run.finish(workers=0) == []
    return run.answer()
