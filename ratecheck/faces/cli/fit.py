"""``ratecheck fit``: the exponent of numbers that are there already."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ratecheck.errors import RequestError
from ratecheck.faces.cli import light, line
from ratecheck.faces.cli.line import Argument, Option

if TYPE_CHECKING:
    from ratecheck.claim.coordinates import Relation
    from ratecheck.tables.result import Fit

_COLUMNS = "Which columns"
_FLOOR = "--floor"
_CLAIM = "What is claimed"
FIT = "fit"


class Command(line.Command):
    """The command of `fit`, in which ``--floor`` may stand without a value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments as usual, once a floor without a number is one that is fitted."""
        return super().parse_args(ctx, valued(args))


def valued(args: list[str]) -> list[str]:
    """Arguments in which every ``--floor`` has a value: "fit" where none is written."""
    told = []
    for here, after in zip(args, [*args[1:], ""], strict=False):
        told.append(here)
        if here == _FLOOR and after != FIT and not _is_number(after):
            told.append(FIT)
    return told


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def fit(
    table: Annotated[
        str,
        Argument(
            metavar="TABLE",
            help="A file of CSV, TSV, JSON, JSON lines or parquet; - reads the standard input.",
        ),
    ],
    x: Annotated[
        str | None,
        Option(
            "--x", help="Column of the axis, by name or number.", panel=_COLUMNS
        ),
    ] = None,
    y: Annotated[
        str | None, Option("--y", help="Column of the values.", panel=_COLUMNS)
    ] = None,
    se: Annotated[
        str | None,
        Option("--se", help="Column of their standard errors.", panel=_COLUMNS),
    ] = None,
    by: Annotated[
        list[str] | None,
        Option(
            "--by", help="Divide the table by a column, such as method.", panel=_COLUMNS
        ),
    ] = None,
    to: Annotated[
        str | None,
        Option(
            "--to", help="Where the axis goes: 0 or inf, where its name does not say.",
            metavar="0|inf", panel=_COLUMNS,
        ),
    ] = None,
    data: Annotated[
        str | None,
        Option(
            "--data", metavar="NAME", panel=_COLUMNS,
            help="exact, measured, means, errors, signed or times, where looking is not to decide.",
        ),
    ] = None,
    formula: Annotated[
        str | None,
        Option(
            "--formula", help="What is claimed, such as 'N**-2'.", panel=_CLAIM
        ),
    ] = None,
    order: Annotated[
        float | None,
        Option(
            "--order", help="The same as `h**order`, or as `N**-order`.", panel=_CLAIM
        ),
    ] = None,
    margin: Annotated[
        float | None,
        Option(
            "--margin", min=0, help="How far the exponent may lie off; 0.25 when left out.",
            panel=_CLAIM,
        ),
    ] = None,
    at_most: Annotated[
        bool, Option("--at-most", help="Faster is welcome.", panel=_CLAIM)
    ] = False,
    at_least: Annotated[
        bool, Option("--at-least", help="Slower is welcome.", panel=_CLAIM)
    ] = False,
    floor: Annotated[
        str | None,
        Option(
            "--floor", metavar="[VALUE]", panel=_CLAIM,
            help="What the values tend to; without a value it is fitted, too.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        Option("--plot", help="Draw it: a file .pdf, .pgf, .png or .svg.", metavar="FILE"),
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Print the answer as JSON.")] = False,
    verbose: Annotated[
        bool, Option("--verbose", "-v", help="Also points, and statsmodels' opinion.")
    ] = False,
) -> None:  # fmt: skip
    """The exponent of a table of numbers with its interval and, against a formula, a verdict.

    Columns are guessed where their names are plain. One value a point is noisy or free of noise,
    which is seen; rows with the same x are repeated measurements.

    Examples: `ratecheck fit errors.csv`, `ratecheck fit errors.csv --order 2`,
    `ratecheck fit times.tsv --x n --y seconds --formula 'n*log(n)' --by method`.

    Exit code, as of check: 0 PASS, or nothing was claimed; 1 FAIL; 2 the table cannot be read; 3
    INCONCLUSIVE.
    """
    light.spare()
    found = fits(
        table, x=x, y=y, se=se, by=by or (), to=to, data=data, formula=formula, order=order,
        margin=margin, relation=_relation(at_most, at_least), floor=floor,
    )  # fmt: skip
    if plot is not None:
        _draw(found, plot)
    if as_json:
        told = [one.to_json() for one in found]
        print(json.dumps(told[0] if len(told) == 1 else told, indent=1, ensure_ascii=False))
    else:
        print(shown("\n\n".join(one.text(verbose=verbose) for one in found)))
    _tell_github(found)
    raise SystemExit(exit_code(found))


def fits(
    table: str,
    *,
    x: str | None,
    y: str | None,
    se: str | None,
    by: list[str] | tuple[str, ...],
    to: str | None,
    data: str | None,
    formula: str | None,
    order: float | None,
    margin: float | None,
    relation: Relation,
    floor: str | None,
) -> list[Fit]:
    """The fit of each part of a table."""
    from ratecheck.tables.data import of_table
    from ratecheck.tables.result import fitted
    from ratecheck.tables.text import read

    if to not in (None, "0", "inf"):
        raise RequestError(f"--to {to}: write 0 or inf")
    if formula is None and order is None and (margin is not None or relation != "equal"):
        raise RequestError("a margin or a side needs a claim; add --formula or --order")
    parts = of_table(
        read(table), x=x, y=y, se=se, by=by, formula=formula, to=None if to is None else float(to)
    )
    return [
        fitted(part, formula, order=order, margin=margin, relation=relation, form=data, floor=floor)
        for part in parts
    ]


def exit_code(found: list[Fit]) -> int:
    """0, 1 or 3, as the help says."""
    outcomes = {one.outcome for one in found}
    return 1 if outcomes & {"FAIL", "ERROR"} else 3 if "INCONCLUSIVE" in outcomes else 0


def shown(text: str) -> str:
    """A text as the terminal can show it."""
    from ratecheck.report import notation

    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return notation.plain(text)
    return text


def _relation(at_most: bool, at_least: bool) -> Relation:
    if at_most and at_least:
        raise RequestError("--at-most and --at-least are both given; give one of them")
    return "at most" if at_most else "at least" if at_least else "equal"


def _tell_github(found: list[Fit]) -> None:
    from ratecheck.report import ci

    if ci.is_action():
        for one in found:
            if one.verdict is not None and one.verdict.outcome == "FAIL":
                title = f"FAIL {one.row['id']}"
                print(ci.error(one.verdict.sentence, title, one.data.source), file=sys.stderr)
    ci.summarise("\n\n".join(f"```text\n{one.text()}\n```" for one in found))


def _draw(found: list[Fit], path: Path) -> None:
    from ratecheck.report import figures

    figures.write(figures.drawn([one.row for one in found]), path, "--plot")
