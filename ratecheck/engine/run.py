"""The run: items share one pool of workers, and each is judged as soon as its data allow.

Every series of data is a small state machine that asks for blocks, looks at what came, and asks
for more or is done (`engine.sampling`). The run feeds them from the store and from the workers,
commits every block as it finishes, and never lets a failing block touch another series. It looks
only when nothing is left to commit: a run that is killed while it judges has stored what came.
Runs on one store share the work: what another one has under way is waited for, not computed twice,
unless that takes longer than a block may: a run that was stopped must not stop the others.
"""

from __future__ import annotations

import heapq
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.device import require_device, worker_count
from ratecheck.engine.executors import (
    Executor,
    Outcome,
    executor,
    name_of,
    outcomes,
)
from ratecheck.engine.executors.interface import time_limit
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.engine.judged import Judged
from ratecheck.engine.pieces import Pieces
from ratecheck.engine.plan import CheckItem, FalsifierItem, Item, Series, Settings
from ratecheck.engine.results import Result, result_of
from ratecheck.engine.sampling import Sampling
from ratecheck.engine.status import ClaimStatus, statuses
from ratecheck.engine.store import Store
from ratecheck.engine.worker import Failure
from ratecheck.errors import RequestError, StoreError
from ratecheck.judge.verdict import Kill, Verdict

_Queued = tuple[int, float, int, Block]
_QUEUED = 10_000  # blocks, so that the queue of a plan of a million is not in memory at once
_PAUSE = 0.05  # seconds between looks at what another run has finished


class Run:
    """Simulates and judges items.

    Parameters
    ----------
    items : sequence of CheckItem or FalsifierItem
        From `engine.plan.plan`.
    settings : Settings
    on_progress : callable, optional
        Called after every finished block.
    afresh : bool
        Derive everything from the numbers, whatever was kept of an earlier run.

    Raises
    ------
    RequestError
        If the device does not exist here, or the executor.
    StoreError
        If the store cannot be used.
    """

    def __init__(
        self,
        items: Sequence[CheckItem | FalsifierItem],
        settings: Settings,
        on_progress: Callable[[], object] | None = None,
        *,
        afresh: bool = False,
    ) -> None:
        self.items = list(items)
        self.settings = settings
        self.notes: list[str] = []
        self._on_progress = on_progress or (lambda: None)
        require_device(settings.device)
        name_of(settings.executor, settings.workers)
        self._store = Store(settings.store) if settings.store is not None else None
        self._derived = None if self._store is None or afresh else self._store.derived
        self._fresh: list[Sampling] = []  # their answers are to be kept
        try:
            self._samplings = self._open_samplings()
        except BaseException:
            if self._store is not None:
                self._store.close()
            raise
        self._storing = self._store is not None
        self._shared = self._store.shared() if self._store is not None else None
        self._elsewhere: list[tuple[float, _Queued]] = []  # under way in another run, since when
        self._overdue: set[str] = set()  # what that run should have finished
        self._executor: Executor | None = None
        self._results: dict[str, Result] = {}
        self._numbers: dict[str, Numbers] = {}
        self._waiting: defaultdict[str, list[Sampling]] = defaultdict(list)
        self._queue: list[_Queued] = []
        self._unasked: deque[Sampling] = deque()  # their turn comes when the queue gets short
        self._ticket = 0
        self._arrived: deque[Outcome] = deque()  # kept where Ctrl-C comes between two of them
        self._complete: deque[Sampling] = deque()  # all that they asked for is there
        self._started = False
        self._unconfirmed: set[tuple[str, str]] = set()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers and close the store; finished blocks are in the store already."""
        if self._executor is not None:
            for sentence in getattr(self._executor, "refused", {}).values():
                self._say(sentence)
            self._executor.close()
            self._executor = None
        if self._store is not None:
            self._keep_answers()
            self._take_notes()
            if self._shared is not None:
                self._shared.close()
            self._store.close()
            self._store = self._derived = self._shared = None

    def result(self, item: Item) -> Result:
        """Judge one item, simulating what it still needs."""
        self._start()
        while item.id not in self._results:
            self._step()
        return self._results[item.id]

    def all(self) -> list[Result]:
        """Judge every item."""
        for item in self.items:
            self.result(item)
        return self.results()

    def results(self) -> list[Result]:
        """What has been judged so far, in the order of the plan."""
        return [self._results[item.id] for item in self.items if item.id in self._results]

    def status(self) -> list[ClaimStatus]:
        """Progress of every claim, in the order of the plan."""
        return statuses(self.items, self._samplings, self._results, self.workers)

    def blocks(self) -> Iterator[tuple[Block, Numbers]]:
        """Every simulated block of the judged series with its numbers, in the order of the plan."""
        for sampling in self._samplings:
            yield from sampling.blocks()

    @property
    def samplings(self) -> list[Sampling]:
        """Every series of data, in the order of the plan."""
        return list(self._samplings)

    def certificate(self) -> dict[str, Any]:
        """What a stranger needs to check the run: its plan, its sources, digests of its numbers.

        One row a series, with the fingerprint of its simulation and, for every point, the number
        of blocks and the digest of their numbers.
        """
        return {"items": [item.id for item in self.items],
                "series": [s.certificate() for s in self._samplings]}  # fmt: skip

    @property
    def workers(self) -> int:
        """Worker processes of this run (0: in this process)."""
        return worker_count(self.settings)

    # -- the loop -----------------------------------------------------------------------------

    def _open_samplings(self) -> list[Sampling]:
        by_series: dict[Series, list[CheckItem | FalsifierItem]] = {}
        for item in self.items:
            by_series.setdefault(item.series, []).append(item)
        prints: dict[tuple[str, str], str] = {}
        pieces = Pieces(self._derived)
        samplings = []
        for series, items in by_series.items():
            key = (series.claim, series.experiment)
            first = key not in prints
            if first:
                prints[key] = fingerprint(items[0].entry, series.experiment, pieces)
            sampling = Sampling(series, items, self.settings, prints[key])
            sampling.twice = first and sampling.repeatable
            samplings.append(sampling)
        pieces.save()
        return samplings

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._confirm_unseen()
            self._recall()
            for order, sampling in enumerate(self._samplings):
                sampling.order = order
            self._unasked += [sampling for sampling in self._samplings if not sampling.finished]

    def _step(self) -> None:
        """Submit what fits, then take in what finished; where nothing has, look at one series."""
        while self._unasked and len(self._queue) < _QUEUED:
            sampling = self._unasked.popleft()
            if not sampling.finished:  # it may have failed since
                self._request(sampling)
        pool = self._pool() if self._queue else self._executor
        while pool is not None and self._queue and pool.free:
            for block in self._ours(self._next(pool.free)):
                pool.submit(block)
        if pool is not None and not self._arrived:
            self._arrived += pool.ready() if self._complete else pool.wait()
        waiting = bool(self._elsewhere)
        if waiting:
            self._ask_others()
        if self._arrived:
            while self._arrived:
                self._finish(*self._arrived.popleft())
        elif self._complete:
            self._look(self._complete.popleft())
        elif waiting:
            time.sleep(_PAUSE)
        else:
            raise RequestError(
                "nothing is left to simulate, yet an item has no verdict; start the run again"
            )

    def _next(self, count: int) -> list[_Queued]:
        """As many queued blocks as may be submitted, without those that nobody wants any more."""
        found: list[_Queued] = []
        while self._queue and len(found) < count:
            entry = heapq.heappop(self._queue)
            if any(not sampling.finished for sampling in self._waiting[entry[-1].digest]):
                found.append(entry)
            else:  # those that wanted it have failed
                del self._waiting[entry[-1].digest]
        return found

    def _ours(self, queued: Sequence[_Queued]) -> list[Block]:
        """Those of some blocks that no other run on this store has under way or has finished."""
        if self._store is None or self._shared is None:
            return [entry[-1] for entry in queued]
        ours = self._shared.take([entry[-1].digest for entry in queued]) | self._overdue
        now = time.monotonic()
        self._elsewhere += [(now, entry) for entry in queued if entry[-1].digest not in ours]
        mine = [entry[-1] for entry in queued if entry[-1].digest in ours]
        if self._store.changed:  # another run may have finished some of them since
            self._shared.drop(self._take_stored(mine))
        return [block for block in mine if not self._has(block)]

    def _ask_others(self) -> None:
        """Take what other runs have finished; queue again what they have given up, or seem to."""
        if self._shared is None:
            return
        blocks = [entry[-1] for _, entry in self._elsewhere]
        held = self._shared.held([block.digest for block in blocks])
        self._take_stored(blocks)
        waited, self._elsewhere = self._elsewhere, []
        for since, entry in waited:
            block = entry[-1]
            if self._has(block):
                continue
            if block.digest in held and time.monotonic() - since < time_limit(block):
                self._elsewhere.append((since, entry))
            else:
                self._overdue |= held & {block.digest}
                heapq.heappush(self._queue, entry)

    def _take_stored(self, blocks: Sequence[Block]) -> list[str]:
        """Let those of some blocks arrive that are stored by now; returns their digests."""
        self._fetch(blocks)
        there = {b.digest: (b, self._numbers[b.digest]) for b in blocks if self._has(b)}
        self._arrived += there.values()
        return list(there)

    def _has(self, block: Block) -> bool:
        return block.digest in self._numbers

    def _finish(self, block: Block, outcome: Numbers | Failure) -> None:
        samplings = self._waiting.pop(block.digest, [])
        if isinstance(outcome, Failure):
            self._give_up(block)
        elif not self._has(block):
            self._keep(block, outcome)
        for sampling in samplings:
            if sampling.finished:
                continue
            if isinstance(outcome, Failure):
                self._conclude(sampling, sampling.fail(block, outcome))
            elif sampling.receive(block, outcome):
                self._complete.append(sampling)
        self._on_progress()

    def _look(self, sampling: Sampling) -> None:
        self._conclude(sampling, sampling.look())
        if not sampling.finished:
            self._unasked.appendleft(sampling)
        elif self._derived is not None:
            self._fresh.append(sampling)

    def _recall(self) -> None:
        """Take the answers that were given before, where numbers and judging code are the same."""
        if self._derived is None:
            return
        rows = {row: sampling for sampling in self._samplings if (row := sampling.row)}
        kept = {
            sampling: judged
            for row, text in self._derived.get(rows).items()
            if (judged := Judged.read(text)) and (sampling := rows[row])
        }
        wanted = {sampling: sampling.known(judged) for sampling, judged in kept.items()}
        stored = self._stored([b for blocks in wanted.values() for b in blocks], packed=True)
        for sampling, blocks in wanted.items():
            if blocks and all(block.digest in stored for block in blocks):
                numbers = [(block, stored[block.digest]) for block in blocks]
                for result in sampling.recall(kept[sampling], numbers):
                    self._results[result.item.id] = result
                if sampling.finished:
                    self._numbers |= {block.digest: found for block, found in numbers}

    def _keep_answers(self) -> None:
        if self._derived is not None:
            kept = {s.row: judged.written() for s in self._fresh if (judged := s.to_keep())}
            self._derived.put({row: text for row, text in kept.items() if row})
            self._fresh.clear()

    def _request(self, sampling: Sampling) -> None:
        """Give a series the next blocks it asks for from memory and store; queue the rest."""
        wanted = sampling.request(_QUEUED)
        self._fetch([b for b in wanted if b.digest not in self._numbers])
        complete = False
        for block in wanted:
            if block.digest in self._numbers:
                complete = sampling.receive(block, self._numbers[block.digest]) or complete
            else:
                self._enqueue(block, sampling)
        if complete:
            self._complete.append(sampling)
        elif sampling.asks_more:
            self._unasked.appendleft(sampling)

    def _fetch(self, blocks: Sequence[Block]) -> None:
        """Take what is stored of blocks and still stands into memory."""
        self._numbers |= self._stored(blocks)

    def _stored(self, blocks: Sequence[Block], *, packed: bool = False) -> dict[str, Numbers]:
        """What is stored of blocks and still stands, by their digests."""
        if self._store is None or not blocks:
            return {}
        found = {
            block.digest: numbers
            for block, numbers in self._store.get(blocks, packed=packed)
            if self._stands(block, numbers)
        }
        self._take_notes()
        return found

    def _stands(self, block: Block, numbers: Numbers) -> bool:
        """Whether stored numbers still follow from what their block had read."""
        if numbers.reads.unseen and (block.claim, block.experiment) in self._unconfirmed:
            return False
        changed = numbers.reads.changed()
        if changed is None:
            return True
        self._say(
            f"{Path(changed).name} is not what {block.claim}/{block.experiment} had read; "
            "what rests on it is simulated anew"
        )
        return False

    def _confirm_unseen(self) -> None:
        """Simulate one stored block anew of each experiment whose reads are not all known.

        What another program or the network answered cannot be compared; its numbers can. Where
        they differ, nothing that is stored of the experiment is used.
        """
        if self._store is None:
            return
        self._unconfirmed = self._store.unseen()
        probes: dict[tuple[str, str], tuple[Block, Numbers]] = {}
        for sampling in self._samplings if self._unconfirmed else ():
            key = (sampling.series.claim, sampling.series.experiment)
            if not sampling.repeatable:
                self._unconfirmed.discard(key)
            elif key in self._unconfirmed and key not in probes:
                stored = next(self._store.get(sampling.at(0)), None)
                if stored is not None:
                    probes[key] = stored
        if not probes:
            return
        for block, outcome in outcomes(self._pool(), [block for block, _ in probes.values()]):
            key = (block.claim, block.experiment)
            before = probes[key][1]
            if isinstance(outcome, Numbers) and outcome.same_as(before):
                self._unconfirmed.discard(key)
            else:
                self._say(
                    f"{block.claim}/{block.experiment} rests on "
                    f"{' and '.join(before.reads.unseen)}, and a stored block comes out "
                    "otherwise now; all of it is simulated anew"
                )

    def _pool(self) -> Executor:
        if self._executor is None:
            self._executor = executor(self.settings.executor, self.workers)
        return self._executor

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _enqueue(self, block: Block, sampling: Sampling) -> None:
        if not self._waiting[block.digest]:
            self._ticket += 1
            # within a series the dearest first: the last blocks to finish are then short ones
            entry = (sampling.order, -sampling.cost(block), self._ticket, block)
            heapq.heappush(self._queue, entry)
        self._waiting[block.digest].append(sampling)

    def _conclude(self, sampling: Sampling, judged: Iterable[tuple[Item, Verdict | Kill]]) -> None:
        for item, answer in judged:
            self._results[item.id] = result_of(item, answer, sampling.replicates, sampling.seconds)

    def _keep(self, block: Block, numbers: Numbers) -> None:
        self._numbers[block.digest] = numbers
        try:
            if self._store is not None and self._storing:
                self._store.put(block, numbers)
        except StoreError as error:  # a full disk must not cost what is in memory
            self._storing = False
            self._give_up(block)
            self.notes.append(f"{error}; from here on the numbers of this run are not stored")

    def _give_up(self, block: Block) -> None:
        if self._shared is not None:
            self._shared.drop([block.digest])

    def _take_notes(self) -> None:
        if self._store is not None:
            for note in self._store.notes:
                self._say(note)
            self._store.notes.clear()
