"""What another machine could as well have published: the noise of every number of the results.

Another processor makes other bits, and what amplifies them makes other numbers. So a row of the
results is confirmed elsewhere when each of its leaves agrees with what is simulated here, with as
many replicates, at the noise of both. The noise is seen by resampling: the whole sequential run of
a series, judged on replicates drawn with replacement from those that were simulated here.

One test over all, at the level `LEVEL` together: a number agrees if it is at most a Student
quantile times the noise of a difference away, with the level shared out evenly among all numbers of
the results (Bonferroni). The standard deviation is that of resamples; the degrees of freedom are
theirs or those of the smallest point, whichever are fewer. Numbers whose noise is no bell (an
interval that is widened in some runs), and words, which have no distance (a verdict, a reason),
agree if one of `MOST` resamples has them whose means stray four times as far as those of a run.
Replicates, blocks and work, which go in jumps as a run stops at one look or another, agree within a
factor `WAY` of what resamples have.
Words and jumps have no share in the level: of 530 honest pairs 11 were refused, 2.1 %, not 1 %.
The words of a row must also follow from its own numbers (`after.consistent`), so that a verdict can
only be another than here where its interval, at the noise, could lie on the other side.

Where nothing is random the noise is what round-off may amount to: `TOLERANCE` of each value, and
`ROUND_OFF` of the largest of its series. A width that is `ROUND_OFF` of an interval's ends is none:
replicates that are equal here may differ there in their last bits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ratecheck.claim.form import Sample
from ratecheck.engine.results import Result, result_of
from ratecheck.engine.sampling import Sampling
from ratecheck.inference.finding import ONE_END, RARE_LOSSES
from ratecheck.report.results import row_of

LEVEL = 0.01
TOLERANCE = 1e-6
ROUND_OFF = 1e-12
WAY = 2.0
FEW, MANY, MOST = 8, 32, 64
ABSENT = "nothing"
SIGNS = (ONE_END, RARE_LOSSES)
_EARLY = 6.0  # so many standard deviations of a few resamples are within any bound
_ASTRAY = math.sqrt(15)  # with a run's own noise on top: four times that
_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_SAID = ("verdict", "outcome", "killed", "reason", "sentence")
Leaf = float | str
Leaves = Mapping[tuple[object, ...], Leaf]


class Elsewhere:
    """One series of data as other machines might have had it.

    Parameters
    ----------
    sampling : Sampling
        The series as it was simulated here, finished.
    numbers : int
        Numbers in all of the results, among which the level is shared.
    """

    def __init__(self, sampling: Sampling, numbers: int) -> None:
        self._sampling = sampling
        self.items = sampling.items
        self.series = sampling.series
        self.repeatable = sampling.repeatable
        self.finished = sampling.finished and sampling.done > 0
        self._fewest = sampling.fewest if sampling.form.random else MANY
        self._share = LEVEL / max(1, numbers)
        self._seen: dict[bool, list[dict[str, Leaves]]] = {False: [], True: []}
        self._chance = np.random.default_rng(len(sampling.series.points))

    def differing(
        self, told: Mapping[str, Any], here: Mapping[str, Any], skip: frozenset[str]
    ) -> Iterator[tuple[str, Leaf, Leaf]]:
        """Leaves of a row that no machine would have said, with what came out here."""
        ours, theirs = leaves_of(here, skip), leaves_of(told, skip)
        for place in dict.fromkeys([*theirs, *ours]):
            leaf, own = theirs.get(place, ABSENT), ours.get(place, ABSENT)
            if leaf == ABSENT and "looks" in place:  # it had fewer looks: their number is a leaf
                continue
            if place[0] == "warnings" and _more_careful(leaf, own):
                continue
            if not self._agrees(told["id"], place, leaf, own):
                yield ".".join(str(step) for step in place if step != "#"), leaf, own

    def blocks(self, told: Sequence[int], here: Sequence[int]) -> bool:
        """Whether a run could have taken these blocks at its points."""
        pairs = zip(told, here, strict=False)
        return len(told) == len(here) and all(
            self._agrees("", (cell,), float(a), float(b)) for cell, (a, b) in enumerate(pairs)
        )

    def _agrees(self, row: str, place: tuple[object, ...], leaf: Leaf, here: Leaf) -> bool:
        if leaf == here:
            return True
        if isinstance(leaf, float) and isinstance(here, float):
            if math.isclose(leaf, here, rel_tol=TOLERANCE):
                return True
            if self._near(row, place, leaf, here):
                return True
        return any(self._met(row, place, leaf, here, size) for size in (FEW, MANY, MOST))

    def _near(self, row: str, place: tuple[object, ...], leaf: float, here: float) -> bool:
        """Whether two numbers differ by their noise; the logs of what is always positive."""
        from scipy.special import stdtrit

        for size in (FEW, MANY):
            leaves = self._leaves(row, place, size, astray=False)
            seen = [x for x in leaves if isinstance(x, float)]
            if len(seen) < FEW:
                return False
            dof = min(len(seen), max(2, self._fewest)) - 1
            bound = math.sqrt(2) * float(stdtrit(dof, 1 - self._share / 2))
            bound = bound if size == MANY else min(bound, _EARLY)
            if min(here, *seen) > 0:  # then half and twice are equally far
                if leaf <= 0:
                    return False
                away, spread = abs(math.log(leaf / here)), np.std(np.log(seen), ddof=1)
            else:
                away, spread = abs(leaf - here), np.std(seen, ddof=1)
            if away <= bound * float(spread):
                return True
        return False

    def _met(self, row: str, place: tuple[object, ...], leaf: Leaf, here: Leaf, size: int) -> bool:
        """Whether resamples have this leaf, or numbers on both sides of it."""
        seen = [here, *self._leaves(row, place, size, astray=True)]
        if isinstance(leaf, str):
            return leaf in seen
        numbers = [x for x in seen if isinstance(x, float)]
        if len(numbers) < FEW and size == MOST:  # a fifth look, where most runs end after four
            numbers += self._alike(row, place)
        slack = WAY if row == "" or place[-1] in ("replicates", "work") else 1.0
        return bool(numbers) and min(numbers) / slack <= leaf <= slack * max(numbers)

    def _alike(self, row: str, place: tuple[object, ...]) -> Iterator[float]:
        """What resamples have at places that differ by their number in a list alone."""
        kind = [step for step in place if not isinstance(step, int)]
        for rows in self._seen.values():
            for one in rows:
                for other, leaf in one.get(row, {}).items():
                    if kind == [step for step in other if not isinstance(step, int)]:
                        yield from [leaf] if isinstance(leaf, float) else []

    def _leaves(
        self, row: str, place: tuple[object, ...], size: int, *, astray: bool
    ) -> Iterator[Leaf]:
        rows = self._seen[astray]
        while len(rows) < size:
            rows.append(self._resampled(astray=astray))
        return (one[row].get(place, ABSENT) for one in rows[:size] if row in one)

    def _resampled(self, *, astray: bool) -> dict[str, Leaves]:
        """The rows of one run on other replicates, and its blocks, by the row's id."""
        results, targets = resampled(self._sampling, self._chance, astray=astray)
        rows: dict[str, Leaves] = {r.item.id: leaves_of(row_of(r), frozenset()) for r in results}
        return {**rows, "": {(cell,): float(n) for cell, n in enumerate(targets)}}


def _more_careful(leaf: Leaf, own: Leaf) -> bool:
    """Whether a row warns of tails that were not met here, which no resample of here can have."""
    if isinstance(leaf, float) and isinstance(own, float):
        return own <= leaf <= own + len(SIGNS)
    return own == ABSENT and leaf in SIGNS


def resampled(
    sampling: Sampling, chance: np.random.Generator, *, astray: bool = False
) -> tuple[list[Result], list[int]]:
    """A run of a finished series on replicates drawn from its own, and its blocks at every point.

    With ``astray`` the means stray farther: by four times the noise of a run in all.
    """
    form, values = sampling.form, sampling.values()
    if form.random:
        values = _strayed(values, chance) if astray else values
    else:
        values = _rounded(values, chance)
    looks, size, results = sampling.looks(), sampling.size, []
    order = [np.arange(0) for _ in looks.target]
    while not looks.finished:
        for cell, target in enumerate(looks.target):
            there, before = len(next(iter(values.values()))[cell]), order[cell]
            drawn = chance.integers(there, size=max(0, target * size - len(before)))
            order[cell] = np.r_[before, drawn] if form.random else np.arange(there)
        drawn_values = {
            name: [cells[order[i]] for i, cells in enumerate(arrays)]
            for name, arrays in values.items()
        }
        judged = looks.look(Sample(sampling.series.points, form, drawn_values))
        replicates = sum(looks.target) * size
        results += [
            result_of(sampling.items[number], answer, replicates, 0.0) for number, answer in judged
        ]
    return results, looks.target


def _strayed(
    values: Mapping[str, Sequence[np.ndarray]], chance: np.random.Generator
) -> dict[str, list[np.ndarray]]:
    """Replicates whose means stray, together where the quantities of a call do."""
    moved: dict[str, list[np.ndarray]] = {name: [] for name in values}
    for cell in range(len(next(iter(values.values())))):
        count = len(next(iter(values.values()))[cell])
        drawn = chance.integers(count, size=count)
        for name, arrays in values.items():
            data = arrays[cell]
            mean, other = data.mean(0), data[drawn].mean(0)
            if np.isfinite(data).all() and (data > 0).all():
                moved[name].append(data * (other / mean) ** _ASTRAY)
            else:
                away = np.where(np.isfinite(other - mean), other - mean, 0.0)
                moved[name].append(data + _ASTRAY * away)
    return moved


def _rounded(
    values: Mapping[str, Sequence[np.ndarray]], chance: np.random.Generator
) -> dict[str, list[np.ndarray]]:
    """Exact values as other arithmetic might round them."""
    rounded = {}
    for name, arrays in values.items():
        largest = max(float(np.abs(data).max()) for data in arrays)
        rounded[name] = [
            data + chance.uniform(-1, 1, data.shape) * (TOLERANCE * np.abs(data))
            + (data != 0) * chance.uniform(0, ROUND_OFF * largest, data.shape)
            for data in arrays
        ]  # fmt: skip
    return rounded


def numbers_in(value: object) -> int:
    """How many numbers there are in a part of a document."""
    if isinstance(value, Mapping):
        return sum(map(numbers_in, value.values()))
    return sum(map(numbers_in, value)) if isinstance(value, list) else isinstance(value, float)


def leaves_of(value: Mapping[str, Any], skip: frozenset[str]) -> dict[tuple[object, ...], Leaf]:
    """Every number of a row by its place, every word, and the numbers that stand in sentences.

    What a row says in several words is a leaf as a whole, too.
    """
    said = [name for name in _SAID if name in value]
    words = " | ".join(_NUMBER.sub("#", str(value[name])) for name in said)
    return {(", ".join(said),): words, **dict(_leaves(value, (), skip))}


def _leaves(
    value: object, place: tuple[object, ...], skip: frozenset[str]
) -> Iterator[tuple[tuple[object, ...], Leaf]]:
    if isinstance(value, Mapping):
        on_the_way = "looks" in place  # its interval is at the level that the way there has left
        for key in value:
            if key not in skip and not (on_the_way and key == "interval"):
                yield from _leaves(value[key], (*place, key), frozenset())
        ends = value.get("interval")
        if (
            isinstance(ends, list | tuple) and None not in ends and not on_the_way
        ):  # far better known than its ends
            width = float(ends[1]) - float(ends[0])
            far = ROUND_OFF * max(abs(float(end)) for end in ends)
            yield (*place, "interval", "width"), 0.0 if abs(width) <= far else width
    elif isinstance(value, list | tuple):
        yield (*place, "#"), float(len(value))
        for index, item in enumerate(value):
            yield from _leaves(item, (*place, index), frozenset())
    elif isinstance(value, str):
        yield place, _NUMBER.sub("#", value)
        for index, number in enumerate(_NUMBER.findall(value)):
            yield (*place, "#", index), float(number.replace("−", "-"))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place, float(value)
    else:
        yield place, repr(value)
