"""The clock of this machine, live: under load it may decide nothing, but never wrongly."""

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.results import CheckResult
from ratecheck.engine.run import Run

CLAIM = '''"""A sort takes n log n."""
from ratecheck import Axis, Claim, Rate, Without
claim = Claim(title="A sort takes n log n", source="Knuth, TAOCP 3, Section 5.2", statement="t",
              not_shown=["anything else"])
@claim.experiment(Axis.geometric("n", quick=(2**11, 2**19)), data="measured", replay=False,
    checks=[Rate("seconds", "n*log(n)", margin=0.25, fails=[Without("work", "left")]),
            Rate("seconds", "n**2", margin=0.25, name="wrong")],
    real=["numpy's stable sort"], proxied=[])
def sort(n):
    """Three times, each the best of five."""
    import time
    import numpy as np
    draw, seconds = np.random.default_rng(0), []
    for _ in range(3):
        best = 1e9
        for _ in range(5):
            x = draw.random(n)
            start = time.perf_counter()
            x.sort(kind="stable")
            best = min(best, time.perf_counter() - start)
        seconds.append(best)
    return {"seconds": seconds, "left": np.array(seconds) / (n * np.log(n))}
'''


@pytest.mark.slow
def test_no_load_makes_a_sort_quadratic(tmp_path):
    path = tmp_path / "sort.py"
    path.write_text(CLAIM)
    settings = Settings(workers=0, store=None)
    with Run(plan([load(path)], settings), settings) as run:
        found = {r.item.id.rpartition("/")[2]: r for r in run.all() if isinstance(r, CheckResult)}
    assert found["seconds[n]"].verdict.outcome != "FAIL", found["seconds[n]"].verdict.sentence
    assert found["wrong[n]"].verdict.outcome != "PASS", found["wrong[n]"].verdict.sentence
