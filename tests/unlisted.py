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
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ratecheck.claim.catalogue import Entry
from ratecheck.claim.experiment import Experiment
from ratecheck.claim.falsifier import Range, Value
from ratecheck.engine.asked import Override
from ratecheck.engine.plan import Settings, plan
from ratecheck.errors import RequestError
from tests.judged import BAD, Others, catalogue, judged
from tests.preloaded import CONTEXT

WIDER = 1.5  # so far beyond the listed values, as a factor
VALUES, ATTEMPTS = 200, 2000  # so many times other values are drawn, and then points


def questions(entry: Entry, several: int, seed: int = 0) -> list[Override]:
    """So many questions to a claim that its file does not list, over its experiments in turn."""
    experiments = list(entry.claim.experiments.values())
    found: list[Override] = []
    for k in range(several):
        rng = random.Random(f"{seed} {entry.id} {k}")
        experiment = experiments[(seed + k) % len(experiments)]
        found.append(_question(entry, experiment, found, rng))
    return found


def _question(
    entry: Entry, experiment: Experiment, before: list[Override], rng: random.Random
) -> Override:
    for attempt in range(ATTEMPTS):
        draw = _other_values if attempt < VALUES else _other_points
        asked = draw(experiment, rng)
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
    listed = {axis.name: axis.multiples("quick") for axis in experiment.axes}
    moved: dict[str, tuple[float, ...]] = {}
    for name, points in listed.items():
        factor = rng.choice([rng.uniform(0.8, 1.25), 0.5, 2])  # where only powers of 2 are allowed
        if all(isinstance(x, int) for x in points):
            unit = rng.choice([1, 8])  # where data come in blocks
            moved[name] = tuple(unit * round(x * factor / unit) for x in points)
        else:
            moved[name] = tuple(float(f"{x * factor:.3g}") for x in points)
    return Override(points=moved) if moved != listed else Override()


def _values(experiment: Experiment) -> dict[str, list[Value]]:
    """What is listed of every parameter that a reader may choose."""
    if experiment.cases:
        return {name: [case[name] for case in experiment.cases] for name in experiment.cases[0]}
    return {name: [value] for name, value in experiment.free.items() if name in experiment.ranges}


def _drawn(given: Range | None, seen: list[Value], rng: random.Random) -> Value:
    numbers = [value for value in seen if isinstance(value, int | float)]
    if isinstance(given, tuple):
        return rng.choice(given)
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


def apart(path: Path, override: Override) -> tuple[float, int, Others]:
    """What `judged` finds in a process of its own, which may die without harm to the others."""
    with ProcessPoolExecutor(1, CONTEXT) as pool:
        try:
            return pool.submit(judged, path, override=override).result()
        except BrokenProcessPool:
            return 0.0, 1, {path.stem: ("ERROR", "its process died, as one without memory does")}


def main() -> int:
    """Ask, print what does not hold; 1 if something fails, breaks or is alive."""
    parser = argparse.ArgumentParser(prog="python -m tests.unlisted", description=__doc__)
    parser.add_argument("claims", nargs="*", help="claims by name; all")
    parser.add_argument("-n", "--cases", type=int, default=3, help="so many a claim")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument("--seed", type=int, default=0, help="of the drawn cases")
    asked = parser.parse_args()
    entries = catalogue(parser, asked.claims)
    chosen = [entries[name] for name in asked.claims or entries]
    rows = [(e, o) for e in chosen for o in questions(e, asked.cases, asked.seed)]
    items, held, bad = 0, 0, False
    with ThreadPoolExecutor(asked.jobs) as pool:
        paths, overrides = [e.path for e, _ in rows], [o for _, o in rows]
        for (entry, override), seen in zip(rows, pool.map(apart, paths, overrides), strict=True):
            seconds, total, others = seen
            items, held = items + total, held + total - len(others)
            print(f"{entry.id}/{override.experiments[0]} {_shown(override)}: {total - len(others)} "
                  f"of {total} hold, {seconds:.0f} s", flush=True)  # fmt: skip
            for item, (outcome, sentence) in others.items():
                bad |= outcome in BAD
                print(f"    {item}: {outcome}: {sentence}", flush=True)
    print(f"{len(rows)} cases of {len(chosen)} claims: {held} of {items} hold")
    return int(bad)


def _shown(override: Override) -> str:
    chosen: Mapping[str, object] = override.case or override.constants or override.points
    return ", ".join(f"{name}={value}" for name, value in chosen.items())


if __name__ == "__main__":
    sys.exit(main())
