"""Claim files that loaded clean are kept, and neither compiled nor validated again."""

import sys

import pytest

from ratecheck.claim import compiled, validation
from ratecheck.claim.catalogue import load
from ratecheck.engine.asked import Override
from ratecheck.engine.plan import Settings, plan
from ratecheck.errors import ClaimError


@pytest.fixture
def validated(monkeypatch):
    """The experiments that were validated since the list was cleared."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    done, validate = [], validation.validate

    def noting(experiment, where):
        done.append(experiment.name)
        validate(experiment, where)

    monkeypatch.setattr(validation, "validate", noting)
    return done


def test_the_same_text_is_validated_once(validated, claim_file):
    path = claim_file()
    first, again = load(path), load(path)
    assert validated == ["mean"]
    assert again.claim.title == first.claim.title
    assert again.claim.experiments["mean"].names == first.claim.experiments["mean"].names
    path.write_text(path.read_text() + "\n# another text\n")
    load(path)
    assert validated == ["mean", "mean"]
    assert len(list(path.parent.glob("__pycache__/half.*.claim"))) == 1


def test_what_is_refused_is_refused_every_time(validated, claim_file):
    path = claim_file(replace={"margin=0.25": "margin=0"})
    for _ in range(2):
        with pytest.raises(ClaimError, match="use a positive number"):
            load(path)


def test_a_case_of_a_reader_is_validated_though_the_file_was(validated, claim_file):
    path = claim_file()
    load(path)
    known = load(path)
    validated.clear()
    plan([known], Settings(), Override(constants={"sigma": 2.0}))
    assert validated


def test_other_validating_code_validates_again(validated, claim_file, monkeypatch):
    path = claim_file()
    load(path)
    monkeypatch.setattr(compiled, "_validating", lambda: b"another version")
    load(path)
    assert validated == ["mean", "mean"]


@pytest.mark.parametrize("damage", [b"", b"no code", b"i\x01\x00\x00\x00"])
def test_what_is_damaged_is_not_used(validated, claim_file, damage):
    path = claim_file()
    load(path)
    [kept] = path.parent.glob("__pycache__/*.claim")
    kept.write_bytes(damage)
    load(path)
    assert validated == ["mean", "mean"]


def test_nothing_is_kept_where_python_keeps_nothing(validated, claim_file, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = claim_file()
    load(path)
    assert not list(path.parent.glob("__pycache__/*.claim"))


WORDS = "from ratecheck import Axis, Claim, lab\nimport math\n"


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("GRID = [2**k for k in range(4)]\nAxis('n', GRID)", True),
        ("Axis('n', [math.exp(k) for k in range(4)])", True),
        ("def power(k):\n    return 2**k\nAxis('n', [power(k) for k in range(4)])", True),
        ("@claim.problem\ndef nature():\n    return lab.x(open('y'))\nclaim = Claim()", True),
        ("def nature(): return lab.x()\nclaim = Claim()\nclaim.experiment(problem=nature)", True),
        ("GRID = lab.grids.powers(4)", False),
        ("def grid():\n    return lab.grids.powers(4)\nAxis('n', grid())", False),
        ("def one():\n    return other()\ndef other():\n    return lab\nlist(map(one, ()))", False),
        ("GRID = open('grid.txt').read()", False),
        ("import numpy as np\nGRID = np.arange(4)", False),
        ("from helper import GRID\nAxis('n', GRID)", False),
        ("GRID = __import__('helper').GRID", False),
        ("class Grid:\n    points = open('grid.txt')", False),
        ("from ratecheck import fit\nfit([1], [2])", False),
    ],
)  # fmt: skip
def test_which_files_stand_for_themselves(text, alone):
    assert compiled.stands_alone((WORDS + text).encode()) is alone
