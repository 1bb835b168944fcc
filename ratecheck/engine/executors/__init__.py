"""Where blocks are computed: an executor by its name.

An executor mirrors `concurrent.futures` (`interface.Executor`): `submit` a block while `free` is
positive, `wait` for what is finished (`ready` does not wait), `close` in the end. It gets the
number of workers that was asked for, and computes a block by `engine.worker.attempt`, wherever that
runs. Another one is

    register("threads", Threads)

in a module that is imported before the run, such as a conftest; then ``--executor threads`` finds
it, like those that are here. The numbers of a run do not depend on its executor.
"""

from __future__ import annotations

from collections.abc import Callable

from ratecheck.engine.executors.interface import Executor, Outcome, outcomes
from ratecheck.engine.executors.processes import Processes
from ratecheck.engine.executors.serial import Serial
from ratecheck.errors import RequestError

__all__ = [
    "DASK",
    "PROCESSES",
    "SERIAL",
    "Executor",
    "Outcome",
    "Processes",
    "Serial",
    "executor",
    "name_of",
    "on",
    "outcomes",
    "register",
]

SERIAL, PROCESSES, DASK = "serial", "processes", "dask"
_MAKERS: dict[str, Callable[[int], Executor]] = {
    SERIAL: lambda _: Serial(), PROCESSES: Processes, DASK: lambda count: _cluster(count, "local"),
}  # fmt: skip


def _cluster(count: int, where: str) -> Executor:
    from ratecheck.engine.executors.dask import Dask

    return Dask(count, where)


def register(name: str, make: Callable[[int], Executor]) -> None:
    """Let a name stand for executors that ``make`` returns for a number of workers."""
    _MAKERS[name] = make


def on(asked: str | None, cluster: str | None) -> str | None:
    """The executor that is asked for, on a cluster if one is named.

    Raises
    ------
    RequestError
        If it uses no cluster.
    """
    if cluster is None:
        return asked
    if asked not in (None, DASK):
        raise RequestError(
            f"the executor {asked} uses no cluster; leave out --cluster, or take --executor {DASK}"
        )
    return f"{DASK}:{cluster}"


def name_of(asked: str | None, workers: int | None) -> str:
    """The name of the executor of a run: as asked for, else by whether there are workers.

    Raises
    ------
    RequestError
        If there is none of that name, or its number of workers makes no sense.
    """
    usual = PROCESSES if workers or workers is None else SERIAL
    name = usual if asked is None else DASK if asked.startswith(f"{DASK}:") else asked
    if name not in _MAKERS:
        raise RequestError(f"there is no executor '{name}'; choose {', '.join(sorted(_MAKERS))}")
    if name == SERIAL and workers:
        raise RequestError(
            f"the executor serial has no workers, and {workers} were asked for; "
            "leave out one of --executor and --workers"
        )
    if name != SERIAL and workers == 0:
        raise RequestError(
            f"the executor {name} needs workers, and none were asked for; "
            "leave out one of --executor and --workers"
        )
    return name


def executor(asked: str | None, workers: int) -> Executor:
    """Start the executor of a name (None: the one for that many workers).

    Raises
    ------
    RequestError
        If there is none of that name, or it cannot be started.
    """
    name = name_of(asked, workers)
    where = (asked or "").removeprefix(f"{DASK}:")
    return _cluster(workers, where) if where != (asked or "") else _MAKERS[name](workers)
