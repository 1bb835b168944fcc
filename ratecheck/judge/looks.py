"""Sequential looks at one series: what each may spend, and what to sample next.

A series starts with a pilot of 16 replicates a point. Every look may spend some of the promised
error rate (`inference.sequential`); the next one costs half as much again in all, with the new
replicates where they narrow the open questions most. It ends when every question is decided (each
is frozen at its own first decision), after 12 looks, or when every point has the replicates that
the effort allows. Exact values need no looks, and a fixed design takes all replicates at once.

What shows how far a question is: the longer arm of its interval, for slopes of any form of data,
`Decay`, `Agrees` and `Additive` (of their widest point); the share of the replicates, where there
is no margin. A question that is open when it has the information it was planned for goes on to
what the effort allows, unless all of that would leave it open (`inference.rates.hopeless`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Asked
from ratecheck.errors import kind_of, one_line
from ratecheck.inference import curvature, rates, sequential
from ratecheck.inference.finding import Finding
from ratecheck.inference.sequential import Clock, Level
from ratecheck.judge import sentences
from ratecheck.judge.judge import forecast, judge, judge_falsifier, tail_of
from ratecheck.judge.verdict import Kill, Look, Verdict


class Looks:
    """State of one series: how many blocks each simulated point is to have.

    Parameters
    ----------
    asked : sequence of Asked
        What is judged on this series; all on the same points.
    form : Form
    block : int
        Replicates in a block.
    cap : int
        Most replicates a point.
    costs : array
        Of a replicate at each simulated point.
    alpha : float
        Promised bound on each error rate.
    fixed : bool
        Take all replicates at once.
    """

    def __init__(
        self,
        asked: Sequence[Asked],
        form: Form,
        *,
        block: int,
        cap: int,
        costs: np.ndarray,
        alpha: float,
        fixed: bool = False,
    ) -> None:
        self.tracks = [Track(one, alpha) for one in asked]
        self.block = block
        self.finished = False
        self._cap = -(-cap // block)
        self._costs = costs
        self._sequential = form.random and not fixed
        pilot = -(-sequential.PILOT // block) if self._sequential else self._cap
        self.target = [min(pilot, self._cap)] * len(costs)
        self._looks = 0

    def look(self, sample: Sample) -> list[tuple[int, Verdict | Kill]]:
        """Judge what can be judged on the numbers that are there, by its number.

        Numbers that an inference cannot cope with cost the question that it judges, and no other.
        """
        self._looks += 1
        cap = self._cap * self.block
        counts = np.array([target * self.block for target in self.target])
        work = float((counts * self._costs).sum())
        spent = work / float((cap * self._costs).sum())
        last = self._looks >= sequential.LOOKS or all(t >= self._cap for t in self.target)
        judged: list[tuple[int, Verdict | Kill]] = []
        wanted: list[np.ndarray] = []
        for number, track in enumerate(self.tracks):
            if not track.open:
                continue
            answer: Verdict | Kill | None
            try:
                if not self._sequential:
                    answer = track.judge(sample, None)
                else:
                    if self._looks == 1 and not last:
                        track.warn(sample, cap)
                    answer = track.look(sample, int(counts.sum()), work, spent, last)
                if answer is None:
                    wanted.append(sample.form.demand(track.question, sample, self._costs))
            except Exception as error:
                answer = track.give_up(error)
            if answer is not None:
                judged.append((number, answer))
        self.finished = not wanted
        if wanted:
            demanded = np.max(wanted, axis=0)
            grown = sequential.grow(counts, demanded, self._costs, self.block, cap)
            self.target = [int(count) // self.block for count in grown]
        return judged


class Track:
    """One question on its way to an answer: what it has spent, and what it saw at each look."""

    def __init__(self, asked: Asked, alpha: float) -> None:
        self.question = asked.question
        self.open = True
        self.warning: str | None = None
        self.looks: list[Look] = []
        self._falsifier = asked.falsifier
        self._known = asked.warnings
        self._alpha = alpha
        self._tail = tail_of(alpha)
        self._clock = Clock.start()
        self._held = (curvature.UNKNOWN, self._tail)  # where the slope lies, and at which tail

    def warn(self, sample: Sample, cap: int) -> None:
        """Say after the pilot whether the effort can resolve the margin."""
        if self._falsifier is None:
            self.warning = forecast(self.question, sample, cap, self._alpha)

    def look(
        self, sample: Sample, replicates: int, work: float, spent: float, last: bool
    ) -> Verdict | Kill | None:
        """The answer, or None while it is open.

        ``spent`` is the share of the work that the effort allows; ``last`` that nothing follows.
        """
        question, check = self.question, self.question.check
        if sample.missing(check):
            return self.judge(sample, None)
        one = sample.form.find(question, sample, sequential.single(self._tail))
        t = self._information(one, spent)
        self._clock, level = sequential.spend(self._clock, t, last, self._tail)
        if self._held[0] != curvature.UNKNOWN:
            level = replace(level, held=self._held[0], tail=self._held[1])
        found = sample.form.find(question, sample, level)
        predicted = question.predicted
        ends = None if found.theta is None else sentences.ends(check, predicted, found)
        self.looks.append(Look(replicates, work, sentences.measured(check, predicted, found), ends))
        decided = found.outcome in ("PASS", "FAIL")
        if self._falsifier is not None:
            decided = found.outside
        if decided or last or self._over(found, level, 1 / spent):
            return self.judge(sample, level, found)
        return None

    def _information(self, found: Finding, spent: float) -> np.ndarray:
        check = self.question.check
        margin = check.coordinates.scale(check.margin)
        if not margin > 0:
            return np.asarray(spent)
        return sequential.information(np.asarray(found.arm), margin, self._tail, check.relation)

    def _over(self, found: Finding, level: Level, more: float) -> bool:
        """Whether a question with the information it was planned for would stay open for good."""
        if self._clock.t < 1:
            return False
        if found.reading is None:
            return self._falsifier is not None and found.place == curvature.WITHIN
        more = min(more, sequential.GROWTH ** (sequential.LOOKS - len(self.looks)))
        check = self.question.check
        if self._falsifier is not None:
            return bool(rates.unkillable(found.reading, check.margin, check.side, more))
        self._held = (found.place, float(level.tail))
        return bool(rates.hopeless(found.reading, check.margin, check.side, more))

    def judge(
        self, sample: Sample, level: Level | None, found: Finding | None = None
    ) -> Verdict | Kill:
        """The final answer."""
        self.open = False
        if self._falsifier is not None:
            name = self._falsifier
            return judge_falsifier(self.question, name, sample, self._alpha, level, found)
        verdict = judge(self.question, sample, self._alpha, level, found)
        warned = (self.warning,) if self.warning and verdict.outcome == "INCONCLUSIVE" else ()
        return replace(
            verdict, looks=tuple(self.looks), warnings=(*self._known, *verdict.warnings, *warned)
        )

    def give_up(self, error: Exception) -> Verdict | Kill:
        """The ERROR of a question whose numbers cannot be judged."""
        self.open = False
        sentence = f"The numbers cannot be judged ({kind_of(error)}: {one_line(error)})."
        return self.failed("cannot be judged", sentence)

    def failed(self, reason: str, sentence: str, replay: str | None = None) -> Verdict | Kill:
        """The ERROR of a question."""
        if self._falsifier is not None:
            return Kill("ERROR", sentence, None, None, None, replay=replay)
        margin = self.question.check.margin
        return Verdict("ERROR", reason, sentence, None, None, None, margin, replay=replay)
