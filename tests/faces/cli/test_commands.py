"""`ratecheck list`, `show`, `new`, `report`, `doctor` and `--help`."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PUBLISHED = Path(__file__).parents[3] / "reports"
HEAVY = {"torch", "statsmodels", "scipy.stats", "scipy", "numpy", "sympy", "numba", "matplotlib"}


def test_list_names_every_claim_and_every_broken_file(ratecheck, claim_file):
    claim_file()
    done = ratecheck("list")
    assert done.code == 0
    assert "half  The mean of n draws has squared error 1/n (1 check, 1 falsifier)" in done.out
    claim_file("broken", {"margin=0.25": "margin=0"})
    done = ratecheck("list")
    assert done.code == 1
    assert "does not load: broken.py" in done.out


def test_show_simulates_nothing_and_tells_what_was_understood(ratecheck, claim_file, tmp_path):
    done = ratecheck("show", claim_file(replace={"    import torch": "    1 / 0"}))
    assert done.code == 0
    for word in ("1/n", "-1.000", "a biased mean", "the mean", "anything else"):
        assert word in done.out
    assert not (tmp_path / ".ratecheck").exists()


def test_show_takes_a_folder_and_says_what_does_not_load(ratecheck, claim_file):
    claim_file()
    claim_file("third")
    done = ratecheck("show", "claims")
    assert done.code == 0
    assert "half · claims" in done.out
    assert "third · claims" in done.out
    claim_file("broken", {"margin=0.25": "margin=0"})
    broken = ratecheck("show", "broken")
    assert broken.code == 2
    assert "use a positive number" in broken.err


def test_a_word_for_a_number_is_refused(ratecheck, claim_file):
    claim_file(replace={
        'free={"sigma": 1.0},': 'cases=[{"bias": 1.0}], free={"sigma": 1.0},',
        "def mean(n, sigma,": "def mean(n, bias, sigma,",
    })  # fmt: skip
    done = ratecheck("show", "half", "--case", "bias=x")
    assert done.code == 2
    assert "--case: bias must be a number, not 'x'" in done.err


def test_no_line_of_a_pipe_is_broken(ratecheck, claim_file, monkeypatch):
    name = "a_claim_with_a_name_that_is_long_" + 3 * "and_goes_on_"
    claim_file(name, {"replicates=256": "replicates=16", "margin=0.25": "margin=0.01"})
    monkeypatch.delenv("COLUMNS")
    done = ratecheck("check", name, "--workers", "0", "--store", "none")
    (line,) = (line for line in done.out.splitlines() if "Exponent" in line)
    assert f"{name}/mean/risk[n]: Exponent" in line
    assert "--fixed)" in line
    assert max(map(len, ratecheck("show", name).out.splitlines())) < 250
    monkeypatch.setenv("COLUMNS", "60")
    narrow = ratecheck("check", name, "--workers", "0", "--store", "none").out.splitlines()
    assert max(map(len, narrow)) <= 60


def test_the_version_is_printed(ratecheck):
    from ratecheck import __version__

    assert ratecheck("--version").out == f"ratecheck {__version__}\n"


def test_a_new_claim_runs_as_it_is(ratecheck):
    assert ratecheck("new", "my_theorem").code == 0
    assert ratecheck("new", "my_theorem").code == 2
    done = ratecheck("check", "my_theorem", "--workers", "0", "--store", "none")
    assert done.code == 0
    assert "● PASS" in done.out


def test_report_is_made_from_results_alone(ratecheck, claim_file, tmp_path):
    path = claim_file()
    ratecheck("check", path, "--workers", "0", "--store", "none", "--report", "out")
    (tmp_path / "out" / "index.html").unlink()
    path.unlink()
    again = ratecheck("report", "out/results.json", "--against", "out/results.json")
    assert again.code == 0
    assert "No verdict changed, no measured value moved out of reach" in again.out
    assert "<html" in (tmp_path / "out" / "index.html").read_text()
    assert 'href="#calibration"' not in (tmp_path / "out" / "index.html").read_text()
    shutil.copy(PUBLISHED / "calibration.json", tmp_path / "out")
    assert ratecheck("report", "out/results.json").code == 0
    assert 'href="#calibration"' in (tmp_path / "out" / "index.html").read_text()
    summary = ratecheck("report", "out/results.json", "--markdown")
    assert "| claim | PASS |" in summary.out
    assert "What changed" not in summary.out
    both = ratecheck("report", "out/results.json", "--markdown", "--against", "out/results.json")
    assert "### What changed" in both.out
    assert "- No verdict changed" in both.out
    missing = ratecheck("report", "absent.json")
    assert missing.code == 2
    assert "absent.json cannot be read" in missing.err


def test_doctor_finds_what_needs_mending(ratecheck, claim_file):
    claim_file()
    well = ratecheck("doctor")
    assert well.code == 0
    assert "ok   torch" in well.out
    claim_file("broken", {"margin=0.25": "margin=0"})
    ill = ratecheck("doctor")
    assert ill.code == 1
    assert "MEND claims: broken.py" in ill.out


def test_calibrate_counts_and_writes(ratecheck, tmp_path):
    done = ratecheck(
        "calibrate", "--cells", "kinds: Agrees, log", "--experiments", "50", "--out", "c.json"
    )
    assert done.code in (0, 1)
    assert "promises are kept" in done.out
    document = json.loads((tmp_path / "c.json").read_text())
    assert document["cells"][0]["experiments"] == 50
    for place in ("c.json/x/d.json", "/proc/d.json", "."):
        unwritable = ratecheck("calibrate", "--out", place)  # all of it: hours, were it not refused
        assert unwritable.code == 2
        assert "name another with --out" in unwritable.err
    missing = ratecheck("calibrate", "--cells", "nothing like it")
    assert missing.code == 2
    assert "no cell matches 'nothing like it'; the groups are" in missing.err


@pytest.mark.parametrize(
    "command",
    ["", "check", "list", "show", "new", "report", "replay", "audit", "calibrate", "doctor"],
)
def test_help_is_light(command):
    code = (
        "import sys; from ratecheck.faces.cli import main\n"
        f"sys.argv = ['ratecheck', *{[command] if command else []!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit as error:\n"
        f"    assert not error.code; print('heavy', sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy []"
    assert "Usage: ratecheck" in done.stdout


def test_listing_is_light(claim_file):
    path = claim_file()
    code = (
        "import sys; from ratecheck.faces.cli import main\n"
        f"sys.argv = ['ratecheck', 'list', {str(path)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('heavy', sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy []"
