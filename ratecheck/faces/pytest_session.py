"""The run that all items of a pytest session share: judging, reporting, and pytest-xdist."""

from __future__ import annotations

import base64
import io
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ratecheck.claim.catalogue import Entry, load, namesake
from ratecheck.engine.plan import CheckItem, FalsifierItem, Override, Settings, plan, planned
from ratecheck.engine.results import CheckResult, FalsifierResult, Result
from ratecheck.errors import RatecheckError, RequestError
from ratecheck.faces import asked

if TYPE_CHECKING:
    from ratecheck.engine.run import Run
    from ratecheck.report.progress import StatusLine

PAYLOAD = "ratecheck_result"  # the attribute of a test's report that carries its verdict
ROWS = "ratecheck_asserted"  # the one that carries what the fixture `rate` asserted
SESSION = pytest.StashKey["Session"]()
_LINE_EVERY = 30.0


@dataclass(frozen=True)
class _Collected:
    """What a worker of pytest-xdist collected: claim files, those that do not load, and ids."""

    claims: list[str]
    failures: list[tuple[str, str]]
    selected: list[str]


@dataclass(frozen=True)
class _Judged:
    """What a worker of pytest-xdist found of one item, and what it knows of its run."""

    id: str
    answer: Any
    replicates: int
    seconds: float
    certificates: dict[str, dict[str, Any]]
    notes: list[str]


class Session:
    """The run that all items of a pytest session share, and the hooks that need it.

    Under pytest-xdist every worker has one; the controller's collects nothing and receives what
    the workers judged.
    """

    def __init__(self, config: pytest.Config, settings: Settings, override: Override) -> None:
        self.config, self.settings, self.override = config, settings, override
        self.unanswered: list[str] = []
        self.distributed = hasattr(config, "workerinput")
        self.entries: list[Entry] = []
        self.failures: list[tuple[Path, RatecheckError]] = []
        self._selected: list[CheckItem | FalsifierItem] = []
        self._results: dict[str, Result] = {}
        self._certificates: dict[str, dict[str, Any]] = {}
        self._notes: list[str] = []
        self._asserted: list[dict[str, Any]] = []
        self._run: Run | None = None
        self._refused: RatecheckError | None = None
        self._line: StatusLine | None = None
        self._started = time.time()
        self._told = False
        self._document: dict[str, Any] | None = None
        self._unwritten: str | None = None

    def planned(self, entry: Entry) -> Sequence[CheckItem | FalsifierItem]:
        """Take in a claim once, with the items of it that are asked for.

        Raises
        ------
        ClaimError
            If another file of this name was taken in: the two would share their results.
        """
        try:
            asked.require_numbers([entry], self.override)
            found = planned([entry], self.settings, self.override)
        except RequestError as error:  # another claim may answer
            self.unanswered.append(str(error))
            if any(map(self.override.concerns, entry.claim.experiments.values())):
                self._notes.append(str(error))
            return ()
        self._notes += [one for one in found.refused if one not in self._notes]
        first = next((one.path for one in self.entries if one.id == entry.id), None)
        if first is None:
            self.entries.append(entry)
        elif first.resolve() != entry.path.resolve():
            raise namesake(entry.path, first)
        return found.items

    def select(self, items: list[CheckItem | FalsifierItem]) -> None:
        """Remember which items were selected, so that no others are simulated."""
        self._selected = items

    # -- judging --------------------------------------------------------------------------------

    def result(self, item: CheckItem | FalsifierItem) -> Result:
        """The verdict on an item."""
        if item.id not in self._results:
            if self._refused is not None:  # the store or the device: the same for every item
                raise self._refused
            run = self._run or self._open(item)
            try:
                for one in run.items if self.distributed else [item]:
                    run.result(one)
            finally:
                if self._line is not None:
                    self._line.clear()
            self._results |= {result.item.id: result for result in run.results()}
            if self.distributed:
                self._close()
        return self._results[item.id]

    def has(self, item: CheckItem | FalsifierItem) -> bool:
        """Whether an item was judged."""
        return item.id in self._results

    def _open(self, item: CheckItem | FalsifierItem) -> Run:
        from ratecheck.engine.run import Run

        # A worker of pytest-xdist is not told which items it will get: it runs one series a time,
        # and to its end, since another worker may have been given the rest.
        mine = [i for i in self._selected if not self.distributed or i.series == item.series]
        try:
            self._run = Run(mine, self.settings, self._progress())
        except RatecheckError as error:
            self._refused = error
            raise
        return self._run

    def _close(self) -> None:
        """Stop the run; its numbers are in the store."""
        if self._run is not None:
            self._run.close()
            for row in self._run.certificate()["series"]:
                self._certificates[_key(row)] = row
            self._notes += [note for note in self._run.notes if note not in self._notes]
            self._run = None

    def _progress(self) -> Callable[[], None] | None:
        """On a terminal a line at its bottom, elsewhere a line now and then."""
        from ratecheck.report import progress

        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or self.distributed:
            return None
        show: Callable[[str], None] = reporter.write_line
        if reporter.isatty:
            self._line = progress.StatusLine(reporter._tw._file)
            show = self._line.show

        def tell() -> None:
            status = progress.current(self._run) if self._run is not None else None
            if status is not None:
                show(progress.line(status))

        return progress.Ticker(tell, progress.REDRAW if reporter.isatty else _LINE_EVERY)

    # -- from the workers of pytest-xdist to the controller --------------------------------------

    def parcel(self, item: CheckItem | FalsifierItem | None) -> str:
        """What the controller is told with a test's report, as text; nothing outside pytest-xdist.

        The first report of a worker also tells what it collected.
        """
        if not self.distributed:
            return ""
        collected, self._told = None if self._told else self._collected(), True
        judged = None
        if item is not None:
            result = self._results[item.id]
            answer = (result.answer, result.replicates, result.seconds)
            judged = _Judged(item.id, *answer, self._certificates, self._notes)
        return base64.b64encode(pickle.dumps((collected, judged))).decode()

    def _collected(self) -> _Collected:
        return _Collected(
            [str(entry.path) for entry in self.entries],
            [(str(path), str(error)) for path, error in self.failures],
            [item.id for item in self._selected],
        )

    def _receive(self, parcel: str) -> None:
        collected, judged = pickle.loads(base64.b64decode(parcel))  # from this session's worker
        if collected is not None and not self._told:
            self._told = True
            self._take_over(collected)
        item = judged and next((one for one in self._selected if one.id == judged.id), None)
        if item is None:
            return
        answer = (judged.answer, judged.replicates, judged.seconds)
        self._results[item.id] = (
            FalsifierResult(item, *answer)
            if isinstance(item, FalsifierItem)
            else CheckResult(item, *answer)
        )
        self._certificates |= judged.certificates
        self._notes += [note for note in judged.notes if note not in self._notes]

    def _take_over(self, collected: _Collected) -> None:
        """Load the claims that a worker collected, and no other file: it would be executed."""
        self.failures = [(Path(path), RatecheckError(told)) for path, told in collected.failures]
        for path in map(Path, collected.claims):
            try:
                self.entries.append(load(path))
            except RatecheckError as error:  # changed under way, or not on this machine
                self.failures.append((path, error))
        chosen = set(collected.selected)
        self._selected = [
            i for i in plan(self.entries, self.settings, self.override) if i.id in chosen
        ]

    # -- hooks ----------------------------------------------------------------------------------

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in what tests asserted, and what a worker of pytest-xdist judged."""
        self._asserted += getattr(report, ROWS, [])
        payload = getattr(report, PAYLOAD, None)
        if payload is not None and payload["parcel"] and not self.distributed:
            self._receive(payload["parcel"])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop the workers and write the report, also after Ctrl-C."""
        self._close()
        if self.distributed or not (self._results or self.failures or self._asserted):
            return
        self._document = self._make_document()
        folder = self.config.getoption("--report")
        if folder is not None and session.exitstatus == pytest.ExitCode.INTERRUPTED:
            self._unwritten = "the run was interrupted; the same command goes on where it stopped"
        elif folder is not None:
            from ratecheck.report.publish import publish

            try:
                publish(self._document, folder)
            except RatecheckError as error:
                self._unwritten = str(error)
                if session.exitstatus == pytest.ExitCode.OK:
                    session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _make_document(self) -> dict[str, Any]:
        from ratecheck.engine.device import worker_count
        from ratecheck.engine.provenance import provenance
        from ratecheck.report.results import document

        chosen = {item.id for item in self._selected}
        every = plan(self.entries, self.settings, self.override)
        items = [item for item in every if item.id in chosen]  # in whichever order they ran
        results = [self._results[item.id] for item in items if item.id in self._results]
        seconds = time.time() - self._started
        return document(
            self.entries,
            self.failures,
            results,
            self.settings,
            provenance(self.settings, worker_count(self.settings), self._started, seconds),
            self._notes,
            override=self.override or None,
            certificate=self._certificate(items, whole=len(results) == len(every)),
            asserted=self._asserted,
        )

    def _certificate(
        self, items: list[CheckItem | FalsifierItem], *, whole: bool
    ) -> dict[str, Any]:
        """What `ratecheck audit` needs of the selected items.

        How far a series came whose items are not all judged depends on the clock, so that it is
        not certified; what is left of it is named, since it took part in how the rest was sampled.
        """
        unjudged = [item for item in items if item.id not in self._results]
        order = dict.fromkeys(_key(item.series.identity()) for item in items)
        for item in unjudged:
            order.pop(_key(item.series.identity()), None)
        return {
            "items": [item.id for item in items if item.id in self._results],
            "series": [self._certificates[key] for key in order if key in self._certificates],
            "asked": self._asked(),
            "selection": "whole" if whole else "part",
            "unjudged": [item.id for item in unjudged],
        }

    def _asked(self) -> list[str]:
        """The names of files and folders that were asked for; none for the whole folder."""
        places = [Path(arg.partition("::")[0]) for arg in self.config.args]
        if any(place.name == "claims" or (place / "claims").is_dir() for place in places):
            return []
        return [place.name for place in places]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table of verdicts."""
        if self._document is None:
            return
        from rich.console import Console

        from ratecheck.report.summary import terminal_table

        text = io.StringIO()
        Console(
            file=text,
            width=terminalreporter._tw.fullwidth,
            force_terminal=terminalreporter.hasmarkup,
            no_color=not terminalreporter.hasmarkup,
            highlight=False,
        ).print(terminal_table(self._document))
        terminalreporter.section("verdicts")
        terminalreporter.write(text.getvalue())
        for note in self._notes:
            terminalreporter.write_line(note)
        self._tell_github(terminalreporter)
        folder = self.config.getoption("--report")
        if self._unwritten is not None:
            terminalreporter.write_line(f"No report: {self._unwritten}", red=True)
        elif folder is not None:
            terminalreporter.write_line(f"Report: {Path(folder) / 'index.html'}")

    def _tell_github(self, terminalreporter: Any) -> None:
        from ratecheck.report import ci
        from ratecheck.report.summary import markdown

        assert self._document is not None
        for line in ci.errors_of(self._document):
            terminalreporter.write_line(line)
        try:
            ci.summarise(markdown(self._document))
        except RatecheckError as error:
            terminalreporter.write_line(str(error), red=True)


def _key(row: dict[str, Any]) -> str:
    """What tells the series of a certificate apart."""
    return repr([row[name] for name in ("claim", "experiment", "axis", "points", "params")])
