"""Every claim sees a broken mechanism: a mutant each in the gate, all of them when thorough."""

from dataclasses import replace

import pytest

from tests.mutants.harness import ROOT, file_of, look, mutated, tables

TABLES = tables()
ALL = [(claim, mutant) for claim, mutants in TABLES.items() for mutant in mutants]
SETTINGS = {
    f"{claim}-{m.experiments}-{m.case}-{m.points}-{m.given}-{m.only}": (claim, same)
    for claim, m in ALL
    for same in [replace(m, new=m.old)]
}


def test_every_claim_has_a_table():
    assert set(TABLES) == {file.stem for file in (ROOT / "claims").glob("*/*.py")}


@pytest.mark.parametrize("claim", TABLES)
def test_a_table_is_that_of_a_claim_and_has_at_least_eight_mutants(claim):
    assert (ROOT / file_of(claim)).is_file()
    names = [mutant.name for mutant in TABLES[claim]]
    assert len(set(names)) == len(names) >= 8


@pytest.mark.parametrize(("claim", "mutant"), ALL, ids=lambda one: getattr(one, "name", one))
def test_the_mistake_can_still_be_made(claim, mutant):
    text = (ROOT / mutant.file).read_text()
    assert mutated(text, mutant) != text


@pytest.mark.parametrize("claim", TABLES)
def test_the_first_mutant_is_killed(claim):
    seen = look(claim, TABLES[claim][0])
    assert seen.outcome == "killed", seen.by


@pytest.mark.slow
@pytest.mark.parametrize(("claim", "mutant"), ALL, ids=lambda one: getattr(one, "name", one))
def test_every_mutant_is_killed_or_says_why_not(claim, mutant):
    seen = look(claim, mutant)
    assert seen.outcome == ("alive" if mutant.survives else "killed"), seen.by


@pytest.mark.slow
@pytest.mark.parametrize(("claim", "unchanged"), SETTINGS.values(), ids=list(SETTINGS))
def test_without_a_mistake_nothing_is_killed(claim, unchanged):
    seen = look(claim, unchanged)
    assert seen.outcome == "alive", seen.by
