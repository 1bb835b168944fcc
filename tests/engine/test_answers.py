"""Answers of workers: a number lands in the block that it was computed for, and in no other."""

import os
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest

from ratecheck.engine.answers import Incoming, NotAnAnswerError, send
from ratecheck.engine.blocks import compute
from ratecheck.engine.executors import Processes
from ratecheck.engine.worker import Failure
from tests import preloaded
from tests.engine.test_blocks import block_of
from tests.engine.test_executors import BODY, drain

ZEROS = Path("/dev/zero")
FORKING = """
    import os, sys
    if n == 17 and os.fork() == 0:
        pass  # the child returns numbers of its own
    if n == 18 and os.fork() == 0:
        sys.exit(3)
    if n == 19 and os.fork() == 0:
        raise ValueError("in the child")
    if n == 20:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, 3 * b"junk")
            except OSError:
                pass
    if n == 21:
        print("a line on stdout", file=sys.stderr)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_only_its_own_answer_is_taken_for_a_block(claim_file):
    """Whatever a simulation forks, or writes wherever it can, no number lands in another block."""
    points = (16, 17, 18, 19, 20, 21, 22)
    expected = {n: compute(block_of(claim_file(), n=n)).values for n in points}
    path = claim_file(replace={BODY: FORKING + BODY})
    pool = Processes(1)
    preloaded.prepare()  # the fork server may not survive this; other tests use the next one
    try:
        answers = drain(pool, [block_of(path, n=n) for n in points])
    finally:
        pool.close()
    for n, outcome in answers.items():
        if n == 20:
            assert isinstance(outcome, Failure)
            assert "something else than its answer came from its worker" in outcome.message
        else:
            assert all(np.array_equal(outcome.values[k], expected[n][k]) for k in expected[n])


@pytest.mark.skipif(not ZEROS.exists(), reason="reads what never ends")
def test_who_writes_without_end_does_not_keep_the_driver():
    class Endless:
        def __init__(self, file):
            self.fileno = file.fileno
            self.poll = lambda: True

    with ZEROS.open("rb") as file, pytest.raises(NotAnAnswerError):
        Incoming(Endless(file)).take("digest")


def test_an_answer_that_comes_in_pieces_is_taken_when_it_is_whole(monkeypatch):
    monkeypatch.setattr("ratecheck.engine.answers._CHUNK", 7)
    ours, theirs = Pipe()
    with ours, theirs:
        incoming = Incoming(ours)
        for digest, outcome in (("digest", list(range(100))), ("another", None)):
            send(theirs, digest, outcome)
            assert incoming.take(digest) == (outcome,)
        assert incoming.take("a third") is None
