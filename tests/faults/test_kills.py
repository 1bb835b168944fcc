"""A run that is killed at random moments ends, when it is run again, as if nothing had happened.

Three kills in the gate; ``make thorough`` for fifty.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time

import pytest

from ratecheck.report.results import read_json
from tests.faults.conftest import blocks_of
from tests.processes import children, runs, until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes")


def test_kills_at_random_moments_lose_nothing(broken, undisturbed, pytestconfig):
    kills = pytestconfig.getoption("--kills")
    chance = random.Random(kills)
    survived = done = of_workers = 0
    while survived < kills:
        workers = chance.choice([0, 0, 1, 2])
        before = broken.kept()
        driver = broken.start(workers)
        if chance.random() < 0.8:  # else while it still starts
            broken.wait_for_its_start(driver)
            broken.wait_for_a_block(driver)
        time.sleep(chance.uniform(0, 1.5))
        below = children(driver.pid)
        if below and chance.random() < 0.5:  # a worker, the fork server, or their tracker
            with_luck = chance.choice(below)
            try:
                os.kill(with_luck, signal.SIGKILL)
                of_workers += 1
            except ProcessLookupError:
                pass
            driver.communicate(timeout=600)
            assert driver.returncode == 0
        else:
            driver.kill()
            driver.communicate(timeout=600)
        survived += 1
        assert before <= broken.kept()
        if broken.results.exists():  # whole or not there
            read_json(broken.results)
            assert broken.answer() == undisturbed
        if driver.returncode == 0:  # begin anew: only an unfinished run is worth killing
            done += 1
            for path in broken.folder.glob("store.sqlite*"):
                path.unlink()
            broken.results.unlink()
    assert broken.finish(workers=2) == []
    assert broken.answer() == undisturbed
    assert not list(broken.folder.rglob("*damaged*"))
    print(f"{survived} kills survived, {of_workers} of workers, {done} runs completed on the way")


def test_two_runs_at_once_share_the_work(broken, undisturbed):
    computed = []
    for driver in [broken.start(0), broken.start(0)]:
        out, err = driver.communicate(timeout=600)
        assert driver.returncode == 0, err
        computed.append(json.loads(out.splitlines()[-1])["computed"])
    assert broken.answer() == undisturbed
    assert sum(computed) == len(broken.kept()) == blocks_of(undisturbed)


def test_a_run_is_killed_while_another_goes_on(broken, undisturbed):
    first, second = broken.start(0), broken.start(0)
    broken.wait_for_its_start(first)
    until(broken.kept)
    first.kill()
    first.communicate()
    assert first.returncode != 0
    _, err = second.communicate(timeout=600)
    assert second.returncode == 0, err
    assert broken.answer() == undisturbed


def test_an_interrupted_run_leaves_no_process_behind(broken):
    driver = broken.start(2, start_new_session=True)
    broken.wait_for_its_start(driver)
    until(lambda: len(children(driver.pid)) >= 4)
    below = children(driver.pid)
    driver.send_signal(signal.SIGINT)
    try:
        driver.communicate(timeout=600)
    except subprocess.TimeoutExpired:  # pragma: no cover
        driver.kill()
        raise
    until(lambda: not any(map(runs, below)))
