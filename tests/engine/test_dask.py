"""A real cluster of `distributed`: the same numbers, whoever dies on the way."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine.executors import dask, executor, on, outcomes, remote
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.engine.store import Store
from ratecheck.engine.worker import Failure
from ratecheck.errors import RequestError

pytest.importorskip("distributed")
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, dashboard_address=":0",
                           memory_limit=None, silence_logs=50)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""
MANY = {'free={"sigma": 1.0}': 'cases=[{"sigma": 1.0}, {"sigma": 2.0}, {"sigma": 3.0}]'}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with two workers in a process of their own: (process, address)."""
    script = tmp_path_factory.mktemp("cluster") / "cluster.py"
    script.write_text(CLUSTER)
    process = subprocess.Popen(
        [sys.executable, script, "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


def answers(path, on_progress=None, **changes):
    settings = Settings(**{"store": None, **changes})
    with Run(plan([load(path)], settings), settings, on_progress) as run:
        if on_progress is not None:
            on_progress.run = run
        return [replace(one, seconds=0.0).answer for one in run.all()], run.certificate()


class Once:
    """Does something at a run's second block."""

    def __init__(self, act):
        self.act, self.count = act, 0

    def __call__(self):
        self.count += 1
        if self.count == 2:
            self.act(self.run._executor)


def test_the_numbers_are_those_of_serial(claim_file, cluster):
    path = claim_file(replace=MANY)
    assert answers(path, executor=on("dask", cluster[1])) == answers(path, workers=0)


def test_other_versions_are_refused_in_a_sentence(claim_file, cluster, monkeypatch):
    ours = remote.about()
    other = replace(ours, versions=(("Python", "2.7"), *ours.versions[1:]))
    monkeypatch.setattr("ratecheck.engine.executors.dask._ours", lambda: other)
    with pytest.raises(RequestError, match=r"and this is Python 2\.7; install") as refused:
        answers(claim_file(), executor=on(None, cluster[1]))
    assert "\n" not in str(refused.value)
    other = replace(ours, package="another")
    with pytest.raises(RequestError, match="has another ratecheck than this"):
        answers(claim_file(), executor=on(None, cluster[1]))


@pytest.fixture
def pool(cluster):
    pool = executor(on("dask", cluster[1]), 2)
    yield pool
    pool.close()


def some_blocks(path, count):
    settings = Settings(store=None, workers=0)
    with Run(plan([load(path)], settings), settings) as run:
        [block, *_] = run.samplings[0].at(0)
    return [replace(block, index=index) for index in range(count)]


def test_few_blocks_are_sent_ahead(claim_file, pool):
    blocks = some_blocks(claim_file(), 6)
    for left in range(6, 0, -1):
        assert pool.free == left
        pool.submit(blocks[left - 1])
    assert pool.free == 0
    results = []
    while len(results) < 6:
        results += pool.wait()
    assert pool.ready() == pool.wait() == []
    assert {block.digest for block, _ in results} == {block.digest for block in blocks}


def test_blocks_that_are_known_to_be_short_go_together(claim_file, pool, monkeypatch):
    blocks = some_blocks(claim_file(), 40)
    sent, send = [], pool._send
    monkeypatch.setattr(pool, "_send", lambda task: [sent.append(len(task)), send(task)])
    monkeypatch.setattr(pool, "_learn", lambda _: None)
    monkeypatch.setattr(pool, "_together", 10)
    for seconds, most in ((0.012, 8), (10.0, 1)):
        monkeypatch.setitem(pool._seconds, dask._kind(blocks[0]), seconds)
        sent.clear()
        results = list(outcomes(pool, blocks))
        assert sum(sent) == len(results) == 40
        assert max(sent) == most
        assert all(found.values for _, found in results)


def test_of_blocks_that_went_together_only_the_fatal_one_fails(claim_file, pool, monkeypatch):
    """A task that its workers do not survive is sent again block by block."""
    blocks = some_blocks(claim_file(), 6)

    def fatal(task):
        if any(block.index == 3 for block in task):
            raise SystemError("it ends its worker")
        return remote.compute(task)

    monkeypatch.setitem(pool._seconds, dask._kind(blocks[0]), 0.001)
    monkeypatch.setattr(dask, "compute", fatal)
    results = {block.index: found for block, found in outcomes(pool, blocks)}
    assert sorted(results) == list(range(6))
    failed = {index: found for index, found in results.items() if isinstance(found, Failure)}
    assert list(failed) == [3]
    assert "could not compute it (SystemError: it ends its worker)" in failed[3].message


def test_a_file_that_a_worker_does_not_see_is_told(claim_file, cluster, tmp_path):
    path = claim_file()
    settings = Settings(store=None, workers=0)
    with Run(plan([load(path)], settings), settings) as run:
        block = run.samplings[0].at(0)[0]
    elsewhere = replace(block, path=str(tmp_path / "nowhere.py"))
    pool = executor(on("dask", cluster[1]), 2)
    try:
        pool.submit(elsewhere)
        [(_, failure)] = pool.wait()
    finally:
        pool.close()
    assert "let all workers see the same files" in failure.message


def test_a_killed_worker_costs_nothing_but_time(claim_file, cluster):
    path = claim_file(replace=MANY)

    def kill(pool):
        os.kill(min(pool._client.run(os.getpid).values()), signal.SIGKILL)

    told = Once(kill)
    assert answers(path, told, executor=on("dask", cluster[1])) == answers(path, workers=0)
    assert told.count > 2


def test_a_killed_scheduler_ends_the_run_and_what_came_is_stored(claim_file, cluster, tmp_path):
    path, store = claim_file(replace=MANY), tmp_path / "s.sqlite"
    told = Once(lambda _: cluster[0].kill())
    with pytest.raises(RequestError, match=r"the scheduler of tcp://.* is gone; what"):
        answers(path, told, executor=on("dask", cluster[1]), store=store)
    with Store(store) as stored:
        assert stored.count() >= 2
    assert answers(path, workers=0, store=store) == answers(path, workers=0)


def test_a_cluster_from_a_file(claim_file, tmp_path):
    path, file = claim_file(), tmp_path / "mine.yml"
    file.write_text(
        "cluster: distributed.LocalCluster\n"
        'arguments: {n_workers: 1, processes: false, dashboard_address: ":0"}\n'
    )
    assert answers(path, executor=on(None, str(file))) == answers(path, workers=0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read as a cluster"),
        ("jobs: 3", "names no cluster; write 'cluster: dask_jobqueue.SLURMCluster'"),
        ("a: [", "cannot be read as a cluster"),
        ("cluster: nowhere.Cluster", "cannot be used .ModuleNotFoundError: No module"),
    ],
)
def test_a_cluster_that_cannot_be_is_one_sentence(tmp_path, text, told):
    file = tmp_path / "mine.yml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(RequestError, match=told) as refused:
        executor(on("dask", str(file)), 1)
    assert "\n" not in str(refused.value)


def test_a_cluster_needs_its_executor():
    with pytest.raises(RequestError, match="the executor serial uses no cluster"):
        on("serial", "local")
