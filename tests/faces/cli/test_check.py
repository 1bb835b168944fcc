"""`ratecheck check`: verdicts, exit codes, what a reader may ask for, and refusals."""

import json

import pytest

CHECK = ("check", "--workers", "0", "--store", "none")


def results(folder):
    return json.loads((folder / "results.json").read_text())


def test_a_true_claim_exits_with_0(ratecheck, claim_file, tmp_path):
    done = ratecheck(*CHECK, claim_file(), "--report", "out")
    assert done.code == 0
    assert "● PASS" in done.out
    assert "The one falsifier is killed" in done.out
    assert results(tmp_path / "out")["summary"]["pass"] == 1
    assert (tmp_path / "out" / "index.html").exists()


@pytest.mark.parametrize(
    ("replace", "code", "shown"),
    [
        ({'"1/n"': '"1/n**2"'}, 1, "◆ FAIL"),
        ({"SHIFT = 0.3": "SHIFT = 0.0"}, 1, "SURVIVED"),
        ({"import torch\n": "import torch\n    1 / 0\n"}, 1, "✕ ERROR"),
        ({"margin=0.25": "margin=0.0"}, 1, "use a positive number"),
        ({"replicates=256": "replicates=16", "margin=0.25": "margin=0.01"}, 3, "○ INCONCLUSIVE"),
    ],
)
def test_exit_codes(ratecheck, claim_file, replace, code, shown):
    done = ratecheck(*CHECK, claim_file(replace=replace))
    assert done.code == code
    assert shown in done.out


def test_a_claim_by_its_name(ratecheck, claim_file):
    claim_file()
    assert "half/mean" in ratecheck(*CHECK, "half").out


def test_what_is_printed_can_be_typed(ratecheck, claim_file, tmp_path):
    claim_file()
    done = ratecheck(*CHECK, "half/mean/risk", "--report", "out")
    assert done.code == 0
    assert results(tmp_path / "out")["override"]["items"] == ["half/mean/risk"]
    assert ratecheck("audit", "out/results.json", "--workers", "0").code == 0
    assert "did you mean half/mean?" in ratecheck(*CHECK, "half/maen").err
    assert ratecheck(*CHECK, "half", "-k", "variance").code == 2
    assert ratecheck("show", "half/mean").code == 0


def test_a_name_comes_before_a_folder_of_that_name(ratecheck, claim_file, tmp_path):
    claim_file()
    assert ratecheck(*CHECK, "half", "--report", "half").code == 0
    assert "half/mean" in ratecheck(*CHECK, "half").out


def test_a_folder_needs_no_folder_of_claims(ratecheck, claim_file, tmp_path, monkeypatch):
    from ratecheck.faces.cli import options

    claim_file().parent.rename(tmp_path / "mine")
    monkeypatch.setattr(options, "_checkout", lambda: tmp_path / "absent")
    assert "half/mean" in ratecheck(*CHECK, "mine").out
    (tmp_path / "trap.py").write_text("raise SystemExit('executed')")
    assert ratecheck("list", "").code == 2


def test_what_the_file_does_not_list_can_be_asked_for(ratecheck, claim_file, tmp_path):
    path = claim_file(replace={
        'free={"sigma": 1.0},': 'cases=[{"bias": 1.0}], free={"sigma": 1.0},',
        "def mean(n, sigma,": "def mean(n, bias, sigma,",
    })  # fmt: skip
    done = ratecheck(
        *CHECK, path, "--report", "out", "--case", "bias=2.5", "--set", "sigma=2", "--points",
        "n=32..512", "--margin", "0.4",
    )  # fmt: skip
    assert done.code == 0
    (check,) = results(tmp_path / "out")["claims"][0]["checks"]
    assert check["case"] == {"bias": 2.5}
    assert check["params"]["sigma"] == 2
    assert [point["x"] for point in check["points"]] == [32, 64, 128, 256, 512]
    assert check["margin"] == 0.4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing_like_it"], "there is no claim 'nothing_like_it'"),
        (["haf"], "did you mean half?"),
        (["half", "--case", "beta"], "--case beta: write name=value"),
        (["half", "--case", "beta=2"], "'beta' is no parameter of these claims"),
        (["half", "--set", "gamma=2"], "'gamma' is no constant of these claims; there are: sigma"),
        (["half", "--points", "n=8..4"], "--points n=8..4: write"),
        (["half", "--points", "m=8..64"], "'m' is no axis of these claims; there are: n"),
        (["half", "--points", "n=16,32"], "give at least 4"),
        (["half", "--margin", "-1"], "use a positive number"),
        (["half", "--effort", "much"], "unknown effort 'much'"),
        (["half", "--device", "cuda:99"], "device 'cuda:99' was asked for"),
        (["half", "--workers", "-2"], "-2 workers"),
        (["half", "--store", "claims/half.py"], "is not a ratecheck store"),
        (["claims/absent.py"], "there is no such claim file"),
        (["--claims", "absent"], "there is no folder absent"),
        (["../absent"], "there is no file or folder ../absent, and a check is named CLAIM/"),
        (["claims/absent"], "there is no file or folder claims/absent"),
        ([""], "there is no claim ''; there are half"),
        ([" "], "there is no claim ' '; there are half"),
        (["empty"], "empty holds no claim file; write one with ratecheck new"),
        (["half", "empty"], "empty holds no claim file"),
        (["half", "--points", "n=8..64", "--points", "n=8..99"], "--points gives 'n' 2 times"),
        (["half", "--set", "sigma=1", "--set", "sigma=2"], "--set gives 'sigma' 2 times"),
        (["half", "--set", "sigma=big"], "--set: sigma must be a number, not 'big'"),
        (["half", "--case", "r=1,r=2"], "--case gives 'r' 2 times; give it once"),
    ],
)
def test_refusals_are_one_sentence(ratecheck, claim_file, tmp_path, arguments, message):
    claim_file()
    (tmp_path / "empty").mkdir()
    store = () if "--store" in arguments else ("--store", "none")
    done = ratecheck("check", "--workers", "0", *store, *arguments)
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_an_unwritable_report_is_refused_before_anything_is_simulated(
    ratecheck, claim_file, tmp_path
):
    (tmp_path / "file").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "calibration.json").write_text("{")
    claim = claim_file(replace={"    import torch\n": "    raise SystemExit('simulated')\n"})
    for folder, problem in (("file/out", "cannot be written"), ("out", "cannot be read")):
        done = ratecheck(*CHECK, claim, "--report", folder)
        assert done.code == 2
        assert problem in done.err
        assert not done.out


def test_a_report_that_fails_late_keeps_the_table(ratecheck, claim_file, tmp_path, monkeypatch):
    from ratecheck.report import publish

    (tmp_path / "file").write_text("")
    monkeypatch.setattr(publish, "require_place", lambda folder: None)
    done = ratecheck(*CHECK, claim_file(), "--report", "file/out")
    assert done.code == 2
    assert "● PASS" in done.out
    assert "cannot be written" in done.err
    assert "another with --report" in done.err


def test_an_interrupted_check_goes_on_from_the_store(ratecheck, claim_file, monkeypatch):
    from ratecheck.report.progress import Progress

    path = claim_file()

    def interrupt(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "__call__", interrupt)
        done = ratecheck("check", "--workers", "0", "--store", "s.sqlite", path)
    assert done.code == 130
    assert "goes on from there" in done.err
    assert ratecheck("check", "--workers", "0", "--store", "s.sqlite", path).code == 0
