"""A kind of check and a form of data that only this file knows go the whole way."""

import ast
import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from rich.console import Console

from ratecheck import Check
from ratecheck.calibrate import battery, calibrate, kinds
from ratecheck.calibrate.cell import POINTS
from ratecheck.claim.catalogue import load
from ratecheck.claim.checks import KINDS
from ratecheck.claim.coordinates import Relation
from ratecheck.claim.form import FORMS
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run
from ratecheck.errors import ClaimError
from ratecheck.forms import Errors
from ratecheck.report.publish import publish
from ratecheck.report.results import document
from ratecheck.report.show import show
from ratecheck.words import Phrase

ROOT = Path(__file__).parents[1] / "ratecheck"


@dataclass(frozen=True)
class Root(Check):
    """The quantity is O of the root of the formula."""

    kind: ClassVar[str] = "root"
    relation: ClassVar[Relation] = "at most"
    said: ClassVar[Phrase] = Phrase("is at most of the order of the root of", order="root of ")

    def __post_init__(self):
        if not self.formula.startswith("sqrt("):
            object.__setattr__(self, "formula", f"sqrt({self.formula})")


class Doubled(Errors):
    """Errors of which every replicate comes twice, as a pair: shape (replicates, 2)."""

    name: ClassVar[str] = "doubled"
    about: ClassVar[str] = "independent errors, each as a pair of halves"
    paired: ClassVar[bool] = False

    def shape(self, size, points):
        return (size, 2)

    def find(self, question, sample, level):
        return super().find(question, self._merged(sample), level)

    def points(self, question, sample, tail):
        return super().points(question, self._merged(sample), tail)

    def local(self, question, sample, tail):
        return super().local(question, self._merged(sample), tail)

    def demand(self, question, sample, cost):
        return super().demand(question, self._merged(sample), cost)

    def standard_error(self, question, sample, replicates, tail):
        return super().standard_error(question, self._merged(sample), replicates, tail)

    def _merged(self, sample):
        if sample.values["q"][0].ndim == 1:
            return sample
        values = {name: [y.mean(1) for y in ys] for name, ys in sample.values.items()}
        return type(sample)(sample.points, sample.form, values)


@pytest.fixture(autouse=True)
def as_registered(monkeypatch):
    """What this file registers is known within its own tests only."""
    monkeypatch.setitem(KINDS, "root", Root)
    monkeypatch.setitem(FORMS, "doubled", Doubled())
    cells = [kinds.engine_cell("Root of doubled", Root("q", "n**-2", margin=0.2), {
        "true": halves(1.0), "off": halves(0.5),
    }, form="doubled", share=1.0, promised=["PASS, off", "FAIL, true"])]  # fmt: skip
    monkeypatch.setattr(battery, "FAMILIES", [*battery.FAMILIES, lambda: cells])


del KINDS["root"], FORMS["doubled"]


def halves(power):
    def draw(rng, cell, size):
        mean = POINTS[cell] ** -power
        return {"q": mean * rng.gamma(4.0, size=(size, 2)) / 4}

    return draw


CLAIM = """
from ratecheck import Axis, Claim, Without
from tests.test_extension import Root

claim = Claim("A root", "Someone, 2020, Theorem 1", "x", ["anything else"])

@claim.experiment(
    Axis.geometric("n", quick=(16, 512)),
    checks=[Root("q", "n**-2", margin=0.2, fails=[Without("it", "flat")])],
    real=["all"], proxied=[], data="doubled",
)
def halves(n, *, replicates, rng):
    import torch
    z = torch.rand(replicates, 2, generator=rng, dtype=torch.float64) + 0.5
    return {"q": z / n, "flat": z}
"""


def test_a_run_judges_shows_and_reports_them(tmp_path):
    path = tmp_path / "root.py"
    path.write_text(CLAIM)
    entry, settings = load(path), Settings(workers=0, store=None)
    with Run(plan([entry], settings), settings) as run:
        check, falsifier = results = run.all()
    assert (check.verdict.outcome, falsifier.kill.outcome) == ("PASS", "KILLED")
    assert len(check.verdict.local) == 5
    console = Console(width=200, record=True, file=(tmp_path / "shown").open("w"))
    console.print(show(entry, settings))
    shown = console.export_text()
    assert "root of sqrt(n**-2)" in shown
    assert "each as a pair of halves" in shown
    told = provenance(settings, 0, 0.0, 0.0)
    whole = document([entry], [], results, settings, told, certificate=run.certificate())
    publish(whole, tmp_path / "report")  # after the schema has been held against it
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "is at most of the order of the root of" in page
    assert page.count("<svg") > 2
    row = json.loads(json.dumps(whole))["claims"][0]
    assert row["checks"][0]["kind"] == "root"
    assert row["experiments"][0]["form"] == "doubled"
    assert row["checks"][0]["phrase"]["before"] == Root.said.before


def test_they_are_calibrated():
    found = calibrate(cells="Root of doubled", experiments=12).cells[0]
    counts = {rate.name: rate.count for rate in found.rates}
    assert counts["PASS, true"] == 12
    assert counts["FAIL, off"] == 12


def test_every_kind_and_form_has_a_cell():
    judged = {name for cell in battery.battery() for name in cell.judges}
    assert (set(KINDS) | set(FORMS)) - judged == set()


def test_what_a_form_lacks_is_refused_when_a_claim_is_loaded(tmp_path):
    path = tmp_path / "root.py"
    paired = 'Faster("q", than="flat", by="n", margin=0.2, '
    text = CLAIM.replace('Root("q", "n**-2", margin=0.2, ', paired)
    path.write_text(text.replace("import Axis, Claim", "import Axis, Claim, Faster"))
    with pytest.raises(ClaimError, match="data='doubled' does not yield exponents of paired"):
        load(path)


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(TypeError, match="the kind 'rate' is Rate; name another"):
        type("Other", (Check,), {"kind": "rate"})
    with pytest.raises(TypeError, match="the form 'errors' is Errors; name another"):
        type("Others", (Errors,), {"name": "errors"})


def asks(node):
    """Whether a node of the source compares a kind or form with its name, or with a class."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        attributes = [side for side in sides if isinstance(side, ast.Attribute)]
        names = {a.attr for a in attributes if getattr(a.value, "attr", "") != "dtype"}
        return bool(names & {"kind", "form", "scale"}) and any(
            isinstance(part, ast.Constant) and isinstance(part.value, str)
            for side in sides
            for part in ast.walk(side)
        )
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
        named = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
        kinds = {kind.__name__ for kind in KINDS.values()} - {"Root"}
        return bool(named & kinds)
    return False


def test_no_module_asks_for_the_name_of_a_kind_or_form():
    inside = ("claim/checks/", "forms/", "claim/coordinates.py", "lab/")
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(inside):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [f"{name}:{n.lineno}" for n in ast.walk(tree) if asks(n)]
    assert found == []


@pytest.mark.parametrize(
    "text", ["check.kind == 'below'", "isinstance(check, Faster)", "e.form in ('exact', 'times')"]
)
def test_such_a_question_would_be_found(text):
    assert asks(ast.parse(text, mode="eval").body)
