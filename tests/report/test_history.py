"""Many runs: a line a check, drift, cost, and what became slower."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ratecheck.errors import RequestError
from ratecheck.report import history
from ratecheck.report.page import render_history

Values = dict[str, Any]


def run(
    document: Values, folder: Path, day: int, times: float = 1.0, slow: float = 1.0, **made: Any
) -> None:
    """Write a run of a day of which every check took so many times 40 s, with 400 replicates.

    The first one takes ``slow`` times as long as the others.
    """
    one = copy.deepcopy(document)
    one["provenance"] |= {"started": f"2026-01-{day:02}T00:00:00+00:00", "commit": f"{day:040x}"}
    one["provenance"] |= made
    one.pop("certificate", None)
    for claim in one["claims"]:
        for row in claim["checks"]:
            row["seconds"], row["replicates"] = 40.0 * times, 400
    one["claims"][0]["checks"][0]["seconds"] *= slow
    (folder / f"{day}.json").write_text(json.dumps(one))


def test_a_check_has_a_line_over_the_runs(varied: Values, tmp_path: Path) -> None:
    run(varied, tmp_path, 2)
    run(varied, tmp_path, 1)
    (tmp_path / "other.json").write_text("{}")
    found = history.lines(history.runs_in(tmp_path))
    rows = {row["id"]: row for claim in varied["claims"] for row in claim["checks"]}
    assert [line.id for line in found] == list(rows)
    for line in found:
        assert [entry.started[8:10] for entry in line.entries] == ["01", "02"]
        assert {entry.measured for entry in line.entries} == {rows[line.id]["measured"]}
        assert line.entries[0].cost == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("times", "slow", "made", "named", "one"),
    [
        (1.4, 1.0, {}, True, False), (1.3, 1.0, {}, False, False), (0.5, 1.0, {}, False, False),
        (1.4, 1.0, {"cores": 99}, False, False), (0.01, 1.0, {}, False, False),
        (1.4, 1.0, {"device_name": "another"}, False, False), (1.0, 1.4, {}, False, True),
        (1.0, 1.3, {}, False, False), (0.5, 1.4, {}, False, False),
    ],
)  # fmt: skip
def test_a_slow_down_of_more_than_a_third_on_one_machine_is_named(
    varied: Values,
    tmp_path: Path,
    times: float,
    slow: float,
    made: Values,
    named: bool,
    one: bool,
) -> None:
    for day, before in enumerate((1.0, 0.98, 5.0), start=1):  # one of them on a busy machine
        run(varied, tmp_path, day, before)
    run(varied, tmp_path, 4, times, slow, **made)
    told = history.slowdowns(history.lines(history.runs_in(tmp_path)))
    claim = varied["claims"][0]
    first = f"{claim['id']}/{claim['checks'][0]['experiment']}"
    assert len(told) == (1 if named or one else 0)
    if named:
        assert "as a whole takes 1.4 times" in told[0]
    elif one:
        assert f"{first}: a replicate takes 1.4 times" in told[0]
        assert "(since 000" in told[0]


def test_a_kernel_that_is_slower_than_its_run_is_named(varied: Values, tmp_path: Path) -> None:
    run(varied, tmp_path, 1)
    run(varied, tmp_path, 2, 5.0, 1.5)
    whole, one = history.slowdowns(history.lines(history.runs_in(tmp_path)))
    assert "as a whole takes 5 times" in whole
    assert varied["claims"][0]["checks"][0]["experiment"] in one
    assert "beside that, a replicate takes 1.5 times" in one


def test_the_page_has_every_check_and_nothing_unescaped(varied: Values, tmp_path: Path) -> None:
    run(varied, tmp_path, 1)
    run(varied, tmp_path, 2, 3.0, device_name="<script>alert(1)</script>")
    run(varied, tmp_path, 3, 9.0, 2.0, device_name="<script>alert(1)</script>")
    page = render_history(history.view(tmp_path))
    assert page.count("<details") == sum(len(claim["checks"]) for claim in varied["claims"])
    assert "3 runs" in page
    assert "<script>" not in page
    assert page.count("times slower") == 1
    assert "as a whole takes 3 times" in page


def test_a_folder_without_runs_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"holds no results\.json; keep one there of each run"):
        history.runs_in(tmp_path)
