"""A cluster, by `distributed`: blocks as tasks, numbers back; only the driver writes the store.

``--executor dask --cluster WHERE``: the address of a scheduler (``tcp://host:8786``), ``local`` for
workers of this machine, or a YAML file that says which cluster to start (README.md beside this
folder). Workers may join late and die: a block whose worker dies is computed by another one, three
times at most. A worker that runs other versions gets no block. No worker is sent more than a few
tasks ahead.

A task costs a scheduler and its client some milliseconds, so blocks that are known to be short go
together, as many as fill a tenth of a second; a worker that dies loses one task.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import math
import queue
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ratecheck.engine.blocks import Argument, Block
from ratecheck.engine.executors.interface import Outcome
from ratecheck.engine.executors.processes import without_main
from ratecheck.engine.executors.remote import About, about, compute
from ratecheck.engine.worker import Failure
from ratecheck.errors import RequestError, kind_of, one_line

LOCAL = "local"
AHEAD = 3  # tasks that a worker has: one under way, and what keeps it busy until it gets more
_TASK = 0.1  # seconds that short blocks fill together
_MOST = 50  # blocks in a task
_LOOK = 1.0  # seconds between looks at who has come
_ANSWER = 30.0  # seconds that a scheduler may be silent


@dataclass(frozen=True)
class _Sent:
    blocks: tuple[Block, ...]
    future: Any
    workers: frozenset[str]  # that may compute it


class Dask:
    """The workers of a cluster.

    Parameters
    ----------
    count : int
        Workers to start, where the cluster is started here.
    cluster : str
        Where: an address, ``local`` or a YAML file.

    Attributes
    ----------
    refused : dict of address to sentence
        Workers that get no block, and why.

    Raises
    ------
    RequestError
        If `distributed` is not installed, or there is no such cluster.
    """

    def __init__(self, count: int, cluster: str = LOCAL) -> None:
        self.refused: dict[str, str] = {}
        self._where = cluster
        self._known: set[str] = set()
        self._running: dict[str, _Sent] = {}
        self._here: deque[Block] = deque()  # submitted, and not yet sent
        self._alone: set[str] = set()  # their task ended its workers: which of them did is unknown
        self._seconds: dict[_Kind, float] = {}
        self._together = 1  # blocks of a task, as far as the last answer tells
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._tickets = itertools.count()
        self._looked = -_LOOK
        self._cluster: Any = None
        try:
            distributed = importlib.import_module("distributed")
        except ImportError:
            raise RequestError(
                "the executor dask needs the package distributed; "
                "install it with pip install 'ratecheck[cluster]'"
            ) from None
        try:
            self._client = self._connect(distributed, count)
        except RequestError:
            raise
        except Exception as error:
            self._shut()
            raise RequestError(
                f"the cluster {cluster} cannot be used ({kind_of(error)}: {one_line(error)}); "
                "give --cluster the address of a running scheduler, local, or a YAML file"
            ) from None

    def _connect(self, distributed: Any, count: int) -> Any:
        if "://" in self._where:
            return distributed.Client(self._where, timeout=_ANSWER, set_as_default=False)
        if self._where == LOCAL:
            what: dict[str, Any] = {
                "cluster": "distributed.LocalCluster",
                "arguments": {
                    "n_workers": count, "threads_per_worker": 1, "memory_limit": None,
                    "dashboard_address": ":0", "silence_logs": 50,
                },
            }  # fmt: skip
        else:
            what = _asked(Path(self._where))
        module, _, name = str(what["cluster"]).rpartition(".")
        make = getattr(importlib.import_module(module), name)
        with without_main():
            self._cluster = make(**what.get("arguments", {}))
            if "jobs" in what:
                self._cluster.scale(jobs=what["jobs"])
            return distributed.Client(self._cluster, set_as_default=False)

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now; at least one, as workers may come later."""
        self._meet()
        room = max(0, self._room) * self._together - len(self._here)
        return max(room, not self._running and not self._here)

    @property
    def _room(self) -> int:
        return AHEAD * len(self._known) - len(self._running)

    def submit(self, block: Block) -> None:
        """Take a block; those of a while are sent together."""
        self._here.append(block)

    def _send_all(self) -> None:
        """Send what there is as far as workers have room; idle ones share it."""
        while self._here and (self._room > 0 or not self._running):
            idle = max(1, len(self._known) - len(self._running))
            self._send(self._task(min(_MOST, math.ceil(len(self._here) / idle))))

    def _task(self, most: int) -> tuple[Block, ...]:
        """The next blocks, as many as are known to be short."""
        task, seconds = [self._here.popleft()], 0.0
        while self._here and len(task) < most and task[-1].digest not in self._alone:
            seconds += self._seconds.get(_kind(task[-1]), _TASK)
            its = self._seconds.get(_kind(self._here[0]), _TASK)
            if seconds + its > _TASK or self._here[0].digest in self._alone:
                break
            task.append(self._here.popleft())
        return tuple(task)

    def _send(self, blocks: tuple[Block, ...]) -> None:
        """Send a task to whichever worker has least to do."""
        while not self._known:  # the first may be long in a queue
            self._require_scheduler()
            self._meet()
            if self.refused and not self._known:
                raise RequestError(next(iter(self.refused.values())))
            time.sleep(0 if self._known else _LOOK / 10)
        key = f"{blocks[0].digest[:16]}-{next(self._tickets)}"
        workers = frozenset(self._known)
        future = self._client.submit(compute, blocks, key=key, pure=False, workers=sorted(workers))
        self._running[key] = _Sent(blocks, future, workers)
        future.add_done_callback(lambda done: self._done.put(done.key))

    def wait(self) -> list[Outcome]:
        """The blocks that finished, waiting for at least one."""
        self._send_all()
        while self._running:
            with contextlib.suppress(queue.Empty):
                outcomes = self._take([self._done.get(timeout=_LOOK), *self._finished()])
                if outcomes:
                    return outcomes
            self._require_scheduler()
            self._meet()
            self._send_all()
        return []

    def ready(self) -> list[Outcome]:
        """The blocks that have finished by now."""
        self._send_all()
        return self._take(self._finished())

    def close(self) -> None:
        """Forget what is under way; a cluster that was started here ends."""
        with contextlib.suppress(Exception):
            self._client.cancel([sent.future for sent in self._running.values()], force=True)
        self._running.clear()
        self._here.clear()
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
        self._shut()

    def _shut(self) -> None:
        if self._cluster is not None:
            with contextlib.suppress(Exception):
                self._cluster.close(timeout=5)

    def _finished(self) -> list[str]:
        keys = []
        with contextlib.suppress(queue.Empty):
            while True:
                keys.append(self._done.get_nowait())
        return keys

    def _take(self, keys: list[str]) -> list[Outcome]:
        found = [(key, self._running.pop(key)) for key in keys if key in self._running]
        whole = [(key, sent.future) for key, sent in found if sent.future.status == "finished"]
        try:
            numbers = self._client.gather([future for _, future in whole]) if whole else []
        except Exception:  # a worker died with numbers that it had not sent
            numbers = []
        answers = dict(zip([key for key, _ in whole], numbers, strict=False))
        outcomes: list[Outcome] = []
        for key, sent in found:
            if key in answers:
                outcomes += zip(sent.blocks, answers[key], strict=True)
            elif sent.future.status != "error":
                self._require_scheduler()
                self._here.extendleft(reversed(sent.blocks))
            elif len(sent.blocks) > 1:
                self._alone |= {block.digest for block in sent.blocks}
                self._here.extendleft(reversed(sent.blocks))
            else:
                outcomes.append((sent.blocks[0], _failure(sent.future.exception())))
        self._learn(outcomes)
        self._send_all()
        return outcomes

    def _learn(self, outcomes: list[Outcome]) -> None:
        """How long blocks take, for those of the same kind that follow."""
        for block, numbers in outcomes:
            if not isinstance(numbers, Failure):
                self._seconds[_kind(block)] = numbers.seconds
                self._together = int(min(_MOST, max(1.0, _TASK / max(numbers.seconds, 1e-9))))

    def _meet(self) -> None:
        """Look now and then who has come and who has gone."""
        if time.monotonic() - self._looked < _LOOK and self._known:
            return
        self._looked = time.monotonic()
        try:
            there = set(self._client.scheduler_info(n_workers=-1)["workers"])
            new = sorted(there - self._known - set(self.refused))
            run = self._client.run
            found = run(about, workers=new, on_error="return") if new else {}
        except Exception:  # who was there is gone already
            self._require_scheduler()
            return
        self._known &= there
        for address, its in found.items():
            sentence = _unlike(address, its)
            if sentence is None:
                self._known.add(address)
            else:
                self.refused[address] = sentence
        for key, sent in list(self._running.items()):
            if self._known and not sent.workers & there:  # nobody is left who may compute it
                del self._running[key]
                self._client.cancel([sent.future], force=True)
                self._here.extendleft(reversed(sent.blocks))

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            raise RequestError(
                f"the scheduler of {self._where} is gone; what was finished is stored, "
                "so start the run again when it is back"
            )


_Kind = tuple[str, str, tuple[tuple[str, Argument], ...], int]


def _kind(block: Block) -> _Kind:
    """Blocks that take about as long as each other."""
    return block.claim, block.experiment, block.params, block.size


def _ours() -> About:
    return about()


def _unlike(address: str, its: object) -> str | None:
    """Why a worker gets no block; None where it is as this process."""
    if isinstance(its, About):
        other = _ours().differs(its)
        where = f"{address} ({its.host})"
    else:
        other, where = f"no such ratecheck ({one_line(its)})", address  # type: ignore[arg-type]
    if other is None:
        return None
    return f"the worker {where} has {other}; install the same versions everywhere"


def _failure(error: BaseException) -> Failure:
    if type(error).__name__ == "KilledWorker":
        return Failure("every worker that took it died; its memory or its code ends them")
    return Failure(f"the cluster could not compute it ({kind_of(error)}: {one_line(error)})")


def _asked(path: Path) -> dict[str, Any]:
    """Which cluster a file says: its class, what that gets, and how many jobs."""
    import yaml

    try:
        what = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RequestError(f"{path}: cannot be read as a cluster ({one_line(error)})") from None
    if not isinstance(what, dict) or "." not in str(what.get("cluster", "")):
        raise RequestError(
            f"{path}: names no cluster; write 'cluster: dask_jobqueue.SLURMCluster', "
            "'arguments:' with what it gets, and 'jobs:'"
        )
    return what
