"""Commands in processes of their own that need not load torch: forked from a server that has.

What a command prints, its exit code and what it leaves behind are those of a fresh process; only
the seconds of importing are saved, a few for each of many.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Let the next fork server, of which there is one for all, have loaded `tests.warm`."""
    CONTEXT.set_forkserver_preload(["tests.warm"])


prepare()


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int | None
    stdout: str
    stderr: str


class Started:
    """``pytest``, ``ratecheck`` or ``python -m`` in a folder, to be waited for or killed.

    ``env`` is changed in its environment. The rest is as `subprocess.Popen` has it.
    """

    def __init__(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self._place = tempfile.TemporaryDirectory()
        self._streams = [Path(self._place.name) / name for name in ("out", "err")]
        for stream in self._streams:
            stream.touch()
        kept = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST")}
        arguments = (list(command), str(cwd), {**kept, **(env or {})}, *map(str, self._streams))
        self._process = CONTEXT.Process(target=_be, args=arguments)
        self._process.start()
        self.kill = self._process.kill

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def printed(self) -> list[str]:
        """The lines of the standard output so far."""
        return self._streams[0].read_text().splitlines()

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        self._process.join(timeout)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        out, err = (stream.read_text() for stream in self._streams)
        return out, err


def run(
    command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 600
) -> Done:
    """Run ``pytest``, ``ratecheck`` or ``python -m`` in a folder; ``env`` is changed in it."""
    started = Started(command, cwd, env)
    out, err = started.communicate(timeout)
    return Done(started.returncode, out, err)


def _be(command: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    """Become the command: its folder, environment, arguments and streams."""
    for path, stream in ((out, 1), (err, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, stream)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = command
    sys.path.insert(0, cwd)  # as python -m has it
    code: object = 1
    try:
        code = _call(command)
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(0 if code is None else code)  # type: ignore[arg-type]


def _call(command: list[str]) -> object:
    if command[0] == "pytest":
        import pytest

        # pytest would rather have loaded its plugins by itself
        known = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        return int(pytest.main([*known, *command[1:]]))
    if command[0] == "ratecheck":
        from ratecheck.faces.cli import main

        return main()
    assert command[:2] == ["python", "-m"], command
    sys.argv = command[2:]
    runpy.run_module(command[2], run_name="__main__", alter_sys=True)
    return 0
