"""`pytest claims`: each check of each case is a test, and so is each falsifier.

A claim file is collected when pytest is pointed at it, or when it lies in a folder that pytest is
pointed at and declares a ``claim``. All selected items of a session share one run: they are judged
from one store by one pool of workers, and an item's test waits until its own verdict is there.

PASS and a killed falsifier pass; FAIL, ERROR and a falsifier that survived fail; INCONCLUSIVE, and
a falsifier that is undecided, is an outcome of its own, neither passed nor failed
(``--strict-verdicts`` makes it fail).

Nothing heavy is imported here: collection needs neither torch nor numpy.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ratecheck.engine.plan import Settings, store_path
from ratecheck.errors import RatecheckError, RequestError
from ratecheck.faces import asked
from ratecheck.faces.pytest_items import ClaimFile, ClaimItem, MalformedClaim
from ratecheck.faces.pytest_rate import ASSERTED, rate
from ratecheck.faces.pytest_session import PAYLOAD, ROWS, SESSION, Session
from ratecheck.words import DEFAULT_STORE

__all__ = ["rate"]

OPEN = ("INCONCLUSIVE", "UNDECIDED")
_DECLARES = re.compile(r"^claim\s*(:[^=]*)?=|^@claim\.experiment", re.MULTILINE)
_TESTS = re.compile(r"^\s*(def|class) [Tt]est", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``pytest --help`` under "ratecheck"."""
    group = parser.getgroup("ratecheck", "ratecheck: theorems about rates")
    group.addoption(
        "--effort", default="quick", metavar="NAME", help="quick, standard or full (default: quick)"
    )
    group.addoption("--device", default="cpu", help="cpu, cuda or cuda:1 (default: cpu)")
    group.addoption(
        "--workers", type=int, default=None, metavar="N",
        help="worker processes; 0 computes in this one (default: one a core)",
    )  # fmt: skip
    group.addoption(
        "--executor", default=None, metavar="NAME",
        help="where blocks are computed: processes, serial, dask or one that a conftest registers",
    )  # fmt: skip
    group.addoption(
        "--cluster", default=None, metavar="WHERE",
        help="the cluster of --executor dask: tcp://HOST:PORT, local, or a YAML file",
    )  # fmt: skip
    group.addoption(
        "--seed", type=int, default=0, metavar="N",
        help="base seed; another seed is another, independent run (default: 0)",
    )  # fmt: skip
    group.addoption(
        "--store", default=str(DEFAULT_STORE), metavar="FILE",
        help=f"where simulated blocks are kept; 'none' keeps nothing (default: {DEFAULT_STORE})",
    )  # fmt: skip
    group.addoption(
        "--report", default=None, metavar="DIR",
        help="write DIR/index.html and DIR/results.json",
    )  # fmt: skip
    group.addoption(
        "--block-timeout", type=float, default=None, metavar="S",
        help="seconds after which a block is given up, where its experiment names none",
    )  # fmt: skip
    group.addoption(
        "--case", default=None, metavar="NAME=VALUE,...",
        help="a case that the files do not list, such as r=0.6,beta=2.5",
    )  # fmt: skip
    group.addoption(
        "--points", action="append", metavar="NAME=VALUES",
        help="points of an axis: n=64,128,256,512 or, doubling, n=64..4096",
    )  # fmt: skip
    group.addoption(
        "--set", action="append", metavar="NAME=VALUE", help="another value of a free constant"
    )
    group.addoption(
        "--experiment", action="append", metavar="NAME", help="only this experiment of the claims"
    )
    group.addoption(
        "--strict-verdicts", action="store_true", help="let INCONCLUSIVE fail the test run"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Check the options before anything is collected."""
    try:
        settings, option = _settings(config), config.getoption
        override = asked.override(
            option("--case"), option("--points"), None, option("--set"), option("--experiment")
        )
    except RatecheckError as error:
        raise pytest.UsageError(str(error)) from None
    session = Session(config, settings, override)
    config.stash[SESSION] = session
    config.pluginmanager.register(session, "ratecheck-session")


def _settings(config: pytest.Config) -> Settings:
    option = config.getoption
    store = store_path(option("--store"))
    if store is not None and store.is_dir():  # else every single item would fail with it
        raise RequestError(f"--store {store}: is a folder; name a file in it")
    workers, executor = option("--workers"), option("--executor")
    if workers is None and hasattr(config, "workerinput"):  # pytest-xdist has the cores already
        workers = 0 if executor in (None, "serial") else 1
    if executor is not None or option("--cluster") is not None:
        from ratecheck.engine.executors import name_of, on

        executor = on(executor, option("--cluster"))
        name_of(executor, workers)
    return Settings(
        effort=option("--effort"),
        seed=option("--seed"),
        device=option("--device"),
        workers=workers,
        executor=executor,
        store=store,
        timeout=option("--block-timeout"),
    )


# -- collection -----------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ClaimFile | None:
    """Take the files that declare a claim."""
    if file_path.suffix != ".py" or file_path.name.startswith(("test_", "conftest", "_")):
        return None
    named = any(
        Path(str(argument).split("::")[0]).resolve() == file_path.resolve()
        for argument in parent.config.args
    )
    if not _is_claim(file_path, named):
        return None
    file: ClaimFile = ClaimFile.from_parent(parent, path=file_path)
    return file


def _is_claim(path: Path, named: bool) -> bool:
    """Whether a file declares a claim; one that is named need only look as if it should."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return named
    if "ratecheck" not in text:
        return False
    return _DECLARES.search(text) is not None or (named and not _TESTS.search(text))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the session which items were selected."""
    shared = session.config.stash[SESSION]
    chosen = [item.planned for item in session.items if isinstance(item, ClaimItem)]
    if shared.override and shared.unanswered and not session.items:
        raise pytest.UsageError(shared.unanswered[0])
    shared.select(chosen)


# -- outcomes -------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report carry the verdict."""
    report = yield
    session = item.config.stash[SESSION]
    if call.when != "call":
        return report
    if item.stash.get(ASSERTED, None):
        setattr(report, ROWS, item.stash[ASSERTED])
    if isinstance(item, ClaimItem) and session.has(item.planned):
        outcome = session.result(item.planned).answer.outcome
        payload = {"outcome": outcome, "parcel": session.parcel(item.planned)}
        setattr(report, PAYLOAD, payload)
    elif isinstance(item, MalformedClaim):
        setattr(report, PAYLOAD, {"outcome": "ERROR", "parcel": session.parcel(None)})
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> Any:
    """INCONCLUSIVE is an outcome of its own."""
    payload = getattr(report, PAYLOAD, None)
    if payload is not None and payload["outcome"] in OPEN and report.skipped:
        return "inconclusive", "I", ("INCONCLUSIVE", {"yellow": True})
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Send a claim's items to one worker where nothing but claims is tested.

    A check and its falsifiers often read the same data; on different workers each would be
    simulated twice.
    """
    folders = [Path(str(argument).split("::")[0]) for argument in config.args]
    tests = [path for path in folders if any(path.rglob("test_*.py")) or not path.exists()]
    if tests or config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)
