"""Every command and snippet of the README is executed, in a folder of its own.

The claims that the README names are stood in for by small ones of the same names and parameters, so
that its commands run as they stand; setting up (make, pip) is what CI does before this test runs.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import ratecheck
from ratecheck.claim.catalogue import load
from ratecheck.claim.form import FORMS
from ratecheck.faces.cli import app
from tests import preloaded

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLAIMS = (ROOT / "claims" / "README.md").read_text(encoding="utf-8")
READ = README + CLAIMS  # in the order in which a newcomer reads them
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = ("reduced_rank", "ntk_averaged_sgd", "svrg_langevin")
SETUP = re.compile(r"^\s*(make|pip|python3 -m venv|\. )", re.MULTILINE)


def fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


SHELL = [block for block in fenced(READ, "sh") if not SETUP.search(block)]
FILES = {
    path: text for text in fenced(READ, "python")
    for path in re.findall(r"\A# (\S+\.py)\n", text)
}  # fmt: skip


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the README's claims, stand-ins for the catalogue, and an old report."""
    place = tmp_path_factory.mktemp("reader")
    for name in NAMED:
        shell(place, f"ratecheck new {name}")
        path = place / "claims" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        for old, new in {
            'cases=[{"sigma": 1.0}]': 'cases=[{"r": 0.5, "beta": 2.0}]',
            'free={"mu": 1.0}': 'free={"mu": 1.0, "sigma": 1.0}',
            'cost="n",': 'replicates=4096, block=128, cost="n",',
            "(n, sigma, mu,": "(n, r, beta, sigma, mu,",
        }.items():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    shell(place, "ratecheck check --report reports --workers 0")
    for copy in ("old.json", "old/results.json", "new/results.json"):
        (place / copy).parent.mkdir(exist_ok=True)
        shutil.copy(place / "reports" / "results.json", place / copy)
    return place


def shell(folder: Path, script: str) -> str:
    """What a line of the README prints; our own commands alone on it start with torch loaded."""
    words = shlex.split(script, comments=True)
    if not re.search(r"[|;&<>$*?]", " ".join(words)) and words[0] in ("ratecheck", "pytest"):
        found = preloaded.run(words, folder, {"COLUMNS": "120", "PYTHONPATH": str(ROOT)})
        assert found.returncode == 0, f"{script}\n{found.stdout}\n{found.stderr}"
        return found.stdout
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
             "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commands() -> list[str]:
    """Every line of every shell block, in order; the files of the tutorial as they come up."""
    return [line for block in SHELL for line in block.splitlines() if line.strip()]


def test_there_are_commands_and_files() -> None:
    assert len(commands()) > 20
    for dear in DEAR:
        assert any(line.startswith(dear) for line in commands()), dear
    names = ("my_density", "my_smoothness", "my_solver")
    assert list(FILES) == [f"claims/{name}.py" for name in names]
    setup = (ROOT / ".ci" / "run").read_text()
    assert "make claims" in setup
    assert "make test" in setup


DEAR = ("ratecheck calibrate", "pytest claims --effort standard", "pytest claims -n 2",
        "ratecheck check my_density --set")  # fmt: skip
RUNS = re.compile(r"(ratecheck check|pytest) ")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("dear", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_every_command_runs(folder: Path, dear: bool) -> None:
    """In the README's order; a file of the tutorial is written where the README shows it.

    The gate leaves out a few that take half of the time, and starts no workers but where the line
    says how many.
    """
    pieces = re.findall(r"^```(sh|python)\n(.*?)^```$", READ, re.MULTILINE | re.DOTALL)
    for language, block in pieces:
        if language == "python":
            (path,) = re.findall(r"\A# (\S+\.py)\n", block)
            (folder / path).write_text(block, encoding="utf-8")
        elif block in SHELL:
            for line in block.splitlines():
                if line.startswith(DEAR) and not dear:
                    continue
                alone = RUNS.match(line) and "--workers" not in line and not dear
                out = shell(folder, f"{line.split('  #')[0]} --workers 0" if alone else line)
                if line.startswith("ratecheck check my_"):  # the tutorial alone reaches a verdict
                    assert "PASS" in out
                    assert "killed" in out
    assert (folder / "my_report" / "index.html").stat().st_size > 10_000


@pytest.mark.parametrize("path", FILES)
def test_the_files_of_the_tutorial_are_clean(path: str, tmp_path: Path) -> None:
    file = tmp_path / Path(path).name
    file.write_text(FILES[path], encoding="utf-8")
    assert load(file).claim.experiments
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed beside this python")
    config = ["--config", str(ROOT / "pyproject.toml"), str(file)]
    subprocess.run([ruff, "check", "-q", *config], check=True)
    subprocess.run([ruff, "format", "-q", "--check", *config], check=True)


@pytest.mark.parametrize(
    "text", [README, CLAIMS, CONTRIBUTING], ids=["README", "claims", "CONTRIBUTING"]
)
def test_what_is_named_exists(text: str) -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "ratecheck").rglob("*.py")
    )
    for option in set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text)):
        known = option in ("like", "junitxml", "lf", "help") or f'"--{option}"' in sources
        assert known or f"{option.replace('-', '_')}:" in sources, option
    for path in set(re.findall(r"`((?:tests|claims|reports)/[\w/.]+\.py)`", text)):
        assert (ROOT / path).exists(), path
    commands = set(app.places)
    if find_spec("ratecheck.calibrate") is None:  # the command comes with its package
        commands.add("calibrate")
    assert set(re.findall(r"`ratecheck (\w+)`", text)) <= commands


def test_the_tables_are_whole() -> None:
    assert set(re.findall(r'^\| `"(\w+)"`', CLAIMS, re.MULTILINE)) == set(FORMS)
    start = CLAIMS.index("The checks: ")
    named = set(re.findall(r"`([A-Z]\w+)`", CLAIMS[start : CLAIMS.index("\n\n", start)]))
    kinds = {
        name for name in ratecheck.__all__
        if isinstance(getattr(ratecheck, name), type)
        and issubclass(getattr(ratecheck, name), ratecheck.Check)
    }  # fmt: skip
    assert named == kinds - {"Check"}
