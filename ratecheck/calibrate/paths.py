"""Thousands of sequential runs at once, through the functions that judge a single one.

One simulation serves many truths: multiplying the mean at point i by exp(theta x_i) moves the slope
by exactly theta and leaves noise, allocation and looks as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ratecheck.inference import cells, curvature, loglog, rates, sequential, trajectory
from ratecheck.inference.cells import Array, Cells
from ratecheck.inference.curvature import Relation
from ratecheck.inference.sequential import Clock
from ratecheck.inference.trajectory import Paths

BATCH = 1000
IN_CACHE = 65_536  # replicates summarised together: every pass finds them in the cache
Draw = Callable[[np.random.Generator, Array], Array]


@dataclass(frozen=True)
class Design:
    """A sequential design: a check on one grid.

    Attributes
    ----------
    x : array of shape (k,)
        Logs of the axis.
    margin : float
    relation : {"equal", "at most", "at least"}
    cost : array of shape (k,)
        Of a replicate.
    cap : int
        Most replicates a point.
    tail : float
        Error rate on each side.
    block : int
    """

    x: Array
    margin: float
    relation: Relation = "equal"
    cost: Array | None = None
    cap: int = 8192
    tail: float = 0.0045
    block: int = 16

    @property
    def costs(self) -> Array:
        """Costs, 1 by default."""
        return np.ones(len(self.x)) if self.cost is None else np.asarray(self.cost, dtype=float)


@dataclass(frozen=True)
class Ends:
    """How the runs ended; arrays of shape (truths, experiments).

    Attributes
    ----------
    outcome, reason : array of int
        See `curvature.decide`.
    work : array
        Cost when the check was decided or given up.
    looks : array of int
    killed : array of bool
        As a falsifier, on the same data.
    kill_work : array
        Cost when the falsifier was killed or given up.
    """

    outcome: Array
    reason: Array
    work: Array
    looks: Array
    killed: Array
    kill_work: Array


class Errors:
    """Independent replicates of positive errors, drawn as they are asked for.

    Parameters
    ----------
    draw : callable (rng, point) -> values
        One value for every entry of ``point``, the number of the point on the axis.
    size, k : int
        Experiments and points.
    """

    def __init__(self, draw: Draw, size: int, k: int, rng: np.random.Generator) -> None:
        self._draw, self._rng = draw, rng
        self._y = np.zeros((size * k, 0))
        self._have = np.zeros(size * k, dtype=np.int64)
        self._fresh = np.zeros(0)
        self.k = k

    def _extend(self, rows: Array, counts: Array) -> None:
        widest = int(counts.max())
        if widest > self._y.shape[1]:
            wider = np.zeros((len(self._y), widest))
            wider[:, : self._y.shape[1]] = self._y
            self._y = wider
        more = counts - self._have[rows]
        for row, start, size in self._runs(rows, more):
            self._y[row, start : start + size] = self._fresh[: row.size * size].reshape(
                row.size, size
            )
            self._fresh = self._fresh[row.size * size :]
        self._have[rows] = counts

    def _runs(self, rows: Array, more: Array) -> list[tuple[Array, int, int]]:
        """Rows grouped by what they have and need; draws the numbers for all of them at once."""
        start = self._have[rows]
        key = start * 1_000_003 + more
        groups = []
        points = []
        for value in np.unique(key[more > 0]):
            chosen = np.flatnonzero((key == value) & (more > 0))
            size = int(more[chosen[0]])
            groups.append((rows[chosen], int(start[chosen[0]]), size))
            points.append(np.repeat(rows[chosen] % self.k, size))
        self._fresh = self._draw(self._rng, np.concatenate(points)) if points else np.zeros(0)
        return groups

    def data(self, experiments: Array, counts: Array) -> Cells:
        """Summaries of the first ``counts`` (shape (E, k)) replicates of some experiments."""
        rows = (experiments[:, None] * self.k + np.arange(self.k)).ravel()
        flat = counts.ravel()
        self._extend(rows, flat)
        return by_count(
            lambda some, n: cells.summarise(self._y[rows[some], :n]), flat, counts.shape
        )


class Pairs(Errors):
    """Two paired quantities: the check is of the ratio of their means.

    ``draw`` yields an array of shape (2, N).
    """

    def __init__(self, draw: Draw, size: int, k: int, rng: np.random.Generator) -> None:
        super().__init__(draw, size, k, rng)
        self._second = np.zeros((size * k, 0))

    def _extend(self, rows: Array, counts: Array) -> None:
        widest = int(counts.max())
        for name in ("_y", "_second"):
            old = getattr(self, name)
            if widest > old.shape[1]:
                wider = np.zeros((len(old), widest))
                wider[:, : old.shape[1]] = old
                setattr(self, name, wider)
        for row, start, size in self._runs(rows, counts - self._have[rows]):
            cut = row.size * size
            self._y[row, start : start + size] = self._fresh[0, :cut].reshape(row.size, size)
            self._second[row, start : start + size] = self._fresh[1, :cut].reshape(row.size, size)
            self._fresh = self._fresh[:, cut:]
        self._have[rows] = counts

    def data(self, experiments: Array, counts: Array) -> Cells:
        """Summaries of the ratio of means."""
        rows = (experiments[:, None] * self.k + np.arange(self.k)).ravel()
        flat = counts.ravel()
        self._extend(rows, flat)
        return by_count(
            lambda some, n: cells.log_ratio(self._y[rows[some], :n], self._second[rows[some], :n]),
            flat,
            counts.shape,
        )


class Trajectories:
    """Replicates that are vectors; every experiment has as many of them at a look.

    ``draw(rng, (experiments, replicates))`` yields an array of shape (E, R, k).
    """

    def __init__(self, draw: Draw, size: int, k: int, rng: np.random.Generator) -> None:
        self._draw, self._rng, self.k = draw, rng, 1
        self._y = np.zeros((size, 0, k))

    def data(self, experiments: Array, counts: Array) -> Paths:
        """Summaries of the first replicates."""
        need = int(counts.max())
        size = self._y.shape[1]
        if need > size:
            new = self._draw(self._rng, np.array([len(self._y), need - size]))
            self._y = np.concatenate([self._y, new], axis=1)
        return trajectory.summarise(self._y[experiments, :need])


Source = Errors | Trajectories


def by_count(
    summarise: Callable[[Array, int], Cells], counts: Array, shape: tuple[int, ...]
) -> Cells:
    """Summaries of cells with unequal numbers of replicates, those with equal ones together."""
    names = tuple(Cells.__dataclass_fields__)
    out: dict[str, Array] = {}
    for n in np.unique(counts):
        rows = np.flatnonzero(counts == n)
        size = max(1, IN_CACHE // int(n))
        for some in (rows[start : start + size] for start in range(0, len(rows), size)):
            part = summarise(some, int(n))
            for name in names:
                value = getattr(part, name)
                if name not in out:
                    out[name] = np.zeros(len(counts), dtype=np.asarray(value).dtype)
                out[name][some] = value
    return Cells(*(out[name].reshape(shape) for name in names))


def run(source: Source, size: int, design: Design, truths: Sequence[float | Array]) -> Ends:
    """Run experiments sequentially until every truth is judged.

    Parameters
    ----------
    source : Errors, Pairs or Trajectories
    size : int
        Experiments in the source.
    design : Design
    truths : sequence of float or array of shape (k,)
        What is added to the log means: a slope, or a whole curve.
    """
    x, margin, relation, a = design.x, design.margin, design.relation, design.tail
    shifts = [np.asarray(t) if np.ndim(t) else float(t) * x for t in truths]
    shape = (len(shifts), size)
    ends = Ends(
        outcome=np.zeros(shape, dtype=int), reason=np.full(shape, curvature.WIDE),
        work=np.zeros(shape), looks=np.zeros(shape, dtype=int),
        killed=np.zeros(shape, dtype=bool), kill_work=np.zeros(shape),
    )  # fmt: skip
    open_check, open_kill = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
    held, held_tail = np.full(shape, curvature.UNKNOWN), np.ones(shape)
    costs = design.costs if isinstance(source, Errors) else np.ones(1)
    points = source.k
    pilot = -(-sequential.PILOT // design.block) * design.block
    counts = np.full((size, points), min(pilot, design.cap))
    clock = Clock.start((size,))
    whole = design.cap * costs.sum()
    for look in range(1, sequential.LOOKS + 1):
        active = np.flatnonzero(np.any(open_check | open_kill, axis=0))
        if not active.size:
            break
        now = counts[active]
        data = source.data(active, now)
        work = (now * costs).sum(-1)
        last = np.full(len(active), look == sequential.LOOKS) | (now >= design.cap).all(-1)
        t = sequential.information(rates.arm(data, x, np.zeros_like(x), a), margin, a, relation)
        after, level = sequential.spend(_at(clock, active), t, last, a)
        _store(clock, active, after)
        more = np.minimum(whole / work, sequential.GROWTH ** (sequential.LOOKS - look))
        for i, shift in enumerate(shifts):
            wanted = open_check[i, active] | open_kill[i, active]
            if not wanted.any():
                continue
            tail = np.where(held[i, active] == curvature.UNKNOWN, level.tail, held_tail[i, active])
            seen = rates.read(
                data, x, -shift, margin, relation, replace(level, tail=tail, held=held[i, active])
            )
            decided = seen.outcome != curvature.OPEN
            full = (after.t >= 1) & ~last
            held[i, active[full]], held_tail[i, active[full]] = seen.place[full], tail[full]
            over = full & rates.hopeless(seen, margin, relation, more)
            closing = open_check[i, active] & (decided | last | over)
            c = active[closing]
            ends.outcome[i, c], ends.reason[i, c] = seen.outcome[closing], seen.reason[closing]
            ends.work[i, c], ends.looks[i, c] = work[closing], look
            open_check[i, c] = False
            out = seen.killed
            over = full & rates.unkillable(seen, margin, relation, more)
            gone = open_kill[i, active] & (out | last | over)
            c = active[gone]
            ends.killed[i, c], ends.kill_work[i, c] = out[gone], work[gone]
            open_kill[i, c] = False
        going = np.any(open_check | open_kill, axis=0)[active] & ~last
        if going.any():
            some = active[going]
            counts[some] = _next(data, going, counts[some], design, costs, points)
    return ends


def _next(
    data: Cells | Paths, going: Array, now: Array, design: Design, costs: Array, points: int
) -> Array:
    if isinstance(data, Cells):
        part = Cells(*(getattr(data, name)[going] for name in Cells.__dataclass_fields__))
        wanted = sequential.demand(part, loglog.slope_weights(design.x), costs)
    else:
        wanted = np.ones((len(now), points))
    return sequential.grow(now, wanted, costs, design.block, design.cap)


def _at(clock: Clock, index: Array) -> Clock:
    return Clock(**{name: values[index] for name, values in vars(clock).items()})


def _store(clock: Clock, index: Array, new: Clock) -> None:
    for name, values in vars(clock).items():
        values[index] = getattr(new, name)
