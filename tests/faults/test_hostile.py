"""Results that a stranger has made to do harm: they are refused with a sentence, or shown.

Sixteen kinds of value in the gate; every kind with --forge-all.
"""

from __future__ import annotations

import copy
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from ratecheck.errors import RatecheckError, RequestError
from ratecheck.report import against, ci, export, figures
from ratecheck.report.page import render
from ratecheck.report.results import read_json
from ratecheck.report.summary import markdown, terminal_table
from tests.after.forgery import leaves
from tests.report import documents

NUMBERS = [1e308, -1e308, 5e-324, -1, 0, 10**299, 10**400]
TEXTS = ["\x1b[2J\x1b]0;x\x07", "\u202ereversed", "\ud800", "x" * 20000, "", "\x00", "[red]{{7*7}}"]


def _figure(checks: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        figures.write(figures.drawn(checks), Path(folder) / "figure.png")


FACES: list[Callable[[Any], object]] = [
    lambda whole: Console(file=io.StringIO(), width=100).print(terminal_table(whole)),
    markdown,
    ci.errors_of,
    lambda whole: against.compare(documents.varied(), whole).sentence,
    lambda whole: export.latex(export.chosen(whole, [])),
    lambda whole: export.comma_separated(export.chosen(whole, [])),
    lambda whole: _figure(export.chosen(whole, [])[:4]),
    render,
]


def test_hostile_values_are_refused_or_shown(tmp_path, pytestconfig):
    """A sentence is an answer; a traceback, or anything else that is raised, is none."""
    everything, chance = pytestconfig.getoption("--forge-all"), random.Random(0)
    whole = documents.varied()
    kinds: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for way in leaves(whole):
        kinds.setdefault(tuple(step for step in way if isinstance(step, str)), []).append(way)
    chosen = [*kinds.values()] if everything else chance.sample([*kinds.values()], 16)
    shown, refusals = 0, list[str]()
    for ways in chosen:
        way = chance.choice(ways)
        changed = place = copy.deepcopy(whole)
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = chance.choice(TEXTS if isinstance(place[way[-1]], str) else NUMBERS)
        path = tmp_path / "results.json"
        path.write_text(json.dumps(changed))
        try:
            loaded = read_json(path)
        except RequestError as error:
            refusals.append(str(error))
            continue
        shown += 1
        for face in FACES if everything else FACES[:-2]:
            try:
                face(copy.deepcopy(loaded))
            except RatecheckError as error:
                refusals.append(str(error))
    assert shown
    assert refusals
    assert all(map(str.isprintable, refusals))
    print(f"{len(chosen)} hostile values, {shown} of them shown, the others refused")
