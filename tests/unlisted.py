"""Whether claims hold where their files list nothing: ``python -m tests.unlisted [CLAIM]``.

Every claim is asked three questions that a reader might ask: values of its cases' parameters (where
it has no cases, of constants whose range it declares), drawn around the listed ones within the
declared ranges; where there is no other value, other points. Prints what does not hold; 1 if a
check fails, breaks, or a falsifier is alive.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ratecheck.claim.catalogue import Entry, load, load_all
from ratecheck.claim.experiment import Experiment
from ratecheck.claim.falsifier import Value
from ratecheck.engine.asked import Override
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.errors import RequestError
from ratecheck.report.seeds import HELD
from tests.preloaded import CONTEXT

ROOT = Path(__file__).parents[1]
WIDER = 1.5  # so far beyond the listed values, as a factor
BAD = {"FAIL", "ERROR", "SURVIVED"}


def questions(entry: Entry, several: int, seed: int = 0) -> Iterator[Override]:
    """So many questions to a claim that its file does not list, over its experiments in turn."""
    experiments = list(entry.claim.experiments.values())
    before: list[Override] = []
    for k in range(several):
        rng = random.Random(f"{seed} {entry.id} {k}")
        experiment = experiments[(seed + k) % len(experiments)]
        before.append(_question(entry, experiment, before, rng))
    yield from before


def _question(
    entry: Entry, experiment: Experiment, before: list[Override], rng: random.Random
) -> Override:
    for attempt in range(2000):
        asked = _other_values(experiment, rng) if attempt < 200 else _other_points(experiment, rng)
        override = replace(asked, experiments=(experiment.name,))
        if asked and override not in before:
            with suppress(RequestError):
                plan([entry], Settings(store=None), override)
                return override
    raise ValueError(f"{entry.id}/{experiment.name}: nothing else is within its ranges")


def _other_values(experiment: Experiment, rng: random.Random) -> Override:
    """Other values of what a reader may choose; nothing where the listed ones came out."""
    values = _values(experiment)
    drawn = {name: _drawn(experiment.ranges.get(name), seen, rng) for name, seen in values.items()}
    if all(drawn[name] in seen for name, seen in values.items()):
        return Override()
    return Override(case=drawn) if experiment.cases else Override(constants=drawn)


def _other_points(experiment: Experiment, rng: random.Random) -> Override:
    """As many points on each axis as at quick effort, all moved by one factor."""
    moved = {}
    for axis in experiment.axes:
        points = axis.multiples("quick")
        factor = rng.choice([rng.uniform(0.8, 1.25), 0.5, 2])  # where only powers of 2 are allowed
        if all(isinstance(x, int) for x in points):
            unit = rng.choice([1, 8])  # where data come in blocks
            moved[axis.name] = tuple(unit * round(x * factor / unit) for x in points)
        else:
            moved[axis.name] = tuple(float(f"{x * factor:.3g}") for x in points)
    listed = {axis.name: axis.multiples("quick") for axis in experiment.axes}
    return Override(points=moved) if moved != listed else Override()


def _values(experiment: Experiment) -> dict[str, list[Value]]:
    """What is listed of every parameter that a reader may choose."""
    if experiment.cases:
        return {name: [case[name] for case in experiment.cases] for name in experiment.cases[0]}
    return {name: [value] for name, value in experiment.free.items() if name in experiment.ranges}


def _drawn(given: object, seen: list[Value], rng: random.Random) -> Value:
    numbers = [value for value in seen if isinstance(value, int | float)]
    if given is not None and not isinstance(given, str):
        return rng.choice(list(given))  # type: ignore[call-overload, no-any-return]
    if len(numbers) < len(seen):
        return rng.choice(seen)
    low, high = min(numbers), max(numbers)
    if low <= 0:
        width = (high - low) or 1.0
        value = rng.uniform(low - 0.25 * width, high + 0.25 * width)
    else:
        value = low / WIDER * (high / low * WIDER**2) ** rng.random()
    if all(isinstance(one, int) for one in numbers):
        return round(value)
    return float(f"{value:.2g}")


def judged(path: Path, override: Override) -> tuple[float, int, Mapping[str, str]]:
    """Seconds, how many items were judged, and those that do not hold with what is said of them."""
    settings = Settings(workers=0, store=None)
    start = time.process_time()
    with Run(plan([load(path)], settings, override), settings) as run:
        results = run.all()
    others = {
        one.item.id: f"{one.answer.outcome}: {one.answer.sentence}"
        for one in results
        if str(one.answer.outcome) not in HELD
    }
    return time.process_time() - start, len(results), others


def apart(path: Path, override: Override) -> tuple[float, int, Mapping[str, str]]:
    """The same in a process of its own, which may die without harm to the others."""
    with ProcessPoolExecutor(1, CONTEXT) as pool:
        try:
            return pool.submit(judged, path, override).result()
        except BrokenProcessPool:
            return 0.0, 1, {path.stem: "ERROR: its process died, as one without memory does"}


def main() -> int:
    """Ask, print what does not hold; 1 if something fails, breaks or is alive."""
    parser = argparse.ArgumentParser(prog="python -m tests.unlisted", description=__doc__)
    parser.add_argument("claims", nargs="*", help="claims by name; all")
    parser.add_argument("-n", "--cases", type=int, default=3, help="so many a claim")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument("--seed", type=int, default=0, help="of the drawn cases")
    asked = parser.parse_args()
    entries, _ = load_all([ROOT / "claims"])
    if unknown := sorted({*asked.claims} - {entry.id for entry in entries}):
        parser.error(f"no claims of the names {', '.join(unknown)}")
    chosen = [entry for entry in entries if entry.id in (asked.claims or [entry.id])]
    rows = [(e, o) for e in chosen for o in questions(e, asked.cases, asked.seed)]
    items, held, bad = 0, 0, False
    with ThreadPoolExecutor(asked.jobs) as pool:
        paths, overrides = [e.path for e, _ in rows], [o for _, o in rows]
        for (entry, override), seen in zip(rows, pool.map(apart, paths, overrides), strict=True):
            seconds, total, others = seen
            items, held = items + total, held + total - len(others)
            print(f"{entry.id}/{override.experiments[0]} {_shown(override)}: {total - len(others)} "
                  f"of {total} hold, {seconds:.0f} s", flush=True)  # fmt: skip
            for item, why in others.items():
                bad |= why.split(":")[0] in BAD
                print(f"    {item}: {why}", flush=True)
    print(f"{len(rows)} cases of {len(chosen)} claims: {held} of {items} hold")
    return int(bad)


def _shown(override: Override) -> str:
    chosen: Mapping[str, object] = override.case or override.constants or override.points
    return ", ".join(f"{name}={value}" for name, value in chosen.items())


if __name__ == "__main__":
    sys.exit(main())
