"""Code that was taken apart: used again only where source and surroundings are what they were."""

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine import fingerprint as prints
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.engine.pieces import Pieces
from ratecheck.engine.store import Store


@pytest.fixture
def printed(claim_file, tmp_path, monkeypatch):
    """The fingerprint with what is kept, which must be the one without, and what was parsed."""
    path = claim_file(replace={"import torch": "import torch, beside"})
    parsed = []
    statements, module = prints._statements, prints._module
    monkeypatch.setattr(
        prints, "_statements", lambda *a: parsed.append(a[0].name) or statements(*a)
    )
    monkeypatch.setattr(prints, "_module", lambda *a: parsed.append(a[0].name) or module(*a))

    def ask():
        with Store(tmp_path / "s.sqlite") as store:
            pieces = Pieces(store.derived)
            parsed.clear()
            found = fingerprint(load(path), "mean", pieces)
            pieces.save()
        taken = list(parsed)
        assert found == fingerprint(load(path), "mean")
        return found, taken

    return path, ask


def test_a_second_run_takes_nothing_apart(printed):
    path, ask = printed
    path.with_name("beside.py").write_text("A = 1\n")
    first, taken = ask()
    assert sorted(taken) == ["beside.py", "half.py"]
    assert ask() == (first, [])


def test_an_edited_module_is_taken_apart_alone(printed):
    path, ask = printed
    path.with_name("beside.py").write_text("A = 1\n")
    first, _ = ask()
    path.with_name("beside.py").write_text("A = 2\n")
    second, taken = ask()
    assert second != first
    assert taken == ["beside.py"]


def test_a_module_that_has_appeared_is_seen(printed):
    path, ask = printed
    first, taken = ask()
    assert taken == ["half.py"]
    path.with_name("beside.py").write_text("A = 1\n")
    second, taken = ask()
    assert second != first
    assert sorted(taken) == ["beside.py", "half.py"]
