"""What a block reads: a changed file, package or program is never answered from the store."""

import os
import sys

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine import reads
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run

EXACT = '''
"""Errors that somebody else made."""
from ratecheck import Axis, Claim, Rate, Without

claim = Claim("Order 2", "A textbook, 2000, Section 1", "e", ["more"], real=["all"], proxied=[])


@claim.experiment(
    Axis("N", [4, 8, 16, 32, 64, 128]),
    data="exact",
    checks=[Rate("e", "N**-2", margin=0.25, fails=[Without("decay", "flat")])],
)
def errors(N):
    """One error a point."""
    BODY
    return {"e": value(N), "flat": 1.0}
'''


def written(folder, body):
    """A claim whose one experiment runs these lines."""
    path = folder / "claims" / "outside.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(EXACT.replace("BODY", "\n    ".join(body)))
    return path


def judged(path, store, workers=0):
    """Outcome of the check, the notes of the run, and how many blocks were simulated."""
    before = reads_of_store(store)
    items = plan([load(path)], Settings())
    with Run(items, Settings(store=store, workers=workers)) as run:
        outcome = run.all()[0].answer.outcome
    return outcome, list(run.notes), reads_of_store(store) - before


def reads_of_store(store):
    """When each block was finished: another set where blocks were simulated anew."""
    import sqlite3

    if not store.exists():
        return set()
    connection = sqlite3.connect(store)
    try:
        return set(connection.execute("SELECT digest, finished FROM blocks"))
    finally:
        connection.close()


@pytest.fixture
def fresh(monkeypatch):
    """A process that has read nothing yet."""
    monkeypatch.setattr(reads, "_memory", reads._Memory())


def csv(path, order):
    path.write_text("\n".join(f"{N},{N**-order}" for N in (4, 8, 16, 32, 64, 128)))


FROM_CSV = ["rows = [row.split(',') for row in open(PATH).read().split()]",
            "value = lambda N: dict((int(a), float(b)) for a, b in rows)[N]"]  # fmt: skip


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("workers", [0, 1])
def test_a_changed_table_is_read_anew(tmp_path, workers):
    table, store = tmp_path / "errors.csv", tmp_path / "store.sqlite"
    csv(table, 2.0)
    claim = written(tmp_path, [FROM_CSV[0].replace("PATH", repr(str(table))), FROM_CSV[1]])
    assert judged(claim, store, workers)[0] == "PASS"
    assert judged(claim, store, workers) == ("PASS", [], set())
    csv(table, 1.0)
    outcome, notes, anew = judged(claim, store, workers)
    assert outcome == "FAIL"
    assert len(anew) == 6
    assert notes == ["errors.csv is not what outside/errors had read; what rests on it is "
                     "simulated anew"]  # fmt: skip


@pytest.mark.usefixtures("fresh")
def test_a_table_that_a_module_remembers_counts_for_every_block(tmp_path):
    """Only the first block of a process opens it."""
    table, store = tmp_path / "errors.csv", tmp_path / "store.sqlite"
    csv(table, 2.0)
    body = [f"rows = remembered({str(table)!r})", FROM_CSV[1]]
    claim = written(tmp_path, body)
    claim.write_text(claim.read_text().replace(
        "@claim.experiment", "from functools import cache\n\n\n@cache\ndef remembered(path):\n"
        "    return [row.split(',') for row in open(path).read().split()]\n\n\n@claim.experiment"
    ))  # fmt: skip
    assert judged(claim, store)[0] == "PASS"
    csv(table, 1.0)
    *_, anew = judged(claim, store, workers=1)
    assert len(anew) == 6


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    "how",
    [
        "import mysolver_{n}",
        "import importlib",
    ],
)
def test_a_changed_package_of_the_user_is_run_anew(tmp_path, monkeypatch, how, request):
    """By the fingerprint where it is named, by what was read where its name is computed."""
    name = f"mysolver_{'named' if 'mysolver' in how else 'computed'}"
    module, store = tmp_path / "lib" / f"{name}.py", tmp_path / "store.sqlite"
    module.parent.mkdir()
    module.write_text("def error(N):\n    return N**-2.0\n")
    monkeypatch.syspath_prepend(module.parent)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(module.parent), *sys.path]))
    first = how.format(n="named")
    body = [first, f"value = {name}.error" if "mysolver" in first
            else "value = importlib.import_module('mysolver_' + 'computed').error"]  # fmt: skip
    claim = written(tmp_path, body)
    request.addfinalizer(lambda: sys.modules.pop(name, None))
    assert judged(claim, store)[0] == "PASS"
    module.write_text("def error(N):\n    return N**-1.0\n")
    sys.modules.pop(name, None)
    reads._content.cache_clear()
    outcome, _, anew = judged(claim, store)
    assert (outcome, len(anew)) == ("FAIL", 6)


@pytest.mark.usefixtures("fresh")
def test_what_another_program_answers_is_confirmed_by_one_block(tmp_path):
    """The script among its arguments is seen; what that reads is not."""
    order, store = tmp_path / "order.txt", tmp_path / "store.sqlite"
    script = tmp_path / "solver.sh"
    script.write_text(f"#!/bin/sh\ncat {order}\n")
    order.write_text("2.0")
    body = ["import subprocess",
            f"out = subprocess.run(['sh', {str(script)!r}], capture_output=True, text=True)",
            "value = lambda N: N ** -float(out.stdout)"]  # fmt: skip
    claim = written(tmp_path, body)
    assert judged(claim, store)[0] == "PASS"
    assert judged(claim, store) == ("PASS", [], set())
    order.write_text("1.0")
    outcome, notes, anew = judged(claim, store)
    assert (outcome, len(anew)) == ("FAIL", 6)
    assert "rests on another program, and a stored block comes out otherwise now" in notes[0]
    script.write_text("#!/bin/sh\necho 2.0\n")
    outcome, notes, anew = judged(claim, store)
    assert (outcome, len(anew)) == ("PASS", 6)


@pytest.mark.usefixtures("fresh")
def test_files_that_a_block_makes_and_the_installation_do_not_count(tmp_path):
    scratch = tmp_path / "scratch.txt"
    body = [f"open({str(scratch)!r}, 'w').write('2.0')",
            f"order = float(open({str(scratch)!r}).read())",
            "import scipy.special",
            "value = lambda N: N**-order"]  # fmt: skip
    items = plan([load(written(tmp_path, body))], Settings())
    with Run(items, Settings(store=None, workers=0)) as run:
        run.all()
        assert {numbers.reads for _, numbers in run.blocks()} == {reads.NOTHING}
