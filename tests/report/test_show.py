"""What `ratecheck show` says before anything runs."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from ratecheck.claim.catalogue import files, load
from ratecheck.engine.plan import Override, Settings
from ratecheck.errors import RequestError
from ratecheck.report.show import show

CLAIMS = Path(__file__).parents[2] / "claims"


def shown(
    path: Path,
    settings: Settings | None = None,
    override: Override | None = None,
    width: int = 400,
) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(show(load(path), settings or Settings(), override))
    return console.file.getvalue()


@pytest.mark.parametrize("path", list(files([CLAIMS])), ids=lambda path: path.stem)
def test_every_claim_is_shown_whole(path):
    entry = load(path)
    for effort in ("quick", "standard", "full"):
        text = shown(path, Settings(effort=effort))
        assert entry.claim.title in text
        for experiment in entry.claim.experiments.values():
            for check in experiment.checks:
                assert check.formula in text
                assert all(rival in text for rival in check.rivals)
            assert all(one.name in text for check in experiment.checks for one in check.fails)
            for item in (*experiment.real, *experiment.proxied, *entry.claim.not_shown):
                assert item in text


def test_slopes_points_cost_and_power(claim_file):
    """21.8 cv^2 / (m^2 Sxx) (1 + cv^2/8) + 3 = 256 at cv = 1.6; gap 4.4 / sqrt(256 Sxx)."""
    text = shown(claim_file())
    assert "16, 32, 64, 128, 256" in text
    row = next(line for line in text.splitlines() if line.startswith("risk")).split()
    assert row[:4] == ["risk", "1/n", "-1.000", "0.25"]
    assert float(row[4]) == pytest.approx(1.58, abs=0.08)
    assert float(row[5]) == pytest.approx(4.4 / (256 * 10 * 0.6931**2) ** 0.5, rel=0.05)
    assert "at most 256 replicates a point in blocks of 16, 1 series with 5 points" in text
    assert "52% of them at n=256" in text


def test_of_a_check_no_more_is_shown_than_concerns_it():
    path = CLAIMS / "neural_tangent" / "ntk_averaged_sgd.py"
    whole = shown(path)
    for asked in (Override(items=("ntk_averaged_sgd/width/eps",)), Override(words=("eps",))):
        part = shown(path, override=asked)
        assert "\nwidth ─" in part
        assert "\nspectral_model ─" not in part
        assert "O of 1/M" in part
        assert "kills eps" in part
        assert re.search(r"\n  M +width", part)
        assert "eigenvalues i^(-beta)" not in part
        assert "not shown" in whole
        assert "not shown" not in part
    part = shown(path, override=Override(words=("spectral_model", "beta=3")))
    assert "cases" in part
    assert "r=0.5, beta=3" in part
    assert "r=0.75" not in part


EXACT = """
from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(title="t", source="Any textbook, 1900, Section 1", statement="x", not_shown=["y"])


@claim.experiment(
    Axis.geometric("n", quick=(16, 256)),
    checks=[Rate("q", "1/n", margin=0.25, fails=[Falsifier("f", quantity="g")])],
    data="exact", real=["r"], proxied=[],
)
def exact(n):
    return {"q": 1 / n, "g": 1.0}
"""


def test_noise_and_gap_are_explained_where_there_is_noise(claim_file):
    assert "at another noise it is gap x noise" in " ".join(shown(claim_file()).split())
    text = shown(claim_file("exact", text=EXACT))
    assert "claimed: slope of the formula" in text
    assert "power" not in text
    assert "gap:" not in text


def test_the_margin_of_a_decay_is_a_fraction(claim_file):
    told = "margin: of a decay, a fraction of the claimed rate."
    decays = shown(CLAIMS / "neural_tangent" / "ntk_spectral_bias.py")
    assert told in " ".join(decays.split())
    assert told not in " ".join(shown(claim_file()).split())


@pytest.mark.parametrize("width", [40, 60])
def test_a_narrow_terminal_gets_lines_instead_of_thin_columns(claim_file, width):
    lines = shown(claim_file(replace={"margin=0.25": "margin=0.25, rivals={'slow': 'n**-0.5'}"}),
                  width=width).splitlines()  # fmt: skip
    assert max(map(len, lines)) <= width
    told = [line.split() for line in lines]
    for pair in (["formula", "1/n"], ["claimed", "-1.000"], ["margin", "0.25"]):
        assert pair in told
    assert any(line[:2] == ["rivals", "slow:"] for line in told)


def test_an_override_is_shown_as_asked(claim_file):
    override = Override(points={"n": (8.0, 16.0, 32.0, 64.0)}, constants={"sigma": 3.0})
    text = shown(claim_file(), override=override)
    assert "8, 16, 32, 64 " in text
    assert "sigma=3" in text
    with pytest.raises(RequestError, match="no constant"):
        shown(claim_file(), override=Override(constants={"nonsense": 1.0}))


def test_a_vacuous_bound_and_a_near_rival_are_named(claim_file):
    text = shown(
        claim_file(
            replace={
                "Rate(": "AtMost(",
                "import Axis": "import AtMost, Axis",
                '"1/n", margin=0.25': '"log(n)**9/n", margin=0.25',
            }
        )
    )
    assert "VACUOUS on this grid" in text


def test_markup_in_a_claim_is_text(claim_file):
    text = shown(claim_file(replace={"The mean of n draws has": "[red]not red[/red]"}))
    assert "[red]not red[/red]" in text


def test_nothing_is_simulated_and_torch_is_not_needed(claim_file):
    path = claim_file(replace={"draws = torch": "raise SystemExit('simulated')\n    draws = torch"})
    code = (
        "import sys; from rich.console import Console; from ratecheck.claim.catalogue import load; "
        "from ratecheck.engine.plan import Settings; from ratecheck.report.show import show; "
        f"Console(quiet=True).print(show(load({str(path)!r}), Settings())); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
