from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ratecheck.claim.checks import KINDS
from ratecheck.errors import ClaimError, RequestError
from ratecheck.report import conforming, results
from ratecheck.report.files import write_text
from ratecheck.report.page import render
from ratecheck.report.results import document, read_json, validate, write_json

from . import documents, gallery

Values = dict[str, Any]
PROVENANCE = {"ratecheck": "0", "python": "3", "device": "cpu", "started": "now", "seconds": 1.0}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(conforming.schema())


@pytest.mark.parametrize("make", [documents.varied, documents.empty])
def test_documents_conform(make: Callable[[], Values]) -> None:
    validate(make())


def test_the_frozen_run_is_what_its_claims_give() -> None:
    """Else it is out of date: python -m tests.report.gallery."""
    kinds = set()
    for today, frozen in zip(gallery.make()["claims"], documents.varied()["claims"], strict=True):
        for rows, answer in (("checks", "verdict"), ("falsifiers", "outcome")):
            assert [(row["id"], row[answer]) for row in today[rows]] == [
                (row["id"], row[answer]) for row in frozen[rows]
            ]
        kinds |= {check["kind"] for check in today["checks"]}
    assert kinds == {
        name for name, kind in KINDS.items() if kind.__module__.startswith("ratecheck.")
    }


def spoilt(path: str, value: Any) -> Values:
    """The document with one field replaced (or removed, by ...)."""
    whole = documents.varied()
    *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    place: Any = whole
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("effort", "heroic"),
        ("seed", -1),
        ("alpha", 1.0),
        ("provenance", ...),
        ("provenance.seconds", None),
        ("summary.pass", 1.5),
        ("claims.0.id", ""),
        ("claims.0.not_shown", "a text"),
        ("claims.0.history", "a text"),
        ("claims.0.free", {"sigma": 1.0}),
        ("claims.0.free", {"sigma": []}),
        ("claims.0.checks.0.unmoved", ["beta"]),
        ("claims.0.checks.0.phrase", {"after": "a word"}),
        ("claims.0.falsifiers.0.nature", {"beta": [1.0]}),
        ("claims.0.checks.0.verdict", "MAYBE"),
        ("claims.0.checks.0.verdict", ...),
        ("claims.0.checks.0.interval", [1.0]),
        ("claims.0.checks.0.interval", [1.0, 2.0, 3.0]),
        ("claims.0.checks.0.interval", ["a", 2.0]),
        ("claims.0.checks.0.margin", -0.1),
        ("claims.0.checks.0.relation", "nearly"),
        ("claims.0.checks.0.points.0.x", None),
        ("claims.0.checks.0.rivals.0.excluded", "yes"),
        ("claims.0.falsifiers.0.killed", "yes"),
        ("claims.0.experiments.0.form", ""),
        ("claims.0.experiments.0.form", "A poem; <b>"),
        ("errors.0.message", ...),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(path: str, value: Any) -> None:
    with pytest.raises(RequestError) as error:
        validate(spoilt(path, value), "results.json")
    message = str(error.value)
    assert message.startswith("results.json")
    assert "\n" not in message
    assert len(message) < 400
    assert (path.split(".")[-1] if value is ... else path.split(".")[0]) in message


def test_more_fields_are_welcome() -> None:
    whole = documents.varied()
    whole["claims"][0]["checks"][0]["colour"] = "green"
    whole["weather"] = "fair"
    validate(whole)
    assert "Do the simulations agree" in render(whole)


def test_a_foreign_document_is_told_apart() -> None:
    with pytest.raises(RequestError, match="no results document of this version"):
        validate({"schema": "ratecheck/results/0"})
    with pytest.raises(RequestError, match="no results document"):
        validate([])


def test_round_trip(tmp_path: Path) -> None:
    whole = documents.varied()
    path = write_json(whole, tmp_path / "deep" / "results.json")
    assert read_json(path) == whole
    assert read_json(path.parent) == whole  # the folder, as --report named it
    assert list(path.parent.iterdir()) == [path]


def test_nan_and_infinity_become_null(tmp_path: Path) -> None:
    whole = documents.varied()
    whole["claims"][0]["checks"][0] |= {"measured": float("nan"), "interval": [float("-inf"), 0.1]}
    path = write_json(whole, tmp_path / "results.json")
    text = path.read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    check = read_json(path)["claims"][0]["checks"][0]
    assert check["measured"] is None
    assert check["interval"] == [None, 0.1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "damaged or no JSON"),
        (b'{"schema": "ratecheck/results/1", "effort"', "damaged or no JSON"),
        (b'{"schema": NaN}', "NaN is no JSON number"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"[1, 2]", "no results document"),
        (b"[" * 200_000, "damaged or no JSON"),
    ],
)
def test_a_damaged_file_is_a_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=message) as error:
        read_json(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("odd", ["\x1b[2J", "\x00", "\x9b31m", "\ud800", "\r"])
def test_what_a_terminal_would_obey_is_refused_and_never_written(tmp_path: Path, odd: str) -> None:
    whole = documents.varied()
    whole["provenance"]["commit"] = f"a{odd}b"
    path = tmp_path / "results.json"
    path.write_text(json.dumps(whole))
    with pytest.raises(RequestError, match="holds a control character") as error:
        read_json(path)
    assert str(error.value).isprintable()
    written = read_json(write_json(whole, path))
    assert written["provenance"]["commit"].startswith("a\ufffd")


def test_absent_files_and_folders_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        read_json(tmp_path / "absent.json")
    with pytest.raises(RequestError, match="cannot be read"):
        read_json(tmp_path)


def test_an_unwritable_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "results.json", tmp_path / "folder"):
        with pytest.raises(RequestError, match=r"cannot be written.*--report"):
            write_json(documents.empty(), place)
    with pytest.raises(RequestError, match="cannot be written"):
        write_text("x", "/proc/ratecheck/results.json")


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    write_text("old", path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RequestError, match="no space left on device"):
        write_text("new", path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_engine_s_results_become_a_document(claim_file: Callable[..., Path]) -> None:
    from ratecheck.claim.catalogue import load
    from ratecheck.engine.plan import Settings, plan
    from ratecheck.engine.results import CheckResult
    from ratecheck.engine.run import Run

    entry = load(claim_file())
    settings = Settings(workers=0, store=None)
    with Run(plan([entry], settings), settings) as run:
        judged = run.all()
    failure = (Path("broken.py"), ClaimError("broken.py", "title", "is missing", "give it"))
    whole = document([entry], [failure], judged, settings, PROVENANCE)
    validate(whole)
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    [claim] = whole["claims"]
    [check], [falsifier] = claim["checks"], claim["falsifiers"]
    assert check["id"] == falsifier["kills"] == "half/mean/risk[n]"
    assert check["verdict"] == "PASS"
    assert abs(check["measured"] + 1) < 0.25
    assert falsifier["killed"] is True
    assert whole["summary"].pop("family") == {
        "judged": 1,
        "decided": 1,
        "allowed": 0.01,
        "stand": 1,
    }
    assert check["stands"] is True
    assert whole["summary"] == {"pass": 1, "fail": 0, "inconclusive": 0, "error": 0,
                                "killed": 1, "falsifiers": 1}  # fmt: skip
    assert whole["errors"] == [{"file": "broken.py", "message": str(failure[1])}]
    assert "Means of n uniform numbers." in render(whole)

    result = judged[0]
    assert isinstance(result, CheckResult)
    lost = replace(result, verdict=replace(result.verdict, measured=float("nan")))
    again = document([entry], [], [lost], settings, PROVENANCE)
    assert again["claims"][0]["checks"][0]["measured"] is None
    validate(again)


def test_claims_without_results_are_listed(claim_file: Callable[..., Path]) -> None:
    from ratecheck.claim.catalogue import load
    from ratecheck.engine.plan import Settings

    whole = document([load(claim_file())], [], [], Settings(), PROVENANCE)
    validate(whole)
    assert "not judged" in render(whole)


def test_documents_are_not_changed_by_rendering() -> None:
    whole = documents.varied()
    before = copy.deepcopy(whole)
    render(whole)
    assert whole == before


def test_a_certificate_and_an_override_are_recorded_and_sealed(
    claim_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ratecheck.claim.catalogue import load
    from ratecheck.engine.plan import Override, Settings, plan
    from ratecheck.engine.run import Run

    path = claim_file()
    monkeypatch.chdir(path.parents[1])
    entry, settings = load(path), Settings(workers=0, store=None, fixed=True)
    override = Override(points={"n": (16, 32, 64, 128)}, constants={"sigma": 2.0})
    with Run(plan([entry], settings, override), settings) as run:
        whole = document([entry], [], run.all(), settings, PROVENANCE, override=override,
                         certificate=run.certificate())  # fmt: skip
    validate(whole)
    assert json.loads(json.dumps(whole)) == whole
    assert whole["fixed"] is True
    assert whole["override"] == {"case": None, "points": {"n": [16, 32, 64, 128]}, "margin": None,
                                 "constants": {"sigma": 2.0}, "experiments": [],
                                 "items": [], "words": []}  # fmt: skip
    assert whole["claims"][0]["file"] == "claims/half.py"
    [series] = whole["certificate"]["series"]
    assert series["points"] == [16, 32, 64, 128]
    assert series["blocks"] == [16] * 4
    assert whole["certificate"]["seals"] == results.seals(whole)
    changed = copy.deepcopy(whole)
    changed["claims"][0]["checks"][0]["margin"] = 9.0
    broken = {k for k, v in results.seals(changed).items() if whole["certificate"]["seals"][k] != v}
    assert broken == {"claims[half]"}


def test_paths_outside_the_folder_are_shown_by_name_alone(tmp_path: Path) -> None:
    assert results.shown_path(tmp_path / "secret" / "half.py") == "half.py"
