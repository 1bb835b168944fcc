"""The audit of a finished run: does a published verdict follow from numbers that really came out?

Four questions, answered from the results file, the claim files and the store:

1. Is the file as it was written? Every part of it carries a seal.
2. Do the numbers lead to the file? Everything is derived again from the stored numbers (what is
   not stored is simulated again) and compared with the file field by field.
3. Are the stored numbers those of the simulation? A random sample of blocks is simulated again.
4. Are the claim files those of the run? Their formulas, margins, cases and sources are part of
   what is derived again.

Beside the four, every exponent that statsmodels can estimate gets its opinion, from the same
numbers (`after.second_opinion`).

Whoever edits the file can seal it anew; then questions 2 to 4 remain, and they cover every number,
verdict, formula, margin and seed. What follows from nothing (clocks, commit, number of workers,
notes) is protected by the seals alone.

Where bit-identity ends: numbers are the same bit for bit on one make of processor or GPU with one
version of torch, numpy and numba. Elsewhere everything is simulated anew, whatever a store holds:
formulas, margins, cases and texts must be the same, and every number and every word that follows
from numbers must agree at the noise of both (`after.elsewhere`: one test over all). A verdict that
is another because its interval ends near the margin is named in a note, and is no forgery.
"""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ratecheck.after.again import confirm, errors_of, simulated_again, without_addresses
from ratecheck.after.compared import compared, context_of, machine_changed, near_margin
from ratecheck.after.elsewhere import Elsewhere, numbers_in
from ratecheck.after.published import (
    beside,
    broken_seals,
    judged_of,
    left_out,
    missing,
    no_device,
    of_judged,
    override_of,
    partial,
    rows_of,
    settings_of,
)
from ratecheck.after.second_opinion import Opinion, second_opinions
from ratecheck.claim.catalogue import Entry
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.executors import executor as start
from ratecheck.engine.plan import Item, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run
from ratecheck.errors import RatecheckError, RequestError
from ratecheck.report.results import Document, document, validate

_SETTINGS = ("effort", "seed", "alpha", "fixed", "override", "provenance.device")


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    differences : tuple of str
        One line for each thing that is not as the file says; empty for a clean audit.
    items, blocks, simulated : int
        Judged items, blocks behind them, and blocks that were simulated once more.
    exact : bool
        Whether all was compared bit for bit: the same sources, versions and make of device.
    catches : float
        Share of forged blocks that the sample meets with probability 95 %; 0 if all were taken.
    notes : tuple of str
        What a reader of the audit should know.
    opinions : tuple of Opinion
        What statsmodels makes of the numbers behind the published exponents.
    clocks : int
        Blocks that read a clock, and were not simulated once more.
    """

    differences: tuple[str, ...]
    items: int
    blocks: int
    simulated: int
    exact: bool
    catches: float
    notes: tuple[str, ...]
    opinions: tuple[Opinion, ...] = ()
    clocks: int = 0

    @property
    def clean(self) -> bool:
        """Whether everything is as the file says."""
        return not self.differences

    def __str__(self) -> str:
        if not self.clean:
            count = len(self.differences)
            return f"{count} thing{'s' * (count != 1)} in these results cannot be confirmed."
        how = "bit for bit" if self.exact else "at the noise of every number (another machine)"
        every = f"all but {self.clocks} that read a clock" if self.clocks else "all of them"
        sample = (
            every
            if self.simulated == self.blocks - self.clocks
            else f"a forgery of {self.catches:.1%} of them would be met with probability 95 %"
        )
        return (
            f"{self.items} items follow from {self.blocks} blocks, {how}; {self.simulated} blocks "
            f"were simulated again ({sample})."
        )


def sample_size(share: float, confidence: float = 0.95) -> int:
    """Blocks to simulate again so that a forged share of them is met with this confidence.

    Raises
    ------
    RequestError
        If the share is none.
    """
    if not 0 < share <= 1:
        raise RequestError(f"the share {share:g} to catch is not between 0 and 1")
    return 1 if share == 1 else math.ceil(math.log(1 - confidence) / math.log(1 - share))


def audit(
    published: Document,
    entries: Sequence[Entry],
    failures: Sequence[tuple[Path, RatecheckError]] = (),
    *,
    store: Path | None,
    catch: float = 0.05,
    workers: int | None = None,
    executor: str | None = None,
    chance: random.Random | None = None,
    on_progress: Callable[[], object] | None = None,
) -> Audit:
    """Audit published results.

    Parameters
    ----------
    published : dict
        A results document, from `report.read_json`.
    entries, failures
        The claims as they are now, from `catalogue.load_all`; claims that the results do not name
        are told in a note.
    store : Path or None
        The run's store; None simulates everything again.
    catch : float
        Share of forged blocks that the sample shall meet with probability 95 %.
    workers, executor : optional
        As in `Settings`.
    chance : random.Random, optional
        Which blocks are sampled; by default unpredictable.
    on_progress : callable, optional
        Called after every block that was simulated.

    Raises
    ------
    RequestError
        If the file is no results document, or carries no certificate.
    """
    validate(published)
    sample_size(catch)
    if "certificate" not in published:
        raise RequestError(
            "the results carry no certificate; write them anew with ratecheck check --report"
        )
    differences = list(broken_seals(published))
    if any(line.startswith(f"{name}: ") for line in differences for name in _SETTINGS):
        edited = "how the run was carried out was edited, so that nothing was derived again"
        return Audit(tuple(differences), 0, 0, 0, False, 1.0, (edited,))
    differences += no_device(published)
    settings, on_device = settings_of(published, workers, executor, store)
    override = override_of(published.get("override"))
    mine = [entry for entry in entries if entry.id in {c["id"] for c in published["claims"]}]
    try:
        planned = plan(mine, settings, override)
    except RequestError as error:
        return Audit((*differences, f"override: {error}"), 0, 0, 0, False, 1.0, on_device)
    judged, items = judged_of(published, planned)
    differences += left_out(published, planned, mine, failures)
    absent, notes = (
        list(missing(published, planned)),
        [*on_device, *beside(published, entries, failures)],
    )
    (notes if partial(published) else differences).extend(absent)
    here = provenance(settings, 0, datetime.now(UTC), 0.0)
    if machine_changed(published["provenance"], here):  # its numbers prove nothing here
        settings = replace(settings, store=None)
    with Run(items, settings, on_progress, afresh=True) as run:
        results = [run.result(item) for item in judged]
        derived = document(
            mine, (), results, settings, here, override=override,
            certificate=of_judged(run.certificate(), judged, items),
        )  # fmt: skip
        blocks, processes = list(run.blocks()), run.workers
        notes += run.notes
    repeatable, clocks = _without_clocks(blocks, mine)
    notes += clocks
    size = min(len(repeatable), sample_size(catch))
    chosen = (chance or random.SystemRandom()).sample(repeatable, size)
    numbers = numbers_in(published["claims"])
    by_id = {item.id: item for item in judged}
    with contextlib.closing(start(settings.executor, processes)) as pool:
        for told, again in errors_of(published, derived):
            if told["replay"] != again["replay"]:
                confirm(told, again, by_id[told["id"]], mine, settings, override, pool)
            if without_addresses(told["sentence"]) == without_addresses(again["sentence"]):
                again["sentence"] = told["sentence"]
        context = context_of(published, derived, [Elsewhere(one, numbers) for one in run.samplings])
        differences += [*context.differences, *compared(published, derived, context)]
        wrong = list(simulated_again(chosen, pool, on_progress))
    notes += [*context.notes, *near_margin(published, derived, differences)]
    differences += wrong
    found = Audit(
        tuple(dict.fromkeys(differences)), len(judged), len(blocks), size, context.exact,
        0.0 if size == len(repeatable) else 1 - 0.05 ** (1 / size), tuple(notes),
        clocks=len(blocks) - len(repeatable),
    )  # fmt: skip
    return _with_opinions(found, published, judged, blocks)


def _without_clocks(
    blocks: Sequence[tuple[Block, Numbers]], entries: Sequence[Entry]
) -> tuple[list[tuple[Block, Numbers]], list[str]]:
    """The blocks that can be simulated again, and a line for each experiment that cannot be."""
    clocks = {
        (entry.id, experiment.name)
        for entry in entries
        for experiment in entry.claim.experiments.values()
        if not experiment.replay
    }
    lines = dict.fromkeys(
        f"{block.claim}/{block.experiment}: a clock: not replayed"
        for block, _ in blocks
        if (block.claim, block.experiment) in clocks
    )
    kept = [pair for pair in blocks if (pair[0].claim, pair[0].experiment) not in clocks]
    return kept, list(lines)


def _with_opinions(
    found: Audit,
    published: Document,
    judged: Sequence[Item],
    blocks: Sequence[tuple[Block, Numbers]],
) -> Audit:
    """The audit with what statsmodels says, and a note wherever it contradicts."""
    rows = {row["id"]: row for row in rows_of(published)}
    opinions = tuple(second_opinions(judged, rows, blocks, published["alpha"]))
    notes = [
        f"{one}; the two differ by more than both intervals allow"
        for one in opinions
        if not one.agrees
    ]
    return replace(found, notes=(*found.notes, *notes), opinions=opinions)
