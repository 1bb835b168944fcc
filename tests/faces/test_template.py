"""A new claim runs at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ratecheck.claim.catalogue import files, load
from ratecheck.engine.plan import CheckItem, Settings, plan
from ratecheck.engine.run import Run
from ratecheck.errors import RequestError
from ratecheck.faces.template import TEMPLATES, new_claim

ROOT = Path(__file__).parents[2]
CLAIMS = list(files([ROOT / "claims"]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "claims"


@pytest.mark.parametrize("like", TEMPLATES)
def test_a_new_claim_passes_and_its_falsifiers_are_killed(folder, like):
    path = new_claim("my_rate", folder, like=like)
    assert path == folder / "my_rate.py"
    assert len(path.read_text().splitlines()) <= 56
    assert load(path).claim.title
    settings = Settings(workers=0, store=None)
    items = plan([load(path)], settings)
    with Run(items, settings) as run:
        results = run.all()
    answers = {r.verdict.outcome if isinstance(r.item, CheckItem) else r.kill.outcome
               for r in results}  # fmt: skip
    assert answers == {"PASS", "KILLED"}
    assert all(rival.excluded for r in results if isinstance(r.item, CheckItem)
               for rival in r.verdict.rivals)  # fmt: skip


def test_a_file_is_a_template_and_the_other_way_round():
    assert {path.stem for path in (ROOT / "ratecheck/faces/templates").glob("*.py")} == set(
        TEMPLATES
    )


@pytest.mark.parametrize("model", CLAIMS, ids=lambda path: path.stem)
def test_a_copy_is_the_model_under_another_title(folder, model):
    path = new_claim("mine", folder, like=model)
    old, new = load(model).claim, load(path).claim
    assert new.title.startswith("mine: ")
    assert new.title != old.title
    assert new.statement == old.statement
    assert {name: e.checks for name, e in new.experiments.items()} == {
        name: e.checks for name, e in old.experiments.items()
    }
    changed = sum(a != b for a, b in zip(model.read_text().splitlines(),
                                         path.read_text().splitlines(), strict=False))  # fmt: skip
    assert changed <= 2 or len(path.read_text()) != len(model.read_text())


def test_a_model_is_found_by_name(folder):
    new_claim("first", folder)
    assert load(new_claim("second", folder / "chapter", like="first")).chapter == "chapter"


@pytest.mark.parametrize(
    ("name", "like", "sentence"),
    [
        ("taken", "rate", "exists already"),
        ("My-Rate", "rate", "such as my_rate"),
        ("test_rate", "rate", "such as rate"),
        ("../up", "rate", "is no name for a claim"),
        ("", "rate", "such as my_theorem"),
        ("class", "rate", "such as my_class"),
        ("fresh", "nothing_like_it", "there are: taken"),
    ],
)
def test_what_cannot_be_written_is_a_sentence(folder, name, like, sentence):
    before = new_claim("taken", folder).read_text()
    with pytest.raises(RequestError, match=sentence):
        new_claim(name, folder, like=like)
    assert [path.name for path in folder.rglob("*.py")] == ["taken.py"]
    assert (folder / "taken.py").read_text() == before


def test_a_name_is_taken_in_every_chapter(folder):
    new_claim("mine", folder / "one")
    with pytest.raises(RequestError, match="exists already"):
        new_claim("mine", folder / "two")


def test_a_folder_that_is_a_file(folder):
    folder.write_text("")
    with pytest.raises(RequestError, match="cannot be written"):
        new_claim("mine", folder)
