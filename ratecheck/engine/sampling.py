"""One series of data: which blocks it still needs, and when its items can be judged.

A series asks for blocks (`Sampling.request`), takes their numbers (`receive`) and, when all it
asked for is there, looks at them (`look`): an item that is decided gets its verdict, and more
blocks are asked for until all are. The plan depends on the numbers and on declared costs only,
never on the clock or on the order in which blocks finish.

A series starts with a pilot of 16 replicates a point. Every look may spend some of the promised
error rate (`inference.sequential`); the next one costs half as much again in all, with the new
replicates where they narrow the open items most. It ends when every check and falsifier on it is
decided (each is frozen at its own first decision), after 12 looks, or when every point has the
replicates that the effort allows. Exact values need no looks, and `Settings.fixed` takes all
replicates at once.

What shows how far an item is: the longer arm of its interval, for slopes of any form of data,
`Decay`, `Agrees` and `Additive` (of their widest point); the share of the replicates, for `Below`
without a margin. When the slope's place is known and only its curve keeps the verdict back,
sampling goes on, unless all that the effort still allows would leave it open
(`inference.rates.hopeless`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ratecheck.engine.blocks import Argument, Block, Numbers
from ratecheck.engine.plan import CheckItem, FalsifierItem, Item, Series, Settings
from ratecheck.engine.store import encode, seal
from ratecheck.engine.worker import Failure
from ratecheck.errors import one_line
from ratecheck.inference import curvature, rates, sequential
from ratecheck.inference.sequential import Clock, Level
from ratecheck.judge.findings import (
    Finding,
    Sample,
    demand,
    find,
    missing,
    predicted_slope,
    scale_of,
)
from ratecheck.judge.judge import (
    checked,
    forecast,
    interval,
    judge,
    judge_falsifier,
    measured,
    tail_of,
)
from ratecheck.judge.verdict import Kill, Look, Verdict


class Sampling:
    """State of one series.

    Parameters
    ----------
    series : Series
    items : sequence of Item
        The checks and falsifiers that are judged on this series.
    settings : Settings
    fingerprint : str
        Digest of the simulation's source.
    """

    def __init__(
        self,
        series: Series,
        items: Sequence[CheckItem | FalsifierItem],
        settings: Settings,
        fingerprint: str,
    ) -> None:
        self.series = series
        self.items = items
        self.order = 0
        self.finished = False
        self.seconds = 0.0
        self._settings = settings
        self._fingerprint = fingerprint
        self._experiment = items[0].experiment
        self._entry = items[0].entry
        exact = self._experiment.form == "exact"
        self._block = 1 if exact else self._experiment.block
        cap = 1 if exact else self._experiment.replicates[settings.effort]
        self._cap = -(-cap // self._block)
        self._sequential = not (exact or settings.fixed)
        pilot = -(-sequential.PILOT // self._block) if self._sequential else self._cap
        self._target = [min(pilot, self._cap)] * self._cells
        self._asked = [0] * self._cells
        self._numbers: dict[str, tuple[int, int, Numbers]] = {}
        self._pending: set[str] = set()
        self._tracks = [_Track(item, settings.alpha) for item in items]
        self._looks = 0
        self._unit_costs = np.array([self._unit_cost(cell) for cell in range(self._cells)])
        self._seen: frozenset[str] = frozenset()

    @property
    def _cells(self) -> int:
        """Number of simulated points: one for trajectories, whose runs yield all points."""
        return 1 if self._experiment.form == "trajectories" else len(self.series.points)

    @property
    def done(self) -> int:
        """Blocks that are there."""
        return len(self._numbers)

    @property
    def planned(self) -> int:
        """Blocks that the series wants in all."""
        return self.done if self.finished else sum(self._target)

    @property
    def replicates(self) -> int:
        """Replicates over all points."""
        return self.done * self._block

    @property
    def seconds_left(self) -> float | None:
        """Seconds of simulation still to come, from the blocks so far.

        A live display asks for it from its own thread, while blocks arrive.
        """
        arrived = list(self._numbers.values())
        if not arrived:
            return None
        per_cell: dict[int, list[float]] = {}
        for cell, _, numbers in arrived:
            per_cell.setdefault(cell, []).append(numbers.seconds)
        dearest = max(sum(s) / len(s) for s in per_cell.values())
        left = 0.0
        for cell, target in enumerate(self._target):
            seen = per_cell.get(cell, [])
            mean = sum(seen) / len(seen) if seen else dearest
            left += mean * max(0, target - len(seen))
        return left

    def request(self) -> list[Block]:
        """The blocks that are newly needed."""
        blocks = []
        for cell, target in enumerate(self._target):
            for index in range(self._asked[cell], target):
                block = self._make(cell, index)
                self._pending.add(block.digest)
                blocks.append(block)
            self._asked[cell] = max(self._asked[cell], target)
        return blocks

    def receive(self, block: Block, numbers: Numbers) -> bool:
        """Take in one block; True when all that was asked for is there."""
        self._numbers[block.digest] = (self.cell_of(block), block.index, numbers)
        self.seconds += numbers.seconds
        self._pending.discard(block.digest)
        return not self._pending

    @property
    def watched(self) -> tuple[Item, Look] | None:
        """The first item that is still open after a look, with that look."""
        seen = (t for t in self._tracks if t.open and t.looks)
        return next(((t.item, t.looks[-1]) for t in seen), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was foreseen after the pilot, once for each item that it concerns."""
        return tuple(f"{t.item.id}: {t.warning}" for t in self._tracks if t.warning)

    def look(self) -> list[tuple[Item, Verdict | Kill]]:
        """Judge the items that can be judged on the numbers that are there.

        Numbers that an inference cannot cope with cost the item that it judges, and no other.
        """
        self._seen = frozenset(self._numbers)
        sample = Sample(
            points=self.series.points, form=self._experiment.form, values=self._values()
        )
        self._looks += 1
        counts = np.array([target * self._block for target in self._target])
        work = float((counts * self._unit_costs).sum())
        spent = work / float((self._cap * self._block * self._unit_costs).sum())
        last = self._looks >= sequential.LOOKS or all(t >= self._cap for t in self._target)
        judged: list[tuple[Item, Verdict | Kill]] = []
        wanted: list[np.ndarray] = []
        for track in [track for track in self._tracks if track.open]:
            answer: Verdict | Kill | None
            try:
                if not self._sequential:
                    answer = track.judge(sample, None)
                else:
                    if self._looks == 1 and not last:
                        track.warn(sample, self._cap * self._block)
                    answer = track.look(sample, int(counts.sum()), work, spent, last)
                if answer is None:
                    wanted.append(track.demand(sample, self._unit_costs))
            except Exception as error:
                answer = track.give_up(error)
            if answer is not None:
                judged.append((track.item, answer))
        self.finished = not wanted
        if wanted:
            self._grow(wanted, counts)
        return judged

    def fail(self, block: Block, failure: Failure) -> list[tuple[Item, Verdict | Kill]]:
        """Give up the series: every item that has no verdict yet becomes an ERROR.

        Which blocks came before the failure depends on the machine; only those that a look has
        seen are kept.
        """
        self.finished = True
        self._numbers = {key: row for key, row in self._numbers.items() if key in self._seen}
        return [(t.item, failed(t.item, block, failure)) for t in self._tracks if t.open]

    def cost(self, block: Block) -> float:
        """Declared cost of a block's replicate (where none is declared, the place on the axis)."""
        cell = self.cell_of(block)
        return float(cell) if self._experiment.cost is None else float(self._unit_costs[cell])

    def _unit_cost(self, cell: int) -> float:
        """Declared cost of a replicate; 1 where none is declared, or where it has no value."""
        at = dict(self._make(cell, 0).params)
        params = {k: v for k, v in at.items() if not isinstance(v, tuple)}
        if self._experiment.cost is None or len(params) < len(at):
            return 1.0
        return max(float(self._experiment.cost(**params)), 1e-300)

    def _grow(self, wanted: Sequence[np.ndarray], counts: np.ndarray) -> None:
        """Plan the next look for what the open items need most."""
        cap = self._cap * self._block
        grown = sequential.grow(counts, np.max(wanted, axis=0), self._unit_costs, self._block, cap)
        self._target = [int(count) // self._block for count in grown]

    def blocks(self) -> list[tuple[Block, Numbers]]:
        """Every block of the series with its numbers, in the order of point and index."""
        rows = sorted(self._numbers.values(), key=lambda row: row[:2])
        return [(self._make(cell, index), numbers) for cell, index, numbers in rows]

    def at(self, index: int) -> list[Block]:
        """The block of this index at every simulated point."""
        return [self._make(cell, index) for cell in range(self._cells)]

    def certificate(self) -> dict[str, object]:
        """Identity of the series, its sources, and a digest of the numbers at every point."""
        digests: list[list[str]] = [[] for _ in range(self._cells)]
        for block, numbers in self.blocks():
            digests[self.cell_of(block)].append(seal(block.digest, encode(numbers)))
        return {
            **self.series.identity(),
            "fingerprint": self._fingerprint,
            "size": self._block,
            "blocks": [len(cell) for cell in digests],
            "digests": [hashlib.sha256("".join(cell).encode()).hexdigest() for cell in digests],
        }

    def _values(self) -> dict[str, list[np.ndarray]]:
        """Each quantity's replicates at each simulated point, in the order of the block index.

        A quantity that is absent from some block is left out: its items then say so.
        """
        ordered = sorted(self._numbers.values(), key=lambda row: row[:2])
        everywhere = set.intersection(*(set(numbers.values) for _, _, numbers in ordered))
        names = [name for name in ordered[0][2].values if name in everywhere]
        return {
            name: [
                np.concatenate([n.values[name] for cell, _, n in ordered if cell == wanted])
                for wanted in range(self._cells)
            ]
            for name in names
        }

    def _make(self, cell: int, index: int) -> Block:
        points = self.series.points
        at: Argument = points if self._experiment.form == "trajectories" else points[cell]
        params: dict[str, Argument] = {**dict(self.series.params), self.series.axis: at}
        return Block(
            claim=self.series.claim,
            experiment=self.series.experiment,
            params=tuple(sorted(params.items())),
            index=index,
            size=self._block,
            seed=self._settings.seed,
            device=self._settings.device,
            fingerprint=self._fingerprint,
            path=str(self._entry.path.resolve()),
            source_digest=self._entry.source_digest,
            form=self._experiment.form,
            timeout=self._experiment.timeout or self._settings.timeout,
        )

    def cell_of(self, block: Block) -> int:
        """Number of the simulated point of a block."""
        at = dict(block.params)[self.series.axis]
        return 0 if isinstance(at, tuple) else self.series.points.index(at)


class _Track:
    """One item on its way to a verdict: what it has spent, and what it saw at each look."""

    def __init__(self, item: CheckItem | FalsifierItem, alpha: float) -> None:
        self.item = item
        self.open = True
        self.warning: str | None = None
        self._check = checked(item)
        self._alpha = alpha
        self._tail = tail_of(alpha)
        self._clock = Clock.start()
        self._held = curvature.UNKNOWN
        self.looks: list[Look] = []

    def warn(self, sample: Sample, cap: int) -> None:
        """Say after the pilot whether the effort can resolve the margin."""
        if isinstance(self.item, CheckItem):
            self.warning = forecast(self.item, sample, cap, self._alpha)

    def look(
        self, sample: Sample, replicates: int, work: float, spent: float, last: bool
    ) -> Verdict | Kill | None:
        """The answer, or None while it is open.

        ``spent`` is the share of the work that the effort allows; ``last`` that nothing follows.
        """
        item, check = self.item, self._check
        if missing(check, sample):
            return self.judge(sample, None)
        one = find(item, check, sample, sequential.single(self._tail))
        t = self._information(one, spent)
        before = self._clock.t
        self._clock, level = sequential.spend(self._clock, t, last, self._tail, self._held)
        found = find(item, check, sample, level)
        predicted = predicted_slope(item, check.formula, sample.points)
        self.looks.append(
            Look(
                replicates,
                work,
                measured(check, predicted, found.theta),
                None if found.theta is None else interval(check, predicted, found.low, found.high),
            )
        )
        if isinstance(item, FalsifierItem):
            decided = found.outside
        else:
            decided = found.outcome in ("PASS", "FAIL")
        if decided or last or self._over(found, 1 / spent, before):
            return self.judge(sample, level)
        return None

    def _information(self, found: Finding, spent: float) -> np.ndarray:
        margin = scale_of(self._check)
        if not margin > 0:
            return np.asarray(spent)
        return sequential.information(
            np.asarray(found.arm), margin, self._tail, self._check.relation
        )

    def _over(self, found: Finding, more: float, before: np.ndarray) -> bool:
        """Whether the error rate is spent and no further look could change the answer."""
        if self._clock.t < 1:
            return False
        if found.reading is None or isinstance(self.item, FalsifierItem):
            return True
        if before < 1:
            self._held = curvature.SPENT if found.place == curvature.UNKNOWN else found.place
        more = min(more, sequential.GROWTH ** (sequential.LOOKS - len(self.looks)))
        return bool(rates.hopeless(found.reading, self._check.margin, more))

    def demand(self, sample: Sample, cost: np.ndarray) -> np.ndarray:
        """Relative numbers of replicates that this item asks for."""
        return demand(self.item, self._check, sample, cost)

    def judge(self, sample: Sample, level: Level | None) -> Verdict | Kill:
        """The final answer."""
        self.open = False
        if isinstance(self.item, FalsifierItem):
            return judge_falsifier(self.item, sample, self._alpha, level)
        verdict = judge(self.item, sample, self._alpha, level)
        warned = (self.warning,) if self.warning and verdict.outcome == "INCONCLUSIVE" else ()
        return replace(verdict, looks=tuple(self.looks), warnings=(*verdict.warnings, *warned))

    def give_up(self, error: Exception) -> Verdict | Kill:
        """The ERROR of an item whose numbers cannot be judged."""
        self.open = False
        sentence = f"The numbers cannot be judged ({type(error).__name__}: {one_line(error)})."
        return _error(self.item, "cannot be judged", sentence)


def failed(item: Item, block: Block, failure: Failure) -> Verdict | Kill:
    """The ERROR of an item whose simulation failed at a block."""
    replay = f"ratecheck replay '{block.name}'"
    if block.seed:
        replay += f" --seed {block.seed}"
    if block.device != "cpu":
        replay += f" --device {block.device}"
    sentence = f"The simulation failed at {block.name}: {failure.message}."
    return _error(item, "simulation failed", sentence, replay)


def _error(item: Item, reason: str, sentence: str, replay: str | None = None) -> Verdict | Kill:
    if isinstance(item, FalsifierItem):
        return Kill("ERROR", sentence, None, None, None, replay=replay)
    return Verdict("ERROR", reason, sentence, None, None, None, item.check.margin, replay=replay)
