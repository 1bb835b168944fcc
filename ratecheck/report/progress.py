"""Progress of a run: a bar a claim in a terminal, a plain line now and then elsewhere.

A line says what is decided so far, how far the simulation is and how long it may still take. The
figures come from `Run.status`; nothing here changes a run.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from ratecheck import words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ratecheck.engine.run import Run
    from ratecheck.engine.status import ClaimStatus

REDRAW = 0.2
PLAIN_EVERY = 15.0


def duration(seconds: float | None) -> str:
    """Seconds as people say them: ``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds is None:
        return "?"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def line(status: ClaimStatus) -> str:
    """One claim's progress as a plain line."""
    left = "" if status.seconds_left is None else f", about {duration(status.seconds_left)} left"
    watched = watching(status)
    return (
        f"{status.claim}: {status.judged} of {status.items} decided, "
        f"{status.blocks_done} of {status.blocks_planned} blocks{left}"
        + (f"; {watched}" if watched else "")
    )


def watching(status: ClaimStatus) -> str:
    """The interval of the first item that is not decided yet, as far as it has shrunk."""
    if status.watched is None:
        return ""
    item, look = status.watched
    if look.interval is None:
        return ""
    name = item.id.removeprefix(f"{item.entry.id}/{item.experiment.name}/")
    return f"{name} in {words.interval(look.interval)}"


def current(run: Run) -> ClaimStatus | None:
    """The first claim that is not finished."""
    return next((s for s in run.status() if s.judged < s.items), None)


class Ticker:
    """Calls ``show`` no more often than every ``period`` seconds."""

    def __init__(self, show: Callable[[], None], period: float) -> None:
        self._show, self._period = show, period
        self._next = time.monotonic() + period

    def __call__(self) -> None:
        """Show, if it is time to."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._period
            self._show()


class Progress:
    """Live progress of a run on a rich console; call it after every block.

    Parameters
    ----------
    console : rich.console.Console
        Where to show it. Bars where it is a terminal, plain lines elsewhere.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._run: Run | None = None
        self._ticker = Ticker(self._print, PLAIN_EVERY)

    def __call__(self) -> None:
        """A block has finished."""
        self._ticker()

    @contextmanager
    def watching(self, run: Run) -> Iterator[None]:
        """Show the run's progress for the time of the context."""
        self._run = run
        if not self._console.is_terminal:
            yield
            return
        from rich.live import Live

        with Live(
            get_renderable=self.bars, console=self._console, transient=True,
            refresh_per_second=1 / REDRAW / 2,
        ):  # fmt: skip
            yield

    def _print(self) -> None:
        status = current(self._run) if self._run is not None else None
        if status is not None and not self._console.is_terminal:
            print(line(status), file=self._console.file, flush=True)

    def bars(self) -> RenderableType:
        """One row a claim: bar, items decided, replicates, time left, an interval."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        grid = Table.grid(padding=(0, 1))
        for status in self._run.status() if self._run is not None else ():
            finished = status.judged == status.items
            total = max(1, status.blocks_done if finished else status.blocks_planned)
            left = "" if finished else f"{duration(status.seconds_left)} left"
            grid.add_row(
                status.claim,
                ProgressBar(total, status.blocks_done, width=24),
                f"{status.judged}/{status.items} decided",
                f"{status.replicates} replicates",
                left,
                "" if finished else watching(status),
            )
        return grid


class StatusLine:
    """A line at the bottom of a terminal that is overwritten (for pytest, which prints itself)."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._shown = file, 0

    def show(self, text: str) -> None:
        """Replace what is shown."""
        text = text[: shutil.get_terminal_size().columns - 1]
        self._file.write(f"\r{text.ljust(self._shown)}")
        self._file.flush()
        self._shown = len(text)

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            self._file.write("\r" + " " * self._shown + "\r")
            self._file.flush()
            self._shown = 0
