"""What a stranger gets: the wheel in an environment without this clone, and a notebook."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow
NOTEBOOK = [
    "import ratecheck\nh = [0.5, 0.25, 0.125, 0.0625, 0.03125]",
    "ratecheck.fit(h, [x**2 for x in h], 'h**2')",
    "ratecheck.fit(h, [x**2 for x in h]).to_frame()",
    "ratecheck.assert_rate(h, [x**2 for x in h], 'h**2').plot('fig.pdf')",
    f"ratecheck.load_results({str(ROOT / 'reports' / 'results.json')!r})",
]


def run(*command: str | Path, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, and what it depends on."""
    place = tmp_path_factory.mktemp("stranger")
    source = place / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "ratecheck", source / "ratecheck", ignore=ignored)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    offline = ("--no-deps", "--no-build-isolation", "-q", "-w", place)
    run(*pip, "wheel", source, *offline, cwd=place)
    (wheel,) = place.glob("ratecheck-*.whl")
    venv.create(place / "venv", with_pip=False)
    programs = place / "venv" / "bin"
    run(*pip, "--python", programs / "python", "install", "-q", "--no-deps", wheel, cwd=place)
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    library = run(programs / "python", "-c", asked, cwd=place).strip()
    # dependencies alone: names of editable installs are not followed from a path
    (Path(library) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


def test_the_wheel_fits_tables(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import ratecheck; print(ratecheck.__file__)",
                cwd=tmp_path)  # fmt: skip
    assert str(installed.parent) in where
    data = ROOT / "tests" / "tables" / "data"
    for table, order, code in (("fem_l2", 2, 0), ("fem_order_2_5", 3, 1), ("weak_order", 3, 1)):
        run(installed / "ratecheck", "fit", data / f"{table}.csv", "--order", str(order),
            "--plot", f"{table}.pdf", cwd=tmp_path, codes=(code,))  # fmt: skip
        assert (tmp_path / f"{table}.pdf").read_bytes().startswith(b"%PDF")
    tex = run(installed / "ratecheck", "export", "reduced_rank", "--results",
              ROOT / "reports" / "results.json", "--to", "table.tex", cwd=tmp_path)  # fmt: skip
    assert "Wrote table.tex" in tex


def test_a_notebook_shows_fits_and_results(tmp_path: Path) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in NOTEBOOK])
    nbclient.NotebookClient(
        book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    pages = [
        output["data"].get("text/html", "")
        for cell in book.cells for output in cell.outputs if "data" in output
    ]  # fmt: skip
    assert "<svg" in pages[0]
    assert "PASS" in pages[0]
    assert "dataframe" in pages[1]
    assert "The simulation" in pages[-1] or "checks" in pages[-1]
    assert (tmp_path / "fig.pdf").exists()
