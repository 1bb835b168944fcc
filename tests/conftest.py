"""Fixtures that several test files share."""

from __future__ import annotations

import gc
import os
import textwrap
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck

from tests import preloaded

# A busy machine is no failure, and the same commit gives the same answer everywhere: no deadline,
# no health check of speed. For other examples: pytest --hypothesis-seed=N.
SAME_ANSWER = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.too_slow],
}
hypothesis.settings.register_profile("gate", max_examples=40, **SAME_ANSWER)
hypothesis.settings.register_profile("thorough", max_examples=500, **SAME_ANSWER)
hypothesis.settings.load_profile("gate")

pytest_plugins = ["pytester"]


def pytest_sessionstart() -> None:
    """Start the fork server before workers of ratecheck's own start one that has less loaded."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        preloaded.prepare()
        forkserver.ensure_running()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector from what tests import: statsmodels, for one, often calls it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults", "how much is broken on purpose (see tests/faults)")
    group.addoption("--kills", type=int, default=3, help="Kills of a run at random moments.")
    group.addoption("--forge-all", action="store_true", help="Forge every field of the results.")


CLAIM = '''
"""Half: the mean of n uniform numbers has a squared error of order 1/n."""
from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(
    title="The mean of n draws has squared error 1/n",
    source="Any textbook, 1900, Section 1",
    statement=r"E (x - 1/2)^2 = 1/(12 n)",
    not_shown=["anything else"],
)
SHIFT = 0.3
BIASED = Falsifier("a biased mean", quantity="biased")


def shifted(error):
    return (error + SHIFT) ** 2


@claim.experiment(
    Axis.geometric("n", quick=(16, 256)),
    free={"sigma": 1.0},
    checks=[Rate("risk", "1/n", margin=0.25, fails=[BIASED])],
    replicates=256,
    cost="n",
    real=["the mean"],
    proxied=[],
)
def mean(n, sigma, *, replicates, rng):
    """Means of n uniform numbers."""
    import torch

    draws = torch.rand(replicates, n, generator=rng, device=rng.device, dtype=torch.float64)
    error = sigma * (draws.mean(1) - 0.5)
    return {"risk": error**2, "biased": shifted(error)}
'''


@pytest.fixture
def claim_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a claim file: the one above with some of its text replaced."""

    def write(name: str = "half", replace: dict[str, str] | None = None, text: str = CLAIM) -> Path:
        for old, new in (replace or {}).items():
            assert old in text, f"{old!r} is not in the claim"
            text = text.replace(old, new)
        path = tmp_path / "claims" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return write
