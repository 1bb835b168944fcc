"""``ratecheck report``: the HTML page of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Argument, Option


def report(
    results: Annotated[
        Path, Argument(help="The results.json of a run, or its folder.")
    ] = Path("reports") / "results.json",
    out: Annotated[
        Path | None,
        Option(help="The page to write; index.html beside the results when left out."),
    ] = None,
    against: Annotated[
        Path | None,
        Option(help="An earlier results.json: the page then shows what changed."),
    ] = None,
    history: Annotated[
        Path | None,
        Option(
            help="A folder with the results of many runs: its history.html has a line a check, and "
            "what became slower is named.",
            metavar="DIR",
        ),
    ] = None,
    markdown: Annotated[
        bool, Option("--markdown", help="Print a summary in Markdown, and write no page.")
    ] = False,
) -> None:  # fmt: skip
    """Write the page of a run from its results.json; nothing is simulated.

    A calibration.json beside the results becomes a section of the page, and its tables a page
    of their own; a seeds.json becomes a section, too.

    Example: `ratecheck report reports/results.json --against old.json`.
    """
    from ratecheck.report.against import compare
    from ratecheck.report.publish import PAGE, read_beside, write_pages
    from ratecheck.report.results import file_of, read_json
    from ratecheck.report.summary import markdown as as_markdown

    if history is not None:
        _history(history)
        return
    results = file_of(results)
    document = read_json(results)
    before = read_json(against) if against is not None else None
    if markdown:
        print(as_markdown(document, before))
        return
    beside = read_beside(results.parent)
    page = write_pages(document, out or results.with_name(PAGE), before, *beside)
    if before is not None:
        options.console().print(compare(before, document).sentence, markup=False, soft_wrap=True)
    options.console().print(f"Report: {page}", markup=False)


def _history(folder: Path) -> None:
    from ratecheck.report import history
    from ratecheck.report.files import write_text
    from ratecheck.report.page import render_history

    view = history.view(folder)
    page = write_text(render_history(view), folder / "history.html", "--history")
    for sentence in view["slowdowns"]:
        options.console().print(sentence, markup=False, soft_wrap=True)
    options.console().print(f"History: {page}", markup=False)
