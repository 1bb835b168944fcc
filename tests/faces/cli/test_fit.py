"""`ratecheck fit`: options, exit codes, pipes, parts of a table, files that cannot be read."""

import io
import json
import math
import sys

import pytest

from ratecheck.faces.cli.fit import valued

ERRORS = "h,error\n" + "".join(f"{h},{3 * h**2}\n" for h in (0.5, 0.25, 0.125, 0.0625, 0.03125))
METHODS = "method,N,error\n" + "".join(
    f"{name},{n},{n**-p}\n" for name, p in (("euler", 1), ("heun", 2)) for n in (4, 8, 16, 32, 64)
)


@pytest.fixture
def table(tmp_path):
    def write(text, name="t.csv"):
        (tmp_path / name).write_text(text)
        return name

    return write


def test_exit_codes_and_words(ratecheck, table):
    name = table(ERRORS)
    for claimed, code, word in (
        ([], 0, ""),
        (["--order", 2], 0, "● PASS  h**2"),
        (["--formula", "h"], 1, "◆ FAIL  h "),
        (["--formula", "h", "--at-most"], 0, "● PASS  ≤ h "),
        (["--formula", "h**3", "--at-least", "--margin", 0.1], 0, "● PASS  ≥ h**3 (margin 0.1)"),
    ):
        done = ratecheck("fit", name, *claimed)
        assert done.code == code, done.out + done.err
        assert word in done.out
    assert "error against h (t.csv): 5 points, h from 0.03125 to 0.5, free of noise" in done.out


def test_a_pipe(ratecheck, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ERRORS.encode())))
    done = ratecheck("fit", "-", "--order", 2)
    assert done.code == 0
    assert "(the input)" in done.out


def test_a_table_is_divided(ratecheck, table):
    name = table(METHODS)
    done = ratecheck("fit", name)
    assert done.code == 2
    assert "column 'method' of t.csv has 2 values (euler, heun)" in done.err
    done = ratecheck("fit", name, "--by", "method", "--order", 1)
    assert done.code == 1
    assert "(t.csv, method = euler)" in done.out
    assert "PASS" in done.out
    assert "FAIL" in done.out


def test_json(ratecheck, table):
    told = json.loads(ratecheck("fit", table(METHODS), "--by", "method", "--json").out)
    assert [one["group"] for one in told] == [{"method": "euler"}, {"method": "heun"}]
    assert [round(one["exponent"], 6) for one in told] == [-1, -2]
    assert told[0]["second_opinion"]["exponent"] == pytest.approx(-1)
    one = json.loads(ratecheck("fit", table(ERRORS), "--order", 2, "--json").out)
    assert one["verdict"] == "PASS"
    assert one["axis"] == "h"


def test_verbose_shows_points_and_statsmodels(ratecheck, table):
    done = ratecheck("fit", table(ERRORS), "-v")
    assert "h = 0.5          0.75" in done.out
    assert "statsmodels (OLS of logs, HC3): 2 [2, 2]" in done.out


def test_columns_can_be_named(ratecheck, table):
    name = table("a,b,c\n" + "".join(f"{n},{1 / n},{n**-2}\n" for n in (2, 4, 8, 16, 32)))
    done = ratecheck("fit", name, "--x", "a", "--y", "3", "--formula", "a**-2")
    assert done.code == 0
    assert "c against a" in done.out


def test_a_floor_with_and_without_a_value(ratecheck, table):
    text = "N,loss\n" + "".join(f"{10**k},{1.7 + 400 * 10 ** (-0.34 * k)}\n" for k in range(5, 12))
    name = table(text)
    for floor in (["--floor"], ["--floor", "fit"], ["--floor", "1.7"]):
        done = ratecheck("fit", name, *floor, "--order", 0.34, "--margin", 0.02)
        assert done.code == 0, done.out + done.err
    assert "the floor 1.7 was taken off" in done.out
    assert ratecheck("fit", name, "--order", 0.34, "--margin", 0.02).code != 0


def test_a_floor_is_given_its_value():
    assert valued(["t.csv", "--floor"]) == ["t.csv", "--floor", "fit"]
    assert valued(["--floor", "t.csv"]) == ["--floor", "fit", "t.csv"]
    assert valued(["--floor", "-1e-3", "t.csv"]) == ["--floor", "-1e-3", "t.csv"]
    assert valued(["--floor", "fit"]) == ["--floor", "fit"]


def test_a_plot(ratecheck, table, tmp_path):
    done = ratecheck("fit", table(METHODS), "--by", "method", "--plot", "out/fig.svg")
    assert done.code == 0, done.err
    assert (tmp_path / "out" / "fig.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.csv"], "absent.csv cannot be read (no such file or directory)"),
        (["empty.csv"], "empty.csv is empty"),
        (["t.csv", "--x", "q"], "has no column 'q'"),
        (["t.csv", "--formula", "N**-2"], "names no column"),
        (["t.csv", "--formula", "h**"], "does not parse"),
        (["t.csv", "--order", 2, "--formula", "h"], "both given"),
        (["t.csv", "--margin", 0.1], "a margin or a side needs a claim"),
        (["t.csv", "--order", 2, "--margin", 0], "a margin is above 0"),
        (["t.csv", "--order", 2, "--at-most", "--at-least"], "both given"),
        (["t.csv", "--to", "1"], "write 0 or inf"),
        (["t.csv", "--plot", "fig.docx"], "a figure is one of"),
        (["t.csv", "--floor", 3], "is not above the floor 3"),
    ],
)
def test_what_cannot_be_met_is_one_sentence(ratecheck, table, arguments, said):
    table(ERRORS)
    table("", "empty.csv")
    done = ratecheck("fit", *arguments)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_hundred_thousand_rows(ratecheck, table):
    rows = (f"{2 ** (4 + i % 10)},{i // 10},{(1 + i * 0.618 % 1) / 2 ** (4 + i % 10)}\n"
            for i in range(100_000))  # fmt: skip
    done = ratecheck("fit", table("N,seed,loss\n" + "".join(rows)), "--order", 1)
    assert done.code == 0
    assert "10 points, 100000 values" in done.out


def test_a_curve_of_very_many_points(ratecheck, table):
    rows = "".join(f"{i},{1 / math.sqrt(i)}\n" for i in range(1, 20_001))
    done = ratecheck("fit", table("step,loss\n" + rows), "--order", 0.5, "--to", "inf")
    assert done.code == 0
    assert "of 20000 values of step" in done.out


def test_github_gets_a_summary_and_an_error(ratecheck, table, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    done = ratecheck("fit", table(ERRORS), "--formula", "h")
    assert done.code == 1
    assert done.err.startswith("::error file=t.csv,title=FAIL t.csv/error[h]::Exponent")
    assert "◆ FAIL" in (tmp_path / "summary.md").read_text()
