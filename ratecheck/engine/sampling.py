"""One series of data: which blocks it still needs, and when its items can be judged.

A series asks for blocks (`Sampling.request`), takes their numbers (`receive`) and, when all it
asked for is there, looks at them (`look`, by `ratecheck.judge.looks`): an item that is decided
gets its verdict, and more blocks are asked for until all are. The plan depends on the numbers and
on declared costs only, never on the clock or on the order in which blocks finish.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ratecheck.claim.form import Form, Sample
from ratecheck.engine.blocks import Argument, Block, Numbers
from ratecheck.engine.encoding import encode
from ratecheck.engine.judged import Judged, asked_of, code_of
from ratecheck.engine.kept import seal
from ratecheck.engine.plan import CheckItem, FalsifierItem, Item, Series, Settings
from ratecheck.engine.results import Result, result_of
from ratecheck.engine.worker import Failure
from ratecheck.judge.looks import Looks, Track
from ratecheck.judge.verdict import Kill, Look, Verdict

LATE = "out of time"  # the reason of an ERROR that says more of the machine than of the simulation


class Sampling:
    """State of one series.

    With ``twice`` set, its cheapest block is simulated twice: a simulation whose randomness comes
    from elsewhere than its generator is an ERROR before anything is judged.

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
        self.twice = False
        self.seconds = 0.0
        self._settings = settings
        self._fingerprint = fingerprint
        self._experiment = items[0].experiment
        self._entry = items[0].entry
        self._path = str(self._entry.path.resolve())
        self._form = self._experiment.form
        self._block = self._form.size(self._experiment.block)
        self._cells = self._form.calls(series.points)
        self._asked = [0] * self._cells
        self._numbers: dict[str, tuple[int, int, Numbers]] = {}
        self._spent = [(0, 0.0)] * self._cells  # blocks and seconds of each
        self._pending: set[str] = set()
        self._unit_costs = np.array([self._unit_cost(cell) for cell in range(self._cells)])
        self._looks = self.looks()
        self._seen: frozenset[str] = frozenset()
        self._answers: dict[int, tuple[Verdict | Kill, int, float]] = {}

    def looks(self) -> Looks:
        """The looks of the series from the start, as they are before anything was seen."""
        return Looks(
            [item.asked for item in self.items],
            self._form,
            block=self._block,
            cap=self._form.most(self._experiment.replicates[self._settings.effort]),
            costs=self._unit_costs,
            alpha=self._settings.alpha,
            fixed=self._settings.fixed,
        )

    @property
    def form(self) -> Form:
        """The form of its data."""
        return self._form

    @property
    def size(self) -> int:
        """Replicates of a block."""
        return self._block

    @property
    def fewest(self) -> int:
        """Replicates at the point that has the fewest."""
        return self._block * min((count for count, _ in self._spent), default=0)

    @property
    def repeatable(self) -> bool:
        """Whether a block comes out the same when it is simulated again."""
        return self._experiment.replay

    @property
    def done(self) -> int:
        """Blocks that are there."""
        return len(self._numbers)

    @property
    def planned(self) -> int:
        """Blocks that the series wants in all."""
        return self.done if self.finished else sum(self._looks.target)

    @property
    def replicates(self) -> int:
        """Replicates over all points."""
        return self.done * self._block

    @property
    def seconds_left(self) -> float | None:
        """Seconds of simulation still to come, from the blocks so far.

        A live display asks for it from its own thread, while blocks arrive.
        """
        spent = list(self._spent)
        means = [seconds / count for count, seconds in spent if count]
        if not means:
            return None
        left = 0.0
        for (count, seconds), target in zip(spent, self._looks.target, strict=True):
            left += (seconds / count if count else max(means)) * max(0, target - count)
        return left

    def request(self, most: int | None = None) -> list[Block]:
        """The blocks that are newly needed, the dearest first, or as many of them."""
        needed = [
            (cell, index)
            for cell in sorted(range(self._cells), key=self._cost, reverse=True)
            for index in range(self._asked[cell], self._looks.target[cell])[:most]
        ]
        blocks = []
        for cell, index in needed[:most]:
            block = self._make(cell, index)
            if self.twice and not index and cell == int(np.argmin(self._unit_costs)):
                block = replace(block, twice=True)
            self._pending.add(block.digest)
            self._asked[cell] = index + 1
            blocks.append(block)
        return blocks

    @property
    def asks_more(self) -> bool:
        """Whether blocks are needed that were not requested yet."""
        wanted = zip(self._asked, self._looks.target, strict=True)
        return any(asked < target for asked, target in wanted)

    def receive(self, block: Block, numbers: Numbers) -> bool:
        """Take in one block; True when all that was asked for is there."""
        cell = self.cell_of(block)
        self._numbers[block.digest] = (cell, block.index, numbers)
        self.seconds += numbers.seconds
        count, seconds = self._spent[cell]
        self._spent[cell] = (count + 1, seconds + numbers.seconds)
        self._pending.discard(block.digest)
        return not self._pending and not self.asks_more

    @property
    def watched(self) -> tuple[Item, Look] | None:
        """The first item that is still open after a look, with that look."""
        tracks = zip(self.items, self._looks.tracks, strict=True)
        seen = ((item, track) for item, track in tracks if track.open and track.looks)
        return next(((item, track.looks[-1]) for item, track in seen), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was foreseen after the pilot, once for each item that it concerns."""
        tracks = zip(self.items, self._looks.tracks, strict=True)
        return tuple(f"{item.id}: {track.warning}" for item, track in tracks if track.warning)

    def look(self) -> list[tuple[Item, Verdict | Kill]]:
        """Judge the items that can be judged on the numbers that are there."""
        self._seen = frozenset(self._numbers)
        judged = self._looks.look(Sample(self.series.points, self._form, self.values()))
        for number, answer in judged:
            self._answers[number] = (answer, self.replicates, self.seconds)
        self.finished = self._looks.finished
        return [(self.items[number], answer) for number, answer in judged]

    @property
    def row(self) -> str | None:
        """Under which name its answers are kept (`engine.judged`)."""
        experiment, settings = self._experiment, self._settings
        return asked_of(
            self.series.identity(), [item.asked for item in self.items],
            self._form.name, self._form.floor, self._block, experiment.replicates[settings.effort],
            self._unit_costs.tolist(), settings.alpha, settings.fixed, settings.seed,
            settings.device,
        )  # fmt: skip

    def known(self, judged: Judged) -> list[Block]:
        """The blocks on which kept answers rest; none where other code judged."""
        usable = (
            judged.code == self._code
            and len(judged.target) == self._cells
            and len(judged.answers) == len(judged.seen) == len(self.items)
            and all(
                isinstance(answer, Kill if isinstance(item, FalsifierItem) else Verdict)
                for item, answer in zip(self.items, judged.answers, strict=True)
            )
        )
        targets = judged.target if usable else ()
        return [self._make(cell, i) for cell, target in enumerate(targets) for i in range(target)]

    def recall(self, judged: Judged, numbers: Sequence[tuple[Block, Numbers]]) -> list[Result]:
        """What was kept, if they were given on just these numbers; else none."""
        for block, found in numbers:
            self.receive(block, found)
        if tuple(self._digests()) == judged.numbers:
            self.finished = True
            self._seen = frozenset(self._numbers)
            rows = zip(self.items, judged.answers, judged.seen, strict=True)
            return [result_of(item, answer, *seen) for item, answer, seen in rows]
        self._numbers.clear()
        self._spent = [(0, 0.0)] * self._cells
        self.seconds = 0.0
        return []

    def to_keep(self) -> Judged | None:
        """What is to be kept of the answers that looks have given; None before all are there."""
        if len(self._answers) < len(self.items):
            return None
        answers, replicates, seconds = zip(
            *(row for _, row in sorted(self._answers.items())), strict=True
        )
        if any(answer.outcome == "ERROR" for answer in answers):
            return None
        seen = tuple(zip(replicates, seconds, strict=True))
        return Judged(self._code, tuple(self._asked), tuple(self._digests()), answers, seen)

    @property
    def _code(self) -> str:
        return code_of(self._form, [item.asked for item in self.items])

    def fail(self, block: Block, failure: Failure) -> list[tuple[Item, Verdict | Kill]]:
        """Give up the series: every item that has no verdict yet becomes an ERROR.

        Which blocks came before the failure depends on the machine; only those that a look has
        seen are kept.
        """
        self.finished = True
        self._numbers = {key: row for key, row in self._numbers.items() if key in self._seen}
        seen = [(cell, numbers.seconds) for cell, _, numbers in self._numbers.values()]
        cells = [[seconds for at, seconds in seen if at == cell] for cell in range(self._cells)]
        self._spent = [(len(each), sum(each)) for each in cells]
        tracks = zip(self.items, self._looks.tracks, strict=True)
        return [(item, _failed(track, block, failure)) for item, track in tracks if track.open]

    def cost(self, block: Block) -> float:
        """Declared cost of a block's replicate (where none is declared, the place on the axis)."""
        return self._cost(self.cell_of(block))

    def _cost(self, cell: int) -> float:
        return float(cell) if self._experiment.cost is None else float(self._unit_costs[cell])

    def _unit_cost(self, cell: int) -> float:
        """Declared cost of a replicate; 1 where none is declared, or where it has no value."""
        at = dict(self._make(cell, 0).params)
        params = {k: v for k, v in at.items() if not isinstance(v, tuple)}
        if self._experiment.cost is None or len(params) < len(at):
            return 1.0
        return max(float(self._experiment.cost(**params)), 1e-300)

    def blocks(self) -> list[tuple[Block, Numbers]]:
        """Every block of the series with its numbers, in the order of point and index."""
        rows = sorted(self._numbers.values(), key=lambda row: row[:2])
        return [(self._make(cell, index), numbers) for cell, index, numbers in rows]

    def at(self, index: int) -> list[Block]:
        """The block of this index at every simulated point."""
        return [self._make(cell, index) for cell in range(self._cells)]

    def certificate(self) -> dict[str, object]:
        """Identity of the series, its sources, and a digest of the numbers at every point."""
        return {
            **self.series.identity(),
            "fingerprint": self._fingerprint,
            "size": self._block,
            "blocks": [count for count, _ in self._spent],
            "digests": self._digests(),
        }

    def _digests(self) -> list[str]:
        """Digest of the numbers at every point, in the order of the block index."""
        cells = [hashlib.sha256() for _ in range(self._cells)]
        for digest, (cell, _, numbers) in sorted(self._numbers.items(), key=_place):
            cells[cell].update(seal(digest, encode(numbers)).encode())
        return [cell.hexdigest() for cell in cells]

    def values(self) -> dict[str, list[np.ndarray]]:
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
        at: Argument = points if self._form.whole else points[cell]
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
            path=self._path,
            source_digest=self._entry.source_digest,
            form=self._form.name,
            timeout=self._experiment.timeout or self._settings.timeout,
        )

    def cell_of(self, block: Block) -> int:
        """Number of the simulated point of a block."""
        at = dict(block.params)[self.series.axis]
        return 0 if isinstance(at, tuple) else self.series.points.index(at)


def _place(row: tuple[str, tuple[int, int, Numbers]]) -> tuple[int, int]:
    return row[1][:2]


def failed(item: Item, block: Block, failure: Failure) -> Verdict | Kill:
    """The ERROR of an item whose simulation failed at a block."""
    return _failed(Track(item.asked, 1.0), block, failure)


def _failed(track: Track, block: Block, failure: Failure) -> Verdict | Kill:
    replay = f"ratecheck replay '{block.name}'"
    if block.seed:
        replay += f" --seed {block.seed}"
    if block.device != "cpu":
        replay += f" --device {block.device}"
    sentence = f"The simulation failed at {block.name}: {failure.message}."
    return track.failed(LATE if failure.late else "simulation failed", sentence, replay)
