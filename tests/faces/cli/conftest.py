"""Running the command line in this process."""

import sys
from dataclasses import dataclass

import pytest

from ratecheck.faces.cli import main


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def exit_code():
    try:
        main()
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 0


@pytest.fixture
def ratecheck(capsys, monkeypatch, tmp_path):
    """Run ``ratecheck`` with arguments; the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["ratecheck", *map(str, arguments)])
        capsys.readouterr()
        code = exit_code()
        out, err = capsys.readouterr()
        if arguments[0] != "replay":  # which is there to show one
            assert "Traceback" not in out + err
        return Done(code, out, err)

    return run
