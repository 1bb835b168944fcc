"""``ratecheck report``: the HTML page of a finished run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Argument, Option


def report(
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="[RESULTS] [CHECKS]...",
            help="The results.json of a run, or its folder, by default reports; then, to see less "
            "of it, claims, experiments or checks as a run prints them.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        Option(
            help="The page to write; when left out index.html beside the results, of a part of "
            "them part.html."
        ),
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
    words: Annotated[
        str | None,
        Option("-k", metavar="WORDS", help="Only checks with these words in their names."),
    ] = None,
) -> None:  # fmt: skip
    """Write the page of a run from its results.json; nothing is simulated.

    A calibration.json beside the results becomes a section of the page, and its tables a page
    of their own; a seeds.json becomes a section, too.

    Examples: `ratecheck report`, `ratecheck report reports/results.json --against old.json`,
    `ratecheck report out reduced_rank/linear_map --markdown`, `ratecheck report -k sdca`.
    """
    from ratecheck.report.against import compare
    from ratecheck.report.publish import PAGE, PART, read_beside, write_pages
    from ratecheck.report.results import read_json
    from ratecheck.report.selected import kept_of, selected
    from ratecheck.report.summary import markdown as as_markdown

    if history is not None:
        _history(history)
        return
    results, checks = _split(names or ())
    document = read_json(results)
    before = read_json(against) if against is not None else None
    part = bool(checks or words)
    if part:
        document = selected(document, checks, (words or "").split())
        before = before and kept_of(
            before, {c["id"] for k in document["claims"] for c in k["checks"]}
        )
    if markdown:
        print(as_markdown(document, before))
        return
    beside = (None, None) if part else read_beside(results.parent)
    page = write_pages(document, out or results.with_name(PART if part else PAGE), before, *beside)
    if before is not None:
        options.console().print(compare(before, document).sentence, markup=False, soft_wrap=True)
    options.console().print(f"Report: {page}", markup=False)


def _split(names: Sequence[str]) -> tuple[Path, list[str]]:
    """The results, which may stand first, and the checks after them."""
    from ratecheck.report.results import file_of

    first, *others = names or [""]
    if first and (first.endswith(".json") or Path(first).exists()):
        return file_of(first), others
    return Path("reports") / "results.json", list(names)


def _history(folder: Path) -> None:
    from ratecheck.report import history
    from ratecheck.report.files import write_text
    from ratecheck.report.page import render_history

    view = history.view(folder)
    page = write_text(render_history(view), folder / "history.html", "--history")
    for sentence in view["slowdowns"]:
        options.console().print(sentence, markup=False, soft_wrap=True)
    options.console().print(f"History: {page}", markup=False)
