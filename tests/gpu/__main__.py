"""Everything once on a GPU, within minutes: ``python -m tests.gpu`` (or ``make gpu``).

First what the card reaches (a matmul, a copy), then the tests that compare its numbers with the
processor's, then the experiments, the dearest first: a block of their dearest point at full effort,
timed, and their verdicts at quick effort beside the published ones. What does not fit into the time
is named as left out. All of it is written to a JSON file as it is found.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ratecheck.claim.catalogue import Entry, load_all
from ratecheck.engine.device import require_device
from ratecheck.engine.executors import Serial
from ratecheck.engine.plan import Override, Settings, plan
from ratecheck.engine.run import Run
from ratecheck.engine.sampling import LATE
from ratecheck.engine.worker import Failure
from ratecheck.errors import RatecheckError

ROOT = Path(__file__).parents[2]
DEVICE_TESTS = ["tests/test_claims.py", "-k", "devices_agree"]
LEFT_FOR_TESTS = 0.25  # share of the time that the device's tests may take
LEFT_FOR_ONE = 0.25  # share of what is left that one block, or the verdicts of one experiment, may
SHORTEST = 20.0  # seconds, in which a process has loaded and compiled what it needs


class Deadline:
    """How much of the time is left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return self._end - time.monotonic()


def part_of(deadline: Deadline) -> Deadline:
    """What one part may take of the time: one that is slow here must not cost all others theirs."""
    return Deadline(max(LEFT_FOR_ONE * deadline.left, min(SHORTEST, deadline.left)))


def ceilings(device: str, size: int = 4096) -> dict[str, float]:
    """TFLOP/s of a matmul in float32 and float64, GB/s of a copy; the best of five."""
    found = {}
    for name, dtype in (("fp32", torch.float32), ("fp64", torch.float64)):
        a = torch.rand(size, size, dtype=dtype, device=device)
        found[f"TFLOP/s {name}"] = 2 * size**3 / best(device, lambda a=a: a @ a) / 1e12
    source = torch.rand(size * size, device=device)
    target = torch.empty_like(source)
    found["GB/s"] = 2 * source.nbytes / best(device, lambda: target.copy_(source)) / 1e9
    return {name: float(f"{value:.3g}") for name, value in found.items()}


def best(device: str, function: Callable[[], object]) -> float:
    """Shortest of five times, the card being waited for."""
    seconds = []
    for _ in range(6):
        wait(device)
        start = time.perf_counter()
        function()
        wait(device)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def wait(device: str) -> None:
    """Until the device has done what it was told."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def tests(limit: float, selected: list[str]) -> dict[str, Any]:
    """Run the tests that compare a device with the processor."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selected]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return {"outcome": f"not finished in {limit:.0f} s"}
    told = (done.stdout.strip().splitlines() or [""])[-1]
    good = "passed" if "passed" in told else "skipped"
    return {"outcome": good if done.returncode == 0 else "failed", "told": told}


def dearest(entries: list[Entry], published: dict[str, Any]) -> Iterator[tuple[Entry, str]]:
    """Claims' experiments by what they cost in the published run, the dearest first."""
    cost: dict[tuple[str, str], float] = {}
    for claim in published["claims"]:
        for row in claim["checks"]:
            key = (claim["id"], row["experiment"])
            cost[key] = max(cost.get(key, 0.0), row["seconds"])
    known = {entry.id: entry for entry in entries}
    for name, experiment in sorted(cost, key=lambda key: -cost[key]):
        if name in known and experiment in known[name].claim.experiments:
            yield known[name], experiment


def full(entry: Entry, experiment: str, device: str, deadline: Deadline) -> dict[str, Any]:
    """A block of the dearest point of its first series, at full effort on the device."""
    settings = Settings(effort="full", device=device, workers=0, store=None)
    pool, seconds, replicates, blocks = Serial(), 0.0, 0, 0
    items = plan([entry], settings, Override(experiments=(experiment,)))
    with Run(items[:1], settings) as run:
        for sampling in run.samplings:
            block = max(sampling.at(0), key=sampling.cost)
            for _ in range(2):  # the first one loads and compiles
                if deadline.left <= 0:
                    break
                pool.submit(replace(block, timeout=deadline.left))
                [(_, outcome)] = pool.wait()
                if isinstance(outcome, Failure):
                    return {"failed": outcome.message}
                seconds, replicates, blocks = outcome.seconds, block.size, blocks + 1
    return {"seconds": seconds, "replicates": replicates, "blocks": blocks}


def verdicts(
    entry: Entry, experiment: str, device: str, published: dict[str, Any], deadline: Deadline
) -> dict[str, Any]:
    """Verdicts at quick effort on the device, and those that differ from the published ones."""
    settings = Settings(device=device, workers=0, store=None, timeout=max(1.0, deadline.left))
    told = {row["id"]: row["verdict"] for claim in published["claims"] for row in claim["checks"]}
    start, found = time.monotonic(), {}
    with Run(plan([entry], settings, Override(experiments=(experiment,))), settings) as run:
        for item in run.items:
            answer = run.result(item).answer if deadline.left > 0 else None
            cut_off = answer is None or getattr(answer, "reason", "") == LATE
            if deadline.left > 0 and item.id in told and not cut_off:
                found[item.id] = answer.outcome
    other = {name: [told[name], mine] for name, mine in found.items() if told[name] != mine}
    return {"seconds": time.monotonic() - start, "judged": len(found), "other": other}


def main(arguments: list[str] | None = None) -> int:
    """Run it; 1 if a test fails or a verdict is another."""
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument("--claims", type=Path, default=ROOT / "claims")
    parser.add_argument("--published", type=Path, default=ROOT / "reports" / "results.json")
    parser.add_argument("--size", type=int, default=4096, help="of the matmul")
    parser.add_argument("--tests", nargs="*", default=DEVICE_TESTS)
    asked = parser.parse_args(arguments)
    deadline = Deadline(60 * asked.minutes - 15)  # what runs when time is up is cut off
    try:
        require_device(asked.device)
    except RatecheckError as error:
        print(error, file=sys.stderr)
        return 2
    published = json.loads(asked.published.read_text())
    entries, _ = load_all([asked.claims])
    on_card = asked.device.startswith("cuda")
    whole: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if on_card else asked.device,
        "torch": torch.__version__, "ceilings": ceilings(asked.device, asked.size),
        "tests": tests(LEFT_FOR_TESTS * deadline.seconds, asked.tests) if asked.tests else {},
        "experiments": {}, "left_out": [],
    }  # fmt: skip
    for entry, experiment in dearest(entries, published):
        name = f"{entry.id}/{experiment}"
        if deadline.left <= 0:
            whole["left_out"].append(name)
        else:
            whole["experiments"][name] = {
                "full": full(entry, experiment, asked.device, part_of(deadline)),
                "quick": verdicts(entry, experiment, asked.device, published, part_of(deadline)),
            }
        partial = asked.out.with_suffix(".part")
        partial.write_text(json.dumps(whole, indent=1))
        partial.replace(asked.out)
    other = [row for one in whole["experiments"].values() for row in one["quick"]["other"].items()]
    for check, (before, now) in other:
        print(f"{check}: {before} as published, {now} here")
    print(
        f"{len(whole['experiments'])} experiments, {len(whole['left_out'])} left out: {asked.out}"
    )
    return int(bool(other) or whole["tests"].get("outcome", "passed") not in ("passed", "skipped"))


if __name__ == "__main__":
    raise SystemExit(main())
