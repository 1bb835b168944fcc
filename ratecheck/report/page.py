"""The report: one self-contained HTML file, built from a results document alone.

It needs no network and no second file, and is whole without its script, which finds, filters, sorts
and unfolds. Everything that comes from the document is escaped by the template or by the modules
that draw; a policy in the page's head forbids every other script, by the hash of this one. What
cannot be drawn leaves a sentence in its place.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck import words
from ratecheck.claim.latex import formula_mathml, mathml
from ratecheck.errors import one_line
from ratecheck.report import (
    bibliography,
    calibration,
    download,
    forest,
    notation,
    pictures,
    seeds,
    wording,
)
from ratecheck.report.against import Comparison, compare
from ratecheck.report.doubts import doubts
from ratecheck.report.results import Document, validate
from ratecheck.report.templates import environment, safe
from ratecheck.report.typeset import typeset
from ratecheck.report.upright import upright

if TYPE_CHECKING:
    from markupsafe import Markup


def render(
    document: Document,
    before: Document | None = None,
    calibrated: calibration.Calibration | None = None,
    tables_at: str = "",
    seen: seeds.Seeds | None = None,
    *,
    valid: bool = False,
) -> str:
    """The page of a document as HTML text.

    Parameters
    ----------
    document : dict
        From `results.document` or `results.read_json`.
    before : dict, optional
        An earlier document to compare with; the page then has a section on what changed.
    calibrated : mapping, optional
        A calibration document; the page then says how often verdicts were wrong there.
    tables_at : str
        Where the calibration's own page will lie, seen from this one; empty where it has none.
    seen : mapping, optional
        What was seen over other seeds; the page then says what held there.
    valid : bool
        It was validated before.

    Raises
    ------
    RequestError
        If the document does not conform to the schema.
    """
    if not valid:
        validate(document)
    comparison = compare(before, document) if before is not None else None
    template = environment().get_template("page.html")
    view = _view(document, comparison)
    view["calibration"] = calibration.view(calibrated) if calibrated is not None else None
    view["seeds"] = seeds.view(seen, document) if seen is not None else None
    return template.render(view, tables_at=tables_at)


def render_calibration(calibrated: calibration.Calibration, report_at: str) -> str:
    """The calibration's tables as a page of their own, with a link back to the report."""
    template = environment().get_template("calibration.html")
    return template.render(
        calibration=calibration.view(calibrated), report_at=report_at, css=_css()
    )


def render_history(view: Mapping[str, Any]) -> str:
    """The page of many runs, of what `history.view` holds."""
    return environment().get_template("history.html").render(view, css=_css())


_UNDRAWN = '<span class="undrawn">'


def _guarded(draw: Callable[[], str], what: str) -> Markup:
    """What is drawn, or a sentence in its place: no picture and no formula may cost the page."""
    try:
        return safe(draw())
    except Exception as error:  # whatever a document brings a picture to
        told = f"The {what} cannot be drawn ({one_line(error)})."
        return safe(f"{_UNDRAWN}{html.escape(told, quote=False)}</span>")


def _mathematics(convert: Callable[[str], str], text: str, what: str) -> Markup:
    """A formula as MathML, or as its source with the reason."""
    drawn = _guarded(lambda: convert(text), what)
    if drawn.startswith(_UNDRAWN):
        return safe(f"<code>{html.escape(text, quote=False)}</code> {drawn}")
    return drawn


# -- what the template sees -----------------------------------------------------------------------


def _view(document: Document, comparison: Comparison | None) -> dict[str, Any]:
    anchors = _Anchors()
    claims = [_claim(claim, anchors) for claim in document["claims"]]
    chapters: dict[str, list[dict[str, Any]]] = {}
    for claim in claims:
        chapters.setdefault(claim["chapter"], []).append(claim)
    return {
        "document": document,
        "headline": wording.headline(document),
        "honesty": wording.honesty(document),
        "interval_name": wording.interval_name(document),
        "asserted": wording.asserted(document),
        "asserted_rows": document.get("asserted", []),
        "counts": [
            (verdict, document["summary"][verdict.lower()], wording.MEANINGS[verdict])
            for verdict in wording.VERDICTS
        ],
        "chapters": chapters,
        "axis": safe(forest.axis_svg()),
        "examples": _examples(),
        "comparison": comparison,
        "provenance": _provenance(document),
        "css": _css(),
        "doubts": doubts(document, claims),
        "refer": _reference({claim["id"].rpartition("/")[2]: claim["anchor"] for claim in claims}),
        "script": safe(_part("page.js")),
        "script_hash": _script_hash(),
    }  # fmt: skip


def _reference(anchors: Mapping[str, str]) -> Callable[[str], Markup]:
    """Prose in which the name of another claim is a link to it."""
    names = [re.escape(name) for name in anchors if "_" in name]  # others are words
    named = re.compile(rf"`?(?<![\w/])({'|'.join(names) or '(?!)'})(?![\w/])`?")

    def linked(found: re.Match[str]) -> str:
        return f'<a href="#{anchors[found[1]]}">{words.spaced(found[1])}</a>'

    return lambda text: safe(named.sub(linked, typeset(text)))


@cache
def _css() -> Markup:
    """The style sheet; before each verdict its sign, which a screen reader leaves out."""
    signs = "".join(
        f'.{name}.verdict::before, .counts .{name} dt::before {{ content: "{sign} " / ""; }}\n'
        for name, sign in ((verdict.lower(), sign) for verdict, sign in wording.SIGNS.items())
    )
    return safe(_part("page.css") + signs)


@cache
def _part(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def _script_hash() -> str:
    """The page's one script as its policy names it."""
    digest = hashlib.sha256(_part("page.js").encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


class _Anchors:
    """Ids for places on the page: readable, unique, and the same in every run."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    def __call__(self, name: str) -> str:
        slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "item"
        self._used[slug] += 1
        count = self._used[slug]
        return slug if count == 1 else f"{slug}--{count}"


def _upright(claim: Mapping[str, Any]) -> dict[str, Any]:
    """A claim whose axes all grow: what goes to 0 is drawn against one over it."""
    turned = {check["id"] for check in claim["checks"] if check.get("inverse")}
    return {
        **claim,
        "checks": [upright(c) if c["id"] in turned else c for c in claim["checks"]],
        "falsifiers": [upright(f) if f["kills"] in turned else f for f in claim["falsifiers"]],
    }


def _claim(claim: Mapping[str, Any], anchors: _Anchors) -> dict[str, Any]:
    claim = _upright(claim)
    anchor = anchors(claim["id"])
    hunters: dict[str, list[Mapping[str, Any]]] = {}
    for falsifier in claim["falsifiers"]:
        hunters.setdefault(falsifier["kills"], []).append(falsifier)
    experiments = [_experiment(one, claim, hunters, anchors) for one in claim["experiments"]]
    verdicts = Counter(check["verdict"] for check in claim["checks"])
    killed = sum(bool(falsifier["killed"]) for falsifier in claim["falsifiers"])
    return {
        **claim,
        "anchor": anchor,
        "chapter": claim["chapter"] or "Claims",
        "statement_mathml": _mathematics(mathml, claim["statement"], "statement"),
        "source_parts": bibliography.links(claim["source"]),
        "bibtex": bibliography.bibtex(claim["source"]),
        "free_text": _free(claim.get("free", {})),
        "history": claim.get("history", []),
        "views": experiments,
        "rows": _distinct([row for view in experiments for row in view["rows"]]),
        "verdicts": _tally(verdicts),
        "killed": killed,
        "csv": download.gzip_uri(download.points_csv(claim)),
        "json": download.gzip_uri(download.claim_json(claim)),
    }


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the forest plot; those that read alike also name their experiment."""
    alike = Counter((row["label"], row["axis"]) for row in rows)
    return [
        {**row, "experiment": row["of"] if alike[row["label"], row["axis"]] > 1 else ""}
        for row in rows
    ]


def _experiment(
    experiment: Mapping[str, Any],
    claim: Mapping[str, Any],
    hunters: Mapping[str, Sequence[Mapping[str, Any]]],
    anchors: _Anchors,
) -> dict[str, Any]:
    """An experiment with its checks, its table by check, and its forest rows by check and axis."""
    symbols = claim.get("symbols", {})
    checks = [
        _check({**check, "cost": experiment.get("cost"), "symbols": symbols},
               hunters.get(check["id"], []), anchors)
        for check in claim["checks"] if check["experiment"] == experiment["name"]
    ]  # fmt: skip
    by_label: dict[str, list[dict[str, Any]]] = {}
    by_axis: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for check in checks:
        by_label.setdefault(check["label"], []).append(check)
        by_axis.setdefault((check["label"], check["axis"]), []).append(check)
    return {
        **experiment,
        "anchor": anchors(f"{claim['id']}-{experiment['name']}"),
        "paragraphs": list(wording.paragraphs(experiment["about"])),
        "constants": _own_constants(experiment["constants"], claim.get("free", {})),
        "ranges_text": "; ".join(starmap(notation.within, experiment.get("ranges", {}).items())),
        "unmoved": _unmoved(checks),
        "checks": checks,
        "open": [check for check in checks if check["doubtful"]],
        "passed": [check for check in checks if not check["doubtful"]],
        "tables": [_table(label, group, symbols) for label, group in by_label.items()],
        "rows": [
            {"label": label, "axis": axis, "of": experiment["name"], "anchor": group[0]["anchor"],
             "forest": _guarded(partial(forest.rows_svg, group), "interval"),
             "reach": max(map(forest.reach, group)),
             "verdicts": _tally(Counter(check["verdict"] for check in group))}
            for (label, axis), group in by_axis.items()
        ],
    }  # fmt: skip


def _free(constants: Mapping[str, Sequence[Any]]) -> str:
    """The claim's free constants at their base values, with the others in parentheses."""
    shown = []
    for name, (base, *others) in constants.items():
        more = f" (also {', '.join(map(notation.parameter, others))})" if others else ""
        shown.append(f"{notation.case_text({name: base})}{more}")
    return "; ".join(shown)


def _own_constants(
    constants: Mapping[str, Any], shared: Mapping[str, Sequence[Any]]
) -> dict[str, Any]:
    """An experiment's constants that are not those that its claim has told of."""
    return {
        name: value
        for name, value in constants.items()
        if name not in shared or shared[name][0] != value
    }


def _unmoved(checks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each parameter that no falsifier of a check moves in nature, with the claim's reason."""
    reasons = dict.fromkeys(
        (name, reason) for check in checks for name, reason in check.get("unmoved", {}).items()
    )
    return [
        f"{notation.symbol(name)}: {reason}" if reason else notation.symbol(name)
        for name, reason in reasons
    ]


def _change(falsifier: Mapping[str, Any]) -> str:
    """What the method is told, and what is so in nature, in place of the claimed values."""
    told, nature = falsifier.get("told", {}), falsifier.get("nature", {})
    shown = [f"the method is told {notation.case_text(told)}"] if told else []
    moved = [
        f"{_moved(value)} in place of {notation.symbol(name)}" for name, value in nature.items()
    ]
    shown += [f"in nature {', '.join(moved)}"] if moved else []
    return "; ".join(shown)


def _moved(value: Any) -> str:
    """A value of nature; a formula in the symbols of the others: ``β − 1/2``."""
    text = notation.parameter(value)
    return notation.in_letters(text) if isinstance(value, str) else text


def _table(
    label: str, checks: Sequence[dict[str, Any]], symbols: Mapping[str, str]
) -> dict[str, Any]:
    """A check with all its axes and cases: claim and rivals, once, and a row for each."""
    first = checks[0]
    subject, before, after = wording.relation(first)
    formula = safe("")
    if wording.phrase_of(first).formula:
        formula = _mathematics(formula_mathml, first["formula"], "formula")
    return {
        "label": "" if label.startswith(words.spaced(first["quantity"])) else label,
        "subject": subject,
        "before": before,
        "formula": formula,
        "after": after,
        "meanings": [
            (words.spaced(name), symbols[name])
            for name in first.get("quantities") or [first["quantity"]]
            if name in symbols
        ],
        "rivals": [
            {"name": name, "formula_mathml": _mathematics(formula_mathml, text, "formula")}
            for name, text in dict.fromkeys(
                (rival["name"], rival["formula"]) for check in checks for rival in check["rivals"]
            )
        ],
        "checks": checks,
    }


def _tally(verdicts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(one, verdicts[one]) for one in wording.VERDICTS if verdicts.get(one)]


def _check(
    check: Mapping[str, Any], falsifiers: Sequence[Mapping[str, Any]], anchors: _Anchors
) -> dict[str, Any]:
    anchor = anchors(check["id"])
    return {
        **check,
        "anchor": anchor,
        "label": wording.label(check),
        "measured_text": notation.measured(check["measured"], check["interval"]),
        "figure": _guarded(lambda: _picture(check, falsifiers), "picture"),
        "looks_figure": _guarded(partial(pictures.looks_picture, check), "picture of the looks"),
        "rival_keys": [
            {**rival, "key": pictures.key_of(index, rival=True)}
            for index, rival in enumerate(check["rivals"])
        ],
        "falsifiers": [
            {**falsifier, "key": pictures.key_of(index, rival=False), "change": _change(falsifier),
             "measured_text": notation.measured(falsifier["measured"], falsifier["interval"])}
            for index, falsifier in enumerate(falsifiers)
        ],
        "killed": sum(bool(falsifier["killed"]) for falsifier in falsifiers),
        "doubtful": check["verdict"] != "PASS" or not all(f["killed"] for f in falsifiers),
    }  # fmt: skip


def _picture(check: Mapping[str, Any], falsifiers: Sequence[Mapping[str, Any]]) -> str:
    drawable = pictures.drawable(check)
    return pictures.check_picture(check, falsifiers) if drawable else ""


def _provenance(document: Document) -> list[tuple[str, str]]:
    """Everything that is known about where the numbers come from, in reading order."""
    known = dict(document["provenance"])
    rows = [("effort", document["effort"]), ("seed", notation.number(document["seed"])),
            ("error rate of a verdict", f"at most {notation.number(100 * document['alpha'])} %"),
            ("started", notation.moment(known.pop("started"))),
            ("took", notation.duration(known.pop("seconds")))]  # fmt: skip
    return rows + [
        (name.replace("_", " "), str(value)) for name, value in known.items() if value is not None
    ]


def _examples() -> list[tuple[str, str, Markup]]:
    """The four answers as intervals on the forest's scale, for the section on reading."""
    common = {"predicted": 0.0, "margin": 1.0, "relation": "equal", "scale": "log-log",
              "case": {}, "rivals": []}  # fmt: skip
    shown = [
        ("PASS", "The whole interval lies inside the margin: the measured exponent is the "
         "theorem's, up to the margin.", 0.15, (-0.45, 0.75)),
        ("FAIL", "The whole interval lies outside: on these data the theorem's exponent is not "
         "what happens.", 2.3, (1.6, 3.0)),
        ("INCONCLUSIVE", "The interval reaches across the margin, or the curve still bends: the "
         "verdict says what would settle it. It is not a pass.", 0.8, (-0.6, 2.2)),
        ("ERROR", "The simulation failed; the command that replays the failing block is given.",
         None, None),
    ]  # fmt: skip
    return [
        (verdict, meaning, safe(forest.rows_svg(
            [{**common, "verdict": verdict, "measured": at, "interval": interval}])))
        for verdict, meaning, at, interval in shown
    ]  # fmt: skip
