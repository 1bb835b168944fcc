"""The whole attack on ratecheck, as a table of what was tried and what survived.

``python -m tests.attack`` (or ``make attack``): kills, damages, results forged leaf by leaf for
this machine and for another, malformed claims, hostile results. Each row is a part of the test
suite at its full width; the gate runs a narrow cut of the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ATTACKS = {
    "results forged, same machine": ["tests/after/test_audit.py", "--forge-all"],
    "results forged, another machine": ["tests/after/test_elsewhere.py", "--forge-all"],
    "kills of drivers and workers": ["tests/faults/test_kills.py", "--kills", "30"],
    "hostile results": ["tests/faults/test_hostile.py", "--forge-all"],
    "malformed claims": ["tests/faults/test_malformed.py"],
    "hostile simulations": ["tests/engine/test_executors.py", "tests/engine/test_answers.py"],
    "damaged stores, failing places": [
        "tests/engine/test_store.py", "tests/engine/test_journal.py", "tests/faults/test_places.py",
    ],
}  # fmt: skip
_MANY = re.compile(r"^\.*(\d+) (?:kills|forged|hostile)", re.MULTILINE)  # printed by wide tests
_COUNT = re.compile(r"(\d+) (passed|failed|error)")


@dataclass(frozen=True)
class Row:
    """What came of one attack: tries, failed tests, processor seconds, and what pytest said."""

    name: str
    tried: int
    failed: int
    seconds: float
    output: str

    @property
    def survived(self) -> int:
        """Tries that ended as they must."""
        return max(0, self.tried - self.failed)


def attack(name: str, arguments: list[str]) -> Row:
    """Run one attack in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-m", "not slow", *arguments]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(command, cwd=ROOT, env=env, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(run.pid, 0)  # with what its children used
        run.returncode = code = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode(errors="replace")
    counts = {what: int(n) for n, what in _COUNT.findall(output[-400:])}
    wide = [int(n) for n in _MANY.findall(output)]
    failed = counts.get("failed", 0) + counts.get("error", 0) + (code not in (0, 1))
    tried = counts.get("passed", 0) + counts.get("failed", 0) - len(wide) + sum(wide)
    return Row(name, tried, failed, used.ru_utime + used.ru_stime, output)


def main() -> int:
    """Print the table; 1 if something did not survive."""
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda one: attack(*one), ATTACKS.items()))
    for row in rows:
        if row.failed:
            print(row.output[-4000:])
    print(f"{'attack':34}{'tried':>7}{'survived':>10}{'CPU s':>8}")
    for row in rows:
        print(f"{row.name:34}{row.tried:7}{row.survived:10}{row.seconds:8.0f}")
    tried, survived = sum(row.tried for row in rows), sum(row.survived for row in rows)
    used = sum(row.seconds for row in rows)
    print(f"{'all':34}{tried:7}{survived:10}{used:8.0f}  in {time.monotonic() - start:.0f} s")
    return any(row.failed for row in rows)


if __name__ == "__main__":
    sys.exit(main())
