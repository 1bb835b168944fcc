"""One experiment at a time, through the engine's own sampling and judging.

Kinds of check without a vectorised path are calibrated this way, and the vectorised paths are held
against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import Axis, Form
from ratecheck.claim.formula import Formula
from ratecheck.engine.blocks import Numbers
from ratecheck.engine.plan import CheckItem, Settings
from ratecheck.engine.sampling import Sampling
from ratecheck.inference.cells import Array
from ratecheck.judge.verdict import Verdict

Supply = Callable[[int, int], Mapping[str, Array]]


def item(
    check: Check,
    points: tuple[float, ...],
    *,
    form: Form = "errors",
    axis: str = "n",
    block: int = 16,
    cap: int = 1024,
    cost: str | None = None,
) -> CheckItem:
    """A check as the engine plans it, without a claim file."""
    experiment = SimpleNamespace(
        name="known", form=form, block=block, timeout=None,
        replicates={"quick": cap, "standard": cap, "full": cap},
        cost=None if cost is None else Formula(cost),
    )  # fmt: skip
    entry = SimpleNamespace(id="calibration", path=Path("calibration.py"), source_digest="")
    return CheckItem(
        f"calibration/known/{check.label}[{axis}]",
        cast("Any", entry), cast("Any", experiment), check, {}, Axis(axis, points), points, {},
    )  # fmt: skip


def verdict(planned: CheckItem, supply: Supply, *, alpha: float = 0.01) -> Verdict:
    """The verdict on numbers from ``supply(cell, block index)``.

    ``cell`` is the number of the point; the supply returns the values of one block by quantity.
    """
    sampling = Sampling(planned.series, [planned], Settings(alpha=alpha, store=None), "")
    while True:
        for block in sampling.request():
            sampling.receive(block, Numbers(supply(sampling.cell_of(block), block.index), 0.0))
        for _, answer in sampling.look():
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
