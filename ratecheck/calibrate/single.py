"""One experiment at a time, through the engine's own looks and judging.

Kinds of check without a vectorised path are calibrated this way, and the vectorised paths are held
against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ratecheck import forms as _forms  # noqa: F401 makes them known by name
from ratecheck.claim.checks import Check
from ratecheck.claim.form import FORMS, Form, Sample
from ratecheck.claim.formula import Formula
from ratecheck.claim.question import Asked, Question
from ratecheck.inference.cells import Array
from ratecheck.judge.looks import Looks
from ratecheck.judge.verdict import Verdict

Supply = Callable[[int, int], Mapping[str, Array]]


@dataclass(frozen=True)
class Design:
    """A question and how it may be sampled.

    Attributes
    ----------
    question : Question
    form : Form
    block, cap : int
        Replicates in a block, and at a point at most.
    costs : array
        Of a replicate at each simulated point.
    """

    question: Question
    form: Form
    block: int
    cap: int
    costs: Array


def design(
    check: Check,
    points: tuple[float, ...],
    *,
    form: str = "errors",
    axis: str = "n",
    block: int = 16,
    cap: int = 1024,
    cost: str | None = None,
) -> Design:
    """A check on a grid, without a claim file."""
    data = FORMS[form]
    calls = data.calls(points)
    price = Formula("1" if cost is None or data.whole else cost)
    costs = np.array([float(price(**{axis: x})) for x in points[:calls]])
    return Design(Question(check, axis, points, {}), data, data.size(block), data.most(cap), costs)


def verdict(planned: Design, supply: Supply, *, alpha: float = 0.01) -> Verdict:
    """The verdict on numbers from ``supply(cell, block index)``.

    ``cell`` is the number of the point; the supply returns the values of one block by quantity.
    Blocks are asked for as the engine asks: point by point, each as far as the next look wants.
    """
    looks = Looks(
        [Asked(planned.question)], planned.form, block=planned.block, cap=planned.cap,
        costs=planned.costs, alpha=alpha,
    )  # fmt: skip
    blocks: list[list[Mapping[str, Array]]] = [[] for _ in planned.costs]
    while True:
        for cell, target in enumerate(looks.target):
            blocks[cell] += [supply(cell, index) for index in range(len(blocks[cell]), target)]
        values = {
            name: [np.concatenate([block[name] for block in cell]) for cell in blocks]
            for name in blocks[0][0]
        }
        for _, answer in looks.look(Sample(planned.question.points, planned.form, values)):
            assert isinstance(answer, Verdict)
            assert answer.outcome != "ERROR", answer.sentence
            return answer


def draws(
    rng: np.random.Generator,
    draw: Callable[[np.random.Generator, int, int], Mapping[str, Array]],
    block: int = 16,
) -> Supply:
    """A supply that draws each block when it is first asked for."""
    return lambda cell, index: draw(rng, cell, block)
