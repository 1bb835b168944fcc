"""The ratio of two running times on a machine that others use, too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def times_faster(
    baseline: Callable[[], object], fast: Callable[[], object], rounds: int = 5
) -> float:
    """Median over rounds of the ratio of processor times, after one unmeasured round.

    The two take turns, and who goes first alternates: a machine that gets slower or faster on the
    way slows both.
    """

    def seconds(function: Callable[[], object]) -> float:
        start = time.process_time()
        function()
        return time.process_time() - start

    ratios = []
    for i in range(rounds + 1):
        if i % 2:
            slow, quick = seconds(baseline), seconds(fast)
        else:
            quick, slow = seconds(fast), seconds(baseline)
        ratios.append(slow / quick)
    return statistics.median(ratios[1:])
