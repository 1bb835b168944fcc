"""One series of data: which blocks it still needs, and when its items can be judged.

A series asks for blocks (`Sampling.request`), takes their numbers (`receive`) and, when all it
asked for is there, looks at them (`look`): every item on it is judged, or more blocks are asked
for. The plan depends on the numbers and on declared costs only, never on the clock or on the
order in which blocks finish.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from ratecheck.engine.blocks import Argument, Block, Numbers
from ratecheck.engine.plan import CheckItem, FalsifierItem, Item, Series, Settings
from ratecheck.engine.worker import Failure
from ratecheck.judge import Sample, judge, judge_falsifier
from ratecheck.store import encode, seal
from ratecheck.verdict import Kill, Verdict


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
        self._target = [-(-cap // self._block)] * self._cells
        self._asked = [0] * self._cells
        self._numbers: dict[str, tuple[int, int, Numbers]] = {}
        self._pending: set[str] = set()
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
        """Seconds of simulation still to come, from the blocks so far."""
        if not self._numbers:
            return None
        per_cell: dict[int, list[float]] = {}
        for cell, _, numbers in self._numbers.values():
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
        self._numbers[block.digest] = (self._cell_of(block), block.index, numbers)
        self.seconds += numbers.seconds
        self._pending.discard(block.digest)
        return not self._pending

    def look(self) -> list[tuple[Item, Verdict | Kill]]:
        """Judge the items on the numbers that are there."""
        self._seen = frozenset(self._numbers)
        sample = Sample(
            points=self.series.points, form=self._experiment.form, values=self._values()
        )
        self.finished = True
        return list(self._judged(sample))

    def fail(self, block: Block, failure: Failure) -> list[tuple[Item, Verdict | Kill]]:
        """Give up the series: every item on it becomes an ERROR.

        Which blocks came before the failure depends on the machine; only those that a look has
        seen are kept.
        """
        self.finished = True
        self._numbers = {key: row for key, row in self._numbers.items() if key in self._seen}
        return [(item, _error(item, block, failure)) for item in self.items]

    def cost(self, block: Block) -> float:
        """Declared cost of a block (the value of the axis where none is declared)."""
        params = {k: v for k, v in block.params if not isinstance(v, tuple)}
        if self._experiment.cost is not None:
            return float(self._experiment.cost(**params))
        return float(self._cell_of(block))

    def blocks(self) -> list[tuple[Block, Numbers]]:
        """Every block of the series with its numbers, in the order of point and index."""
        rows = sorted(self._numbers.values(), key=lambda row: row[:2])
        return [(self._make(cell, index), numbers) for cell, index, numbers in rows]

    def certificate(self) -> dict[str, object]:
        """Identity of the series, its sources, and a digest of the numbers at every point."""
        digests: list[list[str]] = [[] for _ in range(self._cells)]
        for block, numbers in self.blocks():
            digests[self._cell_of(block)].append(seal(block.digest, encode(numbers)))
        return {
            "claim": self.series.claim,
            "experiment": self.series.experiment,
            "axis": self.series.axis,
            "points": list(self.series.points),
            "params": dict(self.series.params),
            "fingerprint": self._fingerprint,
            "size": self._block,
            "blocks": [len(cell) for cell in digests],
            "digests": [hashlib.sha256("".join(cell).encode()).hexdigest() for cell in digests],
        }

    def _judged(self, sample: Sample) -> Iterator[tuple[Item, Verdict | Kill]]:
        for item in self.items:
            if isinstance(item, FalsifierItem):
                yield item, judge_falsifier(item, sample, self._settings.alpha)
            else:
                yield item, judge(item, sample, self._settings.alpha)

    def _values(self) -> dict[str, list[np.ndarray]]:
        """Each quantity's replicates at each simulated point, in the order of the block index."""
        ordered = sorted(self._numbers.values(), key=lambda row: row[:2])
        names = ordered[0][2].values
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

    def _cell_of(self, block: Block) -> int:
        at = dict(block.params)[self.series.axis]
        return 0 if isinstance(at, tuple) else self.series.points.index(at)


def _error(item: Item, block: Block, failure: Failure) -> Verdict | Kill:
    replay = f"ratecheck replay '{block.name}'" + (f" --seed {block.seed}" if block.seed else "")
    sentence = f"The simulation failed at {block.name}: {failure.message}."
    if isinstance(item, FalsifierItem):
        return Kill("ERROR", sentence, None, None, None, replay=replay)
    return Verdict(
        "ERROR", "simulation failed", sentence, None, None, None, item.check.margin, replay=replay
    )
