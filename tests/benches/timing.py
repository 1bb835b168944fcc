"""The ratio of two running times on a machine that others use, too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import cache


def times_faster(
    baseline: Callable[[], object], fast: Callable[[], object], rounds: int = 5
) -> float:
    """Median over rounds of the ratio of processor times, after one unmeasured round.

    The two take turns, and who goes first alternates: a machine that gets slower or faster on the
    way slows both. The fast one is repeated for a tenth of the other's time: a millisecond after
    much else is all caches that are cold.
    """

    def seconds(function: Callable[[], object], times: int = 1) -> float:
        start = time.process_time()
        for _ in range(times):
            function()
        return (time.process_time() - start) / times

    slow, quick = seconds(baseline), seconds(fast)
    many = max(1, round(slow / quick / 10))
    ratios = []
    for i in range(rounds):
        if i % 2:
            slow, quick = seconds(baseline), seconds(fast, many)
        else:
            quick, slow = seconds(fast, many), seconds(baseline)
        ratios.append(slow / quick)
    return statistics.median(ratios)


@cache
def ceilings() -> dict[str, float]:
    """What this machine's one thread reaches: GFLOP/s of a matmul of 1024^2, GB/s of a copy."""
    import torch

    def best(function: Callable[[], object]) -> float:
        seconds = []
        for _ in range(7):
            start = time.process_time()
            function()
            seconds.append(time.process_time() - start)
        return min(seconds)

    torch.set_num_threads(1)
    found = {}
    for name, dtype in (("fp32", torch.float32), ("fp64", torch.float64)):
        a = torch.rand(1024, 1024, dtype=dtype)
        found[f"GFLOP/s {name}"] = 2 * 1024**3 / best(lambda a=a: a @ a) / 1e9
    source = torch.rand(2**25)
    target = torch.empty_like(source)
    found["GB/s"] = 2 * source.nbytes / best(lambda: target.copy_(source)) / 1e9
    return {name: round(value, 1) for name, value in found.items()}
