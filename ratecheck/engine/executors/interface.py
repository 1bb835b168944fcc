"""What every executor offers, and what all of them say of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.worker import Failure

Outcome = tuple[Block, Numbers | Failure]
HOUR = 3600.0


class Executor(Protocol):
    """Computes blocks: any object with these five."""

    @property
    def free(self) -> int:
        """How many more blocks may be submitted now."""

    def submit(self, block: Block) -> None:
        """Start a block."""

    def wait(self) -> list[Outcome]:
        """The blocks that finished, waiting for at least one when any is under way."""

    def ready(self) -> list[Outcome]:
        """The blocks that have finished by now, without waiting for any."""

    def close(self) -> None:
        """Stop everything at once."""


def outcomes(pool: Executor, blocks: Sequence[Block]) -> Iterator[Outcome]:
    """The blocks as they are computed, in whichever order they finish."""
    queue, left = list(blocks), len(blocks)
    while left:
        while queue and pool.free:
            pool.submit(queue.pop())
        for outcome in pool.wait():
            left -= 1
            yield outcome


def time_limit(block: Block) -> float:
    """Seconds that a block may take."""
    return HOUR if block.timeout is None else block.timeout


def late(block: Block) -> Failure:
    """A block whose time is up."""
    return Failure(f"it took longer than its {time_limit(block):g} s", late=True)
