"""``ratecheck docs``: the documentation as pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Option


def docs(
    out: Annotated[Path, Option(help="The folder to write to.")] = Path("site"),
) -> None:
    """Build the documentation: tutorial, reference and the gallery of the catalogue.

    Run it in a clone, whose texts and published report become pages. They open offline. The
    reference is made by pdoc: `pip install 'ratecheck[docs]'`.
    """
    from ratecheck.faces.site import build

    first, *_ = build(Path(), out)
    options.console().print(f"Documentation: {first}", markup=False)
