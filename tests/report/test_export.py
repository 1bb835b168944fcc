"""Figures and tables for papers, results in a notebook, and what GitHub's pages are told."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess

import numpy as np
import pytest

import ratecheck as rc
from ratecheck.errors import RequestError
from ratecheck.report import ci, export, figures
from ratecheck.report.results import write_json
from tests.conftest import CLAIM
from tests.report import documents


@pytest.fixture(scope="module")
def document():
    return documents.varied()


@pytest.fixture(scope="module")
def checks(document):
    return export.chosen(document, ())


def test_checks_are_found_by_what_they_are_called(document, checks):
    one = checks[0]
    claim, experiment = one["id"].split("/")[:2]
    assert export.chosen(document, [one["id"]]) == [one]
    mine = export.chosen(document, [claim])
    assert one in mine
    assert {check["id"].split("/")[0] for check in mine} == {claim}
    assert one in export.chosen(document, [f"{claim}/{experiment}"])
    assert export.chosen(document, [one["id"], one["id"]]) == [one]
    with pytest.raises(RequestError, match="hold no check 'nonsense'"):
        export.chosen(document, ["nonsense"])


def test_a_table_of_latex_is_whole(checks):
    lines = export.latex(checks).splitlines()
    assert lines[0] == r"% \usepackage{booktabs}"
    assert [lines[i] for i in (2, 4, -2)] == [r"\toprule", r"\midrule", r"\bottomrule"]
    body = lines[5:-2]
    assert len(body) == len(checks)
    for line in body:
        assert line.endswith(r" \\")
        assert len(re.findall(r"(?<!\\)&", line)) == 6
        assert len(re.findall(r"(?<!\\)\$", line)) % 2 == 0
        assert "−" not in line
        assert "∞" not in line
        assert not re.search(r"(?<!\\)_", re.sub(r"\$[^$]*\$", "", line))


def test_other_tables_hold_every_check(checks):
    rows = list(csv.DictReader(io.StringIO(export.comma_separated(checks))))
    assert [row["id"] for row in rows] == [check["id"] for check in checks]
    for row, check in zip(rows, checks, strict=True):
        assert row["measured"] == ("" if check["measured"] is None else repr(check["measured"]))
    assert len(export.markdown(checks).splitlines()) == len(checks) + 2


def test_a_file_is_what_its_name_says(checks, tmp_path):
    assert export.export(checks, tmp_path / "t.md").read_text() == export.markdown(checks)
    with pytest.raises(RequestError, match="must end in one of"):
        export.export(checks, tmp_path / "t.xlsx")


@pytest.mark.parametrize(("width", "inches", "across"), [("column", 3.3, 1), ("page", 6.9, 2)])
def test_figures_have_the_width_of_a_column_or_a_page(checks, width, inches, across):
    some = [check for check in checks if check["points"]][:3]
    figure = figures.drawn(some, width=width)
    assert figure.get_size_inches()[0] == pytest.approx(inches)
    assert len(figure.axes) == 3
    lefts = {round(axes.get_subplotspec().colspan.start) for axes in figure.axes}
    assert len(lefts) == across


def test_a_figure_shows_points_intervals_and_slopes(checks):
    check = next(
        c for c in checks
        if c["scale"] == "log-log" and c["points"] and c["points"][0]["interval"]
        and c["measured"] is not None and all(p["mean"] for p in c["points"])
    )  # fmt: skip
    (axes,) = figures.drawn([check]).axes
    dots = axes.containers[0].lines[0]
    assert dots.get_xdata() == pytest.approx([point["x"] for point in check["points"]])
    assert axes.containers[0].has_yerr
    measured = next(one for one in axes.get_lines() if str(one.get_label()).startswith("measured"))
    slope = np.polyfit(np.log(measured.get_xdata()), np.log(measured.get_ydata()), 1)[0]
    assert slope == pytest.approx(check["measured"])


def test_nothing_to_draw_and_too_much(checks):
    empty = {**checks[0], "points": []}
    with pytest.raises(RequestError, match="nothing to draw"):
        figures.drawn([empty])
    full = next(check for check in checks if check["points"])
    with pytest.raises(RequestError, match="too many for one figure"):
        figures.drawn([full] * 25)


def test_a_figure_of_pgf_needs_latex(checks, tmp_path):
    some = [check for check in checks if check["points"]][:1]
    if shutil.which("pdflatex"):
        text = export.export(some, tmp_path / "f.pgf").read_text()
        assert r"\begin{pgfpicture}" in text
        return
    with pytest.raises(RequestError, match="needs pdflatex"):
        export.export(some, tmp_path / "f.pgf")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no LaTeX here")
def test_the_table_of_latex_is_set(checks, tmp_path):
    text = export.latex(checks)
    page = (
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        f"{text}\\end{{document}}\n"
    )
    (tmp_path / "t.tex").write_text(page)
    done = subprocess.run(["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, check=False)
    assert done.returncode == 0


# -- figures of fits -----------------------------------------------------------------------------

N = 2.0 ** np.arange(2, 12)
H = 1 / N


def noisy(values, size):
    return values * np.exp(size * np.random.default_rng(1).standard_normal(np.shape(values)))


@pytest.mark.parametrize("ending", ["pdf", *(pytest.param(e, marks=pytest.mark.slow)
                                             for e in ("png", "svg"))])  # fmt: skip
def test_a_fit_is_drawn_the_same_twice(tmp_path, ending):
    found = rc.fit(H, noisy(H**2, 0.05), "h**2")
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    figure = found.plot(first)
    found.plot(second)
    assert first.read_bytes() == second.read_bytes()
    assert figure.get_size_inches()[0] == pytest.approx(3.3)
    (axes,) = figure.axes
    labels = axes.get_legend_handles_labels()[1]
    assert any("claimed $2$" in label for label in labels)
    line = next(one for one in axes.get_lines() if "claimed" in str(one.get_label()))
    slope = np.polyfit(np.log(line.get_xdata()), np.log(line.get_ydata()), 1)[0]
    assert slope == pytest.approx(2)


@pytest.mark.parametrize("measured", [1e308, -1e308])
def test_numbers_that_no_figure_holds_are_refused(checks, measured):
    check = next(check for check in checks if check["scale"] == "log-log" and check["points"])
    with pytest.raises(RequestError, match="too large or too small for a figure"):
        figures.drawn([{**check, "measured": measured}])


def test_figures_that_cannot_be_drawn(tmp_path):
    found = rc.fit(N, 1 / N)
    with pytest.raises(RequestError, match="a figure is one of"):
        found.plot(tmp_path / "a.docx")
    with pytest.raises(RequestError, match="column or a page"):
        found.plot(width="poster")
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match="cannot be written"):
        found.plot(tmp_path / "file" / "a.pdf")


# -- results as an object -------------------------------------------------------------------------


def test_results_are_loaded_looked_up_and_shown(document, checks, tmp_path):
    results = rc.load_results(write_json(document, tmp_path / "results.json"))
    assert len(results) == len(checks)
    assert results[checks[0]["id"]] == checks[0]
    assert not results.passed
    frame = results.to_frame()
    assert frame["id"].tolist() == [check["id"] for check in checks]
    assert "verdict" in repr(results)
    page = results._repr_html_()
    assert page.count("<tr>") == len(checks) + 1
    assert "INCONCLUSIVE" in page
    with pytest.raises(KeyError, match="hold no check"):
        results["nonsense"]
    with pytest.raises(KeyError, match="stands for"):
        results[checks[0]["id"].split("/")[0]]
    with pytest.raises(RequestError):
        rc.load_results(tmp_path / "absent.json")


def test_a_claim_is_checked_from_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "half.py").write_text(CLAIM)
    results = rc.check("half.py", workers=0, store="none")
    assert results.passed
    assert [check["verdict"] for check in results] == ["PASS"]
    stricter = rc.check(
        "half.py", workers=0, store="none", margin=1e-4, points={"n": [16, 32, 64, 128]}
    )
    assert stricter.checks[0]["verdict"] == "INCONCLUSIVE"


# -- GitHub's pages -------------------------------------------------------------------------------


def test_errors_stand_at_the_line_of_their_check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    text = CLAIM.replace('"1/n"', '"1/n**2"')
    (tmp_path / "wrong.py").write_text(text)
    results = rc.check("wrong.py", workers=0, store="none")
    told = ci.errors_of(results.document)
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "Rate(" in row)
    assert told[0].startswith(f"::error file=wrong.py,line={line},title=FAIL wrong/")
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert ci.errors_of(results.document) == []


def test_annotations_are_escaped():
    told = ci.error("50 %\nmore", "a: b, c", "x,y.py", 3)
    assert told == "::error file=x%2Cy.py,line=3,title=a%3A b%2C c::50 %25%0Amore"


def test_a_summary_is_appended(tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    ci.summarise("nowhere")
    place = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place))
    ci.summarise("first")
    ci.summarise("second\n")
    assert place.read_text() == "first\n\nsecond\n\n"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    with pytest.raises(RequestError, match="GITHUB_STEP_SUMMARY"):
        ci.summarise("third")


def test_files_that_cannot_be_read_have_no_lines(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    told = ci.errors_of(document)
    assert told
    assert not any(",line=" in line for line in told)
