"""Many verdicts at once."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from ratecheck.inference.family import allowed, holm
from ratecheck.report.wording import honesty


@pytest.mark.parametrize("seed", range(5))
def test_holm_agrees_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    p = np.where(rng.random(30) < 0.5, 1e-4 * rng.random(30), rng.random(30))
    assert holm(list(p), 0.01) == list(multipletests(p, 0.01, "holm")[0])


def test_an_open_check_counts_and_does_not_stand():
    assert holm([0.004, None], 0.01) == [True, False]
    assert holm([0.006, None], 0.01) == [False, False]
    assert holm([0.006], 0.01) == [True]
    assert holm([], 0.01) == []
    assert allowed(250, 0.01) == pytest.approx(2.5)


def test_the_summary_says_so():
    summary = {"pass": 3, "fail": 0, "inconclusive": 1, "error": 0}
    family = {"judged": 4, "decided": 3, "allowed": 0.04, "stand": 2}
    text = honesty({"summary": summary | {"family": family}, "alpha": 0.01})
    assert "over the 4 checks with random data" in text
    assert "2 of 3 decided verdicts stand." in text
