"""What an undecided verdict advises does decide it, on a case that was made for its reason."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from ratecheck import AtMost, Rate
from ratecheck.claim.form import FORMS, Sample
from ratecheck.claim.question import Question
from ratecheck.inference import curvature
from ratecheck.judge import sentences
from ratecheck.judge.judge import judge
from ratecheck.judge.verdict import Verdict
from tests.judge.test_judge import noise

Judge = Callable[[], Verdict]


def doubling(first: int, last: int) -> tuple[float, ...]:
    return tuple(2.0**j for j in range(first, last))


N = doubling(4, 12)
LINEAR, SQUARE = Rate("q", "1/n", margin=0.1), Rate("q", "n**-2", margin=0.1)


def judged(check, points, rows, form="errors", floor=None):
    declared = FORMS[form].above(floor)
    values = [np.atleast_1d(np.asarray(row, dtype=float)) for row in rows]
    return judge(Question(check, "n", points, {}), Sample(points, declared, {"q": values}), 0.01)


def sampled(law, points=N, replicates=200, cv=0.5, seed=0, check=LINEAR):
    rng = np.random.default_rng(seed)
    counts = np.broadcast_to(replicates, len(points))
    rows = [law(n) * noise(rng, count, cv) for n, count in zip(points, counts, strict=True)]
    return judged(check, points, rows)


def exact(law, points=N, check=SQUARE, floor=None):
    return judged(check, points, [law(n) for n in points], "exact", floor)


def measured(law, points, size=1, sd=0.05, seed=0, margin=0.25, form="measured"):
    rng = np.random.default_rng(seed)
    rows = [law(n) * np.exp(sd * rng.standard_normal(size)) for n in points]
    return judged(Rate("q", "1/n", margin=margin), points, rows, form)


def walk(*, shuffled):
    """Run times that drift while they are taken, from small n to large or in another order."""
    rng = np.random.default_rng(0)
    points = doubling(3, 15)
    drift = np.cumsum(0.25 * rng.standard_normal(len(points)))
    order = rng.permutation(len(points)) if shuffled else np.arange(len(points))
    rows = [1 / n * np.exp(drift[i]) for n, i in zip(points, order, strict=True)]
    return judged(Rate("q", "1/n", margin=0.2), points, rows, "measured")


def means(se, points=N):
    rows = [(20 / n, se) for n in points]
    return judged(Rate("q", "1/n", margin=0.2), points, rows, "means")


def scaling(sd, points, check):
    rng = np.random.default_rng(0)
    law = [1.69 + 406.4 * n**-0.34 for n in points]
    return judged(check, points, [y * np.exp(sd * rng.standard_normal()) for y in law], "measured")


def scaled(formula, floor=None):
    return Rate("q", formula, margin=0.1, floor=floor)


def biased(replicates, law=lambda n: -20 / n):
    rng = np.random.default_rng(2)
    rows = [law(n) + rng.standard_normal(replicates) for n in N]
    return judged(Rate("q", "1/n", margin=0.2), N, rows, "signed")


def times(budget):
    rng = np.random.default_rng(3)
    raw = [n * rng.exponential(size=400) for n in N]
    rows = [np.where(t < budget, t, np.inf) for t in raw]
    return judged(Rate("q", "n", margin=0.25), N, rows, "times")


def rare(replicates, points=N):
    """Seldom anything but 0 at the far end."""
    rng = np.random.default_rng(5)
    rows = [np.where(rng.random(replicates) < min(1, 100 / n**1.4), n**0.4, 0.0) for n in points]
    return judged(Rate("q", "1/n", margin=0.5), points, rows)


def early(n):
    return (1 + 30 * n**-0.5) / n


def leaving(n):
    return (1 + n / 4000) / n


def floored(n):
    return n**-2.0 + 1e-7


def rounded(n):
    """A risk of order k / n where the best k is about n^0.4, and has to be a whole number."""
    return round(n**0.4) / n**1.4


def growing(n):
    return n**-2.0 + 1e-8 * n


def against(reference):
    return lambda n: n**-2.0 - reference**-2.0


FAR = Rate("q", "1/n", margin=0.15)
KNOWN = Rate("q", "1.69 + 406.4*n**-0.34", margin=0.25)
SETTLED = Rate("q", "1/n", margin=0.05)


@dataclass(frozen=True)
class Case:
    """A case of a reason, what its sentence advises, and the cases with that done."""

    reason: str
    told: str
    before: Judge
    after: tuple[Judge, ...]
    outcome: str = "PASS"


CASES = [
    Case(
        "too wide", "Between 48 and 790 replicates a point would decide (replicates= in the file, "
        "or a larger --effort)", lambda: sampled(lambda n: 1 / n, replicates=16, cv=1.0),
        (lambda: sampled(lambda n: 1 / n, replicates=790, cv=1.0),),
    ),
    Case(
        "too wide", "replicates a point would decide (--fixed, ",
        lambda: sampled(lambda n: 1 / n, replicates=[16] * 6 + [32, 32], cv=1.0),
        (lambda: sampled(lambda n: 1 / n, replicates=800, cv=1.0),),
    ),
    Case(
        "too wide", "values a point would decide",
        lambda: measured(lambda n: 1 / n, doubling(3, 11), sd=0.4, size=2),
        (lambda: measured(lambda n: 1 / n, doubling(3, 11), sd=0.4, size=80),
         lambda: measured(lambda n: 1 / n, tuple(np.geomspace(8, 1024, 320)), sd=0.4, size=2)),
    ),
    Case(
        "too wide", "take more points on the grid",
        lambda: sampled(rounded, doubling(4, 9), 5000, 0.3),
        (lambda: sampled(rounded, tuple(round(2 ** (j / 4)) for j in range(16, 33)), 5000, 0.3),),
    ),
    Case(
        "too wide", "Between 3 and 16 times as many replicates behind each mean",
        lambda: means(0.05), (lambda: means(0.05 / 16**0.5),),
    ),
    Case(
        "pre-asymptotic", "begin the grid later", lambda: sampled(early, replicates=2000, cv=0.3),
        (lambda: sampled(early, doubling(14, 22), 2000, 0.3),),
    ),
    Case(
        "bends away", "take a longer grid", lambda: sampled(leaving, N, 80, 0.8, 13, FAR),
        (lambda: sampled(leaving, doubling(4, 15), 80, 0.8, 13, FAR),), "FAIL",
    ),
    Case(
        "far end unknown", "take more replicates, above all at the far half, or a longer grid",
        lambda: sampled(lambda n: 1 / n, N, 16, 0.8),
        (lambda: sampled(lambda n: 1 / n, N, [200] * 4 + [800] * 4, 0.8),
         lambda: sampled(lambda n: 1 / n, doubling(4, 20), 16, 0.8)),
    ),
    Case(
        "far end unknown", "take more values, above all at the far half, or a longer grid",
        lambda: measured(lambda n: 1 / n, doubling(3, 7)),
        (lambda: measured(lambda n: 1 / n, doubling(3, 7), size=7),
         lambda: measured(lambda n: 1 / n, doubling(3, 11))),
    ),
    Case(
        "not settled", "take a longer grid, or a formula with the slower term",
        lambda: exact(lambda n: (1 + 2 * n**-0.5) / n, doubling(4, 10), SETTLED),
        (lambda: exact(lambda n: (1 + 2 * n**-0.5) / n, doubling(4, 26), SETTLED),
         lambda: exact(lambda n: (1 + 2 * n**-0.5) / n, doubling(4, 10),
                       Rate("q", "1/n + 2*n**-1.5", margin=0.05))),
    ),
    Case(
        "too short", "begin the grid earlier, or take more points there",
        lambda: exact(lambda n: n**-2.0, doubling(2, 5)),
        (lambda: exact(lambda n: n**-2.0, doubling(0, 5)),
         lambda: exact(lambda n: n**-2.0, tuple(2 ** (j / 2) for j in range(4, 10)))),
    ),
    Case(
        "above the floor", "begin the grid earlier, and end it farther above the floor",
        lambda: exact(floored, floor=1e-7), (lambda: exact(floored, doubling(0, 7), floor=1e-7),),
    ),
    Case(
        "turns up", "begin and end the grid earlier", lambda: exact(growing),
        (lambda: exact(growing, doubling(0, 6)),
         lambda: exact(growing, check=Rate("q", "n**-2 + 1e-8*n", margin=0.1))),
    ),
    Case(
        "levels off", "Put either into the formula, or begin and end the grid earlier",
        lambda: exact(floored),
        (lambda: exact(floored, check=Rate("q", "n**-2 + 1e-7", margin=0.1)),
         lambda: exact(floored, doubling(0, 7))),
    ),
    Case(
        "steepens", 'refine it, begin and end the grid earlier, or declare floor="reference"',
        lambda: exact(against(N[-1] * 1.05)),
        (lambda: exact(against(64 * N[-1])), lambda: exact(against(N[-1] * 1.05), doubling(0, 6)),
         lambda: exact(against(N[-1]), floor="reference")),
    ),
    Case(
        "too few points", "take more", lambda: measured(lambda n: 1 / n, doubling(3, 6)),
        (lambda: measured(lambda n: 1 / n, doubling(3, 11)),),
    ),
    Case(
        "neighbours move together", "measure again, the points in another order",
        lambda: walk(shuffled=False), (lambda: walk(shuffled=True),),
    ),
    Case(
        "floor and rate cannot be told apart",
        "take a longer grid, or put a floor that is known into the formula",
        lambda: scaling(0.3, tuple(np.geomspace(1e6, 1e9, 9)), scaled("n**-0.34", "fit")),
        (lambda: scaling(0.3, tuple(np.geomspace(1, 1e8, 33)), scaled("n**-0.34", "fit")),
         lambda: scaling(0.3, tuple(np.geomspace(1e6, 1e9, 9)), KNOWN)),
    ),
    Case(
        "vacuous", "begin the grid later, or state a sharper bound",
        lambda: sampled(lambda n: 1 / n, check=AtMost("q", "log(n)**9/n", margin=0.1)),
        (lambda: sampled(lambda n: 1 / n, doubling(16, 24),
                         check=AtMost("q", "log(n)**9/n", margin=0.1)),
         lambda: sampled(lambda n: 1 / n, check=AtMost("q", "log(n)/n", margin=0.1))),
    ),
]  # fmt: skip
NO_INTERVAL = [
    Case("are 0 at n = ", "leave out such points, or take more replicates", lambda: rare(16),
         (lambda: rare(16_000), lambda: rare(16_000, N[:-1]))),
    Case("fewer than 8 replicates", "", lambda: sampled(lambda n: 1 / n, replicates=4),
         (lambda: sampled(lambda n: 1 / n, replicates=400),)),
    Case("at its Monte Carlo floor", "take more replicates, or points where it is larger",
         lambda: biased(100, lambda n: -0.02 / n), (lambda: biased(400_000),)),
    Case("reached too rarely", "give it a larger budget", lambda: times(N[-1] / 500),
         (lambda: times(2 * N[-1]),)),
    Case("no mean is three standard errors", "take more replicates behind each",
         lambda: means(2.0), (lambda: means(0.0005),)),
    Case("two points leave nothing", "take more", lambda: means(0.0005, N[:2]),
         (lambda: means(0.0005),)),
    Case("too few values are above round-off", "begin the grid earlier",
         lambda: exact(floored, floor=1e-3), (lambda: exact(floored, doubling(0, 7), floor=1e-7),)),
]  # fmt: skip


def name_of(case):
    return case.reason.strip()


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_what_is_advised_decides(case):
    before = case.before()
    assert (before.outcome, before.reason) == ("INCONCLUSIVE", case.reason), before.sentence
    assert case.told in before.sentence
    for after in case.after:
        found = after()
        assert found.outcome == case.outcome, found.sentence


@pytest.mark.parametrize("case", NO_INTERVAL, ids=name_of)
def test_what_is_advised_gives_an_interval_that_decides(case):
    before = case.before()
    assert before.sentence.startswith("There is no interval: ")
    assert case.reason in before.reason
    assert case.told in before.sentence
    for after in case.after:
        found = after()
        assert found.outcome == case.outcome, found.sentence


def test_every_reason_has_its_case():
    """What a FAIL says needs no remedy, and where all is round-off there is none."""
    failed = {"outside the margin", "converges elsewhere", "plateau"}
    known = {*curvature.REASONS, *sentences.WHY} - {"inside the margin"}
    assert known - failed - {"round-off"} == {case.reason for case in CASES}
