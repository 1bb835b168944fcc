"""Replaying a block by its printed name."""

import io
import subprocess
import sys

import numpy as np
import pytest

from ratecheck.after.replay import find, replay
from ratecheck.claim.catalogue import load
from ratecheck.engine.blocks import Numbers, compute
from ratecheck.engine.plan import Override, Settings, plan
from ratecheck.engine.results import CheckResult
from ratecheck.engine.run import Run
from ratecheck.engine.store import Store
from ratecheck.errors import RequestError

SETTINGS = Settings(workers=0, store=None)
BODY = "    error = sigma * (draws.mean(1) - 0.5)\n"
FAILS = (
    BODY + "    helper = n // 16\n    if n == 64:\n        raise ValueError('odd ' + str(helper))\n"
)


def blocks_of(path, settings=SETTINGS, override=None):
    with Run(plan([load(path)], settings, override), settings) as run:
        results = run.all()
        return list(run.blocks()), results


@pytest.mark.parametrize("effort", ["quick", "full"])
def test_every_block_of_a_run_is_found_by_its_name(claim_file, effort):
    path = claim_file(replace={"quick=(16, 256)": "quick=(16, 128), full=(24, 192)",
                               "replicates=256": "replicates=16"})  # fmt: skip
    blocks, _ = blocks_of(path, Settings(workers=0, store=None, effort=effort))
    for block, _ in blocks:
        assert find(block.name, [load(path)], SETTINGS) == block


def test_a_replay_gives_the_stored_numbers(claim_file, tmp_path):
    path, settings = claim_file(), Settings(workers=0, store=tmp_path / "s.sqlite", seed=3)
    block, numbers = blocks_of(path, settings)[0][7]
    again = replay(block.name, [load(path)], settings)
    assert again.numbers.same_as(numbers)
    assert (again.stored, again.message, again.trace) == ("same", "", "")
    other = replay(block.name, [load(path)], Settings(seed=4, store=settings.store))
    assert other.stored == "absent"
    assert not other.numbers.same_as(numbers)


def test_numbers_that_are_not_in_the_store_are_edited_or_unsteady(claim_file, tmp_path):
    """Where two runs differ from each other, they could not be those in the store."""
    settings = Settings(workers=0, store=tmp_path / "s.sqlite")
    own = (  # not where the run itself would notice, at its cheapest point
        "    import numpy as np\n"
        "    sigma = sigma * (np.random.default_rng().uniform(0.9, 1.1) if n > 16 else 1)\n"
    )
    path = claim_file(replace={BODY: own + BODY})
    block, _ = blocks_of(path, settings)[0][-1]
    assert replay(block.name, [load(path)], settings).stored == "unsteady"
    path = claim_file()
    block, numbers = blocks_of(path, settings)[0][0]
    with Store(settings.store) as store:
        edited = {name: 2 * values for name, values in numbers.values.items()}
        store.put(block, Numbers(edited, 0.0))
    assert replay(block.name, [load(path)], settings).stored == "different"


def test_a_failing_block_shows_its_traceback(claim_file):
    path = claim_file(replace={BODY: FAILS})
    result = blocks_of(path)[1][0]
    assert isinstance(result, CheckResult)
    command = result.verdict.replay
    assert command == "ratecheck replay 'half/mean[n=64,sigma=1]#0'"
    again = replay(command.split("'")[1], [load(path)], SETTINGS)
    assert again.numbers is None
    assert again.message == "ValueError: odd 4"
    assert "raise ValueError" in again.trace
    assert "replay.py" not in again.trace


def test_wrong_numbers_have_a_message_and_no_traceback(claim_file):
    path = claim_file(replace={"error**2,": "error**2 - 1,"})
    again = replay("half/mean[n=16,sigma=1]#0", [load(path)], SETTINGS)
    assert "negative" in again.message
    assert again.trace == ""


@pytest.mark.parametrize("raised", ["SystemExit(2)", "KeyboardInterrupt"])
def test_exits_and_interruptions_are_shown_too(claim_file, raised):
    path = claim_file(replace={BODY: BODY + f"    raise {raised}\n"})
    again = replay("half/mean[n=16,sigma=1]#0", [load(path)], SETTINGS)
    assert raised.partition("(")[0] in again.message
    assert f"raise {raised}" in again.trace


def test_a_block_that_was_asked_for_is_found(claim_file):
    """With the override, and without it from the values in the name."""
    path = claim_file()
    override = Override(points={"n": (10, 20, 40, 80)}, constants={"sigma": 2.5})
    block = blocks_of(path, override=override)[0][5][0]
    assert block.name == "half/mean[n=10,sigma=2.5]#5"
    for given in (override, None):
        assert find(block.name, [load(path)], SETTINGS, given) == block


@pytest.mark.parametrize("end", ["half", "half/mean", "half/mean/risk", "check", "falsifier"])
def test_a_check_or_more_stands_for_its_first_block(claim_file, end):
    path = claim_file()
    check, falsifier = plan([load(path)], SETTINGS)[:2]
    name = {"check": check.id, "falsifier": falsifier.id}.get(end, end)
    assert check.id.startswith("half/mean/risk[")
    assert find(name, [load(path)], SETTINGS) == blocks_of(path)[0][0][0]


def test_trajectories_are_found(claim_file):
    path = claim_file("paths", {
        'cost="n",': 'data="trajectories",',
        "def mean(n, sigma, *, replicates, rng):\n":
            "def mean(n, sigma, *, replicates, rng):\n    points, n = n, max(n)\n",
        "draws.mean(1) - 0.5": "torch.stack([draws[:, :k].mean(1) for k in points], 1) - 0.5",
    })  # fmt: skip
    block, numbers = blocks_of(path)[0][1]
    assert block.name == "paths/mean[n=(16|32|64|128|256),sigma=1]#1"
    assert replay(block.name, [load(path)], SETTINGS).numbers.same_as(numbers)
    other = find("paths/mean[n=(10|20|40|80),sigma=1]#0", [load(path)], SETTINGS)
    assert dict(other.params)["n"] == (10, 20, 40, 80)
    assert compute(other).values["risk"].shape == (16, 4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nonsense", "no claim 'nonsense' here"),
        ("half/median", r"names no block; .* such as 'half/mean\[n=256\]#0', or a check"),
        ("hal", "no claim 'hal' here"),
        ("half/mean[n=16]", "names no block"),
        ("half/mean[n=16]#x", "names no block"),
        ("other/mean[n=16,sigma=1]#0", "no claim 'other' here; .* --claims FOLDER"),
        ("half/mean[n=16,sigma=1]#9999", r"the last of a point is #\d+"),
        ("half/mean[n=65,sigma=1]#9999", r"the last of a point is #\d+"),
        ("half/median[n=16,sigma=1]#0", "it has mean"),
        ("half/mean[n=16]#0", "has the parameters n, sigma"),
        ("half/mean[n=many,sigma=1]#0", "'many' is no value of 'n'"),
        ("half/mean[n=16,sigma=1,../../x=2]#0", "has the parameters"),
    ],
)
def test_a_name_of_nothing_is_one_sentence(claim_file, name, message):
    with pytest.raises(RequestError, match=message) as caught:
        find(name, [load(claim_file())], SETTINGS)
    assert "\n" not in str(caught.value)


def test_a_claim_elsewhere_is_told_how_to_be_found(claim_file, monkeypatch):
    from ratecheck.faces.cli.replay import _entries

    folder = claim_file().parent
    monkeypatch.chdir(folder.parent)
    assert [entry.id for entry in _entries("half", None)] == ["half"]
    with pytest.raises(RequestError, match=r"no claim 'other'; .* with --claims FOLDER"):
        _entries("other", None)
    with pytest.raises(RequestError, match=r"no folder elsewhere; name one with --claims$"):
        _entries("half", folder.parent.joinpath("elsewhere").relative_to(folder.parent))


def debugged(monkeypatch, capsys, path, typed):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    again = replay("half/mean[n=64,sigma=1]#0", [load(path)], SETTINGS, debug=True)
    return again, capsys.readouterr().out


def test_the_debugger_opens_where_it_failed(claim_file, monkeypatch, capsys):
    path = claim_file(replace={BODY: FAILS})
    again, out = debugged(monkeypatch, capsys, path, "p helper * 100\nq\n")
    assert "400" in out
    assert again.message == "ValueError: odd 4"


def test_the_debugger_opens_at_the_first_line_of_a_sound_simulation(
    claim_file, monkeypatch, capsys
):
    again, out = debugged(monkeypatch, capsys, claim_file(), "p n + 1000\nc\n")
    assert "1064" in out
    assert again.message == ""
    assert np.isfinite(again.numbers.values["risk"]).all()


def test_a_crash_in_compiled_code_shows_where_it_was(claim_file):
    crash = BODY + "    import ctypes\n    ctypes.string_at(0)\n"
    path = claim_file(replace={BODY: crash})
    script = (
        "from ratecheck.claim.catalogue import load; from ratecheck.engine.plan import Settings\n"
        "from ratecheck.after.replay import replay; import sys\n"
        "replay('half/mean[n=16,sigma=1]#0', [load(sys.argv[1])], Settings(store=None))"
    )
    run = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True)
    assert run.returncode == -11
    assert "half.py" in run.stderr
    assert "in mean" in run.stderr
