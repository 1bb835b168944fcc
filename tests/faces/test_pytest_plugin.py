"""`pytest claims`: items, outcomes, options, and what a broken file or a broken place does."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from ratecheck.engine.store import Store
from tests import preloaded
from tests.conftest import CLAIM

HEAVY = {"torch", "statsmodels", "scipy.stats", "scipy", "numpy", "sympy", "numba", "matplotlib"}
UNDECIDED = CLAIM.replace("replicates=256", "replicates=16").replace("margin=0.25", "margin=0.05")
TWO_AXES = CLAIM.replace(
    'Axis.geometric("n", quick=(16, 256)),\n    free={"sigma": 1.0},',
    'axis=[Axis.geometric("sigma", quick=(1, 8), at={"n": 16}),'
    ' Axis.geometric("n", quick=(16, 256), at={"sigma": 1.0})],',
).replace('"1/n"', '"sigma**2/n"')
FILES = {
    "bad": CLAIM.replace("margin=0.25", "margin=-1"),
    "crash": CLAIM.replace("    import torch\n", "    import torch\n    assert n < 64, 'big'\n"),
    "half": CLAIM,
    "two_axes": TWO_AXES,
    "undecided": CLAIM.replace('"1/n"', '"1/n**2"').replace("shifted(error)}", "error**4}"),
    "wide": UNDECIDED,
    "wrong": CLAIM.replace('"1/n"', '"1/n**2"'),
}
# with two workers of pytest-xdist, whose parts are put together, when thorough
HOW = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "2"], id="xdist", marks=pytest.mark.slow),
]
KINDS = ("bad", "crash", "half", "wide", "wrong")


def alone(command, cwd, env):
    """The same in a process that has nothing loaded."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=cwd, timeout=600,
        env={**environment, **env},
    )  # fmt: skip


def run_pytest(folder, files, *arguments, target="claims", fresh=False):
    """Run pytest on claim files in a process of its own; the exit code and all that it printed."""
    (folder / "claims").mkdir(exist_ok=True)
    for name in files:
        (folder / "claims" / f"{name}.py").write_text(FILES[name])
    command = ["pytest", target, "--workers", "0", *arguments]
    done = (alone if fresh else preloaded.run)(
        command, folder, {"NO_COLOR": "1", "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    )
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    return done.returncode, text


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """One session over a claim of every kind: its folder, exit code and text."""
    folder = tmp_path_factory.mktemp("everything")
    options = ("-v", "--report", "out", "--junitxml", "out.xml", "--store", "none", "--seed", "5")
    return folder, *run_pytest(folder, KINDS, *options)


def outcome(case):
    """That of a test of a junit file: on the screen a line of progress may come between."""
    if case.find("failure") is not None:
        return "FAILED"
    return "INCONCLUSIVE" if case.find("skipped") is not None else "PASSED"


def test_each_check_and_each_falsifier_is_an_item(everything):
    folder, code, text = everything
    assert code == 1
    outcomes = {
        f"{case.get('classname').removeprefix('claims.')}.py::{case.get('name')}": outcome(case)
        for case in ET.parse(folder / "out.xml").iter("testcase")
    }
    assert outcomes == {
        "bad.py::load": "FAILED",
        "crash.py::mean/risk[n]": "FAILED",
        "crash.py::mean/falsifier-risk-a-biased-mean[n]": "FAILED",
        "half.py::mean/risk[n]": "PASSED",
        "half.py::mean/falsifier-risk-a-biased-mean[n]": "PASSED",
        "wide.py::mean/risk[n]": "INCONCLUSIVE",
        "wide.py::mean/falsifier-risk-a-biased-mean[n]": "PASSED",
        "wrong.py::mean/risk[n]": "FAILED",
        "wrong.py::mean/falsifier-risk-a-biased-mean[n]": "PASSED",
    }
    assert "4 failed, 4 passed, 1 inconclusive" in text.splitlines()[-1]


def test_failures_are_sentences(everything):
    _, _, text = everything
    assert "bad.py, experiment mean: checks[0].margin: is -1; use a positive number" in text
    assert "FAIL: Exponent" in text
    assert "The interval lies outside the margin" in text
    assert "To see it again: ratecheck replay 'crash/mean[n=" in text


def test_the_table_of_verdicts_is_printed(everything):
    table = everything[2].split("verdicts")[1]
    for shown in ("● PASS", "◆ FAIL", "○ INCONCLUSIVE", "✕ ERROR", "1 claim file did not load"):
        assert shown in table


def test_junit_carries_the_numbers(everything):
    cases = ET.parse(everything[0] / "out.xml").iter("testcase")
    case = next(c for c in cases if c.get("classname") == "claims.half")
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties["outcome"] == "PASS"
    assert float(properties["measured"]) == pytest.approx(-1, abs=0.25)


def test_the_report_is_written_and_describes_the_run(everything):
    folder, _, text = everything
    assert "Report: out/index.html" in text
    document = json.loads((folder / "out" / "results.json").read_text())
    assert (document["seed"], document["effort"]) == (5, "quick")
    assert document["summary"]["pass"] == 1
    assert document["errors"][0]["message"].startswith("bad.py")
    assert "<html" in (folder / "out" / "index.html").read_text()


@pytest.mark.slow
def test_two_xdist_workers_report_like_one(everything, tmp_path):
    """And their controller executes no file that is no claim."""
    folder, _, _ = everything
    (tmp_path / "script.py").write_text("open('executed', 'w').close()\n1 / 0\n")
    options = ("--report", "out", "--store", "none", "--seed", "5", "-n", "2")
    ignored = ("--ignore", "claims/two_axes.py")
    code, text = run_pytest(tmp_path, [*KINDS, "two_axes"], *options, *ignored, target=".")
    assert code == 1
    assert not (tmp_path / "executed").exists()
    assert "4 failed, 4 passed, 1 inconclusive" in text.splitlines()[-1]
    documents = [
        json.loads((place / "out" / "results.json").read_text()) for place in (folder, tmp_path)
    ]
    for document in documents:
        del document["provenance"], document["certificate"]["seals"]
        for claim in document["claims"]:
            for row in claim["checks"] + claim["falsifiers"]:
                del row["seconds"]
    assert documents[0] == documents[1]


@pytest.mark.parametrize("how", HOW)
def test_the_report_of_a_session_can_be_audited(tmp_path, how):
    """With one worker and with two of pytest-xdist, whose parts are put together."""
    whole, found = audited(tmp_path, ["wrong", "two_axes"], *how)
    assert whole["certificate"]["selection"] == "whole"
    assert (found.differences, found.notes) == ((), ())
    assert found.items == 6


def audited(folder, files, *arguments):
    """The results of a session over claim files, and what an audit finds."""
    from ratecheck.after.audit import audit
    from ratecheck.claim.catalogue import load_all

    run_pytest(folder, files, "--report", "out", "--store", "s", *arguments)
    whole = json.loads((folder / "out" / "results.json").read_text())
    entries, failures = load_all([folder / "claims"])
    return whole, audit(whole, entries, failures, store=folder / "s", workers=0)


def test_a_session_that_takes_the_failed_first_can_be_audited(tmp_path):
    cache = tmp_path / ".pytest_cache" / "v" / "cache" / "lastfailed"
    cache.parent.mkdir(parents=True)
    cache.write_text(json.dumps({"claims/two_axes.py::mean/falsifier-risk-a-biased-mean[n]": True}))
    whole, found = audited(tmp_path, ["two_axes", "wrong"], "--ff")
    assert (found.differences, found.notes) == ((), ())
    ids = [row["id"] for claim in whole["claims"] for row in claim["falsifiers"]]
    assert ids[0] == "two_axes/mean/falsifier-risk-a-biased-mean[sigma]"


@pytest.mark.parametrize("how", HOW)
def test_a_selection_can_be_audited(tmp_path, how):
    whole, found = audited(tmp_path, ["half", "undecided"], "-k", "half and not falsifier", *how)
    assert whole["certificate"]["selection"] == "part"
    assert (found.differences, found.items) == ((), 1)
    assert found.notes == (
        "claims[half]: only a part was judged, not half/mean/falsifier-risk-a-biased-mean[n]",
        "claims[undecided]: is listed, but nothing of it was judged",
    )


def test_a_session_that_stops_on_the_way_can_be_audited(tmp_path):
    """The check fails while its falsifier, on the same data, still asks for more."""
    whole, found = audited(tmp_path, ["undecided"], "-x")
    falsifier = "undecided/mean/falsifier-risk-a-biased-mean[n]"
    assert whole["certificate"]["unjudged"] == [falsifier]
    assert whole["certificate"]["series"] == []
    assert (found.differences, found.items) == ((), 1)
    assert found.notes == (f"claims[undecided]: only a part was judged, not {falsifier}",)


def test_a_second_claim_of_one_name_fails_and_is_not_judged_by_the_first(tmp_path):
    for folder, text in (("a", CLAIM), ("b", FILES["wrong"])):
        (tmp_path / "claims" / folder).mkdir(parents=True)
        (tmp_path / "claims" / folder / "half.py").write_text(text)
    options = ("claims/a/half.py", "--keep-duplicates", "--report", "out")
    code, text = run_pytest(tmp_path, [], *options)
    assert code == 1
    assert "half.py: file: has the same name as a/half.py; rename one of them" in text
    document = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [claim["file"] for claim in document["claims"]] == ["claims/a/half.py"]
    assert [error["file"] for error in document["errors"]] == ["claims/b/half.py"]


def test_inconclusive_fails_only_when_asked(tmp_path):
    assert run_pytest(tmp_path, ["wide"], "-k", "risk")[0] == 0
    code, text = run_pytest(tmp_path, ["wide"], "-k", "risk", "--strict-verdicts")
    assert code == 1
    assert "INCONCLUSIVE: Exponent" in text


def test_selection_simulates_only_what_is_selected(tmp_path):
    def stored():
        with Store(tmp_path / "s.sqlite") as store:
            return store.count()

    chosen = "claims/half.py::mean/risk[n]"
    assert "1 passed" in run_pytest(tmp_path, ["half", "wide"], "--store", "s.sqlite",
                                    target=chosen)[1]  # fmt: skip
    alone = stored()
    _, text = run_pytest(tmp_path, ["half", "wide"], "-k", "wide", "--store", "s.sqlite")
    assert "1 passed, 2 deselected, 1 inconclusive" in text
    assert stored() > alone > 0


def test_first_failure_stops_and_last_failed_repeats(tmp_path):
    _, text = run_pytest(tmp_path, ["half", "wrong"], "-x", "-k", "wrong")
    assert "1 failed, 2 deselected" in text
    _, text = run_pytest(tmp_path, ["half", "wrong"], "--lf")
    assert "1 failed" in text
    assert "passed" not in text.splitlines()[-1]


def test_an_unwritable_report_is_one_sentence_and_an_exit_code(tmp_path):
    (tmp_path / "file").write_text("")
    code, text = run_pytest(tmp_path, ["half"], "--report", "file/out")
    assert code == 4
    assert "No report: file/out/results.json cannot be written" in text
    assert "2 passed" in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--effort", "silly"], 4, "unknown effort 'silly'"),
        (["--seed", "-1"], 4, "the seed -1 is not a whole number"),
        (["--device", "abacus"], 1, "unknown device 'abacus'"),
        (["--store", "claims"], 4, "--store claims: is a folder; name a file in it"),
        (["--executor", "rays"], 4, "there is no executor 'rays'; choose dask, processes, serial"),
        (["--executor", "processes"], 4, "the executor processes needs workers, and none"),
        (["--store", "claims/half.py"], 1, "is not a ratecheck store"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_sentence(tmp_path, arguments, code, message):
    returned, text = run_pytest(tmp_path, ["half"], *arguments)
    assert returned == code
    assert message in text


CONFTEST = """
from ratecheck.engine.executors import Serial, register

register("mine", lambda workers: print("opened with", workers) or Serial())
"""


def test_a_conftest_registers_an_executor(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    code, text = run_pytest(tmp_path, ["half"], "-s", "--executor", "mine", "--workers", "3")
    assert code == 0, text
    assert "opened with 3" in text


def test_collection_is_light_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_unconfigure():\n"
        f"    print('heavy:', sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "helper.py").write_text("from ratecheck import lab\n1 / 0\n")
    # what the test suite itself plugs in imports numpy
    others = [f"-pno:{name}" for name in ("benchmark", "hypothesispytest", "cov")]
    _, text = run_pytest(tmp_path, ["half"], "--collect-only", "-q", *others, fresh=True)
    assert "claims/half.py::mean/risk[n]" in text
    assert "2 tests collected" in text
    assert "heavy: []" in text


def test_a_named_file_without_a_claim_is_an_error_unless_it_holds_tests(tmp_path):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "empty.py").write_text("from ratecheck import Rate\n")
    code, text = run_pytest(tmp_path, [], target="claims/empty.py")
    assert code == 1
    assert "empty.py: claim: is not declared; write claim = Claim(" in text
    (tmp_path / "claims" / "bench.py").write_text("import ratecheck\ndef test_a(): pass\n")
    code, text = run_pytest(tmp_path, [], target="claims/bench.py")
    assert (code, text.splitlines()[-1].split(" in ")[0].strip("= ")) == (0, "1 passed")


def test_a_case_that_no_file_lists_is_asked_of_the_claims_that_take_it(tmp_path):
    in_cases = ('free={"sigma": 1.0},', 'cases=[{"sigma": 1.0}], ranges={"sigma": "sigma > 0"},')
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "taking.py").write_text(CLAIM.replace(*in_cases))
    options = ("--store", "none", "--report", "out", "-q")
    code, _ = run_pytest(tmp_path, ["wrong"], *options, "--case", "sigma=2")
    whole = json.loads((tmp_path / "out" / "results.json").read_text())
    assert code == 0
    assert whole["override"]["case"] == {"sigma": 2}
    assert {check["id"] for claim in whole["claims"] for check in claim["checks"]} == {
        "taking/mean/risk[n][sigma=2]"
    }
    for case, said in (("sigma=-1", "sigma: -1 is not in the range sigma > 0"),
                       ("tau=1", "'tau' is no parameter of these claims")):  # fmt: skip
        code, text = run_pytest(tmp_path, [], *options, "--case", case)
        assert code == 4
        assert said in text
