"""The run: the same verdicts whatever happens on the way to them."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ratecheck.claim.catalogue import load, load_all
from ratecheck.engine import run as run_module
from ratecheck.engine.blocks import numbers_of
from ratecheck.engine.plan import Override, Settings, plan
from ratecheck.engine.results import CheckResult, FalsifierResult
from ratecheck.engine.run import Run
from ratecheck.engine.sampling import failed
from ratecheck.engine.store import Store
from ratecheck.engine.worker import Failure
from ratecheck.errors import RequestError, StoreError
from tests.engine.test_blocks import block_of

pytestmark = pytest.mark.timeout(600)
SETTINGS = Settings(workers=0, store=None)


def judged(path, settings=SETTINGS, override=None):
    items = plan([load(path)], settings, override)
    with Run(items, settings) as run:
        return run.all(), run


def answers(results):
    return [
        r.verdict if isinstance(r, CheckResult) else r.kill
        for r in results
    ]  # fmt: skip


def simulated(monkeypatch):
    """Count the blocks that are really computed in this process."""
    from ratecheck.engine.executors import serial

    seen, original = [], serial.attempt

    def counting(block, timed):
        seen.append(block.name)
        return original(block, timed)

    monkeypatch.setattr(serial, "attempt", counting)
    return seen


@pytest.mark.parametrize(
    "own",
    ["sigma *= np.random.default_rng().uniform(0.9, 1.1)", "import time; sigma *= time.time()",
     "CALLS.append(n); sigma *= 1 + len(CALLS)"],
)  # fmt: skip
def test_randomness_of_its_own_is_an_error(claim_file, own):
    def with_own(more):
        return {
            "SHIFT = 0.3": "SHIFT, CALLS = 0.3, []",
            "import torch\n": f"import numpy as np, torch\n    {more}\n",
        }

    path = claim_file(replace=with_own(own))
    for result in judged(path)[0][:1]:
        assert result.verdict.outcome == "ERROR"
        assert "let all its randomness come from rng" in result.verdict.sentence


def test_what_reads_a_clock_and_says_so_is_simulated_once(claim_file):
    own = {
        "import torch\n": "import torch, time; sigma *= 1 + 1e-9 * time.perf_counter()\n",
        "replicates=256,": "replicates=256, replay=False,",
    }
    assert judged(claim_file(replace=own))[0][0].verdict.outcome == "PASS"


def test_a_true_claim_passes_and_its_falsifier_is_killed(claim_file):
    (check, falsifier), run = judged(claim_file())
    assert check.verdict.outcome == "PASS"
    assert check.verdict.measured == pytest.approx(-1, abs=0.25)
    low, high = check.verdict.interval
    assert low < check.verdict.measured < high
    assert check.verdict.predicted == pytest.approx(-1)
    assert isinstance(falsifier, FalsifierResult)
    assert falsifier.kill.outcome == "KILLED"
    assert run.status()[0].blocks_done == run.status()[0].blocks_planned


def test_a_wrong_claim_fails(claim_file):
    (check, _), _ = judged(claim_file(replace={'"1/n"': '"1/n**2"'}))
    assert check.verdict.outcome == "FAIL"
    assert check.verdict.reason == "outside the margin"


def test_a_falsifier_that_is_right_survives(claim_file):
    (_, falsifier), _ = judged(claim_file(replace={"SHIFT = 0.3": "SHIFT = 0.0"}))
    assert falsifier.kill.outcome == "SURVIVED"


def test_processes_serial_store_and_memory_agree(claim_file, tmp_path):
    path = claim_file()
    expected = answers(judged(path)[0])
    store = tmp_path / "s.sqlite"
    for settings in (
        Settings(workers=2, store=store),
        Settings(workers=0, store=store),
        Settings(workers=0, store=tmp_path / "t.sqlite"),
    ):
        assert answers(judged(path, settings)[0]) == expected


def test_an_unchanged_claim_is_judged_from_the_store(claim_file, tmp_path, monkeypatch):
    settings = Settings(workers=0, store=tmp_path / "s.sqlite")
    first, _ = judged(claim_file(), settings)
    seen = simulated(monkeypatch)
    again, _ = judged(claim_file(), settings)
    assert answers(again) == answers(first)
    edited = claim_file(replace={"margin=0.25": "margin=0.3", "squared error 1/n": "another title"})
    (check, _), _ = judged(edited, settings)
    assert check.verdict.margin == 0.3
    assert seen == []


def test_a_changed_simulation_is_simulated_again(claim_file, tmp_path, monkeypatch):
    settings = Settings(workers=0, store=tmp_path / "s.sqlite")
    first, run = judged(claim_file(), settings)
    seen = simulated(monkeypatch)
    again, _ = judged(claim_file(replace={"SHIFT = 0.3": "SHIFT = 0.4"}), settings)
    assert len(seen) == run.status()[0].blocks_done
    assert answers(again)[1] != answers(first)[1]


def test_an_interrupted_run_continues_where_it_stopped(claim_file, tmp_path, monkeypatch):
    path, settings = claim_file(), Settings(workers=0, store=tmp_path / "s.sqlite")
    expected = answers(judged(path)[0])
    items = plan([load(path)], settings)
    done = []

    def interrupt():
        done.append(1)
        if len(done) == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Run(items, settings, interrupt) as run:
        run.all()
    seen = simulated(monkeypatch)
    results, rerun = judged(path, settings)
    assert answers(results) == expected
    assert len(seen) == rerun.status()[0].blocks_done - 7


def test_numbers_of_an_edited_helper_are_not_stored(claim_file, tmp_path, monkeypatch):
    """Edited between the plan and its first import, as by a worker that starts late."""
    import_help = "    import torch\n    import late_help\n"
    path = claim_file(replace={"    import torch\n": import_help})
    helper = path.with_name("late_help.py")
    monkeypatch.syspath_prepend(str(path.parent))
    settings = Settings(workers=1, store=tmp_path / "s.sqlite")
    helper.write_text("A = 1\n")
    with Run(plan([load(path)], settings), settings) as run:
        helper.write_text("A = 20\n")
        check, _ = run.all()
    assert check.verdict.outcome == "ERROR"
    assert "half.py uses changed while it was being simulated" in check.verdict.sentence
    assert list(run.blocks()) == []
    helper.write_text("A = 1\n")
    assert judged(path, settings)[0][0].verdict.outcome == "PASS"


@pytest.mark.parametrize("during", ["a block", "progress"])
def test_an_interrupted_run_can_be_asked_again(claim_file, monkeypatch, during):
    path, done = claim_file(), []
    expected = answers(judged(path)[0])

    def interrupt(*_):
        done.append(1)
        if len(done) == 4:
            raise KeyboardInterrupt

    def checking(*given):
        interrupt()
        return numbers_of(*given)

    if during == "a block":
        monkeypatch.setattr("ratecheck.engine.blocks.numbers_of", checking)
    after = interrupt if during == "progress" else None
    with Run(plan([load(path)], SETTINGS), SETTINGS, after) as run:
        with pytest.raises(KeyboardInterrupt):
            run.all()
        assert answers(run.all()) == expected


def test_a_run_whose_blocks_are_lost_does_not_wait_for_ever(claim_file, monkeypatch):
    monkeypatch.setattr("ratecheck.engine.executors.Serial.wait", lambda self: [])
    with pytest.raises(RequestError, match="start the run again"):
        judged(claim_file())


def test_a_series_that_failed_is_not_simulated_to_its_end(claim_file, monkeypatch):
    seen = simulated(monkeypatch)
    bad = claim_file("bad", {"    import torch\n": "    raise ValueError\n"})
    with Run(plan([load(bad), load(claim_file("good"))], SETTINGS), SETTINGS) as run:
        outcomes = [r.answer.outcome for r in run.all()]
    assert outcomes == ["ERROR", "ERROR", "PASS", "KILLED"]
    assert sum(name.startswith("bad/") for name in seen) == 1


def test_another_seed_gives_other_numbers_and_the_same_answer(claim_file):
    path = claim_file()
    first, _ = judged(path)
    second, _ = judged(path, replace(SETTINGS, seed=1))
    assert first[0].verdict.measured != second[0].verdict.measured
    assert first[0].verdict.outcome == second[0].verdict.outcome == "PASS"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("{**out, 'risk': out['risk'] * float('nan')}", "NaN"),
        ("{**out, 'risk': -out['risk']}", "negative"),
        ("{**out, 'risk': out['risk'][:3]}", "shape"),
        ("1 / 0", "ZeroDivisionError"),
        ("{'other': out['risk']}", "no quantity 'risk'"),
    ],
)
def test_a_failing_simulation_is_an_error_of_its_own(claim_file, tmp_path, broken, message):
    claim_file("good")
    claim_file("bad", {
        '    return {"risk": error**2, "biased": shifted(error)}':
        f'    out = {{"risk": error**2, "biased": shifted(error)}}\n    return {broken}',
    })  # fmt: skip
    entries, failures = load_all([tmp_path / "claims"])
    assert not failures
    with Run(plan(entries, SETTINGS), SETTINGS) as run:
        results = {r.item.id: r for r in run.all()}
    bad = results["bad/mean/risk[n]"].verdict
    assert bad.outcome == "ERROR"
    assert message in bad.sentence
    assert "\n" not in bad.sentence
    assert results["good/mean/risk[n]"].verdict.outcome == "PASS"
    if "no quantity" not in message:
        assert bad.replay.startswith("ratecheck replay 'bad/mean[n=")
        assert results["bad/mean/falsifier-risk-a-biased-mean[n]"].kill.outcome == "ERROR"


def test_a_run_that_was_stopped_does_not_stop_another(claim_file, tmp_path, monkeypatch):
    """What it has under way for longer than a block may take is computed here."""
    settings = replace(SETTINGS, store=tmp_path / "s.sqlite")
    seen, waits = simulated(monkeypatch), []
    monkeypatch.setattr(run_module, "time_limit", lambda block: 0.0 if len(waits) > 2 else 3600.0)
    monkeypatch.setattr(run_module.time, "sleep", waits.append)
    with Store(settings.store) as store, Run(plan([load(claim_file())], settings), settings) as run:
        stopped = store.shared()
        theirs = [block for sampling in run.samplings for block in sampling.at(0)]
        assert stopped.take([block.digest for block in theirs])
        found = [one.answer.outcome for one in run.all()]
        stopped.close()
    assert found == ["PASS", "KILLED"]
    assert waits, "what is under way elsewhere is waited for first"
    assert {block.name for block in theirs} <= set(seen)


def test_a_quantity_that_some_points_lack_is_missing(claim_file):
    lacks = {'    return {"risk"': '    if n == 64:\n        return {"biased": shifted(error)}\n'
             '    return {"risk"'}  # fmt: skip
    (check, falsifier), _ = judged(claim_file(replace=lacks))
    assert check.verdict.outcome == "ERROR"
    assert "no quantity 'risk'" in check.verdict.sentence
    assert falsifier.kill.outcome == "KILLED"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fixed", [False, True])
def test_numbers_that_cannot_be_judged_cost_their_own_item(claim_file, fixed):
    huge = claim_file(replace={'"risk": error**2': '"risk": error**2 + 1e308'})
    (check, falsifier), _ = judged(huge, replace(SETTINGS, fixed=fixed))
    assert check.verdict.outcome == "ERROR"
    assert check.verdict.sentence.startswith("The numbers cannot be judged (ValueError: ")
    assert falsifier.kill.outcome == "KILLED"


def test_a_helper_that_does_not_parse_costs_its_own_claim(claim_file, monkeypatch):
    claim_file("good")
    path = claim_file("bad", {"    import torch\n": "    import torch\n    import odd_help\n"})
    path.with_name("odd_help.py").write_text("A = (\n")
    monkeypatch.syspath_prepend(str(path.parent))
    entries = [load(path.with_name(f"{name}.py")) for name in ("bad", "good")]
    with Run(plan(entries, SETTINGS), SETTINGS) as run:
        outcomes = {r.item.id: r.answer.outcome for r in run.all()}
    assert outcomes["bad/mean/risk[n]"] == "ERROR"
    assert outcomes["good/mean/risk[n]"] == "PASS"


def test_an_error_at_one_point_does_not_touch_another_axis_or_claim(claim_file):
    path = claim_file(
        replace={
            'Axis.geometric("n", quick=(16, 256)),\n    free={"sigma": 1.0},':
                'axis=[Axis.geometric("n", quick=(16, 256), at={"sigma": 1.0}),'
                ' Axis.geometric("sigma", quick=(1, 8), at={"n": 16})],',
            '"1/n"': '"sigma**2/n"',
            "    import torch\n": "    import torch\n    assert n != 64\n",
        }
    )  # fmt: skip
    results, _ = judged(path)
    outcomes = {r.item.id: r.verdict.outcome for r in results if isinstance(r, CheckResult)}
    assert outcomes == {"half/mean/risk[n]": "ERROR", "half/mean/risk[sigma]": "PASS"}


def test_a_full_disk_loses_nothing(claim_file, tmp_path, monkeypatch):
    puts = []

    def full(self, block, numbers):
        puts.append(block)
        raise StoreError("s.sqlite: a block could not be stored (database or disk is full)")

    monkeypatch.setattr(Store, "put", full)
    results, run = judged(claim_file(), Settings(workers=0, store=tmp_path / "s.sqlite"))
    assert answers(results) == answers(judged(claim_file())[0])
    assert len(puts) == 1
    assert "disk is full" in run.notes[0]
    assert "not stored" in run.notes[0]


def test_an_override_asks_for_what_the_file_does_not_list(claim_file):
    path = claim_file()
    override = Override(points={"n": (10, 20, 40, 80, 160)}, margin=0.4, constants={"sigma": 2.0})
    (check, _), _ = judged(path, override=override)
    assert [p.x for p in check.verdict.points] == [10, 20, 40, 80, 160]
    assert check.verdict.margin == 0.4
    assert check.verdict.points[0].mean == pytest.approx(4 / 12 / 10, rel=0.5)
    assert check.verdict.outcome == "PASS"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (Override(constants={"tau": 1.0}), "'tau' is no constant"),
        (Override(case={"r": 1.0}), "'r' is no parameter"),
        (Override(points={"m": (1, 2, 3, 4)}), "'m' is no axis"),
        (Override(points={"n": (1, 2, 3)}), "at least 4"),
        (Override(margin=-1.0), "positive"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused(claim_file, override, message):
    with pytest.raises(RequestError, match=message):
        plan([load(claim_file())], SETTINGS, override)


def test_points_that_two_axes_share_are_simulated_once(claim_file, monkeypatch):
    path = claim_file(
        replace={
            'Axis.geometric("n", quick=(16, 256)),\n    free={"sigma": 1.0},':
                'axis=[Axis.geometric("n", quick=(16, 256), at={"sigma": 2}),'
                ' Axis.geometric("sigma", quick=(1, 8), at={"n": 16})],',
            '"1/n"': '"sigma**2/n"',
        }
    )  # fmt: skip
    seen = simulated(monkeypatch)
    judged(path, replace(SETTINGS, fixed=True))
    assert len(seen) == len(set(seen)) == (5 + 4 - 1) * 16


def test_settings_are_checked():
    for changes, message in (
        ({"effort": "slow"}, "unknown effort"),
        ({"seed": -1}, "seed"),
        ({"workers": -1}, "workers"),
        *(({"timeout": t}, "--block-timeout") for t in (-5.0, 0.0, 1e30, math.nan, math.inf)),
    ):
        with pytest.raises(RequestError, match=message):
            Settings(**changes)
    for device in ("cuda", "cuda:99", "tpu"):
        with pytest.raises(RequestError, match=r"--device cpu|use cpu"):
            run_module.require_device(device)


def test_workers_are_counted_where_affinity_is_unknown(monkeypatch):
    """As on macOS."""
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert run_module.worker_count(Settings()) == 3
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert run_module.worker_count(Settings()) == 1


def test_ids_read_well(claim_file):
    path = claim_file(
        replace={
            '    free={"sigma": 1.0},': '    cases=[{"sigma": 1.0}, {"sigma": 2.0}],',
        }
    )
    assert [item.id for item in plan([load(path)], SETTINGS)] == [
        "half/mean/risk[n][sigma=1]",
        "half/mean/falsifier-risk-a-biased-mean[n][sigma=1]",
        "half/mean/risk[n][sigma=2]",
        "half/mean/falsifier-risk-a-biased-mean[n][sigma=2]",
    ]


def test_exact_values_and_trajectories_are_judged(claim_file):
    exact = claim_file("exact", {
        "def mean(n, sigma, *, replicates, rng):": "def mean(n, sigma):",
        'cost="n",': 'data="exact",',
        "draws = torch.rand(replicates, n, generator=rng, device=rng.device, dtype=torch.float64)":
            "pass",
        "error = sigma * (draws.mean(1) - 0.5)": "error = (1 / n) ** 0.5",
    })  # fmt: skip
    (check, falsifier), _ = judged(exact)
    assert check.verdict.outcome == "PASS"
    assert check.verdict.measured == pytest.approx(-1)
    assert falsifier.kill.outcome == "KILLED"
    paths = claim_file("paths", {
        'cost="n",': 'data="trajectories",',
        "def mean(n, sigma, *, replicates, rng):\n":
            "def mean(n, sigma, *, replicates, rng):\n    points, n = n, max(n)\n",
        "draws.mean(1) - 0.5": "torch.stack([draws[:, :k].mean(1) for k in points], 1) - 0.5",
    })  # fmt: skip
    (check, falsifier), _ = judged(paths)
    assert check.verdict.outcome in ("PASS", "INCONCLUSIVE")
    assert check.verdict.measured == pytest.approx(-1, abs=0.4)
    assert np.isfinite([p.mean for p in check.verdict.points]).all()
    assert falsifier.kill.outcome == "KILLED"


SLOW = {"margin=0.25": "margin=0.12", "replicates=256": "replicates=1024"}


def test_a_run_stops_when_all_is_decided(claim_file):
    (check, falsifier), run = judged(claim_file(replace=SLOW))
    assert check.verdict.outcome == "PASS"
    assert falsifier.kill.outcome == "KILLED"
    looks = check.verdict.looks
    assert 2 <= len(looks) <= 12
    assert looks[0].replicates == 5 * 16
    assert [look.work for look in looks] == sorted({look.work for look in looks})
    for before, after in pairwise(looks):
        assert after.work <= 1.5 * before.work + 16 * (16 + 32 + 64 + 128 + 256)
    assert looks[-1].interval == check.verdict.interval
    assert check.replicates == looks[-1].replicates < 5 * 1024
    assert falsifier.replicates <= check.replicates  # each is frozen at its own first decision
    assert run.status()[0].blocks_done == check.replicates // 16


def test_replicates_are_fewer_where_they_are_dear(claim_file):
    (check, _), _ = judged(claim_file(replace=SLOW))
    points = {p.x: p.replicates for p in check.verdict.points}
    assert points[16] > points[256] >= 16
    assert all(count % 16 == 0 for count in points.values())


def test_a_fixed_design_takes_everything_at_once(claim_file):
    (check, _), _ = judged(claim_file(replace=SLOW), replace(SETTINGS, fixed=True))
    assert {p.replicates for p in check.verdict.points} == {1024}
    assert check.verdict.looks == ()


@pytest.mark.parametrize(
    "stop", [9, pytest.param(3, marks=pytest.mark.slow), pytest.param(20, marks=pytest.mark.slow)]
)
def test_a_sequential_run_does_not_depend_on_its_way(claim_file, tmp_path, stop):
    """Processes, an interruption at any block and the store give the looks of a plain run."""
    path = claim_file(replace=SLOW)
    expected = answers(judged(path)[0])
    assert len(expected[0].looks) > 2
    settings = Settings(workers=0, store=tmp_path / "s.sqlite")
    items, done = plan([load(path)], settings), []

    def interrupt():
        done.append(1)
        if len(done) == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Run(items, settings, interrupt) as run:
        run.all()
    assert answers(judged(path, settings)[0]) == expected
    assert answers(judged(path, replace(settings, workers=2, store=None))[0]) == expected


def test_an_order_of_blocks_does_not_change_a_look(claim_file, monkeypatch):
    path = claim_file(replace=SLOW)
    expected = answers(judged(path)[0])
    monkeypatch.setattr("ratecheck.engine.sampling.Sampling.cost", lambda self, block: -block.index)
    assert answers(judged(path)[0]) == expected


def test_an_effort_too_small_says_so_after_the_pilot(claim_file):
    small = {"margin=0.25": "margin=0.02", "replicates=256": "replicates=64"}
    seen = []

    def look():
        seen.append(run.status()[0].warnings)

    items = plan([load(claim_file(replace=small))], SETTINGS)
    with Run(items, SETTINGS, look) as run:
        check, _ = run.all()
    assert seen[4] == seen[0] == () or seen[4]
    assert any("cannot resolve the margin" in w for ws in seen for w in ws)
    assert check.verdict.outcome == "INCONCLUSIVE"
    assert any("cannot resolve the margin" in w for w in check.verdict.warnings)


def test_a_failure_after_a_decision_leaves_it_alone(claim_file):
    """The falsifier is killed in the pilot; a block of a later look fails."""
    broken = SLOW | {
        "    import torch\n": "    import torch\n    mean.calls = getattr(mean, 'calls', 0) + 1\n"
        "    assert mean.calls <= 9\n"
    }
    check, falsifier = judged(claim_file(replace=broken))[0]
    assert falsifier.kill.outcome == "KILLED"
    assert check.verdict.outcome == "ERROR"


@pytest.mark.parametrize(
    ("changes", "options"),
    [({}, ""), ({"seed": 3}, " --seed 3"), ({"seed": 3, "device": "cuda:1"},
                                            " --seed 3 --device cuda:1")],
)  # fmt: skip
def test_the_command_that_replays_names_seed_and_device(claim_file, changes, options):
    path = claim_file()
    item = plan([load(path)], SETTINGS)[0]
    verdict = failed(item, block_of(path, **changes), Failure("it broke"))
    assert verdict.replay == f"ratecheck replay 'half/mean[n=16,sigma=1]#0'{options}"


def test_siblings_show_the_resolution(claim_file):
    rivals = {"margin=0.25,": 'margin=0.25, rivals={"flat": "1"},'}
    check, _ = judged(claim_file(replace=rivals))[0]
    assert check.verdict.outcome == "PASS"
    assert [(s.name, s.killed) for s in check.verdict.siblings] == [
        ("rival flat", True),
        ("exponent + 2 margins", True),
        ("exponent - 2 margins", True),
    ]
    assert check.verdict.siblings[1].predicted == pytest.approx(-0.5)
    assert 0 < check.verdict.attained <= 0.01
