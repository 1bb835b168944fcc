"""Answers that are kept: used only where numbers and judging code are what they were."""

import json
import sqlite3

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine import judged
from ratecheck.engine.kept import seal
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.judge.looks import Looks


def results(path, store, **how):
    settings = Settings(store=store, workers=0)
    with Run(plan([load(path)], settings), settings, **how) as run:
        found = {r.item.id: (r.answer, r.replicates, r.seconds) for r in run.all()}
        return found, run.certificate()


@pytest.fixture
def stored(claim_file, tmp_path):
    path, store = claim_file(), tmp_path / "s.sqlite"
    return path, store, results(path, store)


@pytest.fixture
def looked(monkeypatch):
    """How often a series was looked at."""
    count = []
    look = Looks.look
    monkeypatch.setattr(Looks, "look", lambda *args: count.append(1) or look(*args))
    return count


def rows(store, change=None, sealed=True):
    with sqlite3.connect(store) as connection:
        found = connection.execute("SELECT name, value FROM kept WHERE name LIKE 'judged%'")
        for name, value in found.fetchall() if change else ():
            whole = json.loads(value)
            change(whole)
            text = json.dumps(whole)
            mark = seal(name, text.encode()) if sealed else "0" * 64
            connection.execute("UPDATE kept SET value=?, seal=? WHERE name=?", (text, mark, name))
        return connection.execute("SELECT count(*) FROM kept WHERE name LIKE 'judged%'").fetchone()


def test_a_second_run_answers_to_the_last_bit_without_a_look(stored, looked):
    path, store, first = stored
    assert results(path, store) == first
    assert not looked


def test_other_code_judges_again(stored, looked, monkeypatch):
    path, store, first = stored
    monkeypatch.setattr(judged, "_judging", lambda: "another")
    assert results(path, store) == first
    assert looked


def test_a_margin_that_moved_is_judged_anew(stored, looked):
    path, store, first = stored
    text = path.read_text()
    assert "margin=0.25" in text
    path.write_text(text.replace("margin=0.25", "margin=0.26"))
    again = results(path, store)
    assert looked
    assert again[0] != first[0]


def test_what_follows_from_other_numbers_is_not_used(stored, looked):
    path, store, first = stored
    with sqlite3.connect(store) as connection:
        connection.execute("DELETE FROM blocks WHERE number = 0")
    again = results(path, store)
    assert looked
    assert {k: v[:2] for k, v in again[0].items()} == {k: v[:2] for k, v in first[0].items()}


def test_numbers_of_recalled_answers_are_those_that_were_simulated(stored, looked):
    path, store, _ = stored

    def values(store):
        settings = Settings(store=store, workers=0)
        with Run(plan([load(path)], settings), settings) as run:
            run.all()
            return [(block.name, {k: v.tolist() for k, v in numbers.values.items()})
                    for block, numbers in run.blocks()]  # fmt: skip

    recalled = values(store)
    assert not looked
    assert recalled == values(None)
    assert looked


def test_another_number_in_a_row_that_was_sealed_anew_is_seen(stored, looked):
    path, store, first = stored
    with sqlite3.connect(store) as connection:
        digest, blob, reads = connection.execute(
            "SELECT digest, numbers, reads FROM blocks LIMIT 1"
        ).fetchone()
        forged = blob[:-1] + bytes([blob[-1] ^ 1])
        mark = seal(digest, forged + reads.encode())
        query = "UPDATE blocks SET numbers=?, seal=? WHERE digest=?"
        connection.execute(query, (forged, mark, digest))
    assert results(path, store)[1] != first[1]
    assert looked


@pytest.mark.parametrize("at", range(5))
def test_a_row_with_another_part_is_not_used(stored, looked, at):
    path, store, first = stored

    def change(whole):
        whole[at] = whole[at][:-1] if whole[at] else "x"

    assert rows(store, change)[0]
    assert results(path, store) == first
    assert looked


def test_a_row_without_its_seal_is_not_used(stored, looked):
    path, store, first = stored

    def change(whole):
        whole[3][0][1]["sentence"] = "forged"

    rows(store, change, sealed=False)
    assert results(path, store) == first
    assert looked


def test_what_is_derived_afresh_looks_at_no_row(stored, looked):
    path, store, first = stored

    def change(whole):
        whole[3][0][1]["sentence"] = "forged"

    rows(store, change)  # sealed anew: only an audit would notice
    assert results(path, store, afresh=True) == first
    assert looked


def test_errors_are_not_kept(claim_file, tmp_path):
    store = tmp_path / "s.sqlite"
    results(claim_file(replace={"sigma * (": "no + sigma * ("}), store)
    assert rows(store) == (0,)
