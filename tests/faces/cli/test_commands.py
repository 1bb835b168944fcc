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


def test_a_list_may_be_of_a_part(ratecheck, claim_file):
    claim_file()
    claim_file("other", {"risk": "loss"})
    done = ratecheck("list", "-k", "loss")
    assert done.code == 0
    assert "other" in done.out
    assert "half  " not in done.out
    assert "(1 check, 1 falsifier)" in ratecheck("list", "half/mean").out
    done = ratecheck("list", "-k", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "no check or falsifier has 'nowhere' in its name" in done.err


def test_of_many_claims_no_sentence_names_all(ratecheck, claim_file):
    for letter in "abcdefghijklm":
        claim_file(f"claim_{letter}")
    assert "ratecheck list names the 13 that there are" in ratecheck("show", "xyz").err


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["chek"], "there is no command 'chek'; did you mean check?"),
        (["check", "--effrt", "quick"], "--effort"),
        (["check", "--workers", "two"], "'two' is not a valid int"),
        (["fit"], "TABLE"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_could(ratecheck, asked, told):
    done = ratecheck(*asked)
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize(
    ("shell", "place"),
    [("bash", ".bashrc"), ("zsh", ".zshrc"), ("fish", ".config/fish/completions/ratecheck.fish")],
)
def test_completion_is_installed_once(ratecheck, tmp_path, monkeypatch, shell, place):
    monkeypatch.setenv("SHELL", f"/bin/{shell}")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "_RATECHECK_COMPLETE" in ratecheck("--show-completion").out
    for _ in range(2):
        done = ratecheck("--install-completion")
        assert (done.code, done.out) == (
            0, f"Completion for {shell} is in {tmp_path / place}; open a new shell\n"
        )  # fmt: skip
    assert (tmp_path / place).read_text().count("ratecheck)") <= 1
    monkeypatch.setenv("SHELL", "/bin/other")
    assert "there are bash, zsh, fish" in ratecheck("--install-completion").err


def test_commands_claims_and_experiments_are_completed(ratecheck, claim_file, monkeypatch):
    claim_file()
    monkeypatch.setenv("_RATECHECK_COMPLETE", "bash_complete")
    for words, number, known in (
        ("ratecheck che", 1, "plain,check"),
        ("ratecheck check --eff", 2, "plain,--effort"),
        ("ratecheck check ha", 2, "plain,half"),
        ("ratecheck check half/", 2, "plain,half/mean"),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(number))
        assert known in ratecheck("").out.split()


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
    assert "a larger --effort)" in line
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
    whole = (tmp_path / "out" / "index.html").read_bytes()
    part = ratecheck("report", "out", "half/mean", "-k", "risk")
    assert (part.code, part.out) == (0, "Report: out/part.html\n")
    assert (tmp_path / "out" / "index.html").read_bytes() == whole
    (tmp_path / "out").rename(tmp_path / "reports")
    assert "1 of 1 check of a run is shown" in ratecheck("report", "half", "--markdown").out
    assert "no check 'hlf'; did you mean 'half/" in ratecheck("report", "hlf").err
    assert "no check with the words 'nothing'" in ratecheck("report", "-k", "nothing").err
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


def imported(code, *modules):
    """What a program prints, and which of some modules it has imported at its end."""
    code += f"\nimport sys\nprint(sorted({set(modules)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *lines, found = done.stdout.splitlines()
    return lines, found


def commanded(*commands):
    """A program that runs commands."""
    return (
        "import sys; from ratecheck.faces.cli import main\n"
        f"for command in {commands!r}:\n"
        "    sys.argv = ['ratecheck', *command]\n"
        "    try:\n        main()\n    except SystemExit as error:\n"
        "        assert not error.code, command"
    )


def test_help_imports_nothing_but_its_words():
    names = ["check", "list", "show", "new", "report", "replay", "audit", "calibrate", "doctor"]
    helps = [["--help"], *([name, "--help"] for name in names)]
    lines, found = imported(commanded(*helps), *HEAVY, "ratecheck.engine", "ratecheck.claim.claim")
    assert found == "[]"
    assert sum(line.startswith("Usage: ratecheck") for line in lines) == len(helps)


def test_a_fit_loads_what_scipy_copies_of_numpy_only_when_it_is_used(tmp_path):
    table = tmp_path / "errors.csv"
    table.write_text("N,error\n" + "".join(f"{n},{(3 + n % 5) / n}\n" for n in range(8, 40, 3)))
    parts = "numpy.f2py.crackfortran", "numpy.ma.core"
    assert imported(commanded(["fit", str(table)]), *parts)[1] == "[]"
    used = "\nimport numpy; numpy.f2py.get_include(); assert numpy.ma.array(1) == 1"
    assert imported(commanded(["fit", str(table)]) + used, *parts)[1] == str(list(parts))


def test_a_list_of_what_has_loaded_before_draws_no_latex(claim_file, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    program = commanded(["list", str(claim_file())])
    assert imported(program, *HEAVY)[1] == "[]"
    assert imported(program, *HEAVY, "rich", "latex2mathml", "ratecheck.engine.run")[1] == "[]"


def test_a_fit_imports_what_it_computes_with(tmp_path):
    (tmp_path / "t.csv").write_text("n,e\n" + "".join(f"{2**k},{2.0**-k}\n" for k in range(3, 11)))
    program = commanded(["fit", str(tmp_path / "t.csv"), "--formula", "1/n"])
    lines, found = imported(
        program, "torch", "statsmodels", "scipy.stats", "scipy.optimize", "numba", "rich",
        "latex2mathml", "ratecheck.engine", "ratecheck.claim.claim",
    )  # fmt: skip
    assert found == "[]"
    assert any("PASS" in line for line in lines)
