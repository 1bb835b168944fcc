"""Replaying one block: the same numbers, or the same failure with its traceback.

A block is named as every message names it, ``claim/experiment[n=256,sigma=1]#3``. It runs in this
process, without a limit of time or memory, so that a debugger can look into it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import pdb
import re
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ratecheck.claim.catalogue import Entry
from ratecheck.claim.experiment import EFFORTS, Experiment
from ratecheck.claim.falsifier import Value
from ratecheck.engine.asked import selected_by
from ratecheck.engine.blocks import (
    Argument,
    Block,
    BlockError,
    Numbers,
    call,
    numbers_of,
    settled,
)
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.engine.plan import CheckItem, FalsifierItem, Override, Series, Settings, plan
from ratecheck.engine.sampling import Sampling
from ratecheck.engine.store import Store
from ratecheck.engine.worker import Failure, attempt
from ratecheck.errors import RequestError, kind_of, one_line

_NAME = re.compile(r"(?P<claim>[^/\[]+)/(?P<experiment>\w+)\[(?P<params>.*)\]#(?P<index>\d+)")


UNSTEADY = (
    "the simulation draws numbers from something other than rng: two runs of one block differ"
)


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    Attributes
    ----------
    block : Block
    numbers : Numbers or None
        None where the simulation failed.
    message, trace : str
        Why it failed, and the traceback from the simulation on; empty where it did not.
    stored : {"same", "different", "unsteady", "absent", "clock"}
        How the numbers compare with those in the store, bit for bit; "unsteady" where they differ
        and a second run differs from the first, too; "clock" where the simulation reads one.
    """

    block: Block
    numbers: Numbers | None
    message: str
    trace: str
    stored: str


def find(
    name: str, entries: Sequence[Entry], settings: Settings, override: Override | None = None
) -> Block:
    """The block of a printed name; of a claim, an experiment, a check or a falsifier its first one.

    It is looked for in the plan of every effort. A block that none of them holds, because it was
    asked for with ``--case``, ``--set`` or ``--points``, is made from the values in its name.

    Raises
    ------
    RequestError
        If the name is of no block of these claims, or of one beyond the last of its point.
    """
    match = _NAME.fullmatch(name.strip())
    claim = match["claim"] if match else name.strip().partition("/")[0]
    entry = next((entry for entry in entries if entry.id == claim), None)
    if entry is None:
        raise RequestError(
            f"there is no claim '{claim}' here; name its folder with --claims FOLDER"
        )
    if match is None:
        return _first(name.strip(), entry, settings, override)
    experiment = entry.claim.experiments.get(match["experiment"])
    if experiment is None:
        raise RequestError(
            f"{entry.id} has no experiment '{match['experiment']}'; it has "
            f"{', '.join(entry.claim.experiments)}"
        )
    index, last = int(match["index"]), _last(experiment)
    if index > last:
        raise RequestError(
            f"there is no block '{name}': the last of a point is #{last}, at any effort"
        )
    for block in _planned(entry, experiment, index, settings, override):
        if block.name == name.strip():
            return block
    return _written(entry, experiment, match["params"], index, settings)


def replay(
    name: str,
    entries: Sequence[Entry],
    settings: Settings,
    override: Override | None = None,
    *,
    debug: bool = False,
) -> Replay:
    """Run one block again in this process.

    Parameters
    ----------
    name : str
        As it was printed.
    entries : sequence of Entry
        The claims among which it is.
    settings : Settings
        Seed, device and store of the run.
    override : Override, optional
        What the run was asked for in place of what the files list.
    debug : bool
        Open the debugger where the simulation raised; where it did not, at its first line.

    Raises
    ------
    RequestError
        If there is no such block.
    """
    block = find(name, entries, settings, override)
    if not faulthandler.is_enabled():
        with contextlib.suppress(AttributeError, OSError):  # where stderr is no file
            faulthandler.enable()  # a crash in compiled code then shows where it was, too
    numbers, message, trace = None, "", ""
    with settled(block):
        simulate, arguments = call(block)
        start = time.perf_counter()
        try:
            result = simulate(**arguments)
            numbers = numbers_of(block, result, time.perf_counter() - start)
        except BlockError as error:
            message = str(error)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            message, trace = f"{kind_of(error)}: {one_line(error)}", _trace(error, block)
            if debug:
                print(trace, file=sys.stderr)
                pdb.post_mortem(error.__traceback__)
    if debug and not trace:
        with settled(block):
            simulate, arguments = call(block)
            pdb.runcall(simulate, **arguments)
    stored = _stored(block, numbers, settings.store)
    if stored == "different" and _reads_clock(block, entries):
        stored = "clock"
    if numbers is not None and stored == "different" and not steady(numbers, attempt(block)):
        stored = "unsteady"
    return Replay(block, numbers, message, trace, stored)


def _reads_clock(block: Block, entries: Sequence[Entry]) -> bool:
    entry = next(entry for entry in entries if entry.id == block.claim)
    return not entry.claim.experiments[block.experiment].replay


def steady(first: Numbers, second: Numbers | Failure) -> bool:
    """Whether two runs of one block agree: else no other run can be expected to agree with it."""
    return isinstance(second, Numbers) and second.same_as(first)


def _last(experiment: Experiment) -> int:
    """Index of the last block of a point at the largest effort."""
    form = experiment.form
    most = form.most(max(experiment.replicates[effort] for effort in EFFORTS))
    return -(-most // form.size(experiment.block)) - 1


def _planned(
    entry: Entry,
    experiment: Experiment,
    index: int,
    settings: Settings,
    override: Override | None,
) -> Iterator[Block]:
    """The block of this index at every point of every series at every effort."""
    printed = fingerprint(entry, experiment.name)
    for effort in EFFORTS:
        chosen = replace(settings, effort=effort)
        series: dict[Series, list[CheckItem | FalsifierItem]] = {}
        for item in plan([entry], chosen, override):
            if item.experiment.name == experiment.name:
                series.setdefault(item.series, []).append(item)
        for one, items in series.items():
            yield from Sampling(one, items, chosen, printed).at(index)


def _first(name: str, entry: Entry, settings: Settings, override: Override | None) -> Block:
    """The first block of what a name stands for that a check, say, was printed by."""
    for effort in EFFORTS:
        chosen = replace(settings, effort=effort)
        for item in plan([entry], chosen, override):
            if selected_by(name, item.id):
                printed = fingerprint(entry, item.experiment.name)
                return next(iter(Sampling(item.series, [item], chosen, printed).at(0)))
    first = next(iter(entry.claim.experiments))
    raise RequestError(
        f"'{name}' names no block; write it as it was printed, such as "
        f"'{entry.id}/{first}[n=256]#0', or a check, as in ratecheck show {entry.id}"
    )


def _written(
    entry: Entry, experiment: Experiment, text: str, index: int, settings: Settings
) -> Block:
    """The block of the values that are written in a name."""
    kinds = _kinds(experiment)
    given = dict(part.partition("=")[::2] for part in text.split(",") if part)
    if given.keys() != kinds.keys():
        raise RequestError(
            f"{entry.id}/{experiment.name} has the parameters {', '.join(sorted(kinds))}; "
            f"the name gives {', '.join(sorted(given)) or 'none'}"
        )
    params = {name: _value(name, value, kinds[name]) for name, value in given.items()}
    return Block(
        claim=entry.id,
        experiment=experiment.name,
        params=tuple(sorted(params.items())),
        index=index,
        size=experiment.form.size(experiment.block),
        seed=settings.seed,
        device=settings.device,
        fingerprint=fingerprint(entry, experiment.name),
        path=str(entry.path.resolve()),
        source_digest=entry.source_digest,
        form=experiment.form.name,
        timeout=experiment.timeout,
    )


def _kinds(experiment: Experiment) -> dict[str, set[type]]:
    """The types that each parameter has in the claim file."""
    kinds: dict[str, set[type]] = {}
    settings = [experiment.free, *experiment.cases, *(axis.at for axis in experiment.axes)]
    for name, value in (pair for one in settings for pair in one.items()):
        kinds.setdefault(name, set()).add(type(value))
    for axis in experiment.axes:
        for effort in EFFORTS:
            for case in experiment.cases_at(effort):
                points = axis.points(effort, experiment.params(axis, case))
                kinds.setdefault(axis.name, set()).update(map(type, points))
    return kinds


def _value(name: str, text: str, kinds: set[type]) -> Argument:
    if text.startswith("(") and text.endswith(")"):
        parts = [_value(name, part, kinds) for part in text[1:-1].split("|")]
        return tuple(part for part in parts if isinstance(part, int | float))
    order: list[type] = [kind for kind in (int, float, str) if kind in kinds]
    if int in kinds and float not in kinds:
        order.insert(1, float)
    for kind in order:
        try:
            value: Value = kind(text)
        except ValueError:
            continue
        return value
    raise RequestError(f"'{text}' is no value of '{name}'")


def _trace(error: BaseException, block: Block) -> str:
    """The traceback from the simulation on."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != block.path:
        frame = frame.tb_next
    return "".join(traceback.format_exception(error.with_traceback(frame or error.__traceback__)))


def _stored(block: Block, numbers: Numbers | None, store: Path | None) -> str:
    if numbers is None or store is None or not store.exists():
        return "absent"
    with Store(store) as opened:
        found = [kept for _, kept in opened.get([block])]
    if not found:
        return "absent"
    return "same" if found[0].same_as(numbers) else "different"
