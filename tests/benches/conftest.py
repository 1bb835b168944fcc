"""One table at the end: each kernel's ratio to the straightforward form, measured in this run."""

from __future__ import annotations

import pytest

from tests.benches.timing import ceilings


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
