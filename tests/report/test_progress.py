"""What is shown while a run is under way."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from ratecheck.claim.catalogue import load
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.engine.sampling import Sampling
from ratecheck.report import progress

SETTINGS = Settings(workers=0, store=None)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "?"), (0.4, "0 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"),
     (7500, "2 h 5 min")],
)  # fmt: skip
def test_durations(seconds, shown):
    assert progress.duration(seconds) == shown


def lines_of_a_run(claim_file):
    path = claim_file(replace={"margin=0.25": "margin=0.08", "replicates=256": "replicates=512"})
    lines, runs = [], []

    def note():
        status = progress.current(runs[0])
        if status is not None:
            lines.append(progress.line(status))

    with Run(plan([load(path)], SETTINGS), SETTINGS, note) as run:
        runs.append(run)
        run.all()
        assert progress.current(run) is None
    return lines


def test_a_line_tells_what_is_decided_and_how_the_interval_shrinks(claim_file):
    lines = lines_of_a_run(claim_file)
    assert lines[0].startswith("half: 0 of 2 decided, 1 of 5 blocks, about ")
    intervals = [line.split("risk[n] in [")[1] for line in lines if "risk[n] in [" in line]
    widths = [
        float(high) - float(low) for low, high in (x.rstrip("]").split(", ") for x in intervals)
    ]
    assert widths[-1] < widths[0]


def test_bars_name_every_claim(claim_file):
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    shown = progress.Progress(console)
    with Run(plan([load(claim_file())], SETTINGS), SETTINGS, shown) as run, shown.watching(run):
        run.all()
        console.print(shown.bars())
    text = console.file.getvalue()
    assert "half" in text
    assert "2/2 decided" in text


def test_blocks_may_arrive_while_progress_is_shown(claim_file):
    """A live display is drawn by a thread of its own."""
    items = plan([load(claim_file())], SETTINGS)
    sampling = Sampling(items[0].series, items, SETTINGS, "fingerprint")
    first, second, *later = sampling.request()

    class Arriving(list):
        """How many blocks are wanted; as that is read, another block arrives."""

        def __iter__(self):
            sampling.receive(later.pop(), SimpleNamespace(seconds=1.0))
            return super().__iter__()

    for block in (first, second):
        sampling.receive(block, SimpleNamespace(seconds=1.0))
    waiting = len(later)
    sampling._looks.target = Arriving(sampling._looks.target)
    assert sampling.seconds_left == pytest.approx(waiting)
    assert len(later) < waiting


def test_a_status_line_is_overwritten_and_removed():
    file = io.StringIO()
    line = progress.StatusLine(file)
    line.show("a long line")
    line.show("short")
    line.clear()
    assert file.getvalue() == "\ra long line\rshort      \r     \r"


def test_a_ticker_is_not_called_at_every_block():
    calls = []
    often = progress.Ticker(lambda: calls.append(1), 3600.0)
    for _ in range(100):
        often()
    assert calls == []
