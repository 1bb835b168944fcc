"""Blocks that are simulated once more: a random sample, and the one that an ERROR names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ratecheck.after.published import rows_of
from ratecheck.after.replay import UNSTEADY, find, steady
from ratecheck.claim.catalogue import Entry
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.executors import Executor, Outcome, outcomes
from ratecheck.engine.plan import Item, Override, Settings
from ratecheck.engine.sampling import failed
from ratecheck.engine.worker import Failure
from ratecheck.errors import RequestError
from ratecheck.report.results import Document

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def errors_of(
    published: Document, derived: Document
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows that are an ERROR in both."""
    rows = {row["id"]: row for row in rows_of(derived)}
    for told in rows_of(published):
        again = rows.get(told["id"])
        if again is not None and told.get("replay") and again.get("replay"):
            yield told, again


def without_addresses(sentence: str) -> str:
    """A sentence without the addresses of objects, which are others in every process."""
    return _ADDRESS.sub("0x", sentence)


def confirm(
    told: Mapping[str, Any],
    again: dict[str, Any],
    item: Item,
    entries: Sequence[Entry],
    settings: Settings,
    override: Override | None,
    pool: Executor,
) -> None:
    """Take over the block that the results name where it really fails like that.

    Which of several failing blocks fails first depends on the machine.
    """
    name = told["replay"].partition("'")[2].partition("'")[0]
    try:
        block = find(name, entries, settings, override)
    except RequestError:
        return
    pool.submit(block)
    [(_, outcome)] = pool.wait()
    if isinstance(outcome, Failure):
        answer = failed(item, block, outcome)
        same = without_addresses(answer.sentence) == without_addresses(told["sentence"])
        if same and answer.replay == told["replay"]:
            again |= {"sentence": answer.sentence, "replay": answer.replay}


def simulated_again(
    chosen: Sequence[tuple[Block, Numbers]],
    pool: Executor,
    on_progress: Callable[[], object] | None,
) -> Iterator[str]:
    """What is wrong with the numbers of the sampled blocks.

    A block that comes out otherwise is simulated once more: what differs from itself shows no
    forgery, but a simulation with randomness of its own.
    """
    expected = {block.digest: numbers for block, numbers in chosen}
    others: dict[str, Numbers] = {}
    for block, outcome in _told([block for block, _ in chosen], pool, on_progress):
        if not isinstance(outcome, Numbers):
            yield f"{block.name}: could not be simulated again: {outcome.message}"
        elif not outcome.same_as(expected[block.digest]):
            others[block.digest] = outcome
    differing = [block for block, _ in chosen if block.digest in others]
    for block, outcome in _told(differing, pool, on_progress):
        forged = "the stored numbers are not those of the simulation"
        yield f"{block.name}: {forged if steady(others[block.digest], outcome) else UNSTEADY}"


def _told(
    blocks: Sequence[Block], pool: Executor, on_progress: Callable[[], object] | None
) -> Iterator[Outcome]:
    """The blocks as they are simulated, each of them told."""
    for outcome in outcomes(pool, blocks):
        yield outcome
        if on_progress is not None:
            on_progress()
