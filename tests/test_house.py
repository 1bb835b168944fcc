"""The house: arrows of import point downward, there are no circles, and files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    {"errors", "words"},
    {"inference"},
    {"claim"},
    {"forms"},
    {"judge"},
    {"engine"},
    {"report"},
    {"after", "calibrate"},
    {"tables"},
    {"faces"},
    {"__main__"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# Arrows that still point upward, and files that are still too long, to be mended when they are
# next worked on. These lists only shrink.
UPWARD: set[tuple[str, str]] = set()
LINES = 450
LONG = {
    "tests/engine/test_run.py",
    "tests/judge/test_judge.py",
}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its name; templates are texts, which nobody imports."""
    found = {}
    for path in sorted((ROOT / "ratecheck").rglob("*.py")):
        if path.parent.name == "templates":
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path) -> Iterator[str]:
    """Modules of the package that a file imports, wherever in it: also within its functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            names = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        for base, name in names:
            if base.split(".")[0] == "ratecheck" and name != "__version__":
                whole = f"{base}.{name}"
                yield whole if whole in modules() else base


@cache
def arrows() -> dict[str, set[str]]:
    """What each module imports."""
    return {name: set(imported(path)) - {name} for name, path in modules().items()}


def test_every_room_has_its_floor():
    assert {room(name) for name in modules()} - {"ratecheck", "lab"} <= set(FLOOR)


def is_sound(name: str, target: str) -> bool:
    """Whether a module may import another one, by the rooms that they are in."""
    here, there = room(name), room(target)
    if here in ("ratecheck", there):  # the door may import from any room
        return True
    if here == "lab" or there in ("lab", "ratecheck"):
        return here == "lab" and there == "errors"
    return FLOOR[here] > FLOOR[there] or FLOOR[here] == FLOOR[there] == 0


def test_arrows_point_downward():
    wrong = {(n, t) for n, targets in arrows().items() for t in targets if not is_sound(n, t)}
    assert wrong <= UPWARD, sorted(wrong - UPWARD)


def circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_there_is_no_circle():
    assert circle(arrows()) == []


def test_wrong_arrows_would_be_found():
    for name, target in (("engine.run", "faces.cli"), ("judge.words", "report.page"),
                         ("claim.claim", "engine.plan"), ("engine.run", "lab.draws"),
                         ("lab.draws", "claim.claim"), ("report.page", "after.audit")):  # fmt: skip
        assert not is_sound(f"ratecheck.{name}", f"ratecheck.{target}")
        assert is_sound(f"ratecheck.{target}", f"ratecheck.{name}") is ("lab" not in name + target)


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) != []
    assert circle({"a": {"b"}, "b": {"c"}}) == []


@pytest.mark.parametrize("command", [["list"], ["check", "--help"], []])
def test_what_is_light_imports_nothing_heavy(command):
    """Not of its own, and through nothing that it imports."""
    code = (
        "import sys, ratecheck\n"
        "from ratecheck.faces.cli import main\n"
        f"sys.argv = ['ratecheck', *{command}]\n"
        "try:\n    main() if sys.argv[1:] else None\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "heavy = {'torch', 'numpy', 'scipy', 'statsmodels', 'numba', 'jinja2'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1:] == ["heavy: []"], done.stderr


def test_the_package_is_its_command():
    command = [sys.executable, "-m", "ratecheck", "list"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "reduced_rank" in done.stdout


def test_files_are_short():
    folders = ("ratecheck", "claims", "tests")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in paths}
    long = {name for name, lines in lengths.items() if lines > LINES}
    assert long <= LONG, sorted(long - LONG)
