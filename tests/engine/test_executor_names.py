"""An executor is chosen by its name, and a third one comes from outside."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine import executors
from ratecheck.engine.executors import name_of, register
from ratecheck.engine.executors.futures import Futures
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.engine.sampling import Sampling
from ratecheck.engine.store import Store
from ratecheck.engine.worker import attempt
from ratecheck.errors import RequestError


def Threads(workers):
    """A third executor, from outside: what speaks as concurrent.futures does."""
    return Futures(ThreadPoolExecutor(workers), workers)


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr("ratecheck.engine.executors._MAKERS", dict(executors._MAKERS))
    register("threads", Threads)


def answers(path, **changes):
    settings = Settings(store=None, **changes)
    with Run(plan([load(path)], settings), settings) as run:
        return [replace(one, seconds=0.0).answer for one in run.all()], run.certificate()


def test_an_executor_from_outside_gives_the_same_numbers(claim_file, threads):
    path = claim_file()
    expected = answers(path, workers=0)
    assert answers(path, workers=2, executor="threads") == expected
    assert answers(path, executor="serial") == expected
    assert answers(path, workers=1, executor="processes") == expected


@pytest.mark.parametrize(
    ("asked", "workers", "name"),
    [
        (None, None, "processes"), (None, 2, "processes"), (None, 0, "serial"),
        ("serial", None, "serial"), ("serial", 0, "serial"), ("processes", 3, "processes"),
        ("threads", 1, "threads"),
    ],
)  # fmt: skip
def test_an_executor_has_a_name(threads, asked, workers, name):
    assert name_of(asked, workers) == name


@pytest.mark.parametrize(
    ("asked", "workers", "told"),
    [
        ("rays", None, "there is no executor 'rays'; choose dask, processes, serial, threads"),
        ("", 1, "there is no executor ''; choose"),
        ("serial", 2, "serial has no workers, and 2 were asked for; leave out one"),
        ("processes", 0, "processes needs workers, and none were asked for; leave out one"),
    ],
)
def test_an_executor_that_cannot_be_is_one_sentence(claim_file, threads, asked, workers, told):
    settings = Settings(store=None, executor=asked, workers=workers)
    with pytest.raises(RequestError, match=told) as refused:
        Run(plan([load(claim_file())], settings), settings)
    assert "\n" not in str(refused.value)


class Ahead:
    """Has the answers before they are asked for, and hands out one when it is waited for."""

    free = 64
    computed: ClassVar = []

    def __init__(self, workers):
        self._done = []

    def submit(self, block):
        self._done.append((block, attempt(block)))
        self.computed.append(block.digest)

    def wait(self):
        return [self._done.pop(0)]

    def ready(self):
        done, self._done = self._done, []
        return done

    def close(self):
        assert not self._done


def test_a_kill_while_the_driver_judges_loses_no_block_that_was_answered(
    claim_file, tmp_path, threads, monkeypatch
):
    path = claim_file(replace={'free={"sigma": 1.0}': 'cases=[{"sigma": 1.0}, {"sigma": 2.0}]'})
    register("ahead", Ahead)
    settings = Settings(workers=1, executor="ahead", store=tmp_path / "s.sqlite")
    kept = []

    def killed(self):
        with Store(settings.store) as store:
            kept.append(store.count())
        raise KeyboardInterrupt

    monkeypatch.setattr(Sampling, "look", killed)
    monkeypatch.setattr(Ahead, "computed", [])
    with (
        pytest.raises(KeyboardInterrupt),
        Run(plan([load(path)], settings), settings) as run,
    ):
        run.all()
    of_one = len(Ahead.computed) // 2
    assert kept == [2 * of_one]
