"""`ratecheck replay` and `ratecheck audit`."""

import json
import re

import pytest

from ratecheck.report.results import seals

FAILS = {"    import torch\n": "    import torch\n    if n == 64:\n        raise OSError('gone')\n"}


@pytest.fixture
def published(ratecheck, claim_file):
    claim_file()
    done = ratecheck("check", "half", "--workers", "0", "--report", "out")
    assert done.code == 0
    return ratecheck


def test_the_command_printed_with_an_error_replays_it(ratecheck, claim_file):
    claim_file(replace=FAILS)
    done = ratecheck("check", "half", "--workers", "0", "--seed", "3")
    assert done.code == 1
    name, rest = re.search(r"ratecheck replay '([^']+)'([^\n]*)", done.out).groups()
    again = ratecheck("replay", name, *rest.split())
    assert again.code == 1
    assert "raise OSError('gone')" in again.out.replace("\x1b", "")
    assert f"{name} failed: OSError: gone" in again.out


def test_a_sound_block_is_compared_with_the_store(published):
    done = published("replay", "half/mean[n=16,sigma=1]#0")
    assert done.code == 0
    assert "risk: 16 values, mean" in done.out
    assert "those in the store, bit for bit" in done.out
    other = published("replay", "half/mean[n=20,sigma=2]#0", "--set", "sigma=2")
    assert "does not hold this block" in other.out


@pytest.mark.parametrize("name", ["nonsense", "half/mean[n=16]#0", "other/mean[n=16]#0"])
def test_a_block_that_is_none_is_a_sentence(published, name):
    done = published("replay", name)
    assert done.code == 2
    assert done.err.startswith("ratecheck: ")


def test_a_clean_audit(published):
    done = published("audit", "out/results.json", "--workers", "0")
    assert done.code == 0, done.out
    assert "bit for bit" in done.out
    [line] = [line for line in done.out.splitlines() if "], by statsmodels" in line]
    ours, theirs = re.findall(r"(-[\d.]+) \[-[\d.]+, -[\d.]+\]", line)
    assert float(theirs) == pytest.approx(float(ours), abs=0.05)
    assert "note:" not in done.out


def test_a_forged_run_is_named_and_fails(published, tmp_path):
    path = tmp_path / "out" / "results.json"
    whole = json.loads(path.read_text())
    whole["claims"][0]["checks"][0]["margin"] = 0.3
    path.write_text(json.dumps(whole))
    done = published("audit", path, "--workers", "0")
    assert done.code == 1
    assert "NOT CONFIRMED  claims[half]: does not fit its seal" in done.out
    assert "half/mean/risk[n].margin: the results say 0.3, derived again 0.25" in done.out


def test_an_exponent_that_its_numbers_contradict_is_noted(published, tmp_path):
    """Sealed anew, as a forger would: what statsmodels sees is in the store."""
    path = tmp_path / "out" / "results.json"
    whole = json.loads(path.read_text())
    row = whole["claims"][0]["checks"][0]
    row["measured"] -= 0.5
    row["interval"] = [end - 0.5 for end in row["interval"]]
    whole["certificate"]["seals"] = seals(whole)
    path.write_text(json.dumps(whole))
    done = published("audit", path, "--workers", "0")
    assert done.code == 1
    assert re.search("note: half/mean/risk.*differ by more than both intervals allow", done.out)
    assert "NOT CONFIRMED  half/mean/risk[n].measured" in done.out


@pytest.mark.parametrize("command", [["check", "half"], ["audit", "out/results.json"]])
def test_an_unknown_executor_is_a_sentence(published, command):
    done = published(*command, "--executor", "rays")
    assert done.code == 2
    assert done.err == "ratecheck: there is no executor 'rays'; choose dask, processes, serial\n"
    assert published(*command, "--executor", "serial").code == 0


def test_what_is_no_results_file_is_a_sentence(published, tmp_path):
    (tmp_path / "x.json").write_text("{}")
    for arguments in (["absent.json"], ["x.json"], ["out/results.json", "--catch", "0"]):
        done = published("audit", *arguments, "--workers", "0")
        assert done.code == 2
        assert done.err.startswith("ratecheck: ")
