"""`make gpu`, with the processor in place of the card."""

import json
from pathlib import Path

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from tests.gpu.__main__ import Deadline, main, part_of

RUN = ["--device", "cpu", "--size", "64", "--tests"]


@pytest.fixture
def asked(claim_file, tmp_path):
    """A claim with its published verdicts: arguments, those verdicts, and where they stand."""
    path, published = claim_file(), tmp_path / "results.json"
    settings = Settings(workers=0, store=None)
    with Run(plan([load(path)], settings), settings) as run:
        rows = [
            {"id": one.item.id, "experiment": "mean", "seconds": 1.0, "verdict": one.answer.outcome}
            for one in run.all()
            if hasattr(one, "verdict")
        ]
    published.write_text(json.dumps({"claims": [{"id": "half", "checks": rows}]}))
    places = ["--claims", str(path), "--published", str(published)]
    return [*RUN, "--out", str(tmp_path / "gpu.json"), *places], rows, published


def found(arguments):
    return json.loads(Path(arguments[arguments.index("--out") + 1]).read_text())


def test_experiments_are_timed_and_judged(asked):
    arguments, rows, _ = asked
    assert main(arguments) == 0
    whole = found(arguments)
    assert set(whole["ceilings"]) == {"TFLOP/s fp32", "TFLOP/s fp64", "GB/s"}
    one = whole["experiments"]["half/mean"]
    assert one["full"]["blocks"] == 2
    assert one["full"]["seconds"] > 0
    assert one["quick"] == {"seconds": one["quick"]["seconds"], "judged": len(rows), "other": {}}
    assert whole["left_out"] == []


def test_a_verdict_that_is_another_is_told(asked, capsys):
    arguments, rows, published = asked
    text = published.read_text().replace('"PASS"', '"FAIL"')
    assert text != published.read_text()
    published.write_text(text)
    assert main(arguments) == 1
    assert f"{rows[0]['id']}: FAIL as published, PASS here" in capsys.readouterr().out


def test_what_does_not_fit_into_the_time_is_left_out(asked):
    arguments, _, _ = asked
    assert main([*arguments, "--minutes", "0.2"]) == 0  # less than what is kept for the end
    assert found(arguments)["left_out"] == ["half/mean"]


def test_a_block_is_cut_off_when_the_time_is_up(asked, claim_file, monkeypatch):
    arguments, _, _ = asked
    claim_file(replace={"    import torch\n": "    import torch\n    while True: pass\n"})
    monkeypatch.setattr(Deadline, "left", 0.2)
    assert main(arguments) == 0
    one = found(arguments)["experiments"]["half/mean"]
    assert "longer than its 0.2 s" in one["full"]["failed"]
    assert one["quick"]["judged"] == 0  # nor is a verdict without numbers another one


def test_no_card_is_a_sentence(asked, capsys):
    arguments, _, _ = asked
    assert main([*arguments, "--device", "cuda:99"]) == 2
    assert "was asked for, but there is" in capsys.readouterr().err


def test_what_is_slow_leaves_time_to_others():
    whole = Deadline(100.0)
    assert part_of(whole).left < 0.3 * whole.left
    assert part_of(Deadline(10.0)).left > 9.0


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("passed", 0), ("skipped", 0), ("failed", 1), ("not finished in 1 s", 1)],
)
def test_only_tests_of_the_device_that_end_well_are_good(asked, monkeypatch, outcome, code):
    arguments, _, _ = asked
    monkeypatch.setattr("tests.gpu.__main__.tests", lambda *_: {"outcome": outcome})
    assert main([*arguments, "--tests", "one"]) == code
