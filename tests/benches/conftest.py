"""Kernels beside their straightforward forms, and one table of the ratios at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benches.timing import ceilings, times_faster

Form = Callable[[], object]
Compare = Callable[..., None]


@pytest.fixture
def faster(benchmark: BenchmarkFixture) -> Compare:
    """Times a kernel beside its straightforward form.

    The ratio of processor times is ``times_faster`` in ``--benchmark-json``. It must exceed half of
    what was seen on one core of a shared machine: what neighbours take of caches and memory costs
    the two differently, 5.4 for 8 in one run.
    """

    def compare(baseline: Form, fast: Form, seen: float, rounds: int = 5) -> None:
        ratio = times_faster(baseline, fast, rounds)
        benchmark.extra_info["times_faster"] = round(ratio, 1)
        benchmark(fast)
        assert ratio > seen / 2

    return compare


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the benches put into ``benchmark.extra_info``."""
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    rows = [(b.name, b.extra_info) for b in session.benchmarks] if session is not None else []
    if not any(info for _, info in rows):
        return
    terminalreporter.section("what the benches measured")
    shown = ", ".join(f"{value:g} {name}" for name, value in ceilings().items())
    terminalreporter.write_line(f"one thread of this machine reaches {shown}")
    width = max(len(name) for name, _ in rows)
    for name, info in rows:
        shown = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in info.items())
        terminalreporter.write_line(f"{name:<{width}}  {shown}")
