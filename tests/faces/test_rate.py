"""The fixture `rate`: what somebody's own tests assert stands with the verdicts."""

import json

import pytest

from tests import preloaded

TESTS = """
import pytest

H = [0.5, 0.25, 0.125, 0.0625, 0.03125]


def squares(size=0.1):
    return [h**2 * (1 + size * h) for h in H]


def test_right(rate):
    assert rate(H, squares(), "h**2", margin=0.2).exponent > 1.9
    rate(H, squares(), "h", relation="at most", quantity="gap")


@pytest.mark.parametrize("order", [1, 3])
def test_wrong(rate, order):
    rate(H, squares(), f"h**{order}")


def test_undecided(rate):
    rate(H[:3], squares()[:3], "h**2", allow_inconclusive=True)


def test_broken(rate):
    rate(H, [0] * 5, "h**2")


def test_without():
    pass
"""
ASSERTED = {
    "test_mine.py::test_right/y[h]": "PASS",
    "test_mine.py::test_right/gap[h]#2": "PASS",
    "test_mine.py::test_wrong[1]/y[h]": "FAIL",
    "test_mine.py::test_wrong[3]/y[h]": "FAIL",
    "test_mine.py::test_undecided/y[h]": "INCONCLUSIVE",
}


@pytest.mark.parametrize("more", [[], pytest.param(["-n", "2"], marks=pytest.mark.slow)])
def test_asserted_exponents_stand_in_the_table_and_in_the_results(tmp_path, more):
    (tmp_path / "test_mine.py").write_text(TESTS)
    command = ["pytest", "-p", "no:cacheprovider", "--report", "out", *more]
    done = preloaded.run(
        command, tmp_path, {"COLUMNS": "120", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    )
    assert done.returncode == 1
    assert "3 failed, 3 passed" in done.stdout
    assert "AssertionError: y[h] FAIL: claimed h**1 (margin 0.25, as none was given)" in done.stdout
    assert "value 1: y is 0, which has no logarithm" in done.stdout
    document = json.loads((tmp_path / "out" / "results.json").read_text())
    assert {row["id"]: row["verdict"] for row in document["asserted"]} == ASSERTED
    table = done.stdout.split("verdicts")[1]
    assert "2 of 5 exponents asserted in tests are as claimed." in table
    assert "gap[h]#2     ≤ −1" in table
    assert "Asserted in tests" in (tmp_path / "out" / "index.html").read_text()
    assert "| test_mine.py::test_right: y[h] | `h**2` |" in (tmp_path / "summary.md").read_text()
