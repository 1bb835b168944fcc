"""``ratecheck export``: figures and tables for papers from a results.json."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Argument, Option


def export(
    to: Annotated[
        Path,
        Option(
            "--to", metavar="FILE",
            help="A figure (.pdf, .pgf, .png, .svg) or a table (.tex, .md, .csv).",
        ),
    ],
    checks: Annotated[
        list[str] | None,
        Argument(help="Claims, experiments, quantities or ids of checks; all by default."),
    ] = None,
    results: Annotated[
        Path, Option("--results", help="The results.json of a run.")
    ] = Path("reports") / "results.json",
    width: Annotated[
        str, Option("--width", help="Of a figure: column (3.3 in) or page (6.9 in).")
    ] = "column",
) -> None:  # fmt: skip
    """Write checks of a finished run as a figure or a table for a paper.

    Example: `ratecheck export reduced_rank --to fig.pdf --width page`.
    """
    from ratecheck.report import export as exports
    from ratecheck.report.results import read_json

    path = exports.export(exports.chosen(read_json(results), checks or ()), to, width=width)
    options.console().print(f"Wrote {path}", markup=False)
