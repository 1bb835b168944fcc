"""Checks of a results document as tables for papers: LaTeX with booktabs, Markdown, CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ratecheck import words
from ratecheck.errors import FormulaError, RequestError
from ratecheck.report import figures, notation
from ratecheck.report.figures import mathematics
from ratecheck.report.files import write_text

Check = Mapping[str, Any]
TABLES = (".tex", ".md", ".csv")
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "^": r"\textasciicircum{}", "_": r"\_", "~": r"\textasciitilde{}", "%": r"\%",
}  # fmt: skip
_COLUMNS = ("id", "case", "axis", "quantity", "kind", "formula", "predicted", "measured", "low",
            "high", "margin", "verdict", "replicates")  # fmt: skip


def chosen(document: Mapping[str, Any], names: Sequence[str]) -> list[Check]:
    """Checks by id, by claim, by claim and experiment, or by a part of an id; all without a name.

    Raises
    ------
    RequestError
        If a name stands for none.
    """
    checks = [check for claim in document["claims"] for check in claim["checks"]]
    checks += document.get("asserted", [])
    if not names:
        return checks
    found: dict[str, Check] = {}
    for name in names:
        mine = [check for check in checks if _meant(name, check["id"])]
        if not mine:
            close = get_close_matches(name, [check["id"] for check in checks], n=1, cutoff=0.3)
            hint = (
                f"did you mean '{close[0]}'?"
                if close
                else "name a claim, or a check as a run prints it"
            )
            raise RequestError(f"the results hold no check '{name}'; {hint}")
        found |= {check["id"]: check for check in mine}
    return list(found.values())


def _meant(name: str, id: str) -> bool:
    parts = re.split(r"[/\[]", id)
    return id == name or id.startswith((f"{name}/", f"{name}[")) or name in parts


def export(checks: Sequence[Check], path: Path | str, *, width: str = "column") -> Path:
    """Write checks as what the end of the file's name says.

    Raises
    ------
    RequestError
        If the end is another one, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix in figures.KINDS:
        return figures.write(figures.drawn(checks, width=width), path)
    tables = {".tex": latex, ".md": markdown, ".csv": comma_separated}
    if path.suffix not in tables:
        known = ", ".join((*figures.KINDS, *TABLES))
        raise RequestError(f"--to {path}: the name must end in one of {known}")
    return write_text(tables[path.suffix](checks), path, "--to")


def latex(checks: Sequence[Check]) -> str:
    r"""A table for ``\usepackage{booktabs}``."""
    rows = [
        " & ".join(
            (
                _tex(_name(check)),
                _formula(check),
                f"${mathematics(notation.slope(check['predicted']))}$",
                f"${mathematics(notation.measured(check['measured'], check['interval']))}$",
                f"${mathematics(notation.interval_text(check['interval']))}$",
                f"{check['margin']:g}",
                _tex(str(check["verdict"])),
            )
        )
        for check in checks
    ]
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{tabular}{llrrcrl}",
        r"\toprule",
        r"check & formula & claimed & measured & interval & margin & verdict \\",
        r"\midrule",
        *(rf"{row} \\" for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def markdown(checks: Iterable[Check]) -> str:
    """A table for a page of Markdown."""
    lines = [
        "| check | formula | claimed | measured | interval | margin | verdict |",
        "|:--|:--|--:|--:|:-:|--:|:--|",
    ]
    for check in checks:
        cells = (
            _name(check),
            f"`{words.SIGNS[check['relation']]}{check['formula']}`",
            notation.slope(check["predicted"]),
            notation.measured(check["measured"], check["interval"]),
            notation.interval_text(check["interval"]),
            f"{check['margin']:g}",
            str(check["verdict"]),
        )
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def comma_separated(checks: Iterable[Check]) -> str:
    """One row a check, all digits."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for check in checks:
        writer.writerow(row(check).values())
    return out.getvalue()


def row(check: Check) -> dict[str, Any]:
    """A check's numbers by name."""
    low, high = check["interval"] or (None, None)
    given = {name: check.get(name) for name in _COLUMNS}
    return given | {"case": words.assigned(check["case"]), "low": low, "high": high}


def _name(check: Check) -> str:
    case = words.assigned(check["case"])
    axis = f"[{check['axis']}]"
    label = f"{check['id'].partition('/')[0]}: {check.get('label') or check['quantity']}{axis}"
    return f"{label}, {case}" if case else label


def _formula(check: Check) -> str:
    from ratecheck.claim.formula import Formula

    try:
        text = Formula(check["formula"]).latex()
    except FormulaError:  # of another version
        return _tex(check["formula"])
    sign = {"equal": "", "at most": r"\le ", "at least": r"\ge "}[check["relation"]]
    return f"${sign}{text}$"


def _tex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
