"""Writing a run's report: the document first, then the pages that are made from it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from ratecheck.errors import RatecheckError, RequestError, kind_of, one_line
from ratecheck.report.calibration import Calibration, read_calibration
from ratecheck.report.files import require_writable, write_text
from ratecheck.report.page import render, render_calibration
from ratecheck.report.plain import plain
from ratecheck.report.results import RESULTS, Document, write_plain
from ratecheck.report.seeds import Seeds, read_seeds

PAGE = "index.html"
PART = "part.html"  # of some of the checks
CALIBRATION, TABLES = "calibration.json", "calibration.html"
SEEDS = "seeds.json"


def publish(document: Document, folder: Path | str, before: Document | None = None) -> Path:
    """Write ``results.json`` and ``index.html`` into a folder, each whole or not at all.

    A ``calibration.json`` that lies there already becomes a section of the page, and its tables a
    page of their own; a ``seeds.json`` becomes a section, too. The results are written before
    anything is drawn: a page can be made again from them, they cannot from a page. Returns the
    page's path.

    Raises
    ------
    RequestError
        If the document does not conform, or the folder cannot be written to.
    """
    told = plain(document)
    written = write_plain(told, Path(folder) / RESULTS)
    calibrated, seen = read_beside(Path(folder))
    try:
        return write_pages(told, Path(folder) / PAGE, before, calibrated, seen, "--report")
    except RatecheckError:
        raise
    except Exception as error:  # a page must not look as if it had cost the results
        raise RequestError(
            f"{written} is written, but no page can be made of it ({kind_of(error)}: "
            f"{one_line(error)}); report this, and read the verdicts there"
        ) from None


def write_pages(
    document: Document,
    path: Path,
    before: Document | None = None,
    calibrated: Calibration | None = None,
    seen: Seeds | None = None,
    option: str = "--out",
) -> Path:
    """Write a validated document's page, and beside it that of the calibration, if there is one.

    Returns the page's path.

    Raises
    ------
    RequestError
        If the place cannot be written to.
    """
    if calibrated is None:
        return write_text(render(document, before, seen=seen, valid=True), path, option)
    tables = path.with_name(TABLES if path.name == PAGE else f"{path.stem}-{TABLES}")
    page = render(document, before, calibrated, quote(tables.name), seen, valid=True)
    write_text(render_calibration(calibrated, quote(path.name)), tables, option)
    return write_text(page, path, option)


def require_place(folder: Path | str) -> None:
    """Refuse before the work a folder to which `publish` could not write after it.

    Raises
    ------
    RequestError
        If the folder cannot be written to, or holds a ``calibration.json`` or a ``seeds.json`` that
        cannot be read.
    """
    for name in (RESULTS, PAGE):
        require_writable(Path(folder) / name)
    read_beside(Path(folder))


def read_beside(folder: Path) -> tuple[Calibration | None, Seeds | None]:
    """The calibration and what was seen over other seeds, where they lie in a folder.

    Raises
    ------
    RequestError
        If one of them cannot be read or is something else.
    """
    return read_calibration(folder / CALIBRATION), read_seeds(folder / SEEDS)
