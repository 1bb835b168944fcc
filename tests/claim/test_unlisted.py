"""What a reader may ask of each claim beyond its file is drawn, within what it declares."""

import pytest

from ratecheck.claim.catalogue import load_all
from ratecheck.engine.plan import Settings, plan
from tests.judged import ROOT, judged
from tests.unlisted import questions

ENTRIES, _ = load_all([ROOT / "claims"])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_claim_answers_questions_that_its_file_does_not_list(entry):
    asked = questions(entry, 3)
    assert asked == questions(entry, 3)
    for override in asked:
        (name,) = override.experiments
        experiment = entry.claim.experiments[name]
        assert override.case not in experiment.cases
        assert plan([entry], Settings(store=None), override)


def test_what_does_not_hold_is_named_with_its_reason(claim_file):
    path = claim_file(
        replace={
            'free={"sigma": 1.0}': 'cases=[{"sigma": 1.0}], ranges={"sigma": "sigma > 0"}',
            "error = sigma * (draws.mean(1) - 0.5)": "error = draws.mean(1) - 0.5 + (sigma != 1)",
        }
    )
    (entry,), _ = load_all([path])
    (override,) = questions(entry, 1)
    _, items, others = judged(path, override=override)
    assert items == 2
    ((outcome, sentence),) = others.values()
    assert outcome == "FAIL"
    assert sentence.startswith("Exponent ")
