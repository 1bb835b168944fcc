"""What a run yields: items with their verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from ratecheck.engine.plan import CheckItem, FalsifierItem, Item
from ratecheck.judge.verdict import Kill, Verdict


@dataclass(frozen=True)
class CheckResult:
    """A judged check: its verdict, its replicates over all points, its seconds of simulation."""

    item: CheckItem
    verdict: Verdict
    replicates: int
    seconds: float

    @property
    def answer(self) -> Verdict:
        """The verdict."""
        return self.verdict


@dataclass(frozen=True)
class FalsifierResult:
    """A judged falsifier."""

    item: FalsifierItem
    kill: Kill
    replicates: int
    seconds: float

    @property
    def answer(self) -> Kill:
        """Whether it was killed."""
        return self.kill


Result = CheckResult | FalsifierResult


def result_of(item: Item, answer: Verdict | Kill, replicates: int, seconds: float) -> Result:
    """What an item came to."""
    if isinstance(item, CheckItem) and isinstance(answer, Verdict):
        return CheckResult(item, answer, replicates, seconds)
    if isinstance(item, FalsifierItem) and isinstance(answer, Kill):
        return FalsifierResult(item, answer, replicates, seconds)
    raise TypeError(f"{item.id} has no such answer")
