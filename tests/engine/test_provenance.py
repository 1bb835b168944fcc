"""Provenance: what a stranger needs, and nothing that tells whose machine it was."""

import getpass
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ratecheck.engine.plan import Settings
from ratecheck.engine.provenance import provenance
from ratecheck.report.results import document, validate


def test_it_fits_the_document_and_names_no_owner():
    told = provenance(Settings(), 2, 0.0, 1.23456)
    assert told["started"] == "1970-01-01T00:00:00+00:00"
    assert told["seconds"] == 1.235
    assert told["device"] == "cpu"
    assert told["numpy"]
    assert told["torch"]
    text = json.dumps(told)
    secrets = [str(Path.cwd()), str(Path.home()), platform.node(), os.sep + "home"]
    if len(getpass.getuser()) > 4:
        secrets.append(getpass.getuser())
    assert not [secret for secret in secrets if len(secret) > 2 and secret in text]
    validate(document([], [], [], Settings(), told))


def test_a_clock_that_jumps_back_gives_no_negative_time():
    assert provenance(Settings(), 0, datetime.now(UTC), -3.0)["seconds"] == 0


def test_the_commit_says_whether_files_were_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert provenance(Settings(), 0, 0.0, 0.0)["commit"] is None

    def git(*arguments):
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    git("init")
    Path("a").write_text("1")
    git("add", "a")
    git("commit", "-m", "one")
    clean = provenance(Settings(), 0, 0.0, 0.0)["commit"]
    assert len(clean) == 40
    Path("a").write_text("2")
    assert provenance(Settings(), 0, 0.0, 0.0)["commit"] == clean + "+changes"
